// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/clock_marks.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::store;
using std::chrono::days;

namespace {
const Time first_day = Time(std::chrono::seconds(1'768'437'000)); // January 2026
Time day_of(int day) { return first_day + days(day); }
ClockMarks marked(std::initializer_list<std::pair<std::uint64_t, int>> days_of) {
    ClockMarks marks;
    for (const auto& [head, day] : days_of) marks.add(head, day_of(day));
    return marks;
}
} // namespace

TEST_CASE("clock marks: a time that fits between its marks is believed, another becomes the mark behind it") {
    const auto marks = marked({{10, 1}, {20, 2}, {30, 3}});
    CHECK(marks.heard_at(15, day_of(1) + std::chrono::hours(5), day_of(9)) == day_of(1) + std::chrono::hours(5));
    CHECK(marks.heard_at(15, day_of(0), day_of(9)) == day_of(2));
    CHECK(marks.heard_at(15, day_of(3), day_of(9)) == day_of(2));
    CHECK(marks.heard_at(20, day_of(2), day_of(9)) == day_of(2)); // what stands at a mark was there
    CHECK(marks.heard_at(35, day_of(1), day_of(9)) == day_of(9)); // nothing is behind it yet
    CHECK(marks.heard_at(35, day_of(4), day_of(9)) == day_of(4));
    CHECK(marks.heard_at(5, day_of(-300), day_of(9)) == day_of(-300)); // nothing is before it, and it may be
    CHECK(marks.heard_at(5, Time(), day_of(9)) == day_of(1));
    CHECK(ClockMarks().heard_at(5, Time(), day_of(9)) == day_of(9));
}

TEST_CASE("clock marks: those of a clock that was wrong for days and believed give way") {
    auto ahead = marked({{10, 1}, {20, 3650}, {30, 3651}});
    ahead.add(40, day_of(5));
    CHECK(ahead.heard_at(15, day_of(3), day_of(6)) == day_of(3));
    CHECK(ahead.heard_at(25, day_of(3650), day_of(6)) == day_of(5));
    auto behind = marked({{10, 1}, {20, 2}, {30, 3}, {40, -900}, {50, -899}});
    behind.add(60, day_of(9));
    CHECK(behind.heard_at(25, day_of(2), day_of(10)) == day_of(2));
    CHECK(behind.heard_at(45, day_of(-899), day_of(10)) == day_of(9));
}

TEST_CASE("clock marks: one a day, and they come back from their text, while another text is none") {
    auto marks = marked({{10, 1}});
    CHECK(ClockMarks().is_due(day_of(1)));
    CHECK_FALSE(marks.is_due(day_of(1) + std::chrono::hours(19)));
    CHECK(marks.is_due(day_of(2)));
    CHECK(marks.is_due(day_of(0)));
    for (int day = 2; day < 600; ++day) marks.add(static_cast<std::uint64_t>(day) * 10, day_of(day));
    const auto again = ClockMarks::read(marks.text());
    CHECK(again.text() == marks.text());
    CHECK(again.heard_at(5985, day_of(1), day_of(600)) == day_of(599));
    CHECK(marks.text().size() < 16'384);
    for (const auto* text : {"", ",,,", "x:y", "5", "5:", ":5", "-5:1768437000", "5:99999999999999", "5:-1", "9223372036854775808:1"})
        CHECK(ClockMarks::read(text).text().empty());
    CHECK(ClockMarks::read("9:1768437000,5:1768437001,10:1768437002").text() == "9:1768437000,10:1768437002");
}
