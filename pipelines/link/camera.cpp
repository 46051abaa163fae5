// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/camera.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"
#include "drivers/supervisor.hpp"
#include "pipelines/link/sights.hpp"

#include <algorithm>

namespace gatehouse::pipelines {

namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t path_bytes_max = 1024;
constexpr std::size_t cause_bytes_max = 400;
constexpr std::uint32_t postroll_s_max = 600;
constexpr Duration look_up_limit = std::chrono::seconds(5);
constexpr Duration trouble_every = std::chrono::seconds(1); // a line of text, whatever the worker says
constexpr Duration exit_limit = std::chrono::seconds(1);
constexpr std::string_view here_mark = "here ", lost_mark = "lost ", dark_mark = "dark "; // then a time; dark: then the outage

std::string option(const drivers::DeviceInfo& device, const std::string& name, std::string otherwise) {
    const auto found = device.options.find(name);
    return found == device.options.end() || found->second.empty() ? otherwise : found->second;
}

Error flawed(const std::string& name, const std::string& expected) { return Error(Fault::malformed, "option " + name + ": " + expected); }

Result<std::uint32_t> seconds_option(const drivers::DeviceInfo& device, const std::string& name, std::uint32_t otherwise, std::uint32_t from,
                                     std::uint32_t to) {
    const auto value = to_number(option(device, name, std::to_string(otherwise)));
    if (!value || *value < from || *value > to) return flawed(name, std::to_string(from) + " to " + std::to_string(to) + " seconds");
    return static_cast<std::uint32_t>(*value);
}

bool is_path(std::string_view path) {
    const auto is_plain = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\' && c != '@'; };
    return path.starts_with('/') && path.size() <= path_bytes_max && std::all_of(path.begin(), path.end(), is_plain);
}

bool is_folder_name(std::string_view id) { return !id.empty() && id[0] != '.' && id.find('/') == id.npos && id.size() <= id_bytes_max; }

std::string url_host(const std::string& host) { return host.find(':') == host.npos ? host : "[" + host + "]"; }

Result<RecordingPolicy> policy_of(const drivers::DeviceInfo& device, const RecordingRules& rules) {
    constexpr std::array<std::string_view, 4> names{"always", "on_event", "scheduled", "off"}; // in the order of the enumeration
    const auto found = std::find(names.begin(), names.end(), option(device, "record", rules.policy));
    if (found == names.end()) return flawed("record", "always, on_event, scheduled or off");
    return static_cast<RecordingPolicy>(found - names.begin());
}

} // namespace

Result<Configuration> configuration_of(const drivers::DeviceInfo& device, const RecordingRules& rules) {
    Configuration made;
    if (!is_folder_name(device.id)) return Error(Fault::malformed, "an id that is no name of a folder");
    made.camera = device.id;
    const auto scheme = option(device, "scheme", device.tls ? "rtsps" : "rtsp");
    constexpr std::array<std::string_view, 8> schemes{"rtsp", "rtsps", "rtmp", "rtmps", "http", "https", "tcp", "udp"};
    if (std::find(schemes.begin(), schemes.end(), scheme) == schemes.end())
        return flawed("scheme", "rtsp, rtsps, rtmp, rtmps, http, https, tcp or udp");
    const auto path = option(device, "path", "/");
    if (!is_path(path)) return flawed("path", "what follows the address in the stream's URL, beginning with a slash");
    const auto port = device.address.port != 0 ? device.address.port : std::uint16_t{554};
    made.url = scheme + "://" + url_host(device.address.host) + ":" + std::to_string(port) + (scheme == "tcp" || scheme == "udp" ? "" : path);
    made.username = device.username;
    made.password = device.password;
    const auto transport = option(device, "transport", "tcp");
    if (transport != "tcp" && transport != "udp") return flawed("transport", "tcp or udp");
    made.udp = transport == "udp" || scheme == "udp";
    const auto policy = policy_of(device, rules);
    if (!policy) return std::move(policy).error();
    made.record = *policy == RecordingPolicy::always;
    auto segment_s = seconds_option(device, "segment_s", rules.segment_s, 1, segment_s_max);
    if (!segment_s) return std::move(segment_s).error();
    made.segment_s = *segment_s;
    auto preroll_s = seconds_option(device, "preroll_s", rules.preroll_s, 0, preroll_s_max);
    if (!preroll_s) return std::move(preroll_s).error();
    made.preroll_s = *policy == RecordingPolicy::on_event || *policy == RecordingPolicy::scheduled ? *preroll_s : 0;
    made.interface = device.binding.interface;
    made.folder = rules.folder + "/" + device.id;
    auto watch = watch_rules_of(device.options, rules.watch, rules.models);
    if (!watch) return std::move(watch).error();
    made.watch = std::move(*watch);
    return made;
}

