// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/camera.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace gatehouse::simulators::cameras {
namespace json = boost::json;
using control::FaultName;
using control::Refused;

namespace {

constexpr std::array known_faults{
    FaultName{"drop", "deed: every RTSP connection ends, after what is on its way; abrupt true: by a reset"},
    FaultName{"offline", "nothing listens, every connection is reset"},
    FaultName{"half_open", "connections stay and take bytes, nothing comes back; new ones too"},
    FaultName{"slow_loris", "all that clients get over TCP drips, bytes_per_s (50)"},
    FaultName{"freeze", "no packets, of stream (both); RTSP is answered; afterwards on with a key frame"},
    FaultName{"garbage", "the slices of frames are noise, of stream (both)"},
    FaultName{"garbage_bytes", "deed: bytes (500) that are no RTSP between two packets of each client over TCP"},
    FaultName{"no_key_frames", "of key frames the parameter sets alone are sent, of stream (both)"},
    FaultName{"other_size", "from the next key frame on another resolution with its parameter sets, of stream (those that have one)"},
    FaultName{"timestamp_jump", "deed: RTP time stamps are off by by_s (10) more from now on, in sender reports too"},
    FaultName{"lose_packets", "RTP packets are lost"},
    FaultName{"no_sender_reports", "no RTCP from the camera"},
    FaultName{"wrong_sdp", "what: no_parameter_sets (default), bad_parameter_sets, wrong_codec, no_video, garbage"},
    FaultName{"refuse_login", "every password counts as wrong, over RTSP and ONVIF"},
    FaultName{"not_activated", "no password was ever set: ONVIF is 404, the vendor's page says notActivated, nobody is let in"},
    FaultName{"onvif_off", "ONVIF and discovery are switched off; the vendor's page and RTSP are there"},
    FaultName{"lock", "deed: the account is locked as after too many wrong passwords"},
    FaultName{"unlock", "deed: it is open again"},
    FaultName{"refuse_password_change", "SetUser is refused"},
    FaultName{"broken_password_change", "SetUser sets the password, and answers what is no XML"},
    FaultName{"forget_pull_points", "each call to a pull point finds all of them gone"},
    FaultName{"pull_answers_at_once", "PullMessages does not wait for events"},
    FaultName{"wrong_host", "GetStreamUri names a host that is not there"},
    FaultName{"discovery_silent", "no Probe is answered"},
    FaultName{"discovery_wants_types", "a Probe without Types is not answered"},
    FaultName{"discovery_wants_no_types", "a Probe with Types is not answered"},
    FaultName{"discovery_bare_relates", "RelatesTo has lost its urn:uuid:"},
    FaultName{"discovery_link_local_first", "XAddrs begin with a link-local IPv6 address"},
};

bool flag(const json::object& arguments, std::string_view name) {
    const auto* value = arguments.if_contains(name);
    return value && value->is_bool() && value->get_bool();
}

// What POST /event can make: by ONVIF's topic, and what a gateway should make of it (raised; over).
struct Happening {
    std::string_view what, topic, source, from, item;
    std::string_view raised, over; // record kinds; no `over`: a pulse
};
constexpr std::array happenings{
    Happening{"motion", "tns1:RuleEngine/CellMotionDetector/Motion", "VideoSourceConfigurationToken", "VideoSourceToken", "IsMotion",
              "motion.started", "motion.ended"},
    Happening{"tamper", "tns1:RuleEngine/TamperDetector/Tamper", "VideoSourceConfigurationToken", "VideoSourceToken", "IsTamper", "tamper.raised",
              "alarm.cleared"},
    Happening{"input", "tns1:Device/Trigger/DigitalInput", "InputToken", "DI_1", "LogicalState", "alarm.raised", "alarm.cleared"},
    Happening{"line", "tns1:RuleEngine/LineDetector/Crossed", "VideoSourceConfigurationToken", "VideoSourceToken", "ObjectId", "perimeter.crossed",
              ""},
};

onvif::DeviceChoice onvif_of(const CameraChoice& choice) {
    onvif::DeviceChoice onvif = choice.onvif;
    onvif.address = choice.listen_address;
    onvif.user = choice.server.user;
    onvif.password = choice.server.password;
    onvif.accounts.realm = choice.server.realm;
    onvif.name = choice.name;
    onvif.seed = choice.seed;
    return onvif;
}

std::vector<Lens*> all(const std::vector<std::unique_ptr<Lens>>& lenses) {
    std::vector<Lens*> raw;
    for (const auto& lens : lenses) raw.push_back(lens.get());
    return raw;
}

} // namespace

