// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/profiles.hpp"

#include "daemon/base/text.hpp"
#include "drivers/onvif/soap.hpp"

#include <algorithm>

namespace gatehouse::drivers::onvif {

namespace {

std::string codec_of(std::string_view encoding) {
    auto codec = lower(word_of(encoding));
    std::erase(codec, '.');
    if (codec == "hevc") return "h265";
    if (codec == "avc") return "h264";
    if (codec == "jpeg") return "mjpeg";
    return codec;
}

int side_of(pugi::xml_node node, std::string_view path) {
    constexpr std::int64_t side_max = 32768;
    return static_cast<int>(std::clamp<std::int64_t>(xml::number_at(node, path).value_or(0), 0, side_max));
}

Profile read_profile(pugi::xml_node node) {
    Profile profile;
    profile.token = attribute_of(node, "token");
    profile.name = word_of(xml::text_at(node, "Name"));
    const auto second = xml::child_at(node, "Configurations");
    const auto source = second ? xml::child_at(second, "VideoSource") : xml::child_at(node, "VideoSourceConfiguration");
    const auto encoder = second ? xml::child_at(second, "VideoEncoder") : xml::child_at(node, "VideoEncoderConfiguration");
    profile.source = word_of(xml::text_at(source, "SourceToken"));
    profile.codec = codec_of(xml::text_at(encoder, "Encoding"));
    profile.width = side_of(encoder, "Resolution/Width");
    profile.height = side_of(encoder, "Resolution/Height");
    profile.fps = side_of(encoder, "RateControl/FrameRateLimit");
    profile.can_move = static_cast<bool>(second ? xml::child_at(second, "PTZ") : xml::child_at(node, "PTZConfiguration"));
    return profile;
}

} // namespace

std::string encode_get_profiles(MediaVersion version) {
    if (version == MediaVersion::media) return "<trt:GetProfiles/>";
    return "<tr2:GetProfiles><tr2:Type>VideoSource</tr2:Type><tr2:Type>VideoEncoder</tr2:Type><tr2:Type>PTZ</tr2:Type></tr2:GetProfiles>";
}

Result<std::vector<Profile>> decode_get_profiles(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "GetProfilesResponse");
    if (!answer) return std::move(answer).error();
    std::vector<Profile> profiles;
    for (const auto node : xml::children_at(answer->body(), "Profiles")) {
        auto profile = read_profile(node);
        // A token is handed back letter by letter: what does not fit cannot be asked for.
        if (profile.token.empty() || profile.token.size() > word_bytes_max || profiles.size() >= profiles_max) continue;
        profiles.push_back(std::move(profile));
    }
    return profiles;
}

} // namespace gatehouse::drivers::onvif
