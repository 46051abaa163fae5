// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/devices.hpp"

#include "daemon/app/site_power.hpp"
#include "tests/fakes/sim_network.hpp"
#include "tests/unit/daemon/store/world.hpp"

#include <set>

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;

namespace {

/// What conversations there were.
struct Ledger {
    std::map<std::string, int> open, open_most, begun;
    std::map<std::string, std::string> password; ///< of the newest
};

class ScriptedDriver final : public drivers::Driver {
public:
    ScriptedDriver(drivers::DeviceInfo info, Clock& clock, Ledger& ledger) : info_(std::move(info)), clock_(clock), ledger_(ledger) {}
    Task<Error> run(RecordSink& sink) override {
        struct Conversation {
            Ledger& ledger;
            std::string id;
            Conversation(Ledger& l, std::string i) : ledger(l), id(std::move(i)) {
                ++ledger.begun[id];
                ledger.open_most[id] = std::max(ledger.open_most[id], ++ledger.open[id]);
            }
            ~Conversation() { --ledger.open[id]; }
        } conversation(ledger_, info_.id);
        ledger_.password[info_.id] = info_.password;
        status_.state = drivers::DeviceStatus::State::online;
        Record online;
        online.kind = Kind::device_online;
        online.heard_at = clock_.now();
        online.source = info_.id;
        auto appended = co_await sink.append(std::move(online), std::nullopt);
        if (!appended) co_return std::move(appended).error();
        co_await clock_.sleep_for(24h);
        co_return Error(Fault::gone, "over");
    }
    drivers::DeviceStatus status() const override { return status_; }

private:
    drivers::DeviceInfo info_;
    Clock& clock_;
    Ledger& ledger_;
    drivers::DeviceStatus status_;
};

struct House {
    House() {
        world.open();
        registry = std::make_unique<registry::Registry>(*world.store, world.keys.field, world.clock, world.entropy);
        devices = std::make_unique<Devices>(
            *registry, *world.store, surroundings, [this](const drivers::DeviceInfo& info) { return make(info); }, DeviceSink::Limits(),
            [](const Record&) {}, drivers::Company{pace, power});
        handle = group.spawn("devices", devices->run());
    }
    ~House() {
        group.cancel();
        world.clock.run_for(1ms);
    }
    Result<std::unique_ptr<drivers::Driver>> make(const drivers::DeviceInfo& info) {
        if (info.model == "unknown") return Error(Fault::unsupported, "no such driver");
        return std::unique_ptr<drivers::Driver>(std::make_unique<ScriptedDriver>(info, world.clock, ledger));
    }
    static registry::Device camera(const std::string& id) {
        registry::Device device;
        device.info.id = id;
        device.info.driver = "isapi";
        device.info.model = "plate";
        device.info.address = {"192.168.50.31", 80};
        device.info.username = "gate";
        device.info.password = "one";
        return device;
    }
    void put(registry::Device device) {
        const auto put = world.await(registry->put_device(std::move(device), {"admin", ""}), 1s);
        REQUIRE_MESSAGE(put.has_value(), (put ? "" : put.error().what()));
        world.clock.run_for(100ms);
    }
    void remove(const std::string& id) {
        REQUIRE(world.await(registry->remove_device(id, {"admin", ""}), 1s).has_value());
        world.clock.run_for(100ms);
    }

    store::World world;
    fakes::SimNetwork network{world.loop, world.clock, world.entropy};
    drivers::Surroundings surroundings{world.loop, world.clock, world.entropy, network};
    Ledger ledger;
    std::unique_ptr<registry::Registry> registry;
    drivers::Pace pace{world.clock, world.entropy, 256};
    SitePower power{world.clock, [this](const std::string& id) { return devices->power_of(id); }, SitePower::Rules()};
    std::unique_ptr<Devices> devices;
    TaskGroup group{world.loop};
    std::uint64_t handle = 0;
};

} // namespace

