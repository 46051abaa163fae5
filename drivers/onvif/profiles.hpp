// SPDX-License-Identifier: Apache-2.0
//
// GetProfiles, of media (ONVIF Media) and of media 2 (ONVIF Media 2). Media knows no H.265 and tells it as H.264; the two services
// of one device have tokens of their own.
#pragma once

#include "daemon/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::drivers::onvif {

constexpr std::size_t profiles_max = 32;

enum class MediaVersion { media, media2 };

struct Profile {
    std::string token, name;
    std::string source; ///< which lens: the video source's token
    std::string codec;  ///< "h264", "h265", "mjpeg"; else lower case as told; empty: no encoder
    int width = 0, height = 0, fps = 0;
    bool can_move = false; ///< has a PTZ configuration
};

std::string encode_get_profiles(MediaVersion version);
/// Either version's answer. Those without a token are left out; at most profiles_max.
Result<std::vector<Profile>> decode_get_profiles(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
