// SPDX-License-Identifier: Apache-2.0
//
// The power is cut before each operation on the disk in turn; what a machine may find afterwards is opened again.
#include "tests/unit/daemon/store/world.hpp"

#include "daemon/base/uuid.hpp"
#include "daemon/store/admin.hpp"

#include <set>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

using Disk = std::map<std::string, Bytes>;

struct Snapshot {
    Disk disk;
    std::set<std::uint64_t> acknowledged; ///< door numbers
    std::uint64_t settled = 0;
    std::optional<std::uint64_t> mark;
};

struct Script {
    World world;
    std::set<std::uint64_t> acknowledged;
    std::uint64_t settled = 0;
    std::optional<std::uint64_t> mark;

    Record numbered(std::uint64_t number) {
        auto record = world.keyed(number);
        record.facts["door"] = number;
        return record;
    }
    void append_group(std::uint64_t first, std::uint64_t count) {
        std::vector<std::optional<Result<Appended>>> answers(count);
        for (std::uint64_t i = 0; i < count; ++i)
            world.loop.spawn("append", keep_answer(world.store->append(numbered(first + i), SourceMark{0, first + i, ""}), answers[i]));
        world.clock.run_for(0s);
        for (std::uint64_t i = 0; i < count; ++i)
            if (answers[i] && answers[i]->has_value()) {
                acknowledged.insert(first + i);
                mark = first + i;
            }
    }
    void run() {
        if (!world.try_open()) return;
        append_group(1, 3);
        append_group(4, 1);
        std::optional<Done> moved;
        world.loop.spawn("move", keep_answer(world.store->move_cursor("upstream/d/routine", Cursor{3, 3}), moved));
        world.clock.run_for(0s);
        if (moved && *moved) settled = 3;
        append_group(5, 4);
        if (!world.try_open()) return; // a restart in between: checkpoint, then a WAL that begins anew
        append_group(9, 2);
    }
};

/// Everything that was acknowledged is there, nothing is there that nobody sent, and the log goes on.
void check_survivor(const Snapshot& before, const Disk& disk, const std::string& what) {
    INFO(what);
    World world(99);
    world.disk.load(disk);
    world.open();
    std::set<std::uint64_t> there;
    std::uint64_t position = 0;
    for (const auto& record : world.all()) {
        CHECK(record.position == ++position);
        if (record.kind != Kind::pass_granted) continue;
        const auto facts = parse_json(record.facts);
        const auto number = static_cast<std::uint64_t>(*number_at(facts->get_object(), "door"));
        CHECK(number >= 1);
        CHECK(number <= 10);
        CHECK(there.insert(number).second);
    }
    for (const auto number : before.acknowledged) CHECK_MESSAGE(there.contains(number), "lost ", number);
    const auto cursor = world.await(world.store->cursor("upstream/d/routine"));
    REQUIRE(cursor.has_value());
    CHECK((*cursor ? (*cursor)->settled : 0) >= before.settled);
    const auto mark = world.await(world.store->last_mark("door-1"));
    REQUIRE(mark.has_value());
    if (before.mark) CHECK((*mark)->number >= *before.mark);
    const auto report = world.await(world.store->verify());
    REQUIRE(report.has_value());
    CHECK_MESSAGE(!report->first_bad, report->fault);
    CHECK(world.must_append(world.pass()) == position + 1);
}

} // namespace

