// SPDX-License-Identifier: Apache-2.0
//
// F16: all files of the log were taken back to an older copy. Nothing on the disk can tell; what the broker keeps of us can.
#include "tests/unit/sync/mqtt/stage.hpp"

using namespace gatehouse;
using namespace gatehouse::sync;
using namespace gatehouse::sync::mqtt;

namespace {

/// What was told, and a new epoch in the log as the app begins it.
struct Rewind : Stage {
    std::vector<std::pair<std::string, std::uint64_t>> told;
    Rewind() {
        log_rewound = [this](std::string epoch, std::uint64_t head) -> Task<Done> {
            told.emplace_back(epoch, head);
            store.new_epoch(MemoryStore::epoch_2);
            co_return Done();
        };
        store.write_many(Kind::pass_granted, 10);
    }
    void keep_status(const std::string& state, std::uint64_t head, const std::string& epoch, const std::string& instance) {
        net::MqttMessage message;
        message.topic = topic("status");
        message.retain = true;
        message.payload = R"({"state":")" + state + R"(","gateway":"gw-7","epoch":")" + epoch + R"(","head":)" + std::to_string(head) +
                          R"(,"instance":")" + instance + "\"}";
        broker.retained[message.topic] = message;
    }
    std::string epoch_said() const {
        const auto payloads = broker.payloads_on(topic("status"));
        return payloads.empty() ? "" : std::string(text_at(parse_json(payloads.front())->get_object(), "epoch").value_or(""));
    }
    std::size_t alarms(std::string_view code) const {
        std::size_t count = 0;
        for (const auto& record : store.handed_over)
            if (record.kind == Kind::alarm_raised && text_at(record.facts, "code") == code) ++count;
        return count;
    }
};

constexpr auto somebody = "0192f5c4-0000-7000-8000-0000000000aa";

} // namespace

TEST_CASE("W2: a status of our epoch beyond our head says that the log was taken back: a new epoch before the first word, and an alarm (F16)") {
    Rewind stage;
    stage.keep_status("offline", 500, MemoryStore::epoch_1, somebody);
    stage.start();
    stage.run(5s);
    REQUIRE(stage.told.size() == 1);
    CHECK(stage.told.front() == std::pair<std::string, std::uint64_t>{MemoryStore::epoch_1, 500});
    CHECK(stage.epoch_said() == MemoryStore::epoch_2);
    CHECK(stage.alarms("log_rewound") == 1);
    CHECK(stage.alarms("identity_conflict") == 0);
    CHECK(stage.upstream->status().state == UpstreamStatus::State::online);
}

TEST_CASE("W2: also where the older copy still knows the start that said it; and what stands below our head, or in another epoch, says nothing") {
    Rewind stage;
    stage.store.notes["upstream/district/instances"] = std::string("[\"") + somebody + "\"]";
    SUBCASE("beyond") {
        stage.keep_status("online", 500, MemoryStore::epoch_1, somebody);
        stage.start();
        CHECK(stage.told.size() == 1);
    }
    SUBCASE("below") {
        stage.keep_status("online", 9, MemoryStore::epoch_1, somebody);
        stage.start();
        CHECK(stage.told.empty());
        CHECK(stage.epoch_said() == MemoryStore::epoch_1);
    }
    SUBCASE("another epoch") {
        stage.keep_status("offline", 500, MemoryStore::epoch_2, somebody);
        stage.start();
        CHECK(stage.told.empty());
    }
    stage.run(1s);
    CHECK(stage.upstream->status().state == UpstreamStatus::State::online);
}
