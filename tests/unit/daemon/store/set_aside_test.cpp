// SPDX-License-Identifier: Apache-2.0
//
// F15, row by row: what is damaged in the middle of the log stops no reader. It is told in a gap, set aside, and passed over; a disk that
// does not answer is waited for instead.
#include "daemon/store/damage.hpp"
#include "daemon/store/sqlite.hpp"
#include "tests/unit/daemon/store/world.hpp"

#include <algorithm>
#include <set>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

constexpr auto log_path = "/log/gatehouse.db";
constexpr std::size_t page_bytes = 4096;

std::size_t place_of(World& world, std::string_view text) {
    const auto files = world.disk.now();
    const auto at = as_text(files.at(log_path)).find(text);
    REQUIRE(at != std::string_view::npos);
    return at;
}

/// A log of `count` passes, all of it in the database file, and closed.
void fill_passes(World& world, int count) {
    world.open();
    for (int i = 1; i <= count; ++i) world.must_append(world.keyed(static_cast<std::uint64_t>(i), "door-1"));
    world.open();
    world.close();
}

/// The page that the row of `position` lies on: its id stands nowhere else.
std::size_t page_of(World& world, std::uint64_t position) {
    auto connection = Connection::open(log_path, Connection::Access::read_write, world.disk.name());
    REQUIRE(connection.has_value());
    Bytes id;
    {
        auto row = connection->prepare("select id from record where position = ?");
        REQUIRE(row.has_value());
        row->bind(1, position);
        REQUIRE(row->step().value());
        const auto blob = row->blob(0);
        id.assign(blob.begin(), blob.end());
    }
    connection->close();
    return place_of(world, as_text(id)) / page_bytes;
}

/// SQLite sees at once that this is no page of its own.
void break_page(World& world, std::size_t page) {
    for (std::size_t at = 0; at < 8; ++at) world.disk.damage(log_path, page * page_bytes + at, 0xff);
}

void flip_row(World& world, std::uint64_t position) {
    // The last byte of the place: text, so that nothing but the content is wrong.
    const auto page = page_of(world, position);
    auto connection = Connection::open(log_path, Connection::Access::read_write, world.disk.name());
    REQUIRE(connection.has_value());
    auto id = connection->text("select hex(id) from record where position = " + std::to_string(position));
    REQUIRE(id.has_value());
    connection->close();
    const auto raw = from_hex(*id);
    REQUIRE(raw.has_value());
    const auto files = world.disk.now();
    const auto text = as_text(files.at(log_path)).substr(page * page_bytes, page_bytes);
    const auto begin = text.find(as_text(*raw));
    const auto at = text.find("gate-east", begin);
    REQUIRE(at != std::string_view::npos);
    world.disk.damage(log_path, page * page_bytes + at + 2, 0x01);
}

struct Told {
    std::uint64_t first = 0, last = 0, count = 0;
    bool is_counted = false;
    friend bool operator==(const Told&, const Told&) = default;
};
std::vector<Told> gaps_of(const std::vector<StoredRecord>& records) {
    std::vector<Told> gaps;
    for (const auto& record : records) {
        if (record.kind != Kind::gap) continue;
        const auto facts = parse_json(record.facts)->get_object();
        CHECK(text_at(facts, "cause") == "damaged");
        CHECK(text_at(facts, "epoch") == record.epoch);
        gaps.push_back({static_cast<std::uint64_t>(*number_at(facts, "first")), static_cast<std::uint64_t>(*number_at(facts, "last")),
                        static_cast<std::uint64_t>(*number_at(facts, "count")), *bool_at(facts, "count_known")});
    }
    return gaps;
}
std::set<std::uint64_t> positions_of(const std::vector<StoredRecord>& records) {
    std::set<std::uint64_t> positions;
    for (const auto& record : records) positions.insert(record.position);
    return positions;
}

} // namespace

