// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/acs_event_search.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("a search by serial number is written as the guide has it") {
    AcsEventSearch search;
    search.search_id = "5f0c6a52-0b1e-4c53-9a5e-6d6b3f0e8a01";
    search.begin_serial = 20418;
    CHECK(encode_acs_event_search(search, beijing) == without_end(golden("acs_event_search.json")));
    search.begin_serial.reset();
    search.from = at("2026-01-15T00:00:00Z");
    const auto by_time = encode_acs_event_search(search, beijing);
    CHECK(by_time.find(R"("startTime":"2026-01-15T08:00:00+08:00")") != std::string::npos);
    CHECK(by_time.find("beginSerialNo") == std::string::npos);
}

TEST_CASE("a page of rows, whose members have other names than the push") {
    const auto page = decode_acs_event_page(golden("acs_event_page.json"), beijing);
    REQUIRE(page.has_value());
    CHECK(page->total == 2);
    CHECK(page->matches == 2);
    CHECK(!page->more);
    REQUIRE(page->rows.size() == 2);
    CHECK(page->rows[0].access->minor == 21);
    CHECK(page->rows[1].access->serial == 20418u);
    CHECK(page->rows[1].access->person == "30112");
    CHECK(page->rows[1].time.at == at("2026-01-15T00:31:07Z"));
    CHECK(picture_target(page->rows[1].access->picture_url) == "/LOCALS/pic/acsLinkCap/202601_00/15_083107_30075_0.jpeg@WEB000000000031");
}

TEST_CASE("no match, more to come, and rows that cannot be read beside one that can") {
    const auto none = decode_acs_event_page(R"({"AcsEvent":{"totalMatches":0,"responseStatusStrg":"NO MATCH","numOfMatches":0}})", beijing);
    REQUIRE(none.has_value());
    CHECK(none->rows.empty());
    const auto mixed = decode_acs_event_page(
        R"({"AcsEvent":{"totalMatches":"9","responseStatusStrg":"MORE","numOfMatches":"3","InfoList":[{"serialNo":7},{"major":5,"minor":75,"serialNo":8,"time":"2026-01-15T08:31:07+08:00"},3]}})",
        beijing);
    REQUIRE(mixed.has_value());
    CHECK(mixed->more);
    CHECK(mixed->total == 9);
    CHECK(mixed->rows.size() == 1);
    CHECK(mixed->unreadable == std::vector<std::uint64_t>{7, 0});
    CHECK(decode_acs_event_page("{}", beijing).has_error());
    CHECK(decode_acs_event_page("<html>", beijing).has_error());
}

TEST_CASE("a picture's URL gives a path of this device, never another host") {
    CHECK(picture_target("http://evil.example/a@WEB1") == "/a@WEB1");
    CHECK(picture_target("/a/b.jpeg@WEB1") == "/a/b.jpeg@WEB1");
    CHECK(!picture_target("http://evil.example"));
    CHECK(!picture_target("evil"));
    CHECK(!picture_target("/a b"));
    CHECK(!picture_target("/a\r\nHost: x"));
}
