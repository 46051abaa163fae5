// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/remote_control_door.hpp"

namespace gatehouse::drivers::isapi {

std::string open_door_target(std::int64_t door, bool as_json) {
    return "/ISAPI/AccessControl/RemoteControl/door/" + std::to_string(door) + (as_json ? "?format=json" : "");
}

std::string encode_open_door(bool as_json) {
    if (as_json) return R"({"RemoteControlDoor":{"cmd":"open"}})";
    return R"(<RemoteControlDoor version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><cmd>open</cmd></RemoteControlDoor>)";
}

} // namespace gatehouse::drivers::isapi
