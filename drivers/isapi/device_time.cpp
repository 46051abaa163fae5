// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/device_time.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace gatehouse::drivers::isapi {

namespace {

using namespace std::chrono;

constexpr int year_min = 1970;
constexpr int year_max = 2099;
constexpr minutes zone_max = hours(14);

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (!is_digit(text[i])) return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

std::optional<Time> from_civil(std::optional<int> y, std::optional<int> mo, std::optional<int> d, std::optional<int> h, std::optional<int> mi,
                               std::optional<int> s) {
    if (!y || !mo || !d || !h || !mi || !s || *y < year_min || *y > year_max || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
    const year_month_day date{year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d))};
    if (!date.ok()) return std::nullopt;
    return Time(sys_days(date).time_since_epoch() + hours(*h) + minutes(*mi) + seconds(*s));
}

// "+08:00", "+0800", "-8:00", "Z"; anything else: none.
std::optional<minutes> offset_of(std::string_view text) {
    if (text == "Z" || text == "z") return minutes(0);
    if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const int sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    const auto colon = text.find(':');
    std::optional<int> h, m;
    if (colon != std::string_view::npos) {
        h = colon == 1 || colon == 2 ? digits(text, 0, colon) : std::nullopt;
        m = text.size() - colon - 1 == 2 ? digits(text, colon + 1, 2) : std::nullopt;
    } else if (text.size() == 4) {
        h = digits(text, 0, 2);
        m = digits(text, 2, 2);
    } else if (text.size() <= 2) {
        h = digits(text, 0, text.size());
        m = 0;
    }
    if (!h || !m || *m > 59) return std::nullopt;
    const minutes offset = sign * (hours(*h) + minutes(*m));
    if (offset > zone_max || offset < -zone_max) return std::nullopt;
    return offset;
}

struct Civil {
    int y;
    unsigned mo, d;
    long h, mi, s;
};
Civil civil_of(Time time) {
    const auto whole_day = floor<days>(time);
    const year_month_day date(whole_day);
    const hh_mm_ss clock(floor<seconds>(time - whole_day));
    return {int(date.year()), unsigned(date.month()), unsigned(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count()};
}

} // namespace

DeviceTime read_device_time(std::string_view text, minutes zone) {
    text = trimmed(text);
    DeviceTime read;
    read.flawed = true;
    if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' || text[16] != ':')
        return read;
    const auto local =
        from_civil(digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2), digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2));
    if (!local) return read;
    read.second = *local - zone;
    text.remove_prefix(19);
    microseconds fraction(0);
    if (!text.empty() && text[0] == '.') {
        text.remove_prefix(1);
        std::int64_t unit = 100'000;
        while (!text.empty() && is_digit(text[0])) {
            fraction += microseconds((text[0] - '0') * unit);
            unit /= 10;
            text.remove_prefix(1);
        }
    }
    const auto offset = text.empty() ? std::optional(zone) : offset_of(text);
    if (!offset) return read;
    read.second = *local - *offset;
    read.at = *read.second + fraction;
    read.flawed = false;
    return read;
}

std::optional<Time> read_abs_time(std::string_view text, minutes zone) {
    text = trimmed(text);
    if (text.size() < 14 || text.size() > 17) return std::nullopt;
    const auto local =
        from_civil(digits(text, 0, 4), digits(text, 4, 2), digits(text, 6, 2), digits(text, 8, 2), digits(text, 10, 2), digits(text, 12, 2));
    if (!local) return std::nullopt;
    int ms = 0;
    if (text.size() > 14) {
        const auto rest = digits(text, 14, text.size() - 14);
        if (!rest) return std::nullopt;
        ms = text.size() == 17 ? *rest : text.size() == 16 ? *rest * 10 : *rest * 100;
    }
    return *local - zone + milliseconds(ms);
}

std::optional<Time> read_capture_time(std::string_view text, minutes zone) {
    text = trimmed(text);
    if (text.size() > 10 && text[4] == '-') return read_device_time(text, zone).at;
    if (text.size() < 15 || (text[8] != 'T' && text[8] != 't')) return read_abs_time(text, zone);
    const auto local =
        from_civil(digits(text, 0, 4), digits(text, 4, 2), digits(text, 6, 2), digits(text, 9, 2), digits(text, 11, 2), digits(text, 13, 2));
    if (!local) return std::nullopt;
    text.remove_prefix(15);
    const auto offset = text.empty() ? std::optional(zone) : offset_of(text);
    if (!offset) return std::nullopt;
    return *local - *offset;
}

std::string device_time_text(Time time, minutes zone) {
    const auto c = civil_of(time + zone);
    const auto away = abs(zone).count();
    char text[48];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02ld:%02ld:%02ld%c%02ld:%02ld", c.y, c.mo, c.d, c.h, c.mi, c.s, zone.count() < 0 ? '-' : '+',
                  static_cast<long>(away / 60), static_cast<long>(away % 60));
    return text;
}

std::string pic_time_text(Time time, minutes zone, bool with_z) {
    const auto c = civil_of(with_z ? time : time + zone);
    char text[40];
    std::snprintf(text, sizeof text, "%04d%02u%02uT%02ld%02ld%02ld%s", c.y, c.mo, c.d, c.h, c.mi, c.s, with_z ? "Z" : "");
    return text;
}

std::optional<minutes> read_zone(std::string_view text) {
    text = trimmed(text);
    const auto sign = text.find_first_of("+-");
    if (sign == std::string_view::npos) return std::nullopt;
    // A summer-time rule may follow after the offset: "CET-1:00:00DST01:00:00,...".
    auto rest = text.substr(sign);
    const auto end = std::find_if(rest.begin() + 1, rest.end(), [](char c) { return !is_digit(c) && c != ':'; });
    rest = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    const auto second_colon = rest.find(':', std::min(rest.find(':'), rest.size() - 1) + 1);
    const auto offset = offset_of(rest.substr(0, second_colon));
    if (!offset) return std::nullopt;
    return -*offset;
}

std::string zone_text(minutes zone) {
    const auto away = abs(zone).count();
    char text[32];
    std::snprintf(text, sizeof text, "CST%c%ld:%02ld:00", zone.count() < 0 ? '+' : '-', static_cast<long>(away / 60), static_cast<long>(away % 60));
    return text;
}

} // namespace gatehouse::drivers::isapi
