// SPDX-License-Identifier: Apache-2.0
//
// What the driver's tests stand in: golden files, a scripted device behind HttpClient, a sink in memory that knows repeats and can be
// slow or broken, and push routes. All on simulated time.
#pragma once

#include "drivers/isapi/driver.hpp"
#include "drivers/supervisor.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/paths.hpp"

#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace gatehouse::drivers::isapi::testing {

inline std::string golden(const std::string& name) {
    std::ifstream file(tests::source_path("tests/golden/isapi/") + name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}
inline std::string without_end(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    return text;
}
inline Time at(const std::string& text) { return parse_time(text).value(); }
constexpr std::chrono::minutes beijing = std::chrono::hours(8);

/// A whole record as text, to be searched for what must not be in it.
inline std::string whole_text(const Record& record) {
    std::string text = std::string(name_of(record.kind)) + " " + json::serialize(record.facts) + " " + record.subject + " " +
                       json::serialize(record.details) + " " + record.same_as + " " + record.source + " " + record.place;
    if (record.device_key)
        if (const auto* key = std::get_if<std::string>(&record.device_key->id)) text += " " + *key;
    return text;
}

class MemorySink final : public RecordSink {
public:
    explicit MemorySink(Clock& clock) : clock_(clock) {}

    Task<Result<Appended>> append(Record record, std::optional<SourceMark> mark) override {
        if (delay > Duration(0)) co_await clock_.sleep_for(delay);
        if (broken) co_return Error(Fault::full, "disk full");
        if (auto fits = check_record(record); !fits) {
            refused.push_back(fits.error().what());
            co_return std::move(fits).error();
        }
        Appended appended;
        if (record.device_key) {
            const auto key =
                json::serialize(json::value{record.device_key->generation, std::holds_alternative<std::string>(record.device_key->id)
                                                                               ? std::get<std::string>(record.device_key->id)
                                                                               : std::to_string(std::get<std::uint64_t>(record.device_key->id))});
            auto& same = keys_[record.source + key];
            for (const auto& known : same) appended.repeated = appended.repeated || known == record.same_as;
            appended.conflicts = !appended.repeated && !same.empty();
            same.push_back(record.same_as);
        }
        if (mark) marks[record.source] = *mark;
        if (appended.repeated) {
            ++repeats;
            co_return appended;
        }
        if (appended.conflicts) ++conflicts;
        records.push_back(std::move(record));
        appended.position = records.size();
        co_return appended;
    }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string source) override {
        const auto found = marks.find(source);
        if (found == marks.end()) co_return std::optional<SourceMark>();
        co_return std::optional<SourceMark>(found->second);
    }
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
    std::map<std::string, SourceMark> marks;
    std::size_t repeats = 0, conflicts = 0;
    bool broken = false;
    Duration delay{0};

private:
    Clock& clock_;
    std::map<std::string, std::vector<std::string>> keys_;
};

/// A device that answers what the test tells it to.
class ScriptedDevice {
public:
    ScriptedDevice() {
        on("GET", "/ISAPI/System/deviceInfo", golden("device_info.xml"));
        on("GET", "/ISAPI/Event/notification/httpHosts", golden("http_hosts.xml"));
    }
    using Answer = std::function<net::HttpResponse(const net::HttpRequest&)>;
    void on(const std::string& method, const std::string& target, Answer answer) { answers[method + " " + target] = std::move(answer); }
    void on(const std::string& method, const std::string& target, std::string body, int status = 200) {
        on(method, target, [body, status](const net::HttpRequest&) { return net::HttpResponse{status, {}, body}; });
    }
    std::size_t asked(const std::string& method_and_target) const {
        std::size_t count = 0;
        for (const auto& request : requests) count += request.method + " " + request.target == method_and_target ? 1u : 0u;
        return count;
    }
    std::string last_body(const std::string& method_and_target) const {
        for (auto request = requests.rbegin(); request != requests.rend(); ++request)
            if (request->method + " " + request->target == method_and_target) return request->body;
        return {};
    }

    struct Stream {
        net::HttpResponse head{200, {{"Content-Type", "multipart/mixed; boundary=boundary"}}, {}};
        std::deque<std::string> chunks;
        bool ended = false;
        Event changed;
    };
    /// More bytes of the alertStream that is open now.
    void send(std::string bytes) {
        if (streams.empty()) return;
        streams.back()->chunks.push_back(std::move(bytes));
        streams.back()->changed.set();
    }
    void end_stream() {
        if (streams.empty()) return;
        streams.back()->ended = true;
        streams.back()->changed.set();
    }
    static std::string part(const std::string& body, const std::string& headers = "Content-Type: application/xml; charset=\"UTF-8\"") {
        return "--boundary\r\n" + headers + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body + "\r\n";
    }

    std::map<std::string, Answer> answers;
    std::vector<net::HttpRequest> requests;
    std::vector<std::shared_ptr<Stream>> streams;
    net::HttpResponse stream_head{200, {{"Content-Type", "multipart/mixed; boundary=boundary"}}, {}};
    bool reachable = true;
    std::string unreachable_because = "connection refused";
    bool mute = false; ///< takes requests and never answers: the client's limit strikes
};

