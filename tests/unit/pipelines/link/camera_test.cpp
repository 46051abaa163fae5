// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/camera.hpp"

#include "drivers/supervisor.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/fakes/sim_network.hpp"
#include "tests/unit/pipelines/link/scripted_worker.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::pipelines;
using namespace std::chrono_literals;

namespace {

class MemorySink final : public RecordSink {
public:
    Task<Result<Appended>> append(Record record, std::optional<SourceMark> mark) override {
        const auto judged = check_record(record);
        CHECK_MESSAGE(judged.has_value(), (judged ? std::string() : judged.error().what()));
        if (mark) kept_mark = mark;
        records.push_back(std::move(record));
        co_return Appended{records.size(), false, false};
    }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string) override { co_return kept_mark; }
    void hand_over(Record record) override { records.push_back(std::move(record)); }

    std::vector<Record> of(Kind kind) const {
        std::vector<Record> found;
        for (const auto& record : records)
            if (record.kind == kind) found.push_back(record);
        return found;
    }
    std::vector<Record> records;
    std::optional<SourceMark> kept_mark;
};

drivers::DeviceInfo a_camera() {
    drivers::DeviceInfo device;
    device.id = "gate-cam-1";
    device.driver = "rtsp";
    device.address = {"192.168.1.64", 554};
    device.username = "gate";
    device.password = "s3cret";
    device.options = {{"path", "/Streaming/Channels/101"}};
    return device;
}

drivers::DeviceInfo an_event_camera() {
    auto device = a_camera();
    device.options["record"] = "on_event";
    return device;
}

Segment a_segment(Time from, Duration length) {
    Segment segment;
    segment.camera = "gate-cam-1";
    segment.file = "a.mp4";
    segment.init_bytes = 10;
    segment.bytes = 15;
    segment.started_at = from;
    segment.ended_at = from + length;
    segment.timescale = 90'000;
    segment.end = "rolled";
    segment.fragments = {{10, 5, 0, 100, 1, true}};
    return segment;
}

