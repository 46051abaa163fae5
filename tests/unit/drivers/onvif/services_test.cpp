// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/capabilities.hpp"
#include "drivers/onvif/services.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("services: the paths alone, whatever host they name; what is not there is empty") {
    const auto services = decode_get_services(golden("services.xml")).value();
    CHECK(services.media == "/onvif/Media");
    CHECK(services.media2 == "/onvif/Media2");
    CHECK(services.events == "/onvif/Events");
    CHECK(services.ptz == "/onvif/PTZ");
    const auto fewer = decode_get_services(replaced(golden("services.xml"), "ver20/ptz", "ver20/other")).value();
    CHECK(fewer.ptz.empty());
    CHECK(decode_get_services(golden("fault_not_authorized.xml")).error().fault() == Fault::refused);
}

TEST_CASE("capabilities: the older way to the same paths") {
    const auto services = decode_get_capabilities(golden("capabilities.xml")).value();
    CHECK(services.media == "/onvif/Media");
    CHECK(services.media2.empty());
    CHECK(services.events == "/onvif/Events");
    CHECK(services.ptz.empty());
}
