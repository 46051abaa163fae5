// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/device_info.hpp"

#include "drivers/isapi/response_status.hpp"
#include "drivers/xml.hpp"

namespace gatehouse::drivers::isapi {

Result<IsapiDeviceInfo> decode_device_info(std::string_view body) {
    auto xml = xml::Xml::parse(body, answer_bytes_max);
    if (!xml) return std::move(xml).error().during("DeviceInfo");
    const auto root = xml->root();
    if (xml::local_name(root) != "DeviceInfo") return Error(Fault::malformed, "DeviceInfo: another root");
    return IsapiDeviceInfo{xml::text_at(root, "model"),           xml::text_at(root, "serialNumber"),         xml::text_at(root, "macAddress"),
                           xml::text_at(root, "firmwareVersion"), xml::text_at(root, "firmwareReleasedDate"), xml::text_at(root, "deviceType")};
}

} // namespace gatehouse::drivers::isapi
