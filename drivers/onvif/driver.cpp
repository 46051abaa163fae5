// SPDX-License-Identifier: Apache-2.0
//
// The conversation. It ends when the camera is lost or refuses; a pull point that is lost is replaced within it.
#include "drivers/onvif/driver.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"
#include "drivers/onvif/capabilities.hpp"
#include "drivers/onvif/continuous_move.hpp"
#include "drivers/onvif/device_api.hpp"
#include "drivers/onvif/device_information.hpp"
#include "drivers/onvif/intake.hpp"
#include "drivers/onvif/profiles.hpp"
#include "drivers/onvif/pull_point.hpp"
#include "drivers/onvif/relay_output_state.hpp"
#include "drivers/onvif/relay_outputs.hpp"
#include "drivers/onvif/renew.hpp"
#include "drivers/onvif/services.hpp"
#include "drivers/onvif/snapshot_uri.hpp"
#include "drivers/onvif/stop.hpp"
#include "drivers/onvif/stream_uri.hpp"
#include "drivers/onvif/system_date_and_time.hpp"
#include "drivers/onvif/unsubscribe.hpp"
#include "drivers/onvif/vendor_page.hpp"
#include "drivers/supervisor.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace gatehouse::drivers::onvif {

namespace {

constexpr Duration call_limit = std::chrono::seconds(10);
constexpr Duration watch_every = std::chrono::seconds(1);
constexpr Duration clock_every = std::chrono::hours(1);        // a token is good for some five minutes of the camera's clock
constexpr Duration life_sign_every = std::chrono::seconds(15); // of a camera without events
constexpr Duration point_apart_min = std::chrono::seconds(5);
constexpr Duration point_apart_max = std::chrono::minutes(1); // while the camera gives none, or loses each
constexpr int fruitless_points_max = 3;
constexpr Duration empty_answer_wait = std::chrono::seconds(1); // of those that do not wait for an event
constexpr Duration farewell_limit = std::chrono::seconds(2);
constexpr Duration token_window = std::chrono::seconds(300);
constexpr Duration clock_jump_min = std::chrono::seconds(5);
constexpr std::size_t fault_bytes_max = 300;

std::string option(const DeviceInfo& device, const std::string& name, std::string otherwise) {
    const auto found = device.options.find(name);
    return found == device.options.end() || found->second.empty() ? otherwise : found->second;
}

// Faults of the camera itself or of the way to it end the conversation; the others end a single piece of work.
bool ends_conversation(Fault fault) { return fault == Fault::unreachable || fault == Fault::timed_out || fault == Fault::refused; }

DeviceInfo without_account(DeviceInfo device) {
    device.username.clear();
    device.password.clear();
    return device;
}

} // namespace

std::string_view name_of(Trouble trouble) {
    constexpr std::array names{"none", "not_activated", "onvif_off", "wrong_password", "locked", "clock_too_far"};
    return names[static_cast<std::size_t>(trouble)];
}

std::unique_ptr<net::HttpClient> real_http_client(const DeviceInfo& device, Surroundings surroundings, Duration answer_limit) {
    net::HttpClient::Options options;
    options.server = device.address;
    options.binding = device.binding;
    options.answer_limit = answer_limit;
    options.body_bytes_max = answer_bytes_max;
    if (!device.username.empty()) options.credentials = net::Credentials{device.username, device.password};
    if (device.tls) {
        net::TlsOptions tls;
        tls.pinned_sha256 = device.pinned_sha256;
        tls.pin_on_first_use = device.pinned_sha256.empty();
        options.tls = tls;
    }
    return net::make_http_client(surroundings.network, surroundings.clock, surroundings.entropy, std::move(options));
}

