// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/plates_search.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("the search is written with and without Z") {
    CHECK(encode_plates_search(at("2026-01-15T08:00:00Z"), beijing, true) == golden("plates_search.xml"));
    CHECK(encode_plates_search(at("2026-01-15T00:00:00Z"), beijing, false).find("<picTime>20260115T080000<") != std::string::npos);
}

TEST_CASE("plates come oldest first, and one without a time is counted") {
    const auto page = decode_plates(golden("plates.xml"), beijing);
    REQUIRE(page.has_value());
    REQUIRE(page->rows.size() == 2);
    CHECK(page->unreadable == 1);
    CHECK(page->rows[0].anpr->plate == "蓝沪A7F3K2");
    CHECK(page->rows[0].time.at == at("2026-01-15T00:31:12Z"));
    CHECK(page->rows[1].anpr->plate == "浙A99999");
    CHECK(page->rows[1].anpr->list == "otherList");
    CHECK(page->rows[1].anpr->lane == 1);
    CHECK(decode_plates("<Other/>", beijing).has_error());
    CHECK(decode_plates("<Plates/>", beijing)->rows.empty());
}
