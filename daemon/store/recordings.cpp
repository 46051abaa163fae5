// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/recordings.hpp"

#include "daemon/base/log.hpp"
#include "daemon/store/connections.hpp"
#include "daemon/store/log_writer.hpp"

#include <algorithm>
#include <deque>
#include <set>

namespace gatehouse::store {

namespace {

constexpr std::size_t footage_rows_max = 20'000; ///< segments of one playback: a day of seconds-long ones
constexpr Duration forecast_every = std::chrono::hours(1);
constexpr Duration loss_told_every = std::chrono::hours(1);
constexpr Duration rate_measured_over = std::chrono::hours(24);
constexpr std::string_view floor_at_risk = "recording.floor_at_risk", floor_broken = "recording.floor_broken", disk_full = "recording.disk_full",
                           index_failed = "recording.index_failed";

} // namespace

struct Recordings::Inside : std::enable_shared_from_this<Recordings::Inside> {
    Inside(RecordingOptions o, RecordingParts p)
        : options(std::move(o)), parts(std::move(p)), index_path(options.directory + "/recordings.db"), readers(index_path, options.vfs),
          keeper({index_path, options.vfs, options.folder}, parts.files, parts.entropy, parts.scan) {}

    RecordingOptions options;
    RecordingParts parts;
    std::string index_path;
    Connections readers;
    RecordingKeeper keeper; ///< writer's thread

    // Loop.
    std::deque<pipelines::Segment> waiting;
    RecordingForecast forecast;
    bool is_full = false;
    std::string fault;
    std::set<std::string_view> raised;
    std::vector<RecordingGap> untold; ///< taken by the full disk, told at most once an hour
    std::optional<Instant> told_at;

    bool may_delete_by_time() const { return parts.may_delete_by_time ? parts.may_delete_by_time() : parts.clock.quality() == ClockQuality::synced; }

    template <class T>
    Task<T> write(std::function<T(RecordingKeeper&)> work) {
        auto self = shared_from_this();
        std::function<T()> there = [self, work = std::move(work)]() { return work(self->keeper); };
        auto& loop = parts.loop;
        auto& writer = parts.writer;
        co_return co_await run_on<T>(loop, writer, std::move(there));
    }
    template <class T>
    Task<Result<T>> look(std::function<Result<T>(Connection&)> work) {
        auto self = shared_from_this();
        std::function<Result<T>()> there = [self, work = std::move(work)]() -> Result<T> {
            auto lease = self->readers.take();
            if (!lease) return std::move(lease).error();
            auto answer = work(**lease);
            if (!answer && is_disk_fault(answer.error())) lease->mark_bad();
            return answer;
        };
        auto& loop = parts.loop;
        auto& pool = parts.pool;
        co_return co_await run_on<Result<T>>(loop, pool, std::move(there));
    }

    Record record(Kind kind) const {
        Record made;
        made.kind = kind;
        made.heard_at = parts.clock.now();
        made.clock = parts.clock.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
        made.source = "gateway";
        return made;
    }
    void tell_of(const RecordingGap& gap) {
        auto made = record(Kind::recording_gap);
        made.source = gap.camera;
        made.facts = {{"camera", gap.camera}, {"cause", gap.cause}, {"from", to_text(gap.from)}, {"to", to_text(gap.to)}};
        parts.sink.hand_over(std::move(made));
    }
    /// Raised once, cleared once.
    void alarm(std::string_view code, bool is_on, const std::string& cause) {
        if (is_on == raised.contains(code)) return;
        if (is_on)
            raised.insert(code);
        else
            raised.erase(code);
        auto made = record(is_on ? Kind::alarm_raised : Kind::alarm_cleared);
        made.facts = {{"code", code}};
        if (is_on && !cause.empty()) made.facts["cause"] = cause;
        parts.sink.hand_over(std::move(made));
    }

