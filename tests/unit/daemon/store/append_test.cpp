// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/store/world.hpp"

#include "daemon/store/commitment.hpp"

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

TEST_CASE("S1 positions run from one without holes, over a restart and into a new group") {
    World world;
    world.open();
    for (std::uint64_t i = 1; i <= 5; ++i) CHECK(world.must_append(world.pass()) == i);
    world.open();
    CHECK(world.store->head().position == 5);
    CHECK(world.must_append(world.pass()) == 6);
    const auto records = world.all();
    REQUIRE(records.size() == 6);
    for (std::size_t i = 0; i < 6; ++i) CHECK(records[i].position == i + 1);
}

TEST_CASE("a record comes back as it went in") {
    World world;
    world.open();
    auto record = world.keyed(77, "door-1", 3);
    record.clock = ClockState::skewed;
    record.clock_offset_us = -5'000'000;
    world.must_append(record);
    const auto back = world.all().at(0);
    CHECK(back.kind == Kind::pass_granted);
    CHECK(back.source == "door-1");
    CHECK(back.place == "gate-east");
    CHECK(back.compound == "compound-1");
    CHECK(back.happened_at == record.happened_at);
    CHECK(back.heard_at == record.heard_at);
    CHECK(back.clock == ClockState::skewed);
    CHECK(back.clock_offset_us == -5'000'000);
    CHECK(back.device_key == 77);
    CHECK(back.generation == 3);
    CHECK(back.sameness.has_value());
    CHECK_FALSE(back.conflicts_with.has_value());
    CHECK(back.facts == R"({"door":1,"direction":"in"})");
    CHECK(back.subject == "card:4471");
    CHECK(back.details == R"({"card":"4471"})");
    CHECK_FALSE(back.erased);
    CHECK(back.epoch == world.store->head().epoch);
    CHECK(back.id.size() == 36);
}

TEST_CASE("what may not be appended is refused and leaves nothing") {
    World world;
    world.open();
    auto record = world.pass();
    record.facts["nickname"] = "Li";
    const auto answer = world.append(record);
    REQUIRE(answer.has_error());
    CHECK(answer.error().fault() == Fault::malformed);
    CHECK(world.store->head().position == 0);
    CHECK(world.store->status().refused == 1);
}

TEST_CASE("appends that wait together share a commit, and come back only after it") {
    World world;
    world.open();
    const auto before = world.store->status().commits;
    std::vector<std::optional<Result<Appended>>> answers(50);
    for (auto& answer : answers) world.loop.spawn("append", keep_answer(world.store->append(world.pass(), std::nullopt), answer));
    world.clock.run_for(0s);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        REQUIRE(answers[i].has_value());
        CHECK((*answers[i])->position == i + 1);
    }
    CHECK(world.store->status().commits - before <= 2);
}

TEST_CASE("the queue is bounded: append waits, hand_over leaves a counted gap") {
    World world;
    world.open();
    std::vector<std::optional<Result<Appended>>> answers(queue_records_max + 10);
    for (auto& answer : answers) world.loop.spawn("append", keep_answer(world.store->append(world.pass(), std::nullopt), answer));
    std::size_t most = 0;
    std::size_t shed = 0;
    while (world.loop.poll() > 0) {
    }
    CHECK(most <= queue_records_max);
    for (auto& answer : answers) CHECK(answer.has_value());
    // Handed over all at once, without letting the writer run: what does not fit is counted.
    for (std::size_t i = 0; i < queue_records_max + 7; ++i) world.store->hand_over(world.pass());
    CHECK(world.store->status().waiting_records == queue_records_max);
    world.clock.run_for(0s);
    shed = 7;
    const auto last = world.await(world.store->read_at(world.store->head().position));
    REQUIRE(last.has_value());
    REQUIRE(last->has_value());
    CHECK((*last)->kind == Kind::gap);
    CHECK((*last)->facts.find("\"count\":" + std::to_string(shed)) != std::string::npos);
    CHECK(world.store->head().position == 2 * queue_records_max + 10 + 1);
}

