// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/plate_text.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("a colour is stripped only before another province sign") {
    struct Row {
        const char *text, *plate, *colour;
    };
    for (const auto& row :
         {Row{"蓝沪A7F3K2", "沪A7F3K2", "blue"}, Row{"黄浙A1234学", "浙A1234学", "yellow"}, Row{"绿浙AD12345", "浙AD12345", "green"},
          Row{"白武A12345", "武A12345", "white"}, Row{"黑沪A12345", "沪A12345", "black"}, Row{"黑A12345", "黑A12345", ""},
          Row{"黑黑A12345", "黑A12345", "black"}, Row{"黄绿浙AD12345", "浙AD12345", "yellow_green"}, Row{"沪A7F3K2", "沪A7F3K2", ""},
          Row{"浙A·12345", "浙A12345", ""}, Row{"1กข-1234", "1กข1234", ""}, Row{"ab 123 c", "AB123C", ""}, Row{"粤Z1234港", "粤Z1234港", ""}}) {
        CAPTURE(row.text);
        CHECK(read_plate_text(row.text).plate == row.plate);
        CHECK(read_plate_text(row.text).colour == row.colour);
    }
}

TEST_CASE("the words for no plate, and texts that are none") {
    for (const auto* text : {"", "unknown", "Unknown", "车牌", "无车牌", "  "}) CHECK(read_plate_text(text).plate.empty());
    CHECK(read_plate_text(std::string(200, 'A')).plate.empty());
}

TEST_CASE("colours, vehicles and lists in our terms") {
    CHECK(plate_colour_of("newEnergyGreen") == "green");
    CHECK(plate_colour_of("blue") == "blue");
    CHECK(plate_colour_of("mauve") == "unknown");
    CHECK(vehicle_kind_of("SUVMPV") == "suv_mpv");
    CHECK(vehicle_kind_of("largeBus") == "bus");
    CHECK(vehicle_kind_of("twoWheelVehicle") == "two_wheel");
    CHECK(vehicle_kind_of("") == "unknown");
    CHECK(list_of("whiteList") == "allow");
    CHECK(list_of("blockList") == "block");
    CHECK(list_of("访客").empty());
}
