// SPDX-License-Identifier: Apache-2.0
//
// History is frozen: each migration is as it was when it went out, old logs open, and a log that went through all of them is as one that
// was made today. What tests/golden/store holds and how it was made stands in its README.
#include "daemon/base/sha256.hpp"
#include "daemon/store/migrate.hpp"
#include "tests/paths.hpp"
#include "tests/unit/daemon/store/schema_dump.hpp"
#include "tests/unit/daemon/store/world.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(tests::source_path(path), std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Connection connect(World& world, const std::string& path, Connection::Access access) {
    auto connection = Connection::open(path, access, world.disk.name());
    REQUIRE_MESSAGE(connection.has_value(), (connection ? std::string() : connection.error().what()));
    return std::move(*connection);
}

void must_run(Connection& connection, const std::string& sql) {
    const auto done = connection.run(sql);
    REQUIRE_MESSAGE(done.has_value(), (done ? std::string() : done.error().what()));
}

Record registry_change(World& world, const char* action) {
    Record record;
    record.kind = Kind::registry_changed;
    record.heard_at = world.clock.now();
    record.source = "gateway";
    record.facts = {{"what", "device"}, {"action", action}, {"id", "door-1"}};
    return record;
}

/// One life of a log with the oddest rows that we know: no time, a wrong clock, a repeat, two events under one key, a counter that began
/// anew, a person erased, two epochs, and something in every table.
void live(World& world) {
    world.open();
    auto odd = world.keyed(1);
    odd.happened_at.reset();
    odd.clock = ClockState::unsynced;
    world.must_append(odd); // 1
    auto skewed = world.keyed(2);
    skewed.happened_at = world.clock.now() - std::chrono::hours(24 * 365 * 26);
    skewed.clock = ClockState::skewed;
    skewed.clock_offset_us = -26ll * 365 * 86'400 * 1'000'000;
    REQUIRE(world.append(skewed, SourceMark{0, 2, "0011223344556677 2000-01-01T00:00:00Z"}).has_value()); // 2
    REQUIRE(world.append(world.keyed(2, "door-1", 0, "another under the same key")).value().conflicts);   // 3
    REQUIRE(world.append(world.keyed(1)).value().repeated);                                               // 1 again
    REQUIRE(world.append(world.keyed(1, "door-1", 1), SourceMark{1, 1, ""}).has_value());                 // 4
    world.must_append(world.pass("door-2", "erased"));                                                    // 5
    REQUIRE(world.await(world.store->add_entitlement("district", R"({"kinds":["*"]})")).has_value());     // 6
    REQUIRE(world.await(world.store->put_registry_row("device", "door-1", R"({"name":"东门"})", registry_change(world, "put"))).has_value()); // 7
    REQUIRE(world.await(world.store->put_registry_row("device", "door-1", R"({"name":"西门"})", registry_change(world, "put"))).has_value()); // 8
    REQUIRE(world.await(world.store->close_registry_row("device", "door-1", registry_change(world, "removed"))).has_value());                 // 9
    REQUIRE(world.await(world.store->move_cursor("upstream/district/routine", Cursor{5, 4})).has_value());
    REQUIRE(world.await(world.store->retire_reader("upstream/district/routine")).has_value());
    REQUIRE(world.await(world.store->move_cursor("upstream/police/urgent", Cursor{3, 0})).has_value());
    REQUIRE(world.await(world.store->add_dead_letter(DeadLetter{"upstream/police/routine", 5, "no such person", world.clock.now()})).has_value());
    REQUIRE(world.await(world.store->set_note("digest/police/routine", "state")).has_value());
    REQUIRE(world.await(world.store->write_digest()).has_value());                          // 10
    REQUIRE(world.await(world.store->erase_subject("card:erased", "order 7")).has_value()); // 11
    REQUIRE(world.await(world.store->renew_epoch("identity renewed")).has_value());
    world.must_append(world.pass("door-3", "newest")); // 13
    LibraryChange person;
    person.row_class = "person";
    person.id = "p-1";
    person.person = "p-1";
    person.body = "{}";
    person.personal = Bytes{1, 2, 3};
    person.keys = {7};
    person.record = registry_change(world, "added");
    std::vector<LibraryChange> changes;
    changes.push_back(std::move(person));
    REQUIRE(world.await(world.store->change_library(std::move(changes))).has_value()); // 14
    world.close();
}

std::vector<std::string> bare_definitions(Connection& connection) {
    auto found = definitions(connection);
    for (auto& sql : found) sql = without_prose(sql);
    return found;
}

/// Every definition to the letter, and the version.
std::vector<std::string> shape(World& world) {
    world.close();
    auto connection = connect(world, "/log/gatehouse.db", Connection::Access::read_only);
    auto found = definitions(connection);
    found.push_back(connection.text("pragma user_version").value());
    return found;
}

constexpr const char* golden_log = "tests/golden/store/schema_1.sql";

