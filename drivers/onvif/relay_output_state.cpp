// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/relay_output_state.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_set_relay_output_state(std::string_view token, bool active) {
    return "<tds:SetRelayOutputState><tds:RelayOutputToken>" + xml::escaped(token) + "</tds:RelayOutputToken><tds:LogicalState>" +
           (active ? "active" : "inactive") + "</tds:LogicalState></tds:SetRelayOutputState>";
}

Done decode_set_relay_output_state(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "SetRelayOutputStateResponse");
    if (!answer) return std::move(answer).error();
    return {};
}

} // namespace gatehouse::drivers::onvif
