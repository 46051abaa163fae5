// SPDX-License-Identifier: Apache-2.0
//
// sync/entitlement: written and read it says the same; nothing personal leaves without a basis that holds.
#include "daemon/base/json.hpp"
#include "sync/entitlement.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>

namespace gatehouse::fuzz {

namespace {

constexpr std::string_view today = "2026-01-15"; ///< in China, at the time below

/// Read here in another way: dates as texts.
bool may_hold(const sync::Basis& basis) { return !basis.document.empty() && !basis.issuer.empty() && !basis.date.empty() && basis.end >= today; }

} // namespace

void entitlement(std::string_view bytes) {
    const auto read = sync::parse_entitlement(bytes);
    if (!read) return;
    const auto text = sync::to_json(*read);
    must_hold(parse_json(text).has_value(), "an entitlement is written as JSON");
    const auto again = sync::parse_entitlement(text);
    must_hold(text.size() > sync::entitlement_bytes_max || (again && sync::to_json(*again) == text), "an entitlement is read back as it was");
    if (again)
        must_hold(again->internet == read->internet && again->snapshots == read->snapshots && again->rules.size() == read->rules.size(),
                  "nothing of an entitlement is lost");
    const Time now = from_us(1'768'437'000'000'000);
    const bool any_holds = std::any_of(read->rules.begin(), read->rules.end(), [&](const sync::Rule& rule) {
        return (rule.subjects && may_hold(*rule.subjects)) ||
               std::any_of(rule.details.begin(), rule.details.end(), [&](const auto& each) { return may_hold(each.basis); }) ||
               std::any_of(rule.pictures.begin(), rule.pictures.end(), [&](const auto& each) { return may_hold(each.basis); });
    });
    for (const auto& spec : all_kinds()) {
        const bool leaves = read->admits_subject(spec.kind, now) || read->admits_picture(spec.kind, PictureRole::face, now) ||
                            read->admits_detail(spec.kind, "card", now);
        must_hold(!leaves || any_holds, "nothing personal leaves without a basis that holds");
        must_hold(!read->is_impersonal(spec.kind) || !leaves, "what is called impersonal is");
    }
    must_hold(sync::warnings(*read, now).size() <= 2 * bytes.size(), "warnings are bounded");
}

} // namespace gatehouse::fuzz
