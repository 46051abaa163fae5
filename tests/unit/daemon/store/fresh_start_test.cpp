// SPDX-License-Identifier: Apache-2.0
//
// F15, F16: a log whose head is damaged is set aside, and the gateway goes on in a new epoch: from the newest good backup, or from an empty
// log with what is still to be had of the old one's registry, cursors and marks.
#include "daemon/store/backup.hpp"
#include "daemon/store/fresh_start.hpp"
#include "daemon/store/sqlite.hpp"
#include "tests/unit/daemon/store/world.hpp"

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

constexpr auto log_file = "/log/gatehouse.db";
constexpr auto lane_reader = "upstream/district/routine";

Record device_changed(World& world) {
    Record record;
    record.kind = Kind::registry_changed;
    record.heard_at = world.clock.now();
    record.source = "gateway";
    record.facts = {{"what", "device"}, {"action", "put"}, {"id", "door-1"}};
    return record;
}

/// Ten passes, a device, a cursor at 4, a mark; all of it in the database file, closed.
void fill_log(World& world) {
    world.options.backups = "/backups";
    world.open();
    REQUIRE(world.await(world.store->put_registry_row("device", "door-1", R"({"id":"door-1"})", device_changed(world))).has_value());
    for (std::uint64_t i = 1; i <= 10; ++i) {
        auto appended = world.append(world.keyed(i), SourceMark{1, i, ""});
        REQUIRE(appended.has_value());
    }
    REQUIRE(world.await(world.store->move_cursor(lane_reader, Cursor{4, 4})).has_value());
    world.open();
    world.close();
}

/// A bit of the newest record's text, so that its seal does not hold.
void damage_head(World& world) {
    const auto files = world.disk.now();
    const auto text = as_text(files.at(log_file));
    // SQLite fills a page from its end: the newest row of the last page stands first in it.
    const auto last = text.rfind("gate-east");
    REQUIRE(last != std::string_view::npos);
    const auto at = text.find("gate-east", last / 4096 * 4096);
    world.disk.damage(log_file, at + 3, 0x01);
}

std::vector<StoredRecord> records_of(World& world, Kind kind) {
    auto all = world.all();
    std::erase_if(all, [&](const auto& record) { return record.kind != kind; });
    return all;
}
json::object facts_in(const StoredRecord& record) { return parse_json(record.facts)->get_object(); }

std::uint64_t back_up_to(World& world, const std::string& file) {
    auto report = world.await(world.store->backup(file));
    REQUIRE_MESSAGE(report.has_value(), (report ? std::string() : report.error().what()));
    return report->head;
}

} // namespace

TEST_CASE("a damaged head: the log is set aside and named, a new epoch goes on behind it, and registry, cursors and marks are there") {
    World world;
    fill_log(world);
    damage_head(world);
    world.open();
    const auto aside = logs_aside("/log", world.disk.files());
    REQUIRE(aside.size() == 1);
    CHECK(world.store->status().logs_aside == aside);
    const auto head = world.store->head();
    CHECK(head.epoch_first == 12);
    const auto started = records_of(world, Kind::gateway_started);
    REQUIRE(started.size() == 1);
    CHECK(started.front().position == 12);
    CHECK(text_at(facts_in(started.front()), "cause") == "damaged");
    const auto gaps = records_of(world, Kind::gap);
    REQUIRE(gaps.size() == 1);
    const auto gap = facts_in(gaps.front());
    CHECK(text_at(gap, "cause") == "damaged");
    CHECK(number_at(gap, "first") == 5); // the platform has receipted four
    CHECK(number_at(gap, "last") == 11);
    CHECK(number_at(gap, "count") == 7);
    CHECK(text_at(gap, "epoch") == text_at(facts_in(started.front()), "previous_epoch"));
    CHECK(text_at(gap, "epoch") != head.epoch);
    const auto alarms = records_of(world, Kind::alarm_raised);
    REQUIRE(alarms.size() == 1);
    CHECK(text_at(facts_in(alarms.front()), "cause")->find(aside.front()) != std::string::npos);
    // What doors and lanes need.
    CHECK(world.await(world.store->registry_rows("device", std::nullopt))->size() == 1);
    CHECK(world.await(world.store->cursor(lane_reader)).value()->settled == 4);
    CHECK(world.await(world.store->last_mark("door-1")).value()->number == 10);
    const auto span = world.await(world.store->epoch_span(*text_at(gap, "epoch"))).value();
    REQUIRE(span.has_value());
    CHECK(span->second == 11);
    // It goes on, says that it is not whole, and is not begun a second time.
    world.must_append(world.keyed(11));
    CHECK(world.await(world.store->verify())->first_bad == 1);
    const auto last = world.store->head();
    world.open();
    CHECK(world.store->head().epoch == last.epoch);
    CHECK(world.store->head().position == last.position);
    CHECK(world.store->head().seal == last.seal);
    CHECK(logs_aside("/log", world.disk.files()).size() == 1);
    REQUIRE(world.await(world.store->write_digest()).has_value());
    world.open();
}

