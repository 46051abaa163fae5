// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/schedule.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::pipelines {

namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::int32_t day_minutes = 24 * 60, week_minutes = 7 * day_minutes;
constexpr int thursday = 3; // 1970-01-01

Error unread(std::string_view part) {
    return {Fault::malformed, "'" + cut_utf8(part, 40) + "': as \"mon-fri 08:00-18:00, sat 09:00-12:00\" expected"};
}

std::optional<int> day_of(std::string_view text) {
    const auto found = std::find(days.begin(), days.end(), lower(text));
    if (found == days.end()) return std::nullopt;
    return static_cast<int>(found - days.begin());
}

/// "18:00", up to "24:00".
std::optional<std::int32_t> minute_of(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hour = to_number(text.substr(0, 2)), minute = to_number(text.substr(3));
    if (!hour || !minute || *hour < 0 || *minute < 0 || *minute > 59 || *hour * 60 + *minute > day_minutes) return std::nullopt;
    return static_cast<std::int32_t>(*hour * 60 + *minute);
}

/// Both ends of "one-other", or twice the one.
std::pair<std::string_view, std::string_view> ends_of(std::string_view text) {
    const auto dash = text.find('-');
    return dash == text.npos ? std::pair(text, text) : std::pair(text.substr(0, dash), text.substr(dash + 1));
}

/// Minutes since the Monday before 1970 began, in local time.
std::int64_t local_minutes(Time at, minutes zone) { return floor<minutes>(at.time_since_epoch()).count() + zone.count() + thursday * day_minutes; }

} // namespace

void Schedule::add(int day, Minute from, Minute to) {
    const Minute start = day * day_minutes + from, end = day * day_minutes + to + (to > from ? 0 : day_minutes);
    spans_.push_back({start, std::min(end, week_minutes)});
    if (end > week_minutes) spans_.push_back({0, end - week_minutes});
}

Result<Schedule> Schedule::read(std::string_view text, minutes zone) {
    Schedule schedule;
    schedule.zone_ = zone;
    std::size_t rows = 0;
    for (bool more = true; more;) {
        const auto comma = text.find(',');
        const auto row = trimmed(text.substr(0, comma));
        more = comma != text.npos;
        if (more) text.remove_prefix(comma + 1);
        const auto space = row.find(' ');
        if (space == row.npos || ++rows > schedule_rows_max) return unread(row);
        const auto [first, last] = ends_of(row.substr(0, space));
        const auto [begins, ends] = ends_of(trimmed(row.substr(space)));
        const auto first_day = day_of(first), last_day = day_of(last);
        const auto from = minute_of(begins), to = minute_of(ends);
        if (!first_day || !last_day || !from || !to || *from == day_minutes) return unread(row);
        for (int day = *first_day;; day = (day + 1) % 7) {
            schedule.add(day, *from, *to);
            if (day == *last_day) break;
        }
    }
    auto& spans = schedule.spans_;
    std::sort(spans.begin(), spans.end(), [](const Span& one, const Span& other) { return one.from < other.from; });
    std::vector<Span> apart;
    for (const auto& span : spans) {
        if (!apart.empty() && span.from <= apart.back().to) {
            apart.back().to = std::max(apart.back().to, span.to);
        } else {
            apart.push_back(span);
        }
    }
    spans = std::move(apart);
    return schedule;
}

bool Schedule::is_on(Time at) const {
    const auto minute = local_minutes(at, zone_) % week_minutes;
    return std::any_of(spans_.begin(), spans_.end(), [&](const Span& span) { return span.from <= minute && minute < span.to; });
}

std::optional<Time> Schedule::next_change(Time after) const {
    const auto now = local_minutes(after, zone_);
    const auto week = now - now % week_minutes;
    const bool is_on_now = is_on(after);
    for (const auto begin : {week, week + week_minutes})
        for (const auto& span : spans_)
            for (const auto edge : {begin + span.from, begin + span.to}) {
                const Time at(minutes(edge - zone_.count() - thursday * day_minutes));
                if (edge > now && is_on(at) != is_on_now) return at;
            }
    return std::nullopt;
}

} // namespace gatehouse::pipelines
