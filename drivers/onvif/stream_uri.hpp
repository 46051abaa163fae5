// SPDX-License-Identifier: Apache-2.0
//
// GetStreamUri (ONVIF Media and Media 2): where RTSP begins. What devices answer names wrong hosts, no port or port 0, or holds an
// account: usable_uri() puts that right.
#pragma once

#include "drivers/onvif/profiles.hpp"

namespace gatehouse::drivers::onvif {

constexpr std::size_t uri_bytes_max = 1024;

std::string encode_get_stream_uri(MediaVersion version, std::string_view profile_token);
/// As the device says it.
Result<std::string> decode_get_stream_uri(std::string_view bytes);

/// The same path at `host`, under which we reach the device, with the port that the device says, else the scheme's own; without user and password.
/// Fault::malformed: not rtsp, rtsps, http or https, or no printable ASCII.
Result<std::string> usable_uri(std::string_view uri, std::string_view host);

} // namespace gatehouse::drivers::onvif
