// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/continuous_move.hpp"
#include "drivers/onvif/relay_output_state.hpp"
#include "drivers/onvif/relay_outputs.hpp"
#include "drivers/onvif/set_user.hpp"
#include "drivers/onvif/stop.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("continuous move: clamped, and with an end") {
    CHECK(encode_continuous_move("Profile_1", CameraMotion{0.5, -7, std::numeric_limits<double>::quiet_NaN()}, 5s) ==
          golden("asked_continuous_move.xml"));
    CHECK(decode_continuous_move(golden("continuous_move.xml")).has_value());
    CHECK(decode_continuous_move(golden("stop.xml")).has_error());
    CHECK(decode_stop(golden("stop.xml")).has_value());
    CHECK(encode_stop("P&1").find("<tptz:ProfileToken>P&amp;1</tptz:ProfileToken>") != std::string::npos);
}

TEST_CASE("relay outputs: their tokens, and the state asked for") {
    CHECK(decode_get_relay_outputs(golden("relay_outputs.xml")).value() == std::vector<std::string>{"RelayOutput_1", "RelayOutput_2"});
    CHECK(encode_set_relay_output_state("RelayOutput_1", true) == golden("asked_relay_output_state.xml"));
    CHECK(encode_set_relay_output_state("RelayOutput_1", false).find(">inactive<") != std::string::npos);
    CHECK(decode_set_relay_output_state(golden("relay_output_state.xml")).has_value());
    CHECK(decode_set_relay_output_state(golden("fault_not_authorized.xml")).error().fault() == Fault::refused);
}

TEST_CASE("set user: the password as it is, whatever is in it") {
    CHECK(encode_set_user("gate", "a<b&c", "Administrator") ==
          "<tds:SetUser><tds:User><tt:Username>gate</tt:Username><tt:Password>a&lt;b&amp;c</tt:Password><tt:UserLevel>Administrator</tt:UserLevel>"
          "</tds:User></tds:SetUser>");
    CHECK(decode_set_user(golden("set_user.xml")).has_value());
}
