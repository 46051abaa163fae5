// SPDX-License-Identifier: Apache-2.0
//
// PUT /ISAPI/Parking/channels/{n}/barrierGate: open, and its status. statusCode 1 means accepted, not moved: a locked gate answers 1
// too, so the status is what tells. There is no encoder for closing: that belongs to the gate's loop or radar.
#pragma once

#include "daemon/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::drivers::isapi {

std::string barrier_gate_target(std::int64_t channel);
std::string barrier_gate_status_target(std::int64_t channel);
std::string encode_open_barrier();

enum class BarrierGateStatus { no_signal = 0, closed = 1, open = 2 };
Result<BarrierGateStatus> decode_barrier_gate_status(std::string_view body);

} // namespace gatehouse::drivers::isapi
