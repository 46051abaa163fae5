// SPDX-License-Identifier: Apache-2.0
//
// PUT /ISAPI/System/IO/outputs/{n}/trigger: the relay of cameras that have no barrierGate. High, and low half a second later: one pulse.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace gatehouse::drivers::isapi {

constexpr std::chrono::milliseconds io_pulse(500);

std::string io_trigger_target(std::int64_t output);
std::string encode_io_trigger(bool high);

} // namespace gatehouse::drivers::isapi
