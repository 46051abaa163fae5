// SPDX-License-Identifier: Apache-2.0
//
// PUT /ISAPI/AccessControl/RemoteControl/door/{n}: open. There is no encoder for any other command here.
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse::drivers::isapi {

std::string open_door_target(std::int64_t door, bool as_json);
std::string encode_open_door(bool as_json);

} // namespace gatehouse::drivers::isapi
