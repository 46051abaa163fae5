// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace gatehouse::simulators::isapi {
namespace {

struct Fields {
    int year, month, day, hour, minute, second, milli;
};

Fields split(Micros at, int zone_minutes) {
    using namespace std::chrono;
    sys_time<microseconds> moment{microseconds{at} + minutes{zone_minutes}};
    auto day_start = floor<days>(moment);
    year_month_day date{day_start};
    hh_mm_ss<microseconds> time{moment - day_start};
    return Fields{static_cast<int>(date.year()),
                  static_cast<int>(static_cast<unsigned>(date.month())),
                  static_cast<int>(static_cast<unsigned>(date.day())),
                  static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()),
                  static_cast<int>(duration_cast<milliseconds>(time.subseconds()).count())};
}

template <typename... Values>
std::string print(const char* format, Values... values) {
    std::array<char, 96> out{};
    std::snprintf(out.data(), out.size(), format, values...);
    return out.data();
}

} // namespace

std::optional<TimeFormat> time_format_named(std::string_view name) {
    if (name == "offset") return TimeFormat::offset;
    if (name == "zulu") return TimeFormat::zulu;
    if (name == "millis") return TimeFormat::millis;
    if (name == "no_zone") return TimeFormat::no_zone;
    if (name == "sign_lost") return TimeFormat::sign_lost;
    return std::nullopt;
}

std::string format_time(Micros at, int zone_minutes, TimeFormat format) {
    auto f = split(at, format == TimeFormat::zulu ? 0 : zone_minutes);
    auto base = print("%04d-%02d-%02dT%02d:%02d:%02d", f.year, f.month, f.day, f.hour, f.minute, f.second);
    auto away = std::abs(zone_minutes);
    auto zone = print("%02d:%02d", away / 60, away % 60);
    auto sign = zone_minutes < 0 ? "-" : "+";
    switch (format) {
    case TimeFormat::offset: return base + sign + zone;
    case TimeFormat::zulu: return base + "Z";
    case TimeFormat::millis: return base + print(".%03d", f.milli) + sign + zone;
    case TimeFormat::no_zone: return base;
    case TimeFormat::sign_lost: return base + zone;
    }
    return base;
}

std::string format_digits(Micros at, int zone_minutes) {
    auto f = split(at, zone_minutes);
    return print("%04d%02d%02d%02d%02d%02d%03d", f.year, f.month, f.day, f.hour, f.minute, f.second, f.milli);
}

std::string format_basic(Micros at, int zone_minutes, bool zulu) {
    auto f = split(at, zulu ? 0 : zone_minutes);
    auto base = print("%04d%02d%02dT%02d%02d%02d", f.year, f.month, f.day, f.hour, f.minute, f.second);
    if (zulu) return base + "Z";
    auto away = std::abs(zone_minutes);
    return base + (zone_minutes < 0 ? "-" : "+") + print("%02d%02d", away / 60, away % 60);
}

std::optional<Micros> parse_time(std::string_view text, int zone_minutes) {
    std::string digits; // date and time without punctuation
    std::size_t at = 0;
    while (at < text.size() && digits.size() < 14) {
        char c = text[at];
        if (c >= '0' && c <= '9') {
            digits += c;
        } else if (digits.size() >= 8 && (c == 'Z' || c == '+')) {
            break;
        } else if (c != '-' && c != ':' && c != 'T' && c != ' ') {
            return std::nullopt;
        }
        ++at;
    }
    if (digits.size() != 8 && digits.size() != 12 && digits.size() != 14) return std::nullopt;
    digits.resize(14, '0');
    auto number = [&](std::size_t from, std::size_t count) { return std::atoi(digits.substr(from, count).c_str()); };
    using namespace std::chrono;
    year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(4, 2))}, day{static_cast<unsigned>(number(6, 2))}};
    if (!date.ok() || number(8, 2) > 24 || number(10, 2) > 59 || number(12, 2) > 60) return std::nullopt;
    Micros out =
        duration_cast<microseconds>(sys_days{date}.time_since_epoch() + hours{number(8, 2)} + minutes{number(10, 2)} + seconds{number(12, 2)})
            .count();
    if (at < text.size() && text[at] == '.') {
        Micros unit = second / 10;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) out += (text[at] - '0') * unit;
    }
    int zone = zone_minutes;
    if (at < text.size()) {
        if (text[at] == 'Z') {
            zone = 0;
        } else if (text[at] == '+' || text[at] == '-') {
            std::string rest;
            for (char c : text.substr(at + 1)) {
                if (c >= '0' && c <= '9') rest += c;
            }
            if (rest.size() < 4) rest.insert(0, 4 - rest.size(), '0');
            zone = std::atoi(rest.substr(0, 2).c_str()) * 60 + std::atoi(rest.substr(2, 2).c_str());
            if (text[at] == '-') zone = -zone;
        }
    }
    return out - static_cast<Micros>(zone) * 60 * second;
}

} // namespace gatehouse::simulators::isapi
