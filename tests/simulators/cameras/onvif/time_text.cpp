// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/onvif/time_text.hpp"

#include <cstdio>
#include <ctime>

namespace gatehouse::simulators::cameras::onvif {
namespace {

std::tm parts_of(control::RealTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return parts;
}

} // namespace

std::string zulu(control::RealTime time) {
    const std::tm parts = parts_of(time);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

std::optional<control::RealTime> read_time(std::string_view text) {
    std::tm parts{};
    if (std::sscanf(std::string(text).c_str(), "%d-%d-%dT%d:%d:%d", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour, &parts.tm_min,
                    &parts.tm_sec) != 6)
        return std::nullopt;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    return control::RealTime(std::chrono::seconds(::timegm(&parts)));
}

std::optional<std::chrono::seconds> read_duration(std::string_view text) {
    if (!text.starts_with("P")) return std::nullopt;
    std::int64_t total = 0, number = -1;
    bool is_time = false;
    for (const char each : text.substr(1)) {
        if (each >= '0' && each <= '9') {
            number = (number < 0 ? 0 : number) * 10 + (each - '0');
            if (number > 86'400) return std::nullopt;
            continue;
        }
        if (each == 'T') {
            is_time = true;
            continue;
        }
        const std::int64_t unit = each == 'S' ? 1 : each == 'M' && is_time ? 60 : each == 'H' ? 3600 : each == 'D' ? 86'400 : 0;
        if (unit == 0 || number < 0) return std::nullopt;
        total += number * unit;
        number = -1;
    }
    if (total > 86'400 || number >= 0) return std::nullopt;
    return std::chrono::seconds(total);
}

std::string time_and_date(control::RealTime time) {
    const std::tm parts = parts_of(time);
    char text[256];
    std::snprintf(text, sizeof text,
                  "<tt:Time><tt:Hour>%d</tt:Hour><tt:Minute>%d</tt:Minute><tt:Second>%d</tt:Second></tt:Time>"
                  "<tt:Date><tt:Year>%d</tt:Year><tt:Month>%d</tt:Month><tt:Day>%d</tt:Day></tt:Date>",
                  parts.tm_hour, parts.tm_min, parts.tm_sec, parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
    return text;
}

} // namespace gatehouse::simulators::cameras::onvif
