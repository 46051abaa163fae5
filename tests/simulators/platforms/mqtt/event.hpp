// SPDX-License-Identifier: Apache-2.0
//
// A message of lane `routine` or `urgent` cut into its events, each with its own bytes, and held against the rules of sync/README.md
// (W4, W5). No I/O.
#pragma once

#include <boost/json.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::simulators::platform {

using Hash = std::array<std::uint8_t, 32>;
Hash sha256(std::string_view bytes);
std::string hex(std::string_view bytes);
std::string hex(const Hash& hash);
std::optional<std::string> from_base64(std::string_view text);
std::string to_base64(std::string_view bytes);

/// One event as it arrived.
struct Arrived {
    std::string bytes; ///< from { to }
    boost::json::object json;
    std::string id, kind, epoch, lane, revised;
    std::uint64_t sequence = 0, previous = 0;
    bool is_volatile = false;
};

struct Cut {
    std::vector<Arrived> events;
    std::vector<std::string> faults; ///< what does not follow the rules, in words; the event is kept all the same where it can be
    bool malformed = false;          ///< not even JSON
};

/// `content_type` empty: MQTT 3.1.1 has none.
Cut cut_message(std::string_view payload, std::string_view lane, std::string_view content_type);

/// The elements of a JSON array as they stand there, or the one object itself.
std::vector<std::string_view> objects_of(std::string_view payload);

} // namespace gatehouse::simulators::platform
