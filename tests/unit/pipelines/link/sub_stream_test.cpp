// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/sub_stream.hpp"

#include "pipelines/link/camera.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/fakes/sim_network.hpp"
#include "tests/unit/pipelines/link/scripted_worker.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::pipelines;
using namespace std::chrono_literals;

namespace {

drivers::DeviceInfo a_camera() {
    drivers::DeviceInfo device;
    device.id = "gate-cam-1";
    device.driver = "rtsp";
    device.address = {"192.168.1.64", 554};
    device.username = "gate";
    device.password = "s3cret";
    device.options = {{"path", "/Streaming/Channels/101"}, {"sub_path", "/Streaming/Channels/102"}};
    return device;
}

struct House {
    House() {
        RecordingRules rules;
        rules.folder = "/recordings";
        auto configuration = sub_configuration_of(a_camera(), rules);
        REQUIRE((configuration && *configuration));
        GlanceParts parts{{loop, clock, entropy, network, 8h}, children, "/usr/lib/gatehouse/gatehouse-media"};
        stream = std::make_unique<SubStream>("gate-cam-1", "192.168.1.64", **configuration, std::move(parts));
        group.spawn("sub", stream->run());
        clock.run_for(1s);
    }
    ~House() {
        group.cancel();
        clock.run_for(5s);
    }
    WorkerState& worker() { return *children.started.back(); }
    void beat(Duration howlong) {
        for (Duration past{}; past < howlong; past += 500ms) {
            if (!worker().hung_up) worker().say(Heartbeat{1, 1, 0, 0, 0, clock.now()});
            clock.run_for(500ms);
        }
    }
    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    fakes::SimNetwork network{loop, clock, entropy};
    ScriptedChildren children;
    std::unique_ptr<SubStream> stream;
    TaskGroup group{loop};
};

} // namespace

TEST_CASE("second stream: a worker runs while somebody looks and a little longer, records nothing and has no folder") {
    House house;
    CHECK(house.children.started.empty());
    auto viewer = house.stream->feed().view();
    house.clock.run_for(10ms);
    REQUIRE(house.children.started.size() == 1);
    const auto heard = house.worker().heard();
    REQUIRE(heard.size() == 1);
    const auto& configuration = std::get<Configuration>(heard[0]);
    CHECK(configuration.url == "rtsp://192.168.1.64:554/Streaming/Channels/102");
    CHECK(configuration.stream == "sub");
    CHECK(configuration.folder.empty());
    CHECK_FALSE(configuration.record);
    CHECK(configuration.live);
    house.worker().say(Opened{"h264", 640, 360, 25'000, ""});
    house.worker().say(LiveInit{"avc1.64001e", 640, 360, 90'000, {1}});
    house.beat(30s);
    CHECK_FALSE(house.worker().hung_up);
    std::optional<LiveViewer::Piece> piece;
    const auto take = [](LiveViewer& from, std::optional<LiveViewer::Piece>& into) -> Task<void> {
        auto next = co_await from.next();
        if (next) into = std::move(*next);
    };
    house.group.spawn("viewer", take(**viewer, piece));
    house.clock.run_for(1ms);
    REQUIRE(piece);
    CHECK(piece->width == 640);
    viewer->reset();
    house.beat(sub_lingers - 1s);
    CHECK_FALSE(house.worker().hung_up);
    house.beat(2s);
    CHECK(house.worker().count_heard<Stop>() == 1); // the camera is told
    house.beat(2s);
    CHECK(house.worker().destroyed);
    house.clock.run_for(1min);
    CHECK(house.children.started.size() == 1);
    auto again = house.stream->feed().view();
    house.clock.run_for(10ms);
    CHECK(house.children.started.size() == 2);
}

TEST_CASE("second stream: one that fails is tried again, ever more seldom; a refused password waits half an hour; one that hangs is killed") {
    House house;
    auto viewer = house.stream->feed().view();
    house.clock.run_for(10ms);
    house.clock.run_for(heartbeat_limit + 100ms); // says nothing
    CHECK(house.children.started[0]->killed);
    house.clock.run_for(2s);
    REQUIRE(house.children.started.size() == 2);
    house.worker().say(Lost{Fault::refused, "401"});
    house.clock.run_for(29min);
    CHECK(house.children.started.size() == 2);
    house.clock.run_for(2min);
    CHECK(house.children.started.size() >= 3);
}

TEST_CASE("second stream: a path that would lead elsewhere is refused by name, and a scheme without paths has none") {
    const auto flaw = [](const std::string& name, const std::string& value) {
        auto device = a_camera();
        device.options[name] = value;
        const auto made = sub_configuration_of(device, RecordingRules());
        return made ? std::string() : made.error().what();
    };
    CHECK(flaw("sub_path", "/sub") == "");
    CHECK(flaw("sub_path", "/a@b").starts_with("option sub_path"));
    CHECK(flaw("scheme", "udp").starts_with("option sub_path"));
    auto without = a_camera();
    without.options.erase("sub_path");
    const auto none = sub_configuration_of(without, RecordingRules());
    REQUIRE(none.has_value());
    CHECK_FALSE(none->has_value());
}
