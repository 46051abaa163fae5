// SPDX-License-Identifier: Apache-2.0
//
// What the driver's conversation is tested in: a camera on paper behind a real HTTP server on a simulated network, a sink in memory, simulated
// time. The camera knows ONVIF by plain text search, so that it shares nothing with the decoders.
#pragma once

#include "daemon/net/digest.hpp"
#include "drivers/onvif/driver.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/fakes/sim_network.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <deque>
#include <map>
#include <set>
#include <vector>

namespace gatehouse::drivers::onvif::testing {

class MemorySink final : public RecordSink {
public:
    Task<Result<Appended>> append(Record record, std::optional<SourceMark>) override {
        if (is_broken) co_return Error(Fault::full, "disk full");
        if (auto fits = check_record(record); !fits) {
            refused.push_back(fits.error().what());
            co_return std::move(fits).error();
        }
        records.push_back(std::move(record));
        Appended appended;
        appended.position = records.size();
        co_return appended;
    }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string) override { co_return std::optional<SourceMark>(); }
    void hand_over(Record record) override { records.push_back(std::move(record)); }

    std::vector<Record> of(Kind kind) const {
        std::vector<Record> found;
        for (const auto& record : records)
            if (record.kind == kind) found.push_back(record);
        return found;
    }
    std::size_t count(Kind kind) const { return of(kind).size(); }

    std::vector<Record> records;
    std::vector<std::string> refused;
    bool is_broken = false;
};

class PaperCamera {
public:
    explicit PaperCamera(Clock& clock) : clock_(clock) {}

    enum class LogIn { token, http, either } log_in = LogIn::token;
    std::string password = "Gate-2024!";
    Duration clock_error{0};
    bool onvif_is_off = false, tells_time = true, has_media2 = true, answers_at_once = false, is_locked = false;
    bool asks_nobody = false, refuses_users = false;
    std::string vendor_page; ///< body of its 403
    int wrong_tries = 0;
    std::size_t points_max = 8;
    int life_s = 120;
    std::map<std::string, int> asked; ///< by operation
    std::map<std::string, std::string> last_body;
    std::set<std::string> nonces;
    std::map<int, std::deque<std::string>> points;
    int next_point = 1;
    Event changed;

    void notify(const std::string& message) {
        for (auto& [id, queue] : points) queue.push_back(message);
        changed.set();
    }
    void forget_points() {
        points.clear();
        changed.set();
    }
    static std::string message(const std::string& topic, Time at, const std::string& property, const std::string& source, const std::string& data) {
        return "<n:NotificationMessage><n:Topic>tns1:" + topic + "</n:Topic><n:Message><t:Message UtcTime=\"" + to_text(at) + "\"" +
               (property.empty() ? "" : " PropertyOperation=\"" + property + "\"") + "><t:Source>" + source + "</t:Source><t:Data>" + data +
               "</t:Data></t:Message></n:Message></n:NotificationMessage>";
    }
    std::string motion(bool on, const std::string& property = "Changed") const {
        return message("RuleEngine/CellMotionDetector/Motion", now(), property,
                       "<t:SimpleItem Name=\"VideoSourceConfigurationToken\" Value=\"V_1\"/>",
                       std::string("<t:SimpleItem Name=\"IsMotion\" Value=\"") + (on ? "true" : "false") + "\"/>");
    }
    Time now() const { return clock_.now() + clock_error; }

    Task<net::HttpResponse> answer(net::HttpRequest request) {
        if (request.target.starts_with("/ISAPI/")) {
            ++asked["vendor page"];
            if (is_locked) co_return said(401, golden("vendor_locked.xml"));
            co_return said(vendor_page.empty() ? 404 : 403, vendor_page);
        }
        if (onvif_is_off) co_return said(404, "<html>Not Found</html>");
        const auto operation = operation_of(request.body);
        ++asked[operation];
        last_body[operation] = request.body;
        if (operation == "GetSystemDateAndTime") {
            if (!tells_time) co_return fault(400, "ter:NotAuthorized");
            co_return said(200, time_answer());
        }
        if (auto refused = asks_nobody ? std::nullopt : judge(request)) co_return std::move(*refused);
        if (operation == "PullMessages") co_return co_await pull(request);
        co_return call(operation, request);
    }

private:
    static net::HttpResponse said(int status, std::string body) {
        net::HttpResponse response;
        response.status = status;
        response.body = std::move(body);
        return response;
    }
    static std::string within_body(const std::string& inner) {
        return "<e:Envelope xmlns:e=\"http://www.w3.org/2003/05/soap-envelope\"><e:Body>" + inner + "</e:Body></e:Envelope>";
    }
    static net::HttpResponse fault(int status, const std::string& code) {
        return said(status, within_body("<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>" + code +
                                        "</e:Value></e:Subcode></e:Code><e:Reason><e:Text>no</e:Text></e:Reason></e:Fault>"));
    }
    static std::string between(const std::string& text, const std::string& from, const std::string& to) {
        const auto start = text.find(from);
        if (start == std::string::npos) return {};
        const auto end = text.find(to, start + from.size());
        return text.substr(start + from.size(), end - start - from.size());
    }
    static std::string operation_of(const std::string& body) {
        const auto inner = between(body, "<s:Body><", ">");
        const auto name = inner.substr(inner.find(':') + 1);
        return name.substr(0, name.find_first_of("/ "));
    }
    static std::string iso(Time time) { return to_text(time).substr(0, 19) + "Z"; }