TEST_CASE("a database that is none any more: set aside too, and the log begins from nothing") {
    World world;
    fill_log(world);
    for (std::size_t at = 0; at < 100; ++at) world.disk.damage(log_file, at, 0x5a);
    world.open();
    CHECK(logs_aside("/log", world.disk.files()).size() == 1);
    const auto gaps = records_of(world, Kind::gap);
    REQUIRE(gaps.size() == 1);
    CHECK(bool_at(facts_in(gaps.front()), "count_known") == false);
    world.must_append(world.pass());
}

TEST_CASE("a damaged head: the newest good backup of this site is gone on from, and the gap begins behind it") {
    World world;
    fill_log(world);
    world.open();
    back_up_to(world, "/backups/old.db");
    world.clock.run_for(1h);
    world.must_append(world.keyed(11));
    const auto good = back_up_to(world, "/backups/good.db");
    world.clock.run_for(1h);
    world.must_append(world.keyed(12));
    back_up_to(world, "/backups/newest.db");
    world.must_append(world.keyed(13));
    world.must_append(world.keyed(14));
    world.open();
    world.close();
    const auto size = world.disk.now().at("/backups/newest.db").size();
    world.disk.damage("/backups/newest.db", size / 2, 0x01);
    damage_head(world);
    world.open();
    const auto started = records_of(world, Kind::gateway_started);
    REQUIRE(started.size() == 1);
    CHECK(started.front().position == good + 1);
    const auto gap = facts_in(records_of(world, Kind::gap).at(0));
    CHECK(number_at(gap, "first") == static_cast<std::int64_t>(good + 1));
    CHECK(number_at(gap, "last") == static_cast<std::int64_t>(good + 3));
    CHECK(text_at(facts_in(records_of(world, Kind::alarm_raised).at(0)), "cause")->find("/backups/good.db") != std::string::npos);
    CHECK_FALSE(world.await(world.store->verify())->first_bad.has_value());
}

TEST_CASE("a fresh start that is interrupted before any operation is carried through at the next start, once") {
    std::uint64_t first = 0, last = 0;
    {
        World world;
        fill_log(world);
        damage_head(world);
        first = world.disk.operations() + 1;
        world.open();
        last = world.disk.operations();
    }
    REQUIRE(last > first + 20);
    for (std::uint64_t cut_at = first; cut_at <= last; ++cut_at) {
        CAPTURE(cut_at);
        World world;
        fill_log(world);
        damage_head(world);
        std::map<std::string, Bytes> survivor;
        world.disk.on_operation = [&](std::uint64_t number, const std::string&, const std::string&) {
            if (number == cut_at) survivor = world.disk.after_power_cut(fakes::MemoryDisk::Keep::some, cut_at);
            return number >= cut_at;
        };
        (void)world.try_open();
        world.close();
        world.disk.on_operation = nullptr;
        if (survivor.empty()) continue;
        world.disk.load(survivor);
        world.open();
        CHECK(logs_aside("/log", world.disk.files()).size() == 1);
        CHECK(world.store->head().position == 14);
        CHECK(records_of(world, Kind::gap).size() == 1);
        CHECK(world.await(world.store->cursor(lane_reader)).value()->settled == 4);
    }
}

TEST_CASE("a disk that damages one log after another is not believed for ever") {
    World world;
    fill_log(world);
    for (std::size_t i = 0; i < logs_aside_max; ++i)
        REQUIRE(world.disk.files().write("/log/gatehouse.db.damaged-" + std::to_string(i), {}).has_value());
    damage_head(world);
    const auto opened = world.try_open();
    REQUIRE(opened.has_error());
    CHECK(opened.error().fault() == Fault::full);
    CHECK(world.disk.files().exists(log_file));
    CHECK(logs_aside("/log", world.disk.files()).size() == logs_aside_max);
}
