// SPDX-License-Identifier: Apache-2.0
//
// A log as SQL text and back, so that an old one can be committed, read and reviewed.
#pragma once

#include "daemon/store/sqlite.hpp"

#include <doctest/doctest.h>

#include <cctype>
#include <string>
#include <vector>

namespace gatehouse::store {

/// The first column of each row.
inline std::vector<std::string> texts(Connection& connection, const std::string& sql) {
    auto rows = connection.prepare(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? std::string() : rows.error().what()));
    std::vector<std::string> found;
    for (;;) {
        auto row = rows->step();
        REQUIRE_MESSAGE(row.has_value(), (row ? std::string() : row.error().what()));
        if (!*row) return found;
        found.push_back(rows->string(0));
    }
}

/// Everything with a definition of its own: tables first, triggers last.
inline std::vector<std::string> definitions(Connection& connection, const std::string& where = "1") {
    return texts(connection, "select sql from sqlite_schema where sql is not null and " + where + " order by type = 'trigger', type, name");
}

/// Without comments, and with one space for many: what is left is what SQLite does.
inline std::string without_prose(const std::string& sql) {
    std::string bare;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql.compare(i, 2, "--") == 0) i = std::min(sql.find('\n', i), sql.size() - 1);
        const bool is_space = std::isspace(static_cast<unsigned char>(sql[i])) != 0;
        if (is_space && (bare.empty() || bare.back() == ' ' || bare.back() == '(')) continue;
        if (!is_space && sql[i] == ')' && bare.ends_with(' ')) bare.pop_back();
        bare += is_space ? ' ' : sql[i];
    }
    return bare;
}

/// The tables, their rows, then the triggers, which would stand in the rows' way; last the version.
inline std::string dump(Connection& connection) {
    std::string text;
    for (const auto& sql : definitions(connection, "type = 'table'")) text += sql + ";\n";
    for (const auto& table : texts(connection, "select name from sqlite_schema where type = 'table' order by name")) {
        std::string columns;
        for (const auto& name : texts(connection, "select name from pragma_table_info('" + table + "')"))
            columns += (columns.empty() ? "quote(" : " || ',' || quote(") + name + ")";
        for (const auto& row : texts(connection, "select " + columns + " from " + table + " order by 1"))
            text += "insert into " + table + " values (" + row + ");\n";
    }
    for (const auto& sql : definitions(connection, "type <> 'table'")) text += sql + ";\n";
    return text + "pragma user_version = " + connection.text("pragma user_version").value() + ";\n";
}

} // namespace gatehouse::store
