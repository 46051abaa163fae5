// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/face_terminal.hpp"

#include "tests/simulators/devices/isapi/picture.hpp"
#include "tests/simulators/devices/isapi/xml.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace gatehouse::simulators::isapi {
namespace json = boost::json;
using control::FaultName;

namespace {

constexpr std::array firmwares{
    TerminalFirmware{.name = "k1t671",
                     .model = "DS-K1T671M",
                     .version = "V3.2.30",
                     .part_name = "AccessControllerEvent",
                     .has_part_type = true,
                     .page_events_max = 30,
                     .honours_begin_serial = true,
                     .replays_log = false,
                     .has_face = true,
                     .doors = 1},
    TerminalFirmware{.name = "k1t341",
                     .model = "DS-K1T341AM",
                     .version = "V3.7.80",
                     .part_name = "event_log",
                     .has_part_type = false,
                     .page_events_max = 20,
                     .honours_begin_serial = true,
                     .replays_log = true,
                     .has_face = true,
                     .doors = 1},
    TerminalFirmware{.name = "k1t342",
                     .model = "DS-K1T342EFWX",
                     .version = "V3.3.5",
                     .part_name = "event_log",
                     .has_part_type = false,
                     .page_events_max = 10,
                     .honours_begin_serial = false,
                     .replays_log = true,
                     .has_face = true,
                     .doors = 1},
    TerminalFirmware{.name = "k2604",
                     .model = "DS-K2604T",
                     .version = "V2.2.7",
                     .part_name = "AccessControllerEvent",
                     .has_part_type = true,
                     .page_events_max = 30,
                     .honours_begin_serial = true,
                     .replays_log = false,
                     .has_face = false,
                     .doors = 4},
};

constexpr std::array own_faults{
    FaultName{"numbers_as_text", "numbers come as strings"},
    FaultName{"no_door", "doorNo is missing"},
    FaultName{"no_current_event", "currentEvent is missing in pushes and streams"},
    FaultName{"misspelt_front", "fronSerialNo instead of frontSerialNo"},
    FaultName{"no_pictures", "events without their pictures"},
    FaultName{"big_picture", "pictures have `bytes` bytes"},
    FaultName{"picture_gone", "pictureURL leads to 404"},
    FaultName{"replay_on_connect", "each new stream gets the whole memory first, currentEvent false, `per_s` events a second (0: at once)"},
    FaultName{"replay_log", "deed: the whole memory on every stream now, currentEvent false"},
    FaultName{"page_cap", "a search answers at most `value` events"},
    FaultName{"ignore_begin_serial", "a search does as though beginSerialNo had not been given"},
    FaultName{"unsorted", "a search turns the order of events of the same second around"},
    FaultName{"never_done", "a search says MORE for ever, with the last page again and again"},
    FaultName{"conflict", "deed: the last event again, same serialNo and time, another person"},
    FaultName{"serial_reset", "deed: the next serialNo is `to` (1); the memory stays"},
    FaultName{"clear_log", "deed: the memory is emptied, serialNo goes on (or from `to`)"},
    FaultName{"forget", "deed: the oldest `count` events are dropped from memory, as when it is full"},
    FaultName{"door_silent", "remote orders answer OK and nothing follows"},
    FaultName{"no_denials", "refused passes are not logged at all"},
};

const std::vector<FaultName>& all_faults() {
    static const std::vector<FaultName> all = [] {
        std::vector<FaultName> both(own_faults.begin(), own_faults.end());
        both.insert(both.end(), common_faults().begin(), common_faults().end());
        return both;
    }();
    return all;
}

std::string text_in(const json::object& object, std::string_view name, std::string otherwise) {
    const auto* value = object.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : otherwise;
}

double number_in(const json::object& object, std::string_view name, double otherwise) {
    const auto* value = object.if_contains(name);
    return value && value->is_number() ? value->to_number<double>() : otherwise;
}

bool truth_in(const json::object& object, std::string_view name, bool otherwise) {
    const auto* value = object.if_contains(name);
    return value && value->is_bool() ? value->get_bool() : otherwise;
}

std::optional<json::object> object_in(std::string_view text, std::string_view key) {
    boost::system::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error);
    if (error || !value.is_object()) return std::nullopt;
    const auto* inside = value.get_object().if_contains(key);
    if (!inside || !inside->is_object()) return std::nullopt;
    return inside->get_object();
}

