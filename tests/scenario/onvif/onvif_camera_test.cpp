// SPDX-License-Identifier: Apache-2.0
//
// The real daemon and a camera whose ONVIF shares no code with ours: what happens before the camera is in the log as the camera has it, and a
// camera that cannot be talked to is told why.
#include "tests/harness/cameras.hpp"
#include "tests/harness/gateway.hpp"
#include "tests/harness/temp_dir.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::harness;

namespace {

struct Site {
    Site() : gateway(options(), home.path()) {}

    GatewayOptions options() const {
        GatewayOptions made;
        made.more_settings = "[recording]\ndirectory = \"" + (home / "recordings").string() + "\"\nsegment_s = 2\n";
        return made;
    }
    /// Whole files of a camera; each is decoded by ffprobe without a flaw.
    std::size_t films(const std::string& id) const {
        std::size_t count = 0;
        std::error_code none;
        for (const auto& entry : std::filesystem::directory_iterator(home / "recordings" / id, none)) {
            if (entry.path().extension() != ".mp4") continue;
            const auto counted = run_to_end("/usr/bin/ffprobe", {"-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries",
                                                                 "stream=nb_read_frames", "-of", "csv=p=0", entry.path().string()});
            CHECK(std::stoi(counted) > 0);
            ++count;
        }
        return count;
    }

    void add(const std::string& id, const IpCamera& camera, const std::string& password = {}) {
        const auto file = home.path() / (id + ".password");
        write_secret(file, password.empty() ? camera.options().password : password);
        devices += "[[device]]\nid = \"" + id + "\"\ndriver = \"onvif\"\nname = \"" + id +
                   "\"\naddress = \"127.0.0.1\"\nport = " + std::to_string(camera.http_port()) + "\nusername = \"" + camera.options().user +
                   "\"\npassword_credential = \"" + file.string() + "\"\n";
        gateway.set_devices(devices);
    }
    std::size_t records(const std::string& kind, const std::string& id) const {
        const auto text = boost::json::serialize(gateway.api().get("/api/v1/records?limit=500&kind=" + kind + "&source=" + id));
        std::size_t count = 0;
        for (auto at = text.find("\"kind\""); at != text.npos; at = text.find("\"kind\"", at + 1)) ++count;
        return count;
    }
    void wait_record(const std::string& kind, const std::string& id, std::size_t count = 1, std::chrono::milliseconds how_long = patience) {
        eventually(
            std::to_string(count) + " " + kind + " of " + id, [&] { return records(kind, id) >= count; }, how_long,
            [&] { return gateway.process().last_words(); });
    }

    TempDir home{"onvif"};
    Gateway gateway;
    std::string devices;
};

// Of what the camera says of its ONVIF.
std::int64_t number(const IpCamera& camera, const char* name) { return camera.state().at("onvif").at(name).to_number<std::int64_t>(); }

} // namespace

TEST_CASE("onvif: what happens before a camera is in the log, by token and by HTTP digest, also past a forgotten pull point; it leaves none behind") {
    Site site;
    auto options = small_camera();
    options.more = {"--onvif-login", "token"};
    options.clock_offset_s = -3600;
    IpCamera by_token("by-token", options, site.home.path());
    options.more = {"--onvif-login", "http"};
    options.clock_offset_s = 0;
    IpCamera by_http("by-http", options, site.home.path());
    site.add("gate-token", by_token);
    site.add("gate-http", by_http);
    site.gateway.start();
    for (auto* camera : {&by_token, &by_http}) {
        const std::string id = camera == &by_token ? "gate-token" : "gate-http";
        site.wait_record("device.online", id);
        eventually(id + " has a pull point", [&] { return number(*camera, "pull_points") == 1; });
        camera->notice("motion", true);
        camera->notice("motion", false);
        camera->notice("tamper", true);
        camera->notice("line");
        camera->notice("line");
        camera->notice("input", true);
        camera->notice("input", false);
        camera->notice("tamper", false);
        site.wait_record("motion.started", id);
        site.wait_record("motion.ended", id);
        site.wait_record("tamper.raised", id);
        site.wait_record("perimeter.crossed", id, 2);
        site.wait_record("alarm.raised", id);
        site.wait_record("alarm.cleared", id, 2);
        CHECK(number(*camera, "wrong_logins") == 0);
    }
    CHECK(site.records("clock.skewed", "gate-token") == 1);
    CHECK(site.records("clock.skewed", "gate-http") == 0);

    by_http.fault("forget_pull_points", {{"times", 1}});
    site.wait_record("gap", "gate-http", 1, 60s); // seen when the pull that hangs is over, 20 s after it began
    by_http.notice("motion", true);
    site.wait_record("motion.started", "gate-http", 2);

    site.gateway.stop();
    CHECK(number(by_token, "pull_points") == 0);
    CHECK(number(by_http, "pull_points") == 0);
}

TEST_CASE("onvif: not activated, ONVIF off, locked and a wrong password are told apart, and a password is tried once") {
    Site site;
    IpCamera fresh("fresh", small_camera(), site.home.path()), off("off", small_camera(), site.home.path());
    IpCamera locked("locked", small_camera(), site.home.path()), other("other", small_camera(), site.home.path());
    fresh.fault("not_activated");
    off.fault("onvif_off");
    locked.fault("lock");
    site.add("gate-fresh", fresh);
    site.add("gate-off", off);
    site.add("gate-locked", locked);
    site.add("gate-other", other, "another-password");
    site.gateway.start();
    site.gateway.wait_for_log("the camera is not activated");
    site.gateway.wait_for_log("ONVIF is switched off on the camera");
    site.gateway.wait_for_log("account is locked after too many wrong passwords");
    site.gateway.wait_for_log("wrong user name or password");
    CHECK(number(fresh, "wrong_logins") == 0);
    CHECK(number(off, "wrong_logins") == 0);
    CHECK(number(other, "wrong_logins") == 1);
    CHECK(site.gateway.log().find("another-password") == std::string::npos);
}

