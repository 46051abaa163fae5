// SPDX-License-Identifier: Apache-2.0
#include "daemon/auth/permission.hpp"

#include <algorithm>

namespace gatehouse::auth {

namespace {

struct RoleRow {
    Role role;
    std::string_view name;
    std::string_view permissions; ///< blank-separated; "*": all
};

// The officer sees figures and devices here; personal data and video only inside an open retrieval case, which comes with the console.
constexpr std::array role_rows{
    RoleRow{Role::guard, "guard", "see_status see_records see_personal open_doors see_things register_visits see_live"},
    RoleRow{Role::manager, "manager",
            "see_status see_devices see_records see_personal open_doors see_upstreams see_recordings lock_recordings export_recordings "
            "change_places see_things change_things register_visits change_library see_live"},
    RoleRow{Role::technician, "technician",
            "see_status see_devices change_devices see_records open_doors see_upstreams operate_upstreams verify_log back_up export_bundle "
            "change_places see_things"},
    RoleRow{Role::officer, "officer", "see_status see_devices see_upstreams see_things"},
    RoleRow{Role::auditor, "auditor", "see_status see_records read_audit verify_log see_upstreams"},
    RoleRow{Role::admin, "admin", "*"},
    RoleRow{Role::machine, "machine", "see_status register_visits"},
};

constexpr std::array permission_names{
    std::string_view("see_status"),      std::string_view("see_devices"),       std::string_view("change_devices"),
    std::string_view("see_records"),     std::string_view("see_personal"),      std::string_view("open_doors"),
    std::string_view("see_upstreams"),   std::string_view("operate_upstreams"), std::string_view("change_upstreams"),
    std::string_view("verify_log"),      std::string_view("back_up"),           std::string_view("erase"),
    std::string_view("export_bundle"),   std::string_view("read_audit"),        std::string_view("see_recordings"),
    std::string_view("lock_recordings"), std::string_view("export_recordings"), std::string_view("change_places"),
    std::string_view("see_things"),      std::string_view("change_things"),     std::string_view("register_visits"),
    std::string_view("change_library"),  std::string_view("see_live"),
};
static_assert(permission_names.size() == all_permissions.size());

// Strongest first: who is in several groups acts as the first of these.
constexpr std::array by_strength{Role::admin, Role::manager, Role::technician, Role::guard, Role::auditor, Role::officer, Role::machine};

bool is_listed(std::string_view list, std::string_view wanted) {
    while (!list.empty()) {
        const auto end = std::min(list.find(' '), list.size());
        if (list.substr(0, end) == wanted) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

} // namespace

std::string_view name_of(Role role) { return role_rows.at(static_cast<std::size_t>(role)).name; }
std::string_view name_of(May permission) { return permission_names.at(static_cast<std::size_t>(permission)); }

std::optional<Role> role_named(std::string_view name) {
    const auto found = std::find_if(role_rows.begin(), role_rows.end(), [&](const RoleRow& row) { return row.name == name; });
    if (found == role_rows.end()) return std::nullopt;
    return found->role;
}

bool is_allowed(Role role, May permission) {
    const auto permissions = role_rows.at(static_cast<std::size_t>(role)).permissions;
    return permissions == "*" || is_listed(permissions, name_of(permission));
}

std::optional<Role> role_of(const Peer& peer, std::string_view socket_group) {
    if (peer.uid == 0) return Role::admin;
    const auto in_group = [&](const std::string& name) { return std::find(peer.groups.begin(), peer.groups.end(), name) != peer.groups.end(); };
    for (const auto role : by_strength)
        if (in_group("gatehouse-" + std::string(name_of(role)))) return role;
    if (!socket_group.empty() && in_group(std::string(socket_group))) return Role::technician;
    return std::nullopt;
}

} // namespace gatehouse::auth
