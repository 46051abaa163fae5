// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/writer.hpp"

#include "daemon/base/log.hpp"
#include "drivers/supervisor.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {

constexpr std::size_t seen_plates_max = 256;
constexpr Duration same_plate_within = std::chrono::seconds(3);
constexpr std::size_t heartbeats_kept = 4;

} // namespace

Writer::Writer(const DeviceInfo& device, Surroundings surroundings, EventTable table, DeviceStatus& status)
    : device_(device), surroundings_(surroundings), status_(status), intake_(device, std::move(table)) {}

Task<Done> Writer::start(RecordSink& sink) {
    const bool first = sink_ == nullptr;
    sink_ = &sink;
    plates_whole_ = false;
    heartbeat_at_.reset();
    // Between two conversations of one process the run here is the better one: it knows what is stored beyond a hole.
    if (first) {
        auto mark = co_await sink.last_mark(device_.id);
        if (!mark) {
            sink_ = nullptr;
            co_return std::move(mark).error().during("reading the mark");
        }
        run_.start(*mark);
        if (*mark)
            if (const auto until = parse_time((*mark)->text)) plates_until_ = *until;
    }
    co_return Done();
}

Record Writer::record_now(Kind kind) const {
    Record record = record_of(device_, kind, surroundings_.clock.now());
    if (surroundings_.clock.quality() == ClockQuality::unsynced) record.clock = ClockState::unsynced;
    return record;
}

ClockReading Writer::clock_reading() const { return ClockReading{surroundings_.clock.quality(), offset_us_}; }

void Writer::set_clock_offset(std::optional<std::int64_t> offset_us) {
    offset_us_ = offset_us;
    status_.clock_offset_us = offset_us;
}

void Writer::heard() {
    heard_at_ = surroundings_.clock.steady_now();
    status_.heard_at = surroundings_.clock.now();
}

void Writer::learn_heartbeat() {
    const auto now = surroundings_.clock.steady_now();
    if (heartbeat_at_ && now > *heartbeat_at_) {
        heartbeats_.push_back(now - *heartbeat_at_);
        if (heartbeats_.size() > heartbeats_kept) heartbeats_.pop_front();
    }
    heartbeat_at_ = now;
}

std::optional<Duration> Writer::heartbeat() const {
    if (heartbeats_.size() < 2) return std::nullopt;
    return *std::max_element(heartbeats_.begin(), heartbeats_.end());
}

Task<Result<Kept>> Writer::append(Record record, std::optional<SourceMark> mark) {
    const bool recovered = record.facts.contains("recovered");
    auto appended = co_await sink_->append(std::move(record), std::move(mark));
    if (!appended) {
        if (appended.error().fault() == Fault::malformed) ++status_.malformed;
        co_return std::move(appended).error();
    }
    if (appended->repeated) {
        ++status_.repeats;
        co_return Kept::repeated;
    }
    ++status_.events;
    if (recovered) ++status_.recovered;
    co_return Kept::stored;
}

Task<Done> Writer::tell(Record record, std::optional<SourceMark> mark) {
    auto appended = co_await sink_->append(std::move(record), std::move(mark));
    if (!appended) co_return std::move(appended).error();
    co_return Done();
}

Task<Result<Kept>> Writer::write(Arrival arrival, Way way) {
    if (sink_ == nullptr) co_return Error(Fault::busy, "not started");
    if (way != Way::search) heard();
    const auto held = co_await turn_.take();
    const auto heard_at = surroundings_.clock.now();
    auto taken = intake_.take(std::move(arrival), way, heard_at, surroundings_.clock.steady_now(), clock_reading(), run_.generation());
    if (taken.what == Taken::What::heartbeat) learn_heartbeat();
    if (taken.what != Taken::What::record) co_return Kept::skipped;
    if (taken.serial) co_return co_await write_serial(std::move(taken), way);
    if (taken.record.device_key) co_return co_await write_plate(std::move(taken), way);
    co_return co_await append(std::move(taken.record), std::nullopt);
}

