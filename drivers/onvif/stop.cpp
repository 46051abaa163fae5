// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/stop.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_stop(std::string_view profile_token) {
    return "<tptz:Stop><tptz:ProfileToken>" + xml::escaped(profile_token) +
           "</tptz:ProfileToken><tptz:PanTilt>true</tptz:PanTilt><tptz:Zoom>true</tptz:Zoom></tptz:Stop>";
}

Done decode_stop(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "StopResponse");
    if (!answer) return std::move(answer).error();
    return {};
}

} // namespace gatehouse::drivers::onvif
