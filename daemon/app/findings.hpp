// SPDX-License-Identifier: Apache-2.0
//
// What only the composition can see of this machine, for `check`: its networks, its clock, its files, its settings, its certificates.
// Each part is a function of values; own_findings() alone looks at the machine. README.md of daemon/ctl lists every fault.
#pragma once

#include "config/secrets.hpp"
#include "config/settings.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/console/parts.hpp"
#include "daemon/net/interfaces.hpp"
#include "daemon/store/medium.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::app {

using Findings = std::vector<console::Finding>;

/// The machine's networks, and what the settings and the registry ask of them.
struct Networks {
    std::vector<net::Interface> interfaces;
    std::vector<std::string> forwarding;        ///< where it is on
    std::map<std::string, std::string> devices; ///< a registered device -> the interface that it names
};
Findings network_findings(const config::Settings& settings, const Networks& networks);

/// What the log lies on, without measuring.
Findings medium_findings(const store::Medium& medium);

/// `folders` are the daemon's alone (0700), `secrets` files too (0600); all belong to `we`.
Findings rights_findings(const std::vector<store::Rights>& folders, const std::vector<store::Rights>& secrets, std::uint32_t we);

/// The settings as they stand in their file, and as they are in force.
struct SettingsState {
    std::string file;
    std::vector<config::Flaw> flaws; ///< of the file as it stands now
    bool is_changed = false;         ///< the file says something else than what is in force
    bool needs_restart = false;      ///< what is in force says something that holds from the next start on
    std::string import_file, import_failed;
};
Findings settings_findings(const SettingsState& state);
/// Both differ in something that a reload does not take up.
bool needs_restart(const config::Settings& begun, const config::Settings& now);

/// Each certificate, authority and key that the upstreams name: readable, fitting, valid now, and for 30 days more (F33).
Findings certificate_findings(const config::Settings& settings, Time now);

/// What own_findings() looks at. Values: it is looked at in the pool.
struct Machine {
    config::Settings settings; ///< in force
    config::Settings begun;    ///< at the start
    std::string settings_file;
    config::SecretPlaces secret_places;
    std::string import_failed; ///< why devices.import_file was not taken; empty: it was
    std::map<std::string, std::string> device_interfaces;
};
/// All of them. Reads small files, and may hang where the disk does: in the pool, never on the loop.
Findings own_findings(const Machine& machine, const Clock& clock);

/// power.ups in the settings, and whether that device has said anything of the power.
std::optional<console::Finding> power_finding(const std::string& ups, bool is_heard);

} // namespace gatehouse::app
