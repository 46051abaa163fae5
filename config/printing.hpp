// SPDX-License-Identifier: Apache-2.0
//
// What a table of rows looks like to people (TOML with a comment above each key) and to editors (JSON Schema).
#pragma once

#include "config/row.hpp"

namespace gatehouse::config {

/// The file as shipped: every key with its meaning in both languages and its default. Keys without a default and whole [[tables]]
/// stand as comments with an example.
std::string print_defaults(std::span<const Row> rows, const Words& heading);

/// The object's values, all of them, one comment line each in that language; a value that is not the default is marked.
std::string print_values(std::span<const Row> rows, const void* object, Language language);

/// JSON Schema 2020-12: titles Chinese, descriptions English.
std::string print_schema(std::span<const Row> rows, std::string_view id, const Words& title);

} // namespace gatehouse::config
