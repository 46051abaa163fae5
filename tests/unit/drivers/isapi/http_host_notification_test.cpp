// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/http_host_notification.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("a slot is written as the guide has it, and only terminals get a subscription") {
    const HttpHost host{2, "/hik/3f9c0a7e", "192.168.50.10", 8085, "JSON"};
    const Subscription subscription{30};
    CHECK(encode_http_host(host, &subscription) == golden("http_host.xml"));
    CHECK(encode_http_host(host, nullptr).find("SubscribeEvent") == std::string::npos);
}

TEST_CASE("free slots are told from foreign ones") {
    const auto hosts = decode_http_hosts(golden("http_hosts.xml"));
    REQUIRE(hosts.has_value());
    REQUIRE(hosts->size() == 2);
    CHECK(!hosts->at(0).is_free());
    CHECK(hosts->at(0).address == "10.0.0.9");
    CHECK(hosts->at(1).is_free());
    CHECK(hosts->at(1).id == 2);
    CHECK(decode_http_hosts(golden("http_host.xml"))->at(0).port == 8085);
    CHECK(decode_http_hosts("<a/>").has_error());
    // A url alone, or an address alone, points somewhere.
    CHECK(!HttpHost{1, "/x", "0.0.0.0", 0, ""}.is_free());
    CHECK(!HttpHost{1, "/", "10.0.0.1", 0, ""}.is_free());
}
