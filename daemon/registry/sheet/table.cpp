// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/sheet/table.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::registry::sheet {

namespace {

bool begins_formula(std::string_view cell) { return !cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos; }

bool is_empty(const Table::Row& row) {
    return std::all_of(row.cells.begin(), row.cells.end(), [](const std::string& cell) { return trimmed(cell).empty(); });
}

} // namespace

std::string guarded(std::string_view cell) { return begins_formula(cell) ? "'" + std::string(cell) : std::string(cell); }

std::string unguarded(std::string_view cell) {
    const bool is_guarded = cell.starts_with("'") && begins_formula(cell.substr(1));
    return std::string(is_guarded ? cell.substr(1) : cell);
}

Result<Table> table_of(std::vector<Table::Row> rows) {
    Table table;
    for (auto& row : rows) {
        if (is_empty(row)) continue;
        while (!row.cells.empty() && row.cells.back().empty()) row.cells.pop_back();
        if (row.cells.size() > columns_max) return Error(Fault::full, "row " + std::to_string(row.number) + ": more than 64 columns");
        for (auto& cell : row.cells) {
            cell = unguarded(trimmed(cell));
            if (cell.size() > cell_bytes_max) return Error(Fault::full, "row " + std::to_string(row.number) + ": a cell of more than 1,024 bytes");
        }
        if (table.heading.empty()) {
            table.heading = std::move(row.cells);
            continue;
        }
        if (row.cells.size() > table.heading.size())
            return Error(Fault::malformed, "row " + std::to_string(row.number) + ": more cells than the heading has");
        if (table.rows.size() == rows_max) return Error(Fault::full, "more than 20,000 rows");
        row.cells.resize(table.heading.size());
        table.rows.push_back(std::move(row));
    }
    if (table.heading.empty()) return Error(Fault::malformed, "the table is empty");
    return table;
}

Result<Table> read_table(std::string_view bytes) {
    if (bytes.starts_with("PK\x03\x04")) return read_xlsx(bytes);
    if (bytes.starts_with("\xd0\xcf\x11\xe0"))
        return Error(Fault::unsupported, "a workbook of before 2007, or with a password: save it as .xlsx or .csv");
    return read_csv(bytes);
}

} // namespace gatehouse::registry::sheet
