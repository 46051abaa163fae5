// SPDX-License-Identifier: Apache-2.0
//
// The bytes that commitments, seals and digests are made of: S3 to S7 of README.md. Pure functions; a verifier outside Gatehouse is
// written from the same page.
#pragma once

#include "daemon/base/crypto.hpp"
#include "daemon/base/sha256.hpp"
#include "daemon/store/store.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::store {

using Salt = std::array<std::uint8_t, 16>;

/// S3: each field's length (four bytes, big-endian), then its bytes; absent: 0xffffffff.
class Encoding {
public:
    Encoding& text(std::string_view value);
    Encoding& number(std::int64_t value);
    Encoding& unsigned_number(std::uint64_t value);
    Encoding& absent();
    template <class T>
    Encoding& maybe_unsigned(const std::optional<T>& value) {
        return value ? unsigned_number(*value) : absent();
    }
    Encoding& text_or_absent(std::string_view value) { return value.empty() ? absent() : text(value); }
    std::string_view bytes() const { return bytes_; }

private:
    std::string bytes_;
};

/// S4. Empty texts are absent ones.
Digest personal_commitment(const Salt& salt, std::string_view subject, std::string_view details, std::string_view pictures);

/// S4's text of pictures; empty for none.
std::string pictures_text(std::span<const PictureRef> pictures);
Result<std::vector<PictureRef>> parse_pictures(std::string_view text);

/// The frame as S5 hashes it; texts are views into somebody's record.
struct FrameView {
    std::uint64_t position = 0;
    std::string_view epoch, id, kind;
    std::optional<std::int64_t> happened_at_us;
    std::int64_t heard_at_us = 0;
    std::string_view clock;
    std::int64_t clock_offset_us = 0;
    std::string_view compound, source, place;
    std::optional<std::uint64_t> device_key;
    std::uint32_t generation = 0;
    std::optional<std::uint64_t> sameness, conflicts_with;
    std::string_view facts;
};
/// S5.
Digest commitment(const FrameView& frame, const Digest& personal);

/// S6, commitment by commitment.
class Sealing {
public:
    Sealing(const Digest& previous, std::uint64_t first, std::uint64_t last);
    void add(const Digest& commitment) { hash_.add(commitment); }
    Digest finish() { return hash_.finish(); }

private:
    Sha256 hash_;
};

/// S7's text to sign.
std::string digest_message(std::string_view epoch, std::uint64_t first, std::uint64_t last, const Digest& seal, const Digest& previous,
                           std::string_view at);

} // namespace gatehouse::store
