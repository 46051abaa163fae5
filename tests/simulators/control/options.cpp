// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/control/options.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace gatehouse::simulators::control {
namespace {

constexpr std::array common{
    Flag{"control", "0", "port of the control server on 127.0.0.1; 0: any, see the ready line"},
    Flag{"ledger", "", "file that every event made is appended to, as JSON lines"},
    Flag{"seed", "1", "of all chance in this run"},
};

[[noreturn]] void end_with_usage(const std::string& what) {
    std::fprintf(stderr, "%s (--help lists the flags)\n", what.c_str());
    std::exit(64);
}

} // namespace

Options::Options(int argc, char** argv, std::span<const Flag> further) {
    std::vector<Flag> flags(common.begin(), common.end());
    flags.insert(flags.end(), further.begin(), further.end());
    for (const Flag& flag : flags) values_.emplace(flag.name, flag.otherwise);

    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--help") {
            for (const Flag& flag : flags)
                std::printf("  --%-16s %s [%s]\n", std::string(flag.name).c_str(), std::string(flag.meaning).c_str(),
                            std::string(flag.otherwise).c_str());
            std::exit(0);
        }
        const auto known = word.starts_with("--") ? values_.find(word.substr(2)) : values_.end();
        if (known == values_.end()) end_with_usage("unknown flag " + std::string(word));
        const bool has_value = i + 1 < argc && !std::string_view(argv[i + 1]).starts_with("--");
        known->second = has_value ? argv[++i] : "on";
    }
}

std::string Options::text(std::string_view name) const {
    const auto value = values_.find(name);
    return value == values_.end() ? std::string() : value->second;
}

std::int64_t Options::number(std::string_view name) const {
    const std::string value = text(name);
    char* end = nullptr;
    const long long number = std::strtoll(value.c_str(), &end, 0);
    if (value.empty() || *end != '\0') end_with_usage("--" + std::string(name) + " wants a number, not '" + value + "'");
    return number;
}

double Options::real(std::string_view name) const {
    const std::string value = text(name);
    char* end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    if (value.empty() || *end != '\0') end_with_usage("--" + std::string(name) + " wants a number, not '" + value + "'");
    return number;
}

bool Options::is_on(std::string_view name) const {
    const std::string value = text(name);
    return value == "on" || value == "true" || value == "1";
}

Address parse_address(std::string_view text) {
    const auto colon = text.rfind(':');
    Address address;
    if (colon == std::string_view::npos) end_with_usage("'" + std::string(text) + "' is not ADDRESS:PORT");
    address.host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    if (fault != std::errc() || end != digits.data() + digits.size()) end_with_usage("'" + std::string(text) + "' is not ADDRESS:PORT");
    return address;
}

} // namespace gatehouse::simulators::control
