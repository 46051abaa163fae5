// SPDX-License-Identifier: Apache-2.0
//
// A camera's picture of now, from its feed to a viewer whose speed is told, on simulated time.
#include "tests/unit/daemon/console/office.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::console;
using namespace std::chrono_literals;

namespace {

pipelines::LiveInit an_init(std::uint8_t mark, std::uint16_t width = 640) { return {"avc1.64001e", width, 360, 90'000, {0, mark}}; }

pipelines::FragmentMade a_fragment(std::uint8_t mark, bool key, std::size_t bytes = 2) {
    pipelines::FragmentMade made;
    made.bytes = Bytes(bytes, 0);
    made.bytes[1] = mark;
    made.fragment.bytes = static_cast<std::uint32_t>(bytes);
    made.fragment.key = key;
    return made;
}

/// What a viewer got: texts as they are, of bytes the second one.
struct Viewer {
    std::vector<json::object> texts;
    std::vector<int> marks;
    std::string order; ///< t and b
    Event reads, left;
    bool is_gone = false;
    Viewer() { reads.set(); }
};

class ViewerSocket final : public net::WebSocket {
public:
    explicit ViewerSocket(Viewer& viewer) : viewer_(viewer) {}
    Task<Done> send(std::string text) override {
        co_await viewer_.reads.wait();
        if (viewer_.is_gone) co_return Error(Fault::gone, "gone");
        CHECK(text.starts_with('{'));
        viewer_.order += 't';
        viewer_.texts.push_back(parse_json(text).value().as_object());
        co_return Done();
    }
    Task<Done> send_bytes(std::shared_ptr<const Bytes> bytes) override {
        co_await viewer_.reads.wait();
        if (viewer_.is_gone) co_return Error(Fault::gone, "gone");
        viewer_.order += 'b';
        viewer_.marks.push_back((*bytes)[1]);
        co_return Done();
    }
    Task<Result<std::string>> receive() override {
        co_await viewer_.left.wait();
        co_return Error(Fault::gone, "gone");
    }
    void close() override {}

private:
    Viewer& viewer_;
};

/// An office with one camera, whose main stream is H.265 and whose second one is not.
struct Gate {
    Gate() {
        registry::Device device;
        device.info.id = "gate-1";
        device.info.driver = "rtsp";
        device.info.address = {"192.168.50.64", 554};
        REQUIRE(office.world.await(office.registry->put_device(std::move(device), registry::By{"technician", "uid:1"})).has_value());
        auto parts = office.parts();
        parts.live_of = [this](const std::string& camera, const std::string& stream) {
            CHECK(camera == "gate-1");
            if (stream == "main") return LivePicture{"main", &main};
            return LivePicture{"sub", sub.get()};
        };
        parts.snapshot = [this](std::string) -> Task<Result<pipelines::SnapshotTaken>> { co_return snapshot; };
        parts.camera_looks = [this] { return std::map<std::string, pipelines::CameraLook>{{"gate-1", look}}; };
        parts.probe_camera = [this](drivers::DeviceInfo camera) -> Task<Result<std::vector<pipelines::StreamSeen>>> {
            probed.push_back(std::move(camera));
            co_return streams;
        };
        office.console = std::make_unique<Console>(std::move(parts), [this](std::uint32_t gid) { return office.group_names[gid]; });
    }
    void pass(Duration howlong = 1ms) { office.world.clock.run_for(howlong); }
    int refusal(Asker who, const std::string& target) {
        auto refused = office.world.await(office.console->refuse_upgrade()(Office::request(who, "GET", target)));
        if (!refused) return 0;
        Office::check_problem(*refused);
        return refused->status;
    }
    std::vector<std::string> looked() {
        std::vector<std::string> all;
        const auto page = office.get_object(admin, "/api/v1/audit");
        for (const auto& entry : page.at("records").as_array()) {
            const auto& facts = entry.at("facts").as_object();
            if (facts.contains("what")) all.emplace_back(facts.at("what").as_string());
        }
        return all;
    }

    Office office;
    pipelines::LiveFeed main;
    std::unique_ptr<pipelines::LiveFeed> sub = std::make_unique<pipelines::LiveFeed>();
    Result<pipelines::SnapshotTaken> snapshot{Error(Fault::gone, "no picture comes from the camera")};
    pipelines::CameraLook look;
    std::vector<drivers::DeviceInfo> probed;
    Result<std::vector<pipelines::StreamSeen>> streams{Error(Fault::refused, "401")};
};

struct Looking {
    explicit Looking(Gate& at, Asker who = guard, const std::string& query = {}) : gate(at) {
        at.office.group.spawn("viewer", watch(at, viewer, Office::request(who, "GET", "/api/v1/cameras/gate-1/live" + query)),
                              [this] { has_ended = true; });
        at.pass();
    }
    ~Looking() { leave(); }
    static Task<void> watch(Gate& in, Viewer& at, net::HttpRequest upgrade) {
        auto socket = std::make_unique<ViewerSocket>(at);
        auto feeding = in.office.console->web_socket()(std::move(upgrade), std::move(socket));
        co_await std::move(feeding);
    }
    void leave() {
        viewer.is_gone = true;
        viewer.reads.set();
        viewer.left.set();
        gate.pass(10ms);
    }
    Viewer viewer;
    bool has_ended = false;
    Gate& gate;
};

} // namespace

TEST_CASE("live picture: the codec in words, the init part, then fragments from a key frame on; new words when the pictures change") {
    Gate gate;
    Looking looking(gate);
    gate.sub->publish(an_init(1));
    gate.sub->publish(a_fragment(2, false));
    gate.sub->publish(a_fragment(3, true));
    gate.sub->publish(a_fragment(4, false));
    gate.pass();
    CHECK(looking.viewer.order == "tbbb");
    CHECK(looking.viewer.marks == std::vector<int>{1, 3, 4});
    const json::object video{{"camera", "gate-1"}, {"stream", "sub"}, {"codecs", "avc1.64001e"}, {"width", 640}, {"height", 360}};
    CHECK(json::serialize(looking.viewer.texts[0].at("video")) == json::serialize(video));
    gate.sub->publish(an_init(5, 1280));
    gate.sub->publish(a_fragment(6, true));
    gate.pass();
    CHECK(looking.viewer.order == "tbbbtbb");
    CHECK(looking.viewer.texts[1].at("video").at("width") == 1280);
    CHECK_FALSE(gate.main.is_watched());
    Looking other(gate, guard, "?stream=main");
    CHECK(gate.main.is_watched());
}

TEST_CASE("live picture: who looked at which camera, from when and until when, is in the audit trail, and nothing is shown before it") {
    Gate gate;
    const auto from = to_text(gate.office.world.clock.now());
    {
        Looking looking(gate);
        gate.sub->publish(an_init(1));
        gate.pass(5s);
        const auto looked = gate.looked();
        REQUIRE_FALSE(looked.empty());
        CHECK(std::count(looked.begin(), looked.end(), "live picture gate-1 sub from " + from) == 1);
    }
    bool has_end = false;
    for (const auto& what : gate.looked()) has_end = has_end || what.starts_with("live picture gate-1 sub from " + from + " to ");
    CHECK(has_end);
    gate.office.break_disk();
    Looking blind(gate);
    gate.sub->publish(an_init(1));
    gate.sub->publish(a_fragment(2, true));
    gate.pass(1min);
    CHECK(blind.viewer.marks.empty());
    gate.office.mend_disk();
}

TEST_CASE("live picture: a slow viewer goes on at the next key frame and hears what was left out; one who takes nothing is dropped") {
    Gate gate;
    Looking slow(gate), quick(gate);
    gate.sub->publish(an_init(1));
    gate.sub->publish(a_fragment(2, true));
    gate.pass();
    slow.viewer.reads.reset();
    for (std::uint8_t i = 3; i < 13; ++i) {
        gate.sub->publish(a_fragment(i, i == 12, 1024 * 1024)); // his queue holds four
        gate.pass();
    }
    CHECK(quick.viewer.marks.size() == 12);
    slow.viewer.reads.set();
    gate.pass();
    REQUIRE_FALSE(slow.viewer.texts.empty());
    CHECK(slow.viewer.texts.back().contains("skipped"));
    CHECK(slow.viewer.marks.back() == 12);
    CHECK(slow.viewer.marks.size() < 12);
    slow.viewer.reads.reset();
    gate.sub->publish(a_fragment(13, true));
    gate.pass(29s);
    CHECK_FALSE(slow.has_ended);
    gate.pass(2s);
    CHECK(slow.has_ended);
    CHECK(gate.sub->viewers() == 1);
}

TEST_CASE("live picture: who may not is refused before the upgrade, as are unknown cameras, streams and viewers beyond the bound") {
    Gate gate;
    const std::string path = "/api/v1/cameras/gate-1/live";
    CHECK(gate.refusal(guard, path) == 0);
    CHECK(gate.refusal(technician, path) == 403);
    CHECK(gate.refusal(auditor, path) == 403);
    CHECK(gate.refusal(nobody, path) == 401);
    CHECK(gate.refusal(guard, "/api/v1/cameras/gate-9/live") == 404);
    CHECK(gate.refusal(guard, path + "?stream=third") == 400);
    CHECK(gate.refusal(guard, "/api/v1/cameras") == 404);
    CHECK(gate.office.get(guard, path).status == 426);
    Looking secretly(gate, technician);
    CHECK(secretly.has_ended);
    std::vector<std::unique_ptr<pipelines::LiveViewer>> viewers;
    for (std::size_t i = 0; i < pipelines::viewers_max; ++i) viewers.push_back(*gate.sub->view());
    CHECK(gate.refusal(guard, path) == 429);
    CHECK(gate.refusal(guard, path + "?stream=main") == 0);
    viewers.clear();
    gate.sub.reset();
    CHECK(gate.refusal(guard, path + "?stream=sub") == 501);
}

TEST_CASE("live picture: who loses the right is cut off within ten seconds, and a camera that is removed ends it with a word") {
    Gate gate;
    Looking dismissed(gate, auth::Role::manager), guarding(gate);
    gate.office.group_names.erase(Office::gid_of(auth::Role::manager));
    gate.pass(11s);
    CHECK(dismissed.has_ended);
    CHECK(dismissed.viewer.texts.back().at("problem").at("type") == "urn:gatehouse:problem:not-allowed");
    CHECK_FALSE(guarding.has_ended);
    CHECK(guarding.viewer.texts.back().at("state") == "connecting");
    gate.sub.reset();
    gate.pass();
    CHECK(guarding.has_ended);
    CHECK(guarding.viewer.texts.back().contains("problem"));
}

TEST_CASE("camera pictures: a snapshot leaves only after the audit trail has it; without a picture it says so") {
    Gate gate;
    CHECK(gate.office.get(guard, "/api/v1/cameras/gate-1/snapshot.jpg").status == 502);
    gate.snapshot = pipelines::SnapshotTaken{from_us(1'768'437'000'000'000), 640, 360, {0xff, 0xd8, 7, 8}, ""};
    const auto answer = gate.office.get(guard, "/api/v1/cameras/gate-1/snapshot.jpg");
    CHECK(answer.status == 200);
    CHECK(net::header(answer.headers, "content-type") == "image/jpeg");
    CHECK(answer.body.size() == 4);
    CHECK(gate.looked().front().starts_with("picture of camera gate-1 at "));
    CHECK(gate.office.get(technician, "/api/v1/cameras/gate-1/snapshot.jpg").status == 403);
    gate.office.break_disk();
    const auto blind = gate.office.get(guard, "/api/v1/cameras/gate-1/snapshot.jpg");
    CHECK(blind.status >= 500);
    CHECK(blind.body.find("\xff\xd8") == std::string::npos);
}

TEST_CASE("camera pictures: a probe says what browsers play of each stream; its faults are told apart") {
    Gate gate;
    CHECK(gate.office.get(technician, "/api/v1/cameras/gate-1/probe").status == 409);
    pipelines::StreamSeen main, sub, dead;
    main.path = "/main", main.set_as = "main", main.picture = {"h265", 1920, 1080, 25'000, "aac"}, main.codecs = "hvc1.1.6.L120.90";
    sub.path = "/sub", sub.picture = {"h264", 640, 360, 12'500, ""}, sub.codecs = "avc1.64001e";
    dead.path = "/third", dead.fault = "404", dead.codecs = "avc1.64001e";
    gate.streams = std::vector{main, sub, dead};
    const auto answer = gate.office.get_object(technician, "/api/v1/cameras/gate-1/probe");
    const auto& streams = answer.at("streams").as_array();
    REQUIRE(streams.size() == 3);
    CHECK(streams[0].at("browsers") == "some");
    CHECK(streams[1].at("browsers") == "all");
    CHECK(streams[2].at("browsers") == "none");
    CHECK(streams[1].at("picture").at("fps").as_double() == doctest::Approx(12.5));
    CHECK(gate.office.ask(technician, "POST", "/api/v1/cameras/probe", R"({"address":"192.168.50.65","username":"admin","password":"Gate-2024!"})")
              .status == 200);
    CHECK(gate.probed.back().address == net::Endpoint{"192.168.50.65", 554});
    CHECK(gate.probed.back().password == "Gate-2024!");
    CHECK(gate.office.ask(technician, "POST", "/api/v1/cameras/probe", R"({"address":""})").status == 400);
}

TEST_CASE("camera pictures: the list says what is seen of each camera") {
    Gate gate;
    gate.look.picture = pipelines::Opened{"h265", 1920, 1080, 25'000, ""};
    gate.look.walls = pipelines::Ready{pipelines::Wall::stands, pipelines::Wall::stands, pipelines::Wall::absent, 0};
    gate.look.bits_per_s = 4'000'000;
    gate.look.frames_per_1000_s = 24'980;
    gate.look.policy = "always";
    const auto answer = gate.office.get_object(guard, "/api/v1/cameras");
    const auto& row = answer.at("cameras").as_array().at(0).as_object();
    CHECK(row.at("picture").at("codec") == "h265");
    CHECK(row.at("walls").at("files") == "absent");
    CHECK(row.at("fps").as_double() == doctest::Approx(24.98));
    CHECK(row.at("last_fragment_at").is_null());
    CHECK_FALSE(row.contains("missing_s"));
    CHECK(gate.office.get(guard, "/api/v1/cameras?from=2999-01-01T00:00:00Z").status == 400);
}
