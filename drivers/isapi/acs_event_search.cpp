// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/acs_event_search.hpp"

#include "drivers/isapi/inside/access_fields.hpp"
#include "drivers/isapi/response_status.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {

Result<Alert> read_row(const json::object& row, std::chrono::minutes zone) {
    Alert alert;
    alert.event = "AccessControllerEvent";
    alert.active = true;
    alert.time = read_device_time(inside::loose_text_at(row, "time"), zone);
    AccessEvent event = inside::read_access_fields(row);
    const auto major = inside::loose_number_at(row, "major");
    const auto minor = inside::loose_number_at(row, "minor");
    if (!major || !minor || !event.serial) return Error(Fault::malformed, "AcsEvent row without major, minor or serialNo");
    event.major = *major;
    event.minor = *minor;
    alert.access = std::move(event);
    return alert;
}

} // namespace

std::string encode_acs_event_search(const AcsEventSearch& search, std::chrono::minutes zone) {
    json::object condition{
        {"searchID", search.search_id}, {"searchResultPosition", search.position}, {"maxResults", search.rows}, {"major", 0}, {"minor", 0}};
    if (search.begin_serial) {
        condition["beginSerialNo"] = *search.begin_serial;
        condition["endSerialNo"] = serial_max;
    } else {
        if (search.from) condition["startTime"] = device_time_text(*search.from, zone);
        if (search.to) condition["endTime"] = device_time_text(*search.to, zone);
    }
    condition["picEnable"] = true;
    condition["timeReverseOrder"] = false;
    json::object root;
    root["AcsEventCond"] = std::move(condition);
    return json::serialize(root);
}

Result<AcsEventPage> decode_acs_event_page(std::string_view body, std::chrono::minutes zone) {
    if (body.size() > answer_bytes_max) return Error(Fault::full, "AcsEvent of " + std::to_string(body.size()) + " bytes");
    auto value = parse_json(read_text(body).text, answer_bytes_max * 2);
    if (!value) return std::move(value).error().during("AcsEvent");
    const auto* root = value->is_object() ? object_at(value->get_object(), "AcsEvent") : nullptr;
    if (root == nullptr) return Error(Fault::malformed, "AcsEvent: not there");
    AcsEventPage page;
    page.total = inside::serial_at(*root, "totalMatches").value_or(0);
    page.matches = inside::serial_at(*root, "numOfMatches").value_or(0);
    page.more = inside::loose_text_at(*root, "responseStatusStrg") == "MORE";
    if (const auto* rows = array_at(*root, "InfoList")) {
        if (page.matches == 0) page.matches = rows->size();
        for (const auto& row : *rows) {
            auto alert = row.is_object() ? read_row(row.get_object(), zone) : Result<Alert>(Error(Fault::malformed, "AcsEvent row: no object"));
            if (alert) {
                page.rows.push_back(std::move(*alert));
            } else {
                const auto serial = row.is_object() ? inside::serial_at(row.get_object(), "serialNo") : std::nullopt;
                page.unreadable.push_back(serial.value_or(0));
            }
        }
    }
    return page;
}

std::optional<std::string> picture_target(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme != std::string_view::npos) {
        const auto slash = url.find('/', scheme + 3);
        if (slash == std::string_view::npos) return std::nullopt;
        url = url.substr(slash);
    }
    constexpr std::size_t target_bytes_max = 1024;
    const bool clean = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (url.size() < 2 || url.size() > target_bytes_max || url[0] != '/' || !clean) return std::nullopt;
    return std::string(url);
}

} // namespace gatehouse::drivers::isapi
