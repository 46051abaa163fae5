// SPDX-License-Identifier: Apache-2.0
//
// GetSnapshotUri (ONVIF Media and Media 2): where a JPEG can be had by HTTP. Optional on devices.
#pragma once

#include "drivers/onvif/profiles.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_get_snapshot_uri(MediaVersion version, std::string_view profile_token);
/// As the device says it: see usable_uri().
Result<std::string> decode_get_snapshot_uri(std::string_view bytes);

} // namespace gatehouse::drivers::onvif