Configuration at_address(Configuration configuration, const std::string& host, const std::string& address) {
    const auto named = "://" + url_host(host);
    if (const auto at = configuration.url.find(named); at != std::string::npos)
        configuration.url.replace(at, named.size(), "://" + url_host(address));
    return configuration;
}

Result<std::optional<Configuration>> sub_configuration_of(const drivers::DeviceInfo& device, const RecordingRules& rules) {
    const auto sub_path = option(device, "sub_path", "");
    if (sub_path.empty()) return std::optional<Configuration>();
    if (!is_path(sub_path)) return flawed("sub_path", "what follows the address in the second stream's URL, beginning with a slash");
    auto second = device;
    second.options["path"] = sub_path;
    auto made = configuration_of(second, rules);
    if (!made) return std::move(made).error();
    if (made->url.find(sub_path) == made->url.npos) return flawed("sub_path", "no second stream over tcp and udp, which have no path");
    made->stream = "sub";
    made->folder.clear();
    made->record = false;
    made->live = true;
    made->preroll_s = 0;
    made->watch = {};
    made->segment_s = segment_s_max; // nothing ends there but the muxer
    return std::optional(std::move(*made));
}

Result<RecordingPlan> recording_plan_of(const drivers::DeviceInfo& device, const RecordingRules& rules, std::chrono::minutes zone) {
    RecordingPlan plan;
    auto policy = policy_of(device, rules);
    if (!policy) return std::move(policy).error();
    plan.policy = *policy;
    auto postroll_s = seconds_option(device, "postroll_s", rules.postroll_s, 1, postroll_s_max);
    if (!postroll_s) return std::move(postroll_s).error();
    plan.post_roll = std::chrono::seconds(*postroll_s);
    auto schedule = Schedule::read(option(device, "schedule", rules.schedule), zone);
    if (!schedule) return std::move(schedule).error().during("option schedule");
    plan.schedule = std::move(*schedule);
    return plan;
}

Camera::Camera(drivers::DeviceInfo device, Configuration configuration, Parts parts)
    : device_(std::move(device)), configuration_(std::move(configuration)), parts_(std::move(parts)), buffer_(read_bytes) {
    if (!parts_.recording) parts_.recording = std::make_shared<RecordingSwitch>(RecordingPlan(), parts_.surroundings.clock);
    parts_.recording->follow([this] { wishes_.set(); });
    parts_.live.follow([this] { wishes_.set(); });
}

Camera::~Camera() {
    parts_.recording->follow({});
    parts_.live.follow({});
    parts_.live.interrupt();
    answer_snapshot(Error(Fault::gone, "the camera is registered no more"));
}

CameraLook Camera::look() const {
    CameraLook seen;
    seen.picture = picture_;
    seen.walls = walls_;
    seen.bits_per_s = child_ ? bits_per_s_ : 0;
    seen.frames_per_1000_s = child_ ? frames_per_1000_s_ : 0;
    seen.last_fragment_at = last_fragment_at_;
    seen.policy = parts_.policy;
    return seen;
}

// ---- snapshots

Task<Result<SnapshotTaken>> Camera::answer_of(std::shared_ptr<SnapshotAsked> asked) {
    co_await asked->answered.wait();
    co_return *asked->answer;
}

Task<Result<SnapshotTaken>> Camera::snapshot() {
    if (!child_ || !picture_) co_return Error(Fault::gone, "no picture comes from the camera");
    if (!snapshot_asked_) {
        snapshot_asked_ = std::make_shared<SnapshotAsked>();
        told_snapshot_ = false;
        wishes_.set();
    }
    auto answering = answer_of(snapshot_asked_);
    co_return co_await within<SnapshotTaken>(parts_.surroundings.clock, snapshot_limit, "a snapshot", std::move(answering));
}

void Camera::answer_snapshot(Result<SnapshotTaken> answer) {
    const auto asked = std::exchange(snapshot_asked_, nullptr);
    if (!asked) return;
    asked->answer.emplace(std::move(answer));
    asked->answered.set();
}

