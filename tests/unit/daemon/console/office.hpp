// SPDX-License-Identifier: Apache-2.0
//
// A console on the real store and registry, on a disk in memory and simulated time. Who asks is a role, or nobody.
#pragma once

#include "daemon/console/console.hpp"
#include "daemon/console/problem.hpp"
#include "daemon/console/route.hpp"
#include "tests/unit/daemon/store/world.hpp"

#include <set>

namespace gatehouse::console {

using Asker = std::optional<auth::Role>;

class CountingDoors final : public drivers::DoorControl {
public:
    explicit CountingDoors(Clock& clock) : clock_(clock) {}
    Task<Done> open(std::int64_t outlet) override {
        opened.push_back(outlet);
        if (takes > Duration::zero()) co_await clock_.sleep_for(takes);
        if (refuses) co_return Error(Fault::refused, "not now");
        co_return Done();
    }
    std::vector<std::int64_t> opened;
    Duration takes{};
    bool refuses = false;

private:
    Clock& clock_;
};

/// An upstream that only has a state.
class StillUpstream final : public sync::Upstream {
public:
    const std::string& name() const override { return state.name; }
    Task<void> run() override { co_return; }
    sync::UpstreamStatus status() const override { return state; }
    Task<Result<std::uint64_t>> resend(Lane, std::uint64_t first, std::uint64_t last) override { co_return last - first + 1; }
    sync::UpstreamStatus state;
};

struct Office {
    Office() {
        world.open();
        group.spawn("store", world.store->run());
        registry = std::make_unique<registry::Registry>(*world.store, world.keys.field, world.clock, world.entropy);
        REQUIRE(world.await(registry->load()).has_value());
        library = std::make_unique<registry::Library>(*world.store, *world.store, *registry, world.keys, world.clock, world.entropy,
                                                      registry::LibraryOptions{true});
        audit = std::make_unique<auth::AuditTrail>(*world.store, world.clock);
        console = std::make_unique<Console>(parts(), [this](std::uint32_t gid) { return group_names[gid]; });
        for (const auto role : auth::all_roles) group_names[gid_of(role)] = "gatehouse-" + std::string(auth::name_of(role));
        upstream.state.name = "district";
    }
    ~Office() {
        mend_disk(); // a disk that asks the store how far it is must not outlive it
        group.cancel();
        for (int i = 0; i < 1000 && group.size() > 0; ++i) world.clock.run_for(std::chrono::milliseconds(1));
    }

    /// What the console is made of; a test may make another one of more.
    Parts parts() {
        return Parts{
            .loop = world.loop,
            .clock = world.clock,
            .store = *world.store,
            .admin = *world.store,
            .registry = *registry,
            .audit = *audit,
            .gateway = "gw-7",
            .compound = "compound-1",
            .version = "1.2.3",
            .instance = "i-1",
            .socket_group = "",
            .started = world.clock.now(),
            .device_statuses = [this] { return statuses; },
            .doors_of = [this](const std::string& id) -> drivers::DoorControl* { return id == "door-1" ? &doors : nullptr; },
            .cards_of = [](const std::string&) -> drivers::CardTable* { return nullptr; },
            .discover = [](std::string) -> Task<Result<std::vector<Found>>> { co_return std::vector<Found>(); },
            .upstreams = [this] { return std::vector<sync::Upstream*>{&upstream}; },
            .settings_text = [this](bool) { return settings; },
            .own_findings = [this]() -> Task<std::vector<Finding>> { co_return own; },
            .plan_settings = [this] { return plan; },
            .measure_storage = [this]() -> Task<Result<StorageReport>> { co_return storage; },
            .renew_identity = [this]() -> Task<Result<store::Head>> { co_return co_await world.store->renew_epoch("renewed"); },
            .library = library.get(),
        };
    }

    static std::uint32_t gid_of(auth::Role role) { return 100 + static_cast<std::uint32_t>(role); }

    static net::HttpRequest request(Asker asker, std::string method, std::string target, std::string body = {}, net::Headers headers = {}) {
        net::HttpRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.body = std::move(body);
        request.headers = std::move(headers);
        request.peer_uid = 1000;
        if (asker) request.peer_groups = {gid_of(*asker)};
        return request;
    }

    /// The answer; what is wrong has the shape of RFC 9457, whatever it is.
    net::HttpResponse ask(Asker asker, std::string method, std::string target, std::string body = {}, net::Headers headers = {}) {
        auto answer = world.await(console->handler()(request(asker, std::move(method), std::move(target), std::move(body), std::move(headers))),
                                  std::chrono::minutes(10));
        if (answer.status >= 400) check_problem(answer);
        return answer;
    }
    net::HttpResponse get(Asker asker, std::string target, net::Headers headers = {}) {
        return ask(asker, "GET", std::move(target), {}, std::move(headers));
    }
    json::object get_object(Asker asker, std::string target) {
        const auto answer = get(asker, std::move(target));
        REQUIRE_MESSAGE(answer.status == 200, answer.body);
        return parse_json(answer.body).value().as_object();
    }

    static json::object check_problem(const net::HttpResponse& answer) {
        CHECK(net::header(answer.headers, "content-type") == "application/problem+json");
        CHECK(net::header(answer.headers, "cache-control") == "no-store");
        auto parsed = parse_json(answer.body);
        REQUIRE_MESSAGE(parsed.has_value(), answer.body);
        auto& object = parsed->as_object();
        CHECK(object.at("status").as_int64() == answer.status);
        const std::string type(object.at("type").as_string());
        bool is_known = false;
        for (const auto& row : all_problems()) {
            const bool is_type = type == "urn:gatehouse:problem:" + std::string(row.name) && row.status == answer.status;
            is_known = is_known || (is_type && object.at("title").as_string() == row.title_en && object.at("title_zh").as_string() == row.title_zh);
        }
        CHECK_MESSAGE(is_known, type);
        CHECK_FALSE(object.at("detail").as_string().empty());
        return object;
    }

    void register_device(const std::string& id = "door-1") {
        registry::Device device;
        device.info.id = id;
        device.info.driver = "isapi";
        device.info.model = "terminal";
        device.info.address = {"192.168.50.31", 80};
        device.info.username = "hik-admin";
        device.info.password = "Gate-2024!";
        REQUIRE(world.await(registry->put_device(std::move(device), registry::By{"technician", "uid:1"})).has_value());
    }
    void break_disk() {
        world.disk.on_operation = [](std::uint64_t, const std::string&, const std::string&) { return true; };
    }
    void mend_disk() { world.disk.on_operation = {}; }

    store::World world;
    TaskGroup group{world.loop};
    std::map<std::uint32_t, std::string> group_names;
    std::map<std::string, drivers::DeviceStatus> statuses;
    CountingDoors doors{world.clock};
    StillUpstream upstream;
    std::vector<Finding> own;
    PlanSettings plan;
    StorageReport storage;
    std::string settings = "[gateway]\nid = \"gw-7\"\n";
    std::unique_ptr<registry::Registry> registry;
    std::unique_ptr<registry::Library> library;
    std::unique_ptr<auth::AuditTrail> audit;
    std::unique_ptr<Console> console;
};

constexpr auto guard = auth::Role::guard;
constexpr auto technician = auth::Role::technician;
constexpr auto admin = auth::Role::admin;
constexpr auto auditor = auth::Role::auditor;
constexpr auto machine_role = auth::Role::machine;
constexpr std::optional<auth::Role> nobody;

} // namespace gatehouse::console
