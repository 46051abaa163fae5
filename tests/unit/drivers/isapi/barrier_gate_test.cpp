// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/barrier_gate.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("open barrier, and its status") {
    CHECK(encode_open_barrier() == without_end(golden("open_barrier.xml")));
    CHECK(decode_barrier_gate_status(golden("barrier_status.xml")).value() == BarrierGateStatus::closed);
    CHECK(decode_barrier_gate_status(replaced(golden("barrier_status.xml"), "us>1<", "us>2<")).value() == BarrierGateStatus::open);
    CHECK(decode_barrier_gate_status(replaced(golden("barrier_status.xml"), "us>1<", "us>7<")).has_error());
    CHECK(decode_barrier_gate_status("<a/>").has_error());
    CHECK(barrier_gate_status_target(1) == "/ISAPI/Parking/channels/1/barrierGate/barrierGateStatus");
}