Task<Result<Kept>> Writer::write_serial(Taken taken, Way way) {
    const auto serial = *taken.serial;
    if (serial == 0) co_return co_await append(std::move(taken.record), std::nullopt); // a number that is none
    const auto second = taken.second;
    const auto fingerprint = fingerprint_of(taken.record.same_as);
    if (run_.is_stored(serial, fingerprint)) {
        if (way != Way::search) ++status_.repeats; // a search overlaps on purpose
        co_return Kept::repeated;
    }
    const bool is_kept_anyway = taken.replay || (way == Way::search && keeps_contradictions_);
    if (!is_kept_anyway && run_.looks_restarted(serial, fingerprint, second)) {
        if (way == Way::search) co_return Kept::deferred;
        if (!search_missing_) {
            restart_suspected_ = true;
            catch_up_wanted_.set();
            co_return Kept::deferred;
        }
        log::warning("isapi", "the device counts its events anew", {{"device", device_.id}, {"serial", serial}});
        run_.restart();
        run_.begin_after(serial - 1);
        taken.record.device_key = DeviceKey{serial, run_.generation()};
    }
    // The device names the event before this one: if that is our last, the numbers between were never given.
    if (taken.front_serial && run_.known() && *taken.front_serial == run_.number() && serial > run_.number() + 1) run_.pass_over(serial - 1);
    if (search_missing_ && way != Way::search) {
        // What was missed cannot be asked for: it is counted here and now.
        if (!run_.known()) run_.begin_after(serial - 1);
        if (run_.place_of(serial) == SerialRun::Place::ahead) {
            const SerialRun::Hole hole{run_.number() + 1, serial - 1};
            std::string cause = "the device has no memory to search";
            auto told = co_await give_up_held(hole, hole.last - hole.first + 1, std::move(cause));
            if (!told) co_return std::move(told).error();
        }
    }
    if (run_.place_of(serial) == SerialRun::Place::ahead && way != Way::search) catch_up_wanted_.set();
    auto mark = run_.mark_with(serial, fingerprint, second);
    auto kept = co_await append(std::move(taken.record), std::move(mark));
    if (kept)
        run_.stored(serial, fingerprint, second);
    else
        catch_up_wanted_.set();
    co_return std::move(kept);
}

bool Writer::is_plate_repeat(const Taken& taken) {
    const auto lane = number_at(taken.record.facts, "lane").value_or(0);
    // Equal seconds give equal keys, and the store tells those.
    return std::any_of(seen_plates_.begin(), seen_plates_.end(), [&](const SeenPlate& seen) {
        const auto apart = std::chrono::abs(seen.second - *taken.second);
        return seen.subject == taken.record.subject && seen.lane == lane && apart > Duration(0) && apart <= same_plate_within;
    });
}

Task<Result<Kept>> Writer::write_plate(Taken taken, Way way) {
    const auto second = taken.second;
    if (way == Way::search && second && is_plate_repeat(taken)) {
        ++status_.repeats;
        co_return Kept::repeated;
    }
    if (second) {
        seen_plates_.push_back(SeenPlate{taken.record.subject, number_at(taken.record.facts, "lane").value_or(0), *second});
        if (seen_plates_.size() > seen_plates_max) seen_plates_.pop_front();
    }
    // Only plates that were read stand in the camera's memory for sure, so only they are a point to search from.
    std::optional<SourceMark> mark;
    bool moves = taken.plate && second && !taken.replay && (way == Way::search || plates_whole_);
    // A search overlaps what we have; it goes back behind the mark only if the camera's clock went back.
    const auto device_now = surroundings_.clock.now() + Duration(offset_us_.value_or(0));
    if (way == Way::search && moves && plates_until_ && *second < *plates_until_ && *plates_until_ <= device_now) moves = false;
    if (moves) mark = SourceMark{0, 0, to_text(*second)};
    auto kept = co_await append(std::move(taken.record), std::move(mark));
    if (kept && moves) plates_until_ = second;
    if (!kept) {
        plates_whole_ = false;
        catch_up_wanted_.set();
    }
    co_return std::move(kept);
}

Task<Done> Writer::give_up(SerialRun::Hole hole, std::optional<std::uint64_t> count, std::string cause) {
    const auto held = co_await turn_.take();
    co_return co_await give_up_held(hole, count, std::move(cause));
}

Task<Done> Writer::give_up_held(SerialRun::Hole hole, std::optional<std::uint64_t> count, std::string cause) {
    Record gap = record_now(Kind::gap);
    gap.facts["of"] = device_.id;
    gap.facts["cause"] = cause;
    if (count) gap.facts["count"] = static_cast<std::int64_t>(*count);
    gap.facts["count_known"] = count.has_value();
    gap.facts["first"] = static_cast<std::int64_t>(hole.first);
    gap.facts["last"] = static_cast<std::int64_t>(hole.last);
    gap.facts["generation"] = static_cast<std::int64_t>(run_.generation());
    if (run_.second()) gap.facts["from"] = to_text(*run_.second());
    auto mark = run_.mark_past(hole.last);
    auto told = co_await tell(std::move(gap), std::move(mark));
    if (!told) co_return told;
    run_.pass_over(hole.last);
    status_.lost += count.value_or(0);
    co_return Done();
}

Task<Done> Writer::expire() {
    auto ends = intake_.expire(surroundings_.clock.now(), surroundings_.clock.steady_now(), clock_reading());
    for (auto& record : ends) {
        const auto held = co_await turn_.take();
        auto kept = co_await append(std::move(record), std::nullopt);
        if (!kept) co_return std::move(kept).error();
    }
    co_return Done();
}

} // namespace gatehouse::drivers::isapi