std::string employee_of(int person) { return std::to_string(30101 + person); }

std::string card_of(int person) {
    char text[16];
    std::snprintf(text, sizeof text, "%010d", 8165501 + person * 7);
    return text;
}

} // namespace

std::span<const TerminalFirmware> terminal_firmwares() { return firmwares; }

FaceTerminal::FaceTerminal(boost::asio::io_context& io, Setup setup, Habits habits, control::Ledger& ledger, control::Faults& faults)
    : IsapiDevice(io, std::move(setup), ledger, faults), habits_(habits), next_serial_(habits.first_serial) {
    auto found = std::find_if(firmwares.begin(), firmwares.end(), [&](auto& one) { return setup_.firmware.empty() || one.name == setup_.firmware; });
    if (found == firmwares.end()) throw std::runtime_error("no terminal firmware named " + setup_.firmware);
    firmware_ = *found;
    if (setup_.memory_max == 0) setup_.memory_max = memory_events_max;
    last_serial_ = next_serial_ - 1;
    doors_.resize(static_cast<std::size_t>(firmware_.doors));
}

std::span<const FaultName> FaceTerminal::faults() const { return all_faults(); }

Framing FaceTerminal::stream_framing() const {
    Framing framing;
    framing.boundary = "MIME_boundary";
    return framing;
}

Framing FaceTerminal::push_framing() const {
    auto framing = stream_framing();
    framing.has_part_type = firmware_.has_part_type;
    return framing;
}

// ---------------------------------------------------------------- events

std::string FaceTerminal::picture_of(std::uint64_t serial) const {
    auto bytes = static_cast<std::size_t>(faults_.number("big_picture", "bytes", static_cast<double>(setup_.picture_bytes)));
    return make_picture(setup_.seed * 1'000'003 + serial, bytes);
}

// /LOCALS/pic/acsLinkCap/202601_00/15_083107_30075_0.jpeg@WEB000000000031: the serial stands in the tail.
std::string FaceTerminal::picture_path(const AccessEvent& event) const {
    auto stamp = format_digits(event.at, zone_minutes());
    char tail[64];
    std::snprintf(tail, sizeof tail, "_300%02d_0.jpeg@WEB%012llu", event.minor % 100, static_cast<unsigned long long>(event.serial));
    return "/LOCALS/pic/acsLinkCap/" + stamp.substr(0, 6) + "_00/" + stamp.substr(6, 2) + "_" + stamp.substr(8, 6) + tail;
}

AccessBends FaceTerminal::draw_bends() {
    AccessBends bends;
    bends.numbers_as_text = faults_.strikes("numbers_as_text");
    bends.no_door = faults_.strikes("no_door");
    bends.no_current = faults_.strikes("no_current_event");
    bends.misspelt_front = faults_.strikes("misspelt_front");
    return bends;
}

Alert FaceTerminal::alert_of(const AccessEvent& event, bool is_replay) {
    TerminalFace face;
    face.address = setup_.shown_address;
    face.mac = setup_.mac;
    Alert alert;
    alert.is_json = true;
    alert.part_name = firmware_.part_name;
    auto shown = event;
    shown.has_picture = event.has_picture && !faults_.is_set("no_pictures");
    auto bends = draw_bends();
    bends.is_replay = is_replay;
    alert.body = access_event_json(shown, face, bends);
    if (shown.has_picture)
        alert.pictures.push_back(
            Picture{.name = "Picture", .file_name = "Picture.jpg", .content_id = "pictureImage", .bytes = picture_of(event.serial)});
    return alert;
}

