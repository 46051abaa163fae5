// SPDX-License-Identifier: Apache-2.0
//
// W2, F35: when another box has our identity, and when only its last word still stands there.
#include "tests/unit/sync/mqtt/stage.hpp"

using namespace gatehouse;
using namespace gatehouse::sync;
using namespace gatehouse::sync::mqtt;

namespace {

using State = UpstreamStatus::State;

net::MqttMessage online_of(const std::string& instance, const std::string& epoch, bool retained) {
    net::MqttMessage message;
    message.topic = Stage::topic("status");
    message.retain = retained;
    message.payload = R"({"state":"online","gateway":"gw-7","epoch":")" + epoch + R"(","head":1,"instance":")" + instance + "\"}";
    return message;
}

struct TwoBoxes : Stage {
    TwoBoxes() { store.write_many(Kind::pass_granted, 10); }
    void leave_standing(const std::string& epoch) { broker.retained[topic("status")] = online_of(other, epoch, true); }
    State state() const { return upstream->status().state; }
    static constexpr auto other = "0192f5c4-0000-7000-8000-0000000000bb";
};

} // namespace

TEST_CASE("W2: an online of another epoch that only stands there keeps nobody silent, said now it does (F35)") {
    TwoBoxes stage;
    stage.leave_standing(MemoryStore::epoch_2);
    stage.start();
    stage.run(5s);
    CHECK(stage.state() == State::online);
    stage.broker.deliver(online_of(TwoBoxes::other, MemoryStore::epoch_2, false));
    stage.run(5s);
    CHECK(stage.state() == State::conflict);
}

TEST_CASE("W2: after ten minutes without the other its last word is no longer heard, but a new one is (F35)") {
    TwoBoxes stage;
    stage.leave_standing(MemoryStore::epoch_1);
    stage.start();
    stage.run(5s);
    CHECK(stage.state() == State::conflict);
    stage.run(9min);
    CHECK(stage.state() == State::conflict);
    stage.run(3min);
    CHECK(stage.state() == State::online);
    stage.broker.deliver(online_of(TwoBoxes::other, MemoryStore::epoch_1, false));
    stage.run(5s);
    CHECK(stage.state() == State::conflict);
}
