// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/net/network.hpp"

#include <algorithm>
#include <deque>
#include <string>

namespace gatehouse::fuzz {

/// What both ends of a conversation said; outlives its stream.
struct Wire {
    std::deque<std::string_view> incoming; ///< one read each
    std::string outgoing;
    bool is_closed = false;
};

/// A connection whose far side has said everything already, and ended.
class MemoryStream final : public net::Stream {
public:
    explicit MemoryStream(Wire& wire) : wire_(wire) {}
    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) override {
        if (wire_.incoming.empty()) co_return std::size_t(0);
        auto& next = wire_.incoming.front();
        const auto size = std::min(into.size(), next.size());
        std::copy_n(next.begin(), size, into.begin());
        next.remove_prefix(size);
        if (next.empty()) wire_.incoming.pop_front();
        co_return size;
    }
    Task<Done> write(ByteView bytes) override {
        wire_.outgoing += as_text(bytes);
        co_return Done();
    }
    void close() override { wire_.is_closed = true; }
    net::Endpoint remote() const override { return {"192.0.2.1", 40000}; }

private:
    Wire& wire_;
};

} // namespace gatehouse::fuzz
