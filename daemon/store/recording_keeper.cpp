// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/recording_keeper.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"
#include "daemon/store/log_writer.hpp"
#include "daemon/store/recording_packing.hpp"
#include "pipelines/link/segment_name.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::store {

namespace {

constexpr std::size_t recording_init_bytes_max = 256 * 1024;
constexpr std::size_t oldest_segments_max = 512; ///< of each camera, looked at in a round
constexpr int removal_rounds_max = 16;
constexpr std::size_t removed_at_once_max = 128; ///< marks in one commit
constexpr std::size_t removed_unmarked_max = 4;  ///< when there is no room for a mark
constexpr std::int64_t segment_seconds_max = 24 * 3600;
constexpr std::size_t text_bytes_max = 128;
constexpr Duration gaps_kept = std::chrono::hours(24) * 400;
const std::string disk_file = "recordings.disk";

Error malformed(const std::string& why) { return Error(Fault::malformed, "segment: " + why); }

/// What a worker says is bytes from outside: it reads hostile streams.
Done look_at(const pipelines::Segment& segment) {
    if (!is_plain_name(segment.camera) || !is_plain_name(segment.file)) return malformed("a camera or file that is no plain name");
    if (segment.stream != "main" && segment.stream != "sub") return malformed("a stream that is neither main nor sub");
    if (segment.codecs.size() > text_bytes_max || segment.end.size() > text_bytes_max || !is_utf8(segment.codecs) || !is_utf8(segment.end))
        return malformed("a text that is too long");
    if (segment.timescale == 0 || segment.timescale > 1'000'000) return malformed("a timescale that is none");
    if (segment.init_bytes == 0 || segment.init_bytes > recording_init_bytes_max || segment.init_bytes > segment.bytes)
        return malformed("an init part that is none");
    if (segment.started_at > segment.ended_at || segment.ended_at - segment.started_at > std::chrono::hours(24))
        return malformed("times that cannot be");
    if (segment.fragments.empty() || segment.fragments.size() > segment_fragments_max) return malformed("no fragments, or too many");
    const auto ticks_max = segment_seconds_max * static_cast<std::int64_t>(segment.timescale);
    std::uint64_t at = segment.init_bytes;
    std::int64_t start = 0;
    for (const auto& one : segment.fragments) {
        if (one.offset < at || one.bytes == 0 || one.offset > segment.bytes || one.bytes > segment.bytes - one.offset)
            return malformed("a fragment that is not in the file");
        if (one.start_ticks < start || one.start_ticks > ticks_max || one.duration_ticks > ticks_max)
            return malformed("a fragment at a time that cannot be");
        at = one.offset + one.bytes;
        start = one.start_ticks;
    }
    return {};
}

/// Begun here, committed at the end of `work`, or undone.
template <class Work>
Done in_transaction(Connection& c, Work work) {
    if (auto begun = c.run("begin immediate"); !begun) return begun;
    Done done = work();
    if (done) done = c.run("commit");
    if (!done) c.roll_back();
    return done;
}

std::vector<RecordingGap> joined(std::vector<RecordingGap> gaps) {
    const auto before = [](const RecordingGap& a, const RecordingGap& b) {
        return std::tie(a.camera, a.stream, a.from) < std::tie(b.camera, b.stream, b.from);
    };
    std::sort(gaps.begin(), gaps.end(), before);
    std::vector<RecordingGap> made;
    for (auto& gap : gaps) {
        const bool joins = !made.empty() && made.back().camera == gap.camera && made.back().stream == gap.stream && made.back().cause == gap.cause &&
                           gap.from - made.back().to <= std::chrono::seconds(2);
        if (joins)
            made.back().to = std::max(made.back().to, gap.to);
        else
            made.push_back(std::move(gap));
    }
    return made;
}

bool is_locked(const RecordedSegment& segment, const std::vector<RecordingLock>& locks, Time now) {
    return std::any_of(locks.begin(), locks.end(), [&](const RecordingLock& lock) {
        return lock.camera == segment.camera && lock.until > now && lock.from < segment.ended_at && lock.to > segment.started_at;
    });
}

} // namespace

bool is_plain_name(std::string_view name) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    };
    return !name.empty() && name.size() <= text_bytes_max && name.front() != '.' && std::all_of(name.begin(), name.end(), is_plain);
}

