// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/probe.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("probe: of two kinds, and what answers tells who it is and where") {
    CHECK(encode_probe("0a6dc791-2be6-4991-9af1-454778a1917a", ProbeFor::cameras) == golden("asked_probe.xml"));
    CHECK(encode_probe("0a6dc791-2be6-4991-9af1-454778a1917a", ProbeFor::anything).find("Types") == std::string::npos);
    const auto found = decode_probe_matches(golden("probe_matches.xml")).value();
    CHECK(found.relates_to == "0a6dc791-2be6-4991-9af1-454778a1917a");
    REQUIRE(found.matches.size() == 1);
    CHECK(found.matches[0].uuid == "419d68a4-1dd2-11b2-a105-4419b6000001");
    CHECK(found.matches[0].addresses ==
          std::vector<std::string>{"http://[fe80::4619:b6ff:fe00:1]/onvif/device_service", "http://192.168.50.61/onvif/device_service"});
    CHECK(found.matches[0].name == "HIKVISION DS-2CD2T47G2-L");
    CHECK(found.matches[0].hardware == "DS-2CD2T47G2-L");
    CHECK(found.matches[0].location == "city/hangzhou");
}

TEST_CASE("probe: bad percent signs stay, too many addresses and matches are cut") {
    const auto odd = decode_probe_matches(replaced(golden("probe_matches.xml"), "HIKVISION%20DS", "100%zz%2")).value();
    CHECK(odd.matches[0].name == "100%zz%2-2CD2T47G2-L");
    std::string many;
    for (int i = 0; i < 50; ++i) many += "http://10.0.0." + std::to_string(i) + "/x ";
    const auto addresses = decode_probe_matches(replaced(golden("probe_matches.xml"), "http://192.168.50.61/onvif/device_service", many)).value();
    CHECK(addresses.matches[0].addresses.size() == match_addresses_max);
    CHECK(decode_probe_matches(std::string(100'000, ' ')).error().fault() == Fault::full);
}
