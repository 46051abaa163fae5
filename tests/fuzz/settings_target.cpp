// SPDX-License-Identifier: Apache-2.0
//
// gatehouse.toml: settings or flaws, never both, never neither; what is read is printed, and the print read again prints the same.
#include "config/settings.hpp"
#include "tests/fuzz/flaws.hpp"

namespace gatehouse::fuzz {

void settings(std::string_view bytes) {
    const auto outcome = config::parse_settings(bytes, "file.toml");
    must_hold(outcome.settings.has_value() == outcome.flaws.empty(), "settings or flaws");
    check_flaws(outcome.flaws, bytes);
    if (!outcome.settings) return;
    const auto printed = config::print_settings(*outcome.settings, config::Language::en);
    const auto again = config::parse_settings(printed, "printed.toml");
    must_hold(again.settings.has_value(), "what is printed can be read");
    const auto& before = outcome.settings->upstreams;
    const auto& after = again.settings->upstreams;
    must_hold(before.size() == after.size() && outcome.settings->gateway.compound == again.settings->gateway.compound, "nothing is lost");
    for (std::size_t i = 0; i < before.size(); ++i)
        must_hold(before[i].entitlements == after[i].entitlements && before[i].from == after[i].from && before[i].root == after[i].root,
                  "what an upstream may have stays as it was");
    must_hold(config::print_settings(*again.settings, config::Language::en) == printed, "what is printed is read back as it was");
}

} // namespace gatehouse::fuzz
