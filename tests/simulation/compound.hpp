// SPDX-License-Identifier: Apache-2.0
//
// A compound for one hour: devices, network, disk, broker, platform and the whole core between them, in this thread, from one seed. What
// daemon/app/gatehouse.cpp puts together for a real machine is put together here for a simulated one.
#pragma once

#include "config/settings.hpp"
#include "daemon/app/devices.hpp"
#include "daemon/app/pushes.hpp"
#include "daemon/app/site_power.hpp"
#include "daemon/app/upstreams.hpp"
#include "daemon/store/event_log.hpp"
#include "drivers/isapi/driver.hpp"
#include "drivers/uhppote/driver.hpp"
#include "tests/fakes/fake_broker.hpp"
#include "tests/fakes/memory_vfs.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/fakes/sim_network.hpp"
#include "tests/simulation/isapi_device.hpp"
#include "tests/simulation/platform.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/unit/drivers/isapi/world.hpp"
#include "tests/unit/drivers/uhppote/scripted_controller.hpp"

namespace gatehouse::simulation {

using namespace std::chrono_literals;
namespace isapi_testing = drivers::isapi::testing;

/// Threads are a parameter too: all of them are the loop.
class OnLoop final : public Executor {
public:
    explicit OnLoop(Loop& loop) : loop_(loop) {}
    void post(std::function<void()> work) override { loop_.post(std::move(work)); }

private:
    Loop& loop_;
};

inline constexpr std::string_view gateway_host = "10.0.0.2"; // what tests/unit/drivers/uhppote's controller sends to
inline constexpr std::string_view settings_text = R"([gateway]
id = "gw-1"
compound = "33010600001"
[[upstream]]
name = "district"
broker = "mqtt://broker.district.example:1883"
from = 1
batch_records_max = 20
[[upstream.entitlement]]
kinds = ["*"]
fields = ["*"]
subjects = true
pictures = ["plate", "scene"]
[upstream.entitlement.basis]
document = "杭公办〔2025〕12号"
issuer = "杭州市公安局"
date = "2025-06-01"
end = "2027-05-31"
sort = "law"
)";

class Compound {
public:
    explicit Compound(std::uint64_t seed, Duration lifetime)
        : until_(clock.steady_now() + lifetime), entropy(seed), chance(seed + 1), weather(seed + 2) {
        network.set_delay(3ms);
        network.set_loss(10);
        auto read = config::parse_settings(settings_text, "simulation.toml");
        if (!read.settings) throw std::runtime_error(config::to_text(read.flaws, config::Language::en));
        settings = std::move(*read.settings);
        for (Key* key : {&keys.hash, &keys.picture, &keys.field, &keys.signing_seed}) entropy.fill(*key);
        store::StoreOptions options;
        options.directory = "/log";
        options.compound = settings.gateway.compound;
        options.vfs = disk.name();
        options.machine = {"machine-1", "disk-1"};
        auto opened = store::open_store(std::move(options), keys, {loop, clock, entropy, disk.files(), threads, threads, threads});
        if (!opened) throw std::runtime_error(opened.error().what());
        store = std::move(*opened);
        registry = std::make_unique<registry::Registry>(*store, keys.field, clock, entropy);
        pushes = std::make_unique<app::Pushes>(derive_key(keys.hash, "push paths"), net::Endpoint{std::string(gateway_host), 8090});
        push_server = net::make_http_server(loop, clock, net::HttpServer::Options(), pushes->handler());
        network.listen({std::string(gateway_host), 8090},
                       [this](std::unique_ptr<net::Stream> stream) { return push_server->serve(std::move(stream)); });
        drivers::uhppote::Listener::Options at;
        at.bind_to = {"", 60001};
        at.announced = {std::string(gateway_host), 60001};
        listener = std::make_unique<drivers::uhppote::Listener>(surroundings, at);
        app::Upstreams::Parts parts{
            loop, clock, entropy, *store, *registry, broker, keys, "/log", [](const std::string&, std::string_view) { return Done(); }};
        upstreams = std::make_unique<app::Upstreams>(std::move(parts), settings, config::Secrets());
        devices = std::make_unique<app::Devices>(
            *registry, *store, surroundings, [this](const drivers::DeviceInfo& info) { return make_driver(info); }, app::DeviceSink::Limits(),
            [this](const Record& record) { upstreams->send_volatile(record); }, drivers::Company{pace, power});
        build_controller();
        build_camera();
        build_terminal();
    }
    ~Compound() {
        gateway.cancel();
        people.cancel();
        for (int i = 0; i < 1000 && gateway.size() + people.size() > 0; ++i) clock.run_for(1ms);
        devices.reset();
        upstreams.reset();
        store.reset();
        clock.run_for(Duration(0));
    }