struct House {
    explicit House(drivers::DeviceInfo info = a_camera()) : device(std::move(info)) {
        RecordingRules rules;
        rules.folder = "/recordings";
        auto configuration = configuration_of(device, rules);
        REQUIRE(configuration.has_value());
        Camera::Parts parts{surroundings, children, "/usr/lib/gatehouse/gatehouse-media", live,
                            [this](Segment segment) { closed.push_back(std::move(segment)); }};
        parts.outage = &mains;
        auto plan = recording_plan_of(device, rules, 8h);
        REQUIRE(plan.has_value());
        recording = parts.recording = std::make_shared<RecordingSwitch>(*plan, clock);
        camera = std::make_unique<Camera>(device, std::move(*configuration), std::move(parts));
        handle = group.spawn("camera", drivers::supervise(*camera, device, sink, surroundings, drivers::Company{pace, mains}));
    }
    ~House() {
        group.cancel();
        clock.run_for(10s);
    }
    WorkerState& worker() { return *children.started.back(); }
    /// As a worker that lives: a heartbeat every half second.
    void beat(Duration howlong) {
        for (Duration past{}; past < howlong; past += 500ms) {
            frames += 12;
            worker().say(Heartbeat{frames, 0, 0, 0, 0, clock.now()});
            clock.run_for(500ms);
        }
    }
    void lose() {
        worker().say(Lost{Fault::timed_out, "no video for 4 s"});
        worker().end({1, 0});
    }
    void stay_away(Duration howlong) {
        for (Duration past{}; past < howlong; past += 500ms) {
            if (!worker().hung_up) lose();
            clock.run_for(500ms);
        }
    }
    void open() {
        clock.run_for(2s);
        worker().say(Ready{Wall::stands, Wall::stands, Wall::stands, 7});
        worker().say(Opened{"h264", 1920, 1080, 25'000, ""});
        beat(1s);
    }

    Loop loop;
    fakes::SimClock clock{loop};
    SeededEntropy entropy{7};
    fakes::SimNetwork network{loop, clock, entropy};
    drivers::Surroundings surroundings{loop, clock, entropy, network, 8h};
    drivers::Pace pace{clock, entropy, 16};
    struct Mains : drivers::Outage {
        std::optional<std::string> cause() const override { return lost; }
        bool is_watched() const override { return has_ups; }
        std::optional<std::string> lost;
        bool has_ups = false;
    } mains;
    drivers::DeviceInfo device;
    MemorySink sink;
    ScriptedChildren children;
    LiveFeed live;
    std::vector<Segment> closed;
    std::shared_ptr<RecordingSwitch> recording;
    std::unique_ptr<Camera> camera;
    TaskGroup group{loop};
    std::uint64_t handle = 0, frames = 0;
};

} // namespace

TEST_CASE("camera: address and password go over the link and nowhere else") {
    House house;
    house.clock.run_for(1ms);
    REQUIRE(house.children.started.size() == 1);
    const auto heard = house.worker().heard();
    REQUIRE(heard.size() == 1);
    const auto& configuration = std::get<Configuration>(heard[0]);
    CHECK(configuration.url == "rtsp://192.168.1.64:554/Streaming/Channels/101");
    CHECK(configuration.username == "gate");
    CHECK(configuration.password == "s3cret");
    CHECK(configuration.folder == "/recordings/gate-cam-1");
    CHECK(configuration.record);
    CHECK(house.children.programs[0] == "/usr/lib/gatehouse/gatehouse-media");
}

TEST_CASE("camera: the interface that it names goes over the link") {
    auto info = a_camera();
    info.binding.interface = "enp3s0";
    House house(info);
    house.clock.run_for(2s);
    const auto heard = house.worker().heard();
    REQUIRE(!heard.empty());
    const auto* configuration = std::get_if<Configuration>(&heard.front());
    REQUIRE(configuration != nullptr);
    CHECK(configuration->interface == "enp3s0");
}

TEST_CASE("camera: an option that would lead elsewhere is refused by name") {
    const auto flaw = [](const std::string& name, const std::string& value) {
        auto device = a_camera();
        device.options[name] = value;
        const auto made = configuration_of(device, RecordingRules());
        return made ? std::string() : made.error().what();
    };
    CHECK(flaw("path", "/main") == "");
    for (const auto* path : {"main", "/a b", "/a\r\nHost: b", "/a@b", "/a\"b"}) CHECK(flaw("path", path).starts_with("option path"));
    CHECK(flaw("scheme", "file").starts_with("option scheme"));
    CHECK(flaw("transport", "pigeon").starts_with("option transport"));
    CHECK(flaw("segment_s", "0").starts_with("option segment_s"));
    CHECK(flaw("segment_s", "3601").starts_with("option segment_s"));
    auto climber = a_camera();
    climber.id = "..";
    CHECK_FALSE(configuration_of(climber, RecordingRules()).has_value());
    auto six = a_camera();
    six.address = {"fd00::64", 554};
    CHECK(configuration_of(six, RecordingRules())->url == "rtsp://[fd00::64]:554/Streaming/Channels/101");
}

TEST_CASE("camera: lost and found are one record each, with cause and times, also over a restart") {
    House house;
    house.open();
    CHECK(house.camera->status().state == drivers::DeviceStatus::State::online);
    CHECK(house.sink.of(Kind::camera_lost).empty());
    CHECK(house.sink.of(Kind::camera_restored).empty()); // it was never lost
    const auto last_frame = house.clock.now() - 500ms;
    house.worker().say(Lost{Fault::timed_out, "no video for 4 s"});
    house.worker().end({1, 0});
    house.clock.run_for(1ms);
    REQUIRE(house.sink.of(Kind::camera_lost).size() == 1);
    const auto lost = house.sink.of(Kind::camera_lost)[0];
    CHECK(lost.facts.at("cause").as_string() == "no video for 4 s");
    CHECK(lost.facts.at("from").as_string() == to_text(last_frame));
    CHECK(house.sink.of(Kind::device_offline).empty()); // the supervisor holds back

    // It stays away: no second record.
    house.clock.run_for(2s);
    house.worker().say(Lost{Fault::unreachable, "connection refused"});
    house.worker().end({1, 0});
    house.clock.run_for(1ms);
    CHECK(house.sink.of(Kind::camera_lost).size() == 1);

    // A daemon that comes up meanwhile knows it from the log.
    House next;
    next.sink.kept_mark = house.sink.kept_mark;
    next.open();
    REQUIRE(next.sink.of(Kind::camera_restored).size() == 1);
    CHECK(next.sink.of(Kind::camera_restored)[0].facts.at("from").as_string() == to_text(last_frame));
    next.worker().say(Lost{Fault::gone, "the stream ended"});
    next.worker().end({1, 0});
    next.clock.run_for(1ms);
    CHECK(next.sink.of(Kind::camera_lost).size() == 1);
}

constexpr auto outage_id = "019a9e2c-0000-7000-8000-000000000001";

TEST_CASE("camera: a silence while the power is out is device.dark, with the outage, although the camera fell silent before the UPS spoke") {
    House house;
    house.mains.has_ups = true;
    house.open();
    house.sink.records.clear();
    house.lose();
    house.clock.run_for(2s);
    CHECK(house.sink.records.empty());
    house.mains.lost = outage_id;
    house.clock.run_for(2s);
    REQUIRE(house.sink.of(Kind::device_dark).size() == 1);
    const auto dark = house.sink.of(Kind::device_dark)[0];
    CHECK(spec_of(dark.kind).lane == Lane::routine);
    CHECK(dark.facts.at("outage").as_string() == outage_id);
    CHECK(dark.facts.at("fault").as_string() == "timed_out");
    CHECK(house.sink.of(Kind::camera_lost).empty());
    // It comes back with the power, also to a daemon that began meanwhile: as every other device.
    House next;
    next.sink.kept_mark = house.sink.kept_mark;
    next.open();
    CHECK(next.sink.of(Kind::device_online).size() == 1);
    CHECK(next.sink.of(Kind::camera_restored).empty());
}

TEST_CASE("camera: what has not come back when the outage is over is lost after all, once, and names it") {
    House house;
    house.mains.has_ups = true;
    house.mains.lost = outage_id;
    house.open();
    const auto last_frame = house.clock.now() - 500ms;
    house.lose();
    house.stay_away(5min);
    CHECK(house.sink.of(Kind::camera_lost).empty());
    house.mains.lost.reset();
    house.stay_away(5min);
    REQUIRE(house.sink.of(Kind::camera_lost).size() == 1);
    CHECK(house.sink.of(Kind::camera_lost)[0].facts.at("outage").as_string() == outage_id);
    CHECK(house.sink.of(Kind::camera_lost)[0].facts.at("from").as_string() == to_text(last_frame));
    CHECK(house.sink.of(Kind::device_dark).size() == 1);
}

TEST_CASE("camera: a worker that crashes, or falls silent while the mains are there, is lost; without a UPS nobody waits") {
    House crashed;
    crashed.mains.has_ups = true;
    crashed.mains.lost = outage_id;
    crashed.open();
    crashed.worker().end({0, 11});
    crashed.clock.run_for(1ms);
    CHECK(crashed.sink.of(Kind::camera_lost).size() == 1);
    House mains;
    mains.mains.has_ups = true;
    mains.open();
    mains.lose();
    mains.clock.run_for(4s);
    REQUIRE(mains.sink.of(Kind::camera_lost).size() == 1);
    CHECK_FALSE(mains.sink.of(Kind::camera_lost)[0].facts.contains("outage"));
    House alone;
    alone.open();
    alone.lose();
    alone.clock.run_for(1ms);
    CHECK(alone.sink.of(Kind::camera_lost).size() == 1);
}

TEST_CASE("camera: a worker without a sign of life for five seconds is killed and another one begins") {
    House house;
    house.open();
    house.clock.run_for(4900ms - 500ms);
    CHECK_FALSE(house.worker().killed);
    house.clock.run_for(700ms);
    CHECK(house.children.started.front()->killed);
    house.clock.run_for(2s);
    CHECK(house.children.started.size() == 2);
    CHECK(house.sink.of(Kind::camera_lost)[0].facts.at("cause").as_string().starts_with("the worker hangs"));
}

TEST_CASE("camera: bytes without a heartbeat are no sign of life") {
    House house;
    house.open();
    for (int i = 0; i < 12 && !house.children.started.front()->killed; ++i) {
        house.worker().say(ClockOffset{0});
        house.clock.run_for(500ms);
    }
    CHECK(house.children.started.front()->killed);
}

TEST_CASE("camera: a worker that says what is no message is killed alone") {
    House house;
    house.open();
    house.worker().say_bytes({1, 0, 0, 0, 200});
    house.clock.run_for(1ms);
    CHECK(house.children.started.front()->killed);
    CHECK(house.sink.of(Kind::camera_lost)[0].facts.at("cause").as_string().find("no message") != std::string::npos);
    // A segment of a camera that is another's.
    House other;
    other.open();
    auto foreign = a_segment(other.clock.now(), 1s);
    foreign.camera = "gate-cam-2";
    other.worker().say(SegmentClosed{foreign});
    other.clock.run_for(1ms);
    CHECK(other.children.started.front()->killed);
    CHECK(other.closed.empty());
}

TEST_CASE("camera: five crashes in a minute are an alarm, the camera is left alone for half an hour, and the alarm is cleared") {
    House house;
    house.children.at_start = [](WorkerState& state) { state.end({-1, 11}); };
    house.clock.run_for(60s);
    REQUIRE(house.sink.of(Kind::alarm_raised).size() == 1);
    CHECK(house.sink.of(Kind::alarm_raised)[0].facts.at("code").as_string() == "camera_quarantined");
    CHECK(house.camera->status().state == drivers::DeviceStatus::State::refused);
    const auto begun = house.children.started.size();
    CHECK(begun == 5);
    house.clock.run_for(29min);
    CHECK(house.children.started.size() == begun);
    house.children.at_start = {};
    for (int i = 0; i < 120 && house.children.started.size() == begun; ++i) house.clock.run_for(1s);
    REQUIRE(house.children.started.size() == begun + 1);
    house.open();
    CHECK(house.sink.of(Kind::alarm_cleared).size() == 1);
}

TEST_CASE("camera: a hole in the recording is a record with its cause, and a segment that follows at once is none") {
    House house;
    house.open();
    const auto begun = house.clock.now();
    house.worker().say(SegmentOpened{"a.mp4", begun});
    house.worker().say(SegmentClosed{a_segment(begun, 60s)});
    house.worker().say(SegmentOpened{"b.mp4", begun + 60s});
    house.beat(1s);
    CHECK(house.sink.of(Kind::recording_gap).empty());
    REQUIRE(house.closed.size() == 1);
    house.worker().say(SegmentClosed{a_segment(begun + 60s, 30s)});
    house.worker().say(Lost{Fault::timed_out, "no video for 4 s"});
    house.worker().end({1, 0});
    house.open();
    house.worker().say(SegmentOpened{"c.mp4", begun + 97s});
    house.worker().say(SegmentOpened{"d.mp4", begun + 97s});
    house.beat(500ms);
    REQUIRE(house.sink.of(Kind::recording_gap).size() == 1);
    const auto gap = house.sink.of(Kind::recording_gap)[0];
    CHECK(gap.facts.at("from").as_string() == to_text(begun + 90s));
    CHECK(gap.facts.at("to").as_string() == to_text(begun + 97s));
    CHECK(gap.facts.at("cause").as_string() == "no video for 4 s");
}

TEST_CASE("camera: a full disk is the cause of the hole that it makes") {
    House house;
    house.open();
    const auto begun = house.clock.now();
    house.worker().say(SegmentClosed{a_segment(begun, 60s)});
    house.worker().say(Trouble{Fault::full, "writing a.mp4: No space left on device"});
    house.worker().say(SegmentOpened{"b.mp4", begun + 70s});
    house.beat(500ms);
    REQUIRE(house.sink.of(Kind::recording_gap).size() == 1);
    CHECK(house.sink.of(Kind::recording_gap)[0].facts.at("cause").as_string().find("No space left") != std::string::npos);
}

TEST_CASE("camera: what was not wanted recorded is no hole") {
    House house(an_event_camera());
    house.open();
    const auto begun = house.clock.now();
    house.recording->pulse();
    house.beat(500ms);
    REQUIRE(house.worker().count_heard<SetRecording>() == 1);
    CHECK(std::get<SetRecording>(house.worker().heard().back()).on);
    house.worker().say(SegmentOpened{"a.mp4", begun - 10s});
    house.beat(11s);
    REQUIRE(house.worker().count_heard<SetRecording>() == 2);
    CHECK_FALSE(std::get<SetRecording>(house.worker().heard().back()).on);
    auto last = a_segment(begun - 10s, 20s);
    last.end = "stopped";
    house.worker().say(SegmentClosed{last});
    house.beat(3600s);
    house.recording->pulse();
    house.beat(500ms);
    house.worker().say(SegmentOpened{"b.mp4", house.clock.now() - 10s});
    house.beat(500ms);
    CHECK(house.sink.of(Kind::recording_gap).empty());
}

TEST_CASE("camera: an event while the camera is away is a hole of the event's length, told once it is back") {
    House house(an_event_camera());
    house.open();
    const auto begun = house.clock.now();
    house.recording->pulse();
    house.beat(500ms);
    house.worker().say(SegmentOpened{"a.mp4", begun - 10s});
    house.beat(11s);
    auto last = a_segment(begun - 10s, 20s);
    last.end = "stopped";
    house.worker().say(SegmentClosed{last});
    const auto is_away = [](WorkerState& state) {
        state.say(Lost{Fault::unreachable, "no answer"});
        state.end({1, 0});
    };
    house.children.at_start = is_away;
    is_away(house.worker());
    house.clock.run_for(30s);
    const auto event = house.clock.now();
    house.recording->pulse();
    house.clock.run_for(60s);
    house.children.at_start = {};
    for (int i = 0; i < 120 && house.worker().hung_up; ++i) house.clock.run_for(1s);
    REQUIRE_FALSE(house.worker().hung_up);
    house.worker().say(Opened{"h264", 1920, 1080, 25'000, ""});
    house.beat(1s);
    const auto gaps = house.sink.of(Kind::recording_gap);
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].facts.at("from").as_string() == to_text(event));
    CHECK(gaps[0].facts.at("to").as_string() == to_text(event + 10s));
    CHECK(gaps[0].facts.at("cause").as_string() == "no answer");
}

TEST_CASE("camera: what it sees is in the log with its picture, and switches recording on and off") {
    House house(an_event_camera());
    house.open();
    const auto at = house.clock.now();
    const Bytes jpeg{0xff, 0xd8, 7, 0xff, 0xd9};
    house.worker().say(Saw{Sight::motion_started, "lane", at, at, jpeg});
    house.beat(60s);
    REQUIRE(house.worker().count_heard<SetRecording>() == 1);
    CHECK(std::get<SetRecording>(house.worker().heard().back()).on);
    house.worker().say(Saw{Sight::motion_ended, "lane", at, at + 60s, {}});
    house.beat(9s);
    CHECK(house.worker().count_heard<SetRecording>() == 1);
    house.beat(2s);
    CHECK(house.worker().count_heard<SetRecording>() == 2);
    const auto began = house.sink.of(Kind::motion_started);
    REQUIRE(began.size() == 1);
    CHECK(began[0].source == "gate-cam-1");
    CHECK(began[0].facts.at("zone").as_string() == "lane");
    REQUIRE(began[0].pictures.size() == 1);
    CHECK(*began[0].pictures[0].bytes == jpeg);
    CHECK(house.sink.of(Kind::motion_ended).size() == 1);
    // A worker that somebody took over may say any time.
    house.worker().say(Saw{Sight::lost, "covered", at + 3600s, at + 3600s, {}});
    house.beat(500ms);
    REQUIRE(house.sink.of(Kind::camera_covered).size() == 1);
    CHECK(*house.sink.of(Kind::camera_covered)[0].happened_at <= house.clock.now());
}

TEST_CASE("camera: its options say when it is recorded and what is watched, and are refused by name") {
    auto device = a_camera();
    RecordingRules rules;
    rules.folder = "/recordings";
    rules.watch = true;
    device.options = {{"record", "scheduled"}, {"schedule", "mon-fri 08:00-18:00"}, {"postroll_s", "30"}, {"preroll_s", "5"}};
    const auto configuration = configuration_of(device, rules);
    const auto plan = recording_plan_of(device, rules, 8h);
    REQUIRE(configuration.has_value());
    REQUIRE(plan.has_value());
    CHECK_FALSE(configuration->record);
    CHECK(configuration->preroll_s == 5);
    CHECK(configuration->watch.on);
    CHECK(plan->policy == RecordingPolicy::scheduled);
    CHECK(plan->post_roll == 30s);
    CHECK(plan->schedule.next_change(*parse_time("2026-01-12T09:00:00+08:00")) == *parse_time("2026-01-12T18:00:00+08:00"));
    for (const auto& [name, value] : {std::pair("schedule", "always"), std::pair("postroll_s", "0"), std::pair("record", "sometimes")}) {
        CAPTURE(name);
        auto wrong = a_camera();
        wrong.options[name] = value;
        const auto refused = recording_plan_of(wrong, rules, 8h);
        REQUIRE_FALSE(refused.has_value());
        CHECK(std::string(refused.error().what()).find(name) != std::string::npos);
    }
}

TEST_CASE("camera: told to stop, a worker finishes its segment, and the index gets it") {
    House house;
    house.children.on_write = [&house](WorkerState& state) {
        if (state.count_heard<Stop>() != 1 || state.hung_up) return;
        state.say(SegmentClosed{a_segment(house.clock.now(), 3s)});
        state.end({0, 0});
    };
    house.open();
    house.group.cancel();
    house.clock.run_for(100ms);
    CHECK(house.closed.size() == 1);
    CHECK(house.worker().destroyed);
    CHECK_FALSE(house.worker().killed);
    CHECK(house.sink.of(Kind::camera_lost).empty());
}

TEST_CASE("camera: a worker that does not stop is not waited for longer than five seconds") {
    House house;
    house.open();
    house.group.cancel();
    house.clock.run_for(4s);
    CHECK_FALSE(house.worker().destroyed);
    house.clock.run_for(1100ms);
    CHECK(house.worker().killed);
}

TEST_CASE("camera: live is switched on with the first viewer and off with the last") {
    House house;
    house.open();
    CHECK(house.worker().count_heard<SetLive>() == 0);
    auto viewer = house.live.view();
    REQUIRE(viewer.has_value());
    auto second = house.live.view();
    house.beat(500ms);
    REQUIRE(house.worker().count_heard<SetLive>() == 1);
    CHECK(std::get<SetLive>(house.worker().heard().back()).on);
    viewer->reset();
    house.beat(500ms);
    CHECK(house.worker().count_heard<SetLive>() == 1);
    second->reset();
    house.beat(500ms);
    CHECK(house.worker().count_heard<SetLive>() == 2);
    CHECK_FALSE(std::get<SetLive>(house.worker().heard().back()).on);
}

TEST_CASE("camera: a snapshot is asked for once however many want it, and is answered by picture, flaw or loss") {
    House house;
    std::vector<Result<SnapshotTaken>> answers;
    const auto ask = [&] {
        const auto asking = [](Camera& camera, std::vector<Result<SnapshotTaken>>& into) -> Task<void> {
            auto answer = co_await camera.snapshot();
            into.push_back(std::move(answer));
        };
        house.group.spawn("asking", asking(*house.camera, answers));
        house.clock.run_for(1ms);
    };
    ask();
    REQUIRE(answers.size() == 1); // nothing is there yet
    CHECK(answers[0].error().fault() == Fault::gone);
    house.open();
    ask();
    ask();
    CHECK(house.worker().count_heard<TakeSnapshot>() == 1);
    house.worker().say(SnapshotTaken{house.clock.now(), 1920, 1080, {0xff, 0xd8, 1, 0xff, 0xd9}, ""});
    house.clock.run_for(1ms);
    REQUIRE(answers.size() == 3);
    CHECK(answers[1]->width == 1920);
    CHECK(answers[2]->jpeg.size() == 5);
    ask();
    CHECK(house.worker().count_heard<TakeSnapshot>() == 2);
    house.worker().say(SnapshotTaken{house.clock.now(), 0, 0, {}, "no key frame came yet"});
    house.clock.run_for(1ms);
    REQUIRE(answers.size() == 4);
    CHECK(answers[3].error().what().find("no key frame") != std::string::npos);
    ask();
    house.worker().end({-1, 11});
    house.clock.run_for(2s);
    REQUIRE(answers.size() == 5);
    CHECK(answers[4].error().fault() == Fault::gone);
}

TEST_CASE("camera: its look has the rates of what comes, the last fragment and the walls") {
    House house;
    house.open();
    for (std::uint64_t i = 1; i <= 24; ++i) {
        house.worker().say(Heartbeat{100 + i * 12, i * 250'000, 0, 0, 0, house.clock.now()});
        house.clock.run_for(500ms);
    }
    house.worker().say(FragmentMade{{1000, 3, 0, 3600, 1, true}, house.clock.now(), {}});
    house.clock.run_for(1ms);
    const auto look = house.camera->look();
    CHECK(look.bits_per_s == 4'000'000);
    CHECK(look.frames_per_1000_s == 24'000);
    CHECK(look.last_fragment_at == house.clock.now() - 1ms);
    REQUIRE(look.walls);
    CHECK(look.walls->files == Wall::stands);
    CHECK(look.policy == "always");
}
