// SPDX-License-Identifier: Apache-2.0
//
// Every XML decoder of drivers/isapi on the same bytes; what has an encoder is read back; alerts go on to records.
#include "daemon/base/text.hpp"
#include "drivers/isapi/barrier_gate.hpp"
#include "drivers/isapi/device_info.hpp"
#include "drivers/isapi/event_notification_alert.hpp"
#include "drivers/isapi/http_host_notification.hpp"
#include "drivers/isapi/ntp_server.hpp"
#include "drivers/isapi/plates_search.hpp"
#include "drivers/isapi/response_status.hpp"
#include "drivers/isapi/time_setting.hpp"
#include "drivers/isapi/user_check.hpp"
#include "tests/fuzz/isapi_intake.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/simulators/devices/isapi/xml.hpp"

namespace gatehouse::fuzz {

using namespace drivers::isapi;

namespace {

constexpr std::chrono::minutes zone = std::chrono::hours(8);

void check_alert(Alert alert, Way way) {
    must_hold(!alert.event.empty(), "an alert has an event");
    if (alert.anpr) must_hold(alert.anpr->pictures.size() <= alert_pictures_max, "a list of pictures is bounded");
    take_in(Arrival{std::move(alert), {}}, way);
}

bool is_same(const HttpHost& one, const HttpHost& other) {
    return one.id == other.id && one.url == other.url && one.address == other.address && one.port == other.port && one.format == other.format;
}

void check_hosts(const std::vector<HttpHost>& hosts) {
    must_hold(hosts.size() <= http_hosts_max, "hosts are bounded");
    for (const auto& host : hosts) {
        const auto again = decode_http_hosts(encode_http_host(host, nullptr));
        must_hold(again && again->size() == 1, "a host that was read can be written and read");
        must_hold(is_same(again->front(), host), "a host is read back as it was");
    }
}

void check_ntp(const NtpServer& server) {
    const auto again = decode_ntp_servers(encode_ntp_servers(server));
    must_hold(again && *again == server, "an NTP server is read back as it was");
    const auto said = simulators::isapi::element_text(encode_ntp_servers(server), "portNo");
    must_hold(said == std::to_string(server.port), "a device reads the port that we wrote");
}

void check_time(const TimeSetting& setting) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(setting.local);
    const auto again = decode_time_setting(encode_time_setting(setting.mode, whole, zone, setting.zone), zone);
    must_hold(again && again->local == whole && again->mode == setting.mode, "a clock is read back as it was");
    must_hold(setting.zone.empty() || again->zone == setting.zone, "the device's own words for its zone stay");
}

} // namespace

void isapi_xml(std::string_view bytes) {
    if (auto alert = decode_event_notification_alert(bytes, zone)) check_alert(std::move(*alert), Way::stream);
    if (auto page = decode_plates(bytes, zone))
        for (auto& row : page->rows) {
            must_hold(row.anpr && row.time.at, "a row has a plate and a time");
            check_alert(std::move(row), Way::search);
        }
    if (const auto hosts = decode_http_hosts(bytes)) check_hosts(*hosts);
    if (const auto server = decode_ntp_servers(bytes)) check_ntp(*server);
    if (const auto setting = decode_time_setting(bytes, zone)) check_time(*setting);
    if (const auto status = decode_response_status(bytes)) must_hold(!described(*status).empty(), "a status can be told");
    if (const auto info = decode_device_info(bytes)) must_hold(is_utf8(info->model) && is_utf8(info->serial_number), "device texts are UTF-8");
    if (const auto check = decode_user_check(bytes)) must_hold(check->unlock_after.count() >= 0, "nobody is unlocked in the past");
    if (const auto gate = decode_barrier_gate_status(bytes))
        must_hold(*gate >= BarrierGateStatus::no_signal && *gate <= BarrierGateStatus::open, "a gate has one of three states");
}

} // namespace gatehouse::fuzz
