// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/store/world.hpp"

#include "daemon/store/look_alike.hpp"

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

Record car(World& world, const std::string& plate, const std::string& source = "camera-1") {
    Record record;
    record.kind = Kind::vehicle_entered;
    record.heard_at = world.clock.now();
    record.happened_at = world.clock.now();
    record.source = source;
    record.subject = "plate:" + plate;
    return record;
}

std::vector<std::uint64_t> positions(World& world, HistoryQuery query) {
    const auto page = world.await(world.store->history(std::move(query)));
    REQUIRE_MESSAGE(page.has_value(), (page ? std::string() : page.error().what()));
    std::vector<std::uint64_t> found;
    for (const auto& record : page->records) found.push_back(record.position);
    return found;
}

using Positions = std::vector<std::uint64_t>;

/// Each answer twice: from the tail alone, and from the index.
template <class Check>
void with_and_without_index(World& world, Check check) {
    SUBCASE("from the tail") {}
    SUBCASE("from the index") { REQUIRE(world.await(world.store->index_all()).has_value()); }
    SUBCASE("from both") {
        REQUIRE(world.await(world.store->index_all()).has_value());
        world.must_append(world.pass("door-9", "late"));
    }
    check();
}

} // namespace

TEST_CASE("history finds by subject, look-alike, kind, source and time, newest first, page by page") {
    World world;
    world.open();
    world.must_append(car(world, "浙A10234"));       // 1
    world.must_append(world.pass("door-1", "4471")); // 2
    world.clock.run_for(3h);
    const auto noon = world.clock.now();
    world.must_append(car(world, "浙AI0234", "camera-2")); // 3: a letter read for a digit
    world.must_append(car(world, "浙A10234"));             // 4
    world.clock.run_for(3h);
    world.must_append(world.pass("door-1", "9")); // 5
    world.must_append(car(world, "浙A10234"));    // 6
    with_and_without_index(world, [&] {
        HistoryQuery query;
        query.subject = "plate:浙A10234";
        CHECK(positions(world, query) == Positions{6, 4, 1});
        query.look_alike = true;
        CHECK(positions(world, query) == Positions{6, 4, 3, 1});
        query.source = "camera-2";
        CHECK(positions(world, query) == Positions{3});
        query = {};
        query.kind = Kind::pass_granted;
        query.source = "door-1";
        CHECK(positions(world, query) == Positions{5, 2});
        query = {};
        query.subject = "plate:浙A10234";
        query.from = noon;
        query.to = noon + 1h;
        CHECK(positions(world, query) == Positions{4});
        query = {};
        query.to = noon - 1h;
        CHECK(positions(world, query) == Positions{2, 1});
        query = {};
        query.subject = "plate:浙A10234";
        query.records_max = 2;
        auto page = world.await(world.store->history(query));
        REQUIRE(page->next.has_value());
        CHECK(*page->next == 4);
        query.before = page->next;
        CHECK(positions(world, query) == Positions{1});
        query.subject = "plate:nobody";
        CHECK(positions(world, query).empty());
    });
}

TEST_CASE("look-alikes fold what a dirty plate confuses, and nothing else") {
    CHECK(look_of("plate:浙A·O123") == look_of("plate:浙aq12 3"));
    CHECK(look_of("plate:浙A8S5Z2") == look_of("plate:浙ABSS22"));
    CHECK(look_of("plate:浙A12345") != look_of("plate:沪A12345"));
    CHECK(look_of("plate:12") != look_of("card:12"));
    CHECK(look_of("plate:浙A·123") == "plate:浙A123");
}

TEST_CASE("the index is at most a second behind, by itself") {
    World world;
    world.open();
    TaskGroup group(world.loop);
    group.spawn("run", world.store->run());
    world.must_append(world.pass());
    world.clock.run_for(1s);
    // Nothing but the index knows this one: the tail is empty.
    HistoryQuery query;
    query.subject = "card:4471";
    CHECK(positions(world, query) == Positions{1});
    CHECK(world.disk.files().size("/log/history.db") + world.disk.files().size("/log/history.db-wal") > 4096);
    group.cancel();
    world.clock.run_for(1s);
}

TEST_CASE("an index that is missing, damaged or another log's is rebuilt, and answers are right all the time") {
    World world;
    world.open();
    for (int i = 0; i < 200; ++i) world.must_append(world.pass("door-1", std::to_string(i)));
    REQUIRE(world.await(world.store->index_all()).has_value());
    world.close();
    SUBCASE("missing") {
        auto files = world.disk.now();
        std::erase_if(files, [](const auto& file) { return file.first.find("history.db") != std::string::npos; });
        world.disk.load(files);
    }
    SUBCASE("not a database") {
        for (std::size_t at = 0; at < 64; ++at) world.disk.damage("/log/history.db", at, 0x5a);
    }
    SUBCASE("pages full of nonsense") {
        const auto size = world.disk.now().at("/log/history.db").size();
        for (std::size_t at = 4096; at < size; ++at) world.disk.damage("/log/history.db", at, 0x5a);
    }
    SUBCASE("ahead of the log") {
        auto files = world.disk.now();
        for (auto it = files.begin(); it != files.end();) it = it->first.find("gatehouse.db") != std::string::npos ? files.erase(it) : std::next(it);
        world.disk.load(files);
        world.open();
        for (int i = 0; i < 200; ++i) world.must_append(world.pass("door-1", std::to_string(i)));
        world.close();
    }
    world.open();
    HistoryQuery query;
    query.subject = "card:77";
    CHECK(world.await(world.store->index_all()).has_value());
    world.await(world.store->index_all());
    CHECK(positions(world, query) == Positions{78});
}

TEST_CASE("S9 an event older than the writer's memory is recognised through the index, and without it through the log") {
    World world;
    world.open();
    constexpr std::uint64_t many = 9'000; // beyond what a start reads of the tail
    for (std::uint64_t i = 1; i <= many; i += 500) {
        for (std::uint64_t k = i; k < i + 500; ++k) {
            auto record = world.keyed(k);
            world.loop.spawn("append", [](EventLog& store, Record r) -> Task<void> {
                co_await store.append(std::move(r), std::nullopt);
            }(*world.store, std::move(record)));
        }
        world.clock.run_for(0s);
    }
    REQUIRE(world.store->head().position == many);
    SUBCASE("through the index") { REQUIRE(world.await(world.store->index_all()).has_value()); }
    SUBCASE("through the log") {}
    world.open();
    const auto repeat = world.append(world.keyed(5));
    REQUIRE(repeat.has_value());
    CHECK(repeat->repeated);
    CHECK(repeat->position == 5);
    CHECK(world.append(world.keyed(6, "door-1", 0, "other"))->conflicts);
    CHECK(world.append(world.keyed(many + 1))->position == many + 2);
}
