// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sync/mqtt/stage.hpp"

using namespace gatehouse;
using namespace gatehouse::sync;
using namespace gatehouse::sync::mqtt;

TEST_CASE("W6: a new upstream starts at the head, its first event has previous 0, and the chain names each one before") {
    Stage stage;
    stage.store.write_many(Kind::pass_granted, 5);
    stage.start();
    stage.store.write(Kind::pass_granted);
    stage.store.write(Kind::door_forced);
    stage.store.write(Kind::vehicle_entered);
    stage.run(1s);
    const auto events = stage.events_on("records");
    REQUIRE(events.size() == 3);
    CHECK(events[0].type == "cn.gatehouse.upstream.changed.v1"); // its own entitlement's record, behind the head it started at
    CHECK(events[0].previous == 0);
    CHECK(events[0].sequence == 6);
    CHECK(events[1].previous == 6);
    CHECK(events[2].previous == events[1].sequence);
    const auto urgent = stage.events_on("urgent");
    REQUIRE(urgent.size() == 1);
    CHECK(urgent[0].previous == 0);
    CHECK(urgent[0].sequence == 8);
}

TEST_CASE("an upstream that no entitlement gives pictures holds no picture back: its lane passes over all, and nothing waits") {
    Stage stage;
    stage.rule().pictures.clear();
    stage.store.write_many(Kind::pass_granted, 5);
    stage.start();
    stage.store.write_many(Kind::vehicle_entered, 3);
    stage.run(2min);
    const auto cursor = stage.store.cursor_rows.at("upstream/district/pictures");
    CHECK(cursor.settled == stage.store.head().position);
    CHECK(cursor.member == 0);
    const auto lanes = stage.upstream->status().lanes;
    REQUIRE(lanes.size() == 3);
    CHECK(lanes[2].lane == Lane::pictures);
    CHECK(lanes[2].waiting == 0);
}

TEST_CASE("a platform that is away: of each lane it is told how many wait and since when, not how many records there are") {
    Stage stage;
    stage.start();
    stage.run(1s);
    stage.held(1, stage.store.head().position);
    stage.run(1s);
    stage.broker.is_reachable = false;
    stage.broker.drop_all();
    stage.run(10s);
    const auto first_at = stage.clock.now();
    stage.store.write_many(Kind::pass_granted, 700); // more than one look takes in
    stage.run(10s);
    const auto alarm_at = stage.clock.now();
    const auto alarm = stage.store.write(Kind::door_forced);
    stage.run(10s);
    CHECK(stage.upstream->status().state == UpstreamStatus::State::offline);
    CHECK(stage.lane_status(Lane::routine).waiting == 700);
    CHECK(stage.lane_status(Lane::routine).oldest == first_at);
    CHECK(stage.lane_status(Lane::urgent).waiting == 1);
    CHECK(stage.lane_status(Lane::urgent).oldest == alarm_at);
    CHECK(stage.lane_status(Lane::pictures).waiting == 0);

    stage.broker.is_reachable = true;
    stage.run(2min);
    stage.held(1, alarm - 1);
    stage.held(1, alarm, "urgent");
    stage.run(1s);
    CHECK(stage.lane_status(Lane::routine).waiting == 0);
    CHECK(stage.lane_status(Lane::urgent).waiting == 0);
    CHECK_FALSE(stage.lane_status(Lane::routine).oldest.has_value());
}

TEST_CASE("a window of refusals is one refusal: the lane pauses for a second, not for a minute") {
    Stage stage;
    stage.settings.batch_records_max = 1;
    stage.start();
    stage.store.write_many(Kind::pass_granted, 30); // opens the window
    stage.run(100ms);
    const auto before = stage.messages_on("records");
    stage.broker.acks = fakes::FakeBroker::Acks::on_command;
    stage.store.write_many(Kind::pass_granted, 30);
    stage.run(50ms);
    const auto in_flight = stage.broker.pending.size();
    REQUIRE(in_flight > 10);
    for (std::size_t refused = 0; refused < in_flight; ++refused) stage.broker.acknowledge(1, 0x97);
    stage.broker.acks = fakes::FakeBroker::Acks::at_once;
    stage.run(800ms);
    CHECK(stage.messages_on("records") - before == in_flight);
    stage.run(4s);
    CHECK(stage.messages_on("records") - before >= in_flight + 30);
}

TEST_CASE("W6, W8: a record that was set aside as damaged is left out of its lane: the chain goes over it, and the next one says so") {
    Stage stage;
    stage.start();
    stage.store.write_many(Kind::pass_granted, 3);
    const auto lost = stage.store.write(Kind::pass_granted);
    stage.store.damaged.push_back(lost);
    std::erase_if(stage.store.rows, [&](const auto& row) { return row.position == lost; });
    stage.store.write_many(Kind::pass_granted, 3);
    stage.run(1s);
    auto events = stage.events_on("records");
    REQUIRE(events.size() >= 6);
    for (std::size_t i = 1; i < events.size(); ++i) {
        CHECK(events[i].previous == events[i - 1].sequence);
        CHECK(events[i].revised == (events[i].sequence == lost + 1 ? "damaged" : ""));
    }
    stage.held(1, stage.store.head().position);
    stage.run(1s);
    CHECK(stage.cursor().settled == stage.store.head().position);
    // No digest may speak for what stands behind the damage: the platform may have both as they first went.
    stage.run(1h + 1min);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> summed;
    for (const auto& event : stage.events_on("records")) {
        if (event.type != "cn.gatehouse.digest.v1" || event.data().at("facts").at("lane") != "routine") continue;
        const auto& facts = event.data().at("facts").get_object();
        summed.emplace_back(*number_at(facts, "first"), *number_at(facts, "last"));
    }
    REQUIRE(!summed.empty());
    for (const auto& [first, last] : summed) CHECK((last < lost || first > lost + 1));
}
