// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/uuid.hpp"

#include "daemon/base/bytes.hpp"

#include <algorithm>
#include <span>

namespace gatehouse {

Uuid make_uuid_v7(Time now, Entropy& entropy) {
    Uuid uuid{};
    entropy.fill(std::span(uuid).subspan(6));
    const auto ms = static_cast<std::uint64_t>(to_us(now) / 1000);
    for (std::size_t i = 0; i < 6; ++i) uuid[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
    uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x70);
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
    return uuid;
}

std::string to_text(const Uuid& uuid) {
    std::string text = to_hex(uuid);
    for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, 1, '-');
    return text;
}

Result<Uuid> parse_uuid(std::string_view text) {
    if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
        return Error(Fault::malformed, "no UUID: '" + std::string(text.substr(0, 40)) + "'");
    std::string digits(text);
    std::erase(digits, '-');
    return array_from_hex<16>(digits);
}

} // namespace gatehouse
