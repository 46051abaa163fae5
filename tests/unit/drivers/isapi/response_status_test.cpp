// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/response_status.hpp"

#include "daemon/base/text.hpp"
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

TEST_CASE("a device's long word for its refusal is cut between two characters") {
    for (const auto* lead : {"", "x", "xx"}) {
        ResponseStatus status{4, lead, 0};
        for (int i = 0; i < 40; ++i) status.sub_code += "拒";
        CHECK_MESSAGE(is_utf8(described(status)), std::string(lead));
        CHECK(described(status).size() <= 64 + std::string("statusCode 4, ").size());
    }
}
