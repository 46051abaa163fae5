// SPDX-License-Identifier: Apache-2.0
//
// gatehouse-media itself on films in place of cameras.
#include "daemon/base/entropy.hpp"
#include "tests/harness/ports.hpp"
#include "tests/paths.hpp"
#include "tests/unit/pipelines/worker/at_work.hpp"
#include "tests/unit/pipelines/worker/film.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <numeric>
#include <sstream>

using namespace gatehouse;
using namespace gatehouse::pipelines;
namespace fs = std::filesystem;

namespace {

struct Site {
    Site() { fs::create_directory(folder()); }
    fs::path folder() const { return home / "recordings"; }
    Configuration configuration(const fs::path& film) const {
        Configuration it;
        it.camera = "gate-cam-1";
        it.url = "file:" + film.string();
        it.folder = folder().string();
        it.segment_s = 2;
        return it;
    }
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder())) names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }
    harness::TempDir home{"worker"};
};

int frames_of(const Segment& segment) {
    return std::accumulate(segment.fragments.begin(), segment.fragments.end(), 0, [](int sum, const Fragment& one) { return sum + one.frames; });
}

/// What the worker says of a segment is what lies on disk, judged by others.
int check_segment(const Site& site, const Segment& segment) {
    const auto path = site.folder() / segment.file;
    const auto content = harness::read_file(path);
    CHECK(content.size() == segment.bytes);
    CHECK(sha256(content) == segment.sha256);
    CHECK(segment.fragments.front().key);
    CHECK(segment.fragments.front().start_ticks == 0);
    for (const auto& fragment : segment.fragments) {
        CHECK(content.substr(fragment.offset + 4, 4) == "moof");
        CHECK(fragment.duration_ticks <= 2 * segment.timescale);
    }
    for (std::size_t i = 1; i < segment.fragments.size(); ++i)
        CHECK(segment.fragments[i].start_ticks == segment.fragments[i - 1].start_ticks + segment.fragments[i - 1].duration_ticks);
    const auto frames = frames_in(path);
    CHECK(frames == frames_of(segment));
    return frames;
}

int check_all(const Site& site, const AtWork& worker) {
    int frames = 0;
    for (const auto& segment : worker.segments()) frames += check_segment(site, segment);
    return frames;
}

} // namespace

TEST_CASE("recording: every frame of the source is in the segments, in both codecs, with audio and without") {
    struct Row {
        std::string codec, name, said, codecs;
        bool audio;
    };
    for (const auto& row : {Row{"libx264", "a.mp4", "h264", "avc1.", true}, Row{"libx265", "b.mp4", "h265", "hvc1.", false},
                            Row{"libx264", "c.ts", "h264", "avc1.", true}}) {
        CAPTURE(row.name);
        const Site site;
        make_film(site.home / row.name, {.codec = row.codec, .audio = row.audio});
        AtWork worker(site.configuration(site.home / row.name));
        worker.hear();
        CHECK(worker.end() == net::ChildExit{1, 0});
        REQUIRE(worker.all<Opened>().size() == 1);
        const auto opened = worker.all<Opened>()[0];
        CHECK(opened.video == row.said);
        CHECK(opened.width == 320);
        CHECK(opened.height == 180);
        CHECK(opened.audio == (row.audio ? "aac" : ""));
        CHECK(check_all(site, worker) == 150);
        const auto segments = worker.segments();
        REQUIRE(segments.size() >= 3);
        CHECK(segments.back().end == "lost");
        CHECK(segments.back().codecs.starts_with(row.codecs));
        if (row.audio) CHECK(segments.back().codecs.ends_with(", mp4a.40.2"));
        CHECK(site.files().size() == segments.size());
        for (std::size_t i = 1; i < segments.size(); ++i) CHECK(segments[i].started_at == segments[i - 1].ended_at);
        const auto lost = worker.all<Lost>();
        REQUIRE(lost.size() == 1);
        CHECK(lost[0].fault == Fault::gone);
    }
}

TEST_CASE("recording: parameter sets that change in mid-stream begin a new segment, and no frame is lost") {
    const Site site;
    make_film(site.home / "one.ts", {.seconds = 2});
    make_film(site.home / "two.ts", {.size = "480x272", .seconds = 2});
    harness::write_file(site.home / "both.ts", harness::read_file(site.home / "one.ts") + harness::read_file(site.home / "two.ts"));
    auto configuration = site.configuration(site.home / "both.ts");
    configuration.segment_s = 60;
    AtWork worker(configuration);
    worker.hear();
    const auto segments = worker.segments();
    REQUIRE(segments.size() == 2);
    CHECK(segments[0].end == "parameters");
    CHECK(segments[0].width == 320);
    CHECK(segments[1].width == 480);
    CHECK(check_all(site, worker) == 100);
}

