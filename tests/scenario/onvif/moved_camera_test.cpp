// SPDX-License-Identifier: Apache-2.0
//
// The driver at a camera that shares no code with it, over real sockets: what it is told to do is what the camera does. The daemon has no way to
// ask for it yet, so the driver is held here by hand.
#include "drivers/onvif/driver.hpp"

#include "daemon/net/system_network.hpp"
#include "tests/harness/cameras.hpp"
#include "tests/harness/temp_dir.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <vector>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::harness;
using namespace std::chrono_literals;

namespace {

class KeptRecords final : public RecordSink {
public:
    Task<Result<Appended>> append(Record record, std::optional<SourceMark>) override {
        records.push_back(std::move(record));
        Appended appended;
        appended.position = records.size();
        co_return appended;
    }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string) override { co_return std::optional<SourceMark>(); }
    void hand_over(Record record) override { records.push_back(std::move(record)); }

    std::vector<Record> records;
};

struct Desk {
    explicit Desk(const IpCamera& ip_camera) : camera(ip_camera) {
        DeviceInfo device;
        device.id = "camera-1";
        device.driver = "onvif";
        device.address = {"127.0.0.1", camera.http_port()};
        device.username = camera.options().user;
        device.password = camera.options().password;
        driver = std::make_unique<onvif::OnvifDriver>(std::move(device), Surroundings{loop, clock, entropy, *network, std::chrono::hours(8)});
    }

    // Of what the camera says that it does.
    double speed(const char* axis) const { return camera.state().at("onvif").at("ptz").at(axis).to_number<double>(); }
    bool is_moving() const { return camera.state().at("onvif").at("ptz").at("moving").as_bool(); }
    bool is_relay_active() const { return camera.state().at("onvif").at("relay_active").as_bool(); }
    std::size_t count(Kind kind) const {
        return static_cast<std::size_t>(
            std::count_if(sink.records.begin(), sink.records.end(), [&](const Record& record) { return record.kind == kind; }));
    }

    const IpCamera& camera;
    Loop loop;
    RealClock clock{loop};
    SystemEntropy entropy;
    std::unique_ptr<net::Network> network = net::make_system_network(loop, clock, loop);
    KeptRecords sink;
    std::unique_ptr<onvif::OnvifDriver> driver;
    std::optional<Error> ended;
    bool is_over = false;
};

Task<void> converse(Desk& desk) { desk.ended.emplace(co_await desk.driver->run(desk.sink)); }

template <class Question>
Task<void> within_ten_seconds(Desk& desk, Question is_so) {
    for (int tries = 0; tries < 100 && !is_so() && !desk.ended; ++tries) co_await desk.clock.sleep_for(100ms);
}

Task<void> tell_it_what_to_do(Desk& desk) {
    auto* camera = desk.driver->camera();
    const auto early = co_await camera->stop();
    CHECK(early.error().fault() == Fault::gone); // no conversation yet
    const auto is_online = [&desk] { return desk.count(Kind::device_online) == 1; };
    const auto has_pull_point = [&desk] { return desk.camera.state().at("onvif").at("pull_points").to_number<int>() == 1; };
    co_await within_ten_seconds(desk, is_online);
    co_await within_ten_seconds(desk, has_pull_point);

    CameraMotion motion;
    motion.pan = 0.5;
    motion.tilt = -7; // no camera is faster than its fastest
    motion.zoom = 0.25;
    const auto moved = co_await camera->move(motion);
    CHECK(moved.has_value());
    CHECK(desk.is_moving());
    CHECK(desk.speed("pan") == doctest::Approx(0.5));
    CHECK(desk.speed("tilt") == doctest::Approx(-1));
    CHECK(desk.speed("zoom") == doctest::Approx(0.25));
    const auto stopped = co_await camera->stop();
    CHECK(stopped.has_value());
    CHECK_FALSE(desk.is_moving());

    const auto missing = co_await camera->set_relay(2, true);
    CHECK(missing.error().fault() == Fault::gone);
    CHECK_FALSE(desk.is_relay_active());
    const auto closed = co_await camera->set_relay(1, true);
    CHECK(closed.has_value());
    CHECK(desk.is_relay_active());
    const auto opened = co_await camera->set_relay(1, false);
    CHECK(opened.has_value());
    CHECK_FALSE(desk.is_relay_active());
    // The camera tells both changes of its relay; neither is dropped.
    const auto both_told = [&desk] { return desk.count(Kind::device_event) >= 2; };
    co_await within_ten_seconds(desk, both_told);
    CHECK(desk.count(Kind::device_event) == 2);
    desk.is_over = true;
}

Task<void> until_told(Desk& desk) {
    auto conversing = converse(desk);
    auto telling = tell_it_what_to_do(desk);
    auto both = first_of(std::move(conversing), std::move(telling));
    co_await std::move(both);
    desk.loop.stop();
}

} // namespace

TEST_CASE("onvif: a camera moves, stops and switches its relay as it is told, and its relay's changes are records") {
    TempDir home("onvif-moved");
    auto options = small_camera();
    SUBCASE("token") { options.more = {"--onvif-login", "token"}; }
    SUBCASE("http") { options.more = {"--onvif-login", "http"}; }
    IpCamera camera("moved", options, home.path());
    Desk desk(camera);
    desk.loop.spawn("story", until_told(desk));
    desk.loop.run();
    CHECK(desk.is_over);
    CHECK_FALSE(desk.ended);
    CHECK(camera.state().at("onvif").at("pull_points").to_number<int>() == 0); // none left behind
    CHECK(camera.state().at("onvif").at("wrong_logins").to_number<int>() == 0);
}