struct OnvifDriver::Inside final : CameraControl {
    Inside(DeviceInfo info, Surroundings around, EventTable table, const HttpClients& clients)
        : device(std::move(info)), bare_device(without_account(device)), surroundings(around),
          service_path(option(device, "path", std::string(device_service_path))), bare_http(clients(bare_device, surroundings, call_limit)),
          http(clients(device, surroundings, call_limit)), bare_pull_http(clients(bare_device, surroundings, pull_answer_limit)),
          pull_http(clients(device, surroundings, pull_answer_limit)), bare_api(*bare_http, *bare_http, surroundings, bare_device),
          api(*bare_http, *http, surroundings, device), pull_api(*bare_pull_http, *pull_http, surroundings, device),
          intake(device, std::move(table)) {}

    DeviceInfo device, bare_device;
    Surroundings surroundings;
    std::string service_path;
    std::unique_ptr<net::HttpClient> bare_http, http;           ///< for calls, without the account and with it
    std::unique_ptr<net::HttpClient> bare_pull_http, pull_http; ///< for what waits
    DeviceApi bare_api, api, pull_api;
    Intake intake;
    DeviceStatus status;
    Trouble trouble = Trouble::none;
    RecordSink* sink = nullptr;

    std::vector<CameraStream> known_streams;
    std::string known_snapshot_uri;
    std::string ptz_profile;
    Services services;

    // Of this conversation:
    bool is_online = false;
    std::optional<Time> utc_told;   ///< the camera's clock as it was told, and
    std::optional<Duration> offset; ///< minus ours
    std::optional<std::int64_t> told_offset_us;
    Instant clock_at{}, heard_at{};
    std::optional<PullPoint> point;
    Instant renew_at{};

    // CameraControl:
    std::vector<CameraStream> streams() const override { return known_streams; }
    std::string snapshot_uri() const override { return known_snapshot_uri; }
    Task<Done> move(CameraMotion motion) override;
    Task<Done> stop() override;
    Task<Done> set_relay(std::int64_t output, bool active) override;

    Task<Error> run();
    Task<Done> begin();
    Task<Done> read_clock();
    Task<Error> why_silent(Error first);
    Task<Result<DeviceInformation>> log_in();
    Task<Result<DeviceInformation>> log_in_by_token();
    Task<Error> refusal(Said said);
    Task<Done> learn_services();
    Task<Done> learn_streams();
    Task<Done> judge_clock();
    Task<void> listen(std::optional<Error>& why);
    Task<Done> open_point();
    Task<Done> pull_until_lost();
    Task<Done> renew_if_due();
    Task<Done> take(Pulled pulled);
    Task<void> tell_lost_point(Time since);
    Task<void> say_farewell();
    Task<void> watch(std::optional<Error>& why);
    Task<Result<Said>> ask_device(std::string body);
    Asked to_point(std::string_view action, std::string body) const;
    Task<Done> tell(Record record);
    Record record_now(Kind kind) const;
    ClockReading clock_reading(std::optional<Time> device_now) const;
    void heard();
    void fail(const Error& error);
};

// ---- Records ---------------------------------------------------------------------------------------------------------------------------

Record OnvifDriver::Inside::record_now(Kind kind) const {
    Record record = record_of(device, kind, surroundings.clock.now());
    record.clock = surroundings.clock.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    return record;
}

ClockReading OnvifDriver::Inside::clock_reading(std::optional<Time> device_now) const {
    return ClockReading{surroundings.clock.quality(), status.clock_offset_us, device_now};
}

// What the disk refuses is gone: the camera has no memory to ask again. An alarm the sink hands upward by itself.
Task<Done> OnvifDriver::Inside::tell(Record record) {
    const auto recovered = record.facts.contains("recovered");
    auto appended = co_await sink->append(std::move(record), std::nullopt);
    if (!appended) {
        ++(appended.error().fault() == Fault::malformed ? status.malformed : status.lost);
        log::warning("onvif", "a record was not stored", {{"device", device.id}, {"why", appended.error().what()}});
        co_return std::move(appended).error();
    }
    ++(appended->repeated ? status.repeats : status.events);
    if (recovered) ++status.recovered;
    co_return Done();
}

// What never let us in was never online, and cannot go offline.
void OnvifDriver::Inside::heard() {
    heard_at = surroundings.clock.steady_now();
    if (is_online) status.heard_at = surroundings.clock.now();
}