TEST_CASE("recording: a fragment is at most two seconds long, also between key frames far apart") {
    const Site site;
    make_film(site.home / "long.mp4", {.seconds = 12, .key_every = 300});
    AtWork worker(site.configuration(site.home / "long.mp4"));
    worker.hear();
    const auto segments = worker.segments();
    REQUIRE(segments.size() == 1);
    CHECK(segments[0].fragments.size() >= 6);
    CHECK(check_all(site, worker) == 300);
}

TEST_CASE("recording: what an earlier worker left is cut after its last whole fragment and told, wherever it was cut off") {
    const Site site;
    make_film(site.home / "a.mp4", {.seconds = 4});
    auto configuration = site.configuration(site.home / "a.mp4");
    configuration.segment_s = 60;
    Segment whole;
    {
        AtWork worker(configuration);
        worker.hear();
        REQUIRE(worker.segments().size() == 1);
        whole = worker.segments()[0];
    }
    REQUIRE(whole.fragments.size() == 4);
    const auto content = harness::read_file(site.folder() / whole.file);
    fs::remove(site.folder() / whole.file);
    configuration.record = false;
    const auto third = whole.fragments[2];
    const std::vector<std::pair<std::uint64_t, std::size_t>> cuts{
        {0, 0},
        {100, 0},
        {whole.init_bytes, 0},
        {whole.fragments[0].offset + 20, 0},
        {third.offset, 2},
        {third.offset + 4, 2},
        {third.offset + third.bytes - 1, 2},
        {third.offset + third.bytes, 3},
        {content.size(), 4},
    };
    for (const auto& [bytes, kept] : cuts) {
        CAPTURE(bytes);
        harness::write_file(site.folder() / (whole.file + ".part"), content.substr(0, bytes));
        AtWork worker(configuration);
        worker.hear();
        const auto segments = worker.segments();
        REQUIRE(segments.size() == (kept > 0 ? 1 : 0));
        CHECK(site.files().size() == segments.size());
        if (kept == 0) continue;
        CHECK(segments[0].end == "repaired");
        CHECK(segments[0].camera == "gate-cam-1");
        CHECK(segments[0].file == whole.file);
        CHECK(segments[0].fragments.size() == kept);
        CHECK(segments[0].codecs == whole.codecs);
        CHECK(segments[0].ended_at - segments[0].started_at == std::chrono::seconds(kept));
        check_segment(site, segments[0]);
        fs::remove(site.folder() / whole.file);
    }
    // Noise in the place of a fragment ends the file before it.
    auto noisy = content;
    for (std::size_t i = third.offset; i < third.offset + 64; ++i) noisy[i] = static_cast<char>(i * 37);
    harness::write_file(site.folder() / (whole.file + ".part"), noisy);
    AtWork worker(configuration);
    worker.hear();
    REQUIRE(worker.segments().size() == 1);
    CHECK(worker.segments()[0].fragments.size() == 2);
    check_segment(site, worker.segments()[0]);
}

TEST_CASE("recording: a whole file that the index does not know is told when it is asked for") {
    const Site site;
    make_film(site.home / "a.mp4", {.seconds = 2});
    auto configuration = site.configuration(site.home / "a.mp4");
    Segment whole;
    {
        AtWork worker(configuration);
        worker.hear();
        whole = worker.segments().at(0);
    }
    configuration.record = false;
    AtWork worker(configuration);
    worker.say(Adopt{whole.file});
    worker.hear();
    const auto segments = worker.segments();
    REQUIRE(segments.size() == 1);
    CHECK(segments[0].sha256 == whole.sha256);
    CHECK(segments[0].end == "repaired");
    CHECK(site.files() == std::vector<std::string>{whole.file});
}

TEST_CASE("recording: the password stands in no command line and in no environment") {
    const Site site;
    auto configuration = site.configuration("/nowhere");
    configuration.url = "udp://127.0.0.1:" + std::to_string(harness::free_port()); // nobody sends
    configuration.udp = true;
    configuration.username = "gate";
    configuration.password = "s3cret-pass";
    AtWork worker(configuration);
    worker.hear([](const Up& message) { return std::holds_alternative<Heartbeat>(message); });
    const auto process = "/proc/" + std::to_string(worker.pid());
    const auto words = harness::read_file(process + "/cmdline") + harness::read_file(process + "/environ");
    CHECK(words.find("s3cret") == std::string::npos);
    CHECK(words.find("gatehouse-media") != std::string::npos);
    worker.say(Stop());
    worker.hear();
    CHECK(worker.end() == net::ChildExit{0, 0});
}