    void live() {
        gateway.spawn("gateway", run_gateway(*this));
        people.spawn("platform", platform.run());
        people.spawn("controller", hear_questions(*this));
        people.spawn("heartbeats", beat(*this));
        people.spawn("people", come_and_go(*this));
        people.spawn("trouble", make_trouble(*this));
        clock.run_for(until_ - clock.steady_now());
    }

    template <class T>
    T await(Task<T> task) {
        std::optional<T> kept;
        auto keep = [](Task<T> what, std::optional<T>& into) -> Task<void> { into.emplace(co_await std::move(what)); };
        loop.spawn("asking", keep(std::move(task), kept));
        for (int i = 0; i < 1000 && !kept; ++i) clock.run_for(1ms);
        if (!kept) throw std::runtime_error("no answer");
        return std::move(*kept);
    }

    Loop loop;
    fakes::SimClock clock{loop};
    Instant until_;
    SeededEntropy entropy; ///< the gateway's
    SeededEntropy chance;  ///< what people and devices do
    SeededEntropy weather; ///< what the network loses
    Trace trace{clock};
    OnLoop threads{loop};
    fakes::MemoryDisk disk;
    fakes::SimNetwork network{loop, clock, weather, std::string(gateway_host)};
    TracedNetwork traced{network, trace};
    fakes::FakeBroker broker{loop};
    Platform platform{clock, chance, broker, trace, "gatehouse/v1/gw-1"};
    drivers::Surroundings surroundings{loop, clock, entropy, traced};
    config::Settings settings;
    store::SiteKeys keys;
    std::unique_ptr<store::EventLog> store;
    std::unique_ptr<registry::Registry> registry;
    std::unique_ptr<app::Pushes> pushes;
    std::unique_ptr<net::HttpServer> push_server;
    std::unique_ptr<drivers::uhppote::Listener> listener;
    std::unique_ptr<app::Upstreams> upstreams;
    drivers::Pace pace{clock, entropy, 16};
    app::SitePower power{clock, [this](const std::string& id) { return devices->power_of(id); }, app::SitePower::Rules()};
    std::unique_ptr<app::Devices> devices;

    // The devices, and what truly happened at them.
    tests::ScriptedController controller{clock, 425316788, net::Endpoint{"10.0.0.21", 60000}};
    std::unique_ptr<net::DatagramSocket> controller_socket;
    IsapiDevice camera{network, chance, {"192.168.50.31", 80}};
    std::vector<std::pair<std::string, Time>> plates;
    IsapiDevice terminal{network, chance, {"192.168.50.41", 80}};
    isapi_testing::AcsMemory terminal_memory;
    std::string terminal_slot = isapi_testing::golden("http_hosts.xml");
    std::uint64_t serial = 5000;
    bool terminal_is_off = false;
    std::size_t pushes_taken = 0;

    TaskGroup gateway{loop};
    TaskGroup people{loop};

private:
    // ---- The gateway -------------------------------------------------------------------------------------------------------------

