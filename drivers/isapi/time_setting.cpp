// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/time_setting.hpp"

#include "daemon/base/text.hpp"
#include "drivers/isapi/response_status.hpp"
#include "drivers/xml.hpp"

namespace gatehouse::drivers::isapi {

Result<TimeSetting> decode_time_setting(std::string_view body, std::chrono::minutes zone) {
    auto xml = xml::Xml::parse(body, answer_bytes_max);
    if (!xml) return std::move(xml).error().during("Time");
    if (xml::local_name(xml->root()) != "Time") return Error(Fault::malformed, "Time: another root");
    TimeSetting setting{xml::text_at(xml->root(), "timeMode"), {}, xml::text_at(xml->root(), "timeZone")};
    const auto local = xml::text_at(xml->root(), "localTime");
    const auto read = read_device_time(local, read_zone(setting.zone).value_or(zone));
    if (!read.at) return Error(Fault::malformed, "Time: localTime cannot be read: " + cut_utf8(local, 40));
    setting.local = *read.at;
    return setting;
}

std::string encode_time_setting(std::string_view mode, Time now, std::chrono::minutes zone, std::string_view zone_kept) {
    const auto device_zone = zone_kept.empty() ? zone : read_zone(zone_kept).value_or(zone);
    const std::string zone_written = zone_kept.empty() ? zone_text(zone) : std::string(zone_kept);
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Time version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n<timeMode>" +
           xml::escaped(mode) + "</timeMode>\n<localTime>" + device_time_text(now, device_zone) + "</localTime>\n<timeZone>" +
           xml::escaped(zone_written) + "</timeZone>\n</Time>\n";
}

} // namespace gatehouse::drivers::isapi
