// SPDX-License-Identifier: Apache-2.0
//
// The registry on the real store: versions, looks at the past, and the record that tells of each change in its commit.
#include "daemon/registry/registry.hpp"

#include "tests/unit/daemon/store/world.hpp"

using namespace gatehouse;
using namespace gatehouse::registry;

namespace {

const By technician{"technician", "王工"};

Place place(const std::string& id, const std::string& name = "门", const std::string& parent = {}) {
    Place made;
    made.id = id;
    made.kind = "gate";
    made.name = name;
    made.parent = parent;
    return made;
}

Device camera(const std::string& id = "cam-1", const std::string& where = "gate-1") {
    Device made;
    made.info.id = id;
    made.info.driver = "isapi";
    made.info.model = "plate";
    made.info.address = {"192.168.50.31", 80};
    made.info.username = "hik-admin";
    made.info.password = "Gate-2024!";
    made.info.place = where;
    return made;
}

struct Office {
    Office() {
        world.open();
        begin();
    }
    void begin() {
        registry = std::make_unique<Registry>(*world.store, world.keys.field, world.clock, world.entropy);
        REQUIRE(world.await(registry->load()).has_value());
    }
    /// As after a restart.
    void restart() {
        registry.reset();
        world.open();
        begin();
    }
    Done put(Place what) { return world.await(registry->put_place(std::move(what), technician)); }
    Done put(Device what) { return world.await(registry->put_device(std::move(what), technician)); }
    Done remove(const std::string& id) { return world.await(registry->remove_device(id, technician)); }
    std::uint64_t head() { return world.store->head().position; }
    std::vector<store::RegistryRow> rows(const std::string& row_class, std::optional<std::uint64_t> as_of = std::nullopt) {
        auto found = world.await(world.store->registry_rows(row_class, as_of));
        REQUIRE(found.has_value());
        return *found;
    }
    json::array snapshot(const std::string& of, std::uint64_t as_of) {
        auto found = world.await(registry->snapshot(of, as_of));
        REQUIRE_MESSAGE(found.has_value(), (found ? "" : found.error().what()));
        return *found;
    }

    store::World world;
    std::unique_ptr<Registry> registry;
};

} // namespace

TEST_CASE("registry: each change is a version, with its record in the same commit") {
    Office office;
    const auto commits = office.world.store->status().commits;
    REQUIRE(office.put(place("gate-1")).has_value());
    CHECK(office.world.store->status().commits == commits + 1);
    const auto first = office.rows("place");
    REQUIRE(first.size() == 1);
    CHECK(first[0].version == 1);
    CHECK(first[0].from_position == office.head());
    const auto record = office.world.all().back();
    CHECK(record.kind == Kind::registry_changed);
    CHECK(record.source == "gateway");
    const auto facts = parse_json(record.facts).value().as_object();
    CHECK(facts.at("what") == "place");
    CHECK(facts.at("action") == "added");
    CHECK(facts.at("id") == "gate-1");
    CHECK(facts.at("by_role") == "technician");
    CHECK(record.facts.find("王工") == std::string::npos); // who it was is personal
    CHECK(record.details.find("王工") != std::string::npos);

    REQUIRE(office.put(place("gate-1", "南门")).has_value());
    const auto second = office.rows("place");
    REQUIRE(second.size() == 1);
    CHECK(second[0].version == 2);
    CHECK(second[0].from_position == office.head());
    CHECK(office.world.all().back().facts.find("\"changed\"") != std::string::npos);
    CHECK(office.world.store->status().commits == commits + 2);
}

TEST_CASE("registry: what does not change writes nothing and wakes nobody") {
    Office office;
    REQUIRE(office.put(place("gate-1")).has_value());
    REQUIRE(office.put(camera()).has_value());
    const auto head = office.head();
    const auto commits = office.world.store->status().commits;
    office.registry->changed().reset();
    REQUIRE(office.put(place("gate-1")).has_value());
    REQUIRE(office.put(camera()).has_value());
    CHECK(office.head() == head);
    CHECK(office.world.store->status().commits == commits);
    CHECK_FALSE(office.registry->changed().is_set());
    auto other_password = camera();
    other_password.info.password = "Gate-2025!";
    REQUIRE(office.put(other_password).has_value());
    CHECK(office.head() == head + 1);
    CHECK(office.registry->changed().is_set());
}