void Camera::measure(const Heartbeat& heartbeat) {
    const auto now = parts_.surroundings.clock.steady_now();
    const auto ms = (now - window_began_) / std::chrono::milliseconds(1);
    if (window_began_ != Instant() && now - window_began_ < rate_window) return;
    if (window_began_ != Instant() && heartbeat.bytes >= counted_from_.bytes && heartbeat.frames >= counted_from_.frames) {
        bits_per_s_ = (heartbeat.bytes - counted_from_.bytes) * 8000 / static_cast<std::uint64_t>(ms);
        frames_per_1000_s_ = (heartbeat.frames - counted_from_.frames) * 1'000'000 / static_cast<std::uint64_t>(ms);
    }
    counted_from_ = heartbeat;
    window_began_ = now;
}

std::optional<int> Camera::pid() const {
    if (!child_) return std::nullopt;
    return child_->pid();
}

void Camera::adopt(std::string file) {
    to_adopt_.push_back(std::move(file));
    wishes_.set();
}

// ---- one conversation

Task<Error> Camera::run(RecordSink& sink) {
    std::optional<Error> over;
    auto body = converse(sink, over);
    std::function<Task<void>()> last = [this] { return say_goodbye(); };
    co_await then_at_cancellation(std::move(body), std::move(last));
    co_return std::move(*over);
}

Task<void> Camera::converse(RecordSink& sink, std::optional<Error>& over) {
    status_.state = drivers::DeviceStatus::State::connecting;
    lost_.reset();
    crashed_ = false;
    picture_.reset();
    window_began_ = {};
    bits_per_s_ = frames_per_1000_s_ = 0;
    reader_ = FrameReader(up_frame_bytes_max);
    auto configuration = co_await prepare(sink);
    if (!configuration) {
        over = std::move(configuration).error();
    } else {
        heard_alive_ = parts_.surroundings.clock.steady_now();
        auto listening = listen(sink, over);
        auto talking = talk(std::move(*configuration));
        co_await first_of(std::move(listening), std::move(talking));
    }
    child_.reset();
    parts_.live.interrupt();
    answer_snapshot(Error(Fault::gone, "the camera was lost"));
    parts_.recording->release_all(own_sights);
    if (!over) over = Error(Fault::gone, "the worker ended");
    if (crashed_) over = co_await judge_crash(sink, std::move(*over));
    co_await tell_loss(sink, *over);
}

Task<Result<Configuration>> Camera::prepare(RecordSink& sink) {
    // First, since the index knows how far it has recordings only once their disk is there.
    if (parts_.make_folder) {
        auto making = parts_.make_folder(configuration_.folder);
        auto made = co_await std::move(making);
        if (!made) co_return std::move(made).error().during("the camera's folder");
    }
    if (!remembers_) {
        auto mark = co_await sink.last_mark(device_.id);
        if (!mark) co_return std::move(mark).error().during("what the log knows of this camera");
        if (*mark) {
            std::string_view text = (*mark)->text;
            if (text.starts_with(here_mark)) known_ = Known::here;
            if (text.starts_with(lost_mark)) known_ = Known::lost;
            if (text.starts_with(dark_mark)) known_ = Known::dark;
            text.remove_prefix(std::min(text.size(), lost_mark.size()));
            const auto end = std::min(text.find(' '), text.size());
            if (auto since = parse_time(text.substr(0, end))) lost_since_ = *since;
            outage_ = text.substr(std::min(text.size(), end + 1));
        }
        if (parts_.recorded_until) recorded_until_ = parts_.recorded_until();
        if (!recorded_until_ && parts_.recording->is_by_event()) recorded_until_ = Time(); // an event while it is away from the beginning
        remembers_ = true;
    }
    auto address = co_await parts_.surroundings.network.address_of(device_.address.host, look_up_limit);
    if (!address) co_return std::move(address).error();
    auto child = parts_.children.start(parts_.program);
    if (!child) co_return std::move(child).error();
    child_ = std::move(*child);
    auto configuration = at_address(configuration_, device_.address.host, *address);
    configuration.record = told_recording_ = parts_.recording->is_on();
    configuration.live = told_live_ = parts_.live.is_watched();
    co_return configuration;
}