// ---- Clock and log-in ------------------------------------------------------------------------------------------------------------------

Task<Result<Said>> OnvifDriver::Inside::ask_device(std::string body) {
    Asked asked;
    asked.path = service_path;
    asked.body = std::move(body);
    co_return co_await api.ask(std::move(asked));
}

// Without the account: everybody may ask, and a log-in needs the answer.
Task<Done> OnvifDriver::Inside::read_clock() {
    const auto asked_at = surroundings.clock.now();
    Asked asked;
    asked.path = service_path;
    asked.body = encode_get_system_date_and_time();
    auto said = co_await bare_api.ask(std::move(asked));
    if (!said) co_return std::move(said).error();
    auto told = understood(*said, &decode_get_system_date_and_time);
    if (!told && told.error().fault() != Fault::refused) co_return std::move(told).error();
    heard();
    clock_at = surroundings.clock.steady_now();
    utc_told.reset();
    offset.reset();
    if (told && (told->utc || told->local)) {
        utc_told = told->utc ? *told->utc : *told->local - surroundings.zone;
        // The camera tells whole seconds: on average it is half a second further.
        offset = *utc_told + std::chrono::milliseconds(500) - (asked_at + (surroundings.clock.now() - asked_at) / 2);
    }
    for (auto* each : {&api, &pull_api}) each->set_clock_offset(offset.value_or(Duration(0)));
    // An unsynced clock of ours proves nothing about theirs.
    const bool is_measured = offset && surroundings.clock.quality() == ClockQuality::synced;
    status.clock_offset_us = is_measured ? std::optional<std::int64_t>(offset->count()) : std::nullopt;
    co_return Done();
}

// ONVIF does not answer: the vendor's own page says whether there is a camera behind it, and in which state.
Task<Error> OnvifDriver::Inside::why_silent(Error first) {
    net::HttpRequest request;
    request.target = vendor_page_target;
    auto response = co_await bare_http->request(std::move(request));
    if (!response) co_return first;
    const auto page = decode_vendor_page(response->status, response->body);
    if (page.says == VendorPage::Says::not_activated) {
        trouble = Trouble::not_activated;
        co_return Error(Fault::unsupported, "the camera is not activated: give it a password first");
    }
    trouble = Trouble::onvif_off;
    if (page.says == VendorPage::Says::nothing) co_return Error(Fault::unsupported, "no ONVIF at " + service_path + ": " + first.what());
    // Its pictures can be had all the same, at places that its maker never moved.
    if (known_streams.empty())
        for (const auto& [role, stream] :
             {std::pair(CameraStream::Role::main, vendor_main_stream), std::pair(CameraStream::Role::sub, vendor_sub_stream)}) {
            auto uri = usable_uri("rtsp://camera:" + std::to_string(vendor_stream_port) + std::string(stream), device.address.host);
            if (uri) known_streams.push_back(CameraStream{role, std::move(*uri), "", 0, 0, 0, ""});
        }
    co_return Error(Fault::unsupported, "ONVIF is switched off on the camera: switch it on and give ONVIF an account");
}

// The camera has said no for good. Asking the vendor's page costs no try: it is asked without a password.
Task<Error> OnvifDriver::Inside::refusal(Said said) {
    bool is_locked = said.speaks_of_a_lock;
    std::string left;
    net::HttpRequest request;
    request.target = vendor_page_target;
    auto response = co_await bare_http->request(std::move(request));
    if (response) {
        const auto page = decode_vendor_page(response->status, response->body);
        is_locked = is_locked || page.says == VendorPage::Says::locked;
        if (page.unlocks_in) left = ", for " + std::to_string(page.unlocks_in->count()) + " s more";
    }
    const bool clock_differs = utc_told && said.date && std::chrono::abs(*utc_told - *said.date) > token_window;
    if (is_locked) {
        trouble = Trouble::locked;
        co_return Error(Fault::refused, "the camera's account is locked after too many wrong passwords" + left);
    }
    if (api.way() == LogIn::token && (clock_differs || !utc_told)) {
        trouble = Trouble::clock_too_far;
        co_return Error(Fault::refused, "log-in refused, and the camera's clock is not known well enough for it: set the camera's clock");
    }
    trouble = Trouble::wrong_password;
    co_return Error(Fault::refused, "wrong user name or password; ONVIF may have a user list of its own");
}

