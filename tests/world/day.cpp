// SPDX-License-Identifier: Apache-2.0
#include "tests/world/day.hpp"

#include "tests/oracle/oracle.hpp"
#include "tests/world/faults.hpp"

#include <algorithm>

namespace gatehouse::world {

namespace {

using namespace std::chrono_literals;

constexpr Duration trouble_until = 22h;
constexpr Duration people_until = trouble_until + 5min;
constexpr Duration drain_begins = people_until + 12min; ///< by then the slowest look into a device's memory has come round
constexpr Duration day = 24h;
constexpr Duration morning = 26h; ///< after a day with a wrong clock: until the log trusts it again, and one more pass of retention
constexpr Duration door_max = 300ms;
constexpr Duration pause_max = 70s; ///< between two events
constexpr std::uint64_t waiting_records_max = store::queue_records_max;

class Day {
public:
    explicit Day(std::uint64_t seed) : world_(seed) {
        // Half of the sites keep passages and devices' news no longer than the platform needs to receipt them.
        if (world_.chance.below(2) == 0)
            for (const auto kept : {RetentionClass::passage, RetentionClass::device, RetentionClass::vehicle})
                if (world_.chance.below(2) == 0) world_.site.kept[kept] = store::Kept{0, 90};
        // Each day draws from its own half of all faults, so that quiet neighbours let one of them show.
        for (const auto& fault : faults())
            if (world_.chance.below(2) == 0) drawn_.push_back(&fault);
    }

    Outcome live() {
        auto& people = world_.people;
        people.spawn("machine", World::keep_machine_running(world_));
        people.spawn("platform", world_.platform.run());
        people.spawn("people", come_and_go());
        people.spawn("heartbeats", beat());
        people.spawn("archive", archive());
        people.spawn("doors", open_doors());
        people.spawn("watch", watch());
        for (const auto part : parts) people.spawn("trouble", make_trouble(part));
        world_.clock.run_for(drain_begins);
        const bool has_drained = drain();
        if (has_drained && has_wrong_clock_) world_.clock.run_for(morning);
        if (has_drained && has_wrong_clock_) drain();
        judge(has_drained);
        return finish();
    }

private:
    Instant at(Duration since_midnight) const { return begun_ + since_midnight; }
    bool is_before(Duration since_midnight) const { return world_.clock.steady_now() < at(since_midnight); }

    // ---- What happens ------------------------------------------------------------------------------------------------------------------

    Task<void> come_and_go() {
        auto& chance = world_.chance;
        while (is_before(people_until)) {
            co_await world_.clock.sleep_for(std::chrono::milliseconds(500 + chance.below(static_cast<std::uint64_t>(pause_max / 1ms))));
            switch (chance.below(10)) {
            case 0:
            case 1:
            case 2: world_.doors.use(); break;
            case 3:
            case 4:
            case 5: world_.camera.drive_through(); break;
            case 6: world_.terminal.force_door(); break;
            default: world_.terminal.show_face(); break;
            }
        }
    }

    Task<void> beat() {
        for (;;) {
            co_await world_.clock.sleep_for(15s);
            world_.camera.beat();
            world_.doors.beat();
            co_await world_.clock.sleep_for(15s);
            world_.camera.beat();
            world_.terminal.beat();
        }
    }