Camera::Camera(boost::asio::io_context& io, CameraChoice choice, std::vector<std::unique_ptr<Lens>> lenses, control::Ledger& ledger,
               control::Faults& faults)
    : io_(io), choice_(std::move(choice)), lenses_(std::move(lenses)), ledger_(ledger), faults_(faults), server_(choice_.server, all(lenses_)),
      front_(io, faults, clock_, choice_.seed), onvif_(io, onvif_of(choice_),
                                                       {.streams = [this] { return shown_streams(); },
                                                        .rtsp_port = [this] { return front_.port(); },
                                                        .snapshot = [this](const std::string& stream) { return snapshot(stream); },
                                                        .password_changed = [this](const std::string& password) { server_.set_password(password); }},
                                                       faults, clock_),
      frame_(io), boot_(io) {
    front_.watch_log_in([this](bool was_right) { onvif_.accounts().note(was_right, onvif_.now_s()); },
                        [this] { return faults_.is_set("not_activated") || onvif_.accounts().is_locked(onvif_.now_s()); });
}

std::vector<onvif::ShownStream> Camera::shown_streams() const {
    std::vector<onvif::ShownStream> streams;
    for (const auto& lens : lenses_) {
        const Footage& footage = lens->footage();
        streams.push_back({.name = lens->name(), .codec = footage.codec, .width = footage.width, .height = footage.height, .fps = footage.fps});
    }
    return streams;
}

std::string Camera::snapshot(const std::string& stream) const {
    for (const auto& lens : lenses_)
        if (lens->name() == stream) return lens->snapshot();
    return {};
}

void Camera::start() {
    const auto now = std::chrono::steady_clock::now();
    for (auto& lens : lenses_) lens->begin(now, std::chrono::system_clock::now());
    open();
    wait_for_frame();
}

void Camera::open() {
    if (front_.is_open()) return;
    front_.listen(choice_.listen_address, choice_.rtsp_port, server_.port());
    onvif_.listen();
}

void Camera::close() {
    front_.close();
    onvif_.close();
}

void Camera::wait_for_frame() {
    auto due = lenses_.front()->next_due();
    for (auto& lens : lenses_) due = std::min(due, lens->next_due());
    frame_.expires_at(due);
    frame_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        const auto now = std::chrono::steady_clock::now();
        for (auto& lens : lenses_) lens->push_due(now, [this, &lens](bool is_key) { return harm(*lens, is_key); });
        wait_for_frame();
    });
}

bool Camera::strikes(std::string_view fault, const Lens& lens) {
    if (!faults_.is_set(fault)) return false;
    const std::string only = faults_.text(fault, "stream", "");
    return (only.empty() || only == lens.name()) && faults_.strikes(fault);
}

Lens::Harm Camera::harm(const Lens& lens, bool is_key) {
    Lens::Harm harm;
    harm.is_held = is_booting_ || front_.is_frozen(lens.name());
    harm.loses_keys = is_key && strikes("no_key_frames", lens);
    harm.is_garbage = strikes("garbage", lens);
    harm.has_other_size = is_key && strikes("other_size", lens);
    return harm;
}

json::object Camera::state() {
    json::object streams;
    for (const auto& lens : lenses_) streams[lens->name()] = lens->to_json();
    return {{"name", choice_.name},
            {"streams", std::move(streams)},
            {"connections", front_.connections()},
            {"connections_made", front_.connections_made()},
            {"clock", clock_.iso_with_zone()},
            {"onvif", onvif_.state()},
            {"clock_offset_s", static_cast<double>(clock_.offset().count()) / 1e6}};
}