TEST_CASE("recording: live fragments are the bytes of the file, behind their init part") {
    const Site site;
    make_film(site.home / "a.mp4", {.seconds = 2});
    auto configuration = site.configuration(site.home / "a.mp4");
    configuration.segment_s = 60;
    configuration.live = true;
    AtWork worker(configuration);
    worker.hear();
    REQUIRE(worker.all<LiveInit>().size() == 1);
    const auto init = worker.all<LiveInit>()[0];
    CHECK(init.width == 320);
    std::string film(as_text(init.bytes));
    for (const auto& made : worker.all<FragmentMade>()) {
        CHECK(made.fragment.offset == film.size());
        CHECK(made.fragment.duration_ticks <= init.timescale / 2); // a viewer waits half a second at most
        film += as_text(made.bytes);
    }
    const auto segment = worker.segments().at(0);
    CHECK(harness::read_file(site.folder() / segment.file) == film);
}

TEST_CASE("live: one stream over all segments, told of once, in which no frame is missing and no time stands twice") {
    const Site site;
    make_film(site.home / "a.mp4", {.seconds = 6, .audio = true});
    auto configuration = site.configuration(site.home / "a.mp4");
    configuration.live = true; // three segments of two seconds
    AtWork worker(configuration);
    worker.hear();
    REQUIRE(worker.segments().size() >= 3);
    REQUIRE(worker.all<LiveInit>().size() == 1);
    std::string film(as_text(worker.all<LiveInit>()[0].bytes));
    for (const auto& made : worker.all<FragmentMade>()) film += as_text(made.bytes);
    harness::write_file(site.home / "live.mp4", film);
    CHECK(frames_in(site.home / "live.mp4") == 150);
    for (const std::string track : {"v:0", "a:0"}) {
        const auto text = harness::run_to_end("/usr/bin/ffprobe", {"-v", "error", "-select_streams", track, "-show_entries", "packet=dts_time", "-of",
                                                                   "csv=p=0", (site.home / "live.mp4").string()});
        std::istringstream lines(text);
        double last = -1, longest = 0;
        for (std::string line; std::getline(lines, line);) {
            const auto time = std::atof(line.c_str());
            CHECK(time > last);
            if (last >= 0) longest = std::max(longest, time - last);
            last = time;
        }
        CHECK(last > 5.8);
        CHECK(longest < 0.1);
    }
}

TEST_CASE("live: a worker that records nothing has no folder and leaves no file") {
    const Site site;
    make_film(site.home / "a.mp4", {.seconds = 2});
    auto configuration = site.configuration(site.home / "a.mp4");
    configuration.folder.clear();
    configuration.record = false;
    configuration.live = true;
    AtWork worker(configuration);
    worker.say(SetRecording{true}); // it has nowhere to
    worker.hear();
    CHECK(worker.end() == net::ChildExit{1, 0});
    REQUIRE(worker.all<Ready>().size() == 1);
    CHECK(worker.all<Ready>()[0].files != Wall::refused);
    CHECK(worker.all<LiveInit>().size() == 1);
    CHECK_FALSE(worker.all<FragmentMade>().empty());
    CHECK(worker.segments().empty());
    CHECK(site.files().empty());
}

