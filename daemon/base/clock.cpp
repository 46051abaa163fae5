// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/clock.hpp"

#include "daemon/base/clock_witness.hpp"

#include <boost/asio.hpp>

#include <sys/timex.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>

namespace gatehouse {

namespace asio = boost::asio;
using std::chrono::microseconds;

Time RealClock::now() const { return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now()); }
Instant RealClock::steady_now() const { return std::chrono::time_point_cast<microseconds>(std::chrono::steady_clock::now()); }

ClockQuality RealClock::quality() const {
    if (trusts_outside_) return ClockQuality::synced;
    timex state{};
    const int said = adjtimex(&state);
    if (said < 0 && errno == EPERM) return clock_is_witnessed(now()) ? ClockQuality::synced : ClockQuality::unsynced;
    return said < 0 || said == TIME_ERROR || (state.status & STA_UNSYNC) != 0 ? ClockQuality::unsynced : ClockQuality::synced;
}

Task<void> RealClock::sleep_until(Instant when) {
    asio::steady_timer timer(loop_.context(), when);
    co_await timer.async_wait(asio::use_awaitable);
}

std::string to_text(Time time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss<microseconds> clock(time - day);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return text.data();
}

namespace {

// Reads fixed-width decimal fields; any step that does not fit spoils the whole.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    int number(std::size_t digits) {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            const char c = next();
            if (c < '0' || c > '9') {
                bad_ = true;
                return 0;
            }
            value = value * 10 + (c - '0');
        }
        return value;
    }

    void literal(char wanted) {
        if (next() != wanted) bad_ = true;
    }

    bool skip(char wanted) {
        if (at_ >= text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }

    bool at_digit() const { return at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0; }
    char next() { return at_ < text_.size() ? text_[at_++] : '\0'; }
    bool ended_well() const { return !bad_ && at_ == text_.size(); }

private:
    std::string_view text_;
    std::size_t at_ = 0;
    bool bad_ = false;
};

} // namespace

Result<Time> parse_time(std::string_view text) {
    const auto malformed = [&] { return Error(Fault::malformed, "no RFC 3339 time: '" + std::string(text.substr(0, 40)) + "'"); };
    Reader reader(text);
    const int year = reader.number(4);
    reader.literal('-');
    const int month = reader.number(2);
    reader.literal('-');
    const int day = reader.number(2);
    if (!reader.skip('T') && !reader.skip('t')) reader.literal(' ');
    const int hour = reader.number(2);
    reader.literal(':');
    const int minute = reader.number(2);
    reader.literal(':');
    const int second = reader.number(2);
    std::int64_t fraction_us = 0;
    if (reader.skip('.')) {
        std::int64_t scale = 100'000;
        int digits = 0;
        for (; reader.at_digit() && digits < 9; ++digits, scale /= 10) fraction_us += (reader.next() - '0') * scale;
        if (digits == 0) return malformed();
    }
    int offset_min = 0;
    if (!reader.skip('Z') && !reader.skip('z')) {
        const bool west = reader.skip('-');
        if (!west) reader.literal('+');
        const int hours = reader.number(2);
        reader.literal(':');
        const int minutes = reader.number(2);
        if (hours > 23 || minutes > 59) return malformed();
        offset_min = (west ? -1 : 1) * (hours * 60 + minutes);
    }
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!reader.ended_well() || !date.ok() || hour > 23 || minute > 59 || second > 60) return malformed();
    return Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute - offset_min) + std::chrono::seconds(second) +
           microseconds(fraction_us);
}

} // namespace gatehouse