Task<Result<DeviceInformation>> OnvifDriver::Inside::log_in_by_token() {
    for (auto* each : {&api, &pull_api}) each->log_in_by(LogIn::token);
    const auto tried_with = offset.value_or(Duration(0));
    auto said = co_await ask_device(encode_get_device_information());
    if (!said) co_return std::move(said).error();
    auto known = understood(*said, &decode_get_device_information);
    if (known || known.error().fault() != Fault::refused) co_return known;
    // A token of the wrong time looks like a wrong password. One more try, and only if the camera's clock is another by now.
    if (!said->speaks_of_a_lock) {
        auto again = co_await read_clock();
        if (!again) co_return std::move(again).error();
        if (std::chrono::abs(offset.value_or(Duration(0)) - tried_with) > clock_jump_min) {
            said = co_await ask_device(encode_get_device_information());
            if (!said) co_return std::move(said).error();
            known = understood(*said, &decode_get_device_information);
            if (known || known.error().fault() != Fault::refused) co_return known;
        }
    }
    Said last = std::move(*said);
    co_return co_await refusal(std::move(last));
}

// The first question goes without the account: its refusal says which log-in is meant. Then the password goes that way, and that way only.
Task<Result<DeviceInformation>> OnvifDriver::Inside::log_in() {
    Asked asked;
    asked.path = service_path;
    asked.body = encode_get_device_information();
    auto said = co_await bare_api.ask(std::move(asked));
    if (!said) co_return std::move(said).error();
    for (auto* each : {&api, &pull_api}) each->log_in_by(LogIn::none);
    auto known = understood(*said, &decode_get_device_information);
    if (known || known.error().fault() != Fault::refused) co_return known; // some ask nobody
    Said last = std::move(*said);
    if (device.username.empty()) co_return co_await refusal(std::move(last));
    const auto told = option(device, "log_in", "");
    if (told == "token" || (told != "http" && !last.asks_digest)) co_return co_await log_in_by_token();
    for (auto* each : {&api, &pull_api}) each->log_in_by(LogIn::http);
    said = co_await ask_device(encode_get_device_information());
    if (!said) co_return std::move(said).error();
    known = understood(*said, &decode_get_device_information);
    if (known || known.error().fault() != Fault::refused) co_return known;
    last = std::move(*said);
    co_return co_await refusal(std::move(last));
}

Task<Done> OnvifDriver::Inside::judge_clock() {
    const auto off = status.clock_offset_us;
    if (!off || std::abs(*off) <= clock_offset_max.count()) {
        if (off) told_offset_us.reset();
        co_return Done();
    }
    if (told_offset_us && std::abs(*told_offset_us - *off) <= clock_offset_max.count()) co_return Done();
    Record skewed = record_now(Kind::clock_skewed);
    skewed.clock = ClockState::skewed;
    skewed.clock_offset_us = *off;
    skewed.facts["offset_ms"] = *off / 1000;
    skewed.facts["set"] = false;
    auto told = co_await tell(std::move(skewed));
    if (told) told_offset_us = off;
    co_return told;
}

// ---- What the camera has ---------------------------------------------------------------------------------------------------------------

Task<Done> OnvifDriver::Inside::learn_services() {
    services = Services();
    auto said = co_await ask_device(encode_get_services());
    if (!said) co_return std::move(said).error();
    auto known = understood(*said, &decode_get_services);
    const bool is_whole = known && (!known->media.empty() || !known->media2.empty());
    if (!is_whole) {
        if (!known && ends_conversation(known.error().fault())) co_return std::move(known).error();
        said = co_await ask_device(encode_get_capabilities());
        if (!said) co_return std::move(said).error();
        known = understood(*said, &decode_get_capabilities);
        if (!known && ends_conversation(known.error().fault())) co_return std::move(known).error();
    }
    if (known) services = std::move(*known);
    co_return Done();
}

