// SPDX-License-Identifier: Apache-2.0
//
// When a record was heard, although the clock that stamped it was wrong (F20, F21). Once a day, while the clock is believed, the log notes how far
// it had come: what stands before such a mark was heard before it, what stands behind it after it. Positions don't lie. A value; any thread.
#pragma once

#include "daemon/base/clock.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::store {

constexpr std::size_t clock_marks_max = 512;                     ///< the oldest go: of more days than any class is kept that is looked at here
constexpr Duration between_clock_marks = std::chrono::hours(20); ///< so that a daily look always makes one
constexpr Time first_believable = Time(std::chrono::seconds(1'577'836'800)); ///< 2020-01-01: before this project; a battery clock's beginning

struct ClockMark {
    std::uint64_t position = 0; ///< the log's head …
    Time at{};                  ///< … at this time
};

class ClockMarks {
public:
    /// As text() wrote it; what cannot be read is left out.
    static ClockMarks read(std::string_view text);
    std::string text() const;

    bool is_due(Time now) const { return marks_.empty() || now < marks_.back().at || now - marks_.back().at >= between_clock_marks; }
    /// `now` is believed. Of the marks those count that contradict neither it nor most of the others.
    void add(std::uint64_t head, Time now);

    /// `claimed`, where it does not contradict the marks; else the first moment at which the record was surely there: the mark behind it, or `now`
    /// where there is none yet. So nothing is called older than it is, and nothing stays young for ever.
    Time heard_at(std::uint64_t position, Time claimed, Time now) const;

private:
    void agree();

    std::vector<ClockMark> marks_;    ///< positions ascend; times, which a wrong clock may have made, need not
    std::vector<ClockMark> agreeing_; ///< of them; both numbers ascend
};

} // namespace gatehouse::store
