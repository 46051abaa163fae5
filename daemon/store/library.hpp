// SPDX-License-Identifier: Apache-2.0
//
// The resource library's rows as the store keeps them: versioned, found by blind keys, erased by person. daemon/registry gives them meaning.
// Called on the loop, like Store.
#pragma once

#include "daemon/store/store.hpp"

namespace gatehouse::store {

constexpr std::size_t library_changes_max = 20'000; ///< of one commit: an import is one

/// One version of one row. `personal` is sealed; empty: there is none, or it was erased.
struct LibraryRow {
    std::string row_class;
    std::string id;
    std::uint32_t version = 0;
    std::string person; ///< id of the person whom the row is about; empty: nobody
    std::string import; ///< id of the import that wrote it; empty: by hand
    std::uint64_t from_position = 0;
    std::optional<std::uint64_t> until_position; ///< none: in force
    Time valid_from{};
    std::optional<Time> valid_to;
    std::string body;
    Bytes personal;
    bool erased = false;
};

/// A new version of a row, or its end; with the record that tells of it.
struct LibraryChange {
    std::string row_class;
    std::string id;
    std::uint32_t builds_on = 0; ///< the version that must be in force; 0: none may be
    bool ends = false;           ///< closes it; what follows is not looked at
    std::string person;
    std::string import;
    std::string body;
    Bytes personal;
    std::vector<std::uint64_t> keys;        ///< blind keys of the new version
    std::vector<std::uint64_t> unique_keys; ///< of these: no other row of the class may have one
    Record record;                          ///< registry.changed
};

struct LibraryQuery {
    std::string row_class;
    std::string after; ///< ids beyond this one
    std::size_t rows_max = 500;
    std::optional<std::uint64_t> as_of; ///< a position; none: now
};

class LibraryStore {
public:
    virtual ~LibraryStore() = default;

    /// All of them in one commit, or none. Fault::busy: another version is in force than one builds on; refused: a unique key is another
    /// row's; gone: what is to end is not in force. The answer is in the order of the changes; of ends, the row as it was.
    virtual Task<Result<std::vector<LibraryRow>>> change_library(std::vector<LibraryChange> changes) = 0;
    /// In force at `as_of`, ordered by id.
    virtual Task<Result<std::vector<LibraryRow>>> library_rows(LibraryQuery query) = 0;
    /// All versions, oldest first; empty: never there.
    virtual Task<Result<std::vector<LibraryRow>>> library_versions(std::string row_class, std::string id) = 0;
    /// In force and found by a blind key.
    virtual Task<Result<std::vector<LibraryRow>>> library_with_key(std::string row_class, std::uint64_t key) = 0;
    /// Every version that is about a person, or was written by an import.
    virtual Task<Result<std::vector<LibraryRow>>> library_about(std::string person) = 0;
    virtual Task<Result<std::vector<LibraryRow>>> library_of_import(std::string import) = 0;
};

} // namespace gatehouse::store