    Result<std::unique_ptr<drivers::Driver>> make_driver(const drivers::DeviceInfo& info) {
        if (info.driver == "isapi") return drivers::isapi::make_isapi(info, surroundings, *pushes);
        return drivers::uhppote::make_uhppote(info, surroundings, *listener);
    }

    static void must(const Done& done) {
        if (!done) throw std::runtime_error(done.error().what());
    }

    static Task<void> run_gateway(Compound& self) {
        must(co_await self.registry->load());
        const registry::By by{"admin", ""};
        for (const auto* id : {"gate-south", "house-3", "gate-north"}) {
            registry::Place place;
            place.id = id;
            place.kind = "gate";
            place.name = id;
            must(co_await self.registry->put_place(std::move(place), by));
        }
        for (const auto& described : descriptions()) {
            auto device = registry::read_device(described);
            if (!device) throw std::runtime_error(device.error().what());
            must(co_await self.registry->put_device(std::move(*device), by));
        }
        std::vector<Task<void>> parts;
        parts.push_back(self.devices->run());
        parts.push_back(self.upstreams->run());
        parts.push_back(self.listener->run());
        parts.push_back(self.store->run());
        co_await all(std::move(parts));
    }

    static std::vector<json::object> descriptions() {
        json::object doors{{"id", "doors-1"}, {"driver", "uhppote"}, {"model", "UT0311-L04"}, {"address", "10.0.0.21"},
                           {"port", 60000},   {"serial", 425316788}, {"place", "gate-north"}};
        json::object camera{{"id", "cam-1"},      {"driver", "isapi"},        {"model", "plate"},      {"address", "192.168.50.31"}, {"port", 80},
                            {"username", "gate"}, {"password", "Gate-2024!"}, {"place", "gate-south"}, {"may_set_clock", false}};
        camera["outlets"] = json::array{json::object{{"number", 1}, {"place", "gate-south"}, {"forward", "in"}}};
        camera["options"] = json::object{{"push", "no"}};
        json::object terminal{{"id", "face-1"},     {"driver", "isapi"},        {"model", "terminal"}, {"address", "192.168.50.41"}, {"port", 80},
                              {"username", "gate"}, {"password", "Gate-2024!"}, {"place", "house-3"},  {"may_set_clock", false}};
        terminal["options"] = json::object{{"push_from", "any"}}; // the simulated network lets all connections come from one host
        return {doors, camera, terminal};
    }

    // ---- The devices -------------------------------------------------------------------------------------------------------------

    void build_controller() {
        auto socket = network.open_datagrams(controller.address, {});
        if (!socket) throw std::runtime_error(socket.error().what());
        controller_socket = std::move(*socket);
        controller.send = [this](net::Endpoint to, Bytes bytes) {
            auto send = [](net::DatagramSocket& from, net::Endpoint target, Bytes content) -> Task<void> {
                auto sent = co_await from.send(std::move(target), std::move(content));
                (void)sent;
            };
            people.spawn("datagram", send(*controller_socket, std::move(to), std::move(bytes)));
        };
    }
    static Task<void> hear_questions(Compound& self) {
        for (;;) {
            auto datagram = co_await self.controller_socket->receive();
            if (datagram) self.controller.hear(datagram->from, datagram->bytes);
        }
    }

    net::HttpResponse tell_time() const {
        const auto now = isapi_testing::AcsMemory::device_time(clock.now());
        return {200, {}, isapi_testing::replaced(isapi_testing::golden("time.xml"), "2026-01-15T08:28:40+08:00", now)};
    }

