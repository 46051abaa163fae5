// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/profiles.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("profiles: token, codec and size, by media and by media 2; without a token they are of no use") {
    const auto first = decode_get_profiles(golden("profiles_media.xml")).value();
    REQUIRE(first.size() == 2);
    CHECK(first[0].token == "Profile_1");
    CHECK(first[0].codec == "h264");
    CHECK(first[0].width == 2560);
    CHECK(first[0].height == 1440);
    CHECK(first[0].fps == 25);
    CHECK(first[0].source == "VideoSource_1");
    CHECK(first[0].can_move);
    CHECK(first[1].codec == "mjpeg");
    CHECK_FALSE(first[1].can_move);
    const auto second = decode_get_profiles(golden("profiles_media2.xml")).value();
    REQUIRE(second.size() == 2);
    CHECK(second[0].token == "Media2_1");
    CHECK(second[0].codec == "h265");
    CHECK(second[0].width == 2560);
    CHECK(second[0].fps == 25);
    CHECK(second[0].name == "mainStream");
    CHECK(second[1].codec == "h264");
    CHECK(second[1].can_move);
}

TEST_CASE("profiles: their number and their tokens are bounded") {
    std::string many;
    for (int i = 0; i < 100; ++i) many += "<trt:Profiles token=\"P" + std::to_string(i) + "\"/>";
    const auto start = std::string("<e:Envelope><e:Body><t:GetProfilesResponse>"),
               end = std::string("</t:GetProfilesResponse></e:Body></e:Envelope>");
    CHECK(decode_get_profiles(start + many + end).value().size() == profiles_max);
    CHECK(decode_get_profiles(start + "<trt:Profiles token=\"" + std::string(200, 'x') + "\"/>" + end).value().empty());
}