control::LedgerRow FaceTerminal::add(AccessEvent event) {
    event.serial = next_serial_;
    event.front_serial = last_serial_;
    last_serial_ = next_serial_;
    next_serial_ = next_serial_ >= habits_.serial_wrap ? 1 : next_serial_ + 1;
    if (event.at == 0) event.at = now();
    event.time_text = time_text(event.at);
    event.device_name = canary(next_canary_++);
    if (event.names_person()) {
        event.name = canary(next_canary_++);
        event.verify_no = next_verify_no_++;
    }
    event.has_picture = event.has_picture && firmware_.has_face;
    memory_.push_back(event);
    while (memory_.size() > setup_.memory_max) memory_.pop_front();
    auto subject = !event.employee.empty() ? "person:" + event.employee : !event.card.empty() ? "card:" + event.card : std::string();
    auto row = add_row(event.serial, std::string(record_kind(event.major, event.minor)), subject, event.at);
    emit(alert_of(event, false));
    return row;
}

control::LedgerRow FaceTerminal::add_plain(int major, int minor, int door) {
    AccessEvent event;
    event.major = major;
    event.minor = minor;
    event.door = door;
    event.reader = 0;
    event.verify_mode = "invalid";
    return add(std::move(event));
}

void FaceTerminal::unlock(int door) {
    if (door < 1 || door > firmware_.doors) return;
    auto& one = doors_[static_cast<std::size_t>(door - 1)];
    if (one.mode == 3) return;
    one.is_unlocked = true;
    auto release = ++one.release;
    add_plain(5, 21, door);
    if (one.mode == 2) return;
    later(habits_.relock_s, [this, door, release] {
        auto& same = doors_[static_cast<std::size_t>(door - 1)];
        if (same.release != release || same.mode == 2 || !same.is_unlocked) return;
        same.is_unlocked = false;
        add_plain(5, 22, door);
    });
}

control::LedgerRow FaceTerminal::pass(AccessEvent event, bool opens_first) {
    bool opens = habits_.follows_up && is_grant(event.major, event.minor);
    auto door = event.door;
    // Real logs hold both orders, "lock opened" before and after the face that opened it.
    if (opens && opens_first) unlock(door);
    auto row = add(std::move(event));
    if (opens && !opens_first) unlock(door);
    return row;
}

// Understands: major, minor, door, reader, employee, card, verify_mode, mask, picture, follow_ups, at (time text).
control::LedgerRow FaceTerminal::event(const json::object& what) {
    AccessEvent event;
    event.major = static_cast<int>(number_in(what, "major", 5));
    event.minor = static_cast<int>(number_in(what, "minor", firmware_.has_face ? 75 : 1));
    event.door = static_cast<int>(number_in(what, "door", 1));
    event.reader = static_cast<int>(number_in(what, "reader", 1));
    bool is_person = record_kind(event.major, event.minor) == "pass.granted";
    event.employee = text_in(what, "employee", is_person ? "30112" : "");
    event.card = text_in(what, "card", is_person && event.minor == 1 ? "0008165537" : "");
    event.verify_mode = text_in(what, "verify_mode", event.names_person() ? "cardOrFace" : "invalid");
    event.mask = text_in(what, "mask", event.minor == 75 ? "no" : "unknown");
    event.has_picture = truth_in(what, "picture", event.minor == 75 || event.minor == 76);
    if (auto at = text_in(what, "at", ""); !at.empty()) {
        auto parsed = parse_time(at, zone_minutes());
        if (!parsed) throw control::Refused("not a time: " + at);
        event.at = *parsed;
    }
    return truth_in(what, "follow_ups", false) ? pass(std::move(event), false) : add(std::move(event));
}

