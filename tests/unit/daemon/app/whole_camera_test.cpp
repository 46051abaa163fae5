// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/whole_camera.hpp"

#include "daemon/app/cameras.hpp"
#include "daemon/app/site_power.hpp"
#include "tests/fakes/sim_network.hpp"
#include "tests/unit/daemon/store/world.hpp"

#include <tuple>

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;
using drivers::CameraStream;
using drivers::DeviceInfo;
using State = drivers::DeviceStatus::State;

namespace {

DeviceInfo camera_info(const std::string& driver = "onvif") {
    DeviceInfo info;
    info.id = "gate-1";
    info.driver = driver;
    info.address = {"192.168.50.61", 80};
    info.username = "admin";
    info.password = "Gate-2024!";
    info.options = {{"path", "/onvif/device_service"}, {"segment_s", "30"}};
    return info;
}

/// Events on paper: they tell their streams when the test says so.
class PaperEvents final : public drivers::Driver, public drivers::CameraControl {
public:
    explicit PaperEvents(Clock& clock) : clock_(clock) {}
    Task<Error> run(RecordSink&) override {
        ++runs;
        state.state = State::online;
        state.heard_at = clock_.now();
        co_await clock_.sleep_for(ends_after);
        state.state = State::offline;
        state.fault = "no answer";
        co_return Error(Fault::timed_out, "no answer");
    }
    drivers::DeviceStatus status() const override { return state; }
    drivers::CameraControl* camera() override { return has_camera ? this : nullptr; }
    std::vector<CameraStream> streams() const override { return told; }
    std::string snapshot_uri() const override { return {}; }
    Task<Done> move(drivers::CameraMotion) override { co_return Done(); }
    Task<Done> stop() override { co_return Done(); }
    Task<Done> set_relay(std::int64_t, bool) override { co_return Done(); }

    std::vector<CameraStream> told;
    drivers::DeviceStatus state;
    Duration ends_after = 24h;
    bool has_camera = true;
    int runs = 0;

private:
    Clock& clock_;
};

struct Recorded {
    std::vector<std::string> begun; ///< addresses, in order
    int now = 0, most = 0;
    drivers::DeviceStatus state;
};

class PaperPicture final : public drivers::Driver {
public:
    PaperPicture(std::string uri, Clock& clock, Recorded& recorded) : uri_(std::move(uri)), clock_(clock), recorded_(recorded) {}
    Task<Error> run(RecordSink&) override {
        struct Count {
            Recorded& recorded;
            explicit Count(Recorded& r) : recorded(r) { recorded.most = std::max(recorded.most, ++recorded.now); }
            ~Count() { --recorded.now; }
        } count(recorded_);
        recorded_.begun.push_back(uri_);
        co_await clock_.sleep_for(24h);
        co_return Error(Fault::gone, "over");
    }
    bool tells_its_losses() const override { return true; }
    drivers::DeviceStatus status() const override { return recorded_.state; }

private:
    std::string uri_;
    Clock& clock_;
    Recorded& recorded_;
};

struct Yard {
    explicit Yard(const DeviceInfo& info = camera_info()) {
        world.open();
        auto made = std::make_unique<PaperEvents>(world.clock);
        events = made.get();
        const auto make = [this](const DeviceInfo& device, const CameraStream& stream) -> Result<std::unique_ptr<drivers::Driver>> {
            auto picture = picture_of(device, stream);
            if (!picture) return std::move(picture).error();
            last = *picture;
            return std::unique_ptr<drivers::Driver>(std::make_unique<PaperPicture>(stream.uri, world.clock, recorded));
        };
        camera = std::make_unique<WholeCamera>(info, std::move(made), WholeCamera::Parts{surroundings, drivers::Company{pace, power}, make});
    }
    ~Yard() {
        group.cancel();
        world.clock.run_for(1s);
    }
    void start() {
        auto run = [](Yard& yard) -> Task<void> { std::ignore = co_await yard.camera->run(*yard.world.store); };
        group.spawn("camera", run(*this));
    }

