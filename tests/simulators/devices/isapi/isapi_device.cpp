// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/isapi_device.hpp"

#include "tests/simulators/devices/isapi/xml.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace gatehouse::simulators::isapi {
namespace json = boost::json;
using control::FaultName;

namespace {

constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr std::string_view isapi_namespace = " version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n";

constexpr std::array common{
    FaultName{"offline", "nothing listens, all connections cut, no pushes; events go on into the memory"},
    FaultName{"dead", "connections are taken and nothing is ever answered, sent or pushed"},
    FaultName{"mute_stream", "streams stay open and carry nothing more, heartbeats neither (half-open)"},
    FaultName{"drop_stream", "all streams are cut every `every_s` seconds"},
    FaultName{"no_heartbeat", "no heartbeats on streams and pushes; events go on"},
    FaultName{"no_push", "events are not pushed"},
    FaultName{"push_stops_on_reboot", "after a reboot nothing is pushed until httpHosts is read or written"},
    FaultName{"push_cut", "a push ends with its connection after `bytes` bytes"},
    FaultName{"trickle", "streams and pushes leave `bytes` at a time, `every_ms` apart"},
    FaultName{"chunked", "new streams use chunked transfer coding"},
    FaultName{"slow", "answers take `delay_s` longer, under `path` where given"},
    FaultName{"unavailable", "503 without a body after `delay_s`, under `path` where given"},
    FaultName{"busy", "statusCode 2, deviceBusy (`http` status, 503), under `path` where given"},
    FaultName{"not_support", "statusCode 4, notSupport, under `path` where given"},
    FaultName{"bare_json_status", "JSON statuses come under a ResponseStatus key"},
    FaultName{"wrong_password", "every password counts as wrong"},
    FaultName{"refuse_password_change", "a new password is not taken"},
    FaultName{"mute_password_change", "a new password is taken, and the answer comes a minute later"},
    FaultName{"stale_nonces", "deed: every nonce handed out is stale"},
    FaultName{"lock", "deed: shut the account as five wrong tries do; DELETE opens it"},
    FaultName{"unlock", "deed: open the account"},
    FaultName{"deploy_max", "only `count` streams (0), the next gets deployExceedMax"},
    FaultName{"hosts_not_stored", "httpHosts answers OK and stores nothing"},
    FaultName{"bad_length", "Content-Length of the `part` (event or picture) is off by `delta` (7)"},
    FaultName{"no_content_length", "parts without Content-Length"},
    FaultName{"no_content_type", "parts without Content-Type"},
    FaultName{"lf_only", "LF instead of CRLF in the framing"},
    FaultName{"boundary", "another `value` of the boundary, `quoted` in the header or not"},
    FaultName{"gb18030", "bodies in GB18030"},
    FaultName{"namespace", "XML `variant`: hikvision10 hikvision20 isapi stdcgi10 stdcgi20 psia none prefixed or a URI"},
    FaultName{"no_declaration", "XML without its declaration"},
    FaultName{"malformed_xml", "deed: `count` parts of broken XML among the good ones"},
    FaultName{"malformed_json", "deed: `count` parts of broken JSON"},
    FaultName{"truncated_part", "deed: `count` parts that end in the middle of what their length says"},
    FaultName{"oversize", "deed: a part that says it has `declared` bytes, or has `real` bytes; `what` event or picture"},
    FaultName{"entity_bomb", "deed: XML that swells to gigabytes when entities are expanded"},
    FaultName{"deep_json", "deed: JSON nested `depth` (100000) deep"},
    FaultName{"time_format", "times are written as `format`: offset zulu millis no_zone sign_lost"},
    FaultName{"ntp_fails", "the clock does not follow its NTP server"},
    FaultName{"duplicate", "deed: the last `count` (1) alerts leave once more, the same bytes"},
};

double seconds_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

int int_of(std::string_view text, int otherwise) {
    int value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

double number_in(const json::object& object, std::string_view name, double otherwise) {
    const auto* value = object.if_contains(name);
    return value && value->is_number() ? value->to_number<double>() : otherwise;
}

// "CST-8:00:00": POSIX counts westward, so this is +8 hours.
std::optional<int> zone_minutes_of(std::string_view posix) {
    auto at = posix.find_first_of("+-");
    if (at == std::string_view::npos) return std::nullopt;
    int hours = int_of(posix.substr(at + 1), 0);
    auto colon = posix.find(':', at);
    int minutes = colon == std::string_view::npos ? 0 : int_of(posix.substr(colon + 1), 0);
    return (posix[at] == '-' ? 1 : -1) * (hours * 60 + minutes);
}

std::string posix_zone(int minutes) {
    char text[32];
    int away = std::abs(minutes);
    std::snprintf(text, sizeof text, "CST%c%d:%02d:00", minutes < 0 ? '+' : '-', away / 60, away % 60);
    return text;
}

} // namespace

std::span<const FaultName> common_faults() { return common; }

std::optional<Listener> parse_listener(std::string_view url) {
    constexpr std::string_view scheme = "http://";
    if (!url.starts_with(scheme)) return std::nullopt;
    url.remove_prefix(scheme.size());
    auto slash = url.find('/');
    auto colon = url.find(':');
    if (colon == std::string_view::npos || (slash != std::string_view::npos && colon > slash)) return std::nullopt;
    Listener listener;
    listener.host = url.substr(0, colon);
    listener.port = static_cast<std::uint16_t>(int_of(url.substr(colon + 1), 0));
    listener.path = slash == std::string_view::npos ? "/" : std::string(url.substr(slash));
    if (listener.port == 0) return std::nullopt;
    return listener;
}

std::string canary(std::uint64_t number) { return "金丝雀" + std::to_string(number); }

IsapiDevice::IsapiDevice(boost::asio::io_context& io, Setup setup, control::Ledger& ledger, control::Faults& faults)
    : io_(io), setup_(std::move(setup)), ledger_(ledger), faults_(faults), gate_(setup_.gate, setup_.seed),
      server_(
          io, [this](const Request& request) { return answer(request); }, [this](HttpServer::StreamId stream) { stream_opened(stream); }),
      heartbeat_timer_(io), push_heartbeat_timer_(io), drop_timer_(io) {
    for (std::size_t i = 0; i < slots_max; ++i) {
        pushers_.emplace_back(io, setup_.push_wait_s);
        HostSlot empty;
        empty.id = static_cast<int>(i + 1);
        slots_.push_back(empty);
    }
    if (auto listener = parse_listener(setup_.push_url)) slots_[0].listener = *listener;
}

void IsapiDevice::start() {
    server_.listen(setup_.listen_address, setup_.port);
    beat();
    beat_pushes();
}

// ---------------------------------------------------------------- requests

Reply IsapiDevice::xml_reply(std::string body) {
    Reply reply;
    reply.body = std::string(declaration) + std::move(body);
    return reply;
}

Reply IsapiDevice::json_reply(std::string body) {
    Reply reply;
    reply.content_type = "application/json; charset=\"UTF-8\"";
    reply.body = std::move(body);
    return reply;
}

Reply IsapiDevice::say(const ResponseStatus& status, const Request& request) const {
    bool as_json = request.wants_json();
    Reply reply;
    if (as_json) reply.content_type = "application/json; charset=\"UTF-8\"";
    reply.status = status.http;
    reply.body = to_text(status, request.path, as_json, faults_.is_set("bare_json_status"));
    return reply;
}

Reply IsapiDevice::refuse_entry(DigestGate::Verdict verdict) {
    using Verdict = DigestGate::Verdict;
    Reply reply;
    reply.status = 401;
    reply.headers.emplace_back("WWW-Authenticate", gate_.challenge(verdict == Verdict::stale, seconds_now()));
    if (verdict == Verdict::wrong || verdict == Verdict::locked) {
        bool locked = verdict == Verdict::locked;
        std::string body = "<userCheck" + std::string(isapi_namespace) + element("statusValue", "401") + element("statusString", "Unauthorized") +
                           element("lockStatus", locked ? "lock" : "unlock") +
                           element("unlockTime", std::to_string(gate_.unlock_in_s(seconds_now())));
        if (!locked) body += element("retryLoginTime", std::to_string(gate_.tries_left()));
        reply.body = std::string(declaration) + body + "</userCheck>\n";
    } else {
        reply.content_type = "text/html";
        reply.body = "<!DOCTYPE html><html><head><title>Document Error: Unauthorized</title></head><body><h2>Access Error: 401 -- "
                     "Unauthorized</h2></body></html>\r\n";
    }
    return reply;
}

bool IsapiDevice::path_hit(std::string_view fault, const Request& request) {
    if (!faults_.is_set(fault)) return false;
    if (!request.path.starts_with(faults_.text(fault, "path", ""))) return false;
    return faults_.strikes(fault);
}

Reply IsapiDevice::answer(const Request& request) {
    auto verdict = gate_.judge(request.authorization, request.method, request.target, seconds_now());
    if (verdict != DigestGate::Verdict::let_in) return refuse_entry(verdict);

    auto delay_s = faults_.number("unavailable", "delay_s", 0);
    if (path_hit("unavailable", request)) {
        Reply reply;
        reply.status = 503;
        reply.content_type = "";
        reply.delay_s = delay_s;
        return reply;
    }
    auto busy = status_busy;
    busy.http = static_cast<unsigned>(faults_.number("busy", "http", 503));
    if (path_hit("busy", request)) return say(busy, request);
    if (path_hit("not_support", request)) return say(status_not_support, request);

    delay_s = faults_.number("slow", "delay_s", 3);
    bool slow = path_hit("slow", request);
    std::optional<Reply> reply = answer_own(request);
    if (!reply) reply = answer_system(request);
    if (!reply) reply = answer_hosts(request);
    if (!reply) reply = say(status_not_support, request);
    if (slow) reply->delay_s += delay_s;
    return std::move(*reply);
}

std::optional<Reply> IsapiDevice::answer_system(const Request& request) {
    const auto& path = request.path;
    bool is_get = request.method == "GET";
    bool is_put = request.method == "PUT";
    if (path == "/ISAPI/System/deviceInfo" && is_get) {
        return xml_reply("<DeviceInfo" + std::string(isapi_namespace) + element("deviceName", setup_.name) +
                         element("deviceID", md5_hex(setup_.serial_number).substr(0, 8) + "-1dd2-11b2-8f10-" + md5_hex(setup_.mac).substr(0, 12)) +
                         element("model", model()) + element("serialNumber", setup_.serial_number) + element("macAddress", setup_.mac) +
                         element("firmwareVersion", firmware_version()) + element("firmwareReleasedDate", "build 240105") +
                         element("deviceType", device_type()) + "</DeviceInfo>\n");
    }
    if (path == "/ISAPI/Security/userCheck" && is_get)
        return xml_reply("<userCheck" + std::string(isapi_namespace) + element("statusValue", "200") + element("statusString", "OK") +
                         "</userCheck>\n");
    if (path == "/ISAPI/Security/users" && is_get)
        return xml_reply("<UserList" + std::string(isapi_namespace) + "<User>\n" + element("id", "1") + element("userName", gate_.rules().user) +
                         element("userLevel", "Administrator") + "</User>\n</UserList>\n");
    if (path == "/ISAPI/Security/users/1" && is_put) {
        auto fresh = element_text(request.body, "password");
        if (!fresh || fresh->size() < 8 || fresh->size() > 16 || element_text(request.body, "userName") != gate_.rules().user)
            return say(status_bad_content, request);
        if (faults_.strikes("refuse_password_change")) return say(status_not_support, request);
        gate_.set_password(*fresh);
        if (faults_.strikes("mute_password_change")) {
            Reply reply = say(status_ok, request);
            reply.delay_s = 60;
            return reply;
        }
        return say(status_ok, request);
    }
    if (path == "/ISAPI/System/capabilities" && is_get)
        return xml_reply("<DeviceCap" + std::string(isapi_namespace) + "<SysCap>\n" + element("isSupportHttpHosts", "true") +
                         element("isSupportSubscribeEvent", takes_subscribe_event() ? "true" : "false") + "</SysCap>\n</DeviceCap>\n");
    if (path == "/ISAPI/System/reboot" && is_put) {
        later(0.05, [this] { reboot(); });
        return say(status_ok, request);
    }
    if (path == "/ISAPI/System/time") {
        if (is_get)
            return xml_reply("<Time" + std::string(isapi_namespace) + element("timeMode", time_mode_) + element("localTime", time_text(now())) +
                             element("timeZone", posix_zone(zone_minutes())) + "</Time>\n");
        if (!is_put) return say(status_method_not_allowed, request);
        auto mode = element_text(request.body, "timeMode");
        if (!mode) return say(status_bad_format, request);
        if (auto zone = element_text(request.body, "timeZone")) {
            auto zone_says = zone_minutes_of(*zone);
            if (!zone_says) return say(status_bad_content, request);
            clock_.set_zone(std::chrono::minutes(*zone_says));
        }
        if (*mode == "manual") {
            auto local = parse_time(element_text(request.body, "localTime").value_or(""), zone_minutes());
            if (!local) return say(status_bad_content, request);
            clock_.set_utc(real_time(*local));
            ++clock_sets_;
            time_mode_ = *mode;
            clock_was_set(false);
        } else if (*mode == "NTP") {
            time_mode_ = *mode;
            if (!faults_.is_set("ntp_fails")) {
                clock_.set_offset(std::chrono::microseconds(0));
                ++clock_sets_;
                clock_was_set(true);
            }
        } else {
            return say(status_bad_content, request);
        }
        return say(status_ok, request);
    }
    if (path == "/ISAPI/System/time/ntpServers" || path == "/ISAPI/System/time/ntpServers/1") {
        bool is_list = path.ends_with("ntpServers");
        if (is_get) {
            bool is_address = !ntp_server_.empty() && ntp_server_.find_first_not_of("0123456789.") == std::string::npos;
            std::string one = element("id", "1") + element("addressingFormatType", is_address ? "ipaddress" : "hostname") +
                              element(is_address ? "ipAddress" : "hostName", ntp_server_) + element("portNo", std::to_string(ntp_port_)) +
                              element("synchronizeInterval", std::to_string(ntp_interval_min_));
            if (is_list)
                return xml_reply("<NTPServerList" + std::string(isapi_namespace) + "<NTPServer>\n" + one + "</NTPServer>\n</NTPServerList>\n");
            return xml_reply("<NTPServer" + std::string(isapi_namespace) + one + "</NTPServer>\n");
        }
        if (!is_put) return say(status_method_not_allowed, request);
        auto server = element_text(request.body, "ipAddress");
        if (!server || server->empty() || *server == "0.0.0.0") server = element_text(request.body, "hostName");
        if (!server) return say(status_bad_content, request);
        ntp_server_ = *server;
        ntp_port_ = int_of(element_text(request.body, "portNo").value_or("123"), 123);
        ntp_interval_min_ = int_of(element_text(request.body, "synchronizeInterval").value_or("60"), 60);
        if (time_mode_ == "NTP" && !faults_.is_set("ntp_fails")) {
            clock_.set_offset(std::chrono::microseconds(0));
            ++clock_sets_;
            clock_was_set(true);
        }
        return say(status_ok, request);
    }
    return std::nullopt;
}

// The answer to a wrong one is the sub-status; empty: stored.
std::string IsapiDevice::put_slot(HostSlot& target, std::string_view xml) {
    auto url = element_text(xml, "url");
    auto address = element_text(xml, "ipAddress");
    auto port = element_text(xml, "portNo");
    if (!url || !address) return "invalidContent";
    if (element_text(xml, "SubscribeEvent") && !takes_subscribe_event()) return "invalidContent";
    if (faults_.is_set("hosts_not_stored")) return {};
    HostSlot fresh;
    fresh.id = target.id;
    fresh.listener.path = *url;
    fresh.listener.host = *address;
    fresh.listener.port = static_cast<std::uint16_t>(int_of(port.value_or("80"), 80));
    fresh.heartbeat_s = std::atof(element_text(xml, "heartbeat").value_or("0").c_str());
    auto begin = xml.find("<HttpHostNotification");
    auto inside = elements(xml, "HttpHostNotification");
    fresh.xml = begin == std::string_view::npos || inside.empty() ? std::string(xml) : inside.front();
    target = fresh;
    push_asleep_ = false;
    beat_pushes();
    return {};
}

HostSlot* IsapiDevice::slot(int id) {
    auto found = std::find_if(slots_.begin(), slots_.end(), [&](auto& one) { return one.id == id; });
    return found == slots_.end() ? nullptr : &*found;
}

std::optional<Reply> IsapiDevice::answer_hosts(const Request& request) {
    const std::string base = "/ISAPI/Event/notification/";
    if (!request.path.starts_with(base)) return std::nullopt;
    auto rest = request.path.substr(base.size());
    bool is_get = request.method == "GET";
    bool is_put = request.method == "PUT";
    bool is_post = request.method == "POST";
    if ((rest == "alertStream" && is_get) || (rest == "subscribeEvent" && is_post && takes_subscribe_event())) return open_stream(request);
    if (rest == "subscribeEventCap" && is_get && takes_subscribe_event())
        return xml_reply("<SubscribeEventCap" + std::string(isapi_namespace) +
                         "<heartbeat min=\"1\" max=\"180\"/>\n<channelMode opt=\"all,list\"/>\n" +
                         "<eventMode opt=\"all,list\"/>\n</SubscribeEventCap>\n");
    if (!rest.starts_with("httpHosts")) return std::nullopt;
    rest.erase(0, 9);
    auto slot_xml = [](const HostSlot& one) {
        if (!one.xml.empty()) return one.xml;
        return "\n" + element("id", std::to_string(one.id)) + element("url", one.is_used() ? one.listener.path : "/") +
               element("protocolType", "HTTP") + element("parameterFormatType", "XML") + element("addressingFormatType", "ipaddress") +
               element("ipAddress", one.is_used() ? one.listener.host : "0.0.0.0") +
               element("portNo", std::to_string(one.is_used() ? one.listener.port : 80)) + element("httpAuthenticationMethod", "none");
    };
    if (rest.empty()) {
        if (is_get) {
            push_asleep_ = false;
            std::string body = "<HttpHostNotificationList" + std::string(isapi_namespace);
            for (auto& one : slots_) body += "<HttpHostNotification>" + slot_xml(one) + "</HttpHostNotification>\n";
            return xml_reply(body + "</HttpHostNotificationList>\n");
        }
        if (is_put) {
            for (auto& inside : elements(request.body, "HttpHostNotification")) {
                auto* target = slot(int_of(element_text(inside, "id").value_or("0"), 0));
                if (!target || !put_slot(*target, inside).empty()) return say(status_bad_content, request);
            }
            return say(status_ok, request);
        }
        return say(status_method_not_allowed, request);
    }
    if (rest == "/capabilities" && is_get)
        return xml_reply("<HttpHostNotificationCap" + std::string(isapi_namespace) + "<hostNumber>" + std::to_string(slots_max) +
                         "</hostNumber>\n<urlLen max=\"256\"/>\n<protocolType opt=\"HTTP\"/>\n<parameterFormatType opt=\"XML,JSON\"/>\n" +
                         "<httpAuthenticationMethod opt=\"none\"/>\n</HttpHostNotificationCap>\n");
    auto* target = slot(int_of(std::string_view(rest).substr(1), 0));
    if (!target) return say(status_bad_content, request);
    if (rest.ends_with("/test") && is_post) {
        auto inside = request.body.empty() ? slot_xml(*target) : request.body;
        Listener listener{element_text(inside, "ipAddress").value_or(""),
                          static_cast<std::uint16_t>(int_of(element_text(inside, "portNo").value_or("80"), 80)),
                          element_text(inside, "url").value_or("/")};
        auto& pusher = *std::next(pushers_.begin(), target->id - 1);
        pusher.post(listener, post_of(heartbeat_alert(), push_framing(), Damage{}, true), Manner{});
        return xml_reply("<HttpHostTestResult" + std::string(isapi_namespace) + element("errorDescription", "OK") + "</HttpHostTestResult>\n");
    }
    if (is_get) {
        push_asleep_ = false;
        return xml_reply("<HttpHostNotification" + std::string(isapi_namespace) + slot_xml(*target) + "</HttpHostNotification>\n");
    }
    if (is_put) return say(put_slot(*target, request.body).empty() ? status_ok : status_bad_content, request);
    if (request.method == "DELETE") {
        auto id = target->id;
        *target = HostSlot{};
        target->id = id;
        return say(status_ok, request);
    }
    return say(status_method_not_allowed, request);
}

Reply IsapiDevice::open_stream(const Request& request) {
    auto most = faults_.is_set("deploy_max") ? static_cast<std::size_t>(faults_.number("deploy_max", "count", 0)) : setup_.streams_max;
    if (server_.streams() >= most) return say(status_deploy_exceeded, request);
    Reply reply;
    reply.opens_stream = true;
    auto framing = framed(stream_framing());
    reply.content_type = stream_type(framing);
    if (request.method == "POST") {
        Alert hello;
        hello.body = std::string(declaration) + "<SubscribeEventResponse" + std::string(isapi_namespace) +
                     element("id", std::to_string(server_.streams_opened() + 1)) + "</SubscribeEventResponse>\n";
        reply.body = stream_bytes(hello, framing, Damage{});
    }
    // The first heartbeat comes with the answer.
    if (!faults_.is_set("no_heartbeat") && !faults_.is_set("mute_stream"))
        reply.body += stream_bytes(heartbeat_alert(), framing, draw_damage(faults_));
    return reply;
}

// ---------------------------------------------------------------- events out

Framing IsapiDevice::framed(Framing framing) {
    if (faults_.is_set("boundary")) {
        framing.boundary = faults_.text("boundary", "value", framing.boundary);
        auto all = faults_.to_json();
        const auto* quoted = all["boundary"].get_object().if_contains("quoted");
        framing.quotes_boundary = quoted && quoted->is_bool() && quoted->get_bool();
    }
    return framing;
}

void IsapiDevice::emit(const Alert& alert) {
    recent_.push_back(alert);
    if (recent_.size() > recent_alerts_max) recent_.pop_front();
    emit_again(alert);
}

void IsapiDevice::emit_again(const Alert& alert) { emit_damaged(alert, draw_damage(faults_)); }

void IsapiDevice::emit_damaged(const Alert& alert, const Damage& damage) {
    if (!server_.is_open() || faults_.is_set("dead")) return;
    if (server_.streams() > 0) server_.send(stream_bytes(alert, framed(stream_framing()), damage));
    if (push_asleep_ || faults_.is_set("no_push")) return;
    bool is_used = std::any_of(slots_.begin(), slots_.end(), [](auto& one) { return one.is_used(); });
    if (!is_used) return;
    auto post = post_of(alert, framed(push_framing()), damage, pushes_bare());
    Manner manner;
    auto cut_after = static_cast<std::size_t>(faults_.number("push_cut", "bytes", 200));
    if (faults_.strikes("push_cut")) manner.cut_after_bytes = cut_after;
    if (faults_.is_set("trickle")) {
        manner.pace_bytes = static_cast<std::size_t>(faults_.number("trickle", "bytes", 1));
        manner.pace_ms = faults_.number("trickle", "every_ms", 10);
    }
    auto pusher = pushers_.begin();
    for (auto& one : slots_) {
        if (one.is_used()) pusher->post(one.listener, post, manner), ++pushes_made_;
        ++pusher;
    }
}

void IsapiDevice::send_to(HttpServer::StreamId stream, const Alert& alert) {
    server_.send_to(stream, stream_bytes(alert, framed(stream_framing()), draw_damage(faults_)));
}

std::string IsapiDevice::time_text(Micros at) {
    auto format = time_format_named(faults_.text("time_format", "format", "offset"));
    return format_time(at, zone_minutes(), format.value_or(TimeFormat::offset));
}

control::LedgerRow IsapiDevice::add_row(std::uint64_t key, std::string kind, std::string subject, Micros at) {
    control::LedgerRow row;
    row.device = setup_.name;
    row.key = key;
    row.kind = std::move(kind);
    row.subject = std::move(subject);
    row.at = format_time(at, zone_minutes(), TimeFormat::offset);
    return ledger_.add(std::move(row));
}

Alert IsapiDevice::heartbeat_alert() {
    Alert alert;
    if (is_json()) {
        alert.is_json = true;
        alert.part_name = "heartBeat";
        alert.body = "{\n\t\"ipAddress\":\t\"" + setup_.shown_address + "\",\n\t\"portNo\":\t80,\n\t\"protocol\":\t\"HTTP\",\n\t\"macAddress\":\t\"" +
                     setup_.mac + "\",\n\t\"channelID\":\t1,\n\t\"dateTime\":\t\"" + time_text(now()) +
                     "\",\n\t\"activePostCount\":\t0,\n\t\"eventType\":\t\"heartBeat\",\n\t\"eventState\":\t\"active\",\n\t\"eventDescription\":"
                     "\t\"heartBeat\"\n}\n";
        return alert;
    }
    alert.part_name = "videoloss";
    alert.body = "<EventNotificationAlert version=\"2.0\" xmlns=\"http://www.hikvision.com/ver20/XMLSchema\">\n" +
                 element("ipAddress", setup_.shown_address) + element("portNo", "80") + element("protocol", "HTTP") +
                 element("macAddress", setup_.mac) + element("channelID", "1") + element("dateTime", time_text(now())) +
                 element("activePostCount", "0") + element("eventType", "videoloss") + element("eventState", "inactive") +
                 element("eventDescription", "videoloss alarm") + "</EventNotificationAlert>\n";
    return alert;
}

void IsapiDevice::beat() {
    heartbeat_timer_.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(setup_.heartbeat_s * 1e6)));
    heartbeat_timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        if (server_.streams() > 0 && !faults_.is_set("no_heartbeat"))
            server_.send(stream_bytes(heartbeat_alert(), framed(stream_framing()), draw_damage(faults_)));
        beat();
    });
}

