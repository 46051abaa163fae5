// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/pull_point.hpp"
#include "drivers/onvif/renew.hpp"
#include "drivers/onvif/unsubscribe.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("pull point: its address letter by letter, and the life that is granted") {
    CHECK(encode_create_pull_point(120s) == golden("asked_create_pull_point.xml"));
    const auto point = decode_create_pull_point(golden("pull_point.xml")).value();
    CHECK(point.address == "http://192.168.50.61/onvif/Events/PullSubManager_2026-01-15T08:30:12Z_0");
    CHECK(point.path == "/onvif/Events/PullSubManager_2026-01-15T08:30:12Z_0");
    CHECK(point.reference_parameters.empty());
    CHECK(point.granted == 120s);
    CHECK(decode_create_pull_point(replaced(golden("pull_point.xml"), "http://192.168.50.61/onvif", "onvif")).has_error());
}

TEST_CASE("pull point: reference parameters become headers that stand for themselves") {
    const auto point = decode_create_pull_point(golden("pull_point_by_parameter.xml")).value();
    REQUIRE(point.reference_parameters.size() == 1);
    const auto& header = point.reference_parameters.front();
    CHECK(header.find(">5</dom0:SubscriptionId>") != std::string::npos);
    CHECK(header.find("xmlns:dom0=\"http://www.axis.com/2009/event\"") != std::string::npos);
    CHECK(header.find("wsa5:IsReferenceParameter=\"true\"") != std::string::npos);
    CHECK(point.granted == 60s);
    const auto huge = replaced(golden("pull_point_by_parameter.xml"), ">5<", ">" + std::string(5000, '5') + "<");
    CHECK(decode_create_pull_point(huge).error().fault() == Fault::full);
}

TEST_CASE("pull point: renewed by a span, left with a word") {
    CHECK(encode_renew(120s) == golden("asked_renew.xml"));
    CHECK(decode_renew(golden("renew.xml")).value() == 60s);
    CHECK(decode_renew(golden("fault_resource_unknown.xml")).error().fault() == Fault::gone);
    CHECK_FALSE(decode_renew(replaced(golden("renew.xml"), "2026-01-15T08:34:12Z", "soon")).value());
    CHECK(decode_unsubscribe(golden("unsubscribe.xml")).has_value());
    CHECK(decode_unsubscribe(golden("renew.xml")).has_error());
    CHECK(encode_unsubscribe() == "<wsnt:Unsubscribe/>");
}