TEST_CASE("until_beyond returns when the head has passed") {
    World world;
    world.open();
    std::optional<bool> passed;
    auto wait = [](EventLog& store, std::optional<bool>& done) -> Task<void> {
        co_await store.until_beyond(1);
        done = true;
    };
    world.loop.spawn("wait", wait(*world.store, passed));
    world.must_append(world.pass());
    CHECK_FALSE(passed);
    world.must_append(world.pass());
    CHECK(passed);
}

TEST_CASE("S2 an epoch is made at install and another when the machine or the file system is another") {
    World world;
    world.open();
    const auto first = world.store->head().epoch;
    world.must_append(world.pass());
    world.open();
    CHECK(world.store->head().epoch == first);
}

TEST_CASE("S9 the same event is stored once, also over a restart; another under the same key is kept and says so") {
    World world;
    world.open();
    CHECK(world.must_append(world.keyed(10)) == 1);
    CHECK(world.must_append(world.keyed(11)) == 2);
    auto repeat = world.append(world.keyed(10));
    REQUIRE(repeat.has_value());
    CHECK(repeat->repeated);
    CHECK(repeat->position == 1);
    world.open();
    repeat = world.append(world.keyed(11));
    REQUIRE(repeat.has_value());
    CHECK(repeat->repeated);
    CHECK(repeat->position == 2);
    const auto conflict = world.append(world.keyed(10, "door-1", 0, "something else"));
    REQUIRE(conflict.has_value());
    CHECK(conflict->conflicts);
    CHECK(conflict->position == 3);
    CHECK(world.all().at(2).conflicts_with == 1);
    // The second of the two under this key is known as well.
    CHECK(world.append(world.keyed(10, "door-1", 0, "something else"))->position == 3);
    // Another source, another generation, no key: never merged.
    CHECK(world.must_append(world.keyed(10, "door-2")) == 4);
    CHECK(world.must_append(world.keyed(10, "door-1", 1)) == 5);
    CHECK(world.must_append(world.pass()) == 6);
    CHECK(world.must_append(world.pass()) == 7);
    CHECK(world.store->status().repeats == 2);
}

TEST_CASE("S9 a textual key is recognised, and a repeat within one group is acknowledged with the first one's position") {
    World world;
    world.open();
    Record record = world.pass();
    record.device_key = DeviceKey{std::string("b2c9-uuid"), 0};
    record.same_as = "pass|1";
    std::vector<std::optional<Result<Appended>>> answers(3);
    for (auto& answer : answers) world.loop.spawn("append", keep_answer(world.store->append(record, std::nullopt), answer));
    world.clock.run_for(0s);
    CHECK((*answers[0])->position == 1);
    CHECK((*answers[1])->repeated);
    CHECK((*answers[2])->position == 1);
    CHECK(world.store->head().position == 1);
}

TEST_CASE("S11 a mark is stored with its record, also with a repeat, and does not go back") {
    World world;
    world.open();
    CHECK_FALSE(world.await(world.store->last_mark("door-1"))->has_value());
    REQUIRE(world.append(world.keyed(5), SourceMark{0, 5, "at five"}).has_value());
    REQUIRE(world.append(world.keyed(6), SourceMark{0, 6, "at six"}).has_value());
    REQUIRE(world.append(world.keyed(5), SourceMark{0, 5, "late"}).has_value());
    CHECK(**world.await(world.store->last_mark("door-1")) == SourceMark{0, 6, "at six"});
    REQUIRE(world.append(world.keyed(6), SourceMark{0, 7, "a repeat moves it"}).has_value());
    world.open();
    CHECK(**world.await(world.store->last_mark("door-1")) == SourceMark{0, 7, "a repeat moves it"});
    REQUIRE(world.append(world.keyed(1, "door-1", 1), SourceMark{1, 1, ""}).has_value());
    CHECK((**world.await(world.store->last_mark("door-1"))).generation == 1);
}