control::LedgerRow Camera::event(const json::object& what) {
    const auto* name = what.if_contains("what");
    const auto* state = what.if_contains("state");
    const bool is_raised = !state || !state->is_bool() || state->get_bool();
    const auto known = std::find_if(happenings.begin(), happenings.end(), [&](const Happening& each) {
        return name && name->is_string() && each.what == std::string_view(name->get_string().data(), name->get_string().size());
    });
    if (known == happenings.end()) throw Refused("what is motion, tamper, input or line");
    const bool is_pulse = known->over.empty();
    onvif_.notify({.topic = std::string(known->topic),
                   .source = std::string(known->source),
                   .from = std::string(known->from),
                   .item = std::string(known->item),
                   .value = is_pulse    ? "0"
                            : is_raised ? "true"
                                        : "false",
                   .is_state = !is_pulse});
    return ledger_.add({.device = choice_.name,
                        .key = next_key_++,
                        .kind = std::string(is_raised || is_pulse ? known->raised : known->over),
                        .subject = {},
                        .at = clock_.iso_with_zone(),
                        .made_at = {}});
}

control::LedgerRow Camera::random_event(std::mt19937_64& random) {
    const Happening& one = happenings[random() % happenings.size()];
    return event({{"what", one.what}, {"state", random() % 2 == 0}});
}

std::span<const FaultName> Camera::faults() const { return known_faults; }

bool Camera::fault_was_set(std::string_view name, const json::object& arguments) {
    const std::string key(name);
    if (name == "drop") {
        front_.drop(flag(arguments, "abrupt"));
        return true;
    }
    if (name == "timestamp_jump") {
        front_.jump(faults_.number(name, "by_s", 10));
        return true;
    }
    if (name == "garbage_bytes") {
        front_.inject(static_cast<std::size_t>(std::clamp(faults_.number(name, "bytes", 500), 1.0, 1e6)));
        return true;
    }
    if (name == "lock") {
        onvif_.accounts().lock(onvif_.now_s());
        return true;
    }
    if (name == "unlock") {
        onvif_.accounts().unlock();
        return true;
    }
    if (name == "offline") close();
    if (name == "other_size" && std::none_of(lenses_.begin(), lenses_.end(), [](const auto& lens) { return lens->has_other_size(); })) {
        faults_.clear(key);
        throw Refused("no stream of this camera has another size (--other-size)");
    }
    if (name == "half_open" || name == "slow_loris") front_.faults_changed();
    return false;
}

void Camera::fault_was_cleared(std::string_view name) {
    if (name == "offline" && !is_booting_) open();
    if (name == "half_open" || name == "slow_loris") front_.faults_changed();
}

void Camera::set_clock(std::chrono::microseconds offset, std::optional<double> drift_ppm) {
    clock_.set_offset(offset);
    if (drift_ppm) clock_.set_drift(*drift_ppm);
}

void Camera::reboot() {
    close();
    onvif_.reboot();
    is_booting_ = true;
    boot_.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(choice_.reboot_s * 1e6)));
    boot_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        is_booting_ = false;
        if (!faults_.is_set("offline")) open();
    });
}

std::optional<json::value> Camera::request(std::string_view verb, std::string_view target, const json::object& body) {
    if (verb == "GET" && target == "/clients") return front_.served();
    if (verb == "POST" && target == "/password") {
        const auto* password = body.if_contains("password");
        if (!password || !password->is_string()) throw Refused("a password is a text");
        server_.set_password(std::string(password->get_string()));
        onvif_.accounts().set(choice_.server.user, std::string(password->get_string()));
        return json::object{{"changed", true}};
    }
    constexpr std::string_view frames = "/frames/";
    if (verb == "GET" && target.starts_with(frames)) {
        const std::string_view rest = target.substr(frames.size());
        const std::string_view name = rest.substr(0, rest.find('?'));
        std::uint64_t first = 0;
        if (const auto mark = rest.find("?after="); mark != std::string_view::npos)
            std::from_chars(rest.data() + mark + std::string_view("?after=").size(), rest.data() + rest.size(), first);
        for (const auto& lens : lenses_)
            if (lens->name() == name) return lens->frames_since(first);
    }
    return std::nullopt;
}

} // namespace gatehouse::simulators::cameras
