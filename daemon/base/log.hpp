// SPDX-License-Identifier: Apache-2.0
//
// Text for engineers: one line, its part, its words, named values. Never a personal field, never a secret; device texts are escaped.
// The one crossing point that any thread may use at any time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace gatehouse::log {

enum class Level { debug, info, warning, error };

/// name=value at the end of a line.
struct Field {
    Field(std::string_view n, std::string_view v) : name(n), value(v) {}
    Field(std::string_view n, const std::string& v) : name(n), value(v) {}
    Field(std::string_view n, const char* v) : name(n), value(v) {}
    Field(std::string_view n, std::int64_t v) : name(n), value(std::to_string(v)) {}
    Field(std::string_view n, std::uint64_t v) : name(n), value(std::to_string(v)) {}
    Field(std::string_view n, int v) : name(n), value(std::to_string(v)) {}
    std::string_view name;
    std::string value;
};

enum class Format { text, json };

/// Before the first line; default: text to stderr from info on.
void set_up(Level lowest, Format format);

void write(Level level, std::string_view part, std::string_view words, std::initializer_list<Field> fields = {});
inline void debug(std::string_view part, std::string_view words, std::initializer_list<Field> fields = {}) {
    write(Level::debug, part, words, fields);
}
inline void info(std::string_view part, std::string_view words, std::initializer_list<Field> fields = {}) { write(Level::info, part, words, fields); }
inline void warning(std::string_view part, std::string_view words, std::initializer_list<Field> fields = {}) {
    write(Level::warning, part, words, fields);
}
inline void error(std::string_view part, std::string_view words, std::initializer_list<Field> fields = {}) {
    write(Level::error, part, words, fields);
}

} // namespace gatehouse::log