control::LedgerRow FaceTerminal::random_event(std::mt19937_64& random) {
    auto draw = [&](int below) { return static_cast<int>(random() % static_cast<std::uint64_t>(below)); };
    AccessEvent event;
    event.door = 1 + draw(firmware_.doors);
    event.reader = 1 + draw(2);
    auto person = draw(people_count);
    auto dice = draw(100);
    bool no_denials = faults_.is_set("no_denials");
    if (dice >= 84 && dice < 94 && no_denials) dice = 0;
    if (dice < 60 && firmware_.has_face) {
        event.minor = 75;
        event.employee = employee_of(person);
        event.mask = "no";
        event.has_picture = true;
    } else if (dice < 84) {
        event.minor = 1;
        event.card = card_of(person);
        event.employee = employee_of(person);
    } else if (dice < 88 && firmware_.has_face) {
        event.minor = 76;
        event.has_picture = true;
    } else if (dice < 94) {
        event.minor = dice < 91 ? 9 : 7;
        event.card = dice < 91 ? "0099" + std::to_string(100000 + draw(900000)) : card_of(person);
    } else {
        event.minor = dice < 98 ? 23 : 28;
        event.verify_mode = "invalid";
        event.reader = 0;
    }
    // In a flood each event stands alone, or the door timers would multiply it.
    if (faults_.is_set("flood")) return add(std::move(event));
    return pass(std::move(event), draw(4) == 0);
}

void FaceTerminal::clock_was_set(bool by_ntp) { add_plain(3, by_ntp ? 1029 : 1028, 0); }

void FaceTerminal::came_up() { add_plain(2, 1024, 0); }

void FaceTerminal::stream_opened(HttpServer::StreamId stream) {
    if (firmware_.replays_log || faults_.is_set("replay_on_connect")) replay(stream, 0);
}

void FaceTerminal::replay(HttpServer::StreamId stream, std::size_t from) {
    auto per_s = faults_.number("replay_on_connect", "per_s", 0);
    for (; from < memory_.size(); ++from) {
        auto alert = alert_of(memory_[from], true);
        alert.pictures.clear();
        send_to(stream, alert);
        if (per_s > 0) {
            later(1 / per_s, [this, stream, from] { replay(stream, from + 1); });
            return;
        }
    }
}

bool FaceTerminal::own_fault(std::string_view name, const json::object& arguments) {
    if (name == "replay_log") {
        for (auto& event : memory_) emit_again(alert_of(event, true));
        return true;
    }
    if (name == "clear_log" || name == "serial_reset") {
        if (name == "clear_log") memory_.clear();
        if (name == "serial_reset" || arguments.contains("to")) {
            next_serial_ = static_cast<std::uint64_t>(number_in(arguments, "to", 1));
            last_serial_ = next_serial_ - 1;
        }
        return true;
    }
    if (name == "forget") {
        for (auto count = count_of(arguments, 1); count > 0 && !memory_.empty(); --count) memory_.pop_front();
        return true;
    }
    if (name == "conflict") {
        if (memory_.empty()) throw control::Refused("nothing happened yet that could be contradicted");
        auto other = memory_.back();
        other.employee = other.employee == "39999" ? "39998" : "39999";
        other.name = canary(next_canary_++);
        add_row(other.serial, std::string(record_kind(other.major, other.minor)), "person:" + other.employee, other.at);
        emit_again(alert_of(other, false));
        return true;
    }
    return false;
}

// ---------------------------------------------------------------- requests

std::optional<Reply> FaceTerminal::answer_own(const Request& request) {
    const auto& path = request.path;
    if (path.starts_with("/LOCALS/pic/")) return answer_picture(request);
    if (!path.starts_with("/ISAPI/")) return std::nullopt;
    if (path == "/ISAPI/AccessControl/AcsEvent") {
        if (request.method != "POST") return say(status_method_not_allowed, request);
        return search(request);
    }
    if (path == "/ISAPI/AccessControl/AcsEvent/capabilities" && request.method == "GET")
        return json_reply("{\"AcsEvent\":{\"AcsEventCond\":{\"maxResults\":{\"@min\":1,\"@max\":" + std::to_string(firmware_.page_events_max) +
                          "}}}}");
    if (auto reply = answer_door(request)) return reply;
    return answer_people(request);
}