Task<Done> OnvifDriver::Inside::learn_streams() {
    // Media 2 first: it alone tells H.265 by its name.
    std::vector<Profile> profiles;
    auto version = MediaVersion::media2;
    for (const auto each : {MediaVersion::media2, MediaVersion::media}) {
        const auto& path = each == MediaVersion::media2 ? services.media2 : services.media;
        if (path.empty() || !profiles.empty()) continue;
        Asked asked;
        asked.path = path;
        asked.body = encode_get_profiles(each);
        auto said = co_await api.ask(std::move(asked));
        if (!said) co_return std::move(said).error();
        auto known = understood(*said, &decode_get_profiles);
        if (!known && ends_conversation(known.error().fault())) co_return std::move(known).error();
        if (known) profiles = std::move(*known);
        version = each;
    }
    std::erase_if(profiles, [](const Profile& profile) { return profile.codec.empty(); });
    std::stable_sort(profiles.begin(), profiles.end(), [](const Profile& a, const Profile& b) { return a.width * a.height > b.width * b.height; });
    if (profiles.size() > streams_max) profiles.resize(streams_max);
    const auto mover = std::find_if(profiles.begin(), profiles.end(), [](const Profile& profile) { return profile.can_move; });
    ptz_profile = profiles.empty() ? std::string() : mover != profiles.end() ? mover->token : profiles.front().token;

    const auto& path = version == MediaVersion::media2 ? services.media2 : services.media;
    std::vector<CameraStream> found;
    std::string snapshot;
    for (const Profile& profile : profiles) {
        Asked asked;
        asked.path = path;
        asked.body = encode_get_stream_uri(version, profile.token);
        auto said = co_await api.ask(std::move(asked));
        if (!said) co_return std::move(said).error();
        auto told = understood(*said, &decode_get_stream_uri);
        if (!told && ends_conversation(told.error().fault())) co_return std::move(told).error();
        auto uri = told ? usable_uri(*told, device.address.host) : std::move(told);
        if (!uri) {
            log::warning("onvif", "a profile without a stream", {{"device", device.id}, {"profile", profile.token}, {"why", uri.error().what()}});
            continue;
        }
        const auto role = found.empty() ? CameraStream::Role::main : CameraStream::Role::sub;
        found.push_back(CameraStream{role, std::move(*uri), profile.codec, profile.width, profile.height, profile.fps, profile.token});
    }
    if (!profiles.empty()) {
        Asked asked;
        asked.path = path;
        asked.body = encode_get_snapshot_uri(version, profiles.front().token);
        auto said = co_await api.ask(std::move(asked));
        if (!said) co_return std::move(said).error();
        auto told = understood(*said, &decode_get_snapshot_uri); // optional
        auto uri = told ? usable_uri(*told, device.address.host) : std::move(told);
        if (uri && uri->starts_with("http")) snapshot = std::move(*uri);
    }
    known_streams = std::move(found);
    known_snapshot_uri = std::move(snapshot);
    co_return Done();
}

// ---- Events ----------------------------------------------------------------------------------------------------------------------------

Asked OnvifDriver::Inside::to_point(std::string_view action, std::string body) const {
    Asked asked;
    asked.path = point->path;
    asked.to = point->address;
    asked.reference_parameters = point->reference_parameters;
    asked.action = action;
    asked.body = std::move(body);
    return asked;
}

namespace {
// Of the asked and the granted life the shorter: some confirm what they do not keep.
Duration renewal_after(std::optional<std::chrono::seconds> granted) {
    const auto life = std::min(granted.value_or(pull_point_life), pull_point_life);
    return Duration(std::max<std::chrono::seconds>(life, std::chrono::seconds(5))) * 6 / 10;
}
} // namespace

