// SPDX-License-Identifier: Apache-2.0
//
// F31: a connection that one side holds for alive and no packet passes: really dropped, without a reset, inwards and outwards, between the
// gateway and its broker and between the gateway and a camera.
#include "tests/harness/eventually.hpp"
#include "tests/harness/world.hpp"
#include "tests/scenario/networks/two_networks.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <chrono>
#include <cstdio>

using namespace gatehouse::harness;
using namespace gatehouse::networks;

namespace {

using Steady = std::chrono::steady_clock;
constexpr auto noticed_within = 35s; // 25 s without an acknowledgement, or TCP's own 30 s of silence, and a look each second

/// While it lives, no TCP packet comes in by (or goes out by) this card of the gateway's.
class Dropping {
public:
    Dropping(const std::string& card, const std::string& way) {
        const auto hook = way == "in" ? "input" : "output";
        const auto name = way == "in" ? "iifname" : "oifname";
        shell("nft add table inet halfopen; nft 'add chain inet halfopen drops { type filter hook " + std::string(hook) +
              " priority 0; }'; nft add rule inet halfopen drops " + name + " " + card + " meta l4proto tcp drop");
    }
    ~Dropping() { shell("nft delete table inet halfopen"); }
    Dropping(const Dropping&) = delete;
    Dropping& operator=(const Dropping&) = delete;
};

std::string state_of(World& world, const std::string& what, const std::string& name) {
    const auto list = boost::json::parse(world.gateway().api().ask("GET", "/api/v1/status").body).at(what).as_array();
    for (const auto& one : list) {
        const auto& object = one.as_object();
        const auto* id = object.if_contains("id") != nullptr ? object.if_contains("id") : object.if_contains("name");
        if (id != nullptr && id->is_string() && std::string(id->as_string()) == name) return std::string(object.at("state").as_string());
    }
    return "";
}

void wait_for_state(World& world, const std::string& what, const std::string& name, bool is_online, std::chrono::milliseconds within) {
    const auto began = Steady::now();
    eventually(
        name + (is_online ? " online" : " noticed"), [&] { return (state_of(world, what, name) == "online") == is_online; }, within);
    std::printf("%s %s after %.1f s\n", name.c_str(), is_online ? "online" : "noticed", std::chrono::duration<double>(Steady::now() - began).count());
}

} // namespace

TEST_CASE("packets dropped without a word, in and out, to the broker and to a camera: noticed in time, resumed, nothing lost or doubled (F31)" *
          doctest::test_suite("long") * doctest::skip()) {
    const Networks networks; // we stand in the gateway's
    try {
        shell("nft list ruleset");
    } catch (const Trouble& why) {
        skip(std::string("no packet can be dropped here: ") + why.what());
    }
    GatewayOptions gateway;
    gateway.listen = "10.1.1.1";
    gateway.listen_interface = "ghdev";
    World world(gateway);
    PlatformOptions options;
    options.address = "10.2.2.2:18884";
    options.more_settings = "interface = \"ghpol\"\n";
    options.broker.more = "listener 18884 10.2.2.2\nallow_anonymous true\n";
    Platform* district = nullptr;
    UhppoteDoors* doors = nullptr;
    PlateCamera* camera = nullptr;
    {
        const In inside(networks.police);
        district = &world.platform("district", options);
    }
    {
        const In inside(networks.devices);
        UhppoteOptions with;
        with.address = "10.1.1.2";
        with.interface = "ghdev";
        doors = &world.uhppote("doors", with);
        IsapiOptions camera_with;
        camera_with.address = "10.1.1.2";
        camera_with.interface = "ghdev";
        camera = &world.plate_camera("north-gate", camera_with, {{"heartbeat_s", "5"}});
    }
    {
        const In inside(networks.police);
        world.start_platforms();
    }
    // The routing table tells the truth here.
    shell("ip route del 10.1.1.2/32; ip route del 10.2.2.2/32");
    world.gateway().start();
    std::size_t cars = 0;
    const auto drive = [&] {
        const In inside(networks.devices);
        camera->drive("浙A1" + std::to_string(1000 + ++cars));
    };
    const auto swipe = [&](std::size_t count) {
        const In inside(networks.devices);
        doors->burst(count);
    };
    const auto all_arrive = [&] {
        std::size_t made = 0;
        {
            const In inside(networks.devices);
            made = world.all_made().size();
        }
        const In inside(networks.police);
        const auto kept = [&] {
            std::size_t of_devices = 0;
            for (const auto* lane : {"routine", "urgent"})
                for (const auto& event : district->kept(lane))
                    for (const auto* about : {"pass.", "door.", "button.", "vehicle."}) of_devices += event.kind.starts_with(about) ? 1u : 0u;
            return of_devices;
        };
        district->wait_for(
            "all that was made", [&](Platform&) { return kept() >= made; }, 90s);
        CHECK(kept() == made);
        CHECK(district->figure("holes") == 0);
        CHECK(district->figure("altered") == 0);
    };
    drive();
    swipe(20);
    wait_for_state(world, "devices", "north-gate", true, 30s);
    all_arrive();

    // What the broker repeats because we seem not to have it keeps our TCP hopeful, for minutes.
    const auto let_broker_speak = [&] {
        const In inside(networks.police);
        run_to_end("/usr/bin/mosquitto_pub",
                   {"-h", "10.2.2.2", "-p", "18884", "-V", "5", "-q", "1", "-t", "gatehouse/v1/gw-0001/requests", "-m", "a word on the way"});
    };
    for (const auto* way : {"in", "out"}) {
        INFO("broker, ", way);
        {
            const Dropping dropping("ghpol", way);
            let_broker_speak();
            swipe(20);
            wait_for_state(world, "upstreams", "district", false, noticed_within);
            swipe(20);
        }
        wait_for_state(world, "upstreams", "district", true, 70s);
        all_arrive();
    }
    for (const auto* way : {"in", "out"}) {
        INFO("camera, ", way);
        {
            const Dropping dropping("ghdev", way);
            drive();
            wait_for_state(world, "devices", "north-gate", false, noticed_within);
            drive();
        }
        wait_for_state(world, "devices", "north-gate", true, 90s);
        drive();
        all_arrive();
    }
}