Reply FaceTerminal::answer_picture(const Request& request) {
    auto at = request.path.rfind("@WEB");
    auto serial = at == std::string::npos ? 0 : std::strtoull(request.path.c_str() + at + 4, nullptr, 10);
    auto found = std::find_if(memory_.begin(), memory_.end(), [&](auto& event) { return event.serial == serial && event.has_picture; });
    Reply reply;
    if (found == memory_.end() || faults_.is_set("picture_gone") || picture_path(*found) != request.path) {
        reply.status = 404;
        reply.content_type = "text/html";
        reply.body = "<html><body>404 Not Found</body></html>";
        return reply;
    }
    ++pictures_served_;
    reply.content_type = "image/jpeg";
    reply.body = picture_of(serial);
    return reply;
}

Reply FaceTerminal::search(const Request& request) {
    ++searches_;
    auto condition = object_in(request.body, "AcsEventCond");
    if (!condition) return say(status_bad_format, request);
    auto search_id = text_in(*condition, "searchID", "");
    if (search_id.empty()) return say(status_bad_content, request);
    auto position = static_cast<std::size_t>(std::max(0.0, number_in(*condition, "searchResultPosition", 0)));
    auto wanted = static_cast<std::size_t>(std::max(1.0, number_in(*condition, "maxResults", 30)));
    auto page = std::min(wanted, static_cast<std::size_t>(faults_.number("page_cap", "value", static_cast<double>(firmware_.page_events_max))));
    auto major = static_cast<int>(number_in(*condition, "major", 0));
    auto minor = static_cast<int>(number_in(*condition, "minor", 0));
    bool by_serial = firmware_.honours_begin_serial && !faults_.is_set("ignore_begin_serial");
    auto begin = by_serial ? static_cast<std::uint64_t>(number_in(*condition, "beginSerialNo", 0)) : 0;
    auto end = by_serial ? static_cast<std::uint64_t>(number_in(*condition, "endSerialNo", 1e18)) : ~std::uint64_t{0};
    Micros from = 0;
    Micros to = INT64_MAX;
    for (auto [key, where] : {std::pair{"startTime", &from}, std::pair{"endTime", &to}}) {
        auto text = text_in(*condition, key, "");
        if (text.empty()) continue;
        auto parsed = parse_time(text, zone_minutes());
        if (!parsed) return say(status_bad_content, request);
        *where = *parsed;
    }
    std::vector<const AccessEvent*> matches;
    for (auto& event : memory_) {
        // To the second, as the device prints them.
        auto at = event.at - event.at % second;
        bool fits = (major == 0 || event.major == major) && (minor == 0 || event.minor == minor) && event.serial >= begin && event.serial <= end &&
                    at >= from && at <= to;
        if (fits) matches.push_back(&event);
    }
    if (truth_in(*condition, "timeReverseOrder", false)) std::reverse(matches.begin(), matches.end());
    if (faults_.is_set("unsorted")) {
        for (auto first = matches.begin(); first != matches.end();) {
            auto last = std::find_if(first, matches.end(), [&](auto* one) { return one->at / second != (*first)->at / second; });
            std::reverse(first, last);
            first = last;
        }
    }
    auto total = matches.size();
    bool never_done = faults_.is_set("never_done") && total > 0;
    if (never_done && position >= total) position = total > page ? total - page : 0;
    auto shown = position < total ? std::min(page, total - position) : 0;
    bool more = never_done || position + shown < total;
    std::string rows;
    bool with_pictures = truth_in(*condition, "picEnable", false) && !faults_.is_set("no_pictures");
    auto bends = draw_bends();
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& event = *matches[position + i];
        auto url = event.has_picture && with_pictures ? "http://" + setup_.listen_address + ":" + std::to_string(port()) + picture_path(event)
                                                      : std::string();
        rows += (i == 0 ? "\t\t\t" : ",\n\t\t\t") + search_row_json(event, url, bends);
    }
    std::string body = "{\n\t\"AcsEvent\":\t{\n\t\t\"searchID\":\t\"" + search_id + "\",\n\t\t\"totalMatches\":\t" + std::to_string(total) +
                       ",\n\t\t\"responseStatusStrg\":\t\"" +
                       (shown == 0 ? "NO MATCH"
                        : more     ? "MORE"
                                   : "OK") +
                       "\",\n\t\t\"numOfMatches\":\t" + std::to_string(shown);
    if (shown > 0) body += ",\n\t\t\"InfoList\":\t[\n" + rows + "\n\t\t]";
    return json_reply(body + "\n\t}\n}\n");
}

