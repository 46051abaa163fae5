// SPDX-License-Identifier: Apache-2.0
//
// The watching thread on encoded scenes whose truth is known, shown as a camera would send them.
#include "pipelines/worker/eyes.hpp"

#include "pipelines/worker/input.hpp"
#include "tests/harness/child_process.hpp"
#include "tests/harness/temp_dir.hpp"
#include "tests/simulators/cameras/scene/film.hpp"
#include "tests/unit/daemon/net/on_loop.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace gatehouse;
using namespace gatehouse::pipelines;
using namespace std::chrono_literals;
namespace cameras = simulators::cameras;

namespace {

constexpr int fps = 10;
const Time begun = from_us(1'768'437'000'000'000);

Time time_of(std::int64_t frame) { return begun + std::chrono::microseconds(1'000'000 * frame / fps); }

struct Shown {
    std::vector<Saw> sights;
    std::uint64_t flaws = 0;
    std::int64_t frames = 0;
    cameras::Truth truth;

    std::vector<Saw> of(Sight what) const {
        std::vector<Saw> found;
        for (const auto& saw : sights)
            if (saw.what == what) found.push_back(saw);
        return found;
    }
};

WatchRules on() {
    WatchRules rules;
    rules.on = true;
    return rules;
}

void wait_until_idle(const Eyes& eyes) {
    while (!eyes.is_idle()) std::this_thread::sleep_for(1ms);
}

/// Every frame at its time, as fast as they are looked at.
Shown show(const std::string& scene, const WatchRules& rules, const std::string& codec = "h264", double seconds = 30) {
    const cameras::FilmChoice choice{{.name = scene, .width = 640, .height = 360, .fps = fps, .seconds = seconds, .seed = 3}, codec, 1};
    const auto film = cameras::kept_film(choice, cameras::films_folder());
    Shown shown;
    cameras::Scene drawn(choice.scene);
    for (int i = 0; i < drawn.frames(); ++i) drawn.draw_next();
    shown.truth = drawn.truth();
    net::OnLoop real;
    RealClock clock(real.loop);
    Configuration configuration;
    configuration.url = "file:" + film.video.string();
    auto input = Input::open(configuration, clock, [] { return false; });
    REQUIRE(input.has_value());
    auto eyes = Eyes::open(rules);
    REQUIRE(eyes.has_value());
    (*eyes)->begin((*input)->codec(), (*input)->declared_sets());
    for (;;) {
        auto frame = (*input)->read();
        if (!frame) break;
        (*eyes)->show(*frame->packet, frame->key, time_of(shown.frames++));
        wait_until_idle(**eyes);
    }
    shown.sights = (*eyes)->sights();
    shown.flaws = (*eyes)->flaws();
    return shown;
}

bool moves_at(const cameras::Truth& truth, Time at, Duration around) {
    for (const auto& span : truth.spans)
        if (span.what == "motion" && at >= time_of(span.first) - around && at <= time_of(span.last) + around) return true;
    return false;
}

void check_picture(const Saw& saw) {
    const harness::TempDir home("eyes");
    REQUIRE(saw.picture.size() > 1000);
    harness::write_file(home / "a.jpg", std::string(saw.picture.begin(), saw.picture.end()));
    CHECK(harness::run_to_end("/usr/bin/ffprobe", {"-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0",
                                                   (home / "a.jpg").string()}) == "mjpeg,640,360\n");
}

} // namespace

TEST_CASE("eyes: from key frames alone, of both codecs, motion is told when something moves, with a picture") {
    for (const auto* codec : {"h264", "h265"}) {
        CAPTURE(codec);
        const auto shown = show("gate_day", on(), codec);
        CHECK(shown.flaws == 0);
        const auto began = shown.of(Sight::motion_started);
        REQUIRE_FALSE(began.empty());
        for (const auto& saw : began) CHECK(moves_at(shown.truth, saw.at, 2s));
        for (const auto& saw : shown.of(Sight::motion_ended)) CHECK(moves_at(shown.truth, saw.at, 2s));
        check_picture(began.front());
        CHECK(shown.of(Sight::lost).empty());
    }
}

TEST_CASE("eyes: a covered, a blurred and a frozen camera say so, with a picture, and when it is over") {
    for (const auto* what : {"covered", "blurred", "frozen"}) {
        CAPTURE(what);
        const auto shown = show(what, on(), "h264", 60);
        const auto lost = shown.of(Sight::lost);
        REQUIRE(lost.size() == 1);
        CHECK(lost[0].name == what);
        check_picture(lost[0]);
        REQUIRE(shown.of(Sight::restored).size() == 1);
        CHECK(shown.of(Sight::restored)[0].name == what);
    }
}

TEST_CASE("eyes: another light is nothing") {
    const auto shown = show("light_jumps", on());
    CHECK(shown.sights.empty());
    CHECK(shown.flaws == 0);
}

TEST_CASE("eyes: with a line every frame is decoded, who crosses it is told with a picture, and the way that is allowed is nothing") {
    auto rules = on();
    rules.lines = {{"gate", {0.02, 0.72}, {0.98, 0.72}, WatchWay::both}};
    const auto all = show("cars", rules).of(Sight::line_crossed);
    REQUIRE_FALSE(all.empty());
    for (const auto& saw : all) CHECK(saw.name == "gate");
    check_picture(all.front());
    std::size_t wrong = 0;
    for (const auto way : {WatchWay::to_left, WatchWay::to_right}) {
        rules.lines[0].allowed = way;
        const auto shown = show("cars", rules);
        CHECK(shown.of(Sight::line_crossed).empty());
        wrong += shown.of(Sight::wrong_way).size();
    }
    CHECK(wrong == all.size());
}

TEST_CASE("eyes: somebody is told when coming into view, not with every picture") {
    auto rules = on();
    rules.persons = true;
    const auto shown = show("walkers", rules);
    const auto persons = shown.of(Sight::person);
    REQUIRE(persons.size() == 1);
    CHECK(persons[0].name.empty());
    check_picture(persons[0]);
}

TEST_CASE("eyes: what there is no room for is left out, and recording does not wait for it") {
    auto rules = on();
    rules.lines = {{"gate", {0.1, 0.5}, {0.9, 0.5}, WatchWay::both}};
    auto eyes = Eyes::open(rules);
    REQUIRE(eyes.has_value());
    (*eyes)->begin(VideoCodec::h264, {});
    auto packet = av::make_packet();
    REQUIRE(av_new_packet(packet.get(), 1'000'000) == 0);
    std::fill_n(packet->data, packet->size, std::uint8_t{0x55});
    for (int i = 0; i < 1000; ++i) (*eyes)->show(*packet, i % 10 == 0, begun + 40ms * i);
    CHECK((*eyes)->unseen() > 0);
    wait_until_idle(**eyes);
    CHECK((*eyes)->sights().empty());
    CHECK((*eyes)->flaws() > 0);
}

TEST_CASE("eyes: rules that are none are refused, a model that is none is said, and the camera watched all the same") {
    auto rules = on();
    rules.zones = {{"a", {{0, 0}, {1, 1}}, 0.5, 0}};
    CHECK_FALSE(Eyes::open(rules).has_value());
    rules = on();
    rules.model.path = "/nowhere/yolo.onnx";
    rules.model.classes[0] = "person";
    auto eyes = Eyes::open(rules);
    REQUIRE(eyes.has_value());
    CHECK_FALSE((*eyes)->model_fault().empty());
}
