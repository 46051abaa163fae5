// SPDX-License-Identifier: Apache-2.0
//
// A small compound on the real store: two homes, a door group, and the resource library.
#pragma once

#include "daemon/registry/library.hpp"

#include "tests/unit/daemon/store/world.hpp"

namespace gatehouse::registry {

struct Compound {
    explicit Compound(LibraryOptions given = LibraryOptions{true}) : options(given) {
        world.clock.step_wall(parse_time("2026-11-27T04:00:00Z").value() - world.clock.now());
        world.open();
        group.spawn("store", world.store->run());
        begin();
        for (const auto* home : {"home-1-101", "home-1-102"}) put_place(home, "home");
        put_place("door-1", "door");
    }
    ~Compound() {
        group.cancel();
        for (int i = 0; i < 1000 && group.size() > 0; ++i) world.clock.run_for(std::chrono::milliseconds(1));
    }
    void begin() {
        registry = std::make_unique<Registry>(*world.store, world.keys.field, world.clock, world.entropy);
        REQUIRE(world.await(registry->load()).has_value());
        library = std::make_unique<Library>(*world.store, *world.store, *registry, world.keys, world.clock, world.entropy, options);
    }
    void put_place(const std::string& id, const std::string& kind) {
        Place place;
        place.id = id;
        place.kind = kind;
        place.name = id;
        REQUIRE(world.await(registry->put_place(place, by)).has_value());
    }
    Result<Saved> add(const char* entity, json::object fields) { return world.await(library->add(*entity_named(entity), std::move(fields), by)); }
    Entry must_add(const char* entity, json::object fields) {
        auto saved = add(entity, std::move(fields));
        REQUIRE_MESSAGE(saved.has_value(), (saved ? std::string() : saved.error().what()));
        std::string flaws;
        for (const auto& flaw : saved->flaws) flaws += flaw.field + " " + std::string(validity::name_of(flaw.flaw)) + "; ";
        REQUIRE_MESSAGE(saved->entry.has_value(), flaws);
        return *saved->entry;
    }
    std::vector<FieldFlaw> flaws_of(const char* entity, json::object fields) {
        auto saved = add(entity, std::move(fields));
        REQUIRE_MESSAGE(saved.has_value(), (saved ? std::string() : saved.error().what()));
        CHECK_FALSE(saved->entry.has_value());
        return saved->flaws;
    }
    Result<Saved> change(const Entry& entry, json::object fields) {
        return world.await(library->change(*entry.entity, entry.id, entry.version, std::move(fields), by));
    }
    Done end(const Entry& entry) { return world.await(library->end(*entry.entity, entry.id, entry.version, by)); }
    std::optional<Entry> at(std::string_view reference) {
        auto found = world.await(library->at(parse_reference(reference).value()));
        REQUIRE(found.has_value());
        return *found;
    }
    std::vector<Entry> list(const char* entity) {
        auto found = world.await(library->list(*entity_named(entity), "", 20'000), std::chrono::minutes(10));
        REQUIRE(found.has_value());
        return *found;
    }
    std::uint64_t head() { return world.store->head().position; }

    LibraryOptions options;
    const By by{"manager", "uid:1000"};
    store::World world;
    TaskGroup group{world.loop};
    std::unique_ptr<Registry> registry;
    std::unique_ptr<Library> library;
};

inline json::object person(const std::string& name, const std::string& phone = "13812345678") {
    return {{"name", name}, {"category", "resident"}, {"phone", phone}};
}

} // namespace gatehouse::registry