std::optional<Reply> FaceTerminal::answer_door(const Request& request) {
    const std::string base = "/ISAPI/AccessControl/RemoteControl/door/";
    if (request.path == "/ISAPI/AccessControl/AcsWorkStatus" && request.method == "GET") {
        json::array locks;
        json::array modes;
        json::array contacts;
        for (auto& door : doors_) {
            locks.push_back(door.is_unlocked ? 1 : 0);
            modes.push_back(door.mode);
            contacts.push_back(0);
        }
        json::object status{{"doorLockStatus", locks},
                            {"doorStatus", modes},
                            {"magneticStatus", contacts},
                            {"cardReaderOnlineStatus", {1, 2}},
                            {"cardNum", cards_.size()}};
        return json_reply(json::serialize(json::object{{"AcsWorkStatus", status}}));
    }
    if (!request.path.starts_with(base)) return std::nullopt;
    if (request.method != "PUT") return say(status_method_not_allowed, request);
    auto door = std::atoi(request.path.c_str() + base.size());
    bool is_all = door == 65535;
    if (!is_all && (door < 1 || door > firmware_.doors)) return say(status_bad_content, request);
    std::string order;
    if (request.wants_json()) {
        auto body = object_in(request.body, "RemoteControlDoor");
        if (!body) return say(status_bad_format, request);
        order = text_in(*body, "cmd", "");
    } else {
        auto said = element_text(request.body, "cmd");
        if (!said) return say(status_bad_format, request);
        order = *said;
    }
    static constexpr std::array<std::pair<std::string_view, int>, 5> orders{
        {{"open", 1024}, {"close", 1025}, {"alwaysOpen", 1026}, {"alwaysClose", 1027}, {"resume", 0}}};
    auto known = std::find_if(orders.begin(), orders.end(), [&](auto& one) { return one.first == order; });
    if (known == orders.end()) return say(status_bad_content, request);
    if (faults_.is_set("door_silent")) return say(status_ok, request);
    // The log fills after the answer has left, as on the real thing.
    auto minor = known->second;
    for (int one = is_all ? 1 : door; one <= (is_all ? firmware_.doors : door); ++one) {
        later(0.02, [this, one, minor, order] {
            auto& state = doors_[static_cast<std::size_t>(one - 1)];
            if (minor != 0) add_plain(3, minor, one);
            if (order == "open") return unlock(one);
            auto before = state.mode;
            state.mode = order == "alwaysOpen" ? 2 : order == "alwaysClose" ? 3 : 4;
            if (order == "close") state.mode = before;
            if (order == "alwaysOpen") {
                state.is_unlocked = true;
                add_plain(5, 19, one);
            } else if (order == "alwaysClose") {
                state.is_unlocked = false;
                add_plain(5, 31, one);
            } else if (order == "resume") {
                state.is_unlocked = false;
                if (before == 2) add_plain(5, 20, one);
                if (before == 3) add_plain(5, 32, one);
            } else if (state.is_unlocked) {
                state.is_unlocked = false;
                add_plain(5, 22, one);
            }
        });
    }
    return say(status_ok, request);
}

