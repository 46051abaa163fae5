// SPDX-License-Identifier: Apache-2.0
//
// What cameras see, by the real daemon and its workers in their walls, over real RTSP: scenes whose truth is known.
#include "daemon/base/clock.hpp"
#include "tests/harness/cameras.hpp"
#include "tests/harness/gateway.hpp"
#include "tests/harness/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <thread>

namespace gatehouse::harness {
namespace {

using namespace std::chrono_literals;

constexpr auto scene_patience = 150s; // two rounds of the longest scene

CameraOptions drawn_camera(const std::string& scene, double seconds) {
    CameraOptions options;
    options.scene = scene;
    options.seconds = seconds;
    options.size = "640x360";
    options.fps = 10;
    options.sub_size = "none";
    return options;
}

struct Watched {
    Watched() : gateway(options(), home.path()) {}
    GatewayOptions options() const {
        GatewayOptions made;
        made.more_settings = "[recording]\ndirectory = \"" + (home / "recordings").string() + "\"\n";
        return made;
    }
    void add(const std::string& id, const IpCamera& camera, const std::string& options) {
        const auto file = home / (id + ".password");
        write_secret(file, camera.options().password);
        devices += "[[device]]\nid = \"" + id + "\"\ndriver = \"rtsp\"\nname = \"" + id +
                   "\"\naddress = \"127.0.0.1\"\nport = " + std::to_string(camera.rtsp_port()) + "\nusername = \"" + camera.options().user +
                   "\"\npassword_credential = \"" + file.string() + "\"\noptions = { path = \"/main\"" + options + " }\n";
        gateway.set_devices(devices);
    }
    boost::json::array records(const std::string& kind, const std::string& id) const {
        const auto page = gateway.api().get("/api/v1/records?limit=200&kind=" + kind + "&source=" + id);
        return page.at("records").as_array();
    }
    std::string words(const std::string& kind, const std::string& id) const { return boost::json::serialize(records(kind, id)); }
    void wait_for(const std::string& kind, const std::string& id, std::size_t count = 1) {
        eventually(
            std::to_string(count) + " " + kind + " of " + id, [&] { return records(kind, id).size() >= count; }, scene_patience,
            [&] { return gateway.process().last_words(); });
    }
    /// The newest record of this kind has one picture, and it is a JPEG as large as the camera's.
    void check_picture(const std::string& kind, const std::string& id) const {
        const auto page = gateway.api().get("/api/v1/records?limit=1&personal=true&kind=" + kind + "&source=" + id);
        const auto& record = page.at("records").as_array().at(0).as_object();
        const auto& pictures = record.at("pictures").as_array();
        REQUIRE(pictures.size() == 1);
        const auto path = "/api/v1/records/" + std::to_string(record.at("position").to_number<std::uint64_t>()) + "/pictures/" +
                          std::string(pictures[0].at("sha256").as_string());
        const auto answer = gateway.api().ask("GET", path);
        REQUIRE(answer.status == 200);
        write_file(home / "picture.jpg", answer.body);
        CHECK(run_to_end("/usr/bin/ffprobe", {"-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0",
                                              (home / "picture.jpg").string()}) == "mjpeg,640,360\n");
    }

    /// Segments that ended because nothing happened any more.
    std::size_t stopped(const std::string& id) {
        std::size_t count = 0;
        std::istringstream lines(gateway.log());
        for (std::string line; std::getline(lines, line);)
            if (line.find("segment closed") != line.npos && line.find("device=" + id) != line.npos && line.find("end=stopped") != line.npos) ++count;
        return count;
    }

    TempDir home{"watched"};
    Gateway gateway;
    std::string devices;
};

Time time_of(const boost::json::value& record, const std::string& fact) { return *parse_time(std::string(record.at("facts").at(fact).as_string())); }

} // namespace

TEST_CASE("watching: motion is a record with a picture, a covered lens an alarm, another light nothing") {
    Watched site;
    IpCamera walkers("walkers", drawn_camera("walkers", 20), site.home.path());
    IpCamera covered("covered", drawn_camera("covered", 30), site.home.path());
    IpCamera light("light", drawn_camera("light_jumps", 20), site.home.path());
    site.add("gate-walkers", walkers, ", persons = \"on\", \"line.gate\" = \"0.5,0.1 0.5,0.95\"");
    site.add("gate-covered", covered, "");
    site.add("gate-light", light, "");
    site.gateway.start();
    site.wait_for("motion.started", "gate-walkers"); // somebody always walks there: the other story sees motion end
    site.check_picture("motion.started", "gate-walkers");
    site.wait_for("perimeter.crossed", "gate-walkers");
    site.check_picture("perimeter.crossed", "gate-walkers");
    site.wait_for("camera.covered", "gate-covered");
    site.check_picture("camera.covered", "gate-covered");
    site.wait_for("alarm.cleared", "gate-covered");
    CHECK(site.words("alarm.cleared", "gate-covered").find("camera_covered") != std::string::npos);
    std::this_thread::sleep_for(20s); // the light has jumped in each of its ways
    for (const auto* kind : {"motion.started", "camera.covered", "alarm.raised", "camera.lost"}) {
        CAPTURE(kind);
        CHECK(site.records(kind, "gate-light").empty());
    }
    CHECK(site.records("camera.lost", "gate-walkers").empty()); // its walls hold, with OpenCV within
    site.gateway.stop();
}

TEST_CASE("watching: an on_event camera keeps the event with what was before and after, and no hole is told") {
    Watched site;
    IpCamera camera("gate", drawn_camera("gate_day", 80), site.home.path());
    site.add("gate-cam", camera, ", record = \"on_event\", preroll_s = \"2\", postroll_s = \"1\"");
    site.gateway.start();
    eventually(
        "two events recorded", [&] { return site.stopped("gate-cam") >= 2; }, scene_patience, [&] { return site.gateway.process().last_words(); });
    const auto motions = site.records("motion.ended", "gate-cam");
    const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    const auto page = site.gateway.api().get("/api/v1/cameras/gate-cam/recordings?from=" + to_text(now - 1h) + "&to=" + to_text(now + 1h));
    std::size_t spans = 0;
    for (const auto& span : page.at("spans").as_array()) {
        if (span.at("state").as_string() != "recorded") continue;
        const auto from = *parse_time(std::string(span.at("from").as_string())), to = *parse_time(std::string(span.at("to").as_string()));
        Time first = Time::max(), last = Time::min();
        for (const auto& motion : motions) {
            if (time_of(motion, "from") < from || time_of(motion, "from") > to) continue;
            first = std::min(first, time_of(motion, "from"));
            last = std::max(last, time_of(motion, "to"));
        }
        REQUIRE(first != Time::max()); // nothing is recorded in which nothing moved
        ++spans;
        CHECK(first - from >= 1500ms);         // the pre-roll
        CHECK(first - from <= 2s + 2500ms);    // to the key frame before it
        CHECK(to >= last + 1s);                // the post-roll
        CHECK(to <= last + 3s + 2s + 1s + 2s); // motion is over when it was still for three seconds, and looked at again
    }
    CHECK(spans >= 2);
    CHECK(site.records("recording.gap", "gate-cam").empty());
    site.gateway.stop();
}

} // namespace gatehouse::harness
