// SPDX-License-Identifier: Apache-2.0
//
// The seams hold (design: time, chance, network, disk and threads are parameters), and the main promise with them: an hour of a compound
// in which a controller, the broker, a camera, a terminal and the disk go away and come back.
#include "daemon/base/log.hpp"
#include "tests/simulation/compound.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace gatehouse;
using namespace gatehouse::simulation;

namespace {

struct Hour {
    std::string trace;
    std::vector<std::string> lines;
    std::size_t records = 0;
};

std::string where_they_part(const Hour& one, const Hour& other) {
    const auto shorter = std::min(one.lines.size(), other.lines.size());
    std::size_t at = 0;
    while (at < shorter && one.lines[at] == other.lines[at]) ++at;
    std::string text = "line " + std::to_string(at);
    for (std::size_t i = at < 3 ? 0 : at - 3; i < std::min(shorter, at + 3); ++i) text += "\n  " + one.lines[i] + "\n  " + other.lines[i];
    return text;
}

std::uint64_t seed_of_this_run() {
    const char* text = std::getenv("GATEHOUSE_SEED");
    return text == nullptr ? 8412 : std::strtoull(text, nullptr, 10);
}

std::vector<store::StoredRecord> all_records(Compound& compound) {
    std::vector<store::StoredRecord> found;
    for (;;) {
        auto some = compound.await(compound.store->read_after(found.empty() ? 0 : found.back().position, 1000, 1 << 30));
        REQUIRE(some.has_value());
        if (some->empty()) return found;
        for (auto& record : *some) found.push_back(std::move(record));
    }
}

/// Each event of the devices once.
void check_stored(const Compound& compound, const std::vector<store::StoredRecord>& records) {
    std::map<std::string, std::multiset<std::uint64_t>> keys;
    std::multiset<std::string> plates;
    std::map<Kind, std::size_t> kinds;
    for (const auto& record : records) {
        ++kinds[record.kind];
        if (record.kind == Kind::vehicle_entered)
            plates.insert(record.subject);
        else if (record.device_key)
            keys[record.source].insert(*record.device_key);
    }
    REQUIRE(compound.controller.last > 100);
    CHECK(keys["doors-1"].size() == compound.controller.last);
    for (std::uint64_t index = 1; index <= compound.controller.last; ++index) CHECK(keys["doors-1"].count(index) == 1);
    CHECK(keys["face-1"].size() == compound.terminal_memory.events.size());
    for (const auto& event : compound.terminal_memory.events) CHECK(keys["face-1"].count(event.serial) == 1);
    CHECK(plates.size() == compound.plates.size());
    for (const auto& [plate, time] : compound.plates) CHECK_MESSAGE(plates.count("plate:" + plate) == 1, plate);
    // The outages were some.
    CHECK(kinds[Kind::device_offline] >= 3);
    CHECK(kinds[Kind::device_online] >= 6);
    CHECK(kinds[Kind::door_forced] > 0);
    CHECK(kinds[Kind::gap] == 0);
}

/// What went up while there was no disk is the alarm that was stored later.
void check_volatile(const Compound& compound, const std::vector<store::StoredRecord>& records) {
    CHECK(!compound.platform.volatile_ids.empty());
    for (const auto& id : compound.platform.volatile_ids) {
        const auto is_it = [&](const auto& record) { return record.id == id && spec_of(record.kind).lane == Lane::urgent; };
        CHECK(std::count_if(records.begin(), records.end(), is_it) == 1);
    }
}

/// Each record of a lane at the platform once, whole, without a hole; each lane's cursor at its end.
void check_receipted(Compound& compound, const std::vector<store::StoredRecord>& records) {
    std::map<std::string, std::set<std::uint64_t>> members;
    for (const auto& record : records) {
        members[std::string(name_of(spec_of(record.kind).lane))].insert(record.position);
        if (!record.pictures.empty()) members["pictures"].insert(record.position);
    }
    const auto* upstream = compound.upstreams->named("district");
    REQUIRE(upstream != nullptr);
    const auto status = upstream->status();
    CHECK(status.state == sync::UpstreamStatus::State::online);
    REQUIRE(status.lanes.size() == 3);
    for (const auto& lane : status.lanes) {
        const std::string name(name_of(lane.lane));
        CAPTURE(name);
        const auto& there = compound.platform.lanes[name];
        std::set<std::uint64_t> held;
        for (const auto& [sequence, previous] : there.held) held.insert(sequence);
        CHECK(held.size() > 5);
        CHECK(held == members[name]);
        CHECK(there.holes == 0);
        CHECK(there.altered == 0);
        CHECK(there.empty_pictures == 0);
        CHECK(lane.waiting == 0);
        CHECK(lane.member == *members[name].rbegin());
        const auto cursor = compound.await(compound.store->cursor("upstream/district/" + name));
        REQUIRE((cursor && *cursor));
        CHECK((*cursor)->member == lane.member);
        CHECK(lane.receipts_refused == 0);
    }
    CHECK(compound.platform.receipts_lost > 0);
    CHECK(compound.platform.lanes["routine"].repeats > 0); // something was sent again
}

Hour live_one(std::uint64_t seed) {
    CAPTURE(seed);
    Compound compound(seed, 1h + 3min); // the hourly digests go up too, and a receipt of them may get lost
    compound.live();
    const auto records = all_records(compound);
    check_stored(compound, records);
    check_volatile(compound, records);
    check_receipted(compound, records);
    for (const auto& record : records) compound.trace.add("stored " + std::to_string(record.position), record.commitment);
    for (const auto* way : {"published", "sent", "received", "written", "read", "stored"}) CHECK_MESSAGE(compound.trace.count(way) > 100, way);
    CHECK(compound.pushes_taken > 100);
    Hour hour;
    hour.records = records.size();
    hour.lines = compound.trace.lines();
    hour.trace = compound.trace.finish();
    return hour;
}

} // namespace

TEST_CASE("one hour, one thread, one seed: each event stored once and receipted, twice with the same trace, another seed with another") {
    log::set_up(log::Level::error, log::Format::text);
    const auto seed = seed_of_this_run();
    INFO("replay with: GATEHOUSE_SEED=" << seed << " simulated_hour");
    const auto first = live_one(seed);
    const auto second = live_one(seed);
    CHECK_MESSAGE(first.trace == second.trace, "something reads a real clock, real chance or an address: " << where_they_part(first, second));
    CHECK(first.records == second.records);
    const auto other = live_one(seed + 1);
    CHECK(other.trace != first.trace);
    MESSAGE(first.records << " records, trace " << first.trace);
}
