// SPDX-License-Identifier: Apache-2.0
#include "drivers/uhppote/door_control.hpp"

#include "tests/unit/drivers/uhppote/site.hpp"

using namespace gatehouse;
using namespace gatehouse::drivers::uhppote;
using namespace gatehouse::tests;

TEST_CASE("a door opens; one that is not of this controller is gone; a no is a no") {
    Site site;
    CHECK(site.went_well(site.driver->doors()->open(2)));
    CHECK(site.controller.opened_at_ms.size() == 1);
    for (const std::int64_t door : {0, 3, 5, -1}) CHECK(site.result_of(site.driver->doors()->open(door))->error().fault() == Fault::gone);
    CHECK(site.controller.opened_at_ms.size() == 1);
    site.controller.says_no = true;
    CHECK(site.result_of(site.driver->doors()->open(1))->error().fault() == Fault::refused);
}

TEST_CASE("open-door is sent twice at most, the second time within three seconds") {
    Site site;
    site.controller.swallow_answers = 1;
    CHECK(site.went_well(site.driver->doors()->open(1)));
    REQUIRE(site.controller.opened_at_ms.size() == 2);
    CHECK(site.controller.opened_at_ms[1] - site.controller.opened_at_ms[0] < 3000);
    site.controller.swallow_answers = 10;
    CHECK(site.result_of(site.driver->doors()->open(1))->error().fault() == Fault::timed_out);
    CHECK(site.controller.opened_at_ms.size() == 4);
}

TEST_CASE("a door does not wait for a catch-up") {
    Site site;
    for (int i = 0; i < 2000; ++i) site.controller.happen({}, false);
    site.start(5s);
    const auto asked_at = site.clock.steady_now().time_since_epoch().count() / 1000;
    CHECK(site.went_well(site.driver->doors()->open(1), 500ms));
    CHECK(site.controller.opened_at_ms.at(0) - asked_at <= 50);
    CHECK(site.mark().number < 2000);
}

TEST_CASE("a door goes before everything that waits") {
    Site site;
    std::vector<std::optional<Result<std::optional<drivers::CardRow>>>> reads(5);
    for (auto& read : reads) site.group.spawn("read", Site::keep<Result<std::optional<drivers::CardRow>>>(site.driver->cards()->get(7), read));
    while (site.loop.poll() > 0) {
    }
    std::optional<Done> opened;
    site.group.spawn("door", Site::keep<Done>(site.driver->doors()->open(1), opened));
    site.clock.run_for(25ms);
    CHECK(site.controller.opened_at_ms.size() == 1);
    CHECK(site.controller.asked[0x5a] == 1);
    site.clock.run_for(1s);
    CHECK(site.controller.asked[0x5a] == 5);
}