    store::World world;
    fakes::SimNetwork network{world.loop, world.clock, world.entropy};
    drivers::Surroundings surroundings{world.loop, world.clock, world.entropy, network};
    drivers::Pace pace{world.clock, world.entropy, 256};
    SitePower power{world.clock, [](const std::string&) { return std::nullopt; }, SitePower::Rules()};
    Recorded recorded;
    DeviceInfo last;
    PaperEvents* events = nullptr;
    std::unique_ptr<WholeCamera> camera;
    TaskGroup group{world.loop};
};

CameraStream stream_at(const std::string& uri) {
    CameraStream stream;
    stream.uri = uri;
    return stream;
}

} // namespace

TEST_CASE("whole camera: the stream that it tells is recorded, with its own account and options, at the stream's port and path") {
    Yard yard;
    yard.start();
    yard.world.clock.run_for(10s);
    CHECK(yard.recorded.begun.empty()); // nobody knows where its pictures are
    CHECK(yard.events->runs == 1);
    yard.events->told = {stream_at("rtsp://192.168.50.61:8554/main?profile=Profile_1&x=2"), stream_at("rtsp://192.168.50.61:8554/sub")};
    yard.world.clock.run_for(2s);
    CHECK(yard.recorded.begun == std::vector<std::string>{"rtsp://192.168.50.61:8554/main?profile=Profile_1&x=2"});
    CHECK(yard.last.address == net::Endpoint{"192.168.50.61", 8554});
    CHECK(yard.last.options.at("path") == "/main?profile=Profile_1&x=2");
    CHECK(yard.last.options.at("scheme") == "rtsp");
    CHECK(yard.last.options.at("segment_s") == "30");
    CHECK(yard.last.username == "admin");
    CHECK(yard.last.password == "Gate-2024!");
    CHECK(yard.last.id == "gate-1");
}

TEST_CASE("whole camera: events that are lost do not end the recording, and a moved stream is followed by one worker at a time") {
    Yard yard;
    yard.events->told = {stream_at("rtsp://192.168.50.61:554/a")};
    yard.events->ends_after = 20s;
    yard.start();
    yard.world.clock.run_for(5min);
    CHECK(yard.events->runs > 2);
    CHECK(yard.recorded.begun.size() == 1);
    yard.events->told = {stream_at("rtsp://192.168.50.61:554/b")};
    yard.world.clock.run_for(5s);
    CHECK(yard.recorded.begun == std::vector<std::string>{"rtsp://192.168.50.61:554/a", "rtsp://192.168.50.61:554/b"});
    CHECK(yard.recorded.most == 1);
    yard.group.cancel();
    yard.world.clock.run_for(1s);
    CHECK(yard.recorded.now == 0);
}

TEST_CASE("whole camera: its state is the picture's, and what is wrong with either is told") {
    Yard yard;
    yard.events->told = {stream_at("rtsp://192.168.50.61:554/a")};
    yard.start();
    yard.world.clock.run_for(2s);
    yard.recorded.state.state = State::online;
    CHECK(yard.camera->status().state == State::online);
    CHECK(yard.camera->status().fault.empty());
    yard.recorded.state.state = State::offline;
    yard.recorded.state.fault = "no frame for 4 s";
    CHECK(yard.camera->status().state == State::offline);
    CHECK(yard.camera->status().fault == "picture: no frame for 4 s");
    yard.recorded.state.state = State::online;
    yard.recorded.state.fault.clear();
    yard.events->state.state = State::offline;
    yard.events->state.fault = "ONVIF is switched off";
    CHECK(yard.camera->status().state == State::online);
    CHECK(yard.camera->status().fault == "events: ONVIF is switched off");
}

