// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/io_trigger.hpp"

namespace gatehouse::drivers::isapi {

std::string io_trigger_target(std::int64_t output) { return "/ISAPI/System/IO/outputs/" + std::to_string(output) + "/trigger"; }
std::string encode_io_trigger(bool high) {
    return std::string("<IOPortData><outputState>") + (high ? "high" : "low") + "</outputState></IOPortData>";
}

} // namespace gatehouse::drivers::isapi
