// SPDX-License-Identifier: Apache-2.0
//
// R1 to R5 of daemon/store/README.md: rows and files, over crashes, full disks and disks that are not there.
#include "tests/unit/daemon/store/recordings_world.hpp"

#include <algorithm>
#include <set>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

const Bytes& two_seconds() { return fixtures::clip({.seconds = 2}); }

} // namespace

TEST_CASE("recordings: what a worker said of a segment comes back with init and fragments, and inits that are equal are one") {
    World world;
    world.open();
    Shelf shelf(world);
    shelf.must_start();
    const auto now = world.clock.now();
    const auto first = shelf.must_record("gate-1", now);
    shelf.must_record("gate-1", now + 2s);
    shelf.must_record("gate-2", now);
    auto footage = world.await(shelf.recordings->footage("gate-1", "main", now + 1s, now + 3s));
    REQUIRE(footage.has_value());
    REQUIRE(footage->size() == 2);
    const auto& one = footage->front();
    CHECK(one.segment.file == first.file);
    CHECK(one.segment.sha256 == first.sha256);
    CHECK(one.segment.codecs == first.codecs);
    REQUIRE(one.fragments.size() == 2);
    CHECK(one.fragments[1].offset == first.fragments[1].offset);
    CHECK(*one.init == Bytes(two_seconds().begin(), two_seconds().begin() + first.init_bytes));
    CHECK(footage->back().init == one.init);
    CHECK(world.await(shelf.recordings->footage("gate-1", "sub", now, now + 3s))->empty());
    const auto bytes = shelf.recordings->read_file("gate-1", first.file, first.fragments[0].offset, 8);
    REQUIRE(bytes.has_value());
    CHECK(std::string(bytes->begin() + 4, bytes->end()) == "moof");
    const auto check = shelf.check();
    CHECK(check.is_sound());
    CHECK(check.hashed == 3);
}

TEST_CASE("recordings: what cannot be is refused: names with a way out, files that are not as said, fragments outside them, twice the same") {
    World world;
    world.open();
    Shelf shelf(world);
    shelf.must_start();
    const auto good = shelf.write("gate-1", world.clock.now());
    const auto refuses = [&](auto change, Fault fault) {
        auto segment = good;
        change(segment);
        const auto added = world.await(shelf.recordings->add(segment));
        REQUIRE_FALSE(added.has_value());
        CHECK_MESSAGE(added.error().fault() == fault, added.error().what());
    };
    shelf.write("../log", world.clock.now()); // as if a file stood there
    refuses([](auto& s) { s.camera = "../log"; }, Fault::malformed);
    refuses([](auto& s) { s.camera = ".."; }, Fault::malformed);
    refuses([](auto& s) { s.file = "a/b.mp4"; }, Fault::malformed);
    refuses([](auto& s) { s.file.clear(); }, Fault::malformed);
    refuses([](auto& s) { s.stream = "third"; }, Fault::malformed);
    refuses([](auto& s) { s.bytes += 1; }, Fault::malformed);
    refuses([](auto& s) { s.timescale = 0; }, Fault::malformed);
    refuses([](auto& s) { s.fragments.back().bytes += 1'000'000; }, Fault::malformed);
    refuses([](auto& s) { s.fragments.back().offset = UINT64_MAX; }, Fault::malformed);
    refuses([](auto& s) { s.fragments.back().start_ticks = INT64_MAX; }, Fault::malformed);
    refuses([](auto& s) { std::swap(s.fragments[0], s.fragments[1]); }, Fault::malformed);
    refuses([](auto& s) { s.fragments.clear(); }, Fault::malformed);
    refuses([](auto& s) { s.init_bytes = UINT32_MAX; }, Fault::malformed);
    refuses([](auto& s) { s.ended_at = s.started_at + 25h; }, Fault::malformed);
    refuses([](auto& s) { s.file = "20260115T003012000Z-main.mp4"; }, Fault::malformed); // no such file
    REQUIRE(world.await(shelf.recordings->add(good)).has_value());
    refuses([](auto&) {}, Fault::refused);
    CHECK(shelf.check().is_sound());
}

