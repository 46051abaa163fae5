// SPDX-License-Identifier: Apache-2.0
//
// GET /ISAPI/System/deviceInfo without a log-in (Hikvision ISAPI, ResponseStatus and userCheck): such cameras leave the factory without a
// password and with ONVIF switched off, and where ONVIF says nothing this page says which it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::drivers::onvif {

constexpr std::string_view vendor_page_target = "/ISAPI/System/deviceInfo";

// Where such cameras have their streams whether ONVIF is on or off (ISAPI guide, Streaming/channels: channel 1, first and second stream).
constexpr std::string_view vendor_main_stream = "/Streaming/Channels/101", vendor_sub_stream = "/Streaming/Channels/102";
constexpr std::uint16_t vendor_stream_port = 554;

struct VendorPage {
    enum class Says {
        nothing,       ///< not such a camera
        not_activated, ///< nobody ever gave it a password
        locked,        ///< too many wrong passwords
        asks_log_in,   ///< it lives; so ONVIF, silent, is switched off
    } says = Says::nothing;
    std::optional<std::chrono::seconds> unlocks_in;
};

/// `status` is HTTP's.
VendorPage decode_vendor_page(int status, std::string_view body);

} // namespace gatehouse::drivers::onvif
