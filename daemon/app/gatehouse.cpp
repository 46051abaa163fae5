// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/gatehouse.hpp"

#include "config/devices.hpp"
#include "config/secrets.hpp"
#include "config/settings.hpp"
#include "daemon/app/cameras.hpp"
#include "daemon/app/clips.hpp"
#include "daemon/app/clock_steps.hpp"
#include "daemon/app/clock_watch.hpp"
#include "daemon/app/devices.hpp"
#include "daemon/app/event_codes.hpp"
#include "daemon/app/event_tap.hpp"
#include "daemon/app/films.hpp"
#include "daemon/app/findings.hpp"
#include "daemon/app/password_rotation.hpp"
#include "daemon/app/pushes.hpp"
#include "daemon/app/signals.hpp"
#include "daemon/app/site_power.hpp"
#include "daemon/app/stills.hpp"
#include "daemon/app/upstreams.hpp"
#include "daemon/app/watchdog.hpp"
#include "daemon/app/whole_camera.hpp"
#include "daemon/base/clock_witness.hpp"
#include "daemon/base/executor.hpp"
#include "daemon/base/log.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/console/console.hpp"
#include "daemon/net/http.hpp"
#include "daemon/net/mqtt_client.hpp"
#include "daemon/net/system_network.hpp"
#include "daemon/registry/library.hpp"
#include "daemon/registry/registry.hpp"
#include "daemon/store/event_log.hpp"
#include "daemon/store/site_keys.hpp"
#include "drivers/isapi/driver.hpp"
#include "drivers/isapi/password_writer.hpp"
#include "drivers/nut/driver.hpp"
#include "drivers/onvif/discovery.hpp"
#include "drivers/onvif/driver.hpp"
#include "drivers/onvif/password_writer.hpp"
#include "drivers/uhppote/driver.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace gatehouse::app {

namespace {

constexpr int exit_usage = 64;
constexpr int exit_unavailable = 69;
constexpr int exit_power = 75; // the unit does not start it again by itself: systemd/README.md
constexpr int exit_settings = 78;
constexpr std::size_t pool_threads = 4;
constexpr std::uint16_t camera_port = 80;
constexpr auto recordings_wait = std::chrono::seconds(30);
constexpr auto witness_path = "/run/gatehouse-clock/synced"; // gatehouse-clock.service

config::SecretPlaces secret_places() {
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
    return {credentials == nullptr ? "" : credentials, "/etc/gatehouse/credentials"};
}

log::Level level_of(config::LogLevel level) { return static_cast<log::Level>(level); }
log::Format format_of(config::LogFormat format) { return format == config::LogFormat::json ? log::Format::json : log::Format::text; }

void say_cannot_start(const Error& error) {
    log::error("gatehoused", "cannot start", {{"what", error.what()}});
    tell_systemd("STATUS=cannot start: " + error.what());
}

std::map<RetentionClass, store::Kept> retention_of(const config::Settings& settings) {
    const auto days = [](const config::Keep& keep) { return store::Kept{static_cast<int>(keep.floor_days), static_cast<int>(keep.ceiling_days)}; };
    const auto& retention = settings.retention;
    return {{RetentionClass::passage, days(retention.passage)}, {RetentionClass::vehicle, days(retention.vehicle)},
            {RetentionClass::alarm, days(retention.alarm)},     {RetentionClass::device, days(retention.device)},
            {RetentionClass::audit, days(retention.audit)},     {RetentionClass::system, days(retention.system)}};
}

std::map<PictureRole, store::Kept> picture_retention_of(const config::Settings& settings) {
    const auto days = [](const config::Keep& keep) { return store::Kept{static_cast<int>(keep.floor_days), static_cast<int>(keep.ceiling_days)}; };
    const auto& retention = settings.retention;
    return {{PictureRole::scene, days(retention.scene)}, {PictureRole::face, days(retention.face)}, {PictureRole::plate, days(retention.plate)}};
}

SitePower::Rules power_rules_of(const config::Settings& settings) { return {settings.power.ups, std::chrono::seconds(settings.power.settle_s)}; }

void add_controllers(const std::vector<drivers::uhppote::Discovered>& found, std::vector<console::Found>& answers) {
    for (const auto& one : found) {
        console::Found answer;
        answer.driver = "uhppote";
        answer.address = net::to_text(one.address);
        answer.serial = std::to_string(one.device.serial);
        answers.push_back(std::move(answer));
    }
}

void add_cameras(const std::vector<drivers::onvif::FoundCamera>& found, std::vector<console::Found>& answers) {
    using State = drivers::onvif::FoundCamera::State;
    for (const auto& one : found) {
        console::Found answer;
        answer.driver = "onvif";
        answer.address = net::to_text(one.address);
        answer.model = one.hardware.empty() ? one.name : one.hardware;
        answer.serial = one.uuid;
        if (one.state != State::ready) answer.note = name_of(one.state);
        if (one.is_double) answer.note += answer.note.empty() ? "address_double" : ", address_double";
        answers.push_back(std::move(answer));
    }
}

/// Everything that lives as long as the daemon, in the order in which it is built.
class Gatehouse {
public:
    Gatehouse(config::Settings settings, std::string settings_file)
        : settings_(std::move(settings)), begun_(settings_), settings_file_(std::move(settings_file)) {}