    std::string time_answer() const {
        const auto text = iso(now());
        return within_body("<d:GetSystemDateAndTimeResponse><d:SystemDateAndTime><t:UTCDateTime><t:Time><t:Hour>" + text.substr(11, 2) +
                           "</t:Hour><t:Minute>" + text.substr(14, 2) + "</t:Minute><t:Second>" + text.substr(17, 2) +
                           "</t:Second></t:Time><t:Date><t:Year>" + text.substr(0, 4) + "</t:Year><t:Month>" + text.substr(5, 2) +
                           "</t:Month><t:Day>" + text.substr(8, 2) +
                           "</t:Day></t:Date></t:UTCDateTime></d:SystemDateAndTime></d:GetSystemDateAndTimeResponse>");
    }

    // With `either` a challenge stands beside each refusal, of a token too.
    std::optional<net::HttpResponse> judge(const net::HttpRequest& request) {
        const std::string given(net::header(request.headers, "Authorization"));
        const bool has_token = request.body.find("UsernameToken") != std::string::npos;
        bool is_right = false;
        if (given.starts_with("Digest ") && log_in != LogIn::token) {
            const net::DigestChallenge challenge{"IP Camera", "4e6a", "", "", net::DigestChallenge::Algorithm::md5, false, true, false};
            const auto uses = static_cast<std::uint32_t>(std::strtoul(between(given, "nc=", ",").c_str(), nullptr, 16));
            is_right = between(given, "response=\"", "\"") == net::digest_response(challenge, net::Credentials{"gate", password}, "POST",
                                                                                   request.target, uses, between(given, "cnonce=\"", "\""));
            wrong_tries += is_right ? 0 : 1;
        } else if (has_token && log_in != LogIn::http) {
            const auto nonce = between(request.body, "Base64Binary\">", "<");
            const auto created = between(request.body, "<wsu:Created>", "<");
            const auto digest = net::password_digest(from_base64(nonce).value(), created, password);
            is_right = between(request.body, "PasswordDigest\">", "<") == digest && nonces.insert(nonce).second && !is_locked &&
                       std::chrono::abs(parse_time(created).value() - now()) < std::chrono::seconds(300);
            wrong_tries += is_right ? 0 : 1;
        }
        if (is_right) return std::nullopt;
        auto refused = fault(log_in == LogIn::token ? 400 : 401, "ter:NotAuthorized");
        if (log_in != LogIn::token) refused.headers.emplace_back("WWW-Authenticate", "Digest realm=\"IP Camera\", nonce=\"4e6a\", qop=\"auth\"");
        return refused;
    }