TEST_CASE("damage: an old row that is not what was written is told once, set aside, and every reader goes on behind it") {
    World world;
    fill_passes(world, 20);
    flip_row(world, 5);
    world.open();
    const auto records = world.all();
    CHECK(gaps_of(records) == std::vector<Told>{{5, 5, 1, true}});
    const auto there = positions_of(records);
    for (std::uint64_t position = 1; position <= 20; ++position) CHECK(there.contains(position) == (position != 5));
    const auto alarms = std::count_if(records.begin(), records.end(), [](const auto& record) { return record.kind == Kind::alarm_raised; });
    CHECK(alarms == 1);
    CHECK(world.store->status().damaged == 1);
    CHECK(world.store->status().first_damaged == 5);
    CHECK(world.store->is_damaged_between(4, 6));
    CHECK_FALSE(world.store->is_damaged_between(5, 20));
    const auto alone = world.await(world.store->read_at(5));
    REQUIRE(alone.has_error());
    CHECK(alone.error().fault() == Fault::damaged);
    CHECK(world.await(world.store->verify())->first_bad == 5);
    REQUIRE(world.await(world.store->index_all()).has_value());
    HistoryQuery query;
    query.records_max = 1000;
    const auto page = world.await(world.store->history(query));
    REQUIRE(page.has_value());
    CHECK(page->records.size() == world.store->head().position - 1);
    query.kind = Kind::pass_granted;
    CHECK(world.await(world.store->history(query))->records.size() == 19);
    const auto head = world.store->head().position;
    world.open();
    CHECK(world.all().size() == head - 1);
    CHECK(world.store->head().position == head);
    CHECK(world.store->status().damaged == 1);
}

TEST_CASE("damage: rows on a page that cannot be read are told by their positions, all others are served") {
    World world;
    fill_passes(world, 60);
    const auto page = page_of(world, 20);
    std::set<std::uint64_t> lost;
    for (std::uint64_t position = 1; position <= 60; ++position)
        if (page_of(world, position) == page) lost.insert(position);
    REQUIRE(lost.size() > 1);
    break_page(world, page);
    world.open(); // the start reads the tail for its memory of keys, and goes past it too
    const Told told{*lost.begin(), *lost.rbegin(), lost.size(), true};
    SUBCASE("met by a lane") {}
    SUBCASE("met by the history index") { REQUIRE(world.await(world.store->index_all()).has_value()); }
    SUBCASE("met by a search from the newest on") {
        HistoryQuery query;
        query.records_max = 1000;
        REQUIRE(world.await(world.store->history(query)).has_value());
    }
    SUBCASE("met by nobody but the start") {
        TaskGroup group(world.loop);
        group.spawn("run", world.store->run());
        world.clock.run_for(3s);
        group.cancel();
        world.clock.run_for(1s);
        CHECK(world.store->status().damaged == lost.size());
    }
    const auto records = world.all();
    CHECK(gaps_of(records) == std::vector<Told>{told});
    const auto there = positions_of(records);
    for (std::uint64_t position = 1; position <= 60; ++position) CHECK(there.contains(position) != lost.contains(position));
    CHECK(world.await(world.store->verify())->first_bad == *lost.begin());
}

TEST_CASE("damage: a hundred rows and more that cannot be read are one gap, found in few steps") {
    World world;
    fill_passes(world, 400);
    std::set<std::size_t> pages;
    for (std::uint64_t position = 100; position <= 300; position += 2) pages.insert(page_of(world, position));
    std::set<std::uint64_t> lost;
    for (std::uint64_t position = 70; position <= 330; ++position)
        if (pages.contains(page_of(world, position))) lost.insert(position);
    for (const auto page : pages) break_page(world, page);
    REQUIRE(*lost.rbegin() - *lost.begin() + 1 == lost.size());
    REQUIRE(lost.size() > 2 * probed_rows_max);
    world.open();
    CHECK(gaps_of(world.all()) == std::vector<Told>{{*lost.begin(), *lost.rbegin(), lost.size(), true}});
}

TEST_CASE("damage: a row that is gone without a trace is told like any other") {
    World world;
    fill_passes(world, 20);
    auto connection = Connection::open(log_path, Connection::Access::read_write, world.disk.name());
    REQUIRE(connection.has_value());
    REQUIRE(connection->run("drop trigger record_leaves_its_commitment; delete from record where position in (7, 8)").has_value());
    connection->close();
    world.open();
    CHECK(gaps_of(world.all()) == std::vector<Told>{{7, 8, 2, true}});
}

TEST_CASE("damage: a disk that does not answer is waited for, and nothing is set aside for it") {
    World world;
    fill_passes(world, 60);
    world.open();
    bool is_out = true;
    world.disk.is_silent = [&](const std::string& path, std::size_t, std::size_t) { return is_out && path == log_path; };
    for (int i = 0; i < 20; ++i) {
        const auto read = world.await(world.store->read_after(0, 100, 1 << 30));
        REQUIRE(read.has_error());
        CHECK(read.error().fault() == Fault::unreachable);
        world.clock.run_for(1s);
    }
    is_out = false;
    CHECK(world.all().size() == 60);
    CHECK(world.store->status().damaged == 0);
}

