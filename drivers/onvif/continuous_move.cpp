// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/continuous_move.hpp"

#include "drivers/onvif/soap.hpp"
#include "drivers/onvif/time_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gatehouse::drivers::onvif {

namespace {

std::string speed(double value) {
    if (!std::isfinite(value)) value = 0;
    char text[16];
    std::snprintf(text, sizeof text, "%.3f", std::clamp(value, -1.0, 1.0));
    return text;
}

} // namespace

std::string encode_continuous_move(std::string_view profile_token, CameraMotion motion, std::chrono::seconds stops_after) {
    return "<tptz:ContinuousMove><tptz:ProfileToken>" + xml::escaped(profile_token) + "</tptz:ProfileToken><tptz:Velocity><tt:PanTilt x=\"" +
           speed(motion.pan) + "\" y=\"" + speed(motion.tilt) + "\"/><tt:Zoom x=\"" + speed(motion.zoom) + "\"/></tptz:Velocity><tptz:Timeout>" +
           duration_text(stops_after) + "</tptz:Timeout></tptz:ContinuousMove>";
}

Done decode_continuous_move(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "ContinuousMoveResponse");
    if (!answer) return std::move(answer).error();
    return {};
}

} // namespace gatehouse::drivers::onvif
