// SPDX-License-Identifier: Apache-2.0
//
// Tables for people: columns as wide as their widest cell, where a Chinese character is two columns wide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::ctl {

/// Columns on a terminal: East Asian wide characters are two, combining marks none.
std::size_t width_of(std::string_view text);

/// Control characters and bidirectional marks of foreign texts as '?', so that a device cannot paint the terminal.
std::string printable(std::string_view text);

/// At most so many columns, and "…" where more was cut off. `text` is printable.
std::string clipped(std::string text, std::size_t columns);

class Table {
public:
    explicit Table(std::vector<std::string> heading);
    /// As many cells as the heading has.
    void add(std::vector<std::string> cells);
    /// Heading, rows; two blanks between columns, none at line ends.
    std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// "1.5 GiB"
std::string bytes_text(std::uint64_t bytes);

} // namespace gatehouse::ctl