// Only listeners that asked for heartbeats get them; one timer for all, at the shortest wish.
void IsapiDevice::beat_pushes() {
    double shortest_s = 0;
    for (auto& one : slots_) {
        if (one.is_used() && one.heartbeat_s > 0 && (shortest_s <= 0 || one.heartbeat_s < shortest_s)) shortest_s = one.heartbeat_s;
    }
    push_heartbeat_timer_.cancel();
    if (shortest_s <= 0) return;
    push_heartbeat_timer_.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(shortest_s * 1e6)));
    push_heartbeat_timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        bool is_quiet = faults_.is_set("no_heartbeat") || faults_.is_set("no_push") || faults_.is_set("dead") || !server_.is_open() || push_asleep_;
        auto pusher = pushers_.begin();
        for (auto& one : slots_) {
            if (!is_quiet && one.is_used() && one.heartbeat_s > 0)
                pusher->post(one.listener, post_of(heartbeat_alert(), push_framing(), Damage{}, true), Manner{});
            ++pusher;
        }
        beat_pushes();
    });
}

void IsapiDevice::later(double s, std::function<void()> what) {
    timers_.emplace_back(io_);
    auto timer = std::prev(timers_.end());
    timer->expires_after(std::chrono::microseconds(static_cast<std::int64_t>(s * 1e6)));
    timer->async_wait([this, timer, what = std::move(what)](boost::system::error_code error) {
        if (error) return; // the device is going away, its list of timers with it
        timers_.erase(timer);
        what();
    });
}