/// Old logs, and where each ends.
struct OldLog {
    const char* path;
    std::uint64_t last;
};
constexpr std::array old_logs{OldLog{golden_log, 13}, OldLog{"tests/golden/store/schema_2.sql", 14}, OldLog{"tests/golden/store/schema_3.sql", 14}};

} // namespace

TEST_CASE("schema: no migration was edited since it went out") {
    std::istringstream frozen(text_of("tests/golden/store/migrations.sha256"));
    std::map<std::string, std::string> hashes;
    for (std::string line; std::getline(frozen, line);)
        if (!line.starts_with("#") && line.size() > 66) hashes[line.substr(66)] = line.substr(0, 64);
    CHECK(hashes.size() == migrations().size());
    for (const auto& migration : migrations()) {
        const auto name = std::string(migration.name) + ".sql";
        CAPTURE(name);
        CHECK(hashes[name] == to_hex(sha256(text_of("daemon/store/schema/" + name))));
        CHECK(text_of("daemon/store/schema/" + name) == migration.sql); // and what is built in is the file
    }
}

TEST_CASE("schema: schema.sql, which explains every column, is what the migrations make") {
    World world;
    world.open();
    world.close();
    auto migrated = connect(world, "/log/gatehouse.db", Connection::Access::read_only);
    auto told = connect(world, "/told.db", Connection::Access::create);
    must_run(told, text_of("daemon/store/schema/schema.sql"));
    const auto made = bare_definitions(migrated);
    const auto explained = bare_definitions(told);
    CHECK(explained.size() == made.size());
    for (std::size_t i = 0; i < std::min(made.size(), explained.size()); ++i) CHECK(explained[i] == made[i]);
}

TEST_CASE("schema: a log of an old version opens, is as a fresh one, verifies and goes on") {
    for (const auto& golden : old_logs) {
        CAPTURE(golden.path);
        World world(99);
        {
            auto old = connect(world, "/log/gatehouse.db", Connection::Access::create);
            must_run(old, "pragma journal_mode = wal; begin;");
            must_run(old, text_of(golden.path));
            must_run(old, "commit;");
        }
        world.open();
        const auto records = world.all();
        REQUIRE(records.size() >= 13);
        CHECK(records[0].clock == ClockState::unsynced);
        CHECK_FALSE(records[0].happened_at.has_value());
        CHECK(records[1].clock_offset_us < -8'000'000'000'000);
        CHECK(records[2].conflicts_with == 2);
        CHECK(records[3].generation == 1);
        CHECK(records[4].erased);
        CHECK(records.front().epoch != records.back().epoch);
        CHECK(records[12].subject == "card:newest");
        CHECK(world.await(world.store->last_mark("door-1")).value() == SourceMark{1, 1, ""});
        CHECK(world.await(world.store->entitlements("district"))->size() == 1);
        CHECK(world.await(world.store->registry_rows("device", 7))->at(0).body == R"({"name":"东门"})");
        CHECK(world.await(world.store->dead_letters("upstream/police/routine", 10))->size() == 1);
        CHECK(world.await(world.store->note("digest/police/routine")).value() == "state");
        CHECK(world.await(world.store->cursors())->at("upstream/police/urgent").settled == 3);
        // What the old version stored is known by its key still.
        const auto again = world.append(world.keyed(1, "door-1", 1));
        REQUIRE(again.has_value());
        CHECK(again->repeated);
        const auto report = world.await(world.store->verify());
        REQUIRE(report.has_value());
        CHECK_MESSAGE(!report->first_bad, report->fault);
        CHECK(report->emptied == 1);
        CHECK(report->digests == 1);
        CHECK(report->last == golden.last);
        CHECK(world.must_append(world.pass()) == records.back().position + 1);
        const auto migrated = shape(world);

        World fresh(1, "fresh");
        fresh.open();
        CHECK(migrated == shape(fresh));
    }
}

TEST_CASE("S3 S5 S6 the life that an old version lived is committed, sealed and signed the same today") {
    World world;
    live(world);
    auto today = connect(world, "/log/gatehouse.db", Connection::Access::read_only);
    if (const auto* path = std::getenv("GATEHOUSE_PRINT_LOG")) std::ofstream(path, std::ios::binary) << dump(today);
    auto old = connect(world, "/old.db", Connection::Access::create);
    must_run(old, text_of(golden_log));
    // Record 12 names the version of the software, so that it and what is sealed after it are different in each.
    for (const std::string sql : {"select position || hex(personal_commitment) || hex(commitment) from record where position < 12 order by 1",
                                  "select last || hex(seal) from seal where last < 12 order by 1",
                                  "select last || hex(seal) || hex(signature) || hex(key) from signed_digest order by 1"}) {
        CAPTURE(sql);
        const auto was = texts(old, sql);
        CHECK_FALSE(was.empty());
        CHECK(texts(today, sql) == was);
    }
}
