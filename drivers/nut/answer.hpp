// SPDX-License-Identifier: Apache-2.0
//
// What upsd answers: OK, ERR, one variable, or a list between BEGIN and END (RFC 9271, commands GET and LIST and its table of errors).
#pragma once

#include "drivers/nut/line.hpp"

namespace gatehouse::drivers::nut {

constexpr std::size_t rows_max = 512; ///< of one list; a UPS has some sixty variables

/// Nothing unless the line is "ERR …". Faults: refused (name, password, right), gone (no such UPS), timed_out (DATA-STALE: the UPS is
/// silent), unreachable (its driver does not run), unsupported, full.
std::optional<Error> error_in(const Words& words);

/// "OK" and whatever follows it.
Done read_ok(std::string_view line);

/// "VAR <ups> <name> <value>".
Result<std::string> read_variable(std::string_view line, std::string_view ups, std::string_view name);

/// The rows of LIST `of`, line by line: "BEGIN LIST <of>", rows that begin with `of`, "END LIST <of>".
class ListReader {
public:
    explicit ListReader(Words of) : of_(std::move(of)) {}
    /// True when that was the end. After a fault it takes nothing more. Fault::full: more than rows_max.
    Result<bool> take(std::string_view line);
    /// What follows `of` in each row.
    const std::vector<Words>& rows() const { return rows_; }

private:
    Words of_;
    bool has_begun_ = false;
    std::vector<Words> rows_;
};

} // namespace gatehouse::drivers::nut