class ScriptedClient final : public net::HttpClient {
public:
    ScriptedClient(ScriptedDevice& device, Clock& clock) : device_(device), clock_(clock) {}
    Task<Result<net::HttpResponse>> request(net::HttpRequest request) override {
        device_.requests.push_back(request);
        co_await clock_.sleep_for(std::chrono::milliseconds(20));
        if (device_.mute) {
            co_await clock_.sleep_for(std::chrono::seconds(10));
            co_return Error(Fault::timed_out, "no answer");
        }
        if (!device_.reachable) co_return Error(Fault::unreachable, device_.unreachable_because);
        const auto found = device_.answers.find(request.method + " " + request.target);
        if (found == device_.answers.end()) co_return net::HttpResponse{404, {}, ""};
        co_return found->second(request);
    }
    Task<Result<std::unique_ptr<net::HttpBody>>> open(net::HttpRequest request) override {
        device_.requests.push_back(request);
        co_await clock_.sleep_for(std::chrono::milliseconds(20));
        if (!device_.reachable) co_return Error(Fault::unreachable, device_.unreachable_because);
        auto stream = std::make_shared<ScriptedDevice::Stream>();
        stream->head = device_.stream_head;
        device_.streams.push_back(stream);
        std::unique_ptr<net::HttpBody> body = std::make_unique<Body>(stream);
        co_return std::move(body);
    }

private:
    class Body final : public net::HttpBody {
    public:
        explicit Body(std::shared_ptr<ScriptedDevice::Stream> stream) : stream_(std::move(stream)) {}
        const net::HttpResponse& head() const override { return stream_->head; }
        Task<Result<Bytes>> read() override {
            while (stream_->chunks.empty() && !stream_->ended) {
                stream_->changed.reset();
                co_await stream_->changed.wait();
            }
            if (stream_->chunks.empty()) co_return Bytes();
            const std::string chunk = stream_->chunks.front();
            stream_->chunks.pop_front();
            co_return Bytes(chunk.begin(), chunk.end());
        }

    private:
        std::shared_ptr<ScriptedDevice::Stream> stream_;
    };
    ScriptedDevice& device_;
    Clock& clock_;
};

class Routes final : public PushRoutes {
public:
    class Path final : public Registration {
    public:
        Path(Routes& routes, std::string path) : routes_(routes), path_(std::move(path)) {}
        ~Path() override { routes_.handlers.erase(path_); }

    private:
        Routes& routes_;
        std::string path_;
    };
    std::optional<net::Endpoint> reachable_at(const DeviceInfo&) override { return net::Endpoint{"192.168.50.10", 8085}; }
    std::string path_for(const DeviceInfo& device) override { return "/hik/" + device.id; }
    Result<std::unique_ptr<Registration>> add(std::string path, net::HttpHandler handler) override {
        handlers[path] = std::move(handler);
        std::unique_ptr<Registration> registration = std::make_unique<Path>(*this, path);
        return registration;
    }
    std::map<std::string, net::HttpHandler> handlers;
};

class NoNetwork final : public net::Network {
public:
    Task<Result<std::unique_ptr<net::Stream>>> connect(net::Endpoint, net::Binding, std::optional<net::TlsOptions>, Duration) override {
        co_return Error(Fault::unreachable, "no network in this test");
    }
    Result<std::unique_ptr<net::DatagramSocket>> open_datagrams(net::Endpoint, net::Binding) override {
        return Error(Fault::unreachable, "no network in this test");
    }
};

/// One device with its driver. run() holds one conversation.
class World {
public:
    explicit World(DeviceInfo info) : device_info(std::move(info)) { make_driver(); }
    ~World() {
        group.cancel();
        clock.run_for(std::chrono::seconds(1));
    }

    static DeviceInfo plate_camera() {
        DeviceInfo info;
        info.id = "cam-1";
        info.driver = "isapi";
        info.model = "plate";
        info.address = net::Endpoint{"192.168.50.31", 80};
        info.place = "south-gate";
        info.outlets = {Outlet{1, "south-gate-in", "in"}};
        info.may_set_clock = false;
        return info;
    }
    static DeviceInfo terminal() {
        DeviceInfo info;
        info.id = "face-1";
        info.driver = "isapi";
        info.model = "terminal";
        info.address = net::Endpoint{"192.168.50.41", 80};
        info.place = "house-3-east";
        info.outlets = {Outlet{1, "house-3-east", "in"}};
        info.may_set_clock = false;
        return info;
    }