TEST_CASE("S14 a power cut before any operation loses nothing acknowledged and shows nothing half written") {
    std::uint64_t operations = 0;
    {
        Script script;
        script.run();
        operations = script.world.disk.operations();
        CHECK(script.acknowledged.size() == 10);
    }
    REQUIRE(operations > 30);
    for (std::uint64_t cut_at = 1; cut_at <= operations; ++cut_at) {
        Script script;
        std::vector<Snapshot> survivors;
        script.world.disk.on_operation = [&](std::uint64_t number, const std::string&, const std::string&) {
            if (number == cut_at) {
                using enum fakes::MemoryDisk::Keep;
                const auto take = [&](fakes::MemoryDisk::Keep keep, std::uint64_t seed) {
                    survivors.push_back({script.world.disk.after_power_cut(keep, seed), script.acknowledged, script.settled, script.mark});
                };
                take(nothing, 0);
                take(all, 0);
                take(some, cut_at);
                take(some, cut_at * 7919);
            }
            return number >= cut_at; // nothing reaches the disk any more
        };
        script.run();
        REQUIRE(survivors.size() == 4);
        for (std::size_t i = 0; i < survivors.size(); ++i)
            check_survivor(survivors[i], survivors[i].disk, "cut before operation " + std::to_string(cut_at) + ", survivor " + std::to_string(i));
    }
}

TEST_CASE("a drive that lies about syncs is caught by this test, so the test can see") {
    // No store survives it; if this found nothing lost, the cuts above would prove nothing.
    Script script;
    script.world.disk.lies = true;
    script.run();
    World world(99);
    world.disk.load(script.world.disk.after_power_cut(fakes::MemoryDisk::Keep::nothing));
    world.open();
    CHECK(world.store->head().position < 10);
}

TEST_CASE("S14 after a failed sync nothing is acknowledged until the log was opened anew") {
    for (const auto* kind : {"sync", "write"}) {
        CAPTURE(kind);
        World world;
        world.open();
        world.must_append(world.keyed(1));
        bool is_out = true;
        world.disk.on_operation = [&](std::uint64_t, const std::string& what, const std::string&) { return is_out && what == kind; };
        const auto refused = world.append(world.keyed(2));
        REQUIRE(refused.has_error());
        CHECK(refused.error().fault() == Fault::unreachable);
        CHECK(world.store->status().disk == DiskState::failed);
        CHECK_FALSE(world.store->status().fault.empty());
        // Readers go on.
        CHECK(world.all().size() >= 1);
        world.store->hand_over(world.pass());
        world.clock.run_for(0s);
        CHECK(world.store->status().waiting_records == 1);
        is_out = false;
        TaskGroup group(world.loop);
        group.spawn("run", world.store->run());
        world.clock.run_for(5s);
        CHECK(world.store->status().disk == DiskState::sound);
        CHECK(world.store->status().waiting_records == 0);
        // The device tries again: whether the failed commit reached the disk or not, it is there once.
        CHECK(world.append(world.keyed(2)).has_value());
        std::size_t passes = 0;
        std::size_t second = 0;
        for (const auto& record : world.all()) {
            passes += record.kind == Kind::pass_granted ? 1 : 0;
            second += record.device_key == 2 ? 1 : 0;
        }
        CHECK(passes == 3);
        CHECK(second == 1);
        group.cancel();
        world.clock.run_for(1s);
        const auto report = world.await(world.store->verify());
        CHECK_FALSE(report->first_bad.has_value());
    }
}

TEST_CASE("S14 a sync that fails once is healed at once, and who waited hears the truth") {
    // Fails the first sync of the WAL's commit only: the reopening right after it works.
    for (std::uint64_t nth = 1; nth <= 6; ++nth) {
        World world;
        world.open();
        world.must_append(world.keyed(1));
        std::uint64_t syncs = 0;
        world.disk.on_operation = [&](std::uint64_t, const std::string& what, const std::string&) { return what != "write" && ++syncs == nth; };
        const auto answer = world.append(world.keyed(2));
        world.disk.on_operation = nullptr;
        world.clock.run_for(2s);
        const auto again = world.append(world.keyed(2));
        REQUIRE(again.has_value());
        if (answer) CHECK(again->position == answer->position);
        std::size_t second = 0;
        for (const auto& record : world.all()) second += record.device_key == 2 ? 1 : 0;
        CHECK(second == 1);
    }
}