RecordingKeeper::RecordingKeeper(Place place, Files& files, Entropy& entropy, ScanRecording scan)
    : place_(std::move(place)), files_(files), entropy_(entropy), scan_(std::move(scan)) {}

Done RecordingKeeper::open() {
    connection_.close();
    if (auto made = files_.make_folder(place_.folder); !made) return std::move(made).error().during("making the recordings' folder");
    auto opened = open_recording_index(place_.index, place_.vfs);
    if (!opened) return std::move(opened).error();
    if (auto written = opened->checkpoint_truncate(); !written && written.error().fault() != Fault::busy) return written;
    if (auto there = look_at_disk(*opened); !there) return there;
    connection_ = std::move(*opened);
    return {};
}

/// The index and the folder know each other by an id that stands in both (R5).
Done RecordingKeeper::look_at_disk(Connection& c) {
    constexpr std::size_t disk_id_bytes_max = 256;
    const auto path = place_.folder + "/" + disk_file;
    auto known = c.text("select id from disk");
    if (!known && known.error().fault() != Fault::gone) return std::move(known).error();
    auto there = files_.read(path, disk_id_bytes_max);
    if (!there && there.error().fault() != Fault::gone) return std::move(there).error();
    if (there) {
        const std::string id(trimmed(as_text(*there)));
        if (known && id == *known) return {};
        if (known) return Error(Fault::gone, "another recordings' disk is mounted at " + place_.folder + " than the index speaks of");
        // An index that was lost: what lies on the disk is adopted under its own id.
        auto row = c.use("insert into disk (one, id) values (1, ?)");
        if (!row) return std::move(row).error();
        (*row)->bind(1, std::string_view(id));
        return (*row)->run();
    }
    if (known) {
        auto rows = c.number("select coalesce(sum(segments), 0) from usage");
        if (!rows) return std::move(rows).error();
        if (*rows > 0) return Error(Fault::gone, "the recordings' disk is not mounted at " + place_.folder);
        return files_.write(path, as_bytes(*known + "\n"));
    }
    Bytes random(16);
    entropy_.fill(random);
    const auto id = to_hex(random);
    if (auto written = files_.write(path, as_bytes(id + "\n")); !written) return written;
    auto row = c.use("insert into disk (one, id) values (1, ?)");
    if (!row) return std::move(row).error();
    (*row)->bind(1, std::string_view(id));
    return (*row)->run();
}

template <class Work>
auto RecordingKeeper::with_index(Work work) -> decltype(work(std::declval<Connection&>())) {
    if (!connection_.is_open())
        if (auto opened = open(); !opened) return std::move(opened).error();
    auto answer = work(connection_);
    if (!answer && is_disk_fault(answer.error())) {
        connection_.roll_back();
        connection_.close();
    }
    return answer;
}

Result<std::int64_t> RecordingKeeper::insert(Connection& c, const pipelines::Segment& segment, ByteView init) {
    std::int64_t id = 0;
    auto done = in_transaction(c, [&]() -> Done {
        auto inserted = insert_segment(c, segment, init);
        if (!inserted) return std::move(inserted).error();
        id = *inserted;
        return {};
    });
    if (!done) return std::move(done).error();
    return id;
}

Result<std::int64_t> RecordingKeeper::add(const pipelines::Segment& segment) {
    if (auto good = look_at(segment); !good) return std::move(good).error();
    const auto path = path_of(segment.camera, segment.file);
    if (files_.size(path) != segment.bytes)
        return Error(Fault::malformed, segment.file + " of " + segment.camera + " has " + std::to_string(files_.size(path)) + " bytes, " +
                                           std::to_string(segment.bytes) + " were said");
    auto init = files_.read_at(path, 0, segment.init_bytes);
    if (!init) return std::move(init).error();
    if (init->size() != segment.init_bytes) return malformed("a file shorter than its init part");
    return with_index([&](Connection& c) { return insert(c, segment, *init); });
}

Done RecordingKeeper::note_gap(const RecordingGap& gap) {
    if (!is_plain_name(gap.camera) || gap.cause.size() > text_bytes_max) return malformed("a gap of no camera");
    return with_index([&](Connection& c) { return insert_gap(c, gap); });
}

