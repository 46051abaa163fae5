// SPDX-License-Identifier: Apache-2.0
//
// Chance is a parameter: the system's in production, a seeded stream in simulations.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gatehouse {

class Entropy {
public:
    virtual ~Entropy() = default;
    /// Thread-safe in SystemEntropy only.
    virtual void fill(std::span<std::uint8_t> bytes) = 0;

    std::uint64_t number() {
        std::array<std::uint8_t, 8> bytes{};
        fill(bytes);
        std::uint64_t value = 0;
        for (const auto byte : bytes) value = value << 8 | byte;
        return value;
    }

    /// 0 <= value < bound; bound > 0. The tiny bias of the remainder does not matter for jitter.
    std::uint64_t below(std::uint64_t bound) { return number() % bound; }
};

/// libsodium's generator (daemon/base/crypto.cpp).
class SystemEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override;
};

/// splitmix64: the same seed gives the same bytes for ever. Never for keys or salts of a real site.
class SeededEntropy final : public Entropy {
public:
    explicit SeededEntropy(std::uint64_t seed) : state_(seed) {}
    void fill(std::span<std::uint8_t> bytes) override {
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(next());
    }

private:
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

} // namespace gatehouse
