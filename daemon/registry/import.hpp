// SPDX-License-Identifier: Apache-2.0
//
// A table into the resource library and back. Every fault of every row is named by row and column; rows with a fault are not written, the
// others are in one commit; the whole import can be undone.
#pragma once

#include "daemon/registry/library.hpp"
#include "daemon/registry/sheet/table.hpp"

namespace gatehouse::registry {

constexpr std::size_t import_rows_max = 10'000; ///< of one table: a person with a home is two rows of the library

struct CellFault {
    std::size_t row = 0; ///< as Excel counts
    std::string column;  ///< as it stands in the heading
    validity::Flaw flaw = validity::Flaw::none;
    friend bool operator==(const CellFault&, const CellFault&) = default;
};

struct ImportReport {
    std::string id; ///< for undo; empty: nothing was written
    std::size_t rows = 0;
    std::size_t good = 0; ///< rows without a fault
    std::size_t bad = 0;  ///< rows with one or more
    std::vector<CellFault> faults;
    std::uint64_t position = 0; ///< of the last record that it wrote
};

/// Columns are known by the field's name or by its title in either language. A person's table may also say home and relation, which makes
/// their residence. A home is named by its id or, where it is the only one of that name, by its name; a person by id, or by a phone that
/// one person has. `dry_run`: looks, and writes nothing. Fault::malformed: a heading of which nothing is known;
/// full: too many rows; unsupported: credentials and consents, which have rules between rows.
Task<Result<ImportReport>> import_table(Library& library, const Entity& entity, sheet::Table table, bool dry_run, By by);

/// Ends all that the import wrote. Fault::gone: no such import, or undone already; busy: some of it was changed or built upon since, and
/// then nothing is undone.
Task<Result<std::size_t>> undo_import(Library& library, std::string import, By by);

/// What is in force; masked fields in full only where `reveals`. Titles and choices in Chinese or as they are named.
Task<Result<sheet::Table>> export_table(Library& library, const Entity& entity, bool reveals, bool zh);

} // namespace gatehouse::registry