    int run();

private:
    Done open();
    Done open_listeners();
    Task<void> live();
    Task<Done> begin();
    Task<Done> import_devices();
    Task<void> work();
    void open_recordings();
    void open_cameras();
    void open_clips();
    bool may_delete_recordings() const;
    Task<void> reconcile_recordings();
    Task<void> await_recordings();
    Task<Done> make_recording_folder(std::string folder);
    Task<void> keep(pipelines::Segment segment);
    Task<void> keep_gap(store::RecordingGap gap);
    Done open_console();
    Task<Result<std::vector<console::Found>>> discover(std::string address);
    Task<Result<store::Head>> renew_identity();
    Task<Findings> look_at_machine();
    console::PlanSettings plan_settings() const;
    Task<Result<console::StorageReport>> measure_storage();
    Task<Done> begin_behind_rewound(std::string epoch, std::uint64_t head_there);
    std::string state_in_a_line() const;
    Task<void> until_stopped();
    void reload();
    void read_event_codes();
    Task<void> watch_certificates();
    Record own_record(Kind kind) const;
    drivers::Surroundings surroundings();
    Result<std::unique_ptr<drivers::Driver>> make_driver(const drivers::DeviceInfo& device);
    std::unique_ptr<drivers::Driver> with_pictures(const drivers::DeviceInfo& device, std::unique_ptr<drivers::Driver> events);
    Result<std::unique_ptr<drivers::PasswordWriter>> make_password_writer(const drivers::DeviceInfo& device);

    config::Settings settings_; ///< in force
    const config::Settings begun_;
    std::string settings_file_;
    std::string import_failed_;
    bool is_measuring_ = false;
    config::Secrets secrets_;
    int exit_code_ = 0;
    std::string stop_cause_ = "stopped";

