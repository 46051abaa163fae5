// SPDX-License-Identifier: Apache-2.0
//
// Real RTSP from a server that is not ours, the real daemon, its real workers; frames in the files are counted by ffprobe against what the
// camera says it sent.
#include "tests/scenario/cameras/site.hpp"

#include <algorithm>
#include <set>
#include <thread>

using namespace gatehouse::harness;
namespace fs = std::filesystem;

TEST_CASE("cameras: every frame is in the files; a killed worker and a new resolution cost their own camera two seconds at most") {
    Site site("segment_s = 4\n"); // two key frames long
    auto options = small_camera();
    options.other_size = "480x272";
    IpCamera one("one", options, site.home.path());
    options.other_size.clear();
    options.codec = "h265";
    IpCamera other("other", options, site.home.path());
    site.add("gate-one", one);
    site.add("gate-other", other);
    site.gateway.start();

    site.wait_closed("gate-one", "rolled", 1);
    site.wait_closed("gate-other", "rolled", 1);
    one.fault("other_size");
    site.wait_closed("gate-one", "parameters", 1);

    // A whole fragment on disk, another one in memory.
    eventually(
        "an open file with a fragment", [&] { return site.open_bytes("gate-one") > init_part_bytes_max; }, patience);
    ::kill(worker_of(site.recordings() / "gate-one"), SIGKILL);
    site.wait_record("camera.lost", "gate-one");
    site.wait_closed("gate-one", "repaired", 1);
    site.wait_record("camera.restored", "gate-one");
    site.wait_closed("gate-one", "rolled", site.closed("gate-one", "rolled") + 1);

    // All that is on its way arrives, and nobody comes back: what was sent is what must lie there.
    for (auto* camera : {&one, &other}) {
        camera->control().post("/password", boost::json::object{{"password", "another"}});
        camera->drop();
    }
    site.wait_closed("gate-one", "lost", 1);
    site.wait_closed("gate-other", "lost", 1);
    site.gateway.stop();
    CHECK(site.frames_recorded("gate-other") == sent(other));
    const auto one_kept = site.frames_recorded("gate-one");
    CHECK(one_kept < sent(one)); // the fragment in memory died with the worker
    CHECK(one_kept + 50 >= sent(one));
}

TEST_CASE("cameras: a hole in the recording is in the log, a wrong password is told, and no log names one") {
    Site site;
    IpCamera camera("camera", small_camera(), site.home.path());
    site.add("gate-one", camera);
    site.add("gate-two", camera, "wr0ng-pass");
    site.gateway.start();
    site.wait_closed("gate-one", "rolled", 1);
    camera.fault("freeze"); // the connection stays, nothing comes
    const auto frozen = std::chrono::steady_clock::now();
    site.wait_record("camera.lost", "gate-one");
    CHECK(std::chrono::steady_clock::now() - frozen <= 5500ms);
    camera.mend("freeze");
    site.wait_record("camera.restored", "gate-one");
    site.wait_record("recording.gap", "gate-one");
    // It begins where the last frame came, not where its absence was noticed.
    const auto gap = site.gateway.api().get("/api/v1/records?limit=1&kind=recording.gap&source=gate-one");
    const auto hole = boost::json::serialize(gap);
    CHECK(hole.find("no video for 4 s") != hole.npos);
    const auto time = [&](const std::string& name) {
        const auto at = hole.find("\"" + name + "\":\"");
        const auto begin = at + name.size() + 4;
        return gatehouse::parse_time(hole.substr(begin, hole.find('"', begin) - begin));
    };
    const auto from = time("from"), to = time("to");
    REQUIRE((from && to));
    CHECK(*to - *from >= 4s);
    const auto log = site.gateway.log();
    CHECK(log.find("401") != log.npos);
    CHECK(log.find("wr0ng-pass") == log.npos);
    CHECK(log.find(camera.options().password) == log.npos);
    site.gateway.stop();
}

TEST_CASE("cameras: what was recorded is one film over the daemon's kill, with the hole where it was") {
    Site site;
    IpCamera camera("one", small_camera(), site.home.path());
    site.add("gate-one", camera);
    site.gateway.start();
    site.wait_closed("gate-one", "rolled", 1);
    site.gateway.kill();
    std::this_thread::sleep_for(std::chrono::seconds(3)); // a hole long enough to be one
    site.gateway.start();
    site.wait_record("recording.gap", "gate-one");
    site.wait_closed("gate-one", "rolled", site.closed("gate-one", "rolled") + 1);

    const auto& api = site.gateway.api();
    const auto now = std::chrono::time_point_cast<gatehouse::Duration>(std::chrono::system_clock::now());
    const auto span = "?from=" + gatehouse::to_text(now - std::chrono::hours(1)) + "&to=" + gatehouse::to_text(now + std::chrono::hours(1));
    std::set<std::string> states;
    const auto page = api.get("/api/v1/cameras/gate-one/recordings" + span);
    for (const auto& one : page.at("spans").as_array()) states.emplace(one.at("state").as_string());
    CHECK(states.contains("recorded"));
    CHECK(states.contains("missing"));
    const auto film = api.ask("GET", "/api/v1/cameras/gate-one/playback.mp4" + span);
    REQUIRE(film.status == 200);
    const auto file = site.home / "film.mp4";
    write_file(file, film.body);
    const auto frames = std::stoull(run_to_end("/usr/bin/ffprobe", {"-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries",
                                                                    "stream=nb_read_frames", "-of", "csv=p=0", file.string()}));
    CHECK(frames > 75); // two segments at least, of two seconds each
}