TEST_CASE("devices: each registered device has one conversation, whose records carry its id") {
    House house;
    house.put(House::camera("cam-1"));
    house.put(House::camera("cam-2"));
    CHECK(house.ledger.open == std::map<std::string, int>{{"cam-1", 1}, {"cam-2", 1}});
    CHECK(house.ledger.begun == std::map<std::string, int>{{"cam-1", 1}, {"cam-2", 1}}); // putting the second did not touch the first
    std::set<std::string> sources;
    for (const auto& record : house.world.all())
        if (record.kind == Kind::device_online) sources.insert(record.source);
    CHECK(sources == std::set<std::string>{"cam-1", "cam-2"});
    CHECK(house.devices->statuses().size() == 2);
    CHECK(house.devices->status_of("cam-1")->state == drivers::DeviceStatus::State::online);
    CHECK_FALSE(house.devices->status_of("cam-3").has_value());
    CHECK(house.devices->doors_of("cam-1") == nullptr);
    CHECK(house.devices->doors_of("nobody") == nullptr);
}

TEST_CASE("devices: a changed device is a new conversation, and the old one has ended before it begins") {
    House house;
    house.put(House::camera("cam-1"));
    auto moved = House::camera("cam-1");
    moved.info.address.host = "192.168.50.99";
    house.put(moved);
    CHECK(house.ledger.begun["cam-1"] == 2);
    moved.info.password = "two"; // stands in no record and no list
    house.put(moved);
    CHECK(house.ledger.begun["cam-1"] == 3);
    CHECK(house.ledger.password["cam-1"] == "two");
    house.put(moved); // unchanged
    CHECK(house.ledger.begun["cam-1"] == 3);
    CHECK(house.ledger.open["cam-1"] == 1);
    CHECK(house.ledger.open_most["cam-1"] == 1);
}

TEST_CASE("devices: a removed device is no longer spoken to, and may come back") {
    House house;
    house.put(House::camera("cam-1"));
    house.put(House::camera("cam-2"));
    house.remove("cam-1");
    CHECK(house.ledger.open["cam-1"] == 0);
    CHECK(house.ledger.open["cam-2"] == 1);
    CHECK_FALSE(house.devices->status_of("cam-1").has_value());
    house.put(House::camera("cam-1"));
    CHECK(house.ledger.open["cam-1"] == 1);
    CHECK(house.ledger.begun["cam-2"] == 1);
}

TEST_CASE("devices: one that cannot be spoken to does not keep the others waiting") {
    House house;
    auto odd = House::camera("a-first");
    odd.info.model = "unknown";
    house.put(odd);
    house.put(House::camera("cam-1"));
    CHECK(house.ledger.open["cam-1"] == 1);
    CHECK_FALSE(house.devices->status_of("a-first").has_value());
}

TEST_CASE("devices: what was registered before is spoken to at the start, and all conversations end with it") {
    House house;
    house.put(House::camera("cam-1"));
    house.group.cancel(house.handle);
    house.world.clock.run_for(100ms);
    CHECK(house.group.size() == 0);
    CHECK(house.ledger.open["cam-1"] == 0);
    Devices again(
        *house.registry, *house.world.store, house.surroundings, [&](const drivers::DeviceInfo& info) { return house.make(info); },
        DeviceSink::Limits(), [](const Record&) {}, drivers::Company{house.pace, house.power});
    house.group.spawn("devices", again.run());
    house.world.clock.run_for(100ms);
    CHECK(house.ledger.begun["cam-1"] == 2);
    house.group.cancel();
    house.world.clock.run_for(100ms);
    CHECK(house.ledger.open["cam-1"] == 0);
}

TEST_CASE("devices: one whose password is being changed is left alone, says so, and is spoken to again with the one that was proved") {
    House house;
    house.put(House::camera("cam-1"));
    auto both = House::camera("cam-1");
    both.next_password = "two";
    house.put(both);
    CHECK(house.ledger.open["cam-1"] == 0);
    CHECK(house.world.await(house.devices->until_left("cam-1"), 1s).has_value());
    CHECK(house.devices->status_of("cam-1")->fault.find("password is being changed") != std::string::npos);
    CHECK(house.devices->statuses().at("cam-1").state == drivers::DeviceStatus::State::offline);
    auto proved = House::camera("cam-1");
    proved.info.password = "two";
    house.put(proved);
    CHECK(house.ledger.open["cam-1"] == 1);
    CHECK(house.ledger.password["cam-1"] == "two");
    CHECK(house.ledger.open_most["cam-1"] == 1);
    CHECK(house.world.await(house.devices->until_left("cam-1"), 1min).error().fault() == Fault::busy);
}
