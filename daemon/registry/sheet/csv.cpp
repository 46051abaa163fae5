// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/text.hpp"
#include "daemon/registry/sheet/table.hpp"

#include <iconv.h>

#include <memory>

namespace gatehouse::registry::sheet {

namespace {

constexpr std::string_view utf8_bom = "\xef\xbb\xbf";

Result<std::string> in_gb18030(std::string_view text) {
    const auto handle = iconv_open("GB18030", "UTF-8");
    if (handle == reinterpret_cast<iconv_t>(-1)) return Error(Fault::unsupported, "this system's iconv has no GB18030");
    const std::unique_ptr<void, int (*)(iconv_t)> closing(handle, iconv_close);
    std::string out(text.size() * 4 + 4, '\0');
    char* from = const_cast<char*>(text.data()); // iconv's prototype; it does not write there
    char* to = out.data();
    std::size_t from_left = text.size(), to_left = out.size();
    if (iconv(handle, &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1))
        return Error(Fault::malformed, "a character that GB18030 does not have");
    out.resize(out.size() - to_left);
    return out;
}

/// What parts the cells: whichever of them the heading has most of, outside quotes.
char separator_of(std::string_view text) {
    std::size_t commas = 0, semicolons = 0, tabs = 0;
    bool is_quoted = false;
    for (const char c : text) {
        if (c == '"') is_quoted = !is_quoted;
        if (!is_quoted && c == '\n') break;
        commas += !is_quoted && c == ',';
        semicolons += !is_quoted && c == ';';
        tabs += !is_quoted && c == '\t';
    }
    if (tabs > commas && tabs > semicolons) return '\t';
    return semicolons > commas ? ';' : ',';
}

/// One cell off the front; what ends it stays.
Result<std::string> take_cell(std::string_view& text, char separator) {
    std::string cell;
    if (text.empty() || text.front() != '"') {
        const auto end = std::min(text.find_first_of(std::string{separator, '\r', '\n'}), text.size());
        cell = text.substr(0, end);
        text.remove_prefix(end);
        return cell;
    }
    text.remove_prefix(1);
    for (;;) {
        const auto quote = text.find('"');
        if (quote == std::string_view::npos) return Error(Fault::malformed, "a quoted cell without its end");
        cell += text.substr(0, quote);
        text.remove_prefix(quote + 1);
        if (text.empty() || text.front() != '"') break;
        cell += '"';
        text.remove_prefix(1);
    }
    // What stands between the quote and the separator belongs to the cell, as Excel reads it.
    const auto end = std::min(text.find_first_of(std::string{separator, '\r', '\n'}), text.size());
    cell += text.substr(0, end);
    text.remove_prefix(end);
    return cell;
}

std::string quoted(std::string_view cell) {
    const auto plain = guarded(cell);
    if (plain.find_first_of(",;\"\r\n\t") == std::string::npos) return plain;
    std::string made = "\"";
    for (const char c : plain) made.append(c == '"' ? 2 : 1, c);
    return made + "\"";
}

void add_line(std::string& text, const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) text += (i == 0 ? "" : ",") + quoted(cells[i]);
    text += "\r\n";
}

} // namespace

Result<Table> read_csv(std::string_view bytes) {
    if (bytes.size() > file_bytes_max) return Error(Fault::full, "a file of more than 8 MiB");
    std::string converted;
    if (bytes.starts_with(utf8_bom)) bytes.remove_prefix(utf8_bom.size());
    if (!is_utf8(bytes)) {
        auto text = from_gb18030(bytes);
        if (!text) return Error(Fault::malformed, "neither UTF-8 nor GB18030: " + text.error().what());
        converted = std::move(*text);
        bytes = converted;
    }
    if (bytes.find('\0') != std::string_view::npos) return Error(Fault::malformed, "no text: save it as CSV UTF-8");
    const char separator = separator_of(bytes);
    std::vector<Table::Row> rows;
    for (std::size_t number = 1; !bytes.empty(); ++number) {
        Table::Row row;
        row.number = number;
        for (;;) {
            auto cell = take_cell(bytes, separator);
            if (!cell) return std::move(cell).error().during("row " + std::to_string(number));
            if (row.cells.size() > 2 * columns_max) return Error(Fault::full, "row " + std::to_string(number) + ": too many columns");
            row.cells.push_back(std::move(*cell));
            if (bytes.empty() || bytes.front() != separator) break;
            bytes.remove_prefix(1);
        }
        if (bytes.starts_with("\r")) bytes.remove_prefix(1);
        if (bytes.starts_with("\n")) bytes.remove_prefix(1);
        if (rows.size() > 2 * rows_max) return Error(Fault::full, "more than 20,000 rows");
        rows.push_back(std::move(row));
    }
    return table_of(std::move(rows));
}

Result<std::string> write_csv(const Table& table, Charset charset) {
    std::string text;
    add_line(text, table.heading);
    for (const auto& row : table.rows) add_line(text, row.cells);
    if (charset == Charset::gb18030) return in_gb18030(text);
    return std::string(utf8_bom) + text;
}

} // namespace gatehouse::registry::sheet