TEST_CASE("R4 recordings: a start adopts what a crash left without a row, up to its last whole fragment, and removes what holds none") {
    World world;
    world.open();
    Shelf shelf(world);
    shelf.must_start();
    const auto now = world.clock.now();
    shelf.must_record("gate-1", now);
    const auto whole = shelf.write("gate-1", now + 2s);
    auto cut = two_seconds();
    cut.resize(whole.fragments[1].offset + whole.fragments[1].bytes / 2);
    auto& files = world.disk.files();
    const auto name = [&](Duration later) { return "/video/gate-9/" + pipelines::to_text(pipelines::SegmentName{now + later, "main"}); };
    REQUIRE(files.write(name(10s), cut).has_value());
    REQUIRE(files.write(name(20s), Bytes(two_seconds().begin(), two_seconds().begin() + 100)).has_value());
    REQUIRE(files.write(name(30s), {}).has_value());
    REQUIRE(files.write("/video/gate-9/notes.txt", as_bytes("not ours")).has_value());
    REQUIRE(files.write(name(40s) + ".part", cut).has_value()); // its worker mends it

    const auto report = shelf.must_start();
    CHECK(report.adopted == 2);
    CHECK(report.removed == 2);
    CHECK(report.left == 1);
    CHECK(files.exists("/video/gate-9/notes.txt"));
    CHECK(files.exists(name(40s) + ".part"));
    auto footage = world.await(shelf.recordings->footage("gate-9", "main", now, now + 1min));
    REQUIRE(footage->size() == 1);
    CHECK(footage->front().segment.started_at == now + 10s);
    CHECK(footage->front().segment.ended_at == now + 11s);
    CHECK(footage->front().segment.ended == "repaired");
    CHECK(files.size(name(10s)) == whole.fragments[1].offset);
    auto check = shelf.check();
    CHECK(check.orphans == 1); // the note
    REQUIRE(files.remove("/video/gate-9/notes.txt").has_value());
    CHECK(shelf.check().is_sound());
    // Nothing is left to do.
    const auto again = shelf.must_start();
    CHECK(again.adopted + again.removed + again.finished + again.left + again.missing.size() == 0);
}

TEST_CASE("R1 recordings: a row whose file is gone becomes a gap with its cause, in the index and in the log") {
    World world;
    world.open();
    Shelf shelf(world);
    shelf.must_start();
    const auto now = world.clock.now();
    shelf.must_record("gate-1", now);
    const auto second = shelf.must_record("gate-1", now + 2s);
    const auto third = shelf.must_record("gate-1", now + 4s);
    shelf.must_record("gate-1", now + 6s);
    REQUIRE(world.disk.files().remove(shelf.path(second)).has_value());
    REQUIRE(world.disk.files().remove(shelf.path(third)).has_value());
    CHECK(shelf.check().missing == 2);
    const auto report = shelf.must_start();
    REQUIRE(report.missing.size() == 1);
    CHECK(report.missing[0].from == now + 2s);
    CHECK(report.missing[0].to == now + 6s);
    CHECK(shelf.check().is_sound());
    world.clock.run_for(10min);
    const auto within = world.await(shelf.recordings->within("gate-1", "main", now, now + 8s));
    REQUIRE(within.has_value());
    REQUIRE(within->spans.size() == 3);
    CHECK(within->spans[1].cause == "missing");
    const auto told = shelf.records_of(Kind::recording_gap);
    REQUIRE(told.size() == 1);
    CHECK(told[0].at("camera").as_string() == "gate-1");
    CHECK(told[0].at("cause").as_string() == "missing");
    CHECK(told[0].at("from").as_string() == to_text(now + 2s));
}

TEST_CASE("R5 recordings: a disk that is not mounted, or another one, is told and costs no row") {
    World world;
    world.open();
    Shelf shelf(world);
    shelf.must_start();
    const auto now = world.clock.now();
    const auto segment = shelf.must_record("gate-1", now);
    auto all = world.disk.now();
    auto without = all;
    std::erase_if(without, [](const auto& file) { return file.first.starts_with("/video/"); });
    shelf.recordings.reset();
    world.close();
    world.disk.load(without);
    world.open();
    CHECK(shelf.start().error().fault() == Fault::gone);
    CHECK(world.await(shelf.recordings->add(segment)).error().fault() != Fault::refused);
    REQUIRE(world.disk.files().write("/video/recordings.disk", as_bytes("0123456789abcdef0123456789abcdef\n")).has_value());
    CHECK(shelf.start().error().fault() == Fault::gone);
    CHECK(shelf.records_of(Kind::alarm_raised).size() == 2);
    // It is mounted again.
    shelf.recordings.reset();
    world.close();
    world.disk.load(all);
    world.open();
    const auto report = shelf.must_start();
    CHECK(report.missing.empty());
    CHECK(shelf.check().segments == 1);
}