TEST_CASE("S12 a cursor moves forward only, and settles no less than it counts") {
    World world;
    world.open();
    CHECK_FALSE(world.await(world.store->cursor("upstream/d/routine"))->has_value());
    CHECK(world.await(world.store->move_cursor("upstream/d/routine", Cursor{5, 4})).has_value());
    CHECK(world.await(world.store->move_cursor("upstream/d/routine", Cursor{7, 4})).has_value());
    const auto back = world.await(world.store->move_cursor("upstream/d/routine", Cursor{6, 4}));
    REQUIRE(back.has_error());
    CHECK(back.error().fault() == Fault::refused);
    CHECK(world.await(world.store->move_cursor("upstream/d/routine", Cursor{7, 3})).has_error());
    CHECK(world.await(world.store->move_cursor("upstream/d/routine", Cursor{7, 8})).has_error());
    world.open();
    CHECK((**world.await(world.store->cursor("upstream/d/routine"))).settled == 7);
    CHECK(world.await(world.store->cursors())->size() == 1);
    CHECK(world.await(world.store->retire_reader("upstream/d/routine")).has_value());
    CHECK(world.await(world.store->cursors())->empty());
    CHECK(world.await(world.store->move_cursor("upstream/d/routine", Cursor{9, 8})).has_value());
    CHECK(world.await(world.store->cursors())->size() == 1);
}

TEST_CASE("an entitlement is in force from the position of the record that says so") {
    World world;
    world.open();
    world.must_append(world.pass());
    const auto made = world.await(world.store->add_entitlement("district", "{\"kinds\":[]}"));
    REQUIRE(made.has_value());
    CHECK(made->version == 1);
    CHECK(made->from_position == 2);
    CHECK(world.all().at(1).kind == Kind::upstream_changed);
    CHECK(world.await(world.store->add_entitlement("district", "{}"))->version == 2);
    CHECK(world.await(world.store->entitlements("district"))->size() == 2);
}

TEST_CASE("dead letters and notes are there after a restart") {
    World world;
    world.open();
    CHECK(world.await(world.store->add_dead_letter(DeadLetter{"upstream/p/routine", 6, "no such person", world.clock.now()})).has_value());
    CHECK(world.await(world.store->set_note("digest/p/routine", "state")).has_value());
    world.open();
    const auto letters = world.await(world.store->dead_letters("upstream/p/routine", 10));
    REQUIRE(letters->size() == 1);
    CHECK(letters->at(0).position == 6);
    CHECK(*world.await(world.store->note("digest/p/routine")) == "state");
    CHECK(world.await(world.store->note("other"))->empty());
    CHECK(world.await(world.store->set_note("big", std::string(70'000, 'x'))).has_error());
}

TEST_CASE("registry rows are versions: what was in force at a position can be asked for ever") {
    World world;
    world.open();
    auto changed = [&] {
        Record record;
        record.kind = Kind::registry_changed;
        record.heard_at = world.clock.now();
        record.source = "gateway";
        record.facts = {{"what", "device"}, {"action", "put"}, {"id", "door-1"}};
        return record;
    };
    const auto first = world.await(world.store->put_registry_row("device", "door-1", "{\"a\":1}", changed()));
    REQUIRE(first.has_value());
    CHECK(first->version == 1);
    CHECK(first->from_position == 1);
    world.must_append(world.pass());
    CHECK(world.await(world.store->put_registry_row("device", "door-1", "{\"a\":2}", changed()))->version == 2);
    CHECK(world.await(world.store->registry_rows("device", 2))->at(0).body == "{\"a\":1}");
    CHECK(world.await(world.store->registry_rows("device", 3))->at(0).body == "{\"a\":2}");
    CHECK(world.await(world.store->close_registry_row("device", "door-1", changed())).has_value());
    CHECK(world.await(world.store->registry_rows("device", std::nullopt))->empty());
    CHECK(world.await(world.store->registry_rows("device", 3))->size() == 1);
    CHECK(world.await(world.store->close_registry_row("device", "door-1", changed())).error().fault() == Fault::gone);
}

TEST_CASE("one process at a time opens a log") {
    World world;
    world.open();
    auto second = open_store(world.options, world.keys, world.parts());
    REQUIRE(second.has_error());
    CHECK(second.error().fault() == Fault::busy);
}