Task<Done> OnvifDriver::Inside::open_point() {
    Asked asked;
    asked.path = services.events;
    asked.to = api.address_of(services.events);
    asked.action = create_pull_point_action;
    asked.body = encode_create_pull_point(pull_point_life);
    auto said = co_await api.ask(std::move(asked));
    if (!said) co_return std::move(said).error();
    auto made = understood(*said, &decode_create_pull_point);
    if (!made) co_return std::move(made).error().during("asking for a pull point");
    renew_at = surroundings.clock.steady_now() + renewal_after(made->granted);
    point = std::move(*made);
    heard();
    co_return Done();
}

// Some live shorter than they say, so each renewal is by the shortest life that was granted; by a span, since Hikvision takes no other.
Task<Done> OnvifDriver::Inside::renew_if_due() {
    if (surroundings.clock.steady_now() < renew_at) co_return Done();
    auto asked = to_point(renew_action, encode_renew(pull_point_life));
    auto said = co_await pull_api.ask(std::move(asked));
    if (!said) co_return std::move(said).error();
    auto granted = understood(*said, &decode_renew);
    if (!granted && (ends_conversation(granted.error().fault()) || granted.error().fault() == Fault::gone)) co_return std::move(granted).error();
    // One that cannot be renewed lives by being pulled, or is replaced.
    renew_at = surroundings.clock.steady_now() + renewal_after(granted ? *granted : std::nullopt);
    co_return Done();
}

Task<Done> OnvifDriver::Inside::take(Pulled pulled) {
    status.malformed += pulled.malformed;
    status.lost += pulled.beyond;
    const auto reading = clock_reading(pulled.now);
    for (const Notification& notification : pulled.notifications) {
        auto record = intake.take(notification, surroundings.clock.now(), surroundings.clock.steady_now(), reading);
        if (!record) continue;
        auto told = co_await tell(std::move(*record));
        static_cast<void>(told); // counted there; the next one is tried all the same
    }
    co_return Done();
}

Task<Done> OnvifDriver::Inside::pull_until_lost() {
    for (;;) {
        auto renewed = co_await renew_if_due();
        if (!renewed) co_return renewed;
        const auto asked_at = surroundings.clock.steady_now();
        auto asked =
            to_point(pull_messages_action, encode_pull_messages(std::chrono::duration_cast<std::chrono::seconds>(pull_wait), pull_messages_limit));
        auto said = co_await pull_api.ask(std::move(asked));
        if (!said) co_return std::move(said).error();
        auto pulled = understood(*said, &decode_pull_messages);
        if (!pulled) co_return std::move(pulled).error().during("pulling messages");
        heard();
        const bool was_empty = pulled->notifications.empty();
        auto taken = co_await take(std::move(*pulled));
        if (!taken) co_return taken;
        if (was_empty && surroundings.clock.steady_now() - asked_at < empty_answer_wait) co_await surroundings.clock.sleep_for(empty_answer_wait);
    }
}

// Pulses of the time between two pull points cannot be had any more.
Task<void> OnvifDriver::Inside::tell_lost_point(Time since) {
    Record gap = record_now(Kind::gap);
    gap.facts["of"] = device.id;
    gap.facts["cause"] = "the camera forgot its pull point";
    gap.facts["count_known"] = false;
    gap.facts["from"] = to_text(since);
    gap.facts["to"] = to_text(surroundings.clock.now());
    auto told = co_await tell(std::move(gap));
    static_cast<void>(told);
}

