// SPDX-License-Identifier: Apache-2.0
//
// POST /ISAPI/AccessControl/AcsEvent?format=json: a terminal's own memory of events. Source: ISAPI guide, captures of DS-K1T342.
// Members are named differently from the push: major, minor, time, pictureURL.
#pragma once

#include "daemon/base/result.hpp"
#include "drivers/isapi/alert.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::isapi {

constexpr std::string_view acs_event_target = "/ISAPI/AccessControl/AcsEvent?format=json";
constexpr std::uint64_t serial_max = 3'000'000'000;
constexpr std::int64_t search_rows_max = 30; ///< firmware caps a page at 30, 20 or 10 whatever is asked

struct AcsEventSearch {
    std::string search_id;
    std::uint64_t position = 0;
    std::int64_t rows = search_rows_max;
    std::optional<std::uint64_t> begin_serial; ///< with it: by serial
    std::optional<Time> from, to;              ///< else: by time
};
std::string encode_acs_event_search(const AcsEventSearch& search, std::chrono::minutes zone);

struct AcsEventPage {
    std::uint64_t total = 0;
    bool more = false;
    std::uint64_t matches = 0;             ///< rows that the device says it sent
    std::vector<Alert> rows;               ///< those that could be read
    std::vector<std::uint64_t> unreadable; ///< serials of rows that could not
};
Result<AcsEventPage> decode_acs_event_page(std::string_view body, std::chrono::minutes zone);

/// What of a pictureURL may be asked of this device: its path and query. Never its host, which a hostile device could choose.
std::optional<std::string> picture_target(std::string_view url);

} // namespace gatehouse::drivers::isapi