TEST_CASE("R4 recordings: an index that was lost is made anew from the files") {
    World world;
    world.open();
    Shelf shelf(world);
    shelf.must_start();
    const auto now = world.clock.now();
    for (int i = 0; i < 3; ++i) shelf.must_record("gate-1", now + i * 2s);
    shelf.recordings.reset();
    world.clock.run_for(0s);
    for (const auto* ending : {"", "-wal", "-shm"}) REQUIRE(world.disk.files().destroy(std::string("/log/recordings.db") + ending).has_value());
    CHECK(shelf.must_start().adopted == 3);
    CHECK(shelf.check().is_sound());
}

TEST_CASE("R3 recordings: power cut at any operation of recording and removing: after one start every row has its file and every file its row") {
    using Keep = fakes::MemoryDisk::Keep;
    std::uint64_t cuts = 0;
    for (std::uint64_t at = 1;; ++at) {
        World world(at);
        world.open();
        Shelf shelf(world);
        shelf.options.rules.usual = {0, 1, 0};
        shelf.must_start();
        const auto now = world.clock.now();
        std::vector<std::map<std::string, Bytes>> found;
        std::uint64_t since = 0;
        world.disk.on_operation = [&](std::uint64_t, const std::string&, const std::string&) {
            if (++since == at)
                for (const auto keep : {Keep::nothing, Keep::some, Keep::all}) found.push_back(world.disk.after_power_cut(keep, at));
            return false;
        };
        std::size_t acknowledged = 0; // rows of these must be there afterwards
        std::vector<pipelines::Segment> segments;
        const auto record = [&](Duration later) {
            segments.push_back(shelf.write("gate-1", now + later));
            const auto added = world.await(shelf.recordings->add(segments.back()));
            REQUIRE(added.has_value());
            if (found.empty()) ++acknowledged;
        };
        record(-50h);
        record(-49h);
        record(-2h);
        const auto kept = world.await(shelf.recordings->keep_retention());
        REQUIRE(kept.has_value());
        CHECK(kept->segments == 2);
        const bool removal_is_over = found.empty();
        record(-1h);
        world.disk.on_operation = {};
        if (found.empty()) break;
        ++cuts;
        for (const auto& left : found) {
            shelf.recordings.reset();
            world.close();
            world.disk.load(left);
            world.open();
            shelf.must_start();
            const auto check = shelf.check();
            CHECK_MESSAGE(check.is_sound(), "cut at " << at << ": " << check.first_bad);
            CHECK(check.going == 0);
            // What was acknowledged and not removed is there; what was removed stays so.
            CHECK_MESSAGE(check.segments >= acknowledged - (acknowledged >= 3 ? 2 : 0), "cut at " << at);
            for (const auto i : {0, 1})
                CHECK_FALSE((removal_is_over && world.disk.files().exists(shelf.path(segments[static_cast<std::size_t>(i)]))));
        }
    }
    CHECK(cuts > 20);
}

