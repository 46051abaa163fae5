// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace gatehouse::drivers {

/// Whether a device that falls silent now has most likely lost its power with everything else. Known by daemon/app, which sees the site's
/// UPS. Loop only.
class Outage {
public:
    virtual ~Outage() = default;
    /// The id of the power.lost record that a silence follows from; none: no outage is on, nor was one lately.
    virtual std::optional<std::string> cause() const = 0;
    /// A UPS tells of the mains, within four seconds: who falls silent sooner waits for its word.
    virtual bool is_watched() const { return false; }
};

} // namespace gatehouse::drivers
