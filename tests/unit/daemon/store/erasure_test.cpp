// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/store/world.hpp"

#include "daemon/store/erasure.hpp"

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

Record with_picture(World& world, const std::string& card, std::string_view text) {
    auto record = world.pass("door-1", card);
    record.pictures = {{PictureRole::face, std::make_shared<const Bytes>(as_bytes(text).begin(), as_bytes(text).end())}};
    return record;
}

HistoryQuery of_subject(const std::string& subject) {
    HistoryQuery query;
    query.subject = subject;
    return query;
}

} // namespace

TEST_CASE("S13 an erased subject is nowhere: database, WAL, free pages, index, pictures; and the proof holds") {
    World world;
    world.open();
    std::vector<Digest> faces;
    for (int i = 0; i < 60; ++i) {
        world.must_append(with_picture(world, "CANARY-4471", "face " + std::to_string(i)));
        faces.push_back(sha256("face " + std::to_string(i)));
        world.must_append(world.pass("door-2", "other-" + std::to_string(i)));
    }
    REQUIRE(world.await(world.store->index_all()).has_value());
    world.must_append(with_picture(world, "CANARY-4471", "face 60")); // and one that the index has not seen
    CHECK(world.disk.holds("CANARY-4471"));
    CHECK(world.await(world.store->history(of_subject("card:CANARY-4471")))->records.size() == 61);

    const auto erased = world.await(world.store->erase_subject("card:CANARY-4471", "request 2026-7"));
    REQUIRE_MESSAGE(erased.has_value(), (erased ? std::string() : erased.error().what()));
    CHECK(erased->records == 61);
    CHECK(erased->pictures == 61);
    CHECK_FALSE(world.disk.holds("CANARY-4471"));
    for (const auto& face : faces) CHECK(world.await(world.store->read_picture(face)).error().fault() == Fault::gone);
    REQUIRE(world.await(world.store->index_all()).has_value());
    CHECK(world.await(world.store->history(of_subject("card:CANARY-4471")))->records.empty());
    CHECK(world.await(world.store->history(of_subject("card:other-7")))->records.size() == 1);

    const auto records = world.all();
    CHECK(records.size() == 122);
    CHECK(records[0].erased);
    CHECK(records[0].subject.empty());
    CHECK(records[0].details.empty());
    CHECK(records[0].pictures.empty());
    CHECK(records[0].facts == R"({"door":1,"direction":"in"})");
    CHECK_FALSE(records[1].erased);
    CHECK(records.back().kind == Kind::subject_erased);
    CHECK(records.back().position == erased->position);
    const auto facts = parse_json(records.back().facts)->get_object();
    CHECK(array_at(facts, "positions")->size() == 61);
    CHECK(text_at(facts, "order") == "request 2026-7");

    const auto report = world.await(world.store->verify());
    CHECK_MESSAGE(!report->first_bad, report->fault);
    CHECK(report->emptied == 61);
    // The subject may come again: that is a new matter.
    world.must_append(world.pass("door-1", "CANARY-4471"));
    world.open();
    TaskGroup group(world.loop);
    group.spawn("run", world.store->run());
    world.clock.run_for(5s);
    CHECK_FALSE(world.all().back().erased);
    group.cancel();
    world.clock.run_for(1s);
}

TEST_CASE("S13 an erasure that the power cut short is carried out at the next start") {
    World world;
    world.open();
    world.must_append(with_picture(world, "CANARY-9", "face"));
    ErasureList list("/log/erasures", world.disk.files());
    Erasure erasure;
    erasure.subject_key = keyed_hash(HashKeys(world.keys.hash).subject, "card:CANARY-9");
    erasure.epoch = world.store->head().epoch;
    erasure.through = 1;
    erasure.order = "request 1";
    REQUIRE(list.add(erasure).has_value());
    world.open();
    TaskGroup group(world.loop);
    group.spawn("run", world.store->run());
    world.clock.run_for(5s);
    CHECK_FALSE(world.disk.holds("CANARY-9"));
    CHECK(world.await(world.store->read_picture(sha256("face"))).error().fault() == Fault::gone);
    CHECK(list.pending()->empty());
    group.cancel();
    world.clock.run_for(1s);
}

TEST_CASE("an erasure that finds nothing says so in the log") {
    World world;
    world.open();
    world.must_append(world.pass());
    const auto erased = world.await(world.store->erase_subject("card:nobody", "request 3"));
    REQUIRE(erased.has_value());
    CHECK(erased->records == 0);
    CHECK(world.all().back().kind == Kind::subject_erased);
}

TEST_CASE("more records than one commit takes are erased with several subject.erased") {
    World world;
    world.open();
    for (std::size_t i = 0; i < emptied_records_max + 5; ++i) world.store->hand_over(world.pass("door-1", "CANARY-many"));
    world.clock.run_for(0s);
    const auto erased = world.await(world.store->erase_subject("card:CANARY-many", "request 4"));
    REQUIRE(erased.has_value());
    CHECK(erased->records == emptied_records_max + 5);
    CHECK_FALSE(world.disk.holds("CANARY-many"));
    const auto report = world.await(world.store->verify());
    CHECK_MESSAGE(!report->first_bad, report->fault);
}
