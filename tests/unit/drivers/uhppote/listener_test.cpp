// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/listener.hpp"

#include "tests/unit/drivers/uhppote/site.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;
using namespace gatehouse::tests;

TEST_CASE("what comes from an unknown serial, a wrong address or in a wrong shape is counted and goes nowhere") {
    Site site;
    site.start();
    auto event = site.controller.head(0x20);
    ScriptedController::number(event, 8, 1);
    event[12] = 1;
    site.network.deliver(60001, net::Datagram{{"10.0.0.66", 60000}, event});
    auto other = event;
    other[4] ^= 1;
    site.network.deliver(60001, net::Datagram{site.controller.address, other});
    site.network.deliver(60001, net::Datagram{site.controller.address, Bytes(63, 0x17)});
    site.network.deliver(60001, net::Datagram{site.controller.address, Bytes()});
    site.clock.run_for(1s);
    CHECK(site.listener->counters().wrong_source == 1);
    CHECK(site.listener->counters().unknown_serial == 1);
    CHECK(site.listener->counters().malformed == 2);
    CHECK(site.sink.keys().empty());
}

TEST_CASE("two controllers share the listener, each heard by its own driver") {
    Site site;
    auto& second = site.network.add(425316789, "10.0.0.22");
    auto device = site.device;
    device.id = "south-doors";
    device.serial = second.serial;
    device.address.host = "10.0.0.22";
    UhppoteDriver driver(device, site.surroundings, *site.listener);
    std::optional<Error> over;
    const auto handle = site.group.spawn("second", Site::keep<Error>(driver.run(site.sink), over));
    site.start();
    second.happen();
    site.controller.happen();
    site.controller.happen();
    site.clock.run_for(1s);
    CHECK(site.sink.marks["south-doors"].number == 1);
    CHECK(site.sink.marks["north-doors"].number == 2);
    site.group.cancel(handle);
    site.clock.run_for(1ms);
}

TEST_CASE("a controller that nobody listens to any more is unknown") {
    Site site;
    site.start();
    site.controller.happen();
    site.group.cancel();
    site.clock.run_for(1ms);
    net::Datagram datagram;
    datagram.from = site.controller.address;
    datagram.bytes = site.controller.head(0x20);
    site.listener->hear(datagram);
    CHECK(site.listener->counters().unknown_serial == 1);
}

TEST_CASE("discovery: each controller once, within two and a half seconds") {
    Site site;
    site.network.add(425316789, "10.0.0.22");
    net::Endpoint everybody{"10.0.0.255", 0};
    everybody.port = 60000;
    const auto found = site.result_of(discover(site.surroundings, everybody, net::Binding()), 3s);
    REQUIRE(found.has_value());
    REQUIRE((*found)->size() == 2);
    CHECK((*found)->at(0).device.serial == 425316788);
    CHECK((*found)->at(0).address.host == "10.0.0.21");
    CHECK((*found)->at(1).device.version == "6.62");
}