Task<void> OnvifDriver::Inside::listen(std::optional<Error>& why) {
    int fruitless = 0;
    std::optional<Time> lost_since;
    bool clock_was_read = false;
    for (;;) {
        const auto began = surroundings.clock.steady_now();
        auto done = co_await open_point();
        if (done) {
            if (lost_since) co_await tell_lost_point(*lost_since);
            status.fault.clear();
            done = co_await pull_until_lost();
            lost_since = status.heard_at;
            fruitless = surroundings.clock.steady_now() - began > point_apart_max ? 0 : fruitless + 1;
        } else {
            ++fruitless;
        }
        Error error = std::move(done).error();
        // One that is there but cannot be pulled would take the place of the next.
        const bool is_there = error.fault() != Fault::gone && !ends_conversation(error.fault());
        if (is_there) co_await say_farewell();
        point.reset();
        if (error.fault() == Fault::refused && !clock_was_read && api.way() == LogIn::token) {
            // Its clock was set meanwhile, and our tokens are of the old one.
            clock_was_read = true;
            auto read = co_await read_clock();
            if (!read)
                error = std::move(read).error();
            else
                error = Error(Fault::gone, error.what());
        }
        if (ends_conversation(error.fault())) {
            why = std::move(error);
            co_return;
        }
        if (fruitless >= fruitless_points_max) status.fault = cut_utf8("no events: " + error.what(), fault_bytes_max);
        log::warning("onvif", "no pull point", {{"device", device.id}, {"why", error.what()}});
        const auto apart = fruitless >= fruitless_points_max ? point_apart_max : point_apart_min;
        const auto passed = surroundings.clock.steady_now() - began;
        if (passed < apart) co_await surroundings.clock.sleep_for(apart - passed);
    }
}

// Many cameras have eight pull points, some one: a forgotten one blocks for its life.
Task<void> OnvifDriver::Inside::say_farewell() {
    if (!point) co_return;
    auto asked = to_point(unsubscribe_action, encode_unsubscribe());
    asked.may_be_repeated = false;
    point.reset();
    auto work = api.ask(std::move(asked));
    std::string doing = "unsubscribing";
    auto said = co_await within<Said>(surroundings.clock, farewell_limit, std::move(doing), std::move(work));
    if (!said) log::info("onvif", "a pull point was left behind", {{"device", device.id}, {"why", said.error().what()}});
}

Task<void> OnvifDriver::Inside::watch(std::optional<Error>& why) {
    auto& clock = surroundings.clock;
    for (;;) {
        co_await clock.sleep_for(watch_every);
        for (auto& end : intake.expire(clock.now(), clock.steady_now(), clock_reading(std::nullopt))) {
            auto told = co_await tell(std::move(end));
            static_cast<void>(told);
        }
        const bool is_due = clock.steady_now() - clock_at >= clock_every;
        const bool is_silent = services.events.empty() && clock.steady_now() - heard_at >= life_sign_every;
        if (!is_due && !is_silent) continue;
        auto read = co_await read_clock();
        if (read) read = co_await judge_clock();
        if (!read && ends_conversation(read.error().fault())) {
            why = std::move(read).error();
            co_return;
        }
    }
}

// ---- What it is told to do -------------------------------------------------------------------------------------------------------------

Task<Done> OnvifDriver::Inside::move(CameraMotion motion) {
    if (!is_online) co_return Error(Fault::gone, "no conversation with " + device.id);
    if (services.ptz.empty() || ptz_profile.empty()) co_return Error(Fault::unsupported, device.id + " cannot be moved");
    Asked asked;
    asked.path = services.ptz;
    asked.body = encode_continuous_move(ptz_profile, motion, std::chrono::duration_cast<std::chrono::seconds>(camera_motion_max));
    asked.may_be_repeated = false;
    auto said = co_await api.ask(std::move(asked));
    if (!said) co_return std::move(said).error();
    co_return understood(*said, &decode_continuous_move);
}

Task<Done> OnvifDriver::Inside::stop() {
    if (!is_online) co_return Error(Fault::gone, "no conversation with " + device.id);
    if (services.ptz.empty() || ptz_profile.empty()) co_return Error(Fault::unsupported, device.id + " cannot be moved");
    Asked asked;
    asked.path = services.ptz;
    asked.body = encode_stop(ptz_profile);
    auto said = co_await api.ask(std::move(asked));
    if (!said) co_return std::move(said).error();
    co_return understood(*said, &decode_stop);
}

