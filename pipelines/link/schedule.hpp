// SPDX-License-Identifier: Apache-2.0
//
// When a camera is recorded by the week: "mon-fri 08:00-18:00, sat 09:00-12:00". Local time, of a fixed offset (China has had no summer time since
// 1991). A span whose end is not after its beginning goes on into the next day.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/result.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::pipelines {

constexpr std::size_t schedule_rows_max = 32;

struct TimeSpan {
    Time from{}, to{};
    friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

class Schedule {
public:
    /// Never.
    Schedule() = default;
    /// Fault::malformed names the part that can't be read.
    static Result<Schedule> read(std::string_view text, std::chrono::minutes zone);

    bool is_on(Time at) const;
    /// When it changes next; none: never.
    std::optional<Time> next_change(Time after) const;

private:
    using Minute = std::int32_t; ///< of the week; Monday 00:00 is 0
    struct Span {
        Minute from = 0, to = 0; ///< to: exclusive; within the week
    };
    void add(int day, Minute from, Minute to);
    std::chrono::minutes zone_{0};
    std::vector<Span> spans_; ///< in order, apart from each other
};

} // namespace gatehouse::pipelines