Result<std::int64_t> RecordingKeeper::add_lock(const RecordingLock& lock) {
    if (!is_plain_name(lock.camera) || lock.from >= lock.to) return Error(Fault::malformed, "lock: a camera and a span expected");
    return with_index([&](Connection& c) -> Result<std::int64_t> {
        auto locks = locks_of(c, lock.camera);
        if (!locks) return std::move(locks).error();
        if (locks->size() >= camera_locks_max) return Error(Fault::full, "a camera has at most " + std::to_string(camera_locks_max) + " locks");
        return insert_lock(c, lock);
    });
}

Done RecordingKeeper::remove_lock(const std::string& camera, std::int64_t id) {
    return with_index([&](Connection& c) { return store::remove_lock(c, camera, id); });
}

/// R3: marked, removed, synced, and only then forgotten.
Done RecordingKeeper::remove(Connection& c, const std::vector<RecordedSegment>& going, const std::vector<RecordingGap>& gaps) {
    auto marked = in_transaction(c, [&]() -> Done {
        for (const auto& one : going)
            if (auto done = mark_going(c, one.id); !done) return done;
        for (const auto& gap : gaps)
            if (auto done = insert_gap(c, gap); !done) return done;
        return {};
    });
    if (!marked) return marked;
    return finish_removal(c, going);
}

/// The disk is so full that not even the mark finds room, and there is none but what the oldest files hold: they go first. A crash just now
/// leaves their rows, which the next start tells of as missing; recording that stops for ever would be worse.
Done RecordingKeeper::remove_without_room(Connection& c, const std::vector<RecordedSegment>& going, const std::vector<RecordingGap>& gaps) {
    for (std::size_t i = 0; i < std::min(going.size(), removed_unmarked_max); ++i) {
        if (auto removed = files_.remove(path_of(going[i].camera, going[i].file)); !removed) return removed;
        if (auto synced = files_.sync_folder(place_.folder + "/" + going[i].camera); !synced) return synced;
    }
    return remove(c, going, gaps);
}

Done RecordingKeeper::finish_removal(Connection& c, const std::vector<RecordedSegment>& going) {
    std::set<std::string> folders;
    for (const auto& one : going) {
        if (auto removed = files_.remove(path_of(one.camera, one.file)); !removed) return removed;
        folders.insert(one.camera);
    }
    for (const auto& camera : folders)
        if (auto synced = files_.sync_folder(place_.folder + "/" + camera); !synced && synced.error().fault() != Fault::gone) return synced;
    return in_transaction(c, [&]() -> Done {
        for (const auto& one : going)
            if (auto done = remove_going(c, one.id); !done) return done;
        return {};
    });
}

/// The file ends with its last whole fragment from now on, and the segment says all that a row holds.
Result<pipelines::Segment> RecordingKeeper::make_whole(const std::string& camera, const std::string& file, const pipelines::SegmentName& name,
                                                       pipelines::Segment segment) {
    const auto path = path_of(camera, file);
    segment.camera = camera;
    segment.stream = name.stream;
    segment.file = file;
    segment.started_at = name.started_at;
    const auto ticks = segment.fragments.back().start_ticks + std::int64_t{segment.fragments.back().duration_ticks};
    segment.ended_at = name.started_at + Duration(ticks * 1'000'000 / std::max<std::int64_t>(1, segment.timescale));
    if (auto good = look_at(segment); !good) return std::move(good).error();
    if (segment.bytes < files_.size(path))
        if (auto cut = files_.cut(path, segment.bytes); !cut) return std::move(cut).error();
    auto hash = files_.hash(path);
    if (!hash) return std::move(hash).error();
    segment.sha256 = *hash;
    return segment;
}

