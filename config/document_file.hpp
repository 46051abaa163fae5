// SPDX-License-Identifier: Apache-2.0
//
// TOML text to a Document. The only place that knows toml++.
#pragma once

#include "config/flaw.hpp"
#include "daemon/base/document.hpp"

#include <variant>

namespace gatehouse::config {

constexpr std::size_t document_bytes_max = 1024 * 1024;

/// The whole file as a table, or the first place that is no TOML (a parser can't see past it). Dates and times become texts as they
/// stand ("2026-01-31"). `file` is what flaws name.
std::variant<Document, Flaw> parse_document(std::string_view text, const std::string& file);

/// Reads and parses. A file that is missing, unreadable or longer than document_bytes_max: a flaw at its line 1.
std::variant<Document, Flaw> read_document(const std::string& file);

/// The same for callers who do not tell flaws one by one, e.g. vendor tables that are shipped: Fault::malformed or gone.
Result<Document> load_document(const std::string& file);

/// At most document_bytes_max bytes of a file; Fault::gone, refused or full, naming it.
Result<std::string> read_file(const std::string& file);

} // namespace gatehouse::config