// ---------------------------------------------------------------- faults

std::size_t IsapiDevice::count_of(const json::object& arguments, std::size_t otherwise) {
    return static_cast<std::size_t>(std::max(0.0, number_in(arguments, "count", static_cast<double>(otherwise))));
}

Alert IsapiDevice::poison(std::string_view name, const json::object& arguments, Damage& damage) {
    Alert alert;
    alert.is_json = is_json();
    alert.part_name = is_json() ? "AccessControllerEvent" : "anpr.xml";
    if (!is_json()) alert.file_name = "anpr.xml";
    const std::string open = "<EventNotificationAlert version=\"2.0\" xmlns=\"http://www.isapi.org/ver20/XMLSchema\">\n";
    if (name == "malformed_xml") {
        alert.is_json = false;
        alert.body = std::string(declaration) + open +
                     "<eventType>ANPR</eventType>\n<ANPR><licensePlate>沪A7F3K2</licensePlat></ANPR\n</EventNotificationAlert>\n";
    } else if (name == "malformed_json") {
        alert.is_json = true;
        alert.body =
            "{\n\t\"eventType\":\t\"AccessControllerEvent\",\n\t\"AccessControllerEvent\":\t{\n\t\t\"majorEventType\":\t5,,\n\t\t\"name\":\t\"" +
            canary(0) + "\n}\n";
    } else if (name == "truncated_part") {
        alert = recent_.empty() ? heartbeat_alert() : recent_.back();
        alert.pictures.clear();
        damage.truncated = true;
    } else if (name == "entity_bomb") {
        alert.is_json = false;
        std::string body = "<?xml version=\"1.0\"?>\n<!DOCTYPE EventNotificationAlert [\n<!ENTITY a0 \"" + canary(0) + "\">\n";
        for (int i = 1; i <= 12; ++i) {
            body += "<!ENTITY a" + std::to_string(i) + " \"";
            for (int k = 0; k < 10; ++k) body += "&a" + std::to_string(i - 1) + ";";
            body += "\">\n";
        }
        alert.body =
            body + "]>\n" + open + "<eventType>ANPR</eventType>\n<ANPR><licensePlate>&a12;</licensePlate></ANPR>\n</EventNotificationAlert>\n";
    } else if (name == "deep_json") {
        alert.is_json = true;
        auto depth = static_cast<std::size_t>(number_in(arguments, "depth", 100'000));
        for (std::size_t i = 0; i < depth; ++i) alert.body += "{\"a\":";
        alert.body += "1" + std::string(depth, '}');
    } else if (name == "oversize") {
        alert.body = heartbeat_alert().body;
        auto real = static_cast<std::size_t>(number_in(arguments, "real", 0));
        const auto* what = arguments.if_contains("what");
        bool in_picture = what && what->is_string() && what->get_string() == "picture";
        if (arguments.contains("declared")) damage.declared = static_cast<std::uint64_t>(number_in(arguments, "declared", 0));
        if (real > 0 && in_picture) {
            alert.pictures.push_back(Picture{.name = "Picture", .file_name = "Picture.jpg", .content_id = "", .bytes = std::string(real, 'x')});
        } else if (real > alert.body.size()) {
            // Filled inside the document, so that it stays well-formed.
            auto fill = std::string(real - alert.body.size(), ' ');
            alert.body.insert(alert.body.rfind(is_json() ? '}' : '<'), fill);
        }
    }
    return alert;
}

bool IsapiDevice::fault_was_set(std::string_view name, const json::object& arguments) {
    static constexpr std::array poisons{"malformed_xml", "malformed_json", "truncated_part", "oversize", "entity_bomb", "deep_json"};
    if (std::find(poisons.begin(), poisons.end(), name) != poisons.end()) {
        for (std::size_t i = 0, count = count_of(arguments, 1); i < count; ++i) {
            Damage damage;
            auto alert = poison(name, arguments, damage);
            emit_damaged(alert, damage);
        }
        return true;
    }
    if (name == "duplicate") {
        auto count = std::min(count_of(arguments, 1), recent_.size());
        auto again = std::vector<Alert>(recent_.end() - static_cast<std::ptrdiff_t>(count), recent_.end());
        for (auto& alert : again) emit_again(alert);
        return true;
    }
    if (name == "stale_nonces") return gate_.age_nonces(), true;
    if (name == "unlock") return gate_.unlock(), true;
    if (name == "lock") {
        for (int i = 0; i < DigestGate::wrong_tries_max; ++i) gate_.judge("Basic x", "GET", "/", seconds_now());
        return false;
    }
    if (name == "offline") return go_offline(), false;
    if (name == "dead") {
        server_.set_dead(true);
        for (auto& pusher : pushers_) pusher.drop_all();
    }
    if (name == "mute_stream") server_.set_mute(true);
    if (name == "wrong_password") gate_.refuse_password(true);
    if (name == "chunked") server_.set_chunked(true);
    if (name == "trickle") server_.set_pace(static_cast<std::size_t>(number_in(arguments, "bytes", 1)), number_in(arguments, "every_ms", 10));
    if (name == "drop_stream") arm_dropper();
    return own_fault(name, arguments);
}

void IsapiDevice::fault_was_cleared(std::string_view name) {
    if (name == "lock") gate_.unlock();
    if (name == "offline") come_back();
    if (name == "dead") server_.set_dead(false);
    if (name == "mute_stream") server_.set_mute(false);
    if (name == "wrong_password") gate_.refuse_password(false);
    if (name == "chunked") server_.set_chunked(false);
    if (name == "trickle") server_.set_pace(0, 0);
    if (name == "drop_stream") drop_timer_.cancel();
    own_fault_cleared(name);
}

void IsapiDevice::arm_dropper() {
    auto every_s = faults_.number("drop_stream", "every_s", 40);
    drop_timer_.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(std::max(every_s, 0.01) * 1e6)));
    drop_timer_.async_wait([this](boost::system::error_code error) {
        if (error || !faults_.is_set("drop_stream")) return;
        server_.drop_streams();
        arm_dropper();
    });
}