    net::HttpResponse call(const std::string& operation, const net::HttpRequest& request) {
        if (operation == "GetDeviceInformation") return said(200, golden("device_information.xml"));
        if (operation == "GetUsers")
            return said(200, within_body("<d:GetUsersResponse><d:User><t:Username>other</t:Username><t:UserLevel>User</t:UserLevel></d:User><d:User>"
                                         "<t:Username>gate</t:Username><t:UserLevel>Operator</t:UserLevel></d:User></d:GetUsersResponse>"));
        if (operation == "SetUser") {
            if (refuses_users) return fault(400, "ter:OperationProhibited");
            password = between(request.body, "<tt:Password>", "<");
            return said(200, golden("set_user.xml"));
        }
        if (operation == "GetServices") return said(500, has_media2 ? golden("services.xml") : replaced(golden("services.xml"), "ver20/media", "x"));
        if (operation == "GetProfiles") return said(200, golden(request.target == "/onvif/Media2" ? "profiles_media2.xml" : "profiles_media.xml"));
        if (operation == "GetStreamUri")
            return said(200, golden(request.target == "/onvif/Media2" ? "stream_uri_media2.xml" : "stream_uri_media.xml"));
        if (operation == "GetSnapshotUri") return said(200, golden("snapshot_uri.xml"));
        if (operation == "GetRelayOutputs") return said(200, golden("relay_outputs.xml"));
        if (operation == "SetRelayOutputState") return said(200, golden("relay_output_state.xml"));
        if (operation == "ContinuousMove") return said(200, golden("continuous_move.xml"));
        if (operation == "Stop") return said(200, golden("stop.xml"));
        if (operation == "CreatePullPointSubscription") {
            if (points.size() >= points_max) return fault(500, "ter:MaximumPullPointsReached");
            points[next_point] = {};
            return said(200,
                        within_body("<v:CreatePullPointSubscriptionResponse><v:SubscriptionReference><w:Address>http://10.9.9.9/onvif/Events/Pull_" +
                                    std::to_string(next_point++) + "</w:Address></v:SubscriptionReference><n:CurrentTime>" + iso(now()) +
                                    "</n:CurrentTime><n:TerminationTime>" + iso(now() + std::chrono::seconds(life_s)) +
                                    "</n:TerminationTime></v:CreatePullPointSubscriptionResponse>"));
        }
        const auto found = points.find(point_of(request.target));
        if (found == points.end()) return fault(400, "wsrf-rw:ResourceUnknownFault");
        if (operation == "Renew") return said(200, golden("renew.xml"));
        if (operation == "Unsubscribe") {
            points.erase(found);
            return said(200, golden("unsubscribe.xml"));
        }
        return fault(500, "ter:ActionNotSupported");
    }
    static int point_of(const std::string& target) { return std::atoi(target.substr(target.rfind('_') + 1).c_str()); }

    Task<net::HttpResponse> pull(net::HttpRequest request) {
        const auto id = point_of(request.target);
        const auto until = clock_.steady_now() + (answers_at_once ? Duration(0) : Duration(std::chrono::seconds(20)));
        for (;;) {
            const auto found = points.find(id);
            if (found == points.end()) co_return fault(400, "wsrf-rw:ResourceUnknownFault");
            if (!found->second.empty() || clock_.steady_now() >= until) {
                std::string all;
                for (const auto& each : found->second) all += each;
                found->second.clear();
                co_return said(200,
                               within_body("<v:PullMessagesResponse><v:CurrentTime>" + iso(now()) + "</v:CurrentTime><v:TerminationTime>" +
                                           iso(now() + std::chrono::seconds(life_s)) + "</v:TerminationTime>" + all + "</v:PullMessagesResponse>"));
            }
            changed.reset();
            auto waiting = changed.wait();
            const bool in_time = co_await finish_within(clock_, until - clock_.steady_now(), std::move(waiting));
            static_cast<void>(in_time);
        }
    }

    Clock& clock_;
};

struct World {
    explicit World(std::map<std::string, std::string> options = {}) {
        device.id = "camera-1";
        device.driver = "onvif";
        device.address = {"192.168.50.61", 80};
        device.username = "gate";
        device.password = "Gate-2024!";
        device.place = "gate";
        device.options = std::move(options);
        network.listen(device.address, [this](std::unique_ptr<net::Stream> stream) { return server->serve(std::move(stream)); });
        make_driver();
    }
    ~World() {
        group.cancel();
        clock.run_for(std::chrono::seconds(5));
    }
    void make_driver() { driver = std::make_unique<OnvifDriver>(device, surroundings); }
    void start() {
        ended.reset();
        auto converse = [](World& world) -> Task<void> { world.ended.emplace(co_await world.driver->run(world.sink)); };
        group.spawn("conversation", converse(*this));
    }
    Done done(Task<Done> work) {
        std::optional<Done> result;
        auto doing = [](Task<Done> what, std::optional<Done>& kept) -> Task<void> { kept.emplace(co_await std::move(what)); };
        group.spawn("doing", doing(std::move(work), result));
        clock.run_for(std::chrono::seconds(15));
        if (!result) return Error(Fault::timed_out, "not done");
        return std::move(*result);
    }

    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    PaperCamera camera{clock};
    std::unique_ptr<net::HttpServer> server = net::make_http_server(loop, clock, net::HttpServer::Options(),
                                                                    [this](net::HttpRequest request) { return camera.answer(std::move(request)); });
    fakes::SimNetwork network{loop, clock, entropy};
    MemorySink sink;
    Surroundings surroundings{loop, clock, entropy, network, std::chrono::hours(8)};
    DeviceInfo device;
    std::unique_ptr<OnvifDriver> driver;
    std::optional<Error> ended;
    TaskGroup group{loop};
};

} // namespace gatehouse::drivers::onvif::testing