TEST_CASE("S14 what a failed commit left on the disk is not stored again when the reopening failed too") {
    // Without a device's key nothing but its id tells that a record is there already.
    for (const bool is_refused_first : {false, true}) {
        CAPTURE(is_refused_first);
        World world;
        world.open();
        world.must_append(world.keyed(1));
        bool is_out = true;
        world.disk.on_operation = [&](std::uint64_t, const std::string& what, const std::string&) { return is_out && what == "sync"; };
        auto alarm = world.pass();
        alarm.id = to_text(make_uuid_v7(world.clock.now(), world.entropy));
        // Either handed over at once, or as a device's sink does it: refused first, and then handed over under the same id.
        if (is_refused_first) REQUIRE(world.append(alarm).has_error());
        world.store->hand_over(alarm);
        world.clock.run_for(0s);
        REQUIRE(world.store->status().disk == DiskState::failed);
        REQUIRE(world.store->status().waiting_records == 1);
        is_out = false;
        TaskGroup group(world.loop);
        group.spawn("run", world.store->run());
        world.clock.run_for(5s);
        CHECK(world.store->status().disk == DiskState::sound);
        CHECK(world.store->status().waiting_records == 0);
        std::vector<std::uint64_t> positions;
        for (const auto& record : world.all())
            if (record.id == alarm.id) positions.push_back(record.position);
        CHECK(positions == std::vector<std::uint64_t>{2}); // where the failed commit left it
        // A copy that comes only now is the same record.
        world.store->hand_over(alarm);
        world.clock.run_for(1s);
        CHECK(world.store->head().position == 2);
        group.cancel();
        world.clock.run_for(1s);
        const auto report = world.await(world.store->verify());
        REQUIRE(report.has_value());
        CHECK_FALSE(report->first_bad.has_value());
    }
}

TEST_CASE("S14 the folder is synced before the first acknowledgement, and its failure is believed") {
    World world;
    world.disk.on_operation = [](std::uint64_t, const std::string& kind, const std::string& path) { return kind == "folder" && path == "/log"; };
    const auto opened = world.try_open();
    REQUIRE(opened.has_error());
    CHECK(opened.error().what().find("making the WAL durable") != std::string::npos);
}

TEST_CASE("a full disk refuses, keeps what it has, and goes on when there is room") {
    World world;
    world.open();
    world.must_append(world.keyed(1));
    std::uint64_t used = 0;
    for (const auto& [name, bytes] : world.disk.now()) used += bytes.size();
    world.disk.bytes_max = used + 6'000;
    std::uint64_t stored = 1;
    std::optional<Error> refused;
    for (std::uint64_t i = 2; i < 100 && !refused; ++i) {
        auto answer = world.append(world.keyed(i));
        if (answer)
            ++stored;
        else
            refused = answer.error();
    }
    REQUIRE(refused.has_value());
    CHECK(refused->fault() == Fault::full);
    world.disk.bytes_max.reset();
    world.clock.run_for(2s);
    CHECK(world.append(world.keyed(1000)).has_value());
    CHECK(world.all().size() == stored + 1);
}

TEST_CASE("a damaged byte is found: the log does not serve the row, and does not open over a damaged head") {
    World world;
    world.open();
    for (int i = 0; i < 20; ++i) world.must_append(world.pass("door-1", "canary-" + std::to_string(i)));
    world.open(); // everything in the database file
    world.close();
    const auto files = world.disk.now();
    const auto text = as_text(files.at("/log/gatehouse.db"));
    const auto early = text.find("card:canary-2");
    const auto late = text.find("card:canary-19");
    REQUIRE(early != std::string_view::npos);
    REQUIRE(late != std::string_view::npos);
    world.disk.damage("/log/gatehouse.db", early + 6, 0x01);
    world.open();
    for (const auto& record : world.all()) CHECK(record.position != 3);
    const auto report = world.await(world.store->verify());
    REQUIRE(report.has_value());
    CHECK(report->first_bad == 3);
    world.close();
    world.disk.load(files);
    world.disk.damage("/log/gatehouse.db", late + 6, 0x01);
    world.options.starts_afresh = false;
    const auto opened = world.try_open();
    REQUIRE(opened.has_error());
    CHECK(opened.error().fault() == Fault::damaged);
}