std::optional<Reply> FaceTerminal::answer_people(const Request& request) {
    const auto& path = request.path;
    auto rest_of = [&](std::string_view base) -> std::optional<std::string> {
        if (!path.starts_with(base)) return std::nullopt;
        return path.substr(base.size());
    };
    // Users and cards are stored and found alike.
    auto store = [&](auto& shelf, const std::string& verb, std::string_view key, std::string_view object_name) -> std::optional<Reply> {
        bool is_record = verb == "Record" && request.method == "POST";
        if (is_record || ((verb == "SetUp" || verb == "Modify") && request.method == "PUT")) {
            auto body = object_in(request.body, object_name);
            auto id = body ? text_in(*body, key, "") : "";
            if (id.empty() || id.size() > 32) return say(status_bad_content, request);
            if (is_record && shelf.contains(id)) return say(status_user_exists, request);
            if (verb == "Modify" && !shelf.contains(id)) return say(status_bad_content, request);
            shelf[id] = *body;
            return say(status_ok, request);
        }
        if (verb == "Search" && request.method == "POST") {
            auto condition = object_in(request.body, std::string(object_name) + "SearchCond");
            if (!condition) return say(status_bad_format, request);
            auto position = static_cast<std::size_t>(std::max(0.0, number_in(*condition, "searchResultPosition", 0)));
            auto most = std::min<std::size_t>(30, static_cast<std::size_t>(std::max(1.0, number_in(*condition, "maxResults", 30))));
            const auto* list = condition->if_contains("EmployeeNoList");
            json::array found;
            std::size_t total = 0;
            for (auto& [id, row] : shelf) {
                bool fits = list == nullptr || !list->is_array() || list->get_array().empty();
                if (!fits) {
                    for (auto& one : list->get_array())
                        fits |= one.is_object() && text_in(one.get_object(), "employeeNo", "") == text_in(row, "employeeNo", "?");
                }
                if (!fits) continue;
                if (total++ >= position && found.size() < most) found.push_back(row);
            }
            auto shown = found.size();
            json::object answer{{"searchID", text_in(*condition, "searchID", "")},
                                {"responseStatusStrg", shown == 0                 ? "NO MATCH"
                                                       : position + shown < total ? "MORE"
                                                                                  : "OK"},
                                {"numOfMatches", shown},
                                {"totalMatches", total}};
            if (shown > 0) answer[object_name] = std::move(found);
            return json_reply(json::serialize(json::object{{std::string(object_name) + "Search", std::move(answer)}}));
        }
        if (verb == "Delete" && request.method == "PUT") {
            bool is_user = object_name == "UserInfo";
            auto condition = object_in(request.body, is_user ? "UserInfoDelCond" : "CardInfoDelCond");
            if (!condition) return say(status_bad_format, request);
            for (auto list_name : {"EmployeeNoList", "CardNoList"}) {
                const auto* list = condition->if_contains(list_name);
                if (!list || !list->is_array()) continue;
                for (auto& one : list->get_array()) {
                    if (!one.is_object()) continue;
                    auto employee = text_in(one.get_object(), "employeeNo", "");
                    auto card = text_in(one.get_object(), "cardNo", "");
                    auto is_it = [&](auto& row) {
                        return (!employee.empty() && text_in(row.second, "employeeNo", "") == employee) || (!card.empty() && row.first == card);
                    };
                    std::erase_if(shelf, is_it);
                    if (is_user && !employee.empty()) {
                        std::erase_if(cards_, is_it); // a person's cards and face go along
                        faces_.erase(employee);
                    }
                }
            }
            return say(status_ok, request);
        }
        if (verb == "Count" && request.method == "GET")
            return json_reply(json::serialize(json::object{
                {std::string(object_name) + "Count", json::object{{object_name == "UserInfo" ? "userNumber" : "cardNumber", shelf.size()}}}}));
        if (verb == "capabilities" && request.method == "GET")
            return json_reply(
                json::serialize(json::object{{object_name, json::object{{"maxRecordNum", 3000}, {"employeeNo", {{"@min", 1}, {"@max", 32}}}}}}));
        return std::nullopt;
    };
    if (auto verb = rest_of("/ISAPI/AccessControl/UserInfo/")) return store(users_, *verb, "employeeNo", "UserInfo");
    if (auto verb = rest_of("/ISAPI/AccessControl/CardInfo/")) return store(cards_, *verb, "cardNo", "CardInfo");
    if (auto verb = rest_of("/ISAPI/Intelligent/FDLib/"); verb && firmware_.has_face) {
        if ((*verb == "FaceDataRecord" && request.method == "POST") || (*verb == "FDSetUp" && request.method == "PUT")) {
            // The JSON part comes first, the JPEG after it.
            auto open = request.body.find('{');
            auto close = request.body.find('}', open == std::string::npos ? 0 : open);
            auto jpeg = request.body.find("\xFF\xD8\xFF");
            if (open == std::string::npos || close == std::string::npos) return say(status_bad_content, request);
            boost::system::error_code error;
            auto described = json::parse(std::string_view(request.body).substr(open, close + 1 - open), error);
            if (error || !described.is_object()) return say(status_bad_content, request);
            auto id = text_in(described.get_object(), "FPID", "");
            bool has_picture = jpeg != std::string::npos || described.get_object().contains("faceURL");
            if (id.empty() || !has_picture || (jpeg != std::string::npos && jpeg < open)) return say(status_bad_content, request);
            if (*verb == "FaceDataRecord" && faces_.contains(id)) return say(status_user_exists, request);
            faces_[id] = jpeg == std::string::npos ? 0 : request.body.rfind("\xFF\xD9") + 2 - jpeg;
            return say(status_ok, request);
        }
        if (*verb == "FDSearch" && request.method == "POST") {
            boost::system::error_code error;
            auto body = json::parse(request.body, error);
            if (error || !body.is_object()) return say(status_bad_format, request);
            auto id = text_in(body.get_object(), "FPID", "");
            json::array found;
            for (auto& [face, bytes] : faces_) {
                if (id.empty() || id == face) found.push_back(json::object{{"FPID", face}});
            }
            auto shown = found.size();
            return json_reply(json::serialize(json::object{{"responseStatusStrg", shown == 0 ? "NO MATCH" : "OK"},
                                                           {"numOfMatches", shown},
                                                           {"totalMatches", shown},
                                                           {"MatchList", std::move(found)}}));
        }
        if (*verb == "FDSearch/Delete" && request.method == "PUT") {
            boost::system::error_code error;
            auto body = json::parse(request.body, error);
            const auto* ids = !error && body.is_object() ? body.get_object().if_contains("FPID") : nullptr;
            if (!ids || !ids->is_array()) return say(status_bad_format, request);
            for (auto& id : ids->get_array()) {
                if (id.is_object()) faces_.erase(text_in(id.get_object(), "value", ""));
            }
            return say(status_ok, request);
        }
    }
    return std::nullopt;
}

json::object FaceTerminal::own_state() {
    json::array doors;
    for (auto& door : doors_) doors.push_back(json::object{{"unlocked", door.is_unlocked}, {"mode", door.mode}, {"releases", door.release}});
    json::array users;
    for (auto& [id, row] : users_) users.push_back(json::string(id));
    json::array cards;
    for (auto& [id, row] : cards_) cards.push_back(json::string(id));
    return {{"kind", "face"},
            {"model", json::string(firmware_.model)},
            {"memory", memory_.size()},
            {"oldest_serial", memory_.empty() ? 0 : memory_.front().serial},
            {"last_serial", last_serial_},
            {"next_serial", next_serial_},
            {"searches", searches_},
            {"pictures_served", pictures_served_},
            {"doors", std::move(doors)},
            {"users", std::move(users)},
            {"cards", std::move(cards)},
            {"faces", faces_.size()}};
}

} // namespace gatehouse::simulators::isapi
