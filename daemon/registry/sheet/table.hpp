// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/result.hpp"

#include <string>
#include <vector>

namespace gatehouse::registry::sheet {

constexpr std::size_t rows_max = 20'000;
constexpr std::size_t columns_max = 64;
constexpr std::size_t cell_bytes_max = 1024;
constexpr std::size_t file_bytes_max = 8 * 1024 * 1024;

/// Rows of UTF-8 texts beneath a heading. Rows are as long as the heading; wholly empty ones are left out, so each knows its number.
struct Table {
    struct Row {
        std::size_t number = 0; ///< as Excel counts: the heading is 1
        std::vector<std::string> cells;
    };
    std::vector<std::string> heading;
    std::vector<Row> rows;
};

enum class Charset { utf8, gb18030 };

/// UTF-8 (BOM or not), else GB18030. Fault::malformed: neither, or quotes without an end; full: beyond a bound.
Result<Table> read_csv(std::string_view bytes);
/// With a BOM in UTF-8, since Excel guesses otherwise. What begins like a formula gets an apostrophe, which reading takes off again.
/// Fault::malformed: a text that GB18030 does not have.
Result<std::string> write_csv(const Table& table, Charset charset);

/// Fault::malformed, full; unsupported: encrypted, or of a kind that we do not read.
Result<Table> read_xlsx(std::string_view bytes);
std::string write_xlsx(const Table& table);

/// By its first bytes: XLSX, else CSV.
Result<Table> read_table(std::string_view bytes);

/// A cell that a program could take for a formula, made harmless; and back.
std::string guarded(std::string_view cell);
std::string unguarded(std::string_view cell);

/// Rows of cells as a table: the first that is not empty is the heading. Fault::full, malformed.
Result<Table> table_of(std::vector<Table::Row> rows);

} // namespace gatehouse::registry::sheet