Task<Done> Camera::say(Down message) {
    const auto frame = frame_of(message);
    co_return co_await child_->stream().write(frame);
}

Task<void> Camera::talk(Configuration configuration) {
    Down message = std::move(configuration);
    for (;;) {
        auto said = co_await say(std::move(message));
        if (!said) {
            // Why it takes nothing any more is told by the one who listens.
            wishes_.reset();
            for (;;) co_await wishes_.wait();
        }
        const auto wants_snapshot = [this] { return snapshot_asked_ && !told_snapshot_; };
        const auto is_as_wished = [&] {
            return told_recording_ == parts_.recording->is_on() && told_live_ == parts_.live.is_watched() && to_adopt_.empty() && !wants_snapshot();
        };
        while (is_as_wished()) {
            wishes_.reset();
            auto wish = wishes_.wait();
            co_await finish_within(parts_.surroundings.clock, parts_.recording->look_again_in(), std::move(wish));
        }
        if (!to_adopt_.empty()) {
            message = Adopt{std::move(to_adopt_.front())};
            to_adopt_.pop_front();
        } else if (wants_snapshot()) {
            message = TakeSnapshot();
            told_snapshot_ = true;
        } else if (told_recording_ != parts_.recording->is_on()) {
            told_recording_ = !told_recording_;
            message = SetRecording{told_recording_};
        } else {
            told_live_ = parts_.live.is_watched();
            if (!told_live_) parts_.live.interrupt(); // the worker says its init part anew when somebody looks
            message = SetLive{told_live_};
        }
    }
}

Task<void> Camera::listen(RecordSink& sink, std::optional<Error>& over) {
    for (;;) {
        auto more = co_await hear(&sink);
        if (lost_) {
            over = std::move(*lost_);
            co_return;
        }
        if (!more) {
            crashed_ = true;
            over = std::move(more).error();
            co_return;
        }
        if (!*more) {
            over = co_await explain_end();
            co_return;
        }
    }
}

Task<Result<bool>> Camera::hear(RecordSink* sink) {
    auto& clock = parts_.surroundings.clock;
    auto reading = child_->stream().read_some(buffer_);
    auto got = co_await within<std::size_t>(clock, heartbeat_limit, "the worker hangs", std::move(reading));
    if (!got && got.error().fault() == Fault::timed_out) co_return std::move(got).error();
    if (!got || *got == 0) co_return false;
    reader_.add(ByteView(buffer_).first(*got));
    for (;;) {
        auto frame = reader_.next();
        if (!frame) co_return std::move(frame).error().during("the worker says what is no message");
        if (!*frame) break;
        auto message = decode_up(**frame);
        if (!message) co_return std::move(message).error().during("the worker says what is no message");
        auto taken = co_await take(sink, std::move(*message));
        if (!taken) co_return std::move(taken).error();
    }
    if (clock.steady_now() - heard_alive_ > heartbeat_limit) co_return Error(Fault::timed_out, "the worker hangs: it sends, and is not alive");
    co_return true;
}

Task<Error> Camera::explain_end() {
    crashed_ = true;
    std::optional<net::ChildExit> exit;
    const auto keep = [](net::ChildProcess& child, std::optional<net::ChildExit>& kept) -> Task<void> { kept = co_await child.wait(); };
    auto waiting = keep(*child_, exit);
    co_await finish_within(parts_.surroundings.clock, exit_limit, std::move(waiting));
    co_return Error(Fault::gone, exit ? "the worker was " + to_text(*exit) : "the worker hung up");
}

// The worker finishes its segment; what it closes belongs to the index whatever else ends.
Task<void> Camera::say_goodbye() {
    if (!child_) co_return;
    const auto talk_on = [](Camera& self) -> Task<void> {
        Down stop = Stop();
        auto said = co_await self.say(std::move(stop));
        if (!said) co_return;
        for (;;) {
            auto more = co_await self.hear(nullptr);
            if (!more || !*more) co_return;
        }
    };
    auto talking = talk_on(*this);
    const bool in_time = co_await finish_within(parts_.surroundings.clock, goodbye_limit, std::move(talking));
    if (!in_time) log::warning("camera", "the worker did not finish in time", {{"device", device_.id}});
    child_.reset();
}

// ---- what the worker says