TEST_CASE("whole camera: which devices have pictures, and where an ISAPI device has them") {
    CHECK(has_pictures(camera_info()));
    CHECK_FALSE(has_pictures(camera_info("isapi")));
    auto info = camera_info();
    info.options["video"] = "no";
    CHECK_FALSE(has_pictures(info));
    info = camera_info("isapi");
    info.options["video"] = "yes";
    CHECK(has_pictures(info));
    Yard yard(info);
    yard.events->has_camera = false;
    yard.start();
    yard.world.clock.run_for(2s);
    CHECK(yard.recorded.begun == std::vector<std::string>{"rtsp://192.168.50.61:554/Streaming/Channels/101"});
    CHECK(picture_of(info, stream_at("nothing")).has_error());
    CHECK(picture_of(info, stream_at("rtsp://192.168.50.61/path")).has_error());
    CHECK(picture_of(info, stream_at("rtsp://[fe80::1]:554/path"))->address.port == 554);
    CHECK_FALSE(picture_of(info, stream_at("rtsp://192.168.50.61:554/main"))->options.contains("watch"));
    info = camera_info();
    CHECK(picture_of(info, stream_at("rtsp://192.168.50.61:554/main"))->options.at("watch") == "off"); // it says itself what moves
    info.options["watch"] = "on";
    CHECK(picture_of(info, stream_at("rtsp://192.168.50.61:554/main"))->options.at("watch") == "on");
}

TEST_CASE("whole camera: its second stream is the first that browsers play, unless its options name one") {
    auto main = stream_at("rtsp://192.168.50.61:554/main"), hard = stream_at("rtsp://192.168.50.61:554/hard");
    auto easy = stream_at("rtsp://192.168.50.61:554/easy?profile=2");
    main.codec = easy.codec = "h264";
    hard.codec = "h265";
    hard.role = easy.role = drivers::CameraStream::Role::sub;
    CHECK(with_second(camera_info(), {main, hard, easy}).options.at("sub_path") == "/easy?profile=2");
    CHECK_FALSE(with_second(camera_info(), {main, hard}).options.contains("sub_path"));
    auto elsewhere = easy;
    elsewhere.uri = "rtsp://192.168.50.61:8554/easy";
    CHECK_FALSE(with_second(camera_info(), {main, elsewhere}).options.contains("sub_path"));
    auto info = camera_info();
    info.options["sub_path"] = "/own";
    CHECK(with_second(info, {main, easy}).options.at("sub_path") == "/own");
}

TEST_CASE("whole camera: it is probed where it tells its streams, or where cameras of the trade have them") {
    auto main = stream_at("rtsp://192.168.50.61:8554/main"), easy = stream_at("rtsp://192.168.50.61:8554/easy");
    auto beside = stream_at("rtsp://192.168.50.61:554/beside"), page = stream_at("http://192.168.50.61:80/picture");
    easy.codec = "h264";
    easy.role = drivers::CameraStream::Role::sub;
    auto info = camera_info();
    info.options["path"] = "/onvif/device_service";
    auto probing = probing_of(info, {page, main, beside, easy});
    CHECK(probing.camera.driver == "rtsp");
    CHECK(probing.camera.address.port == 8554);
    CHECK(probing.camera.options.at("path") == "/main");
    CHECK(probing.camera.options.at("sub_path") == "/easy");
    CHECK(probing.camera.password == info.password);
    CHECK(probing.told == std::vector<std::string>{"/main", "/easy"});
    probing = probing_of(info, {});
    CHECK(probing.camera.driver == "rtsp");
    CHECK(probing.camera.address.port == 554);
    CHECK_FALSE(probing.camera.options.contains("path"));
    CHECK(probing.told.empty());
    info.driver = "rtsp";
    info.address.port = 1554;
    probing = probing_of(info, {});
    CHECK(probing.camera.address.port == 1554);
    CHECK(probing.camera.options.contains("path"));
}

TEST_CASE("whole camera: what it tells by ONVIF switches its own recording, what its worker saw does so by itself") {
    Record motion;
    motion.source = "gate-cam";
    motion.place = "gate";
    CHECK(is_event_for(motion, "gate-cam", "gate", true));
    CHECK(is_event_for(motion, "gate-cam", "", true));
    CHECK_FALSE(is_event_for(motion, "gate-cam", "gate", false));
    CHECK(is_event_for(motion, "other-cam", "gate", false));
    CHECK_FALSE(is_event_for(motion, "other-cam", "yard", true));
    motion.place.clear();
    CHECK_FALSE(is_event_for(motion, "other-cam", "", true)); // nowhere is no place that two can share
}
