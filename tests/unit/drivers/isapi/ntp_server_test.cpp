// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/ntp_server.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("the first NTP server is read and written, by address or by name") {
    const auto server = decode_ntp_servers(golden("ntp_servers.xml"));
    REQUIRE(server.has_value());
    CHECK(server->host == "192.168.50.10");
    CHECK(encode_ntp_servers(*server) == golden("ntp_servers.xml"));
    const NtpServer named{"ntp.example.cn", 123, 60};
    CHECK(decode_ntp_servers(encode_ntp_servers(named)).value() == named);
    CHECK(decode_ntp_servers("<NTPServerList/>")->host.empty());
    CHECK(decode_ntp_servers("<a/>").has_error());
}