Task<Done> Camera::take(RecordSink* sink, Up message) {
    auto& clock = parts_.surroundings.clock;
    if (auto* heartbeat = std::get_if<Heartbeat>(&message)) {
        heard_alive_ = clock.steady_now();
        if (heartbeat->last_frame_at > Time()) status_.heard_at = std::min(heartbeat->last_frame_at, clock.now());
        counts_ = *heartbeat;
        measure(counts_);
    } else if (auto* closed = std::get_if<SegmentClosed>(&message)) {
        if (closed->segment.camera != device_.id) co_return Error(Fault::malformed, "the worker tells of another camera's segment");
        recorded_until_ = std::max(recorded_until_.value_or(Time()), closed->segment.ended_at);
        parts_.closed(std::move(closed->segment));
    } else if (auto* fragment = std::get_if<FragmentMade>(&message)) {
        last_fragment_at_ = std::min(fragment->arrived_at, clock.now());
        if (told_live_) parts_.live.publish(std::move(*fragment));
    } else if (auto* init = std::get_if<LiveInit>(&message)) {
        if (told_live_) parts_.live.publish(std::move(*init));
    } else if (auto* taken = std::get_if<SnapshotTaken>(&message)) {
        answer_snapshot(taken->jpeg.empty() ? Result<SnapshotTaken>(Error(Fault::malformed, taken->flaw)) : Result<SnapshotTaken>(std::move(*taken)));
    } else if (auto* ready = std::get_if<Ready>(&message)) {
        walls_ = *ready;
        counts_ = {};
        if (parts_.walls) parts_.walls(*ready);
        for (const auto& [wall, name] :
             {std::pair(ready->limits, "rlimits"), std::pair(ready->calls, "seccomp"), std::pair(ready->files, "Landlock")})
            if (wall == Wall::refused) log::error("camera", "the worker's sandbox lacks a wall", {{"device", device_.id}, {"wall", name}});
    } else if (auto* opened = std::get_if<Opened>(&message)) {
        picture_ = *opened;
        if (sink != nullptr) co_await tell_opened(*sink);
        // No segment will tell what is missing of an event that is over.
        if (sink != nullptr && !parts_.recording->is_on()) co_await tell_gap(*sink, clock.now());
    } else if (auto* segment = std::get_if<SegmentOpened>(&message)) {
        if (sink != nullptr) co_await tell_gap(*sink, segment->started_at);
    } else if (auto* saw = std::get_if<Saw>(&message)) {
        if (sink != nullptr) co_await tell_seen(*sink, std::move(*saw));
    } else if (auto* offset = std::get_if<ClockOffset>(&message)) {
        status_.clock_offset_us = offset->offset_us;
    } else if (auto* trouble = std::get_if<Trouble>(&message)) {
        if (trouble->fault == Fault::full) gap_cause_ = trouble->what;
        const auto now = clock.steady_now();
        if (now < quiet_until_) co_return Done();
        quiet_until_ = now + trouble_every;
        log::warning("camera", "trouble", {{"device", device_.id}, {"fault", name_of(trouble->fault)}, {"what", trouble->what}});
    } else if (auto* lost = std::get_if<Lost>(&message)) {
        lost_ = Error(lost->fault, lost->reason);
    }
    co_return Done();
}

Record Camera::record_of(Kind kind) const {
    const auto& clock = parts_.surroundings.clock;
    Record record = drivers::record_of(device_, kind, clock.now());
    record.clock = clock.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    return record;
}

// A disk that takes no record is told by the store; the camera goes on.
Task<void> Camera::append(RecordSink& sink, Record record) {
    std::optional<SourceMark> mark;
    if (known_ != Known::nothing) {
        mark.emplace();
        const auto word = known_ == Known::here ? here_mark : known_ == Known::lost ? lost_mark : dark_mark;
        mark->text = std::string(word) + to_text(known_ == Known::here ? record.heard_at : lost_since_);
        if (known_ == Known::dark) mark->text += " " + outage_;
    }
    auto appended = co_await sink.append(std::move(record), std::move(mark));
    if (!appended) log::warning("camera", "not recorded in the log", {{"device", device_.id}, {"what", appended.error().what()}});
}