    Task<void> make_trouble(Part part) {
        std::vector<const Fault*> mine;
        for (const auto* fault : drawn_)
            if (fault->part == part) mine.push_back(fault);
        auto& chance = world_.chance;
        while (!mine.empty()) {
            co_await world_.clock.sleep_for(std::chrono::seconds(600 + chance.below(9'000)));
            if (!is_before(trouble_until)) co_return;
            const auto& fault = *mine[chance.below(mine.size())];
            const auto howlong =
                fault.least + Duration(static_cast<std::int64_t>(chance.below(static_cast<std::uint64_t>((fault.most - fault.least).count()))));
            const auto until = std::min(world_.clock.steady_now() + howlong, at(trouble_until));
            ++tally_.faults[fault.name];
            world_.tell(std::string(fault.row) + " " + fault.name);
            is_disturbed_ += part == Part::network || part == Part::doors ? 1 : 0;
            has_wrong_clock_ = has_wrong_clock_ || part == Part::clock;
            fault.begin(world_);
            co_await world_.clock.sleep_until(until);
            fault.end(world_);
            is_disturbed_ -= part == Part::network || part == Part::doors ? 1 : 0;
            world_.tell(std::string("over: ") + fault.name);
        }
    }

    // ---- What is looked at meanwhile ---------------------------------------------------------------------------------------------------

    // A reader of the log like any other: what it has read on may go. It is how the judge knows of what retention removed.
    Task<void> archive() {
        for (;;) {
            co_await world_.clock.sleep_for(1h);
            if (!world_.is_running()) continue;
            const auto log = world_.read_log();
            const auto head = world_.gateway()->store().head().position;
            for (const auto& record : log.records)
                if (record.position <= head) archived_[record.position] = record;
            world_.gateway()->group().spawn("archive", read_on(*world_.gateway(), head));
        }
    }
    static Task<void> read_on(Gateway& gateway, std::uint64_t head) {
        auto moved = co_await gateway.store().move_cursor("archive", store::Cursor(head, head));
        if (!moved) co_return;
        auto removed = co_await gateway.store().keep_retention();
        (void)removed;
    }

    Task<void> open_doors() {
        for (;;) {
            co_await world_.clock.sleep_for(std::chrono::seconds(300 + world_.chance.below(1800)));
            auto* gateway = world_.gateway();
            if (gateway == nullptr || is_disturbed_ > 0) continue;
            const auto status = gateway->devices().status_of("doors-1");
            if (!status || status->state != drivers::DeviceStatus::State::online) continue;
            gateway->group().spawn("door", open_door(*gateway));
        }
    }
    Task<void> open_door(Gateway& gateway) {
        const auto asked = world_.clock.steady_now();
        auto* doors = gateway.devices().doors_of("doors-1");
        if (doors == nullptr) co_return;
        auto opened = co_await doors->open(static_cast<std::int64_t>(1 + world_.chance.below(4)));
        if (is_disturbed_ > 0) co_return;
        ++tally_.door_opens;
        const auto took = world_.clock.steady_now() - asked;
        if (!opened) found("I8: a door did not open: " + opened.error().what());
        if (took > door_max) found("I8: a door waited " + std::to_string(took / 1ms) + " ms");
    }

    Task<void> watch() {
        for (;;) {
            co_await world_.clock.sleep_for(1min);
            auto* gateway = world_.gateway();
            if (gateway == nullptr) continue;
            waiting_worst_ = std::max(waiting_worst_, gateway->store().status().waiting_records);
            open_worst_ = std::max(open_worst_, world_.broker.open());
        }
    }

    // ---- The end -----------------------------------------------------------------------------------------------------------------------

    bool is_drained() {
        auto* gateway = world_.gateway();
        if (gateway == nullptr || !world_.platform.has_nothing_to_say()) return false;
        if (gateway->store().status().disk != store::DiskState::sound) return false;
        for (const auto& [id, status] : gateway->devices().statuses())
            if (status.state != drivers::DeviceStatus::State::online) return false;
        const auto* upstream = gateway->upstream();
        if (upstream == nullptr || upstream->status().state != sync::UpstreamStatus::State::online) return false;
        const auto status = upstream->status();
        return std::all_of(status.lanes.begin(), status.lanes.end(), [](const auto& lane) { return lane.waiting == 0; });
    }

    bool drain() {
        const auto until = std::max(at(day), world_.clock.steady_now() + 10min);
        while (world_.clock.steady_now() < until) {
            if (is_drained()) {
                world_.clock.run_for(3s); // cursors follow
                if (is_drained()) return true;
            }
            world_.clock.run_for(5s);
        }
        return false;
    }

    void found(const std::string& what) {
        if (std::count(wrong_.begin(), wrong_.end(), '\n') < 20) wrong_ += what + "\n";
    }

    std::string state() {
        auto* gateway = world_.gateway();
        if (gateway == nullptr) return "the gateway does not run";
        std::string text = "disk " + gateway->store().status().fault;
        for (const auto& [id, status] : gateway->devices().statuses())
            if (status.state != drivers::DeviceStatus::State::online) text += "; " + id + " is away: " + status.fault;
        if (const auto* upstream = gateway->upstream()) {
            const auto status = upstream->status();
            text += "; upstream " + status.fault;
            for (const auto& lane : status.lanes) text += ", " + std::string(name_of(lane.lane)) + " waits for " + std::to_string(lane.waiting);
        }
        return text;
    }

    // The log as it would be had retention removed nothing.
    oracle::Log whole_log() {
        auto log = world_.read_log();
        std::map<std::uint64_t, oracle::LogRecord> all;
        for (const auto& [position, record] : archived_) {
            const bool is_there = std::binary_search(log.records.begin(), log.records.end(), record,
                                                     [](const auto& one, const auto& other) { return one.position < other.position; });
            if (!is_there && position < (log.records.empty() ? 0 : log.records.back().position)) all.emplace(position, record);
        }
        tally_.removed = all.size();
        for (const auto& [position, record] : all) {
            const auto kind = kind_named(record.kind);
            if (kind && world_.site.kept.at(spec_of(*kind).kept).floor_days > 0)
                found("retention: position " + std::to_string(position) + " (" + record.kind + ") went before its floor; heard " +
                      to_text(Time(Duration(record.heard_at))) + ", happened " +
                      (record.happened_at ? to_text(Time(Duration(*record.happened_at))) : "at no known time") + ", clock " +
                      std::to_string(record.clock) + ", " + std::to_string(record.clock_offset / 1'000'000) + " s off");
        }
        for (auto& record : log.records) all.emplace(record.position, std::move(record));
        log.records.clear();
        for (auto& [position, record] : all) log.records.push_back(std::move(record));
        return log;
    }

    oracle::Evidence evidence(bool has_drained) {
        oracle::Evidence evidence;
        evidence.log = whole_log();
        evidence.devices = {{.id = "doors-1", .made = world_.doors.made(), .has_holes = true},
                            {.id = "cam-1", .known_by = oracle::KnownBy::subject, .made = world_.camera.made()},
                            {.id = "face-1", .made = world_.terminal.made(), .has_holes = true}};
        evidence.platforms.push_back(world_.platform.evidence());
        evidence.bounds = {{.what = "records that wait for the disk",
                            .worst = static_cast<double>(waiting_worst_),
                            .limit = static_cast<double>(waiting_records_max)},
                           {.what = "messages under way", .worst = static_cast<double>(open_worst_), .limit = 32}};
        evidence.is_drained = has_drained;
        return evidence;
    }

    // Stricter than the oracle, whom a gap without a count satisfies: what a device still remembers has no excuse, and neither has what it
    // was acknowledged for.
    void judge_remembered(const oracle::Log& log, const std::string& device, const std::vector<oracle::Made>& events, const char* why) {
        std::set<std::pair<std::uint64_t, std::string>> there;
        for (const auto& record : log.records)
            if (record.source == device) {
                if (record.device_key) there.emplace(*record.device_key, "");
                if (!record.subject.empty()) there.emplace(0, record.subject);
            }
        for (const auto& event : events) {
            const bool by_subject = device == "cam-1";
            if (!there.contains(by_subject ? std::pair(std::uint64_t{0}, event.subject) : std::pair(event.key, std::string())))
                found("I1: " + device + " " + std::to_string(event.key) + " " + event.subject + " is stored 0 times, " + why);
        }
    }

    void judge(bool has_drained) {
        if (!has_drained) found("I10: not drained: " + state());
        const auto all = evidence(has_drained);
        for (const auto& finding : oracle::judge(all)) found(finding.invariant + ": " + finding.words);
        judge_remembered(all.log, "doors-1", world_.doors.remembered(), "and the controller has it");
        judge_remembered(all.log, "cam-1", world_.camera.made(), "and the camera has it");
        judge_remembered(all.log, "face-1", world_.terminal.remembered(), "and the terminal has it");
        judge_remembered(all.log, "face-1", world_.terminal.acknowledged(), "and was acknowledged");
        std::set<std::string> epochs, ids;
        for (const auto& record : all.log.records) {
            epochs.insert(record.epoch);
            ids.insert(record.id);
        }
        if (epochs.size() != 1) found("I6: " + std::to_string(epochs.size()) + " epochs in a log that nothing damaged");
        for (const auto& alarm : world_.platform.volatiles)
            if (alarm.life == world_.lives && !ids.contains(alarm.id)) found("W13: the alarm " + alarm.id + " went up and was never stored");
        if (!world_.platform.wrong.empty()) found(world_.platform.wrong);
        if (const auto wrong = world_.platform.judge_digests(); !wrong.empty()) found(wrong);
        tally_.records = all.log.records.size();
        for (const auto& record : all.log.records) world_.trace.add("stored " + std::to_string(record.position), ByteView(record.commitment));
    }

    Outcome finish() {
        tally_.events = world_.doors.made().size() + world_.camera.made().size() + world_.terminal.made().size();
        tally_.lives = world_.lives;
        tally_.power_cuts = world_.power_cuts;
        tally_.receipts = world_.platform.receipts_sent;
        tally_.lies = world_.platform.lies_told;
        tally_.digests = world_.platform.digests_judged();
        Outcome outcome;
        outcome.wrong = wrong_;
        outcome.tally = tally_;
        outcome.story = world_.story;
        outcome.trace = world_.trace.finish();
        return outcome;
    }

    World world_;
    const Instant begun_ = world_.clock.steady_now();
    std::vector<const Fault*> drawn_;
    std::map<std::uint64_t, oracle::LogRecord> archived_;
    std::string wrong_;
    Tally tally_;
    int is_disturbed_ = 0;
    bool has_wrong_clock_ = false;
    std::uint64_t waiting_worst_ = 0;
    std::size_t open_worst_ = 0;
};

} // namespace

Outcome live_a_day(std::uint64_t seed) {
    Day lived(seed);
    return lived.live();
}

std::vector<std::pair<std::string, std::string>> all_faults() {
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& fault : faults()) names.emplace_back(fault.name, fault.row);
    return names;
}

} // namespace gatehouse::world