TEST_CASE("snapshot: the newest key frame of both codecs is a JPEG of its size that others read, light and dark as they were") {
    for (const std::string codec : {"libx264", "libx265"}) {
        CAPTURE(codec);
        const Site site;
        make_film(site.home / "a.ts", {.codec = codec, .size = "322x182", .seconds = 2});
        const auto port = std::to_string(harness::free_port());
        harness::ChildProcess::Command command; // as a camera sends: a second for a second
        command.program = "/usr/bin/ffmpeg";
        command.arguments = {"-v",
                             "error",
                             "-re",
                             "-stream_loop",
                             "-1",
                             "-i",
                             (site.home / "a.ts").string(),
                             "-c",
                             "copy",
                             "-f",
                             "mpegts",
                             "udp://127.0.0.1:" + port + "?pkt_size=1316"};
        const harness::ChildProcess sender("sender", command, site.home.path());
        auto configuration = site.configuration("/nowhere");
        configuration.url = "udp://127.0.0.1:" + port;
        configuration.udp = true;
        configuration.live = true;
        AtWork worker(configuration);
        worker.hear([](const Up& message) { return std::holds_alternative<FragmentMade>(message); });
        worker.say(TakeSnapshot());
        worker.hear([](const Up& message) { return std::holds_alternative<SnapshotTaken>(message); });
        REQUIRE(worker.all<SnapshotTaken>().size() == 1);
        const auto taken = worker.all<SnapshotTaken>()[0];
        CHECK(taken.flaw == "");
        CHECK(taken.width == 322);
        CHECK(taken.height == 182);
        const auto file = site.home / "snapshot.jpg";
        harness::write_file(file, std::string(as_text(taken.jpeg)));
        const auto levels = [](const fs::path& path) {
            const auto text = harness::run_to_end("/usr/bin/ffmpeg", {"-v", "error", "-i", path.string(), "-frames:v", "1", "-vf",
                                                                      "scale=out_range=full,format=gray", "-f", "rawvideo", "-"});
            CHECK(text.size() == 322 * 182);
            double sum = 0;
            for (const char sample : text) sum += static_cast<unsigned char>(sample);
            return sum / static_cast<double>(text.size());
        };
        CHECK(std::abs(levels(file) - levels(site.home / "a.ts")) < 6);
        worker.kill();
    }
}

TEST_CASE("snapshot: before the first key frame there is a word instead") {
    const Site site;
    auto configuration = site.configuration("/nowhere");
    configuration.url = "udp://127.0.0.1:" + std::to_string(harness::free_port()); // nobody sends
    configuration.udp = true;
    AtWork worker(configuration);
    worker.say(TakeSnapshot());
    worker.hear([](const Up& message) { return std::holds_alternative<SnapshotTaken>(message); });
    REQUIRE(worker.all<SnapshotTaken>().size() == 1);
    CHECK(worker.all<SnapshotTaken>()[0].jpeg.empty());
    CHECK(worker.all<SnapshotTaken>()[0].flaw == "no key frame came yet");
    worker.kill();
}

TEST_CASE("recording: garbage for a camera ends the worker with a word, or alone") {
    const Site site;
    std::string noise;
    SeededEntropy entropy(11);
    for (int i = 0; i < 300'000; ++i) noise += static_cast<char>(entropy.below(256));
    harness::write_file(site.home / "noise.ts", noise);
    AtWork worker(site.configuration(site.home / "noise.ts"));
    worker.hear();
    CHECK(worker.all<Lost>().size() == 1);
    CHECK(site.files().empty());
}

TEST_CASE("walls: from inside a real worker no file outside, no program, no port") {
    const harness::TempDir home("walls");
    fs::create_directory(home / "own");
    harness::write_file(home / "outside", "secret");
    const std::string media = tests::program_path("gatehouse-media");
    const auto said = [&](std::vector<std::string> more) {
        std::vector<std::string> words{"--try-walls", (home / "own").string(), (home / "outside").string()};
        words.insert(words.end(), more.begin(), more.end());
        return harness::run_to_end(media, words);
    };
    const auto text = said({});
    const auto is_refused = [](const std::string& all, const std::string& what) { return all.find("\n" + what + ": refused") != std::string::npos; };
    CHECK(text.find("limits 0") != std::string::npos);
    CHECK(text.find("open a file inside: got through") != std::string::npos);
    CHECK(text.find("open the machine's randomness: got through") != std::string::npos); // or libav spins for its random numbers
    if (text.find("calls 0") == std::string::npos) {
        MESSAGE("skipped: walls (seccomp): " << text.substr(0, text.find('\n')));
    } else {
        for (const auto* what : {"run a program", "make a process", "bind a TCP port", "listen", "accept", "bind a UDP port",
                                 "look into another process", "signal another process"})
            CHECK_MESSAGE(is_refused(text, what), what);
        CHECK(said({"udp"}).find("bind a UDP port: got through") != std::string::npos);
        CHECK(is_refused(said({"udp"}), "listen"));
    }
    if (text.find("files 0") == std::string::npos) {
        MESSAGE("skipped: walls (Landlock): the kernel has none");
    } else {
        for (const auto* what : {"open a file outside", "make a file outside", "climb out of the folder"})
            CHECK_MESSAGE(is_refused(text, what), what);
        CHECK_FALSE(fs::exists(home / "outside.made"));
    }
}