    Loop loop_;
    RealClock clock_{loop_};
    SystemEntropy entropy_;
    store::SystemFiles files_;
    store::SiteKeys keys_;
    Threads writer_{"store", 1};
    Threads indexer_{"index", 1};
    Threads recorder_{"recordings", 1}; ///< writes recordings.db, deletes recordings: a disk of its own, as slow as it likes
    Threads pool_{"pool", pool_threads};
    std::unique_ptr<net::Network> network_;
    std::unique_ptr<net::MqttClient> mqtt_;
    std::unique_ptr<store::EventLog> store_;
    std::unique_ptr<registry::Registry> registry_;
    std::unique_ptr<registry::Library> library_;
    drivers::isapi::EventTable isapi_events_ = drivers::isapi::built_in_events();
    drivers::onvif::EventTable onvif_events_ = drivers::onvif::built_in_events();
    std::unique_ptr<Pushes> pushes_;
    std::unique_ptr<net::HttpServer> push_server_;
    std::unique_ptr<drivers::uhppote::Listener> uhppote_listener_;
    std::unique_ptr<auth::AuditTrail> audit_;
    std::unique_ptr<Clips> clips_; ///< made after the recordings, and asked by upstreams only once they run
    std::unique_ptr<Upstreams> upstreams_;
    std::unique_ptr<drivers::Pace> pace_;
    std::unique_ptr<SitePower> power_;
    std::unique_ptr<store::Recordings> recordings_;
    std::unique_ptr<Films> films_;
    std::map<std::string, Time> recorded_until_; ///< at the start
    Event recordings_there_;                     ///< until then no worker begins: it would fill the disk beneath the mount point
    std::unique_ptr<net::Children> children_;
    std::unique_ptr<pipelines::Artist> artist_;
    std::unique_ptr<Stills> stills_;
    std::unique_ptr<Cameras> cameras_;
    std::unique_ptr<EventTap> event_tap_;
    std::unique_ptr<Devices> devices_;
    std::unique_ptr<PasswordRotation> passwords_;
    std::unique_ptr<Watchdog> watchdog_;
    std::unique_ptr<console::Console> console_;
    std::unique_ptr<net::HttpServer> console_server_;
    Time started_{};
    Instant started_steady_{};
    std::uint64_t head_at_start_ = 0;
};

drivers::Surroundings Gatehouse::surroundings() { return {loop_, clock_, entropy_, *network_, std::chrono::minutes(settings_.gateway.zone_minutes)}; }

Record Gatehouse::own_record(Kind kind) const {
    Record record;
    record.kind = kind;
    record.heard_at = clock_.now();
    record.clock = clock_.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    record.source = "gateway";
    return record;
}

std::unique_ptr<drivers::Driver> Gatehouse::with_pictures(const drivers::DeviceInfo& device, std::unique_ptr<drivers::Driver> events) {
    if (!has_pictures(device)) return events;
    const auto make = [this](const drivers::DeviceInfo& info, const drivers::CameraStream& stream) { return cameras_->make_picture(info, stream); };
    return std::make_unique<WholeCamera>(device, std::move(events), WholeCamera::Parts{surroundings(), drivers::Company{*pace_, *power_}, make});
}

Result<std::unique_ptr<drivers::Driver>> Gatehouse::make_driver(const drivers::DeviceInfo& device) {
    if (device.driver == "isapi") return with_pictures(device, drivers::isapi::make_isapi(device, surroundings(), *pushes_, isapi_events_));
    if (device.driver == "nut") return drivers::nut::make_nut(device, surroundings());
    if (device.driver == "rtsp") return cameras_->make(device);
    if (device.driver == "onvif") return with_pictures(device, drivers::onvif::make_onvif(device, surroundings(), onvif_events_));
    if (device.driver == "uhppote") {
        if (!uhppote_listener_) return Error(Fault::unsupported, "listeners.uhppote.port is 0: controllers have nowhere to report to");
        return drivers::uhppote::make_uhppote(device, surroundings(), *uhppote_listener_);
    }
    return Error(Fault::unsupported, "no driver '" + device.driver + "'");
}

Result<std::unique_ptr<drivers::PasswordWriter>> Gatehouse::make_password_writer(const drivers::DeviceInfo& device) {
    if (device.driver == "isapi") return drivers::isapi::make_password_writer(device, surroundings());
    if (device.driver == "onvif") return drivers::onvif::make_password_writer(device, surroundings());
    return Error(Fault::unsupported, "driver '" + device.driver + "' cannot change a device's password");
}

// The log finds out within the hour that the clock was set; what is deleted each half minute asks nearer.
bool Gatehouse::may_delete_recordings() const {
    const auto set_by = (clock_.now() - started_) - (clock_.steady_now() - started_steady_);
    return store_->may_delete_by_time() && set_by < std::chrono::hours(1) && set_by > -std::chrono::hours(1);
}

void Gatehouse::open_recordings() {
    const auto& recording = settings_.recording;
    store::RecordingOptions options;
    options.directory = settings_.store.directory;
    options.folder = recording.directory;
    options.rules.usual.floor_days = static_cast<int>(recording.kept.floor_days);
    options.rules.usual.ceiling_days = static_cast<int>(recording.kept.ceiling_days);
    options.rules.bytes_max = static_cast<std::uint64_t>(recording.bytes_max);
    options.rules.reserve_bytes = static_cast<std::uint64_t>(recording.reserve_bytes);
    // The mount point is not the disk: which disk stands there, the index knows (reconcile).
    if (!files_.exists(options.folder))
        if (auto made = files_.make_folder(options.folder); !made)
            log::error("recordings", "no folder", {{"folder", options.folder}, {"what", made.error().what()}});
    recordings_ = std::make_unique<store::Recordings>(std::move(options), store::RecordingParts{loop_, clock_, entropy_, files_, recorder_, pool_,
                                                                                                *store_, recording_scan(), keys_.signing(),
                                                                                                [this] { return may_delete_recordings(); }});
    films_ = std::make_unique<Films>(loop_, pool_, *recordings_);
}

void Gatehouse::open_clips() {
    audit_ = std::make_unique<auth::AuditTrail>(*store_, clock_);
    const auto order_of = [this](const std::string& name) -> std::optional<StandingOrder> {
        for (const auto& upstream : settings_.upstreams)
            if (upstream.name == name && upstream.clip_order.is_given()) {
                const auto& order = upstream.clip_order;
                return StandingOrder{order.document, order.issuer, order.date, order.end};
            }
        return std::nullopt;
    };
    clips_ = std::make_unique<Clips>(Clips::Parts{*store_, *recordings_, *registry_, *audit_, clock_, entropy_, settings_.gateway.id,
                                                  settings_.gateway.compound, std::chrono::minutes(settings_.gateway.zone_minutes), order_of});
}

// Beside everything else and before any worker begins: a recordings' disk that is slow, or not there, holds up neither doors nor alarms.
Task<void> Gatehouse::reconcile_recordings() {
    auto reconciled = co_await recordings_->reconcile();
    if (!reconciled) {
        log::error("recordings", "not looked through", {{"what", reconciled.error().what()}});
        co_return;
    }
    auto status = co_await recordings_->status();
    if (status)
        for (const auto& one : status->cameras)
            if (one.segments > 0) recorded_until_[one.camera] = one.newest;
    recordings_there_.set();
}

Task<void> Gatehouse::await_recordings() {
    for (;;) {
        co_await reconcile_recordings();
        if (recordings_there_.is_set()) break;
        co_await clock_.sleep_for(std::chrono::minutes(1));
    }
    co_await recordings_->run();
}

Task<void> Gatehouse::keep(pipelines::Segment segment) {
    log::info("camera", "segment closed", {{"device", segment.camera}, {"file", segment.file}, {"bytes", segment.bytes}, {"end", segment.end}});
    std::string what = segment.camera + "/" + segment.file;
    auto added = co_await recordings_->add(std::move(segment));
    if (!added) log::error("recordings", "a segment has no row yet", {{"segment", what}, {"what", added.error().what()}});
}

Task<void> Gatehouse::keep_gap(store::RecordingGap gap) {
    auto noted = co_await recordings_->note_gap(std::move(gap));
    if (!noted) log::warning("recordings", "a gap stands in the log alone", {{"what", noted.error().what()}});
}

Task<Done> Gatehouse::make_recording_folder(std::string folder) {
    auto there = recordings_there_.wait();
    const bool is_there = co_await finish_within(clock_, recordings_wait, std::move(there));
    if (!is_there) co_return Error(Fault::gone, "the recordings' disk is not there");
    std::function<Done()> work = [this, folder = std::move(folder)] { return files_.make_folder(folder); };
    co_return co_await run_on<Done>(loop_, recorder_, std::move(work));
}

void Gatehouse::open_cameras() {
    constexpr std::array<std::string_view, 3> policies{"always", "on_event", "off"}; // in the order of the enumeration
    const auto& recording = settings_.recording;
    pipelines::RecordingRules rules;
    rules.folder = recording.directory;
    rules.segment_s = static_cast<std::uint32_t>(recording.segment_s);
    rules.policy = policies[static_cast<std::size_t>(recording.policy)];
    rules.preroll_s = static_cast<std::uint32_t>(recording.preroll_s);
    rules.postroll_s = static_cast<std::uint32_t>(recording.postroll_s);
    rules.watch = recording.watch;
    rules.models = settings_.store.directory + "/models";
    children_ = net::make_system_children(loop_);
    artist_ = std::make_unique<pipelines::Artist>(*children_, media_program(), clock_);
    stills_ = std::make_unique<Stills>(loop_, pool_, *recordings_, *artist_);
    const auto make_folder = [this](std::string folder) { return make_recording_folder(std::move(folder)); };
    const auto closed = [this](pipelines::Segment segment) { loop_.spawn("segment", keep(std::move(segment))); };
    const auto missed = [this](const std::string& camera, Time from, Time to, const std::string& cause) {
        loop_.spawn("recording gap", keep_gap(store::RecordingGap{camera, "main", from, to, cause}));
    };
    const auto recorded_until = [this](const std::string& camera) {
        const auto found = recorded_until_.find(camera);
        return found == recorded_until_.end() ? std::nullopt : std::optional(found->second);
    };
    cameras_ = std::make_unique<Cameras>(
        Cameras::Parts{surroundings(), *children_, media_program(), std::move(rules), make_folder, closed, missed, recorded_until, *power_});
}

Done Gatehouse::open_listeners() {
    const auto& isapi = settings_.listeners.isapi;
    pushes_ = std::make_unique<Pushes>(derive_key(keys_.hash, "push paths"), std::nullopt);
    if (isapi.port != 0) {
        push_server_ = net::make_http_server(loop_, clock_, net::HttpServer::Options(), pushes_->handler());
        auto port = push_server_->listen_tcp({isapi.address, static_cast<std::uint16_t>(isapi.port)}, {isapi.interface});
        if (!port) return std::move(port).error().during("listening for ISAPI devices (listeners.isapi)");
        if (!isapi.address.empty()) pushes_->set_reachable(net::Endpoint{isapi.address, *port});
    }
    const auto& uhppote = settings_.listeners.uhppote;
    if (uhppote.port != 0) {
        const net::Endpoint at{uhppote.address, static_cast<std::uint16_t>(uhppote.port)};
        uhppote_listener_ =
            std::make_unique<drivers::uhppote::Listener>(surroundings(), drivers::uhppote::Listener::Options{at, {uhppote.interface}, at});
        if (auto opened = uhppote_listener_->open(); !opened)
            return std::move(opened).error().during("listening for UHPPOTE controllers (listeners.uhppote)");
    }
    return {};
}

Done Gatehouse::open() {
    start_crypto();
    const auto& directory = settings_.store.directory;
    if (auto made = files_.make_folder(directory); !made) return std::move(made).error().during("store.directory");
    auto keys = store::load_or_make_site_keys(directory, entropy_, files_);
    if (!keys) return std::move(keys).error();
    keys_ = *keys;
    network_ = net::make_system_network(loop_, clock_, pool_);
    mqtt_ = net::make_paho_client(loop_, clock_, *network_);
    store::StoreOptions options;
    options.directory = directory;
    options.compound = settings_.gateway.compound;
    options.machine = store::machine_identity(directory);
    options.backups = settings_.store.backups;
    options.kept = retention_of(settings_);
    options.pictures_kept = picture_retention_of(settings_);
    options.reserve_bytes = static_cast<std::uint64_t>(settings_.store.reserve_bytes);
    options.digest_every = std::chrono::seconds(settings_.store.digest_every_s);
    auto opened = store::open_store(std::move(options), keys_, {loop_, clock_, entropy_, files_, writer_, indexer_, pool_});
    if (!opened) return std::move(opened).error();
    store_ = std::move(*opened);
    head_at_start_ = store_->head().position;
    registry_ = std::make_unique<registry::Registry>(*store_, keys_.field, clock_, entropy_);
    library_ = std::make_unique<registry::Library>(*store_, *store_, *registry_, keys_, clock_, entropy_,
                                                   registry::LibraryOptions{settings_.registry.document_numbers});
    return open_listeners();
}

Task<Done> Gatehouse::import_devices() {
    const auto& file = settings_.devices.import_file;
    if (file.empty()) co_return Done();
    const auto read = config::read_devices(file);
    if (!read.devices) co_return Error(Fault::malformed, config::to_text(read.flaws, settings_.gateway.language));
    const registry::By by{"admin", ""};
    for (const auto& entry : read.devices->places) {
        auto place = registry::read_place(config::to_json(entry));
        if (!place) co_return std::move(place).error().during(file);
        auto put = co_await registry_->put_place(std::move(*place), by);
        if (!put) co_return std::move(put).error().during(file);
    }
    for (const auto& entry : read.devices->devices) {
        std::string password;
        if (!entry.password_credential.empty()) {
            auto secret = config::read_secret(entry.password_credential, secret_places());
            if (!secret) co_return std::move(secret).error().during(file + ", device " + entry.id);
            password = std::move(*secret);
        }
        auto device = registry::read_device(config::to_json(entry, password));
        if (!device) co_return std::move(device).error().during(file);
        // A password that the gateway made is newer than any file's.
        const auto known = registry_->devices().find(entry.id);
        if (known != registry_->devices().end() && (known->second.password_is_ours || !known->second.next_password.empty())) {
            device->info.password = known->second.info.password;
            device->next_password = known->second.next_password;
            device->password_is_ours = known->second.password_is_ours;
        }
        auto put = co_await registry_->put_device(std::move(*device), by);
        if (!put) co_return std::move(put).error().during(file);
    }
    co_return Done();
}

Task<Done> Gatehouse::begin() {
    if (auto loaded = co_await registry_->load(); !loaded) co_return loaded;
    if (auto loaded = co_await clips_->load(); !loaded) co_return loaded;
    Record started = own_record(Kind::gateway_started);
    started.facts = {{"version", GATEHOUSE_VERSION}, {"epoch", store_->head().epoch}, {"head", store_->head().position}, {"cause", "start"}};
    auto appended = co_await store_->append(std::move(started), std::nullopt);
    if (!appended) co_return std::move(appended).error().during("recording the start");
    // A flawed import leaves what the registry already has running: doors matter more than a new line in a file.
    if (auto imported = co_await import_devices(); !imported) {
        import_failed_ = imported.error().what();
        log::error("gatehoused", "devices not imported", {{"what", import_failed_}});
    }
    co_return Done();
}

std::string Gatehouse::state_in_a_line() const {
    using Online = drivers::DeviceStatus::State;
    const auto count = [](std::size_t good, std::size_t all) { return std::to_string(good) + "/" + std::to_string(all); };
    const auto devices = devices_->statuses();
    const auto devices_online = std::count_if(devices.begin(), devices.end(), [](const auto& one) { return one.second.state == Online::online; });
    const auto upstreams = upstreams_->all();
    const auto upstreams_online =
        std::count_if(upstreams.begin(), upstreams.end(), [](const auto* one) { return one->status().state == sync::UpstreamStatus::State::online; });
    const bool is_sound = store_->status().disk == store::DiskState::sound;
    const auto devices_text = count(static_cast<std::size_t>(devices_online), devices.size());
    const auto upstreams_text = count(static_cast<std::size_t>(upstreams_online), upstreams.size());
    if (settings_.gateway.language == config::Language::zh)
        return "设备在线 " + devices_text + "，平台在线 " + upstreams_text + (is_sound ? "，磁盘正常" : "，磁盘故障");
    return devices_text + " devices and " + upstreams_text + " platforms online, disk " + (is_sound ? "sound" : "out");
}

// A device takes the new table at its next conversation.
void Gatehouse::read_event_codes() {
    auto table = read_isapi_events(settings_.devices.events_directory, settings_.gateway.language);
    if (table) isapi_events_ = std::move(*table);
    auto topics = read_onvif_events(settings_.devices.events_directory, settings_.gateway.language);
    if (topics) onvif_events_ = std::move(*topics);
}

// Once a day into the journal; `check` says it whenever somebody asks.
Task<void> Gatehouse::watch_certificates() {
    for (;;) {
        for (const auto& finding : certificate_findings(settings_, clock_.now()))
            if (finding.severity != console::Finding::Severity::fine)
                log::warning("gatehoused", settings_.gateway.language == config::Language::zh ? finding.zh : finding.en, {{"part", finding.part}});
        co_await clock_.sleep_for(std::chrono::hours(24));
    }
}

void Gatehouse::reload() {
    tell_systemd("RELOADING=1");
    const auto flaws = config::reload_settings(settings_file_, settings_);
    if (!flaws.empty()) {
        for (const auto& flaw : flaws) log::error("gatehoused", config::to_text(flaw, settings_.gateway.language));
        log::error("gatehoused", "settings not reloaded: the old ones stay in force", {{"flaws", static_cast<std::uint64_t>(flaws.size())}});
    } else {
        secrets_ = config::read_secrets(settings_, secret_places());
        for (const auto& flaw : secrets_.flaws) log::error("gatehoused", config::to_text(flaw, settings_.gateway.language));
        log::set_up(level_of(settings_.log.level), format_of(settings_.log.format));
        upstreams_->change(settings_, secrets_);
        power_->change(power_rules_of(settings_));
        read_event_codes();
        log::info("gatehoused", "settings reloaded; directory, sockets and listeners change at the next start");
    }
    tell_systemd("READY=1");
}

Task<void> Gatehouse::until_stopped() {
    std::function<void()> on_hangup = [this] { reload(); };
    auto told = until_told_to_stop(loop_, std::move(on_hangup));
    auto power_ends = power_->until_it_ends();
    const auto which = co_await first_of(std::move(told), std::move(power_ends));
    if (which == 1) {
        log::warning("gatehoused", "the battery is about to end: stopping while there is power", {{"ups", settings_.power.ups}});
        stop_cause_ = "battery_low";
        exit_code_ = exit_power;
    }
    tell_systemd("STOPPING=1"); // before the parts are let go, which takes its time
}

// Without an address everybody is asked: controllers by broadcast, cameras by WS-Discovery. A range is asked over HTTP, address by address, which
// finds cameras whose ONVIF is off.
Task<Result<std::vector<console::Found>>> Gatehouse::discover(std::string address) {
    const bool is_range = address.find_first_of("/-") != std::string::npos && address.find_first_not_of("0123456789./-") == std::string::npos;
    std::vector<console::Found> answers;
    if (!is_range) {
        auto endpoint = net::parse_endpoint(address.empty() ? "255.255.255.255:60000" : address);
        if (!endpoint) co_return std::move(endpoint).error();
        net::Binding binding{settings_.listeners.uhppote.interface};
        auto found = co_await drivers::uhppote::discover(surroundings(), std::move(*endpoint), std::move(binding));
        if (!found && !address.empty()) co_return std::move(found).error();
        if (found) add_controllers(*found, answers);
        if (!address.empty()) co_return answers;
    }
    net::Binding binding{settings_.listeners.isapi.interface};
    if (!is_range) {
        auto group = drivers::onvif::discovery_group();
        auto found = co_await drivers::onvif::discover(surroundings(), std::move(binding), std::move(group));
        if (!found && answers.empty()) co_return std::move(found).error();
        if (found) add_cameras(*found, answers);
        co_return answers;
    }
    auto hosts = drivers::onvif::addresses_of(address);
    if (!hosts) co_return std::move(hosts).error();
    auto found = co_await drivers::onvif::look_at(surroundings(), std::move(binding), std::move(*hosts), camera_port);
    add_cameras(found, answers);
    co_return answers;
}

Task<Findings> Gatehouse::look_at_machine() {
    Machine machine{settings_, begun_, settings_file_, secret_places(), import_failed_, {}};
    for (const auto& [id, device] : registry_->devices())
        if (!device.info.binding.interface.empty()) machine.device_interfaces.emplace(id, device.info.binding.interface);
    std::function<Findings()> work = [machine = std::move(machine), this] { return own_findings(machine, clock_); };
    auto findings = co_await run_on<Findings>(loop_, pool_, std::move(work));
    const auto& ups = settings_.power.ups;
    if (auto power = power_finding(ups, devices_->power_of(ups).has_value())) findings.push_back(std::move(*power));
    for (auto& finding : cameras_->findings()) findings.push_back(std::move(finding));
    if (const auto waiting = clips_->waiting(); waiting > 0)
        findings.push_back({console::Finding::Severity::warning, "clips", "clips.waiting",
                            std::to_string(waiting) + " 个调取录像的请求等待小区批准：gatehousectl clip list",
                            std::to_string(waiting) + " clips wait for the compound's yes or no: gatehousectl clip list"});
    co_return findings;
}

console::PlanSettings Gatehouse::plan_settings() const {
    console::PlanSettings plan;
    for (const auto& [role, kept] : picture_retention_of(settings_)) plan.picture_days[role] = kept.ceiling_days;
    plan.reserve_bytes = static_cast<std::uint64_t>(settings_.store.reserve_bytes);
    for (const auto& upstream : settings_.upstreams) {
        auto& roles = plan.upstreams[upstream.name];
        for (const auto& entitlement : upstream.entitlements)
            for (const auto& name : entitlement.pictures)
                if (const auto role = picture_role_named(name)) roles.insert(*role);
    }
    return plan;
}

Task<Result<console::StorageReport>> Gatehouse::measure_storage() {
    using Report = Result<console::StorageReport>;
    if (std::exchange(is_measuring_, true)) co_return Error(Fault::busy, "the drive is being measured already");
    struct Measuring {
        bool& is_on;
        ~Measuring() { is_on = false; }
    } measuring{is_measuring_};
    std::function<Report()> work = [directory = settings_.store.directory, this]() -> Report {
        auto medium = store::medium_of(directory);
        if (!medium) return std::move(medium).error();
        console::StorageReport report;
        report.medium = std::move(*medium);
        auto times = store::measure_syncs(directory, clock_);
        if (times)
            report.times = *times;
        else
            report.not_measured = times.error().what();
        return report;
    };
    co_return co_await run_on<Report>(loop_, pool_, std::move(work));
}

Task<Result<store::Head>> Gatehouse::renew_identity() {
    auto head = co_await store_->renew_epoch("renewed");
    if (head) upstreams_->begin_anew();
    co_return head;
}

// Several upstreams may say so at once: the first one's epoch is the others' too.
Task<Done> Gatehouse::begin_behind_rewound(std::string epoch, std::uint64_t head_there) {
    if (store_->head().epoch != epoch) co_return Done();
    auto head = co_await store_->renew_epoch("rewound");
    if (!head) co_return std::move(head).error();
    Record gap = own_record(Kind::gap);
    gap.facts = {{"of", "gateway"},    {"cause", "rewound"},  {"epoch", epoch}, {"first", head_at_start_ + 1},
                 {"last", head_there}, {"count_known", false}};
    auto appended = co_await store_->append(std::move(gap), std::nullopt);
    if (!appended) co_return std::move(appended).error();
    co_return Done();
}

Done Gatehouse::open_console() {
    console::Parts parts{
        .loop = loop_,
        .clock = clock_,
        .store = *store_,
        .admin = *store_,
        .registry = *registry_,
        .audit = *audit_,
        .gateway = settings_.gateway.id,
        .compound = settings_.gateway.compound,
        .version = GATEHOUSE_VERSION,
        .instance = to_text(make_uuid_v7(clock_.now(), entropy_)),
        .socket_group = settings_.control.group,
        .started = started_,
        .device_statuses = [this] { return devices_->statuses(); },
        .doors_of = [this](const std::string& id) { return devices_->doors_of(id); },
        .cards_of = [this](const std::string& id) { return devices_->cards_of(id); },
        .discover = [this](std::string address) { return discover(std::move(address)); },
        .upstreams = [this] { return upstreams_->all(); },
        .settings_text = [this](bool zh) { return config::print_settings(settings_, zh ? config::Language::zh : config::Language::en); },
        .own_findings = [this] { return look_at_machine(); },
        .plan_settings = [this] { return plan_settings(); },
        .measure_storage = [this] { return measure_storage(); },
        .renew_identity = [this] { return renew_identity(); },
        .rotate_password = [this](std::string device, registry::By by) { return passwords_->rotate(std::move(device), std::move(by)); },
        .clips = [this] { return clips_->list(); },
        .decide_clip = [this](std::string clip, bool is_yes, std::string reason,
                              registry::By by) { return clips_->decide(std::move(clip), is_yes, std::move(reason), std::move(by)); },
        .recordings = recordings_.get(),
        .play = [this](std::string camera, std::string stream, Time from,
                       Time to) { return films_->make(std::move(camera), std::move(stream), from, to); },
        .library = library_.get(),
        .pool = &pool_,
        .camera_looks = [this] { return cameras_->looks(); },
        .live_of = [this](const std::string& camera, const std::string& stream) { return cameras_->live_of(camera, stream); },
        .snapshot = [this](std::string camera) { return cameras_->snapshot(std::move(camera)); },
        .probe_camera =
            [this](drivers::DeviceInfo camera) {
                const auto streams = devices_->streams_of(camera.id);
                auto probing = probing_of(std::move(camera), streams);
                return cameras_->probe(std::move(probing.camera), std::move(probing.told));
            },
        .still = [this](std::string camera, std::string stream, Time at,
                        std::uint16_t width_max) { return stills_->draw(std::move(camera), std::move(stream), at, width_max); },
    };
    console_ = std::make_unique<console::Console>(std::move(parts));
    net::HttpServer::Options options;
    options.refuse_upgrade = console_->refuse_upgrade();
    options.handler_limit = std::chrono::minutes(10); // a backup or a verification takes its time
    console_server_ = net::make_http_server(loop_, clock_, std::move(options), console_->handler(), console_->web_socket());
    const auto& socket = settings_.control.socket;
    const auto folder = socket.substr(0, socket.rfind('/'));
    if (!files_.exists(folder))
        if (auto made = files_.make_folder(folder); !made) return std::move(made).error().during("control.socket");
    if (auto listening = console_server_->listen_unix(socket, settings_.control.group); !listening)
        return std::move(listening).error().during("control.socket");
    return {};
}

Task<void> Gatehouse::work() {
    std::vector<Task<void>> parts;
    parts.push_back(await_recordings());
    parts.push_back(devices_->run());
    parts.push_back(cameras_->run());
    parts.push_back(passwords_->run());
    parts.push_back(clips_->run());
    parts.push_back(upstreams_->run());
    parts.push_back(watchdog_->run());
    parts.push_back(watch_certificates());
    parts.push_back(tell_clock_steps(clock_, *store_));
    parts.push_back(console_server_->run());
    if (push_server_) parts.push_back(push_server_->run());
    if (uhppote_listener_) parts.push_back(uhppote_listener_->run());
    co_await all(std::move(parts));
}

Task<void> Gatehouse::live() {
    if (auto begun = co_await begin(); !begun) {
        say_cannot_start(begun.error());
        exit_code_ = exit_unavailable;
        co_return;
    }
    tell_systemd("READY=1");
    log::info(
        "gatehoused", "running",
        {{"version", GATEHOUSE_VERSION}, {"gateway", settings_.gateway.id}, {"epoch", store_->head().epoch}, {"head", store_->head().position}});
    auto working = work();
    auto stopping = until_stopped();
    co_await first_of(std::move(working), std::move(stopping));
    Record stopped = own_record(Kind::gateway_stopped);
    stopped.facts = {{"cause", stop_cause_}, {"clean", true}};
    auto appended = co_await store_->append(std::move(stopped), std::nullopt);
    if (!appended) log::warning("gatehoused", "the stop could not be recorded", {{"what", appended.error().what()}});
}

int Gatehouse::run() {
    started_ = clock_.now();
    started_steady_ = clock_.steady_now();
    if (settings_.gateway.clock == config::ClockTrust::trusted) clock_.trust_outside();
    believe_clock_witness(witness_path);
    if (auto opened = open(); !opened) {
        say_cannot_start(opened.error());
        return exit_unavailable;
    }
    secrets_ = config::read_secrets(settings_, secret_places());
    for (const auto& flaw : secrets_.flaws) log::error("gatehoused", config::to_text(flaw, settings_.gateway.language));
    read_event_codes();
    upstreams_ = std::make_unique<Upstreams>(
        Upstreams::Parts{loop_, clock_, entropy_, *store_, *registry_, *mqtt_, keys_, settings_.store.directory,
                         [this](const std::string& path, std::string_view content) { return files_.write(path, as_bytes(content)); },
                         [this](std::string epoch, std::uint64_t head_there) { return begin_behind_rewound(std::move(epoch), head_there); },
                         [this](std::string upstream, json::object args) { return clips_->ask(std::move(upstream), std::move(args)); }},
        settings_, secrets_);
    open_recordings();
    power_ = std::make_unique<SitePower>(
        clock_, [this](const std::string& id) { return devices_->power_of(id); }, power_rules_of(settings_));
    open_clips();
    open_cameras();
    DeviceSink::Limits limits{settings_.limits.device_records_per_s_max, settings_.limits.device_burst_records_max};
    pace_ = std::make_unique<drivers::Pace>(clock_, entropy_, settings_.limits.conversations_per_s_max);
    event_tap_ = std::make_unique<EventTap>(*store_, [this](const Record& record) { cameras_->hear(record); });
    devices_ = std::make_unique<Devices>(
        *registry_, *event_tap_, surroundings(), [this](const drivers::DeviceInfo& device) { return make_driver(device); }, limits,
        [this](const Record& record) { upstreams_->send_volatile(record); }, drivers::Company{*pace_, *power_});
    passwords_ = std::make_unique<PasswordRotation>(
        PasswordRotation::Parts{*registry_, clock_, entropy_, [this](const drivers::DeviceInfo& device) { return make_password_writer(device); },
                                [this](std::string id) { return devices_->until_left(std::move(id)); }});
    upstreams_->set_device_state([this](const std::string& id) -> std::string {
        const auto status = devices_->status_of(id);
        if (!status) return "";
        return status->state == drivers::DeviceStatus::State::online ? "online" : "offline";
    });
    watchdog_ = std::make_unique<Watchdog>(Watchdog::Parts{loop_, clock_, *store_, writer_, watchdog_interval(), [this] { return state_in_a_line(); },
                                                           [](const std::string& state) { tell_systemd(state); }});
    if (auto listening = open_console(); !listening) {
        say_cannot_start(listening.error());
        return exit_unavailable;
    }
    auto whole = [](Gatehouse& self) -> Task<void> {
        // The store goes on until everything that writes into it has ended.
        auto living = self.live();
        auto storing = self.store_->run();
        co_await first_of(std::move(living), std::move(storing));
        self.loop_.stop();
    };
    loop_.spawn("gatehouse", whole(*this));
    loop_.run();
    return exit_code_;
}

struct Arguments {
    std::string settings_file = "/etc/gatehouse/gatehouse.toml";
    bool only_check = false;
    bool only_version = false;
    std::string witness_file;
    bool bad = false;
};

Arguments read_arguments(const std::vector<std::string>& words) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--config" && i + 1 < words.size())
            arguments.settings_file = words[++i];
        else if (words[i] == "--check-config")
            arguments.only_check = true;
        else if (words[i] == "--version")
            arguments.only_version = true;
        else if (words[i] == "--witness-clock" && i + 1 < words.size())
            arguments.witness_file = words[++i];
        else
            arguments.bad = true;
    }
    return arguments;
}

} // namespace

int run_daemon(const std::vector<std::string>& words) {
    const auto arguments = read_arguments(words);
    if (arguments.bad) {
        std::fputs("usage: gatehoused [--config FILE] [--check-config] [--version] [--witness-clock FILE]\n", stderr);
        return exit_usage;
    }
    if (arguments.only_version) {
        std::puts("gatehoused " GATEHOUSE_VERSION);
        return 0;
    }
    if (!arguments.witness_file.empty()) return run_clock_watch(arguments.witness_file);
    auto read = config::read_settings(arguments.settings_file);
    if (!read.settings) {
        std::fputs((config::to_text(read.flaws, config::Language::zh) + "\n" + config::to_text(read.flaws, config::Language::en) + "\n").c_str(),
                   stderr);
        return exit_settings;
    }
    if (arguments.only_check) return 0;
    log::set_up(level_of(read.settings->log.level), format_of(read.settings->log.format));
    Gatehouse gatehouse(std::move(*read.settings), arguments.settings_file);
    return gatehouse.run();
}

} // namespace gatehouse::app