TEST_CASE("registry: the past is as it was") {
    Office office;
    REQUIRE(office.put(place("gate-1", "北门")).has_value());
    const auto early = office.head();
    REQUIRE(office.put(camera("cam-1")).has_value());
    REQUIRE(office.put(camera("cam-2")).has_value());
    const auto both = office.head();
    REQUIRE(office.put(place("gate-1", "南门")).has_value());
    auto moved = camera("cam-1");
    moved.name = "入口";
    REQUIRE(office.put(moved).has_value());
    REQUIRE(office.remove("cam-2").has_value());
    const auto now = office.head();

    CHECK(office.snapshot("devices", early).empty());
    REQUIRE(office.snapshot("devices", both).size() == 2);
    CHECK(office.snapshot("devices", both)[0].at("name") == "");
    CHECK(office.snapshot("places", both)[0].at("name") == "北门");
    CHECK(office.snapshot("places", both)[0].at("version") == 1);
    const auto today = office.snapshot("devices", now);
    REQUIRE(today.size() == 1);
    CHECK(today[0].at("id") == "cam-1");
    CHECK(today[0].at("name") == "入口");
    CHECK(today[0].at("version") == 2);
    CHECK(office.snapshot("places", now)[0].at("name") == "南门");
    // The removal takes effect at its own position.
    CHECK(office.snapshot("devices", now - 1).size() == 2);
    const auto text = json::serialize(office.snapshot("devices", both));
    for (const auto* secret : {"192.168.50.31", "Gate-2024!", "hik-admin"})
        CHECK_MESSAGE(text.find(secret) == std::string::npos, std::string(secret));
    CHECK(office.world.await(office.registry->snapshot("persons", now)).error().fault() == Fault::unsupported);
}

TEST_CASE("registry: a restart finds what was there, passwords too; a row that came back goes on counting") {
    Office office;
    REQUIRE(office.put(place("gate-1", "北门")).has_value());
    REQUIRE(office.put(camera("cam-1")).has_value());
    REQUIRE(office.put(camera("cam-2")).has_value());
    REQUIRE(office.remove("cam-2").has_value());
    office.restart();
    CHECK(office.registry->places().size() == 1);
    REQUIRE(office.registry->devices().size() == 1);
    CHECK(office.registry->devices().at("cam-1").info.password == "Gate-2024!");
    CHECK_FALSE(office.world.disk.holds("Gate-2024!"));
    const auto head = office.head();
    REQUIRE(office.put(camera("cam-1")).has_value());
    CHECK(office.head() == head);
    REQUIRE(office.put(camera("cam-2")).has_value());
    for (const auto& row : office.rows("device"))
        if (row.id == "cam-2") CHECK(row.version == 2);
}

TEST_CASE("registry: places and parents must be there; what is refused writes nothing") {
    Office office;
    REQUIRE(office.put(place("compound")).has_value());
    REQUIRE(office.put(place("gate-1", "门", "compound")).has_value());
    const auto head = office.head();
    CHECK(office.put(place("door-1", "门", "nowhere")).error().fault() == Fault::gone);
    CHECK(office.put(camera("cam-1", "nowhere")).error().fault() == Fault::gone);
    auto with_outlet = camera();
    with_outlet.info.outlets.push_back({1, "nowhere", "in"});
    CHECK(office.put(with_outlet).error().fault() == Fault::gone);
    CHECK(office.remove("cam-1").error().fault() == Fault::gone);
    CHECK(office.head() == head);
    CHECK(office.registry->devices().empty());
}

TEST_CASE("registry: when the disk refuses, nothing has changed, neither in memory nor after a restart") {
    Office office;
    REQUIRE(office.put(place("gate-1", "北门")).has_value());
    REQUIRE(office.put(camera("cam-9")).has_value());
    const auto head = office.head();
    office.world.disk.on_operation = [](std::uint64_t, const std::string&, const std::string&) { return true; };
    CHECK(office.put(place("gate-1", "南门")).has_error());
    CHECK(office.put(camera()).has_error());
    CHECK(office.remove("cam-9").has_error());
    CHECK(office.registry->places().at("gate-1").name == "北门");
    CHECK(office.registry->devices().size() == 1);
    CHECK(office.registry->devices().contains("cam-9"));
    office.world.disk.on_operation = {};
    office.restart();
    CHECK(office.registry->places().at("gate-1").name == "北门");
    CHECK(office.registry->devices().size() == 1);
    CHECK(office.registry->devices().contains("cam-9"));
    CHECK(office.head() == head);
    CHECK(office.rows("place").at(0).version == 1);
    REQUIRE(office.put(place("gate-1", "南门")).has_value());
}

TEST_CASE("registry: the catalogue says what stands where and how it is, not how to reach it") {
    Office office;
    REQUIRE(office.put(place("gate-1", "北门")).has_value());
    REQUIRE(office.put(camera("cam-1")).has_value());
    REQUIRE(office.put(camera("cam-2")).has_value());
    const auto catalogue = office.registry->catalogue([](const std::string& id) { return id == "cam-1" ? std::string("online") : std::string(); });
    CHECK(catalogue.at("places").as_array().size() == 1);
    REQUIRE(catalogue.at("devices").as_array().size() == 2);
    CHECK(catalogue.at("devices").as_array()[0].at("state") == "online");
    CHECK_FALSE(catalogue.at("devices").as_array()[1].as_object().contains("state"));
    const auto text = json::serialize(catalogue);
    for (const auto* secret : {"192.168.50.31", "Gate-2024!", "hik-admin"})
        CHECK_MESSAGE(text.find(secret) == std::string::npos, std::string(secret));
}
