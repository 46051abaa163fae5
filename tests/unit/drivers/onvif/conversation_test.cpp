// SPDX-License-Identifier: Apache-2.0
//
// The whole conversation over the real HTTP client, byte for byte on a simulated network.
#include "tests/unit/drivers/onvif/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("conversation: by token or by HTTP digest the camera is online, with its streams at the address that we know") {
    World world;
    SUBCASE("token") {}
    SUBCASE("http") { world.camera.log_in = PaperCamera::LogIn::http; }
    SUBCASE("either") { world.camera.log_in = PaperCamera::LogIn::either; }
    world.start();
    world.clock.run_for(5s);
    REQUIRE_FALSE(world.ended);
    CHECK(world.sink.refused.empty());
    CHECK(world.camera.wrong_tries == 0);
    REQUIRE(world.sink.count(Kind::device_online) == 1);
    CHECK(world.sink.of(Kind::device_online)[0].facts.at("firmware") == "HIKVISION DS-2CD2T47G2-L V5.7.3 build 230101");
    CHECK(world.driver->status().state == DeviceStatus::State::online);
    const auto streams = world.driver->camera()->streams();
    REQUIRE(streams.size() == 2);
    CHECK(streams[0].role == CameraStream::Role::main);
    CHECK(streams[0].codec == "h265");
    CHECK(streams[0].width == 2560);
    CHECK(streams[0].uri == "rtsp://192.168.50.61:8554/main");
    CHECK(streams[1].role == CameraStream::Role::sub);
    CHECK(streams[1].codec == "h264");
    CHECK(world.driver->camera()->snapshot_uri() == "http://192.168.50.61:80/onvif-http/snapshot?Profile_1");
    CHECK(world.sink.count(Kind::clock_skewed) == 0);
}

TEST_CASE("conversation: without media 2 the streams come from media") {
    World world;
    world.camera.has_media2 = false;
    world.start();
    world.clock.run_for(5s);
    const auto streams = world.driver->camera()->streams();
    REQUIRE(streams.size() == 2);
    CHECK(streams[0].uri == "rtsp://192.168.50.61:554/Streaming/Channels/101?transportmode=unicast&profile=Profile_1");
    CHECK(streams[0].codec == "h264");
}

TEST_CASE("conversation: a wrong password is tried once, and the conversation says refused") {
    World world;
    world.camera.password = "another one";
    SUBCASE("token") {}
    SUBCASE("http") { world.camera.log_in = PaperCamera::LogIn::http; }
    SUBCASE("either") { world.camera.log_in = PaperCamera::LogIn::either; }
    SUBCASE("either, told to send tokens") {
        world.camera.log_in = PaperCamera::LogIn::either;
        world.device.options["log_in"] = "token";
        world.make_driver();
    }
    world.start();
    world.clock.run_for(30s);
    REQUIRE(world.ended);
    CHECK(world.ended->fault() == Fault::refused);
    CHECK(world.driver->trouble() == Trouble::wrong_password);
    CHECK(world.driver->status().state == DeviceStatus::State::refused);
    CHECK(world.camera.wrong_tries == 1);
    CHECK(world.sink.records.empty());
    CHECK_FALSE(world.driver->status().heard_at); // never online: nothing goes offline
    CHECK(world.ended->what().find("Gate-2024!") == std::string::npos);
}

