// SPDX-License-Identifier: Apache-2.0
//
// Vendors' event codes: rows or flaws; what is read is printed, and the print read again prints the same.
#include "config/events.hpp"
#include "tests/fuzz/flaws.hpp"

namespace gatehouse::fuzz {

void events(std::string_view bytes) {
    const auto outcome = config::parse_events(bytes, "file.toml");
    must_hold(outcome.codes.has_value() == outcome.flaws.empty(), "codes or flaws");
    check_flaws(outcome.flaws, bytes);
    if (!outcome.codes) return;
    for (const auto& code : outcome.codes->access) must_hold(code.first <= code.last, "a range has a beginning and an end");
    const config::Words heading{"事件", "events"};
    const auto printed = config::print_events(*outcome.codes, heading);
    const auto again = config::parse_events(printed, "printed.toml");
    must_hold(again.codes.has_value(), "what is printed can be read");
    const auto is_same_access = [](const config::AccessCode& one, const config::AccessCode& other) {
        return one.major == other.major && one.first == other.first && one.last == other.last && one.kind == other.kind &&
               one.method == other.method && one.reason == other.reason && one.code == other.code;
    };
    const auto is_same_smart = [](const config::SmartCode& one, const config::SmartCode& other) {
        return one.event == other.event && one.began == other.began && one.ended == other.ended && one.code == other.code &&
               one.only_with_faces == other.only_with_faces;
    };
    const auto& [access, smart] = *outcome.codes;
    must_hold(std::equal(access.begin(), access.end(), again.codes->access.begin(), again.codes->access.end(), is_same_access) &&
                  std::equal(smart.begin(), smart.end(), again.codes->smart.begin(), again.codes->smart.end(), is_same_smart),
              "what is printed is read back as it was");
}

} // namespace gatehouse::fuzz
