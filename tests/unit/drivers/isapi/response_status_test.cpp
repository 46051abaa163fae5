// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/response_status.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("XML and JSON, wrapped or not") {
    const auto xml = decode_response_status(golden("response_status.xml"));
    REQUIRE(xml.has_value());
    CHECK(xml->code == 4);
    CHECK(xml->missing());
    CHECK(xml->error_code == 0x40000001);
    const auto json = decode_response_status(golden("response_status.json"));
    REQUIRE(json.has_value());
    CHECK(json->busy());
    CHECK(json->error_code == 0x20000004);
    const auto bare = decode_response_status(R"({"statusCode":1,"subStatusCode":"ok"})");
    REQUIRE(bare.has_value());
    CHECK(bare->ok());
    CHECK(decode_response_status("<DeviceInfo/>").has_error());
    CHECK(decode_response_status("{}").has_error());
    CHECK(decode_response_status("").has_error());
}