TEST_CASE("recording retention: a full disk loses its oldest unlocked recording, keeps what is locked, and says so once") {
    World world;
    world.open();
    Shelf shelf(world);
    const auto now = world.clock.now();
    const auto& large = fixtures::clip({.seconds = 2, .size = "1280x720"}); // beside it the index is small
    const auto size = large.size();
    shelf.options.rules.usual = {30, 90, 0};
    shelf.options.rules.reserve_bytes = 2 * size;
    shelf.must_start();
    std::vector<pipelines::Segment> segments;
    for (int i = 0; i < 6; ++i) segments.push_back(shelf.must_record(i % 2 == 0 ? "gate-1" : "gate-2", now - 24h * (10 - i), large));
    const auto lock = world.await(shelf.recordings->add_lock({0, "gate-1", now - 24h * 10, now - 24h * 9, "杭公(2026)17号", "uid:7", now + 24h, {}}));
    REQUIRE(lock.has_value());
    CHECK(world.await(shelf.recordings->keep_retention())->segments == 0);
    world.disk.bytes_max = world.disk.used_bytes() + size; // one segment's room where two are the reserve
    const auto report = world.await(shelf.recordings->keep_retention());
    REQUIRE(report.has_value());
    CHECK(report->segments == 2);
    CHECK(report->before_floor);
    CHECK(world.disk.files().exists(shelf.path(segments[0]))); // locked
    CHECK_FALSE(world.disk.files().exists(shelf.path(segments[1])));
    CHECK(world.disk.files().exists(shelf.path(segments[5])));
    CHECK(shelf.check().is_sound());
    const auto told = shelf.records_of(Kind::recording_gap);
    REQUIRE(told.size() >= 1);
    CHECK(told[0].at("cause").as_string() == "retention");
    const auto within = world.await(shelf.recordings->within("gate-2", "main", now - 24h * 9, now - 24h * 9 + 2s));
    REQUIRE(within->spans.size() == 1);
    CHECK(within->spans[0].cause == "retention");
    // All that is left is locked: told, not silent.
    REQUIRE(world.await(shelf.recordings->add_lock({0, "gate-1", now - 24h * 20, now, "17", "uid:7", now + 24h, {}})).has_value());
    REQUIRE(world.await(shelf.recordings->add_lock({0, "gate-2", now - 24h * 20, now, "17", "uid:7", now + 24h, {}})).has_value());
    world.disk.bytes_max = world.disk.used_bytes() + size;
    const auto full = world.await(shelf.recordings->keep_retention());
    REQUIRE_MESSAGE(full.has_value(), (full ? std::string() : full.error().what()));
    CHECK(full->is_full);
    CHECK(full->segments == 0);
    std::set<std::string> codes;
    for (const auto& alarm : shelf.records_of(Kind::alarm_raised)) codes.insert(std::string(alarm.at("code").as_string()));
    CHECK(codes.contains("recording.disk_full"));
    CHECK(codes.contains("recording.floor_broken"));
    // The lock ends: room again.
    world.clock.run_for(25h);
    const auto freed = world.await(shelf.recordings->keep_retention());
    REQUIRE(freed.has_value());
    CHECK(freed->segments >= 1);
    CHECK_FALSE(freed->is_full);
}

TEST_CASE("recording retention: a disk so full that not even a mark finds room loses its oldest recording all the same") {
    World world;
    world.open();
    Shelf shelf(world);
    const auto now = world.clock.now();
    shelf.options.rules.usual = {30, 90, 0};
    const auto& large = fixtures::clip({.seconds = 2, .size = "1280x720"});
    shelf.must_start();
    std::vector<pipelines::Segment> segments;
    for (int i = 0; i < 6; ++i) segments.push_back(shelf.must_record("gate-1", now - 24h * (10 - i), large));
    shelf.options.rules.reserve_bytes = large.size() / 2;
    shelf.must_start();
    world.disk.bytes_max = world.disk.used_bytes();
    const auto report = world.await(shelf.recordings->keep_retention());
    REQUIRE_MESSAGE(report.has_value(), (report ? std::string() : report.error().what()));
    CHECK(report->segments >= 1);
    CHECK_FALSE(world.disk.files().exists(shelf.path(segments[0])));
    CHECK(world.disk.files().exists(shelf.path(segments[5])));
    CHECK(shelf.check().is_sound());
}

TEST_CASE("recording locks: one is removed by its camera and number, and there is a bound") {
    World world;
    world.open();
    Shelf shelf(world);
    shelf.must_start();
    const auto now = world.clock.now();
    const RecordingLock lock{0, "gate-1", now, now + 1h, "17", "uid:7", now + 24h, {}};
    const auto id = world.await(shelf.recordings->add_lock(lock));
    REQUIRE(id.has_value());
    CHECK(world.await(shelf.recordings->remove_lock("gate-2", *id)).error().fault() == Fault::gone);
    CHECK(world.await(shelf.recordings->locks("gate-1"))->size() == 1);
    CHECK(world.await(shelf.recordings->remove_lock("gate-1", *id)).has_value());
    CHECK(world.await(shelf.recordings->locks("gate-1"))->empty());
    for (std::size_t i = 0; i < camera_locks_max; ++i) REQUIRE(world.await(shelf.recordings->add_lock(lock)).has_value());
    CHECK(world.await(shelf.recordings->add_lock(lock)).error().fault() == Fault::full);
}