    void make_driver() {
        driver.reset();
        driver = std::make_unique<IsapiDriver>(device_info, surroundings, routes, built_in_events(),
                                               [this](const DeviceInfo&, Surroundings) { return std::make_unique<ScriptedClient>(device, clock); });
    }
    void start() {
        ended.reset();
        auto converse = [](World& world) -> Task<void> { world.ended.emplace(co_await world.driver->run(world.sink)); };
        group.spawn("conversation", converse(*this));
    }
    void stop() {
        group.cancel();
        clock.run_for(std::chrono::milliseconds(1));
    }
    /// Posts to the driver's path; the answer is there once time has run.
    std::shared_ptr<std::optional<net::HttpResponse>> post(std::string body, std::string content_type, std::string from = {}) {
        auto answer = std::make_shared<std::optional<net::HttpResponse>>();
        net::HttpRequest request;
        request.method = "POST";
        request.target = "/hik/" + device_info.id;
        request.headers.emplace_back("Content-Type", std::move(content_type));
        request.body = std::move(body);
        request.from.host = from.empty() ? device_info.address.host : std::move(from);
        auto& handler = routes.handlers.at(request.target);
        auto posting = [](net::HttpHandler& handle, net::HttpRequest asked, std::shared_ptr<std::optional<net::HttpResponse>> said) -> Task<void> {
            said->emplace(co_await handle(std::move(asked)));
        };
        group.spawn("push", posting(handler, std::move(request), answer));
        return answer;
    }
    int posted(std::string body, std::string content_type = "application/json", std::string from = {}) {
        auto answer = post(std::move(body), std::move(content_type), std::move(from));
        clock.run_for(std::chrono::milliseconds(10));
        return *answer ? (*answer)->status : 0;
    }

    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    NoNetwork network;
    ScriptedDevice device;
    Routes routes;
    MemorySink sink{clock};
    Surroundings surroundings{loop, clock, entropy, network, beijing};
    Pace pace{clock, entropy, 16};
    struct : Outage {
        std::optional<std::string> cause() const override { return std::nullopt; }
    } outage;
    DeviceInfo device_info;
    std::unique_ptr<IsapiDriver> driver;
    std::optional<Error> ended;
    TaskGroup group{loop};
};

/// A terminal's memory that answers AcsEvent searches the way the guide says.
class AcsMemory {
public:
    struct Event {
        std::uint64_t serial;
        int major, minor;
        std::string time, person;
    };
    void install(ScriptedDevice& device) {
        device.on("POST", "/ISAPI/AccessControl/AcsEvent?format=json", [this](const net::HttpRequest& request) { return answer(request.body); });
    }
    void add(std::uint64_t serial, Time time, int minor = 75, std::string person = "30112") {
        events.push_back(Event{serial, 5, minor, device_time(time), std::move(person)});
    }
    static std::string device_time(Time time) {
        auto text = to_text(time + std::chrono::hours(8));
        return text.substr(0, 19) + "+08:00";
    }
    /// The same event as the device pushes it.
    static std::string push(std::uint64_t serial, Time time, int minor = 75, const std::string& person = "30112",
                            std::optional<std::uint64_t> front = std::nullopt, bool current = true) {
        auto text = golden("access.json");
        text = replaced(text, "2026-01-15T08:31:07+08:00", device_time(time));
        text = replaced(text, "20418", std::to_string(serial));
        text = replaced(text, "20417", std::to_string(front.value_or(serial - 1)));
        text = replaced(text, "\"subEventType\":\t75", "\"subEventType\":\t" + std::to_string(minor));
        text = replaced(text, "30112", person);
        if (!current) text = replaced(text, "\"currentEvent\":\ttrue", "\"currentEvent\":\tfalse");
        return text;
    }
    net::HttpResponse answer(const std::string& body) {
        const auto asked = parse_json(body).value();
        const auto& condition = asked.at("AcsEventCond").as_object();
        std::vector<Event> matching;
        for (const auto& event : events) {
            if (const auto begin = number_at(condition, "beginSerialNo");
                begin && !ignores_serials && event.serial < static_cast<std::uint64_t>(*begin))
                continue;
            if (const auto from = text_at(condition, "startTime"); from && event.time < *from) continue;
            matching.push_back(event);
        }
        const auto first = static_cast<std::size_t>(number_at(condition, "searchResultPosition").value_or(0));
        const auto rows = std::min<std::size_t>(page_rows, static_cast<std::size_t>(number_at(condition, "maxResults").value_or(30)));
        json::array list;
        for (std::size_t i = first; i < std::min(matching.size(), first + rows); ++i) {
            const auto& event = matching[i];
            json::object row{{"major", event.major}, {"minor", event.minor},     {"time", event.time}, {"doorNo", 1},
                             {"cardReaderNo", 1},    {"serialNo", event.serial}, {"name", "李雷"},     {"employeeNoString", event.person}};
            if (!picture_url.empty()) row["pictureURL"] = picture_url;
            list.push_back(std::move(row));
        }
        const bool more = first + list.size() < matching.size();
        json::object result{{"searchID", condition.at("searchID")},
                            {"totalMatches", matching.size()},
                            {"numOfMatches", list.size()},
                            {"responseStatusStrg", matching.empty() ? "NO MATCH"
                                                   : more           ? "MORE"
                                                                    : "OK"}};
        if (!list.empty()) result["InfoList"] = std::move(list);
        json::object root;
        root["AcsEvent"] = std::move(result);
        ++searches;
        return net::HttpResponse{200, {}, json::serialize(root)};
    }

    std::vector<Event> events;
    std::size_t page_rows = 10;
    bool ignores_serials = false;
    std::string picture_url;
    int searches = 0;
};

} // namespace gatehouse::drivers::isapi::testing
