// SPDX-License-Identifier: Apache-2.0
//
// A UPS behind an upsd that does as the test says, its driver and a sink, on simulated time. The upsd here shares nothing with the driver's
// codec; what it writes is held against the real one's answers (tests/golden/nut).
#pragma once

#include "drivers/nut/driver.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/fakes/sim_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>

namespace gatehouse::nut_testing {

using namespace std::chrono_literals;

class MemorySink final : public RecordSink {
public:
    std::vector<Record> records;
    std::optional<SourceMark> mark;
    std::optional<Fault> fault;
    std::size_t refused = 0;

    Task<Result<Appended>> append(Record record, std::optional<SourceMark> moved) override {
        const auto checked = check_record(record);
        CHECK_MESSAGE(checked.has_value(), (checked ? "" : checked.error().what()));
        if (fault) {
            ++refused;
            co_return Error(*fault, "the disk");
        }
        records.push_back(std::move(record));
        if (moved) mark = *moved;
        Appended appended;
        appended.position = records.size();
        co_return appended;
    }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string) override {
        if (fault) co_return Error(*fault, "the disk");
        co_return Result<std::optional<SourceMark>>(mark);
    }
    void hand_over(Record) override {}

    std::vector<Record> of(Kind kind) const {
        std::vector<Record> found;
        std::copy_if(records.begin(), records.end(), std::back_inserter(found), [&](const Record& r) { return r.kind == kind; });
        return found;
    }
    /// "power.lost mains", in order, without readings.
    std::vector<std::string> told() const {
        std::vector<std::string> all;
        for (const auto& record : records)
            if (record.kind != Kind::power_reading && record.kind != Kind::device_online)
                all.push_back(std::string(name_of(record.kind)) + " " + text_at(record.facts, "code").value_or("-"));
        return all;
    }
};

struct Site {
    explicit Site(std::function<void(drivers::DeviceInfo&)> change = {}) {
        device.id = "ups-1";
        device.driver = "nut";
        device.address = {"10.0.0.9", 3493};
        device.place = "control-room";
        if (change) change(device);
        renew();
        listen();
    }
    ~Site() {
        group.cancel();
        clock.run_for(1ms);
    }
    /// As after a restart of ours.
    void renew() { driver = std::make_unique<drivers::nut::NutDriver>(device, surroundings); }
    void listen() {
        network.listen({"10.0.0.9", 3493}, [this](std::unique_ptr<net::Stream> stream) { return serve(*this, std::move(stream)); });
    }

    static std::string quoted(const std::string& value) {
        std::string text = "\"";
        for (const char c : value) text += (c == '"' || c == '\\' ? "\\" : "") + std::string(1, c);
        return text + "\"";
    }
    std::string answer(const std::string& line) {
        asked.push_back(line);
        if (const auto found = instead.find(line); found != instead.end()) return found->second;
        if (line == "LIST UPS") {
            std::string text = "BEGIN LIST UPS\n";
            for (const auto& name : names) text += "UPS " + name + " " + quoted("a UPS") + "\n";
            return text + "END LIST UPS\n";
        }
        if (line.starts_with("USERNAME ") || line.starts_with("PASSWORD ")) return "OK\n";
        if (is_stale) return "ERR DATA-STALE\n";
        if (line == "GET VAR " + names.front() + " ups.status")
            return "VAR " + names.front() + " ups.status " + quoted(variables["ups.status"]) + "\n";
        if (line == "LIST VAR " + names.front()) {
            std::string text = "BEGIN LIST VAR " + names.front() + "\n";
            for (const auto& [name, value] : variables) text += "VAR " + names.front() + " " + name + " " + quoted(value) + "\n";
            return text + "END LIST VAR " + names.front() + "\n";
        }
        return "ERR UNKNOWN-COMMAND\n";
    }
    static Task<void> serve(Site& site, std::unique_ptr<net::Stream> stream) {
        std::string waiting;
        std::array<std::uint8_t, 256> chunk{};
        for (;;) {
            const auto end = waiting.find('\n');
            if (end == std::string::npos) {
                auto count = co_await stream->read_some(chunk);
                if (!count || *count == 0) co_return;
                waiting += as_text(ByteView(chunk).first(*count));
                continue;
            }
            const auto line = waiting.substr(0, end);
            waiting.erase(0, end + 1);
            if (site.is_mute) continue;
            const auto text = site.answer(line);
            auto written = co_await stream->write(as_bytes(text));
            if (!written) co_return;
        }
    }
    static Task<void> converse(Site& site) {
        site.over.reset();
        site.over = co_await site.driver->run(site.sink);
    }
    void start(Duration and_run = 1s) {
        group.spawn("driver", converse(*this));
        clock.run_for(and_run);
    }
    void status(const std::string& words, Duration and_run = 3s) {
        variables["ups.status"] = words;
        clock.run_for(and_run);
    }

    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    fakes::SimNetwork network{loop, clock, entropy};
    drivers::Surroundings surroundings{loop, clock, entropy, network};
    drivers::DeviceInfo device;
    MemorySink sink;
    std::vector<std::string> names{"room"};
    std::map<std::string, std::string> variables{{"ups.status", "OL CHRG"},  {"device.mfr", "EATON"},  {"device.model", "5P 1550 \"i\""},
                                                 {"battery.charge", "100"},  {"ups.load", "23"},       {"battery.runtime", "1800"},
                                                 {"input.voltage", "221.4"}, {"ups.firmware", "02.14"}};
    std::map<std::string, std::string> instead; ///< command -> answer, as it is
    std::deque<std::string> asked;
    bool is_mute = false, is_stale = false;
    std::unique_ptr<drivers::nut::NutDriver> driver;
    std::optional<Error> over;
    TaskGroup group{loop};
};

} // namespace gatehouse::nut_testing
