// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/clock_steps.hpp"

#include "tests/fakes/sim_clock.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;

namespace {

class HandedOver final : public RecordSink {
public:
    Task<Result<Appended>> append(Record, std::optional<SourceMark>) override { co_return Appended(); }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string) override { co_return std::optional<SourceMark>(); }
    void hand_over(Record record) override { records.push_back(std::move(record)); }
    std::vector<Record> records;
};

struct WatchedClock {
    WatchedClock() { group.spawn("clock steps", tell_clock_steps(clock, sink)); }
    ~WatchedClock() {
        group.cancel();
        clock.run_for(1ms);
    }
    std::vector<std::int64_t> offsets_ms() const {
        std::vector<std::int64_t> all;
        for (const auto& record : sink.records) all.push_back(record.facts.at("offset_ms").to_number<std::int64_t>());
        return all;
    }
    Loop loop;
    fakes::SimClock clock{loop};
    HandedOver sink;
    TaskGroup group{loop};
};

} // namespace

TEST_CASE("clock steps: each time that the clock is set is a record of by how much, at once, and a correct clock makes none (F20, F21)") {
    WatchedClock watched;
    watched.clock.run_for(24h);
    CHECK(watched.sink.records.empty());
    watched.clock.step_wall(1h);
    watched.clock.run_for(2s);
    watched.clock.step_wall(-2h);
    watched.clock.run_for(2s);
    watched.clock.step_wall(1s); // no more than NTP's own jitter
    watched.clock.run_for(1h);
    CHECK(watched.offsets_ms() == std::vector<std::int64_t>{-3'600'000, 7'200'000});
    CHECK(watched.sink.records.front().source == "gateway");
    CHECK(watched.sink.records.front().kind == Kind::clock_skewed);
    CHECK(watched.sink.records.front().clock == ClockState::synced);
}

TEST_CASE("clock steps: an unsynced clock that becomes synced is told, with the whole of what it was off (F21)") {
    WatchedClock watched;
    watched.clock.set_quality(ClockQuality::unsynced);
    watched.clock.run_for(1h);
    CHECK(watched.sink.records.empty());
    watched.clock.step_wall(24h * 365 * 56);
    watched.clock.set_quality(ClockQuality::synced);
    watched.clock.run_for(1s);
    REQUIRE(watched.sink.records.size() == 1);
    CHECK(watched.offsets_ms().front() == -1000ll * 3600 * 24 * 365 * 56);
    watched.clock.set_quality(ClockQuality::unsynced);
    watched.clock.run_for(1min);
    watched.clock.set_quality(ClockQuality::synced);
    watched.clock.run_for(1min);
    CHECK(watched.offsets_ms().back() == 0); // it was right all along
}

TEST_CASE("clock steps: a clock that drifts is told once a minute at most (F22)") {
    WatchedClock watched;
    for (int i = 0; i < 600; ++i) {
        watched.clock.step_wall(50ms);
        watched.clock.run_for(1s);
    }
    CHECK(watched.sink.records.size() >= 8);
    CHECK(watched.sink.records.size() <= 11);
    std::int64_t sum = 0;
    for (const auto offset : watched.offsets_ms()) sum += offset;
    CHECK(sum <= -26'000);
    CHECK(sum >= -30'000);
}
