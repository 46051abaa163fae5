// SPDX-License-Identifier: Apache-2.0
//
// What a viewer gets of a real camera, through the real daemon and its workers: counted by ffprobe, and played by a browser.
#include "tests/harness/bridge.hpp"
#include "tests/harness/cameras.hpp"
#include "tests/harness/gateway.hpp"
#include "tests/harness/temp_dir.hpp"

#include <doctest/doctest.h>

#include <csignal>

using namespace gatehouse::harness;
namespace fs = std::filesystem;

namespace {

constexpr auto browser_program = "/usr/bin/chromium";

/// A gateway with one camera, whose main stream is H.265 and whose second one is H.264.
struct Gate {
    Gate() : gateway(options(), home.path()), camera("camera", both_codecs(), home.path()) {
        write_secret(home / "password", camera.options().password);
        gateway.set_devices("[[device]]\nid = \"gate-one\"\ndriver = \"rtsp\"\nname = \"北门\"\naddress = \"127.0.0.1\"\nport = " +
                            std::to_string(camera.rtsp_port()) + "\nusername = \"" + camera.options().user + "\"\npassword_credential = \"" +
                            (home / "password").string() + "\"\noptions = { path = \"/main\" }\n");
        gateway.start();
        eventually(
            "a picture of the camera", [&] { return look().at("picture").is_object(); }, patience, [&] { return gateway.process().last_words(); });
    }
    GatewayOptions options() const {
        GatewayOptions made;
        made.more_settings = "[recording]\ndirectory = \"" + (home / "recordings").string() + "\"\nsegment_s = 2\n";
        return made;
    }
    static CameraOptions both_codecs() {
        auto options = small_camera();
        options.codec = "h265";
        options.sub_size = "192x108";
        return options;
    }
    boost::json::object look() const { return gateway.api().get("/api/v1/cameras").at("cameras").as_array().at(0).as_object(); }
    std::size_t viewers_at_camera(const std::string& stream) const {
        std::size_t count = 0;
        for (const auto& client : camera.clients()) count += client.stream == stream && client.is_there ? 1 : 0;
        return count;
    }
    void set_sub() {
        int code = -1;
        gateway.ctl({"camera", "probe", "gate-one", "--set-sub", "2"}, &code);
        CHECK(code == 0);
        eventually(
            "the camera to be there again", [&] { return look().at("has_sub").as_bool() && look().at("picture").is_object(); }, patience,
            [&] { return gateway.process().last_words(); });
    }
    std::unique_ptr<ChildProcess> watch(const std::string& name, const std::vector<std::string>& more = {}) const {
        ChildProcess::Command command;
        command.program = built("gatehousectl").string();
        command.arguments = {"camera", "live", "gate-one", "--socket", gateway.socket().string()};
        command.arguments.insert(command.arguments.end(), more.begin(), more.end());
        return std::make_unique<ChildProcess>(name, command, home.path());
    }
    std::string looked_at() const { return boost::json::serialize(gateway.api().get("/api/v1/audit?limit=100")); }

    TempDir home{"live"};
    Gateway gateway;
    IpCamera camera;
};

std::string probed(const fs::path& file, const std::string& entries) {
    return run_to_end("/usr/bin/ffprobe",
                      {"-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries", entries, "-of", "csv=p=0", file.string()});
}

void wait_for_bytes(const ChildProcess& viewer, std::uintmax_t bytes) {
    eventually(
        viewer.name() + " to get pictures", [&] { return fs::exists(viewer.out_path()) && fs::file_size(viewer.out_path()) > bytes; }, patience,
        [&] { return viewer.last_words(); });
}

// As a page would: what comes is appended in order, and tells how far it plays.
std::string page() {
    return R"(<!doctype html><video id=v muted></video><script>
const v = document.getElementById('v'), media = new MediaSource(), waiting = [];
const say = text => fetch('/said', {method: 'POST', body: text});
let buffer = null, codecs = '';
function go() {
  if (buffer && !buffer.updating && waiting.length) buffer.appendBuffer(waiting.shift());
  if (v.buffered.length && v.paused) { v.currentTime = v.buffered.start(0); v.play().catch(e => say('no play: ' + e)); }
}
media.onsourceopen = () => {
  const socket = new WebSocket('ws://' + location.host + '/api/v1/cameras/gate-one/live');
  socket.binaryType = 'arraybuffer';
  socket.onmessage = message => {
    if (typeof message.data !== 'string') { waiting.push(message.data); go(); return; }
    const word = JSON.parse(message.data);
    if (!word.video || buffer) return;
    codecs = word.video.codecs;
    const type = 'video/mp4; codecs="' + codecs + '"';
    if (!MediaSource.isTypeSupported(type)) { say('cannot play ' + type); return; }
    buffer = media.addSourceBuffer(type);
    buffer.onupdateend = go;
  };
  socket.onclose = () => say('closed');
};
v.src = URL.createObjectURL(media);
setInterval(() => say(JSON.stringify({at: v.currentTime, width: v.videoWidth, frames: v.getVideoPlaybackQuality().totalVideoFrames, codecs: codecs,
                                      fault: v.error ? v.error.message : ''})), 250);
</script>)";
}

} // namespace

