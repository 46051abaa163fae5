// SPDX-License-Identifier: Apache-2.0
//
// The lines of RFC 9271 (UPS Management Protocol, spoken by NUT's upsd): words between blanks, quoted with '"' where a word holds blanks,
// '\' before '"' and '\', ended by LF. No I/O here.
#pragma once

#include "daemon/base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::nut {

using Words = std::vector<std::string>;

constexpr std::size_t line_bytes_max = 1024; ///< upsd itself sends no longer ones
constexpr std::size_t words_max = 16;

/// The words of one line, without its end. Values are UTF-8 afterwards, whatever the UPS's firmware wrote. Fault::malformed: a quote that
/// is not closed, a control character; Fault::full: more than words_max.
Result<Words> split_line(std::string_view line);

/// A line with its LF; words are quoted where they must be. Fault::malformed: a word with a control character (it would be another
/// command); Fault::full: longer than line_bytes_max.
Result<std::string> make_line(const Words& words);

/// Bytes as they come, lines as they end. Holds at most line_bytes_max and what was added last.
class LineReader {
public:
    void add(std::string_view bytes) { bytes_ += bytes; }
    /// The next whole line without its LF or CR LF; none: more bytes are needed. Fault::full: it does not end within line_bytes_max.
    Result<std::optional<std::string>> next();

private:
    std::string bytes_;
};

} // namespace gatehouse::drivers::nut
