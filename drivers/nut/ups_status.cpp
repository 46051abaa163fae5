// SPDX-License-Identifier: Apache-2.0
#include "drivers/nut/ups_status.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::drivers::nut {

namespace {

constexpr bool in_enumeration_order() {
    for (std::size_t i = 0; i < conditions.size(); ++i)
        if (static_cast<std::size_t>(conditions[i].condition) != i) return false;
    return true;
}
static_assert(in_enumeration_order(), "one row a condition, in order");

} // namespace

UpsStatus read_status(std::string_view words, const UpsStatus& before) {
    UpsStatus status;
    bool has_mains = false, tries_battery = false;
    while (!words.empty()) {
        const auto word = words.substr(0, words.find(' '));
        words.remove_prefix(std::min(word.size() + 1, words.size()));
        if (word.empty()) continue;
        const auto found = std::find_if(conditions.begin(), conditions.end(), [&](const ConditionSpec& spec) { return spec.word == word; });
        if (found != conditions.end()) {
            status.set(found->condition, true);
            continue;
        }
        has_mains = has_mains || word == "OL";
        tries_battery = tries_battery || word == "CAL";
        status.others += (status.others.empty() ? "" : " ") + std::string(word);
    }
    status.others = cut_utf8(status.others, status_bytes_max);
    const bool leaves_open = tries_battery || (!has_mains && !status.has(Condition::on_battery));
    if (leaves_open) status.set(Condition::on_battery, before.has(Condition::on_battery));
    return status;
}

std::string words_of(const UpsStatus& status) {
    std::string words;
    for (const auto& spec : conditions)
        if (status.has(spec.condition)) words += (words.empty() ? "" : " ") + std::string(spec.word);
    return words;
}

std::vector<Change> changes(const UpsStatus& before, const UpsStatus& now) {
    std::vector<Change> found;
    for (const auto& spec : conditions)
        if (before.has(spec.condition) != now.has(spec.condition)) found.push_back({&spec, now.has(spec.condition)});
    return found;
}

bool is_ending(const UpsStatus& status) {
    return status.has(Condition::forced_shutdown) || (status.has(Condition::on_battery) && status.has(Condition::battery_low));
}

} // namespace gatehouse::drivers::nut