    void build_camera() {
        camera.answers["GET /ISAPI/System/deviceInfo"] = [](const net::HttpRequest&) {
            return net::HttpResponse{200, {}, isapi_testing::golden("device_info.xml")};
        };
        camera.answers["GET /ISAPI/System/time"] = [this](const net::HttpRequest&) { return tell_time(); };
        camera.answers["POST /ISAPI/Traffic/channels/1/vehicleDetect/plates"] = [this](const net::HttpRequest&) {
            std::string rows = "<Plates>";
            for (const auto& [plate, time] : plates)
                rows += "<Plate><captureTime>" + digits(time, true) + "+0800</captureTime><plateNumber>" + plate +
                        "</plateNumber><laneNo>1</laneNo><direction>forward</direction></Plate>";
            return net::HttpResponse{200, {}, rows + "</Plates>"};
        };
    }
    static std::string digits(Time time, bool with_t) {
        std::string compact;
        for (const char c : isapi_testing::AcsMemory::device_time(time).substr(0, 19))
            if ((c >= '0' && c <= '9') || (with_t && c == 'T')) compact += c;
        return compact;
    }
    void drive_through() {
        using isapi_testing::replaced;
        const auto now = std::chrono::floor<std::chrono::seconds>(clock.now());
        if (!plates.empty() && plates.back().second == now) return;
        const auto plate = "浙A" + std::to_string(10'000 + plates.size());
        plates.emplace_back(plate, now);
        auto text = replaced(isapi_testing::golden("anpr.xml"), "蓝沪A7F3K2", plate);
        text = replaced(text, "2026-01-15T08:30:12+08:00", isapi_testing::AcsMemory::device_time(now));
        text = replaced(text, "20260115083012417", digits(now, false) + "417");
        std::string jpeg = "\xff\xd8 " + plate + std::string(1 + chance.below(20'000), 'x') + "\xff\xd9";
        const auto picture = [&](const std::string& name) {
            return IsapiDevice::part(jpeg + name,
                                     "Content-Disposition: form-data;name=\"" + name + "\";filename=\"" + name + "\"\r\nContent-Type: image/jpeg");
        };
        camera.send(IsapiDevice::part(text) + picture("licensePlatePicture.jpg") + picture("detectionPicture.jpg"));
    }

    void build_terminal() {
        terminal.answers["GET /ISAPI/System/deviceInfo"] = [](const net::HttpRequest&) {
            return net::HttpResponse{200, {}, isapi_testing::golden("device_info.xml")};
        };
        terminal.answers["GET /ISAPI/System/time"] = [this](const net::HttpRequest&) { return tell_time(); };
        terminal.answers["GET /ISAPI/Event/notification/httpHosts"] = [this](const net::HttpRequest&) {
            return net::HttpResponse{200, {}, terminal_slot};
        };
        terminal.answers["PUT /ISAPI/Event/notification/httpHosts/2"] = [this](const net::HttpRequest& request) {
            terminal_slot = request.body;
            return net::HttpResponse{200, {}, "<ResponseStatus><statusCode>1</statusCode><subStatusCode>ok</subStatusCode></ResponseStatus>"};
        };
        terminal.answers["POST /ISAPI/AccessControl/AcsEvent?format=json"] = [this](const net::HttpRequest& request) {
            return terminal_memory.answer(request.body);
        };
    }
    void show_face() { report(chance.below(4) == 0 ? 76 : 75); }
    void report(int minor) {
        terminal_memory.add(++serial, clock.now(), minor, std::to_string(30'100 + chance.below(50)));
        if (terminal_is_off) return;
        const auto& event = terminal_memory.events.back();
        post(isapi_testing::AcsMemory::push(event.serial, clock.now(), event.minor, event.person));
    }
    void post(std::string body) {
        const auto url_at = terminal_slot.find("<url>/hik/");
        if (url_at == std::string::npos) return; // nobody told it where
        net::HttpRequest request;
        request.method = "POST";
        request.target = terminal_slot.substr(url_at + 5, terminal_slot.find("</url>", url_at) - url_at - 5);
        request.headers.emplace_back("Content-Type", "application/json");
        request.body = std::move(body);
        people.spawn("push", push(*this, std::move(request)));
    }
    static Task<void> push(Compound& self, net::HttpRequest request) {
        net::HttpClient::Options options;
        options.server = {std::string(gateway_host), 8090};
        const auto client = net::make_http_client(self.traced, self.clock, self.chance, std::move(options));
        auto answer = co_await client->request(std::move(request));
        if (answer && answer->status == 200) ++self.pushes_taken; // else: the search brings it
    }

    static Task<void> beat(Compound& self) {
        for (std::size_t seconds = 0;; seconds += 5) {
            co_await self.clock.sleep_for(5s);
            if (seconds % 15 == 0) self.controller.push_last();
            auto heartbeat = isapi_testing::replaced(isapi_testing::golden("heartbeat.xml"), "2026-01-15T08:30:00+08:00",
                                                     isapi_testing::AcsMemory::device_time(self.clock.now()));
            if (seconds % 10 == 0) self.camera.send(IsapiDevice::part(heartbeat));
            if (seconds % 30 == 0 && !self.terminal_is_off)
                self.post("{\"eventType\":\"heartBeat\",\"eventState\":\"active\",\"dateTime\":\"" +
                          isapi_testing::AcsMemory::device_time(self.clock.now()) + "\"}");
        }
    }

    // ---- What happens ------------------------------------------------------------------------------------------------------------

    void use_door() {
        tests::PastEvent event;
        event.door = static_cast<std::uint8_t>(1 + chance.below(4));
        event.card = static_cast<std::uint32_t>(8'000'000 + chance.below(1000));
        switch (chance.below(12)) {
        case 0: // opened by force: an alarm
            event.type = 3;
            event.reason = 38;
            event.card = 0;
            break;
        case 1:
            event.granted = 0;
            event.reason = 6;
            break;
        case 2:
            event.type = 2;
            event.reason = 23;
            event.card = 0;
            break;
        default: break;
        }
        controller.happen(event);
    }

    // Until five minutes before the end, so that the last of it can go all the way.
    static Task<void> come_and_go(Compound& self) {
        while (self.clock.steady_now() < self.until_ - 5min) {
            co_await self.clock.sleep_for(std::chrono::milliseconds(500 + self.chance.below(7000)));
            const auto where = self.chance.below(3);
            if (where == 0) self.use_door();
            if (where == 1) self.drive_through();
            if (where == 2) self.show_face();
        }
    }

    static Task<void> make_trouble(Compound& self) {
        auto& clock = self.clock;
        const auto some_time = [&] { return std::chrono::seconds(120 + self.chance.below(180)); };
        co_await clock.sleep_for(5min);
        self.network.cut(self.controller.address.host);
        co_await clock.sleep_for(some_time());
        self.network.mend(self.controller.address.host);
        co_await clock.sleep_for(2min);
        self.broker.acks = fakes::FakeBroker::Acks::on_command; // the last messages before the outage get lost on their way
        self.platform.is_deaf = true;
        co_await clock.sleep_for(20s);
        self.broker.is_reachable = false;
        self.broker.drop_all();
        self.platform.is_deaf = false;
        self.broker.acks = fakes::FakeBroker::Acks::at_once;
        co_await clock.sleep_for(2min);
        self.network.cut(self.camera.at().host); // both at once
        co_await clock.sleep_for(some_time());
        self.broker.is_reachable = true;
        co_await clock.sleep_for(1min);
        self.network.mend(self.camera.at().host);
        co_await clock.sleep_for(3min);
        self.terminal_is_off = true;
        self.network.cut(self.terminal.at().host);
        co_await clock.sleep_for(some_time());
        self.network.mend(self.terminal.at().host);
        self.terminal_is_off = false;
        co_await clock.sleep_for(1min);
        self.broker.drop_all(); // and back at once
        co_await clock.sleep_for(2min);
        self.disk.on_operation = [](std::uint64_t, const std::string&, const std::string&) { return true; };
        co_await clock.sleep_for(20s);
        self.report(27); // a door forced, and no disk to write it on
        co_await clock.sleep_for(some_time());
        self.disk.on_operation = {};
    }
};

} // namespace gatehouse::simulation
