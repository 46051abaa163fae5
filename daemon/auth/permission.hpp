// SPDX-License-Identifier: Apache-2.0
//
// Roles and permissions as one table (design §8).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::auth {

enum class Role { guard, manager, technician, officer, auditor, admin, machine };
std::string_view name_of(Role role);
std::optional<Role> role_named(std::string_view name);
inline constexpr std::array all_roles{Role::guard, Role::manager, Role::technician, Role::officer, Role::auditor, Role::admin, Role::machine};

enum class May {
    see_status,  ///< figures: devices, lanes, disk
    see_devices, ///< addresses, firmware, faults
    change_devices,
    see_records,  ///< facts, never subjects
    see_personal, ///< subjects, details, pictures; each read is audited
    open_doors,
    see_upstreams,
    operate_upstreams, ///< resend, dead letters
    change_upstreams,  ///< entitlements, identity
    verify_log,
    back_up,
    erase, ///< a subject, by order
    export_bundle,
    read_audit,
    see_recordings,    ///< video; each viewing is audited
    lock_recordings,   ///< keep a span for a case
    export_recordings, ///< take video along, signed
    change_places,     ///< buildings, homes, doors, their positions on the plan
    see_things,        ///< what is nobody's: things, organisations, time plans, door groups
    change_things,
    register_visits, ///< expected and arrived visitors
    change_library,  ///< persons, homes, vehicles, credentials; imports and exports
    see_live,        ///< what a camera sees now; each viewing is audited
};
std::string_view name_of(May permission);
inline constexpr std::array all_permissions{
    May::see_status,    May::see_devices,       May::change_devices,   May::see_records,     May::see_personal,      May::open_doors,
    May::see_upstreams, May::operate_upstreams, May::change_upstreams, May::verify_log,      May::back_up,           May::erase,
    May::export_bundle, May::read_audit,        May::see_recordings,   May::lock_recordings, May::export_recordings, May::change_places,
    May::see_things,    May::change_things,     May::register_visits,  May::change_library,  May::see_live};

bool is_allowed(Role role, May permission);

/// Who stands at the other end of a Unix socket.
struct Peer {
    std::uint32_t uid = 0;
    std::vector<std::string> groups; ///< names
};

/// The strongest role the peer's groups give; none: refused.
std::optional<Role> role_of(const Peer& peer, std::string_view socket_group);

} // namespace gatehouse::auth
