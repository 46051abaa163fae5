// SPDX-License-Identifier: Apache-2.0
//
// The command line of a simulator: `--name value` pairs (and `--name` alone for a switch). All simulators know
// --control PORT, --ledger FILE, --seed N; each names its further flags. --help prints them and ends.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::simulators::control {

struct Flag {
    std::string_view name;      // without the dashes
    std::string_view otherwise; // value when absent
    std::string_view meaning;
};

class Options {
public:
    /// Ends the process with 64 and a sentence on stderr at a flag that nobody knows, with 0 at --help.
    Options(int argc, char** argv, std::span<const Flag> further);

    std::uint16_t control_port() const { return static_cast<std::uint16_t>(number("control")); }
    std::string ledger_path() const { return text("ledger"); }
    std::uint64_t seed() const { return static_cast<std::uint64_t>(number("seed")); }

    std::string text(std::string_view name) const;
    /// Ends the process with 64 where the value is not a number. Hexadecimal (0x…) is read too.
    std::int64_t number(std::string_view name) const;
    double real(std::string_view name) const;
    bool is_on(std::string_view name) const; // "on", "true", "1" or the bare flag

private:
    std::map<std::string, std::string, std::less<>> values_;
};

/// Splits "127.0.0.1:60000". Ends the process with 64 where it is not ADDRESS:PORT.
struct Address {
    std::string host;
    std::uint16_t port{};
};
Address parse_address(std::string_view text);

} // namespace gatehouse::simulators::control
