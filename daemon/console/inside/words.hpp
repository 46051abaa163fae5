// SPDX-License-Identifier: Apache-2.0
//
// Every name that may stand in a path, a query, a body or a conditional header: its type and meaning, once for openapi.yaml and for the
// check of bodies.
#pragma once

#include "daemon/base/json.hpp"

#include <span>
#include <string_view>

namespace gatehouse::console::inside {

enum class WordType { text, whole, real, flag, time, list, object };

struct Word {
    std::string_view name;
    WordType type = WordType::text;
    std::string_view meaning;
    std::string_view codes = {}; ///< allowed values, blank-separated
};

/// None: no such word, which a test notices.
const Word* word_named(std::string_view name);
/// As JSON Schema.
json::object schema_of(const Word& word);
/// Whether a body's member has the word's type; null never has.
bool fits(const Word& word, const json::value& value);

/// A blank-separated list of the route table, one word at a time; empty at its end. '?' after a word stays.
std::string_view next_word(std::string_view& list);

} // namespace gatehouse::console::inside
