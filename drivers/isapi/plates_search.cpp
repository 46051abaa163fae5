// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/plates_search.hpp"

#include "daemon/base/text.hpp"
#include "drivers/isapi/response_status.hpp"
#include "drivers/xml.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {}

std::string encode_plates_search(Time after, std::chrono::minutes zone, bool with_z) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<AfterTime><picTime>" + pic_time_text(after, zone, with_z) + "</picTime></AfterTime>\n";
}

Result<PlatesPage> decode_plates(std::string_view body, std::chrono::minutes zone) {
    auto xml = xml::Xml::parse(body, answer_bytes_max);
    if (!xml) return std::move(xml).error().during("Plates");
    if (xml::local_name(xml->root()) != "Plates") return Error(Fault::malformed, "Plates: another root");
    PlatesPage page;
    for (const auto& node : xml::children_at(xml->root(), "Plate")) {
        const auto taken = read_capture_time(xml::text_at(node, "captureTime"), zone);
        if (!taken) {
            ++page.unreadable;
            continue;
        }
        Alert alert;
        alert.event = "ANPR";
        alert.active = true;
        alert.text_replaced = xml->text_replaced();
        alert.time.at = *taken;
        alert.time.second = std::chrono::floor<std::chrono::seconds>(*taken);
        Anpr anpr;
        anpr.plate = xml::text_at(node, "plateNumber");
        anpr.lane = xml::number_at(node, "laneNo");
        anpr.direction = lower(xml::text_at(node, "direction"));
        anpr.country = xml::text_at(node, "country");
        anpr.list = xml::text_at(node, "matchingResult");
        anpr.plate_colour = xml::text_at(node, "plateColor");
        alert.anpr = std::move(anpr);
        page.rows.push_back(std::move(alert));
    }
    std::stable_sort(page.rows.begin(), page.rows.end(), [](const Alert& one, const Alert& other) { return *one.time.at < *other.time.at; });
    return page;
}

} // namespace gatehouse::drivers::isapi
