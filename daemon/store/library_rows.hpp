// SPDX-License-Identifier: Apache-2.0
//
// library_row and library_key: plain functions on a connection; what changes something is called within LogWriter's begin() and commit().
#pragma once

#include "daemon/store/library.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse::store {

/// Whether all of `changes` can be made: nothing is written before the last of them was looked at.
Done check_library_changes(Connection& connection, const std::vector<LibraryChange>& changes);

/// One of them, its record being at `position`; answers the new version, or the one that ended.
Result<LibraryRow> apply_library_change(Connection& connection, const LibraryChange& change, std::uint64_t position, Time now);

Result<std::vector<LibraryRow>> library_rows_of(Connection& connection, const LibraryQuery& query);
Result<std::vector<LibraryRow>> library_versions_of(Connection& connection, const std::string& row_class, const std::string& id);
Result<std::vector<LibraryRow>> library_rows_with_key(Connection& connection, const std::string& row_class, std::uint64_t key);
Result<std::vector<LibraryRow>> library_rows_about(Connection& connection, const std::string& person);
Result<std::vector<LibraryRow>> library_rows_of_import(Connection& connection, const std::string& import);

/// Persons of whom something personal stands in some version.
Result<std::vector<std::string>> persons_of_library(Connection& connection);
/// Takes the personal part of every version about the person, its blind keys, and closes what is in force; answers how many versions.
Result<std::uint64_t> erase_library_rows(Connection& connection, const std::string& person, std::uint64_t position, Time now);

} // namespace gatehouse::store