TEST_CASE("live: a viewer gets one playable stream; the H.264 second one where it is set, which runs only while somebody looks") {
    Gate gate;
    const auto probe = gate.gateway.ctl({"camera", "probe", "gate-one", "--json"});
    const auto streams = boost::json::parse(probe).at("streams").as_array();
    REQUIRE(streams.size() == 2);
    CHECK(streams[0].at("path") == "/main");
    CHECK(streams[0].at("browsers") == "some");
    CHECK(streams[1].at("path") == "/sub");
    CHECK(streams[1].at("browsers") == "all");
    CHECK(streams[1].at("picture").at("width") == 192);
    {
        // No second stream is set: the main one, over several segments.
        const auto viewer = gate.watch("main");
        wait_for_bytes(*viewer, 150'000);
        viewer->kill();
        const auto about = probed(viewer->out_path(), "stream=codec_name,width,height,nb_read_frames");
        CHECK(about.starts_with("hevc,320,180,"));
        CHECK(std::stoi(about.substr(13)) > 50);
    }
    gate.set_sub();
    CHECK(gate.viewers_at_camera("sub") == 0);
    const auto viewer = gate.watch("sub");
    const auto other = gate.watch("other");
    wait_for_bytes(*viewer, 40'000);
    wait_for_bytes(*other, 40'000);
    CHECK(gate.viewers_at_camera("sub") == 1);
    viewer->kill();
    other->kill();
    const auto about = probed(viewer->out_path(), "stream=codec_name,width,height,nb_read_frames");
    CHECK(about.starts_with("h264,192,108,"));
    CHECK(std::stoi(about.substr(13)) > 10);
    eventually(
        "the second stream to end", [&] { return gate.viewers_at_camera("sub") == 0; }, patience,
        [&] { return gate.gateway.process().last_words(); });
    // Who looked at what, from when to when.
    eventually(
        "both ends in the audit trail",
        [&] {
            const auto looked = gate.looked_at();
            const auto at = looked.find("live picture gate-one sub from ");
            return at != looked.npos && looked.find(" to ", at) != looked.npos && looked.find("live picture gate-one main from ") != looked.npos;
        },
        patience);
    CHECK(gate.look().at("viewers") == 0);
}

TEST_CASE("live: a viewer who takes nothing costs another viewer and the recording no frame") {
    Gate gate;
    const auto stuck = gate.watch("stuck");
    wait_for_bytes(*stuck, 1000);
    stuck->freeze();
    const auto quick = gate.watch("quick");
    wait_for_bytes(*quick, 200'000);
    quick->kill();
    const auto frames = std::stoi(probed(quick->out_path(), "stream=nb_read_frames"));
    const auto packets = run_to_end("/usr/bin/ffprobe", {"-v", "error", "-select_streams", "v:0", "-show_entries", "packet=duration_time", "-of",
                                                         "csv=p=0", quick->out_path().string()});
    CHECK(frames > 50);
    CHECK(packets.find("\n0.08") == packets.npos); // no two frames' time for one
    stuck->thaw();
    stuck->kill();
}

TEST_CASE("live: a snapshot is a JPEG of the main stream, the list says what is seen, and a terminal gets no pictures") {
    Gate gate;
    const auto file = gate.home / "snapshot.jpg";
    int code = -1;
    gate.gateway.ctl({"camera", "snapshot", "gate-one", file.string()}, &code);
    CHECK(code == 0);
    CHECK(probed(file, "stream=codec_name,width,height").starts_with("mjpeg,320,180"));
    CHECK(gate.looked_at().find("picture of camera gate-one at ") != std::string::npos);
    gate.gateway.ctl({"camera", "snapshot", "gate-one", file.string()}, &code);
    CHECK(code == 73); // it exists
    const auto list = gate.gateway.ctl({"camera", "list"});
    CHECK(list.find("H.265 320×180") != std::string::npos);
    const auto without_account = gate.gateway.ctl({"camera", "probe", "127.0.0.1", "--port", std::to_string(gate.camera.rtsp_port())}, &code);
    CHECK(code != 0); // its password is asked for once
    const auto look = gate.look();
    CHECK(look.at("policy") == "always");
    CHECK(look.at("last_fragment_at").is_string());
}

TEST_CASE("live: a browser plays what comes, through Media Source Extensions, and its time goes on") {
    if (!fs::exists(browser_program)) {
        MESSAGE("skipped: scenario_cameras: no chromium (apt install chromium)");
        return;
    }
    Gate gate;
    gate.set_sub();
    Bridge bridge(gate.gateway.socket().string(), page());
    ChildProcess::Command command;
    command.program = browser_program;
    command.arguments = {"--headless=new",
                         "--no-sandbox",
                         "--disable-gpu",
                         "--no-first-run",
                         "--disable-dev-shm-usage",
                         "--autoplay-policy=no-user-gesture-required",
                         "--user-data-dir=" + (gate.home / "browser").string(),
                         "http://127.0.0.1:" + std::to_string(bridge.port()) + "/"};
    ChildProcess browser("chromium", command, gate.home.path());
    boost::json::object last;
    const auto has_played = [&](double seconds) {
        for (const auto& word : bridge.said()) {
            if (!word.starts_with('{')) throw Trouble("the page said: " + word);
            last = boost::json::parse(word).as_object();
        }
        return !last.empty() && last.at("at").to_number<double>() > seconds;
    };
    double begun = 0;
    eventually(
        "the first picture", [&] { return has_played(0.01); }, 60s, [&] { return boost::json::serialize(last) + browser.last_words(); });
    begun = last.at("at").to_number<double>();
    eventually(
        "three seconds of picture", [&] { return has_played(begun + 3); }, 30s, [&] { return boost::json::serialize(last); });
    CHECK(last.at("width") == 192);
    CHECK(last.at("frames").to_number<int>() > 40);
    CHECK(last.at("fault") == "");
    CHECK(std::string(last.at("codecs").as_string()).starts_with("avc1."));
}
