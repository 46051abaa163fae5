// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/onvif/device.hpp"

#include "tests/simulators/cameras/onvif/time_text.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <tuple>

namespace gatehouse::simulators::cameras::onvif {
namespace {

constexpr auto soap_type = "application/soap+xml; charset=utf-8";
constexpr double pull_wait_s_max = 60;
constexpr double point_life_s_max = 3600;
constexpr std::string_view point_path = "/onvif/Events/PullSubManager_";
constexpr std::string_view subscriptions_path = "/onvif/Events/SubManager";

web::Reply said(std::string xml, unsigned status = 200) {
    web::Reply reply;
    reply.status = status;
    reply.content_type = soap_type;
    reply.body = std::move(xml);
    return reply;
}

std::string tag(std::string_view name, std::string_view text) {
    return "<" + std::string(name) + ">" + escaped(text) + "</" + std::string(name) + ">";
}

std::string number(auto value) { return std::to_string(value); }

} // namespace

OnvifDevice::OnvifDevice(boost::asio::io_context& io, DeviceChoice choice, Surroundings around, control::Faults& faults, control::DeviceClock& clock)
    : io_(io), choice_(std::move(choice)), around_(std::move(around)), faults_(faults), clock_(clock),
      server_(
          io, [this](const web::Request& request) { return answer(request); }, [](web::HttpServer::StreamId) {}),
      discovery_(
          io,
          [this](const std::string& datagram) -> std::optional<std::string> {
              if (!server_.is_open() || faults_.is_set("onvif_off") || faults_.is_set("not_activated") || faults_.is_set("discovery_silent"))
                  return std::nullopt;
              const Found found{
                  .uuid = uuid(), .address = base() + "/onvif/device_service", .name = choice_.name, .hardware = choice_.model, .location = "gate"};
              return probe_match(datagram, found, faults_, ++probes_);
          }),
      accounts_(choice_.accounts, choice_.user, choice_.password, choice_.seed), points_(choice_.pull_points_max) {}

void OnvifDevice::listen() {
    server_.listen(choice_.address, choice_.http_port);
    if (discovery_.port() == 0) discovery_.listen(choice_.address, choice_.discovery_port, choice_.joins_group);
}

void OnvifDevice::close() { server_.close(); }

void OnvifDevice::reboot() {
    points_.clear();
    ptz_ = {{"moving", false}};
    relay_is_active_ = false;
}

double OnvifDevice::now_s() const { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string OnvifDevice::base() const { return "http://" + choice_.address + ":" + number(server_.port()); }

// From the serial number and the MAC, as many cameras do.
std::string OnvifDevice::uuid() const {
    std::string mac = choice_.mac;
    std::erase(mac, ':');
    return "419d68a4-1dd2-11b2-a105-" + mac;
}

boost::json::object OnvifDevice::state() const {
    boost::json::array users;
    for (const auto& [user, password] : accounts_.passwords()) users.push_back(boost::json::string(user));
    return {{"pull_points", points_.count()},          {"ptz", ptz_},
            {"relay_active", relay_is_active_},        {"users", std::move(users)},
            {"wrong_logins", accounts_.wrong_total()}, {"locked", accounts_.is_locked(now_s())},
            {"requests", server_.requests()}};
}

void OnvifDevice::notify(const Notice& notice) { points_.notify(notice, now_s(), clock_.utc()); }

web::Reply OnvifDevice::answer(const web::Request& request) {
    if (request.path.starts_with("/ISAPI/")) return vendor_page(request);
    if (faults_.is_set("onvif_off") || faults_.is_set("not_activated")) return {.status = 404, .content_type = "text/html", .body = "Not Found"};
    if (request.path.starts_with("/onvif/snapshot/")) return snapshot(request);
    if (request.path.starts_with("/onvif/") && request.method == "POST") return soap(request);
    return {.status = 404, .content_type = "text/html", .body = "Not Found"};
}

// GET /ISAPI/System/deviceInfo, as the vendor's cameras answer it in their several states.
web::Reply OnvifDevice::vendor_page(const web::Request& request) {
    const auto status = [](unsigned http, int code, std::string_view word, std::string_view sub) {
        return web::Reply{.status = http,
                          .body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ResponseStatus version=\"2.0\" "
                                  "xmlns=\"http://www.hikvision.com/ver20/XMLSchema\"><requestURL></requestURL>" +
                                  tag("statusCode", number(code)) + tag("statusString", word) + tag("subStatusCode", sub) + "</ResponseStatus>"};
    };
    if (faults_.is_set("not_activated")) return status(403, 4, "Invalid Operation", "notActivated");
    const auto verdict = request.authorization.empty() ? Accounts::Verdict::nobody
                                                       : accounts_.judge_http(request.authorization, request.method, request.target, now_s());
    if (verdict == Accounts::Verdict::locked || accounts_.is_locked(now_s())) {
        return {.status = 401,
                .body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<userCheck>" + tag("statusValue", "401") + tag("statusString", "Unauthorized") +
                        tag("isActivated", "true") + tag("lockStatus", "lock") + tag("unlockTime", number(accounts_.unlock_in_s(now_s()))) +
                        "</userCheck>"};
    }
    if (verdict != Accounts::Verdict::let_in) {
        web::Reply reply = status(401, 4, "Invalid Operation", "badAuthorization");
        reply.headers.emplace_back("WWW-Authenticate", accounts_.challenge());
        return reply;
    }
    if (request.path != "/ISAPI/System/deviceInfo") return status(403, 4, "Invalid Operation", "notSupport");
    return {.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DeviceInfo version=\"2.0\" xmlns=\"http://www.hikvision.com/ver20/XMLSchema\">" +
                    tag("deviceName", choice_.name) + tag("model", choice_.model) + tag("serialNumber", choice_.serial_number) +
                    tag("macAddress", choice_.mac) + tag("firmwareVersion", choice_.firmware) + tag("deviceType", "IPCamera") + "</DeviceInfo>"};
}

web::Reply OnvifDevice::snapshot(const web::Request& request) {
    const auto verdict = request.authorization.empty() ? Accounts::Verdict::nobody
                                                       : accounts_.judge_http(request.authorization, request.method, request.target, now_s());
    if (verdict != Accounts::Verdict::let_in) {
        web::Reply reply{.status = 401, .content_type = "text/html", .body = "Unauthorized"};
        if (verdict != Accounts::Verdict::locked) reply.headers.emplace_back("WWW-Authenticate", accounts_.challenge());
        return reply;
    }
    std::string picture = around_.snapshot(request.path.substr(request.path.rfind('/') + 1));
    if (picture.empty()) return {.status = 404, .content_type = "text/html", .body = "Not Found"};
    return {.content_type = "image/jpeg", .body = std::move(picture)};
}

web::Reply OnvifDevice::refusal(Accounts::Verdict verdict) {
    std::string_view reason = "Sender not Authorized";
    if (verdict == Accounts::Verdict::locked) reason = "The account is locked";
    const bool is_http = choice_.log_in == "http" || (choice_.log_in == "either" && verdict == Accounts::Verdict::nobody);
    web::Reply reply = said(fault("Sender", "ter:NotAuthorized", reason), is_http || verdict == Accounts::Verdict::locked ? 401 : 400);
    if (is_http && verdict != Accounts::Verdict::locked) reply.headers.emplace_back("WWW-Authenticate", accounts_.challenge());
    return reply;
}

web::Reply OnvifDevice::soap(const web::Request& request) {
    const auto call = Call::read(request.body);
    if (!call) return said(fault("Sender", "ter:WellFormed", "Well-formed Error"), 400);
    const std::string operation = call->operation();
    // The clock is told to anybody (Core, 5.12): without it nobody could log in.
    if (operation != "GetSystemDateAndTime") {
        auto verdict = Accounts::Verdict::nobody;
        const auto token = call->token();
        if (faults_.is_set("refuse_login"))
            verdict = Accounts::Verdict::wrong;
        else if (token && choice_.log_in != "http")
            verdict = accounts_.judge(*token, clock_.utc(), now_s());
        else if (!request.authorization.empty() && choice_.log_in != "token")
            verdict = accounts_.judge_http(request.authorization, request.method, request.target, now_s());
        if (verdict != Accounts::Verdict::let_in) return refusal(verdict);
    }
    if (request.path.starts_with(point_path) || request.path == subscriptions_path) return by_point(*call, request);
    std::string body = device_call(*call, operation);
    if (body.empty()) body = media_call(*call, operation);
    if (body.empty()) body = other_call(*call, operation);
    if (body.empty()) return said(fault("Sender", "ter:ActionNotSupported", "Optional Action Not Implemented"), 500);
    if (body.starts_with("<?xml")) return said(std::move(body), 400); // a fault
    return said(envelope(body));
}

std::string OnvifDevice::device_call(const Call& call, const std::string& operation) {
    if (operation == "GetSystemDateAndTime")
        return "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
               "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone><tt:UTCDateTime>" +
               time_and_date(clock_.utc()) + "</tt:UTCDateTime><tt:LocalDateTime>" + time_and_date(clock_.utc() + clock_.zone()) +
               "</tt:LocalDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>";
    if (operation == "SetSystemDateAndTime") {
        if (call.text("DateTimeType") == "NTP") {
            clock_.set_offset(std::chrono::microseconds::zero());
        } else {
            const auto two = [&](std::string_view name) {
                const std::string text = call.text(name);
                return (text.size() < 2 ? "0" : "") + text;
            };
            const auto time = read_time(call.text("Year") + "-" + two("Month") + "-" + two("Day") + "T" + two("Hour") + ":" + two("Minute") + ":" +
                                        two("Second") + "Z");
            if (!time) return fault("Sender", "ter:InvalidArgVal", "InvalidDateTime");
            clock_.set_utc(*time);
        }
        return "<tds:SetSystemDateAndTimeResponse/>";
    }
    if (operation == "GetDeviceInformation")
        return "<tds:GetDeviceInformationResponse>" + tag("tds:Manufacturer", choice_.manufacturer) + tag("tds:Model", choice_.model) +
               tag("tds:FirmwareVersion", choice_.firmware) + tag("tds:SerialNumber", choice_.serial_number) + tag("tds:HardwareId", "88") +
               "</tds:GetDeviceInformationResponse>";
    if (operation == "GetCapabilities") return capabilities();
    if (operation == "GetServices") return services();
    if (operation == "GetUsers") {
        std::string users;
        for (const auto& [user, password] : accounts_.passwords())
            users += "<tds:User>" + tag("tt:Username", user) + "<tt:UserLevel>Administrator</tt:UserLevel></tds:User>";
        return "<tds:GetUsersResponse>" + users + "</tds:GetUsersResponse>";
    }
    if (operation == "SetUser") {
        const std::string user = call.text("Username"), password = call.text("Password");
        if (!accounts_.passwords().contains(user)) return fault("Sender", "ter:InvalidArgVal", "UsernameMissing");
        if (password.size() < 8 || faults_.strikes("refuse_password_change")) return fault("Sender", "ter:OperationProhibited", "PasswordTooWeak");
        accounts_.set(user, password);
        if (user == choice_.user) around_.password_changed(password);
        if (faults_.strikes("broken_password_change")) return "<tds:SetUserResp";
        return "<tds:SetUserResponse/>";
    }
    if (operation == "GetRelayOutputs")
        return "<tds:GetRelayOutputsResponse><tds:RelayOutputs token=\"RelayOutput_1\"><tt:Properties><tt:Mode>Bistable</tt:Mode>"
               "<tt:DelayTime>PT1S</tt:DelayTime><tt:IdleState>open</tt:IdleState></tt:Properties></tds:RelayOutputs></tds:GetRelayOutputsResponse>";
    if (operation == "SetRelayOutputState") {
        if (call.text("RelayOutputToken") != "RelayOutput_1") return fault("Sender", "ter:InvalidArgVal", "RelayToken");
        relay_is_active_ = call.text("LogicalState") == "active";
        notify({.topic = "tns1:Device/Trigger/Relay",
                .source = "RelayToken",
                .from = "RelayOutput_1",
                .item = "LogicalState",
                .value = relay_is_active_ ? "active" : "inactive"});
        return "<tds:SetRelayOutputStateResponse/>";
    }
    return {};
}

std::string OnvifDevice::capabilities() const {
    const auto address = [this](std::string_view path) { return tag("tt:XAddr", base() + std::string(path)); };
    return "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Device>" + address("/onvif/device_service") + "</tt:Device><tt:Events>" +
           address("/onvif/event_service") +
           "<tt:WSSubscriptionPolicySupport>true</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true</tt:WSPullPointSupport></"
           "tt:Events><tt:Media>" +
           address("/onvif/media_service") + "</tt:Media><tt:PTZ>" + address("/onvif/ptz_service") +
           "</tt:PTZ></tds:Capabilities></tds:GetCapabilitiesResponse>";
}

std::string OnvifDevice::services() const {
    const auto service = [this](std::string_view space, std::string_view path) {
        return "<tds:Service>" + tag("tds:Namespace", space) + tag("tds:XAddr", base() + std::string(path)) +
               "<tds:Version><tt:Major>2</tt:Major><tt:Minor>40</tt:Minor></tds:Version></tds:Service>";
    };
    return "<tds:GetServicesResponse>" + service("http://www.onvif.org/ver10/device/wsdl", "/onvif/device_service") +
           service("http://www.onvif.org/ver10/media/wsdl", "/onvif/media_service") +
           service("http://www.onvif.org/ver20/media/wsdl", "/onvif/media2_service") +
           service("http://www.onvif.org/ver10/events/wsdl", "/onvif/event_service") +
           service("http://www.onvif.org/ver20/ptz/wsdl", "/onvif/ptz_service") + "</tds:GetServicesResponse>";
}

// media 1 knows no H.265 and tells such a stream as H.264 (quirk of many), media 2 has other tokens for the same profiles.
std::string OnvifDevice::profiles(bool is_media2) const {
    std::string all;
    int count = 0;
    for (const ShownStream& stream : around_.streams()) {
        const std::string token = (is_media2 ? "Media2_" : "Profile_") + number(++count);
        const std::string size =
            "<tt:Resolution>" + tag("tt:Width", number(stream.width)) + tag("tt:Height", number(stream.height)) + "</tt:Resolution>";
        const std::string rate = "<tt:RateControl>" + tag("tt:FrameRateLimit", number(stream.fps)) + "</tt:RateControl>";
        if (is_media2) {
            all += "<tr2:Profiles token=\"" + token + "\" fixed=\"true\">" + tag("tr2:Name", stream.name) +
                   "<tr2:Configurations><tr2:VideoSource token=\"VideoSource_1\">" + tag("tt:SourceToken", "VideoSource_1") +
                   "</tr2:VideoSource><tr2:VideoEncoder token=\"VideoEncoder_" + number(count) + "\">" +
                   tag("tt:Encoding", stream.codec == "h265" ? "H265" : "H264") + size + rate +
                   "</tr2:VideoEncoder></tr2:Configurations></tr2:Profiles>";
        } else {
            all += "<trt:Profiles token=\"" + token + "\" fixed=\"true\">" + tag("tt:Name", stream.name) +
                   "<tt:VideoSourceConfiguration token=\"VideoSourceToken\">" + tag("tt:SourceToken", "VideoSource_1") +
                   "</tt:VideoSourceConfiguration><tt:VideoEncoderConfiguration token=\"VideoEncoderToken_" + number(count) + "\">" +
                   tag("tt:Encoding", "H264") + size + rate + "</tt:VideoEncoderConfiguration></trt:Profiles>";
        }
    }
    const std::string name = is_media2 ? "tr2:GetProfilesResponse" : "trt:GetProfilesResponse";
    return "<" + name + ">" + all + "</" + name + ">";
}

std::string OnvifDevice::media_call(const Call& call, const std::string& operation) {
    const bool is_media2 = call.is_in("http://www.onvif.org/ver20/media/wsdl");
    if (operation == "GetProfiles") return profiles(is_media2);
    if (operation != "GetStreamUri" && operation != "GetSnapshotUri") return {};
    const std::string token = call.text("ProfileToken");
    const auto streams = around_.streams();
    std::size_t number_of_profile = 0;
    if (const auto mark = token.rfind('_'); mark != std::string::npos)
        std::from_chars(token.data() + mark + 1, token.data() + token.size(), number_of_profile);
    if (number_of_profile < 1 || number_of_profile > streams.size()) return fault("Sender", "ter:InvalidArgVal", "NoProfile");
    const std::string& stream = streams[number_of_profile - 1].name;
    std::string uri = operation == "GetStreamUri" ? "rtsp://" + choice_.address + ":" + number(around_.rtsp_port()) + "/" + stream
                                                  : base() + "/onvif/snapshot/" + stream;
    if (operation == "GetStreamUri" && faults_.is_set("wrong_host")) uri = "rtsp://10.255.255.1:554/" + stream;
    if (is_media2) return "<tr2:" + operation + "Response>" + tag("tr2:Uri", uri) + "</tr2:" + operation + "Response>";
    return "<trt:" + operation + "Response><trt:MediaUri>" + tag("tt:Uri", uri) +
           "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout>"
           "</trt:MediaUri></trt:" +
           operation + "Response>";
}

std::string OnvifDevice::other_call(const Call& call, const std::string& operation) {
    if (operation == "CreatePullPointSubscription") return create_point(call);
    if (operation == "ContinuousMove") {
        ptz_ = {{"moving", true}};
        for (const auto& [key, element, attribute] :
             {std::tuple{"pan", "PanTilt", "x"}, std::tuple{"tilt", "PanTilt", "y"}, std::tuple{"zoom", "Zoom", "x"}})
            ptz_[key] = std::strtod(call.attribute(element, attribute).c_str(), nullptr);
        return "<tptz:ContinuousMoveResponse/>";
    }
    if (operation == "Stop") {
        ptz_ = {{"moving", false}};
        return "<tptz:StopResponse/>";
    }
    if (operation == "GetEventProperties")
        return "<tev:GetEventPropertiesResponse><tev:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml"
               "</tev:TopicNamespaceLocation></tev:GetEventPropertiesResponse>";
    return {};
}

std::string OnvifDevice::create_point(const Call& call) {
    const auto life = read_duration(call.text("InitialTerminationTime")).value_or(std::chrono::seconds(60));
    const double life_s = std::clamp(static_cast<double>(life.count()), 1.0, point_life_s_max);
    const auto id = points_.create(life_s, now_s(), clock_.utc());
    if (!id) return fault("Receiver", "ter:MaximumPullPointsReached", "Too many pull points");
    std::string reference;
    if (choice_.has_reference_parameters)
        reference = "<wsa5:Address>" + base() + std::string(subscriptions_path) +
                    "</wsa5:Address><wsa5:ReferenceParameters><gh:SubscriptionId xmlns:gh=\"urn:camera:subscriptions\">" + number(*id) +
                    "</gh:SubscriptionId></wsa5:ReferenceParameters>";
    else
        reference = "<wsa5:Address>" + base() + std::string(point_path) + zulu(clock_.utc()) + "_" + number(*id) + "</wsa5:Address>";
    return "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>" + reference + "</tev:SubscriptionReference>" +
           tag("wsnt:CurrentTime", zulu(clock_.utc())) +
           tag("wsnt:TerminationTime", zulu(clock_.utc() + std::chrono::seconds(std::llround(life_s)))) +
           "</tev:CreatePullPointSubscriptionResponse>";
}

web::Reply OnvifDevice::by_point(const Call& call, const web::Request& request) {
    const std::string where = choice_.has_reference_parameters ? "_" + call.header("SubscriptionId") : request.path;
    const auto mark = where.rfind('_');
    int id = 0;
    std::from_chars(where.data() + mark + 1, where.data() + where.size(), id);
    const std::string operation = call.operation();
    const auto gone = [] { return said(fault("Sender", "wsrf-rw:ResourceUnknownFault", "no such subscription"), 400); };
    if (faults_.strikes("forget_pull_points")) points_.clear();
    if (operation == "PullMessages") return pull(call, id);
    if (operation == "Renew") {
        const auto life = read_duration(call.text("TerminationTime")).value_or(std::chrono::seconds(60));
        const double life_s = std::clamp(static_cast<double>(life.count()), 1.0, point_life_s_max);
        if (!points_.renew(id, life_s, now_s())) return gone();
        return said(envelope("<wsnt:RenewResponse>" + tag("wsnt:TerminationTime", zulu(clock_.utc() + std::chrono::seconds(std::llround(life_s)))) +
                             tag("wsnt:CurrentTime", zulu(clock_.utc())) + "</wsnt:RenewResponse>"));
    }
    if (operation == "Unsubscribe") return points_.remove(id) ? said(envelope("<wsnt:UnsubscribeResponse/>")) : gone();
    if (operation == "SetSynchronizationPoint") return said(envelope("<tev:SetSynchronizationPointResponse/>"));
    return said(fault("Sender", "ter:ActionNotSupported", "Optional Action Not Implemented"), 500);
}

std::string OnvifDevice::pulled(const std::vector<std::string>& messages, double life_s) const {
    std::string all;
    for (const std::string& message : messages) all += message;
    return envelope("<tev:PullMessagesResponse>" + tag("tev:CurrentTime", zulu(clock_.utc())) +
                    tag("tev:TerminationTime", zulu(clock_.utc() + std::chrono::seconds(std::llround(life_s)))) + all +
                    "</tev:PullMessagesResponse>");
}

web::Reply OnvifDevice::pull(const Call& call, int id) {
    if (!points_.is_there(id, now_s())) return said(fault("Sender", "wsrf-rw:ResourceUnknownFault", "no such subscription"), 400);
    const double wait_s = static_cast<double>(read_duration(call.text("Timeout")).value_or(std::chrono::seconds(1)).count());
    if (wait_s > pull_wait_s_max) return said(fault("Sender", "ter:InvalidArgVal", "PullMessagesFault: Timeout too long"), 400);
    std::size_t limit = 64;
    const std::string limit_text = call.text("MessageLimit");
    std::from_chars(limit_text.data(), limit_text.data() + limit_text.size(), limit);
    web::Reply reply;
    reply.later = [this, id, limit, wait_s](std::function<void(web::Reply)> give) {
        auto timer = std::make_shared<boost::asio::steady_timer>(io_);
        timer->expires_after(std::chrono::microseconds(static_cast<std::int64_t>(faults_.is_set("pull_answers_at_once") ? 0 : wait_s * 1e6)));
        auto handed = std::make_shared<bool>(false);
        timer->async_wait([this, id, timer, handed](boost::system::error_code error) {
            if (!error && !*handed) points_.flush(id);
        });
        points_.pull(id, limit, now_s(), [this, id, timer, handed, give](const std::vector<std::string>& messages) {
            *handed = true;
            timer->cancel();
            give(said(pulled(messages, points_.life_s(id))));
        });
    };
    return reply;
}

} // namespace gatehouse::simulators::cameras::onvif