Done RecordingKeeper::adopt(Connection& c, const std::string& camera, const std::string& file, Reconciled& report) {
    if (file.ends_with(pipelines::unfinished_segment_ending)) return {}; // its worker's, who mends it and tells of it
    const auto path = path_of(camera, file);
    const auto name = pipelines::read_segment_name(file);
    if (!name) {
        ++report.left;
        log::warning("recordings", "a file that is not ours lies among the recordings", {{"camera", camera}, {"file", file}});
        return {};
    }
    const ReadRecording read = [&](std::uint64_t offset, std::size_t bytes) { return files_.read_at(path, offset, bytes); };
    auto segment = scan_(files_.size(path), read);
    const bool is_nothing = segment ? segment->fragments.empty() : segment.error().fault() == Fault::malformed;
    if (is_nothing) {
        log::warning("recordings", "a file without a whole fragment is removed", {{"camera", camera}, {"file", file}});
        if (auto removed = files_.remove(path); !removed) return removed;
        ++report.removed;
        return {};
    }
    auto whole = segment ? make_whole(camera, file, *name, std::move(*segment)) : std::move(segment);
    if (!whole) { // one file that cannot be read keeps nobody else from being found
        ++report.left;
        log::warning("recordings", "a file without a row cannot be taken up", {{"camera", camera}, {"file", file}, {"why", whole.error().what()}});
        return {};
    }
    auto init = files_.read_at(path, 0, whole->init_bytes);
    if (!init) return std::move(init).error();
    auto inserted = insert(c, *whole, *init);
    if (!inserted) return std::move(inserted).error();
    ++report.adopted;
    return {};
}

Done RecordingKeeper::reconcile_camera(Connection& c, const std::string& camera, Reconciled& report) {
    auto rows = segments_of_camera(c, camera);
    if (!rows) return std::move(rows).error();
    auto names = files_.list(place_.folder + "/" + camera);
    if (!names) {
        log::warning("recordings", "a camera's folder cannot be read", {{"camera", camera}, {"why", names.error().what()}});
        return {};
    }
    std::vector<RecordedSegment> going, gone;
    std::vector<std::string> orphans;
    auto name = names->begin();
    for (auto& [segment, is_going] : *rows) {
        for (; name != names->end() && *name < segment.file; ++name) orphans.push_back(*name);
        const bool is_there = name != names->end() && *name == segment.file;
        if (is_there) ++name;
        if (is_going)
            going.push_back(std::move(segment));
        else if (!is_there)
            gone.push_back(std::move(segment));
    }
    orphans.insert(orphans.end(), name, names->end());
    rows->clear();

    if (!going.empty()) {
        if (auto done = finish_removal(c, going); !done) return done;
        report.finished += going.size();
    }
    if (!gone.empty()) {
        std::vector<RecordingGap> gaps;
        for (const auto& one : gone) gaps.push_back({one.camera, one.stream, one.started_at, one.ended_at, "missing"});
        gaps = joined(std::move(gaps));
        if (auto done = remove(c, gone, gaps); !done) return done;
        report.missing.insert(report.missing.end(), gaps.begin(), gaps.end());
    }
    const auto removed_before = report.removed;
    for (const auto& file : orphans)
        if (auto done = adopt(c, camera, file, report); !done) return done;
    if (report.removed > removed_before) return files_.sync_folder(place_.folder + "/" + camera);
    return {};
}

Result<Reconciled> RecordingKeeper::reconcile() {
    return with_index([&](Connection& c) -> Result<Reconciled> {
        auto cameras = indexed_cameras(c);
        if (!cameras) return std::move(cameras).error();
        auto folders = files_.list(place_.folder);
        if (!folders) return std::move(folders).error();
        std::set<std::string> all(cameras->begin(), cameras->end());
        for (const auto& one : *folders)
            if (is_plain_name(one) && one != disk_file && !one.starts_with("recordings.db")) all.insert(one);
        Reconciled report;
        for (const auto& camera : all)
            if (auto done = reconcile_camera(c, camera, report); !done) return std::move(done).error().during("the recordings of " + camera);
        return report;
    });
}

