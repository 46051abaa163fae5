// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/site_power.hpp"

namespace gatehouse::app {

SitePower::SitePower(Clock& clock, PowerOf power_of, Rules rules) : clock_(clock), power_of_(std::move(power_of)), rules_(std::move(rules)) {}

std::optional<drivers::PowerState> SitePower::state() const {
    if (rules_.ups.empty()) return std::nullopt;
    return power_of_(rules_.ups);
}

std::optional<std::string> SitePower::cause() const {
    const auto power = state();
    if (!power || !power->on_battery_heard) return std::nullopt;
    if (clock_.steady_now() - *power->on_battery_heard > rules_.settle) return std::nullopt;
    return power->lost_id;
}

Task<void> SitePower::until_it_ends() {
    std::optional<Instant> since;
    for (;;) {
        const auto power = state();
        const auto now = clock_.steady_now();
        if (!power || !power->is_ending)
            since.reset();
        else if (!since)
            since = now;
        if (since && now - *since >= ending_lasts_min) co_return;
        co_await clock_.sleep_for(power_look_every);
    }
}

} // namespace gatehouse::app