    Task<Done> insert(pipelines::Segment segment) {
        std::function<Result<std::int64_t>(RecordingKeeper&)> work = [segment = std::move(segment)](RecordingKeeper& k) { return k.add(segment); };
        auto added = co_await write<Result<std::int64_t>>(std::move(work));
        if (!added) co_return std::move(added).error();
        co_return Done();
    }
    Task<void> insert_waiting();
    Task<void> pass();
    Task<void> tend_retention();
    Task<void> tend_forecast();
    void tell_of_losses(bool at_once);
    Task<Result<RemovalReport>> keep_retention();
    Task<Result<RecordingForecast>> look_ahead();
};

Recordings::Recordings(RecordingOptions options, RecordingParts parts) : inside_(std::make_shared<Inside>(std::move(options), std::move(parts))) {}
Recordings::~Recordings() = default;

const std::string& Recordings::folder() const { return inside_->options.folder; }
const RecordingRules& Recordings::rules() const { return inside_->options.rules; }

Task<Result<Reconciled>> Recordings::reconcile() {
    auto inside = inside_;
    std::function<Result<Reconciled>(RecordingKeeper&)> work = [](RecordingKeeper& keeper) -> Result<Reconciled> {
        if (auto opened = keeper.open(); !opened) return std::move(opened).error();
        return keeper.reconcile();
    };
    auto report = co_await inside->write<Result<Reconciled>>(std::move(work));
    inside->fault = report ? std::string() : report.error().what();
    inside->alarm(index_failed, !report, inside->fault);
    if (!report) co_return std::move(report).error();
    for (const auto& gap : report->missing) inside->tell_of(gap);
    if (report->adopted + report->removed + report->finished + report->left + report->missing.size() > 0)
        log::warning("recordings", "what a crash left was put in order",
                     {{"adopted", std::to_string(report->adopted)},
                      {"removed", std::to_string(report->removed)},
                      {"finished", std::to_string(report->finished)},
                      {"left", std::to_string(report->left)},
                      {"missing", std::to_string(report->missing.size())}});
    co_return std::move(*report);
}

Task<Done> Recordings::add(pipelines::Segment segment) {
    auto inside = inside_;
    auto again = segment;
    auto added = co_await inside->insert(std::move(segment));
    if (added || !is_disk_fault(added.error())) co_return added;
    inside->fault = added.error().what();
    inside->alarm(index_failed, true, inside->fault);
    // A start would adopt it; until then it waits here. Beyond the bound it is left to that start.
    if (inside->waiting.size() < waiting_segments_max) inside->waiting.push_back(std::move(again));
    co_return added;
}

Task<Done> Recordings::note_gap(RecordingGap gap) {
    std::function<Done(RecordingKeeper&)> work = [gap = std::move(gap)](RecordingKeeper& keeper) { return keeper.note_gap(gap); };
    co_return co_await inside_->write<Done>(std::move(work));
}

Task<Result<RecordingsWithin>> Recordings::within(std::string camera, std::string stream, Time from, Time to) {
    const auto now = inside_->parts.clock.now();
    std::function<Result<RecordingsWithin>(Connection&)> work = [=](Connection& c) -> Result<RecordingsWithin> {
        auto segments = segments_within(c, camera, stream, from, to, spans_rows_max);
        if (!segments) return std::move(segments).error();
        auto gaps = gaps_within(c, camera, stream, from, to);
        if (!gaps) return std::move(gaps).error();
        auto locks = locks_of(c, camera);
        if (!locks) return std::move(locks).error();
        RecordingsWithin answer;
        answer.is_whole = segments->size() < spans_rows_max && gaps->size() < gaps_max;
        const auto end = answer.is_whole || segments->empty() ? to : std::min(to, segments->back().ended_at);
        // A segment is told of when it is whole; what lies behind the last one is still open until a gap says otherwise.
        const auto last = segments->empty() ? from : segments->back().ended_at;
        const auto spoken_of = gaps->empty() ? from : gaps->back().to;
        constexpr Duration open_max = std::chrono::minutes(5); // no segment is open for longer
        answer.spans = recording_spans(*segments, *gaps, from, end, std::min(end, std::max({last, spoken_of, now - open_max})));
        for (auto& lock : *locks)
            if (lock.from < to && lock.to > from) answer.locks.push_back(std::move(lock));
        return answer;
    };
    co_return co_await inside_->look<RecordingsWithin>(std::move(work));
}

Task<Result<std::vector<RecordedFootage>>> Recordings::footage(std::string camera, std::string stream, Time from, Time to) {
    using All = std::vector<RecordedFootage>;
    std::function<Result<All>(Connection&)> work = [=](Connection& c) { return footage_within(c, camera, stream, from, to, footage_rows_max); };
    co_return co_await inside_->look<All>(std::move(work));
}

Result<Bytes> Recordings::read_file(const std::string& camera, const std::string& file, std::uint64_t offset, std::size_t bytes) const {
    expects(is_plain_name(camera) && is_plain_name(file), "a recording is named by its row");
    return inside_->parts.files.read_at(inside_->options.folder + "/" + camera + "/" + file, offset, bytes);
}

Task<Result<std::int64_t>> Recordings::add_lock(RecordingLock lock) {
    lock.made_at = inside_->parts.clock.now();
    std::function<Result<std::int64_t>(RecordingKeeper&)> work = [lock = std::move(lock)](RecordingKeeper& keeper) { return keeper.add_lock(lock); };
    co_return co_await inside_->write<Result<std::int64_t>>(std::move(work));
}

Task<Done> Recordings::remove_lock(std::string camera, std::int64_t id) {
    std::function<Done(RecordingKeeper&)> work = [camera = std::move(camera), id](RecordingKeeper& keeper) { return keeper.remove_lock(camera, id); };
    co_return co_await inside_->write<Done>(std::move(work));
}

Task<Result<std::vector<RecordingLock>>> Recordings::locks(std::string camera) {
    using All = std::vector<RecordingLock>;
    std::function<Result<All>(Connection&)> work = [camera = std::move(camera)](Connection& c) { return locks_of(c, camera); };
    co_return co_await inside_->look<All>(std::move(work));
}

Task<Result<std::shared_ptr<RecordingExport>>> Recordings::make_export(ExportOrder order) {
    auto inside = inside_;
    if (order.made_at == Time()) order.made_at = inside->parts.clock.now();
    using Made = std::shared_ptr<RecordingExport>;
    std::function<Result<Made>(Connection&)> work = [inside, order = std::move(order)](Connection& c) -> Result<Made> {
        auto segments = segments_within(c, order.camera, order.stream, order.from, order.to, export_segments_max + 1);
        if (!segments) return std::move(segments).error();
        auto gaps = gaps_within(c, order.camera, order.stream, order.from, order.to);
        if (!gaps) return std::move(gaps).error();
        const auto spans = recording_spans(*segments, *gaps, order.from, order.to, std::min(order.to, order.made_at));
        auto made = RecordingExport::make(order, std::move(*segments), spans, inside->parts.signing);
        if (!made) return std::move(made).error();
        return std::make_shared<RecordingExport>(std::move(*made));
    };
    co_return co_await inside->look<Made>(std::move(work));
}

Task<Result<Bytes>> Recordings::next_of(std::shared_ptr<RecordingExport> made) {
    auto inside = inside_;
    std::function<Result<Bytes>()> work = [inside, made = std::move(made)] {
        return made->next([&](const RecordedSegment& segment, std::uint64_t offset, std::size_t bytes) {
            return inside->parts.files.read_at(inside->options.folder + "/" + segment.camera + "/" + segment.file, offset, bytes);
        });
    };
    auto& loop = inside->parts.loop;
    auto& pool = inside->parts.pool;
    co_return co_await run_on<Result<Bytes>>(loop, pool, std::move(work));
}

Task<Result<RecordingStatus>> Recordings::status() {
    auto inside = inside_;
    using All = std::vector<CameraUsage>;
    std::function<Result<All>(Connection&)> work = [](Connection& c) { return usages(c); };
    auto cameras = co_await inside->look<All>(std::move(work));
    RecordingStatus status;
    status.as_of = inside->parts.clock.now();
    if (cameras) status.cameras = std::move(*cameras);
    status.forecast = inside->forecast;
    status.waiting = inside->waiting.size();
    status.is_full = inside->is_full;
    status.fault = inside->fault;
    // A disk that was never there has no index to look at: that is what there is to tell, not a reason to tell nothing.
    if (!cameras && status.fault.empty()) status.fault = cameras.error().what();
    co_return status;
}

Task<Result<RecordingCheck>> Recordings::check(bool hashes) {
    auto inside = inside_;
    std::function<Result<RecordingCheck>(Connection&)> work = [inside, hashes](Connection& c) {
        return check_recordings(c, inside->parts.files, inside->options.folder, hashes);
    };
    co_return co_await inside->look<RecordingCheck>(std::move(work));
}

Task<Result<RemovalReport>> Recordings::Inside::keep_retention() {
    const auto rules = options.rules;
    const auto now = parts.clock.now();
    const auto may = may_delete_by_time();
    const auto ahead = forecast.bytes_per_day / 24;
    std::function<Result<RemovalReport>(RecordingKeeper&)> work = [=](RecordingKeeper& k) { return k.keep_retention(rules, now, may, ahead); };
    auto report = co_await write<Result<RemovalReport>>(std::move(work));
    if (!report) {
        fault = report.error().what();
        alarm(index_failed, true, fault);
        co_return std::move(report).error();
    }
    fault.clear();
    alarm(index_failed, false, {});
    is_full = report->is_full;
    alarm(disk_full, is_full, "the recordings' disk is full, and all that is on it is locked");
    if (report->before_floor) alarm(floor_broken, true, "the full disk took recordings before their time");
    untold.insert(untold.end(), report->lost.begin(), report->lost.end());
    tell_of_losses(false);
    co_return std::move(*report);
}

/// Each camera's span that the disk took, as one record.
void Recordings::Inside::tell_of_losses(bool at_once) {
    const auto now = parts.clock.steady_now();
    if (untold.empty() || (!at_once && told_at && now - *told_at < loss_told_every)) return;
    told_at = now;
    std::map<std::pair<std::string, std::string>, RecordingGap> spans;
    for (const auto& gap : untold) {
        auto& span = spans.try_emplace({gap.camera, gap.stream}, gap).first->second;
        span.from = std::min(span.from, gap.from);
        span.to = std::max(span.to, gap.to);
    }
    untold.clear();
    for (const auto& [key, span] : spans) tell_of(span);
}

Task<Result<RecordingForecast>> Recordings::Inside::look_ahead() {
    const auto now = parts.clock.now();
    using Rates = std::vector<CameraRate>;
    std::function<Result<Rates>(Connection&)> measuring = [now](Connection& c) -> Result<Rates> {
        auto held = usages(c);
        if (!held) return std::move(held).error();
        Rates rates;
        for (const auto& one : *held) {
            if (one.segments == 0) continue;
            CameraRate rate{one.camera, one.bytes, 0, std::max(Duration(0), now - one.oldest)};
            const auto over = std::clamp<Duration>(rate.held, std::chrono::minutes(1), rate_measured_over);
            auto written = bytes_since(c, one.camera, now - over);
            if (!written) return std::move(written).error();
            rate.bytes_per_day = static_cast<std::uint64_t>(static_cast<double>(*written) * 86.4e9 / static_cast<double>(over.count()));
            rates.push_back(std::move(rate));
        }
        return rates;
    };
    auto rates = co_await look<Rates>(std::move(measuring));
    if (!rates) co_return std::move(rates).error();
    forecast = foresee(*rates, options.rules, now, parts.files.free_bytes(options.folder));
    const bool is_at_risk = forecast.floor_breaks_at && *forecast.floor_breaks_at < now + recording_floor_risk;
    std::string cause;
    if (is_at_risk) {
        cause = "the disk does not hold what must be kept, from " + to_text(*forecast.floor_breaks_at).substr(0, 10) + " on:";
        constexpr std::size_t named_max = 16;
        for (std::size_t i = 0; i < std::min(named_max, forecast.floors_broken.size()); ++i) cause += " " + forecast.floors_broken[i];
    }
    alarm(floor_at_risk, is_at_risk, cause);
    if (!is_at_risk) alarm(floor_broken, false, {});
    co_return forecast;
}

Task<Result<RemovalReport>> Recordings::keep_retention() {
    auto inside = inside_;
    co_return co_await inside->keep_retention();
}
Task<Result<RecordingForecast>> Recordings::look_ahead() {
    auto inside = inside_;
    co_return co_await inside->look_ahead();
}

Task<void> Recordings::Inside::insert_waiting() {
    while (!waiting.empty()) {
        auto segment = waiting.front();
        auto added = co_await insert(std::move(segment));
        if (!added && is_disk_fault(added.error())) co_return;
        if (!added) log::warning("recordings", "a segment that waited was refused", {{"why", added.error().what()}});
        waiting.pop_front();
    }
}

Task<void> Recordings::Inside::tend_retention() {
    for (;;) {
        co_await parts.clock.sleep_for(options.retention_every);
        co_await insert_waiting();
        auto report = co_await keep_retention();
        if (!report) log::warning("recordings", "retention did not get through", {{"why", report.error().what()}});
    }
}

Task<void> Recordings::Inside::tend_forecast() {
    for (;;) {
        auto seen = co_await look_ahead();
        if (!seen) log::warning("recordings", "no forecast of the recordings' disk", {{"why", seen.error().what()}});
        co_await parts.clock.sleep_for(forecast_every);
    }
}

Task<void> Recordings::run() {
    auto inside = inside_;
    std::vector<Task<void>> tasks;
    tasks.push_back(inside->tend_retention());
    tasks.push_back(inside->tend_forecast());
    auto tending = all(std::move(tasks));
    std::function<Task<void>()> last = [inside]() -> Task<void> {
        inside->tell_of_losses(true);
        co_return;
    };
    co_await then_at_cancellation(std::move(tending), std::move(last));
}

} // namespace gatehouse::store
