// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/table.hpp"

#include "daemon/base/expects.hpp"
#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace gatehouse::ctl {

namespace {

constexpr std::size_t bytes_a_column_max = 4;

struct Point {
    char32_t value = 0;
    std::size_t bytes = 1;
};

/// `text` is UTF-8 (printable() sees to it), not empty.
Point first_point(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (bytes == 1 || bytes > text.size()) return {lead, 1};
    char32_t value = lead & (0xffu >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
    return {value, bytes};
}

// Unicode's East Asian Width W and F, in the blocks that occur.
bool is_wide(char32_t point) {
    return (point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0x303e) || (point >= 0x3041 && point <= 0xa4cf) ||
           (point >= 0xac00 && point <= 0xd7a3) || (point >= 0xf900 && point <= 0xfaff) || (point >= 0xfe30 && point <= 0xfe6f) ||
           (point >= 0xff00 && point <= 0xff60) || (point >= 0xffe0 && point <= 0xffe6) || (point >= 0x1f300 && point <= 0x1faff) ||
           (point >= 0x20000 && point <= 0x3fffd);
}

bool is_combining(char32_t point) {
    return (point >= 0x300 && point <= 0x36f) || point == 0x200b || point == 0x200d || (point >= 0xfe00 && point <= 0xfe0f);
}

std::size_t columns_of(char32_t point) { return is_combining(point) ? 0 : is_wide(point) ? 2 : 1; }

/// Bidirectional marks and overrides paint as well as escapes do; line and paragraph separators forge lines.
bool is_unsafe(char32_t point) {
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c || point == 0x200e || point == 0x200f ||
           (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

} // namespace

std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const auto point = first_point(text);
        width += columns_of(point.value);
        text.remove_prefix(point.bytes);
    }
    return width;
}

std::string printable(std::string_view foreign) {
    const auto read = read_text(foreign);
    std::string_view text = read.text;
    std::string safe;
    while (!text.empty()) {
        const auto point = first_point(text);
        if (is_unsafe(point.value))
            safe.push_back('?');
        else
            safe.append(text.substr(0, point.bytes));
        text.remove_prefix(point.bytes);
    }
    return safe;
}

std::string clipped(std::string text, std::size_t columns) {
    if (text.size() <= columns) return text;
    std::size_t end = 0, width = 0;
    while (end < text.size()) {
        const auto rest = std::string_view(text).substr(end);
        const auto point = first_point(rest);
        width += columns_of(point.value);
        // Combining marks have no width: bytes are bounded too.
        if (width > columns || end + point.bytes > columns * bytes_a_column_max) break;
        end += point.bytes;
    }
    if (end == text.size()) return text;
    return text.substr(0, end) + "…";
}

Table::Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }

void Table::add(std::vector<std::string> cells) {
    expects(cells.size() == rows_.front().size(), "a row has as many cells as the heading");
    for (auto& cell : cells) cell = printable(cell);
    rows_.push_back(std::move(cells));
}

std::string Table::text() const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            line.append(widths[i] - width_of(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, units.at(unit));
    return text.data();
}

} // namespace gatehouse::ctl
