// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/device_info.hpp"

#include "drivers/isapi/inside/xml.hpp"
#include "drivers/isapi/response_status.hpp"

namespace gatehouse::drivers::isapi {

Result<IsapiDeviceInfo> decode_device_info(std::string_view body) {
    auto xml = inside::Xml::parse(body, answer_bytes_max);
    if (!xml) return std::move(xml).error().during("DeviceInfo");
    const auto root = xml->root();
    if (inside::local_name(root) != "DeviceInfo") return Error(Fault::malformed, "DeviceInfo: another root");
    return IsapiDeviceInfo{
        inside::text_at(root, "model"),           inside::text_at(root, "serialNumber"),         inside::text_at(root, "macAddress"),
        inside::text_at(root, "firmwareVersion"), inside::text_at(root, "firmwareReleasedDate"), inside::text_at(root, "deviceType")};
}

} // namespace gatehouse::drivers::isapi
