// SPDX-License-Identifier: Apache-2.0
//
// One row: a key of a file that people write, with everything about it. A table of rows is the only description of such a file; the
// reader (reading.hpp), the printed file and the JSON Schema (printing.hpp) and every error message come from it.
#pragma once

#include "config/format.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatehouse::config {

enum class Type {
    text,
    whole,
    real,
    truth,
    choice,   ///< one of `choices`
    texts,    ///< a list of texts
    position, ///< "head" or a record's position
    pairs,    ///< a table of texts under names of its own
    tables,   ///< [[key]]: rows below it begin with "key[]."
};

/// Where a value is kept. A choice is kept in an enumeration of one byte whose values are in the order of `choices`.
using Ref = std::variant<std::string*, std::int64_t*, std::optional<double>*, bool*, std::vector<std::string>*, std::uint8_t*,
                         std::optional<std::int64_t>*, std::map<std::string, std::string>*>;

struct Row {
    /// Dotted; below a [[table]] with "[]": "upstream[].entitlement[].kinds".
    std::string key;
    Type type;
    /// The default as TOML writes it. Empty: none, the value stays unset. "!x": must be given, x is an example. "?x": must be given
    /// when its table is there.
    std::string_view initial;
    std::int64_t min = 0; ///< of numbers; of lists and tables: how many at least
    std::int64_t max = 0; ///< of texts: bytes; of lists, pairs and tables: how many at most
    std::string_view unit = {};
    std::string_view choices = {}; ///< blank-separated
    const Format* format = nullptr;
    Words meaning;
    Ref (*reach)(void* object) = nullptr;              ///< the value in its object (the settings, one upstream, …)
    void* (*grow)(void* object) = nullptr;             ///< tables: adds one
    void* (*nth)(void* object, std::size_t) = nullptr; ///< tables: the one at an index; null beyond the last
    bool must() const { return initial.starts_with('!'); }
    bool must_with_its_table() const { return initial.starts_with('?'); }
    std::string_view example() const { return must() || must_with_its_table() ? initial.substr(1) : initial; }
};

constexpr std::int64_t text_bytes_max = 512;

namespace inside {

template <class Value>
Ref kept_in(Value& value) {
    if constexpr (std::is_enum_v<Value>) {
        static_assert(sizeof(Value) == 1, "a choice is kept in one byte");
        return reinterpret_cast<std::uint8_t*>(&value);
    } else {
        return &value;
    }
}

template <class Object, class Get>
Ref reach(void* object) {
    return kept_in(Get{}(*static_cast<Object*>(object)));
}
template <class Object, class Get>
void* grow(void* object) {
    return &Get{}(*static_cast<Object*>(object)).emplace_back();
}
template <class Object, class Get>
void* nth(void* object, std::size_t index) {
    auto& all = Get{}(*static_cast<Object*>(object));
    return index < all.size() ? &all[index] : nullptr;
}

} // namespace inside

// The kinds of rows; `get` is a lambda without captures that answers the member by reference.
template <class Object, class Get>
Row text(std::string key, std::string_view initial, const Format& format, std::string_view zh, std::string_view en, Get) {
    return {.key = std::move(key),
            .type = Type::text,
            .initial = initial,
            .max = text_bytes_max,
            .format = &format,
            .meaning = {std::string(zh), std::string(en)},
            .reach = inside::reach<Object, Get>};
}
template <class Object, class Get>
Row whole(std::string key, std::string_view initial, std::int64_t min, std::int64_t max, std::string_view unit, std::string_view zh,
          std::string_view en, Get) {
    return {.key = std::move(key),
            .type = Type::whole,
            .initial = initial,
            .min = min,
            .max = max,
            .unit = unit,
            .meaning = {std::string(zh), std::string(en)},
            .reach = inside::reach<Object, Get>};
}
template <class Object, class Get>
Row real(std::string key, std::int64_t min, std::int64_t max, std::string_view unit, std::string_view zh, std::string_view en, Get) {
    return {.key = std::move(key),
            .type = Type::real,
            .initial = {},
            .min = min,
            .max = max,
            .unit = unit,
            .meaning = {std::string(zh), std::string(en)},
            .reach = inside::reach<Object, Get>};
}
template <class Object, class Get>
Row truth(std::string key, std::string_view initial, std::string_view zh, std::string_view en, Get) {
    return {.key = std::move(key),
            .type = Type::truth,
            .initial = initial,
            .meaning = {std::string(zh), std::string(en)},
            .reach = inside::reach<Object, Get>};
}
template <class Object, class Get>
Row choice(std::string key, std::string_view initial, std::string_view choices, std::string_view zh, std::string_view en, Get) {
    return {.key = std::move(key),
            .type = Type::choice,
            .initial = initial,
            .choices = choices,
            .meaning = {std::string(zh), std::string(en)},
            .reach = inside::reach<Object, Get>};
}
template <class Object, class Get>
Row texts(std::string key, std::string_view initial, std::int64_t count_max, const Format& format, std::string_view zh, std::string_view en, Get) {
    return {.key = std::move(key),
            .type = Type::texts,
            .initial = initial,
            .max = count_max,
            .format = &format,
            .meaning = {std::string(zh), std::string(en)},
            .reach = inside::reach<Object, Get>};
}
template <class Object, class Get>
Row position(std::string key, std::string_view zh, std::string_view en, Get) {
    return {.key = std::move(key),
            .type = Type::position,
            .initial = "\"head\"",
            .meaning = {std::string(zh), std::string(en)},
            .reach = inside::reach<Object, Get>};
}
template <class Object, class Get>
Row pairs(std::string key, std::int64_t count_max, std::string_view zh, std::string_view en, Get) {
    return {.key = std::move(key),
            .type = Type::pairs,
            .initial = {},
            .max = count_max,
            .meaning = {std::string(zh), std::string(en)},
            .reach = inside::reach<Object, Get>};
}
template <class Object, class Get>
Row tables(std::string key, std::int64_t count_max, std::string_view zh, std::string_view en, Get) {
    return {.key = std::move(key),
            .type = Type::tables,
            .initial = {},
            .max = count_max,
            .meaning = {std::string(zh), std::string(en)},
            .grow = inside::grow<Object, Get>,
            .nth = inside::nth<Object, Get>};
}

} // namespace gatehouse::config
