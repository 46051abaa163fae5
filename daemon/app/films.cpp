// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/films.hpp"

#include "pipelines/playback/plan.hpp"
#include "pipelines/playback/scan.hpp"

#include <unordered_map>

namespace gatehouse::app {

namespace {

namespace playback = pipelines::playback;

/// A plan and the names of the files that it numbers. Immutable.
struct Planned {
    playback::Plan plan;
    std::string camera;
    std::unordered_map<std::uint64_t, std::string> files;
};

class PlannedFilm final : public console::Film {
public:
    PlannedFilm(Loop& loop, Executor& pool, store::Recordings& recordings, std::shared_ptr<const Planned> planned)
        : loop_(loop), pool_(pool), recordings_(recordings), planned_(std::move(planned)) {}

    std::uint64_t bytes() const override { return planned_->plan.bytes(); }
    Digest tag() const override { return planned_->plan.tag(); }
    std::string codecs() const override { return planned_->plan.codecs(); }
    Time begins_at() const override { return planned_->plan.begins_at(); }
    Time ends_at() const override { return planned_->plan.ends_at(); }
    std::optional<Time> next_at() const override { return planned_->plan.next_at(); }
    Task<Result<Bytes>> read(std::uint64_t offset, std::size_t bytes_max) override {
        std::function<Result<Bytes>()> work = [planned = planned_, &recordings = recordings_, offset, bytes_max] {
            const playback::ReadSegment read = [&](std::uint64_t number, std::uint64_t from, std::size_t bytes) {
                return recordings.read_file(planned->camera, planned->files.at(number), from, bytes);
            };
            return planned->plan.read(offset, bytes_max, read);
        };
        co_return co_await run_on<Result<Bytes>>(loop_, pool_, std::move(work));
    }

private:
    Loop& loop_;
    Executor& pool_;
    store::Recordings& recordings_;
    std::shared_ptr<const Planned> planned_;
};

using Made = std::shared_ptr<const Planned>;

/// On the pool: a day has 86,000 fragments.
Result<Made> plan_of(const std::vector<store::RecordedFootage>& rows, const std::string& camera, Time from, Time to) {
    std::vector<std::shared_ptr<const playback::Footage>> footage;
    std::unordered_map<std::uint64_t, std::string> files;
    for (const auto& row : rows) {
        playback::Footage one;
        one.segment = static_cast<std::uint64_t>(row.segment.id); // the tag rests on it: never used twice
        one.started_at = row.segment.started_at;
        one.init = row.init;
        one.fragments = row.fragments;
        files.emplace(one.segment, row.segment.file);
        footage.push_back(std::make_shared<const playback::Footage>(std::move(one)));
    }
    auto plan = playback::Plan::make(footage, from, to);
    if (!plan) return std::move(plan).error();
    return Made(std::make_shared<const Planned>(Planned{std::move(*plan), camera, std::move(files)}));
}

} // namespace

store::ScanRecording recording_scan() {
    return [](std::uint64_t file_bytes, const store::ReadRecording& read) -> Result<pipelines::Segment> {
        auto scanned = playback::scan(file_bytes, read);
        if (!scanned) return std::move(scanned).error();
        return playback::segment_of(*scanned);
    };
}

Task<Result<std::shared_ptr<console::Film>>> Films::make(std::string camera, std::string stream, Time from, Time to) {
    auto rows = co_await recordings_.footage(camera, std::move(stream), from, to);
    if (!rows) co_return std::move(rows).error();
    std::function<Result<Made>()> work = [rows = std::make_shared<std::vector<store::RecordedFootage>>(std::move(*rows)), camera, from, to] {
        return plan_of(*rows, camera, from, to);
    };
    auto made = co_await run_on<Result<Made>>(loop_, pool_, std::move(work));
    if (!made) co_return std::move(made).error();
    co_return std::shared_ptr<console::Film>(std::make_shared<PlannedFilm>(loop_, pool_, recordings_, std::move(*made)));
}

} // namespace gatehouse::app
