// SPDX-License-Identifier: Apache-2.0
//
// Recordings on a disk in memory beside a real log, fed with files that ffmpeg made.
#pragma once

#include "daemon/store/recordings.hpp"
#include "pipelines/link/segment_name.hpp"
#include "pipelines/playback/scan.hpp"
#include "tests/fixtures/clips.hpp"
#include "tests/unit/daemon/store/world.hpp"

namespace gatehouse::store {

inline ScanRecording playback_scan() {
    return [](std::uint64_t file_bytes, const ReadRecording& read) -> Result<pipelines::Segment> {
        auto scanned = pipelines::playback::scan(file_bytes, read);
        if (!scanned) return std::move(scanned).error();
        return pipelines::playback::segment_of(*scanned);
    };
}

struct Shelf {
    explicit Shelf(World& of) : world(of) {
        options.directory = "/log";
        options.folder = "/video";
        options.vfs = world.disk.name();
        options.rules.reserve_bytes = 0;
    }

    World& world;
    RecordingOptions options;
    std::unique_ptr<Recordings> recordings;

    void make() {
        RecordingParts parts{world.loop, world.clock,  world.entropy,   world.disk.files(),   world.loop,
                             world.loop, *world.store, playback_scan(), world.keys.signing(), {}};
        recordings = std::make_unique<Recordings>(options, std::move(parts));
    }
    /// As at a start of the daemon.
    Result<Reconciled> start() {
        make();
        return world.await(recordings->reconcile());
    }
    Reconciled must_start() {
        auto report = start();
        REQUIRE_MESSAGE(report.has_value(), (report ? std::string() : report.error().what()));
        return std::move(*report);
    }

    /// What a worker does: the file, synced, and then what it says of it.
    pipelines::Segment write(const std::string& camera, Time started_at, const Bytes& bytes = fixtures::clip({.seconds = 2}),
                             const std::string& stream = "main") {
        const ReadRecording read = [&](std::uint64_t offset, std::size_t size) -> Result<Bytes> {
            const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(offset, bytes.size()));
            return Bytes(from, from + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(size, static_cast<std::uint64_t>(bytes.end() - from))));
        };
        auto scanned = playback_scan()(bytes.size(), read);
        REQUIRE(scanned.has_value());
        auto segment = std::move(*scanned);
        segment.camera = camera;
        segment.stream = stream;
        segment.file = pipelines::to_text(pipelines::SegmentName{started_at, stream});
        segment.bytes = bytes.size();
        segment.sha256 = sha256(bytes);
        segment.started_at = started_at;
        const auto& last = segment.fragments.back();
        segment.ended_at = started_at + Duration((last.start_ticks + last.duration_ticks) * 1'000'000 / segment.timescale);
        segment.end = "rolled";
        (void)world.disk.files().write(path(segment), bytes);
        return segment;
    }
    std::string path(const pipelines::Segment& segment) const { return options.folder + "/" + segment.camera + "/" + segment.file; }
    pipelines::Segment must_record(const std::string& camera, Time started_at, const Bytes& bytes = fixtures::clip({.seconds = 2})) {
        auto segment = write(camera, started_at, bytes);
        const auto added = world.await(recordings->add(segment));
        REQUIRE_MESSAGE(added.has_value(), (added ? std::string() : added.error().what()));
        return segment;
    }
    RecordingCheck check() {
        auto report = world.await(recordings->check(true));
        REQUIRE_MESSAGE(report.has_value(), (report ? std::string() : report.error().what()));
        return *report;
    }
    std::vector<json::object> records_of(Kind kind) {
        std::vector<json::object> found;
        for (const auto& record : world.all())
            if (record.kind == kind) found.push_back(parse_json(record.facts)->as_object());
        return found;
    }
};

} // namespace gatehouse::store
