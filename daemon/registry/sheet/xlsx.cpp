// SPDX-License-Identifier: Apache-2.0
//
// The little of ECMA-376 that a table needs: the first sheet's cells as texts. pugixml expands no outer entities and loads nothing.
#include "daemon/base/text.hpp"
#include "daemon/registry/sheet/table.hpp"
#include "daemon/registry/sheet/zip.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <set>

namespace gatehouse::registry::sheet {

namespace {

constexpr std::size_t shared_strings_max = 1'300'000; // rows by columns
constexpr int days_to_1970 = 25569;                   // Excel's day 1 is 1900-01-01, and it believes in a 29 February of that year

Result<void> load(pugi::xml_document& document, const std::string& text) {
    const auto parsed = document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata, pugi::encoding_utf8);
    if (!parsed) return Error(Fault::malformed, std::string("XML: ") + parsed.description());
    return {};
}

/// Children of a name, whatever their prefix.
bool is_named(const pugi::xml_node& node, std::string_view name) {
    const std::string_view full = node.name();
    const auto colon = full.find(':');
    return full.substr(colon == std::string_view::npos ? 0 : colon + 1) == name;
}

pugi::xml_node child_of(const pugi::xml_node& parent, std::string_view name) {
    for (const auto& child : parent.children())
        if (is_named(child, name)) return child;
    return {};
}

/// All text of <t>, and of <t> in <r>, but for phonetic hints (<rPh>).
std::string text_in(const pugi::xml_node& node) {
    std::string text;
    for (const auto& child : node.children()) {
        if (is_named(child, "t")) text += child.text().get();
        if (is_named(child, "r")) text += child_of(child, "t").text().get();
        if (text.size() > 4 * cell_bytes_max) break;
    }
    return text;
}

/// "xl/worksheets/sheet1.xml": the first sheet's part, by the workbook and its relations.
Result<std::string> first_sheet(ZipReader& zip) {
    auto workbook = zip.part("xl/workbook.xml");
    if (!workbook) return Error(Fault::unsupported, "no workbook of Excel or WPS");
    auto relations = zip.part("xl/_rels/workbook.xml.rels");
    if (!relations) return std::move(relations).error();
    pugi::xml_document book, links;
    if (auto good = load(book, *workbook); !good) return std::move(good).error();
    if (auto good = load(links, *relations); !good) return std::move(good).error();
    const auto sheet = child_of(child_of(book.document_element(), "sheets"), "sheet");
    std::string_view wanted = sheet.attribute("r:id").value();
    for (const auto& link : links.document_element().children()) {
        if (wanted != link.attribute("Id").value()) continue;
        const std::string target = link.attribute("Target").value();
        return target.starts_with("/") ? target.substr(1) : "xl/" + target;
    }
    return Error(Fault::malformed, "the workbook has no sheet");
}

Result<std::vector<std::string>> shared_strings(ZipReader& zip) {
    std::vector<std::string> strings;
    auto part = zip.part("xl/sharedStrings.xml");
    if (!part && part.error().fault() == Fault::gone) return strings;
    if (!part) return std::move(part).error();
    pugi::xml_document document;
    if (auto good = load(document, *part); !good) return std::move(good).error();
    for (const auto& item : document.document_element().children()) {
        if (!is_named(item, "si")) continue;
        if (strings.size() == shared_strings_max) return Error(Fault::full, "too many shared strings");
        strings.push_back(text_in(item));
    }
    return strings;
}

bool shows_day(int format, std::string_view code) {
    if (format >= 14 && format <= 22) return true;
    if ((format >= 27 && format <= 36) || (format >= 50 && format <= 58)) return true; // Chinese locales
    return code.find('y') != std::string_view::npos && code.find('d') != std::string_view::npos;
}

/// Numbers of cell styles that show a day.
Result<std::set<int>> day_styles(ZipReader& zip) {
    std::set<int> styles;
    auto part = zip.part("xl/styles.xml");
    if (!part && part.error().fault() == Fault::gone) return styles;
    if (!part) return std::move(part).error();
    pugi::xml_document document;
    if (auto good = load(document, *part); !good) return std::move(good).error();
    std::map<int, std::string> codes;
    for (const auto& format : child_of(document.document_element(), "numFmts").children())
        codes[format.attribute("numFmtId").as_int()] = lower(format.attribute("formatCode").value());
    int number = 0;
    for (const auto& style : child_of(document.document_element(), "cellXfs").children()) {
        const int format = style.attribute("numFmtId").as_int();
        if (shows_day(format, codes[format])) styles.insert(number);
        ++number;
    }
    return styles;
}

/// Howard Hinnant's civil_from_days, by the calendar of C++20.
std::string day_text(double serial) {
    const std::chrono::sys_days day{std::chrono::days(static_cast<int>(std::floor(serial)) - days_to_1970)};
    const std::chrono::year_month_day date(day);
    const auto two = [](unsigned number) { return (number < 10 ? "-0" : "-") + std::to_string(number); };
    return std::to_string(static_cast<int>(date.year())) + two(static_cast<unsigned>(date.month())) + two(static_cast<unsigned>(date.day()));
}

/// "13812345678" of "1.3812345678E10": a phone that was typed as a number is itself while a double holds it.
std::string number_text(std::string_view text, bool is_day) {
    double value = 0;
    const auto [stopped, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc() || stopped != text.data() + text.size()) return std::string(text);
    if (is_day && value >= 1 && value < 110'000) return day_text(value);
    if (value == std::floor(value) && std::fabs(value) < 1e15) return std::to_string(static_cast<long long>(value));
    return std::string(text); // digits that a double has lost: judged, and told, as what stands there
}

/// 0 for "A1"; none: no reference.
std::optional<std::size_t> column_of(std::string_view reference) {
    std::size_t column = 0;
    std::size_t letters = 0;
    while (letters < reference.size() && letters < 3 && reference[letters] >= 'A' && reference[letters] <= 'Z')
        column = column * 26 + static_cast<std::size_t>(reference[letters++] - 'A' + 1);
    if (letters == 0) return std::nullopt;
    return column - 1;
}

struct Book {
    std::vector<std::string> strings;
    std::set<int> days;
};

std::string cell_text(const pugi::xml_node& cell, const Book& book) {
    const std::string_view type = cell.attribute("t").value();
    if (type == "inlineStr") return text_in(child_of(cell, "is"));
    const std::string value = child_of(cell, "v").text().get();
    if (type == "s") {
        const auto at = gatehouse::to_number(value);
        return at && *at >= 0 && static_cast<std::size_t>(*at) < book.strings.size() ? book.strings[static_cast<std::size_t>(*at)] : std::string();
    }
    if (type == "b") return value == "1" ? "true" : "false";
    if (type == "str" || type == "e" || type == "d") return value;
    return value.empty() ? std::string() : number_text(value, book.days.contains(cell.attribute("s").as_int()));
}

Result<std::vector<Table::Row>> rows_in(const std::string& sheet, const Book& book) {
    pugi::xml_document document;
    if (auto good = load(document, sheet); !good) return std::move(good).error();
    std::vector<Table::Row> rows;
    std::size_t number = 0;
    for (const auto& line : child_of(document.document_element(), "sheetData").children()) {
        if (!is_named(line, "row")) continue;
        number = std::max<std::size_t>(number + 1, line.attribute("r").as_uint());
        if (rows.size() > 2 * rows_max) return Error(Fault::full, "more than 20,000 rows");
        Table::Row row;
        row.number = number;
        std::size_t next = 0;
        for (const auto& cell : line.children()) {
            if (!is_named(cell, "c")) continue;
            const auto column = column_of(cell.attribute("r").value()).value_or(next);
            next = column + 1;
            auto text = cell_text(cell, book);
            if (text.empty()) continue;
            if (column >= columns_max) return Error(Fault::full, "row " + std::to_string(number) + ": more than 64 columns");
            if (row.cells.size() <= column) row.cells.resize(column + 1);
            row.cells[column] = std::move(text);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string escaped_xml(std::string_view text) {
    std::string made;
    for (const char c : text) {
        if (c == '&')
            made += "&amp;";
        else if (c == '<')
            made += "&lt;";
        else if (c == '>')
            made += "&gt;";
        else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
            made += c;
    }
    return made;
}

void add_row(std::string& xml, const std::vector<std::string>& cells) {
    xml += "<row>";
    for (const auto& cell : cells) xml += "<c t=\"inlineStr\"><is><t xml:space=\"preserve\">" + escaped_xml(cell) + "</t></is></c>";
    xml += "</row>";
}

constexpr std::string_view xml_head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
#define GATEHOUSE_OOXML "http://schemas.openxmlformats.org/"

} // namespace

Result<Table> read_xlsx(std::string_view bytes) {
    if (bytes.size() > file_bytes_max) return Error(Fault::full, "a file of more than 8 MiB");
    auto zip = ZipReader::open(bytes);
    if (!zip) return std::move(zip).error();
    auto name = first_sheet(*zip);
    if (!name) return std::move(name).error();
    auto strings = shared_strings(*zip);
    if (!strings) return std::move(strings).error();
    auto days = day_styles(*zip);
    if (!days) return std::move(days).error();
    auto sheet = zip->part(*name);
    if (!sheet) return std::move(sheet).error();
    auto rows = rows_in(*sheet, Book{std::move(*strings), std::move(*days)});
    if (!rows) return std::move(rows).error();
    return table_of(std::move(*rows));
}

std::string write_xlsx(const Table& table) {
    const std::string head(xml_head);
    std::string sheet = head + "<worksheet xmlns=\"" GATEHOUSE_OOXML "spreadsheetml/2006/main\"><sheetData>";
    add_row(sheet, table.heading);
    for (const auto& row : table.rows) add_row(sheet, row.cells);
    sheet += "</sheetData></worksheet>";
    return write_zip({
        {"[Content_Types].xml",
         head + "<Types xmlns=\"" GATEHOUSE_OOXML "package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/"
                "vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"application/"
                "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/><Override PartName=\"/xl/worksheets/sheet1.xml\" "
                "ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/></Types>"},
        {"_rels/.rels", head + "<Relationships xmlns=\"" GATEHOUSE_OOXML
                               "package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"" GATEHOUSE_OOXML
                               "officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"},
        {"xl/workbook.xml", head + "<workbook xmlns=\"" GATEHOUSE_OOXML "spreadsheetml/2006/main\" xmlns:r=\"" GATEHOUSE_OOXML
                                   "officeDocument/2006/relationships\"><sheets><sheet name=\"1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"},
        {"xl/_rels/workbook.xml.rels", head + "<Relationships xmlns=\"" GATEHOUSE_OOXML
                                              "package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"" GATEHOUSE_OOXML
                                              "officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"},
        {"xl/worksheets/sheet1.xml", sheet},
    });
}

} // namespace gatehouse::registry::sheet
