// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/clock_marks.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

constexpr std::int64_t seconds_max = 253'402'300'799; // year 9999

/// The most of them that contradict each other in nothing: a clock that was wrong for days and was believed left marks too.
std::vector<ClockMark> longest_agreeing(const std::vector<ClockMark>& marks) {
    std::vector<std::size_t> length(marks.size(), 1), before(marks.size(), marks.size());
    std::size_t last = 0;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
            if (marks[j].at <= marks[i].at && length[j] + 1 > length[i]) length[i] = length[j] + 1, before[i] = j;
        if (length[i] >= length[last]) last = i;
    }
    std::vector<ClockMark> agreeing;
    for (auto i = last; i < marks.size(); i = before[i]) agreeing.push_back(marks[i]);
    std::reverse(agreeing.begin(), agreeing.end());
    return agreeing;
}

} // namespace

ClockMarks ClockMarks::read(std::string_view text) {
    ClockMarks read;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const auto mark = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto colon = std::min(mark.find(':'), mark.size());
        const auto position = to_number(mark.substr(0, colon));
        const auto seconds = to_number(mark.substr(std::min(colon + 1, mark.size())));
        if (!position || !seconds || *position < 0 || *seconds < 0 || *seconds > seconds_max) continue;
        const ClockMark one{static_cast<std::uint64_t>(*position), Time(std::chrono::seconds(*seconds))};
        const bool goes_on = read.marks_.empty() || one.position >= read.marks_.back().position;
        if (goes_on && read.marks_.size() < clock_marks_max) read.marks_.push_back(one);
    }
    read.agree();
    return read;
}

std::string ClockMarks::text() const {
    std::string text;
    for (const auto& mark : marks_)
        text += (text.empty() ? "" : ",") + std::to_string(mark.position) + ":" +
                std::to_string(std::chrono::floor<std::chrono::seconds>(mark.at).time_since_epoch().count());
    return text;
}

void ClockMarks::add(std::uint64_t head, Time now) {
    std::erase_if(marks_, [&](const ClockMark& mark) { return mark.position > head; });
    marks_.push_back({head, now});
    if (marks_.size() > clock_marks_max) marks_.erase(marks_.begin());
    agree();
}

void ClockMarks::agree() {
    agreeing_ = marks_;
    std::erase_if(agreeing_, [&](const ClockMark& mark) { return mark.at > marks_.back().at || mark.at < first_believable; });
    agreeing_ = longest_agreeing(agreeing_);
}

Time ClockMarks::heard_at(std::uint64_t position, Time claimed, Time now) const {
    const auto behind =
        std::lower_bound(agreeing_.begin(), agreeing_.end(), position, [](const ClockMark& mark, std::uint64_t p) { return mark.position < p; });
    // Marks are of whole seconds once they were written down.
    constexpr auto tolerance = std::chrono::seconds(1);
    const auto not_before = behind == agreeing_.begin() ? first_believable : std::prev(behind)->at - tolerance;
    const auto not_after = behind == agreeing_.end() ? Time::max() : behind->at + tolerance;
    if (claimed >= not_before && claimed <= not_after) return claimed;
    return behind == agreeing_.end() ? now : behind->at;
}

} // namespace gatehouse::store
