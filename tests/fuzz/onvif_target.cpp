// SPDX-License-Identifier: Apache-2.0
//
// Every decoder of drivers/onvif on the same bytes; notifications go on to records.
#include "drivers/onvif/capabilities.hpp"
#include "drivers/onvif/continuous_move.hpp"
#include "drivers/onvif/device_information.hpp"
#include "drivers/onvif/intake.hpp"
#include "drivers/onvif/probe.hpp"
#include "drivers/onvif/profiles.hpp"
#include "drivers/onvif/pull_messages.hpp"
#include "drivers/onvif/pull_point.hpp"
#include "drivers/onvif/relay_output_state.hpp"
#include "drivers/onvif/relay_outputs.hpp"
#include "drivers/onvif/renew.hpp"
#include "drivers/onvif/services.hpp"
#include "drivers/onvif/set_user.hpp"
#include "drivers/onvif/snapshot_uri.hpp"
#include "drivers/onvif/soap.hpp"
#include "drivers/onvif/stop.hpp"
#include "drivers/onvif/stream_uri.hpp"
#include "drivers/onvif/system_date_and_time.hpp"
#include "drivers/onvif/time_text.hpp"
#include "drivers/onvif/unsubscribe.hpp"
#include "drivers/onvif/vendor_page.hpp"
#include "tests/fuzz/record_oracle.hpp"

#include <algorithm>

namespace gatehouse::fuzz {

using namespace drivers::onvif;

namespace {

constexpr std::string_view host = "192.168.50.61";

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

void check_path(const std::string& path) {
    must_hold(path.empty() || (path.front() == '/' && is_plain(path)), "a path is what a request line can hold");
}

void check_services(const Services& services) {
    for (const auto* path : {&services.media, &services.media2, &services.events, &services.ptz}) check_path(*path);
}

void check_uri(const std::string& told) {
    const auto uri = usable_uri(told, host);
    if (!uri) return;
    const auto authority = uri->find("://") + 3;
    must_hold(is_plain(*uri), "an address holds no blanks");
    must_hold(uri->substr(authority, host.size() + 1) == std::string(host) + ":", "an address is at our host, without an account");
    const auto again = usable_uri(*uri, host);
    must_hold(!again || *again == *uri, "an address that is right stays as it is");
}

void check_time(std::optional<Time> time) {
    if (!time) return;
    const auto again = read_date_time(date_time_text(*time));
    must_hold(again == std::chrono::floor<std::chrono::seconds>(*time), "a time is read back to the second");
}

void check_pulled(const Pulled& pulled) {
    must_hold(pulled.notifications.size() <= notifications_max, "messages are bounded");
    drivers::DeviceInfo device;
    device.id = "camera-1";
    device.options["clear_after_s"] = "5";
    Intake intake(device, built_in_events());
    const Time now = from_us(1'768'437'000'000'000);
    const ClockReading clock{ClockQuality::synced, 4'000'000, pulled.now};
    for (const Notification& notification : pulled.notifications) {
        must_hold(!notification.topic.empty() && notification.source.size() <= items_max && notification.data.size() <= items_max,
                  "items are bounded");
        for (const Item& item : notification.data)
            must_hold(item.name.size() <= word_bytes_max && item.value.size() <= word_bytes_max, "words are bounded");
        if (const auto record = intake.take(notification, now, Instant{}, clock)) {
            must_hold(check_record(*record).has_value(), "a notification becomes a record of its schema");
            check_taken(*record);
        }
    }
    for (const Record& record : intake.expire(now, Instant{} + std::chrono::seconds(5), clock))
        must_hold(check_record(record).has_value(), "an end becomes a record of its schema");
    must_hold(intake.expire(now, Instant{} + std::chrono::seconds(10), clock).empty(), "a state ends once");
}

void check_point(const PullPoint& point) {
    check_path(point.path);
    must_hold(point.reference_parameters.size() <= reference_parameters_max, "reference parameters are bounded");
    for (const auto& header : point.reference_parameters) {
        must_hold(header.size() <= reference_parameter_bytes_max, "a reference parameter is bounded");
        const auto alone = drivers::xml::Xml::parse(header, answer_bytes_max);
        must_hold(alone.has_value(), "a reference parameter stands for itself");
    }
}

} // namespace

void onvif(std::string_view bytes) {
    if (const auto told = decode_get_system_date_and_time(bytes)) {
        check_time(told->utc);
        check_time(told->local);
    }
    if (const auto known = decode_get_device_information(bytes))
        must_hold(known->model.size() <= word_bytes_max && known->firmware.size() <= word_bytes_max, "words are bounded");
    if (const auto services = decode_get_services(bytes)) check_services(*services);
    if (const auto services = decode_get_capabilities(bytes)) check_services(*services);
    if (const auto profiles = decode_get_profiles(bytes)) {
        must_hold(profiles->size() <= profiles_max, "profiles are bounded");
        for (const auto& profile : *profiles)
            must_hold(!profile.token.empty() && profile.token.size() <= word_bytes_max && profile.width >= 0 && profile.height >= 0,
                      "a profile can be asked for");
    }
    if (const auto uri = decode_get_stream_uri(bytes)) check_uri(*uri);
    if (const auto uri = decode_get_snapshot_uri(bytes)) check_uri(*uri);
    check_uri(std::string(bytes));
    if (const auto point = decode_create_pull_point(bytes)) check_point(*point);
    if (const auto pulled = decode_pull_messages(bytes)) check_pulled(*pulled);
    if (const auto granted = decode_renew(bytes); granted && *granted) must_hold((*granted)->count() >= 0, "a life is none that has ended");
    if (const auto tokens = decode_get_relay_outputs(bytes)) must_hold(tokens->size() <= relay_outputs_max, "relays are bounded");
    if (const auto found = decode_probe_matches(bytes)) {
        must_hold(found->matches.size() <= probe_matches_max, "matches are bounded");
        for (const auto& match : found->matches) {
            must_hold(match.addresses.size() <= match_addresses_max, "addresses are bounded");
            for (const auto& address : match.addresses) check_path(path_of(address).value());
        }
    }
    for (const auto status : {200, 401, 403, 404}) {
        const auto page = decode_vendor_page(status, bytes);
        must_hold(!page.unlocks_in || page.says == VendorPage::Says::locked, "only what is locked will be unlocked");
    }
    const int understood = decode_unsubscribe(bytes).has_value() + decode_continuous_move(bytes).has_value() + decode_stop(bytes).has_value() +
                           decode_set_user(bytes).has_value() + decode_set_relay_output_state(bytes).has_value();
    must_hold(understood <= 1 || bytes.find("Response") != bytes.rfind("Response"), "an answer is to one question");
    check_time(read_date_time(bytes));
}

} // namespace gatehouse::fuzz
