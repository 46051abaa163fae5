// SPDX-License-Identifier: Apache-2.0
//
// A store on a disk in memory, in one thread, on simulated time: what each test of this folder starts from.
#pragma once

#include "daemon/store/event_log.hpp"
#include "tests/fakes/memory_vfs.hpp"
#include "tests/fakes/sim_clock.hpp"

#include <doctest/doctest.h>

#include <optional>

namespace gatehouse::store {

inline SiteKeys test_keys() {
    SiteKeys keys;
    SeededEntropy entropy(7);
    for (Key* key : {&keys.hash, &keys.picture, &keys.field, &keys.signing_seed}) entropy.fill(*key);
    return keys;
}

/// Answers what a task answered; the task ends within the simulated minute.
template <class T>
Task<void> keep_answer(Task<T> task, std::optional<T>& kept) {
    kept.emplace(co_await std::move(task));
}

struct World {
    /// Two worlds at a time need two names for their disks.
    explicit World(std::uint64_t seed = 1, std::string disk_name = "memory") : disk(std::move(disk_name)), entropy(seed) {
        options.directory = "/log";
        options.compound = "compound-1";
        options.vfs = disk.name();
        options.machine = {"machine-1", "uuid-1"};
    }
    ~World() { close(); }

    fakes::MemoryDisk disk;
    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy;
    SiteKeys keys = test_keys();
    StoreOptions options;
    std::unique_ptr<EventLog> store;

    StoreParts parts() { return {loop, clock, entropy, disk.files(), loop, loop, loop}; }
    Done try_open() {
        close();
        auto opened = open_store(options, keys, parts());
        if (!opened) return std::move(opened).error();
        store = std::move(*opened);
        return {};
    }
    void open() {
        const auto opened = try_open();
        REQUIRE_MESSAGE(opened.has_value(), (opened ? std::string() : opened.error().what()));
    }
    void close() {
        store.reset();
        clock.run_for(Duration(0));
    }

    template <class T>
    T await(Task<T> task, Duration howlong = std::chrono::seconds(60)) {
        std::optional<T> kept;
        loop.spawn("test", keep_answer<T>(std::move(task), kept));
        clock.run_for(Duration(0));
        if (!kept) clock.run_for(howlong);
        REQUIRE(kept.has_value());
        return std::move(*kept);
    }
    Result<Appended> append(Record record, std::optional<SourceMark> mark = std::nullopt) {
        return await(store->append(std::move(record), std::move(mark)));
    }
    std::uint64_t must_append(Record record) {
        auto appended = append(std::move(record));
        REQUIRE_MESSAGE(appended.has_value(), (appended ? std::string() : appended.error().what()));
        return appended->position;
    }
    std::vector<StoredRecord> all() {
        auto records = await(store->read_after(0, 10'000, 1 << 30));
        REQUIRE_MESSAGE(records.has_value(), (records ? std::string() : records.error().what()));
        return *records;
    }

    Record pass(const std::string& source = "door-1", const std::string& card = "4471") {
        Record record;
        record.kind = Kind::pass_granted;
        record.heard_at = clock.now();
        record.happened_at = clock.now();
        record.source = source;
        record.place = "gate-east";
        record.facts = {{"door", 1}, {"direction", "in"}};
        record.subject = "card:" + card;
        record.details = {{"card", card}};
        return record;
    }
    Record keyed(std::uint64_t key, const std::string& source = "door-1", std::uint32_t generation = 0, const std::string& same = {}) {
        Record record = pass(source);
        record.device_key = DeviceKey{key, generation};
        record.same_as = same.empty() ? "pass|" + std::to_string(key) : same;
        return record;
    }
};

} // namespace gatehouse::store
