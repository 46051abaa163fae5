// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/exchange.hpp"

#include "tests/unit/drivers/uhppote/site.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;
using namespace gatehouse::tests;

TEST_CASE("answers of another address, serial or function are nobody's") {
    Site site;
    site.controller.silent = true;
    site.network.before_answer = [&](std::uint16_t port) {
        auto answer = site.controller.head(0x40);
        answer[8] = 1;
        site.network.deliver(port, net::Datagram{{"10.0.0.66", 60000}, answer}); // another address
        site.network.deliver(port, net::Datagram{{"10.0.0.21", 60009}, answer}); // another port
        auto other = answer;
        other[4] ^= 1;
        site.network.deliver(port, net::Datagram{site.controller.address, other});
        other = answer;
        other[1] = 0x52;
        site.network.deliver(port, net::Datagram{site.controller.address, other});
    };
    const auto opened = site.result_of(site.driver->doors()->open(1));
    REQUIRE(opened);
    CHECK(!opened->has_value());
    CHECK(site.driver->exchange_counters().strays == 6);
    CHECK(site.driver->exchange_counters().malformed == 2);
}

TEST_CASE("an answer that comes after its question was given up never answers the next one") {
    Site site;
    site.controller.swallow_answers = 2;
    CHECK(!site.went_well(site.driver->doors()->open(1)));
    const auto old_port = site.network.last_sender;
    site.controller.says_no = true;
    auto late = site.controller.head(0x40);
    late[8] = 1;
    site.network.before_answer = [&](std::uint16_t port) {
        CHECK(port != old_port);
        site.network.deliver(old_port, net::Datagram{site.controller.address, late});
    };
    const auto opened = site.result_of(site.driver->doors()->open(1));
    CHECK(opened->error().fault() == Fault::refused);
}

TEST_CASE("questions go out one at a time, with a pause between them") {
    Site site;
    std::optional<Done> one, two;
    site.group.spawn("one", Site::keep<Done>(site.driver->doors()->open(1), one));
    site.group.spawn("two", Site::keep<Done>(site.driver->doors()->open(2), two));
    site.clock.run_for(1s);
    REQUIRE(site.controller.opened_at_ms.size() == 2);
    CHECK(site.controller.opened_at_ms[1] - site.controller.opened_at_ms[0] >= 20);
    CHECK(one->has_value());
    CHECK(two->has_value());
}

TEST_CASE("another controller at the address is named with its serial number") {
    Site site;
    site.controller.serial = 423187757;
    site.start(15s);
    REQUIRE(site.over.has_value());
    CHECK(site.over->what().find("another controller answers at 10.0.0.21:60000: serial 423187757, not 425316788") != std::string::npos);
    CHECK(site.driver->status().fault == site.over->what());
    // An empty address stays silence.
    Site empty;
    empty.controller.silent = true;
    empty.start(15s);
    REQUIRE(empty.over.has_value());
    CHECK(empty.over->fault() == Fault::timed_out);
    CHECK(empty.over->what().find("another controller") == std::string::npos);
}
