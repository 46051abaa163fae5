// SPDX-License-Identifier: Apache-2.0
//
// F15 and F16: bytes of the database and the WAL flipped, files cut short, missing, exchanged. Never a crash, never a row that is not
// what was written; a row that is missing is named by an error or by verify. The suite "long" flips every byte.
#include "tests/fakes/seed.hpp"
#include "tests/unit/daemon/store/world.hpp"

#include <algorithm>
#include <cstdio>

using namespace gatehouse;
using namespace gatehouse::store;

namespace {

using DiskFiles = std::map<std::string, Bytes>;

constexpr auto database = "/log/gatehouse.db";
constexpr auto wal = "/log/gatehouse.db-wal";

/// A log with something in every page: what it holds, and its files after a clean end and as a crash leaves them.
struct Original {
    std::vector<StoredRecord> records;
    DiskFiles closed, crashed;

    Original() {
        World world(1, "original");
        world.open();
        for (int i = 0; i < 6; ++i) world.must_append(world.pass("door-1", "canary-" + std::to_string(i)));
        REQUIRE(world.await(world.store->write_digest()).has_value());
        REQUIRE(world.await(world.store->move_cursor("upstream/district/routine", Cursor{3, 3})).has_value());
        world.open(); // the first half lies in the database now
        for (int i = 6; i < 12; ++i) world.must_append(world.pass("door-2", "canary-" + std::to_string(i)));
        records = world.all();
        crashed = world.disk.now();
        world.open();
        world.close();
        closed = world.disk.now();
    }
};

const Original& original() {
    static const Original one;
    return one;
}

bool is_as_written(const StoredRecord& record) {
    for (const auto& one : original().records)
        if (one.position == record.position)
            return one.epoch == record.epoch && one.id == record.id && one.kind == record.kind && one.heard_at == record.heard_at &&
                   one.source == record.source && one.facts == record.facts && one.subject == record.subject && one.details == record.details &&
                   one.commitment == record.commitment;
    return false;
}

struct Tally {
    std::size_t refused = 0, unread = 0, named = 0, unharmed = 0;
    std::size_t all() const { return refused + unread + named + unharmed; }
};

/// Opens these files and judges what comes of it. `may_end_early`: what a damaged WAL held last may be gone; it has no witness here.
void judge(World& world, const DiskFiles& files, bool may_end_early, Tally& tally) {
    world.close();
    world.disk.load(files);
    world.options.starts_afresh = false; // that: fresh_start_test.cpp
    const auto opened = world.try_open();
    if (!opened) {
        const auto fault = opened.error().fault();
        CHECK_MESSAGE((fault == Fault::damaged || fault == Fault::unsupported || fault == Fault::unreachable), opened.error().what());
        ++tally.refused;
        return;
    }
    const auto read = world.await(world.store->read_after(0, 100, 1 << 24));
    if (!read) {
        CHECK_MESSAGE((read.error().fault() == Fault::damaged || read.error().fault() == Fault::unreachable), read.error().what());
        ++tally.unread;
        return;
    }
    // Opening may append: a file system or a machine that is not the one of before begins an epoch; damage has its gap and its alarm.
    std::uint64_t next = 1;
    std::vector<std::pair<std::int64_t, std::int64_t>> gaps;
    std::vector<bool> is_there(original().records.size() + 1);
    for (const auto& record : *read) {
        if (record.kind == Kind::gap) {
            const auto facts = parse_json(record.facts)->get_object();
            gaps.emplace_back(*number_at(facts, "first"), *number_at(facts, "last"));
        }
        if (record.position > original().records.size()) continue;
        CHECK_MESSAGE(is_as_written(record), "a wrong row is served at " << record.position);
        is_there[record.position] = true;
    }
    while (next < is_there.size() && is_there[next]) ++next;
    if (next > original().records.size() || may_end_early) {
        ++tally.unharmed;
        return;
    }
    // Whoever reads on past what is damaged is told of each position.
    const auto head = world.store->head().position;
    for (auto position = next; position < is_there.size() && position < head; ++position) {
        const auto at = static_cast<std::int64_t>(position);
        const bool is_told = std::any_of(gaps.begin(), gaps.end(), [&](const auto& gap) { return gap.first <= at && at <= gap.second; });
        CHECK_MESSAGE((is_there[position] || is_told), "nobody says that " << position << " is missing");
    }
    const auto report = world.await(world.store->verify());
    CHECK_MESSAGE((!report || report->first_bad), "a row is missing and nobody says so");
    ++tally.named;
}

void flip(const DiskFiles& files, const char* path, bool may_end_early, std::size_t step) {
    World world(2, "damaged");
    Tally tally;
    const auto bytes = files.at(path).size();
    for (std::size_t at = fakes::seed_of_this_run() % step; at < bytes; at += step) {
        CAPTURE(path);
        CAPTURE(at);
        auto damaged = files;
        damaged[path][at] ^= static_cast<std::uint8_t>(1u << (at % 8));
        judge(world, damaged, may_end_early, tally);
    }
    std::printf("%s: %zu flips: %zu refused at the start, %zu at the reading, %zu found by verify, %zu without effect on what is served\n", path,
                tally.all(), tally.refused, tally.unread, tally.named, tally.unharmed);
    CHECK(tally.all() > 50);
}

void flip_all(std::size_t step) {
    flip(original().closed, database, false, step);
    flip(original().crashed, database, false, step * 2);
    flip(original().crashed, wal, true, step);
}

} // namespace

TEST_CASE("damage: a flipped byte, here and there in database and WAL: never a crash, never a wrong row, never a silent hole (F15)") {
    flip_all(601);
}

TEST_CASE("damage: files cut short, missing, exchanged, taken back: never a crash, never a wrong row (F16)") {
    World world(2, "damaged");
    Tally tally;
    for (const auto* path : {database, wal}) {
        const auto bytes = original().crashed.at(path).size();
        for (std::size_t kept = 0; kept < bytes; kept += bytes / 23 + 1) {
            CAPTURE(path);
            CAPTURE(kept);
            auto cut = original().crashed;
            cut[path].resize(kept);
            // An empty database file is a new log to SQLite; the WAL beside it belongs to another, and is seen to.
            judge(world, cut, std::string_view(path) == wal || kept == 0, tally);
        }
    }
    auto without = original().crashed;
    without.erase(wal);
    judge(world, without, true, tally);
    // Yesterday's database under today's WAL.
    auto mixed = original().crashed;
    mixed[database] = original().closed.at(database);
    judge(world, mixed, false, tally);
    CHECK(tally.all() > 40);
}

TEST_SUITE("long" * doctest::skip()) {
    TEST_CASE("damage: every byte of database and WAL flipped: never a crash, never a wrong row, never a silent hole (F15)") { flip_all(1); }
}