Task<Done> OnvifDriver::Inside::set_relay(std::int64_t output, bool active) {
    if (!is_online) co_return Error(Fault::gone, "no conversation with " + device.id);
    auto said = co_await ask_device(encode_get_relay_outputs());
    if (!said) co_return std::move(said).error();
    auto tokens = understood(*said, &decode_get_relay_outputs);
    if (!tokens) co_return std::move(tokens).error();
    if (output < 1 || static_cast<std::size_t>(output) > tokens->size())
        co_return Error(Fault::gone, device.id + " has no relay output " + std::to_string(output));
    Asked asked;
    asked.path = service_path;
    asked.body = encode_set_relay_output_state((*tokens)[static_cast<std::size_t>(output) - 1], active);
    asked.may_be_repeated = false;
    said = co_await api.ask(std::move(asked));
    if (!said) co_return std::move(said).error();
    co_return understood(*said, &decode_set_relay_output_state);
}

// ---- The conversation ------------------------------------------------------------------------------------------------------------------

void OnvifDriver::Inside::fail(const Error& error) {
    is_online = false;
    status.fault = cut_utf8(error.what(), fault_bytes_max);
    if (error.fault() == Fault::refused)
        status.state = DeviceStatus::State::refused;
    else if (status.state == DeviceStatus::State::online)
        status.state = DeviceStatus::State::offline;
}

Task<Done> OnvifDriver::Inside::begin() {
    auto read = co_await read_clock();
    if (!read) {
        Error error = std::move(read).error();
        if (error.fault() == Fault::unreachable || error.fault() == Fault::timed_out) co_return error;
        co_return co_await why_silent(std::move(error));
    }
    auto known = co_await log_in();
    if (!known) co_return std::move(known).error();
    status.firmware = cut_utf8(known->manufacturer + " " + known->model + " " + known->firmware, 128);
    auto learned = co_await learn_services();
    if (learned) learned = co_await learn_streams();
    if (!learned) co_return learned;
    status.state = DeviceStatus::State::online;
    is_online = true;
    heard();
    Record online = record_now(Kind::device_online);
    online.facts["firmware"] = status.firmware;
    auto told = co_await tell(std::move(online));
    if (!told) co_return told;
    co_return co_await judge_clock();
}

Task<Error> OnvifDriver::Inside::run() {
    status.state = DeviceStatus::State::connecting;
    status.fault.clear();
    trouble = Trouble::none;
    is_online = false;
    point.reset();
    auto begun = co_await begin();
    if (!begun) {
        fail(begun.error());
        co_return std::move(begun).error();
    }
    std::optional<Error> heard_why, watched_why;
    Event never;
    auto listening = services.events.empty() ? never.wait() : listen(heard_why);
    auto until_cancelled = then_at_cancellation(std::move(listening), [this] { return say_farewell(); });
    auto watching = watch(watched_why);
    co_await first_of(std::move(until_cancelled), std::move(watching));
    Error why = heard_why ? std::move(*heard_why) : watched_why ? std::move(*watched_why) : Error(Fault::gone, "over");
    if (why.fault() == Fault::refused) trouble = Trouble::wrong_password;
    fail(why);
    co_return why;
}

OnvifDriver::OnvifDriver(DeviceInfo device, Surroundings surroundings, EventTable table, HttpClients clients)
    : inside_(std::make_unique<Inside>(std::move(device), surroundings, std::move(table), clients)) {}

OnvifDriver::~OnvifDriver() = default;

Task<Error> OnvifDriver::run(RecordSink& sink) {
    inside_->sink = &sink;
    return inside_->run();
}
DeviceStatus OnvifDriver::status() const { return inside_->status; }
CameraControl* OnvifDriver::camera() { return inside_.get(); }
Trouble OnvifDriver::trouble() const { return inside_->trouble; }

std::unique_ptr<Driver> make_onvif(DeviceInfo device, Surroundings surroundings, EventTable table) {
    return std::make_unique<OnvifDriver>(std::move(device), surroundings, std::move(table));
}

} // namespace gatehouse::drivers::onvif
