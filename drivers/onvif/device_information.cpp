// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/device_information.hpp"

#include "drivers/onvif/soap.hpp"

namespace gatehouse::drivers::onvif {

std::string encode_get_device_information() { return "<tds:GetDeviceInformation/>"; }

Result<DeviceInformation> decode_get_device_information(std::string_view bytes) {
    auto answer = decode_envelope(bytes, "GetDeviceInformationResponse");
    if (!answer) return std::move(answer).error();
    const auto word = [&](const char* name) { return word_of(xml::text_at(answer->body(), name)); };
    return DeviceInformation{word("Manufacturer"), word("Model"), word("FirmwareVersion"), word("SerialNumber")};
}

} // namespace gatehouse::drivers::onvif
