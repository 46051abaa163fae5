// SPDX-License-Identifier: Apache-2.0
//
// What the UPS that this gateway hangs on says of the site's mains, and what follows from it for everybody else: the silence of devices
// belongs to the outage, and at low battery the daemon stops in order while it can.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/outage.hpp"

#include <functional>

namespace gatehouse::app {

constexpr Duration power_look_every = std::chrono::seconds(1);
/// The end must be said for so long: two answers of the UPS. The alarm goes up meanwhile.
constexpr Duration ending_lasts_min = std::chrono::seconds(5);

/// Loop only.
class SitePower final : public drivers::Outage {
public:
    struct Rules {
        std::string ups; ///< device id; empty: no outage is known, and nothing stops
        Duration settle = std::chrono::seconds(300);
    };
    /// What a registered device says of the power (drivers::Driver::power()); none: nothing yet, or it is none that could.
    using PowerOf = std::function<std::optional<drivers::PowerState>(const std::string& id)>;
    SitePower(Clock& clock, PowerOf power_of, Rules rules);

    void change(Rules rules) { rules_ = std::move(rules); }

    /// From the first word of the UPS that the mains are gone until `settle` after the last. A UPS that itself falls silent during an outage
    /// has said its last word, too: an outage that nobody watches blames nothing on the power for longer.
    std::optional<std::string> cause() const override;
    bool is_watched() const override { return state().has_value(); }

    /// Comes back when the battery is about to end.
    Task<void> until_it_ends();

private:
    std::optional<drivers::PowerState> state() const;

    Clock& clock_;
    PowerOf power_of_;
    Rules rules_;
};

} // namespace gatehouse::app
