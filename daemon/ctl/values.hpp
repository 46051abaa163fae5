// SPDX-License-Identifier: Apache-2.0
//
// Foreign values in words: members of an answer as cells, codes as words, times as people say them. A member that is missing or of another
// type is "-", never an error: one odd device must not hide the others.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"
#include "daemon/ctl/words.hpp"

namespace gatehouse::ctl {

constexpr std::size_t cell_columns_max = 160;

/// One value, printable and bounded; an object or list as JSON.
std::string cell_of(const json::value& value);
std::string cell(const json::object& object, std::string_view key);
/// The objects of the list there; whatever else stands in it is left out.
std::vector<const json::object*> objects_at(const json::object& object, std::string_view key);
/// A count; missing, negative or no number: 0.
std::uint64_t count_at(const json::object& object, std::string_view key);
std::optional<Time> time_at(const json::object& object, std::string_view key);

/// "离线" for "offline"; a code without a word of ours as it is, printable.
std::string word_for(const std::string& code, bool zh);
std::string word_at(const json::object& object, std::string_view key, bool zh);

/// "2026-01-15 08:30:12" in this machine's time zone.
std::string local_text(Time time);
std::string local_at(const json::object& object, std::string_view key);
/// "45 s", "3 h 20 min", "4 d 7 h"
std::string length_text(std::int64_t seconds, bool zh);
/// "3 h 20 min ago"; in the future (clocks differ): "now"; missing: "-".
std::string age_at(const json::object& object, std::string_view key, Time now, bool zh);

/// What people type as a time: "2026-01-15", "2026-01-15 08:30[:12]", "08:30" (today), "90s", "30m", "2h", "7d" (ago), RFC 3339. Without
/// a zone it is this machine's.
OrSentence<Time> read_moment(const std::string& option, const std::string& text, Time now);

/// "?name=value&…", escaped. Empty values are left out.
std::string query_text(const std::vector<std::pair<std::string, std::string>>& pairs);

} // namespace gatehouse::ctl