void IsapiDevice::go_offline() {
    server_.close();
    for (auto& pusher : pushers_) pusher.drop_all();
}

void IsapiDevice::come_back() {
    if (!server_.is_open()) server_.listen(setup_.listen_address, setup_.port);
}

void IsapiDevice::reboot() {
    go_offline();
    gate_.forget_user();
    if (faults_.is_set("push_stops_on_reboot")) push_asleep_ = true;
    later(setup_.reboot_s, [this] {
        if (!faults_.is_set("offline")) come_back();
        came_up();
    });
}

void IsapiDevice::set_clock(std::chrono::microseconds offset, std::optional<double> drift_ppm) {
    clock_.set_offset(offset);
    if (drift_ppm) clock_.set_drift(*drift_ppm);
}

json::object IsapiDevice::state() {
    json::object out = own_state();
    out["device"] = setup_.name;
    out["serial_number"] = setup_.serial_number;
    out["http_port"] = server_.port();
    out["is_open"] = server_.is_open();
    out["requests"] = server_.requests();
    out["streams"] = server_.streams();
    out["streams_opened"] = server_.streams_opened();
    out["challenges"] = gate_.challenges_total();
    out["wrong_passwords"] = gate_.wrong_total();
    out["locked_for_s"] = gate_.unlock_in_s(seconds_now());
    out["clock_offset_s"] = static_cast<double>(clock_.offset().count()) / 1e6;
    out["clock_sets"] = clock_sets_;
    out["time_mode"] = time_mode_;
    out["ntp_server"] = ntp_server_;
    out["pushes_made"] = pushes_made_;
    json::array hosts;
    auto pusher = pushers_.begin();
    for (auto& one : slots_) {
        json::object row{{"id", one.id}, {"used", one.is_used()}, {"ip", one.listener.host}, {"port", one.listener.port}, {"url", one.listener.path}};
        row["push"] = pusher->state();
        hosts.push_back(std::move(row));
        ++pusher;
    }
    out["hosts"] = std::move(hosts);
    return out;
}

} // namespace gatehouse::simulators::isapi