TEST_CASE("conversation: locked, not activated, ONVIF off and no camera at all are told apart") {
    World world;
    auto expected = Trouble::none;
    auto fault = Fault::unsupported;
    std::string said;
    SUBCASE("locked") {
        world.camera.is_locked = true;
        expected = Trouble::locked, fault = Fault::refused, said = "1742 s";
    }
    SUBCASE("not activated") {
        world.camera.onvif_is_off = true;
        world.camera.vendor_page = golden("vendor_not_activated.xml");
        expected = Trouble::not_activated, said = "not activated";
    }
    SUBCASE("off") {
        world.camera.onvif_is_off = true;
        world.camera.vendor_page = replaced(golden("vendor_not_activated.xml"), "notActivated", "badAuthorization");
        expected = Trouble::onvif_off, said = "switched off";
    }
    SUBCASE("something else with a web server") {
        world.camera.onvif_is_off = true;
        expected = Trouble::onvif_off, said = "no ONVIF at /onvif/device_service";
    }
    SUBCASE("nothing") {
        world.network.stop_listening(world.device.address);
        fault = Fault::unreachable, said = "192.168.50.61";
    }
    world.start();
    world.clock.run_for(30s);
    REQUIRE(world.ended);
    CHECK(world.ended->fault() == fault);
    CHECK(world.driver->trouble() == expected);
    CHECK(world.ended->what().find(said) != std::string::npos);
    CHECK(world.camera.wrong_tries <= 1);
}

TEST_CASE("conversation: a camera an hour off is logged in to by its own clock, and its clock is told") {
    World world;
    world.camera.clock_error = -1h;
    world.start();
    world.clock.run_for(5s);
    REQUIRE(world.sink.count(Kind::clock_skewed) == 1);
    const auto skewed = world.sink.of(Kind::clock_skewed)[0];
    CHECK(std::abs(skewed.facts.at("offset_ms").as_int64() + 3'600'000) <= 1000);
    CHECK(skewed.facts.at("set") == false);
    CHECK(world.camera.wrong_tries == 0);
    world.camera.notify(world.camera.motion(true));
    world.clock.run_for(3h);
    CHECK(world.sink.count(Kind::clock_skewed) == 1);
    REQUIRE(world.sink.count(Kind::motion_started) == 1);
    CHECK(world.sink.of(Kind::motion_started)[0].clock == ClockState::skewed);
}

TEST_CASE("conversation: an unsynced clock of ours judges nobody's, but still dates the log-in") {
    World world;
    world.clock.set_quality(ClockQuality::unsynced);
    world.camera.clock_error = 2h;
    world.start();
    world.clock.run_for(5s);
    CHECK(world.sink.count(Kind::device_online) == 1);
    CHECK(world.sink.count(Kind::clock_skewed) == 0);
}

TEST_CASE("conversation: a camera that does not tell its clock, and refuses ours, has a clock too far") {
    World world;
    world.camera.tells_time = false;
    world.camera.clock_error = 2h;
    world.start();
    world.clock.run_for(5s);
    REQUIRE(world.ended);
    CHECK(world.driver->trouble() == Trouble::clock_too_far);
    CHECK(world.camera.wrong_tries == 1);
    world.camera.clock_error = 0s;
    world.start();
    world.clock.run_for(5s);
    CHECK(world.driver->status().state == DeviceStatus::State::online);
}

TEST_CASE("conversation: events arrive as they happen, and how things stood is no alarm") {
    World world;
    world.start();
    world.clock.run_for(2s);
    world.camera.notify(world.camera.motion(true, "Initialized"));
    world.clock.run_for(1s);
    CHECK(world.sink.count(Kind::motion_started) == 0);
    world.camera.notify(world.camera.motion(false));
    world.camera.notify(world.camera.motion(true));
    world.clock.run_for(100ms);
    CHECK(world.sink.count(Kind::motion_started) == 1);
    world.camera.notify(world.camera.motion(false));
    world.clock.run_for(1h);
    CHECK(world.sink.count(Kind::motion_ended) == 2); // of how things stood, and of what began since
    CHECK(world.sink.count(Kind::gap) == 0);
    CHECK(world.camera.next_point == 2); // one pull point for an hour: it was renewed in time
    CHECK(world.camera.asked["Renew"] > 30);
    CHECK(world.sink.refused.empty());
    CHECK(world.driver->status().events == world.sink.records.size());
}