TEST_CASE("recording forecast: the alarm is raised weeks before a floor breaks, and is over when the disk grew") {
    World world;
    world.open();
    Shelf shelf(world);
    shelf.options.rules.usual = {30, 90, 0};
    shelf.must_start();
    const auto now = world.clock.now();
    for (int hour = 24; hour > 0; --hour) shelf.must_record("gate-1", now - hour * 1h);
    const auto day_bytes = 24 * two_seconds().size();
    world.disk.bytes_max = world.disk.used_bytes() + 10 * day_bytes;
    const auto seen = world.await(shelf.recordings->look_ahead());
    REQUIRE(seen.has_value());
    CHECK(seen->bytes_per_day == doctest::Approx(static_cast<double>(day_bytes)).epsilon(0.01));
    REQUIRE(seen->floor_breaks_at.has_value());
    CHECK(*seen->floor_breaks_at > now + 9 * 24h);
    CHECK(*seen->floor_breaks_at < now + 11 * 24h);
    auto raised = shelf.records_of(Kind::alarm_raised);
    REQUIRE(raised.size() == 1);
    CHECK(raised[0].at("code").as_string() == "recording.floor_at_risk");
    const std::string cause(raised[0].at("cause").as_string());
    CHECK(cause.find(to_text(*seen->floor_breaks_at).substr(0, 10)) != std::string::npos);
    CHECK(cause.find("gate-1") != std::string::npos);
    REQUIRE(world.await(shelf.recordings->look_ahead()).has_value());
    CHECK(shelf.records_of(Kind::alarm_raised).size() == 1); // said once
    world.disk.bytes_max.reset();
    REQUIRE(world.await(shelf.recordings->look_ahead()).has_value());
    CHECK(shelf.records_of(Kind::alarm_cleared).size() == 1);
}

TEST_CASE("recordings: a segment reported while the index cannot be written is kept, and stored when the disk is back") {
    World world;
    world.open();
    Shelf shelf(world);
    shelf.must_start();
    const auto segment = shelf.write("gate-1", world.clock.now());
    world.disk.on_operation = [](std::uint64_t, const std::string&, const std::string& path) {
        return path.find("recordings.db") != std::string::npos;
    };
    CHECK_FALSE(world.await(shelf.recordings->add(segment)).has_value());
    world.disk.on_operation = {};
    CHECK(world.await(shelf.recordings->status())->waiting == 1);
    TaskGroup group(world.loop);
    group.spawn("recordings", shelf.recordings->run());
    world.clock.run_for(2min);
    CHECK(world.await(shelf.recordings->status())->waiting == 0);
    const auto check = shelf.check();
    CHECK(check.segments == 1);
    CHECK(check.is_sound());
    group.cancel();
    world.clock.run_for(1s);
}

TEST_CASE("recordings: the checker sees a file of another size, of another content, and one without a row") {
    World world;
    world.open();
    Shelf shelf(world);
    shelf.must_start();
    const auto now = world.clock.now();
    const auto one = shelf.must_record("gate-1", now), two = shelf.must_record("gate-1", now + 2s);
    shelf.must_record("gate-1", now + 9s);
    shelf.write("gate-1", now + 5s);  // no row
    shelf.write("gate-1", now + 20s); // being written
    auto longer = two_seconds();
    longer.push_back(0);
    REQUIRE(world.disk.files().write(shelf.path(one), longer).has_value());
    world.disk.damage(shelf.path(two), 5'000, 1);
    const auto check = shelf.check();
    CHECK(check.wrong_size == 1);
    CHECK(check.wrong_hash == 1);
    CHECK(check.orphans == 1);
    CHECK(check.missing == 0);
    CHECK_FALSE(check.is_sound());
    CHECK(check.first_bad == "gate-1/" + one.file + ": another size");
}