TEST_CASE("damage: a page that alone does not answer counts as damaged after a while, not before") {
    World world;
    fill_passes(world, 60);
    const auto page = page_of(world, 20);
    world.open();
    world.disk.is_silent = [&](const std::string& path, std::size_t at, std::size_t) { return path == log_path && at / page_bytes == page; };
    const auto early = world.await(world.store->read_after(0, 100, 1 << 30));
    REQUIRE(early.has_error());
    CHECK(early.error().fault() == Fault::unreachable);
    world.clock.run_for(unanswered_wait - 1s);
    REQUIRE(world.await(world.store->read_after(0, 100, 1 << 30)).has_error());
    world.clock.run_for(2s);
    CHECK(gaps_of(world.all()).size() == 1);
}

TEST_CASE("damage: an event whose row is damaged is stored anew when its device brings it again") {
    World world;
    fill_passes(world, 20);
    flip_row(world, 5);
    world.open();
    world.all();
    const auto again = world.append(world.keyed(5));
    REQUIRE(again.has_value());
    CHECK_FALSE(again->repeated);
    const auto sound = world.append(world.keyed(6));
    CHECK(sound->repeated);
}

TEST_CASE("damage: retention goes on behind a page that cannot be read, and takes what is damaged and past its time") {
    World world;
    world.options.kept[RetentionClass::passage] = {30, 90};
    world.options.kept[RetentionClass::system] = {3000, 3650};
    fill_passes(world, 120);
    flip_row(world, 90);
    const auto page = page_of(world, 40);
    std::set<std::uint64_t> lost;
    for (std::uint64_t position = 1; position <= 120; ++position)
        if (page_of(world, position) == page) lost.insert(position);
    break_page(world, page);
    world.open();
    world.clock.run_for(std::chrono::days(31));
    const auto removed = world.await(world.store->keep_retention(), 10min);
    REQUIRE_MESSAGE(removed.has_value(), (removed ? std::string() : removed.error().what()));
    const auto records = world.all();
    CHECK(gaps_of(records).size() == 2);
    // Beside the broken page a few may be in the way of the tree; behind it everything is gone that is past its time.
    for (const auto& record : records) CHECK((record.position < *lost.rbegin() + 30 || record.position > 120));
    const auto is_there = [&](std::uint64_t position) {
        auto connection = Connection::open(log_path, Connection::Access::read_only, world.disk.name());
        REQUIRE(connection.has_value());
        return connection->number("select count(*) from record where position = " + std::to_string(position)).value() == 1;
    };
    CHECK(is_there(90)); // whose class nobody can tell: with the shortest ceiling
    world.clock.run_for(std::chrono::days(60));
    REQUIRE(world.await(world.store->keep_retention(), 10min).has_value());
    CHECK_FALSE(is_there(90));
    CHECK(gaps_of(world.all()).size() == 2);
}

TEST_CASE("damage: an erased person's damaged row is emptied as far as it can be read") {
    World world;
    fill_passes(world, 20);
    flip_row(world, 5);
    world.open();
    world.all();
    REQUIRE(world.await(world.store->erase_subject("card:4471", "order 1")).has_value());
    world.close();
    auto connection = Connection::open(log_path, Connection::Access::read_write, world.disk.name());
    REQUIRE(connection.has_value());
    CHECK(connection->number("select count(*) from record where position <= 20 and subject is not null").value() == 0);
    connection->close();
}

TEST_CASE("damage: what is known and what is new are told apart, and the list has a bound") {
    const std::vector<DamagedRange> known{{10, 19, "a"}, {30, 39, "a"}};
    const auto joined = join_damage(known, {{5, 34, "b"}});
    std::vector<std::pair<std::uint64_t, std::uint64_t>> added;
    for (const auto& range : joined.added) added.emplace_back(range.first, range.last);
    CHECK(added == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{5, 9}, {20, 29}});
    CHECK(join_damage(known, {{12, 15, "b"}}).added.empty());
    std::vector<DamagedRange> many;
    for (std::uint64_t i = 0; i < damaged_ranges_max + 5; ++i) many.push_back({10 * i + 1, 10 * i + 2, std::string(200, 'x')});
    const auto bounded = join_damage({}, many);
    CHECK(bounded.all.size() == damaged_ranges_max);
    std::uint64_t all = 0, told = 0;
    for (const auto& range : bounded.all) all += range.positions();
    for (const auto& range : bounded.added) told += range.positions();
    CHECK(all == told);
    const auto text = damage_text(bounded.all);
    CHECK(text.size() < 64 * 1024);
    CHECK(parse_damage(text)->size() == damaged_ranges_max);
    CHECK(parse_damage("[[1,0,\"\"]]").has_error());
    CHECK(parse_damage("{}").has_error());
}