Task<void> Camera::tell_opened(RecordSink& sink) {
    status_.state = drivers::DeviceStatus::State::online;
    status_.fault.clear();
    const auto before = std::exchange(known_, Known::here);
    if (before == Known::lost || before == Known::dark || (before == Known::nothing && parts_.tells_online)) {
        Record record = record_of(before == Known::lost ? Kind::camera_restored : Kind::device_online); // what was dark is online again
        if (before == Known::lost) {
            record.facts["camera"] = device_.id;
            record.facts["from"] = to_text(lost_since_);
            record.facts["to"] = to_text(record.heard_at);
        }
        co_await append(sink, std::move(record));
    }
    if (!std::exchange(quarantined_, false)) co_return;
    Record cleared = record_of(Kind::alarm_cleared);
    cleared.facts["code"] = "camera_quarantined";
    co_await append(sink, std::move(cleared));
}

// What the policy did not want is no hole.
Task<void> Camera::tell_gap(RecordSink& sink, Time started_at) {
    const auto cause = std::exchange(gap_cause_, "");
    if (!recorded_until_) co_return;
    const auto until = *recorded_until_;
    recorded_until_ = std::max(until, started_at);
    const auto missing = parts_.recording->wanted(until, started_at);
    for (const auto& [from, to] : missing) {
        if (to - from < gap_min) continue;
        Record record = record_of(Kind::recording_gap);
        record.facts["camera"] = device_.id;
        record.facts["from"] = to_text(from);
        record.facts["to"] = to_text(to);
        record.facts["cause"] = cut_utf8(cause.empty() ? "no frames came" : cause, cause_bytes_max);
        if (parts_.missed) parts_.missed(from, to, cause);
        co_await append(sink, std::move(record));
    }
}

Task<void> Camera::tell_seen(RecordSink& sink, Saw saw) {
    drive(*parts_.recording, saw);
    const auto now = parts_.surroundings.clock.now();
    saw.at = std::min(saw.at, now);
    saw.since = std::min(saw.since, saw.at);
    Record record = pipelines::record_of(std::move(saw), device_.id, record_of(Kind::device_event));
    co_await append(sink, std::move(record));
}

Task<void> Camera::tell_loss(RecordSink& sink, const Error& error) {
    using State = drivers::DeviceStatus::State;
    status_.state = error.fault() == Fault::refused ? State::refused : State::offline;
    status_.fault = error.what();
    gap_cause_ = error.what();
    // What is dark is lost after all when the outage is over and it has not come back.
    if (known_ != Known::here && (known_ != Known::dark || (parts_.outage && parts_.outage->cause()))) co_return;
    if (known_ == Known::here) {
        lost_since_ = status_.heard_at.value_or(parts_.surroundings.clock.now());
        auto outage = co_await outage_behind();
        outage_ = outage.value_or("");
        known_ = outage ? Known::dark : Known::lost;
    } else {
        known_ = Known::lost;
    }
    const auto cause = cut_utf8(error.what(), cause_bytes_max);
    Record record = record_of(known_ == Known::dark ? Kind::device_dark : Kind::camera_lost);
    record.facts["cause"] = cause;
    if (!outage_.empty()) record.facts["outage"] = outage_;
    if (known_ == Known::dark) {
        record.facts["fault"] = name_of(error.fault());
        record.facts["silent_since"] = to_text(lost_since_);
    } else {
        record.facts["camera"] = device_.id;
        record.facts["from"] = to_text(lost_since_);
    }
    co_await append(sink, std::move(record));
}

// Its own crash is no outage's.
Task<std::optional<std::string>> Camera::outage_behind() {
    if (crashed_ || parts_.outage == nullptr || !parts_.outage->is_watched()) co_return std::nullopt;
    if (!parts_.outage->cause()) co_await parts_.surroundings.clock.sleep_for(outage_word_limit);
    co_return parts_.outage->cause();
}

Task<Error> Camera::judge_crash(RecordSink& sink, Error error) {
    const auto now = parts_.surroundings.clock.steady_now();
    crashes_.push_back(now);
    while (now - crashes_.front() > crash_window) crashes_.pop_front();
    if (crashes_.size() < crashes_max) co_return error;
    crashes_.clear();
    quarantined_ = true;
    Record alarm = record_of(Kind::alarm_raised);
    alarm.facts["code"] = "camera_quarantined";
    alarm.facts["cause"] = cut_utf8(error.what(), cause_bytes_max);
    co_await append(sink, std::move(alarm));
    co_return Error(Fault::refused, "quarantined: its worker ended " + std::to_string(crashes_max) + " times in a minute, at last: " + error.what());
}

} // namespace gatehouse::pipelines
