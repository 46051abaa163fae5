// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/password_writer.hpp"

#include "drivers/isapi/users.hpp"
#include "tests/fakes/sim_network.hpp"
#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;

namespace {

/// A client that stands for the digest's outcome: who it is made for is known by the password.
struct Desk {
    Desk() {
        device.id = "term-1";
        device.driver = "isapi";
        device.username = "gate";
        device.password = "Gate-2024!";
        bare.on("GET", "/ISAPI/Security/users", "", 401);
        with_account.on("GET", "/ISAPI/Security/users", golden("users.xml"));
        with_account.on("PUT", "/ISAPI/Security/users/2", golden("response_status.xml"));
    }
    HttpClients clients() {
        return [this](const DeviceInfo& info, Surroundings) -> std::unique_ptr<net::HttpClient> {
            return std::make_unique<ScriptedClient>(info.username.empty() ? bare : with_account, clock);
        };
    }
    Done run(Task<Done> work) {
        std::optional<Done> result;
        auto doing = [](Task<Done> what, std::optional<Done>& kept) -> Task<void> { kept.emplace(co_await std::move(what)); };
        group.spawn("doing", doing(std::move(work), result));
        clock.run_for(std::chrono::seconds(15));
        REQUIRE(result.has_value());
        return std::move(*result);
    }

    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    fakes::SimNetwork network{loop, clock, entropy};
    Surroundings surroundings{loop, clock, entropy, network, beijing};
    ScriptedDevice bare, with_account;
    DeviceInfo device;
    TaskGroup group{loop};
};

} // namespace

TEST_CASE("users: ids, names and levels, and a password for one of them") {
    const auto users = decode_users(golden("users.xml"));
    REQUIRE(users.has_value());
    CHECK(*users == std::vector<User>{{1, "admin", "Administrator"}, {2, "gate", "Operator"}});
    CHECK(encode_user_password((*users)[1], "a<b&c", "old>one") == golden("user_password.xml"));
    CHECK(decode_users(golden("response_status.xml")).error().fault() == Fault::malformed);
    CHECK(decode_users("").has_error());
}

TEST_CASE("password of a device: written to our own account, by its number") {
    Desk desk;
    desk.with_account.on("PUT", "/ISAPI/Security/users/2", "<ResponseStatus><statusCode>1</statusCode></ResponseStatus>");
    const auto writer = make_password_writer(desk.device, desk.surroundings, desk.clients());
    const auto written = desk.run(writer->write("Neues-2026"));
    REQUIRE_MESSAGE(written.has_value(), (written ? "" : written.error().what()));
    CHECK(desk.with_account.last_body("PUT /ISAPI/Security/users/2").find("<password>Neues-2026</password>") != std::string::npos);
    CHECK(desk.with_account.asked("PUT /ISAPI/Security/users/2") == 1);
}

TEST_CASE("password of a device: a no, a lock and silence are told apart, and what nobody is asked for proves nothing") {
    Desk desk;
    desk.with_account.on("PUT", "/ISAPI/Security/users/2",
                         "<ResponseStatus><statusCode>4</statusCode><subStatusCode>notSupport</subStatusCode></ResponseStatus>", 403);
    CHECK(desk.run(make_password_writer(desk.device, desk.surroundings, desk.clients())->write("Neues-2026")).error().fault() == Fault::unsupported);
    desk.with_account.on("GET", "/ISAPI/Security/users", golden("user_check_locked.xml"), 401);
    const auto locked = desk.run(make_password_writer(desk.device, desk.surroundings, desk.clients())->prove());
    CHECK(locked.error().fault() == Fault::refused);
    CHECK(desk.with_account.asked("GET /ISAPI/Security/users") == 2); // once each
    desk.with_account.reachable = false;
    desk.bare.reachable = false;
    CHECK(desk.run(make_password_writer(desk.device, desk.surroundings, desk.clients())->prove()).error().fault() == Fault::unreachable);
    desk.bare.reachable = true;
    desk.bare.on("GET", "/ISAPI/Security/users", golden("users.xml"));
    CHECK(desk.run(make_password_writer(desk.device, desk.surroundings, desk.clients())->prove()).error().fault() == Fault::unsupported);
}
