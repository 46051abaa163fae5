// SPDX-License-Identifier: Apache-2.0
//
// Fills an object from a Document by a table of rows, and tells everything that does not fit.
#pragma once

#include "config/row.hpp"
#include "daemon/base/document.hpp"

#include <map>

namespace gatehouse::config {

/// Where each given key stands, by its concrete name ("upstream[1].root"); tables too ("upstream[1]").
using Places = std::map<std::string, Document::Place, std::less<>>;

struct Reading {
    std::vector<Flaw> flaws; ///< in the order of lines, at most flaws_max
    Places places;

    /// A flaw at the key's place, or at the nearest table around it.
    void report(std::string_view key, Words what);
};

/// `object`, freshly made, is first given every default, then what `document` says. With flaws it is unfit for use.
Reading read(const Document& document, std::span<const Row> rows, void* object);

/// Every default of the rows that begin with `scope` ("" or "upstream[]."), written into the object.
void fill_in_defaults(std::span<const Row> rows, std::string_view scope, void* object);

/// The rest of a key below a scope, when the row belongs to that very scope; else nothing.
std::optional<std::string_view> below(std::string_view key, std::string_view scope);

/// How many single-character edits lie between two words.
std::size_t edits_between(std::string_view one, std::string_view other);

/// The one most like `wrong`, when it is near enough to be meant.
std::optional<std::string> nearest(std::string_view wrong, const std::vector<std::string>& known);

} // namespace gatehouse::config
