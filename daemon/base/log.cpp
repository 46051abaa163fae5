// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/log.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

namespace gatehouse::log {

namespace {

constexpr std::size_t value_bytes_max = 512;

std::atomic<Format> format_now = Format::text;

spdlog::logger& logger() {
    static const auto made = [] {
        auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        auto fresh = std::make_shared<spdlog::logger>("gatehouse", sink);
        fresh->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %l %v", spdlog::pattern_time_type::utc);
        fresh->flush_on(spdlog::level::debug);
        return fresh;
    }();
    return *made;
}

spdlog::level::level_enum theirs(Level level) {
    switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: break;
    }
    return spdlog::level::err;
}

// Control characters would let a device forge lines or drive a terminal.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, value_bytes_max)) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            out += '?';
        else
            out += c;
    }
    return out;
}

} // namespace

void set_up(Level lowest, Format format) {
    logger().set_level(theirs(lowest));
    format_now = format;
    if (format == Format::json) logger().set_pattern("%v");
}

void write(Level level, std::string_view part, std::string_view words, std::initializer_list<Field> fields) {
    if (!logger().should_log(theirs(level))) return;
    if (format_now == Format::json) {
        boost::json::object line{{"level", spdlog::level::to_string_view(theirs(level)).data()}, {"part", part}, {"message", words}};
        for (const auto& field : fields) line[field.name] = field.value;
        logger().log(theirs(level), "{}", boost::json::serialize(line));
        return;
    }
    std::string line = std::string(part) + ": " + escaped(words);
    for (const auto& field : fields) line += " " + std::string(field.name) + "=" + escaped(field.value);
    logger().log(theirs(level), "{}", line);
}

} // namespace gatehouse::log
