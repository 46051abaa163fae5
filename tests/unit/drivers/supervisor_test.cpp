// SPDX-License-Identifier: Apache-2.0
#include "drivers/supervisor.hpp"

#include "tests/fakes/sim_clock.hpp"
#include "tests/fakes/sim_network.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace std::chrono_literals;

namespace {

constexpr auto outage_id = "019bbf0f-448c-7e5c-b893-62d87c777002";

struct Records final : RecordSink {
    std::vector<Record> all;
    Task<Result<Appended>> append(Record record, std::optional<SourceMark>) override {
        const auto checked = check_record(record);
        CHECK_MESSAGE(checked.has_value(), (checked ? "" : checked.error().what()));
        all.push_back(std::move(record));
        co_return Appended();
    }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string) override { co_return std::optional<SourceMark>(); }
    void hand_over(Record) override {}
    std::size_t count(Kind kind) const {
        return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Record& r) { return r.kind == kind; }));
    }
};

struct Power final : Outage {
    std::optional<std::string> id;
    std::optional<std::string> cause() const override { return id; }
};

/// A device that answers while it has power.
class Lamp final : public Driver {
public:
    Lamp(Clock& clock, Turn turn) : clock_(clock), turn_(turn) {}
    bool is_on = true;
    Task<Error> run(RecordSink&) override {
        status_.state = DeviceStatus::State::connecting;
        if (!is_on) co_return Error(Fault::unreachable, "no answer");
        status_.state = DeviceStatus::State::online;
        while (is_on) {
            status_.heard_at = clock_.now();
            co_await clock_.sleep_for(1s);
        }
        status_.state = DeviceStatus::State::offline;
        co_return Error(Fault::timed_out, "silent");
    }
    DeviceStatus status() const override { return status_; }
    Turn turn() override { return turn_; }

private:
    Clock& clock_;
    Turn turn_;
    DeviceStatus status_;
};

struct Site {
    explicit Site(Turn turn = Turn::others) : lamp(clock, turn) {
        device.id = "lamp-1";
        group.spawn("supervisor", hold(*this));
        clock.run_for(10s);
    }
    ~Site() {
        group.cancel();
        clock.run_for(1ms);
    }
    static Task<void> hold(Site& site) {
        const Company company{site.pace, site.power};
        co_await supervise(site.lamp, site.device, site.records, site.surroundings, company);
    }

    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{3};
    fakes::SimNetwork network{loop, clock, entropy};
    Surroundings surroundings{loop, clock, entropy, network};
    Pace pace{clock, entropy, 16};
    Power power;
    Records records;
    DeviceInfo device;
    Lamp lamp;
    TaskGroup group{loop};
};

} // namespace

TEST_CASE("a silence while the power is out is device.dark, with the outage that it follows from") {
    Site site;
    site.power.id = outage_id;
    site.lamp.is_on = false;
    site.clock.run_for(10min);
    REQUIRE(site.records.all.size() == 1);
    const auto& dark = site.records.all[0];
    CHECK(dark.kind == Kind::device_dark);
    CHECK(spec_of(dark.kind).lane == Lane::routine);
    CHECK(dark.facts.at("outage") == outage_id);
    CHECK(dark.facts.at("fault") == "timed_out");
    // It comes back with the power: nothing more is said.
    site.lamp.is_on = true;
    site.clock.run_for(2min);
    site.power.id.reset();
    site.clock.run_for(10min);
    CHECK(site.records.all.size() == 1);
}

TEST_CASE("what has not come back when the outage is over is device.offline after all, once, silent since it fell silent") {
    Site site;
    site.power.id = outage_id;
    site.lamp.is_on = false;
    const auto silent = site.clock.now();
    site.clock.run_for(10min);
    site.power.id.reset();
    site.clock.run_for(61s);
    REQUIRE(site.records.all.size() == 2);
    const auto& lost = site.records.all[1];
    CHECK(lost.kind == Kind::device_offline);
    CHECK(lost.facts.at("outage") == outage_id);
    const auto since = parse_time(std::string(lost.facts.at("silent_since").as_string()));
    CHECK(since.value() <= silent);
    site.clock.run_for(1h);
    CHECK(site.records.all.size() == 2);
}

TEST_CASE("without an outage a silence is device.offline, and the UPS's own silence always is") {
    Site site;
    site.lamp.is_on = false;
    site.clock.run_for(10min);
    CHECK(site.records.count(Kind::device_offline) == 1);
    CHECK_FALSE(site.records.all[0].facts.contains("outage"));
    Site ups(Turn::power);
    ups.power.id = outage_id;
    ups.lamp.is_on = false;
    ups.clock.run_for(10min);
    CHECK(ups.records.count(Kind::device_offline) == 1);
    CHECK(ups.records.count(Kind::device_dark) == 0);
}
