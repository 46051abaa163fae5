// SPDX-License-Identifier: Apache-2.0
#include "daemon/auth/permission.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace gatehouse::auth;

TEST_CASE("every role against every permission, written out by hand") {
    const std::map<std::string_view, std::set<std::string_view>> wanted{
        {"guard", {"see_status", "see_records", "see_personal", "open_doors", "see_things", "register_visits", "see_live"}},
        {"manager",
         {"see_status", "see_devices", "see_records", "see_personal", "open_doors", "see_upstreams", "see_recordings", "lock_recordings",
          "export_recordings", "change_places", "see_things", "change_things", "register_visits", "change_library", "see_live"}},
        {"technician",
         {"see_status", "see_devices", "change_devices", "see_records", "open_doors", "see_upstreams", "operate_upstreams", "verify_log", "back_up",
          "export_bundle", "change_places", "see_things"}},
        {"officer", {"see_status", "see_devices", "see_upstreams", "see_things"}},
        {"auditor", {"see_status", "see_records", "read_audit", "verify_log", "see_upstreams"}},
        {"machine", {"see_status", "register_visits"}},
    };
    for (const auto role : all_roles)
        for (const auto permission : all_permissions) {
            const bool should = role == Role::admin || wanted.at(name_of(role)).contains(name_of(permission));
            CHECK_MESSAGE(is_allowed(role, permission) == should, name_of(role), " / ", name_of(permission));
        }
}

TEST_CASE("a technician sees devices, not people; an officer no personal data outside a case") {
    CHECK_FALSE(is_allowed(Role::technician, May::see_personal));
    CHECK_FALSE(is_allowed(Role::technician, May::see_live));
    CHECK_FALSE(is_allowed(Role::officer, May::see_personal));
    CHECK_FALSE(is_allowed(Role::officer, May::see_records));
}

TEST_CASE("the peer's groups give the strongest role; a stranger has none") {
    CHECK(role_of(Peer{0, {}}, "gatehouse") == Role::admin);
    CHECK(role_of(Peer{1000, {"users", "gatehouse"}}, "gatehouse") == Role::technician);
    CHECK(role_of(Peer{1000, {"gatehouse-guard", "gatehouse-admin"}}, "gatehouse") == Role::admin);
    CHECK(role_of(Peer{1000, {"gatehouse-auditor"}}, "gatehouse") == Role::auditor);
    CHECK_FALSE(role_of(Peer{1000, {"users"}}, "gatehouse").has_value());
    CHECK_FALSE(role_of(Peer{1000, {"users", ""}}, "").has_value());
}