TEST_CASE("conversation: a forgotten pull point is replaced within it, no more often than in five seconds, and what may be lost is a gap") {
    World world;
    world.start();
    world.clock.run_for(60s);
    world.camera.forget_points();
    world.clock.run_for(6s);
    REQUIRE_FALSE(world.ended);
    REQUIRE(world.sink.count(Kind::gap) == 1);
    CHECK(world.sink.of(Kind::gap)[0].facts.at("of") == "camera-1");
    CHECK(world.camera.next_point == 3);
    world.camera.notify(world.camera.motion(true));
    world.clock.run_for(1s);
    CHECK(world.sink.count(Kind::motion_started) == 1);
    CHECK(world.sink.count(Kind::device_offline) == 0);
    for (int i = 0; i < 60; ++i) {
        world.camera.forget_points();
        world.clock.run_for(1s);
    }
    CHECK(world.camera.next_point <= 3 + 60 / 5 + 1);
}

TEST_CASE("conversation: without a free pull point the camera stays online, says so, and is asked again in a minute") {
    World world;
    world.camera.points_max = 0;
    world.start();
    world.clock.run_for(10min);
    REQUIRE_FALSE(world.ended);
    CHECK(world.driver->status().state == DeviceStatus::State::online);
    CHECK(world.driver->status().fault.find("no events") != std::string::npos);
    CHECK(world.camera.asked["CreatePullPointSubscription"] <= 14);
    world.camera.points_max = 8;
    world.clock.run_for(61s);
    CHECK(world.camera.points.size() == 1);
    CHECK(world.driver->status().fault.empty());
}

TEST_CASE("conversation: a camera that answers an empty pull at once is asked once a second") {
    World world;
    world.camera.answers_at_once = true;
    world.start();
    world.clock.run_for(60s);
    CHECK(world.camera.asked["PullMessages"] <= 62);
    CHECK(world.camera.asked["PullMessages"] >= 50);
}

TEST_CASE("conversation: ended from outside, it leaves its pull point") {
    World world;
    world.start();
    world.clock.run_for(10s);
    REQUIRE(world.camera.points.size() == 1);
    world.group.cancel();
    world.clock.run_for(3s);
    CHECK(world.camera.points.empty());
}

TEST_CASE("conversation: a camera that is cut off is lost within half a minute") {
    World world;
    world.start();
    world.clock.run_for(10s);
    world.network.cut("192.168.50.61");
    world.clock.run_for(31s);
    REQUIRE(world.ended);
    CHECK((world.ended->fault() == Fault::timed_out || world.ended->fault() == Fault::unreachable));
    CHECK(world.driver->status().state == DeviceStatus::State::offline);
    CHECK(world.driver->camera()->streams().size() == 2); // still known
    CHECK(world.done(world.driver->camera()->stop()).error().fault() == Fault::gone);
}

TEST_CASE("conversation: it moves, stops and switches what the camera has") {
    World world;
    world.start();
    world.clock.run_for(5s);
    auto* camera = world.driver->camera();
    CHECK(world.done(camera->move(CameraMotion{0.5, -1, 0})).has_value());
    CHECK(world.camera.last_body["ContinuousMove"].find(replaced(golden("asked_continuous_move.xml"), "Profile_1", "Media2_2")) != std::string::npos);
    CHECK(world.done(camera->stop()).has_value());
    CHECK(world.done(camera->set_relay(2, true)).has_value());
    CHECK(world.camera.last_body["SetRelayOutputState"].find("RelayOutput_2</tds:RelayOutputToken><tds:LogicalState>active<") != std::string::npos);
    CHECK(world.done(camera->set_relay(3, true)).error().fault() == Fault::gone);
    CHECK(world.camera.asked["SetRelayOutputState"] == 1);
}

TEST_CASE("conversation: what the disk refuses is counted, and the next event is stored") {
    World world;
    world.start();
    world.clock.run_for(5s);
    world.sink.is_broken = true;
    world.camera.notify(world.camera.motion(true));
    world.clock.run_for(1s);
    CHECK(world.driver->status().lost == 1);
    world.sink.is_broken = false;
    world.camera.notify(world.camera.motion(false));
    world.clock.run_for(1s);
    CHECK(world.sink.count(Kind::motion_ended) == 1);
    CHECK_FALSE(world.ended);
}
