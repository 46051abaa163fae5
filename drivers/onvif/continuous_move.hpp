// SPDX-License-Identifier: Apache-2.0
//
// ContinuousMove (ONVIF PTZ), always with a time at which the camera stops by itself.
#pragma once

#include "drivers/camera_control.hpp"

#include <string_view>

namespace gatehouse::drivers::onvif {

/// Speeds are clamped to -1..1.
std::string encode_continuous_move(std::string_view profile_token, CameraMotion motion, std::chrono::seconds stops_after);
Done decode_continuous_move(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
