// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/event.hpp"

#include "tests/unit/simulators/platform/gateway.hpp"

using namespace gatehouse::simulators::platform;

TEST_CASE("a batch is cut into its events' own bytes, whatever stands in their texts") {
    const std::string one = R"({"a":"}]{[\"\\"})", two = R"({ "b" : [ {"c":1}, [2] ] })";
    const std::string text = " [ " + one + " ,\n" + two + " ] ";
    const auto pieces = objects_of(text);
    REQUIRE(pieces.size() == 2);
    CHECK(pieces[0] == one);
    CHECK(pieces[1] == two);
    CHECK(objects_of(one).at(0) == one);
    CHECK(objects_of("[]").empty());
}

TEST_CASE("every rule of the envelope that is broken is named") {
    const Gateway gateway;
    const auto good = gateway.event(4, 2);
    CHECK(cut_message("[" + good + "]", "routine", "application/cloudevents-batch+json").faults.empty());
    const auto breaks = [&](const std::string& what, const std::string& by) {
        auto bad = good;
        const auto at = bad.find(what);
        REQUIRE_MESSAGE(at != std::string::npos, what);
        bad.replace(at, what.size(), by);
        CHECK_MESSAGE(!cut_message("[" + bad + "]", "routine", "").faults.empty(), by);
    };
    breaks(R"("specversion":"1.0")", R"("specversion":"0.3")");
    breaks("device:north-doors\"", "card:4471\"");
    breaks("/gateways/gw/devices/", "/devices/");
    breaks("cn.gatehouse.", "com.example.");
    breaks("2026-01-15T00:30:12.000000Z", "yesterday");
    breaks(Gateway::digits(4), "4");
    breaks(Gateway::digits(2), Gateway::digits(4));
    breaks(R"("lane":"routine")", R"("lane":"urgent")");
    breaks(R"("clock":"synced")", R"("clock":"fine")");
    breaks(R"("compound":"west-lake")", R"("name":"somebody")");
    breaks(R"("id":)", R"("data":{},"id":)");
    CHECK(!cut_message("[" + gateway.event(6, 4) + "," + good + "]", "routine", "").faults.empty());
    CHECK(!cut_message(good, "routine", "application/cloudevents-batch+json").faults.empty());
    CHECK(cut_message("[{", "routine", "").malformed);
}
