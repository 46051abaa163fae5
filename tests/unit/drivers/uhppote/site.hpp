// SPDX-License-Identifier: Apache-2.0
//
// One controller, its driver and a sink on simulated time.
#pragma once

#include "drivers/uhppote/driver.hpp"
#include "tests/unit/drivers/uhppote/scripted_controller.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace gatehouse::tests {

using namespace std::chrono_literals;

/// Keeps records as the store does: an event once, its mark in the same breath.
class MemorySink final : public RecordSink {
public:
    explicit MemorySink(Clock& clock) : clock_(clock) {}
    std::vector<Record> records;
    std::map<std::string, SourceMark> marks;
    std::optional<Fault> fault;
    std::uint64_t repeated = 0, offered = 0;

    Task<Result<Appended>> append(Record record, std::optional<SourceMark> mark) override {
        co_await clock_.sleep_for(1ms);
        ++offered;
        if (fault) co_return Error(*fault, "the disk");
        if (auto checked = check_record(record); !checked) co_return std::move(checked).error();
        Appended appended;
        const auto source = record.source;
        for (std::size_t i = 0; i < records.size() && record.device_key; ++i)
            if (is_same(records[i], record)) {
                appended.repeated = true;
                appended.position = i + 1;
                ++repeated;
            }
        if (!appended.repeated) {
            records.push_back(std::move(record));
            appended.position = records.size();
        }
        if (mark) marks[source] = *mark;
        co_return appended;
    }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string source) override {
        std::optional<SourceMark> mark;
        if (const auto found = marks.find(source); found != marks.end()) mark = found->second;
        co_return Result<std::optional<SourceMark>>(mark);
    }
    void hand_over(Record record) override { records.push_back(std::move(record)); }

    std::vector<Record> of_kind(Kind kind) const {
        std::vector<Record> found;
        std::copy_if(records.begin(), records.end(), std::back_inserter(found), [&](const Record& r) { return r.kind == kind; });
        return found;
    }
    std::vector<std::uint64_t> keys(std::uint32_t generation = 0) const {
        std::vector<std::uint64_t> found;
        for (const auto& record : records)
            if (record.device_key && record.device_key->generation == generation) found.push_back(std::get<std::uint64_t>(record.device_key->id));
        return found;
    }

private:
    static bool is_same(const Record& one, const Record& other) {
        return one.device_key && one.source == other.source && one.device_key->id == other.device_key->id &&
               one.device_key->generation == other.device_key->generation && one.same_as == other.same_as;
    }
    Clock& clock_;
};

struct Site {
    explicit Site(std::function<void(drivers::DeviceInfo&)> change = {}) {
        device.id = "north-doors";
        device.driver = "uhppote";
        device.serial = 425316788;
        device.address.host = "10.0.0.21";
        device.place = "north-gate";
        device.outlets.push_back(drivers::Outlet{1, "north-gate/door-1", "unknown"});
        device.outlets.push_back(drivers::Outlet{2, "north-gate/door-2", "out"});
        if (change) change(device);
        listener = std::make_unique<drivers::uhppote::Listener>(surroundings, listener_options());
        REQUIRE(listener->open().has_value());
        driver = std::make_unique<drivers::uhppote::UhppoteDriver>(device, surroundings, *listener);
        group.spawn("listener", listener->run());
    }
    ~Site() {
        group.cancel();
        clock.run_for(1ms);
        while (loop.poll() > 0) {
        }
        CHECK(network.open_sockets() == 1); // the listener's own: no question's socket stays behind
    }
    static drivers::uhppote::Listener::Options listener_options() {
        drivers::uhppote::Listener::Options options;
        options.bind_to.port = 60001;
        options.announced.host = "10.0.0.2";
        return options;
    }

    static Task<void> converse(Site& site) {
        site.over.reset();
        site.over = co_await site.driver->run(site.sink);
    }
    void start(Duration and_run = 2s) {
        group.spawn("driver", converse(*this));
        clock.run_for(and_run);
    }
    static Task<void> beat(Site& site, Duration interval) {
        for (;;) {
            co_await site.clock.sleep_for(interval);
            site.controller.push_last();
        }
    }
    void heartbeats(Duration interval = 15s) { group.spawn("heartbeats", beat(*this, interval)); }

    template <class T>
    static Task<void> keep(Task<T> task, std::optional<T>& kept) {
        kept.emplace(co_await std::move(task));
    }
    template <class T>
    std::optional<T> result_of(Task<T> task, Duration within = 30s) {
        std::optional<T> kept;
        TaskGroup one(loop);
        one.spawn("call", keep<T>(std::move(task), kept));
        clock.run_for(within);
        one.cancel();
        while (loop.poll() > 0) {
        }
        return kept;
    }
    bool went_well(Task<Done> task, Duration within = 30s) {
        const auto done = result_of<Done>(std::move(task), within);
        return done && done->has_value();
    }
    SourceMark mark() { return sink.marks[device.id]; }

    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    ScriptedNetwork network{clock};
    drivers::Surroundings surroundings{loop, clock, entropy, network};
    drivers::DeviceInfo device;
    ScriptedController& controller = network.add(425316788, "10.0.0.21");
    MemorySink sink{clock};
    std::unique_ptr<drivers::uhppote::Listener> listener;
    std::unique_ptr<drivers::uhppote::UhppoteDriver> driver;
    std::optional<Error> over;
    TaskGroup group{loop};
};

} // namespace gatehouse::tests