TEST_CASE("onvif: an address and a password make one device with events and recordings, whose password is changed under it, and both go on") {
    Site site;
    IpCamera camera("gate", small_camera(), site.home.path());
    site.add("gate-1", camera);
    site.gateway.start();
    site.wait_record("device.online", "gate-1");
    eventually(
        "segments of gate-1", [&] { return site.films("gate-1") >= 1; }, patience, [&] { return site.gateway.process().last_words(); });
    camera.notice("motion", true);
    site.wait_record("motion.started", "gate-1");
    CHECK(site.records("device.online", "gate-1") == 1);
    CHECK(number(camera, "wrong_logins") == 0);

    const auto said = site.gateway.api().ask("POST", "/api/v1/devices/gate-1/password");
    CHECK_MESSAGE(said.status == 200, said.body);
    CHECK(said.body.find(camera.options().password) == std::string::npos);
    const auto films = site.films("gate-1");
    eventually(
        "segments after the change", [&] { return site.films("gate-1") > films + 1; }, patience, [&] { return site.gateway.process().last_words(); });
    eventually("a pull point again", [&] { return number(camera, "pull_points") == 1; });
    camera.notice("motion", false);
    site.wait_record("motion.ended", "gate-1");
    CHECK(number(camera, "wrong_logins") == 0);
    // The old one is no longer the camera's, nor ours.
    site.gateway.stop();
    CHECK(site.gateway.log().find(camera.options().password) == std::string::npos);
    site.gateway.start(); // the import holds the old one still, and is not believed
    eventually(
        "segments after a restart", [&] { return site.films("gate-1") > films + 3; }, patience, [&] { return site.gateway.process().last_words(); });
    CHECK(number(camera, "wrong_logins") == 0);
}

TEST_CASE("onvif: camera probe of a device that was added by address and password names the streams that it told, and what is set as which") {
    Site site;
    auto options = small_camera();
    options.sub_size = "192x108";
    IpCamera camera("gate", options, site.home.path());
    site.add("gate-1", camera);
    site.gateway.start();
    site.wait_record("device.online", "gate-1");
    eventually(
        "segments of gate-1", [&] { return site.films("gate-1") >= 1; }, patience, [&] { return site.gateway.process().last_words(); });
    const auto said = site.gateway.ctl({"camera", "probe", "gate-1", "--json"});
    const auto streams = boost::json::parse(said).at("streams").as_array();
    REQUIRE_MESSAGE(streams.size() == 2, said);
    CHECK(streams[0].at("set_as") == "main");
    CHECK(streams[0].at("fault") == "");
    CHECK(streams[0].at("picture").at("codec") == "h264");
    CHECK(streams[1].at("set_as") == "sub");
    CHECK(streams[1].at("fault") == "");
    CHECK(streams[1].at("browsers") == "all");
    CHECK(streams[1].at("picture").at("width") == 192);
    CHECK(number(camera, "wrong_logins") == 0);
}

TEST_CASE("onvif: a change that the camera took without a word is settled by itself, and one that it refuses leaves the old password") {
    Site site;
    IpCamera mute("mute", small_camera(), site.home.path()), stubborn("stubborn", small_camera(), site.home.path());
    site.add("gate-mute", mute);
    site.add("gate-stubborn", stubborn);
    site.gateway.start();
    site.wait_record("device.online", "gate-mute");
    site.wait_record("device.online", "gate-stubborn");
    mute.fault("broken_password_change", {{"times", 1}});
    const auto settled = site.gateway.api().ask("POST", "/api/v1/devices/gate-mute/password");
    CHECK_MESSAGE(settled.status == 200, settled.body);
    stubborn.fault("refuse_password_change");
    CHECK(site.gateway.api().ask("POST", "/api/v1/devices/gate-stubborn/password").status >= 400);
    const auto films = site.films("gate-stubborn");
    eventually("the stubborn one goes on with the old password", [&] { return site.films("gate-stubborn") > films + 1; });
    CHECK(number(mute, "wrong_logins") == 0);
    CHECK(number(stubborn, "wrong_logins") == 0);
}

TEST_CASE("onvif: a range is asked over HTTP, and each camera is told by what a technician must do, and no password is tried") {
    Site site;
    std::vector<std::unique_ptr<IpCamera>> cameras;
    int number_of = 0;
    for (const auto* fault : {"", "not_activated", "onvif_off", "lock"}) {
        auto options = small_camera();
        options.address = "127.0.60." + std::to_string(++number_of);
        options.more = {"--http-port", "80", "--mac", "44:19:b6:00:00:0" + std::to_string(number_of)};
        cameras.push_back(std::make_unique<IpCamera>("c" + std::to_string(number_of), options, site.home.path()));
        if (*fault != '\0') cameras.back()->fault(fault);
    }
    site.gateway.start();
    const auto answer = site.gateway.api().post("/api/v1/discover", boost::json::object{{"address", "127.0.60.1-127.0.60.6"}});
    std::string told;
    for (const auto& one : answer.at("found").as_array())
        told += std::string(one.at("address").as_string()) + "=" + std::string(one.at("note").as_string()) + " ";
    CHECK(told == "127.0.60.1:80= 127.0.60.2:80=not_activated 127.0.60.3:80=onvif_off 127.0.60.4:80=locked ");
    for (const auto& camera : cameras) CHECK(number(*camera, "wrong_logins") == 0);
}