Result<RemovalReport> RecordingKeeper::keep_retention(const RecordingRules& rules, Time now, bool may_delete_by_time, std::uint64_t ahead_bytes) {
    return with_index([&](Connection& c) -> Result<RemovalReport> {
        RemovalReport report;
        std::vector<RecordingGap> lost;
        for (int round = 0; round < removal_rounds_max; ++round) {
            RetentionScene scene;
            scene.now = now;
            scene.may_delete_by_time = may_delete_by_time;
            scene.free_bytes = files_.free_bytes(place_.folder);
            scene.ahead_bytes = ahead_bytes;
            auto held = usages(c);
            auto locks = all_locks(c);
            if (!held) return std::move(held).error();
            if (!locks) return std::move(locks).error();
            std::vector<RecordedSegment> oldest;
            for (const auto& one : *held) {
                scene.bytes_of[one.camera] = one.bytes;
                auto rows = oldest_segments(c, one.camera, oldest_segments_max);
                if (!rows) return std::move(rows).error();
                std::move(rows->begin(), rows->end(), std::back_inserter(oldest));
            }
            for (const auto& one : oldest)
                scene.held.push_back({one.id, one.camera, one.started_at, one.ended_at, one.bytes, is_locked(one, *locks, now)});
            const auto removals = plan_removal(scene, rules);
            report.is_full = removals.empty() && scene.free_bytes < rules.reserve_bytes;
            if (removals.empty()) break;
            for (std::size_t from = 0; from < removals.size(); from += removed_at_once_max) {
                std::vector<RecordedSegment> going;
                std::vector<RecordingGap> gaps;
                for (std::size_t i = from; i < std::min(removals.size(), from + removed_at_once_max); ++i) {
                    const auto& one = oldest[removals[i].segment];
                    if (removals[i].why == GoesFor::disk) gaps.push_back({one.camera, one.stream, one.started_at, one.ended_at, "retention"});
                    report.before_floor = report.before_floor || (removals[i].why == GoesFor::disk && removals[i].before_floor);
                    report.bytes += one.bytes;
                    going.push_back(one);
                }
                gaps = joined(std::move(gaps));
                auto done = remove(c, going, gaps);
                if (!done && done.error().fault() == Fault::full) done = remove_without_room(c, going, gaps);
                if (!done) return std::move(done).error();
                report.segments += going.size();
                lost.insert(lost.end(), gaps.begin(), gaps.end());
            }
        }
        report.lost = joined(std::move(lost));
        if (auto done = remove_old_gaps(c, now - gaps_kept); !done) return std::move(done).error();
        return report;
    });
}

Result<RecordingCheck> check_recordings(Connection& c, Files& files, const std::string& folder, bool hashes) {
    RecordingCheck report;
    const auto bad = [&](std::uint64_t& count, const std::string& camera, const std::string& file, std::string_view why) {
        ++count;
        if (report.first_bad.empty()) report.first_bad = camera + "/" + file + ": " + std::string(why);
    };
    auto cameras = indexed_cameras(c);
    if (!cameras) return std::move(cameras).error();
    auto folders = files.list(folder);
    if (!folders) return std::move(folders).error();
    std::set<std::string> all(cameras->begin(), cameras->end());
    for (const auto& one : *folders)
        if (is_plain_name(one) && one != disk_file && !one.starts_with("recordings.db")) all.insert(one);
    for (const auto& camera : all) {
        auto names = files.list(folder + "/" + camera);
        if (!names && names.error().fault() != Fault::gone) return std::move(names).error();
        if (!names) names = std::vector<std::string>(); // a file, where a folder could stand
        auto rows = segments_of_camera(c, camera);
        if (!rows) return std::move(rows).error();
        std::set<std::string> unowned(names->begin(), names->end());
        std::map<std::string, Time> newest;
        for (const auto& [segment, is_going] : *rows) {
            const bool is_there = unowned.erase(segment.file) > 0;
            newest[segment.stream] = std::max(newest[segment.stream], segment.started_at);
            if (is_going) {
                ++report.going;
                continue;
            }
            ++report.segments;
            report.bytes += segment.bytes;
            const auto path = folder + "/" + camera + "/" + segment.file;
            if (!is_there) {
                bad(report.missing, camera, segment.file, "no file");
            } else if (files.size(path) != segment.bytes) {
                bad(report.wrong_size, camera, segment.file, "another size");
            } else if (hashes) {
                auto hash = files.hash(path);
                if (!hash) return std::move(hash).error();
                ++report.hashed;
                if (*hash != segment.sha256) bad(report.wrong_hash, camera, segment.file, "another content");
            }
        }
        for (const auto& file : unowned) {
            if (file.ends_with(pipelines::unfinished_segment_ending)) continue;
            const auto name = pipelines::read_segment_name(file);
            const bool is_yet_to_be_told = name && name->started_at > newest[name->stream];
            if (!is_yet_to_be_told) bad(report.orphans, camera, file, "no row");
        }
    }
    return report;
}

} // namespace gatehouse::store
