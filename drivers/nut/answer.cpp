// SPDX-License-Identifier: Apache-2.0
#include "drivers/nut/answer.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::drivers::nut {

namespace {

constexpr std::size_t quoted_bytes_max = 64;

struct Code {
    std::string_view name;
    Fault fault;
    std::string_view words;
};
constexpr std::array codes{
    Code{"ACCESS-DENIED", Fault::refused, "upsd lets this address or this user not in"},
    Code{"INVALID-USERNAME", Fault::refused, "upsd does not know the user"},
    Code{"INVALID-PASSWORD", Fault::refused, "upsd does not take the password"},
    Code{"USERNAME-REQUIRED", Fault::refused, "upsd wants a user's name"},
    Code{"PASSWORD-REQUIRED", Fault::refused, "upsd wants a password"},
    Code{"UNKNOWN-UPS", Fault::gone, "upsd knows no UPS of this name"},
    Code{"DATA-STALE", Fault::timed_out, "the UPS is silent: check its cable to the machine that upsd runs on"},
    Code{"DRIVER-NOT-CONNECTED", Fault::unreachable, "the UPS's driver does not run: upsdrvctl start, on the machine that upsd runs on"},
    Code{"VAR-NOT-SUPPORTED", Fault::unsupported, "the UPS has no such variable"},
    Code{"FEATURE-NOT-SUPPORTED", Fault::unsupported, "upsd was built without it"},
    Code{"FEATURE-NOT-CONFIGURED", Fault::unsupported, "upsd is not configured for it"},
    Code{"UNKNOWN-COMMAND", Fault::unsupported, "upsd does not know the command"},
    Code{"INVALID-ARGUMENT", Fault::malformed, "upsd does not understand the command"},
    Code{"TOO-LONG", Fault::full, "too long for upsd"},
};

bool begins_with(const Words& words, const Words& with, std::size_t from = 0) {
    return words.size() >= from + with.size() && std::equal(with.begin(), with.end(), words.begin() + static_cast<std::ptrdiff_t>(from));
}

Error unexpected(std::string_view line) {
    return Error(Fault::malformed, "upsd answered '" + cut_utf8(read_text(line).text, quoted_bytes_max) + "'");
}

} // namespace

std::optional<Error> error_in(const Words& words) {
    if (words.empty() || words[0] != "ERR") return std::nullopt;
    const auto name = words.size() > 1 ? words[1] : std::string();
    const auto found = std::find_if(codes.begin(), codes.end(), [&](const Code& code) { return code.name == name; });
    if (found == codes.end()) return Error(Fault::refused, "upsd said ERR " + cut_utf8(name, quoted_bytes_max));
    return Error(found->fault, std::string(found->words) + " (" + name + ")");
}

Done read_ok(std::string_view line) {
    auto words = split_line(line);
    if (!words) return std::move(words).error();
    if (auto error = error_in(*words)) return std::move(*error);
    if (words->empty() || words->front() != "OK") return unexpected(line);
    return {};
}

Result<std::string> read_variable(std::string_view line, std::string_view ups, std::string_view name) {
    auto words = split_line(line);
    if (!words) return std::move(words).error();
    if (auto error = error_in(*words)) return std::move(*error);
    const Words expected{"VAR", std::string(ups), std::string(name)};
    if (words->size() != 4 || !begins_with(*words, expected)) return unexpected(line);
    return std::move(words->back());
}

Result<bool> ListReader::take(std::string_view line) {
    auto words = split_line(line);
    if (!words) return std::move(words).error();
    if (auto error = error_in(*words)) return std::move(*error);
    const auto frames = [&](std::string_view word) {
        return words->size() == of_.size() + 2 && words->at(0) == word && words->at(1) == "LIST" && begins_with(*words, of_, 2);
    };
    if (!has_begun_) {
        if (!frames("BEGIN")) return unexpected(line);
        has_begun_ = true;
        return false;
    }
    if (frames("END")) return true;
    if (!begins_with(*words, of_)) return unexpected(line);
    if (rows_.size() == rows_max) return Error(Fault::full, "a list of more than " + std::to_string(rows_max) + " rows");
    rows_.emplace_back(words->begin() + static_cast<std::ptrdiff_t>(of_.size()), words->end());
    return false;
}

} // namespace gatehouse::drivers::nut
