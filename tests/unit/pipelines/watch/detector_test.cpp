// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/inside/detector.hpp"
#include "tests/unit/pipelines/watch/eyes.hpp"
#include "tests/unit/pipelines/watch/onnx.hpp"

namespace gatehouse::pipelines::watch {
namespace {

DetectorSettings halves() {
    return {.model = onnx::halves_model(), .width = 32, .height = 32, .layout = OutputLayout::rows, .classes = {"red", "blue"}, .score_min = 0.5};
}

/// Left half and right half in colours of their own (BT.601, studio swing).
struct Flag {
    struct Colour {
        std::uint8_t y, u, v;
    };
    static constexpr Colour red{81, 90, 240}, blue{41, 240, 110}, black{16, 128, 128}, white{235, 128, 128};

    Flag(Colour left, Colour right) {
        for (int y = 0; y < 128; ++y)
            for (int x = 0; x < 128; ++x) gray[static_cast<std::size_t>(y * 128 + x)] = x < 64 ? left.y : right.y;
        for (int y = 0; y < 64; ++y)
            for (int x = 0; x < 64; ++x) {
                blue_ish[static_cast<std::size_t>(y * 64 + x)] = x < 32 ? left.u : right.u;
                red_ish[static_cast<std::size_t>(y * 64 + x)] = x < 32 ? left.v : right.v;
            }
    }
    PictureView view(std::int64_t at_ms = 0) const {
        return {.width = 128, .height = 128, .gray = {gray, 128}, .blue_ish = {blue_ish, 64}, .red_ish = {red_ish, 64}, .at = from_us(at_ms * 1000)};
    }
    Bytes gray = Bytes(128 * 128), blue_ish = Bytes(64 * 64), red_ish = Bytes(64 * 64);
};

std::vector<Detection> found(const DetectorSettings& settings, const Flag& flag) {
    auto detector = Detector::open(settings);
    REQUIRE_MESSAGE(detector.has_value(), (detector ? std::string() : detector.error().what()));
    auto objects = detector->find(flag.view());
    REQUIRE(objects.has_value());
    return *objects;
}

} // namespace

TEST_CASE("detector: a model of the user's finds what it was made to find, with class, score and box") {
    const auto objects = found(halves(), {Flag::black, Flag::red});
    REQUIRE(objects.size() == 1);
    CHECK(objects[0].what == "red");
    CHECK(objects[0].score == doctest::Approx(1).epsilon(0.05));
    CHECK(objects[0].box.x == doctest::Approx(0.5));
    CHECK(objects[0].box.width == doctest::Approx(0.5));
    CHECK(objects[0].box.height == doctest::Approx(1));
    const auto both = found(halves(), {Flag::blue, Flag::red});
    REQUIRE(both.size() == 2);
    CHECK(both[0].what != both[1].what);
}

TEST_CASE("detector: red and blue come in the order that the model wants") {
    auto settings = halves();
    settings.wants_red_first = false;
    const auto objects = found(settings, {Flag::black, Flag::red});
    REQUIRE(objects.size() == 1);
    CHECK(objects[0].what == "blue"); // the model's third channel
}

TEST_CASE("detector: what is less sure than the threshold, or has no name, is not told") {
    auto settings = halves();
    const Flag dim{Flag::black, {80, 128, 128}}; // gray: 0.29
    CHECK(found(settings, dim).empty());
    settings.score_min = 0.2;
    CHECK(found(settings, dim).size() == 1);
    settings.classes = {"", "blue"};
    CHECK(found(settings, {Flag::black, Flag::red}).empty());
}

TEST_CASE("detector: a missing model is off, a broken one is off and says why, and the camera is watched all the same") {
    auto off = Watcher::open({});
    REQUIRE(off.has_value());
    CHECK(!off->detector_is_on());
    CHECK(off->detector_fault().empty());
    const auto fault_of = [](DetectorSettings settings) {
        auto watcher = Watcher::open({.detector = std::move(settings)});
        REQUIRE(watcher.has_value());
        CHECK(!watcher->detector_is_on());
        return watcher->detector_fault();
    };
    auto settings = halves();
    settings.model = Bytes(1000, 7);
    CHECK(fault_of(settings).find("OpenCV can't read the model") == 0);
    settings = halves();
    settings.model.resize(settings.model.size() / 2);
    CHECK(!fault_of(settings).empty());
    settings = halves();
    settings.model = onnx::halves_model(false);
    CHECK(fault_of(settings).find("[1, 14, 1, 1]") != std::string::npos);
    settings = halves();
    settings.classes.push_back("green");
    CHECK(fault_of(settings).find("[1, 2, 7]") != std::string::npos);
}

TEST_CASE("detector: looks where something moves, at its own pace, or always when asked to") {
    auto settings = halves();
    settings.every = std::chrono::milliseconds(1000);
    const Flag flag(Flag::black, Flag::red);
    const auto looks = [&](bool only_on_motion) {
        settings.only_on_motion = only_on_motion;
        auto watcher = Watcher::open({.detector = settings});
        REQUIRE(watcher.has_value());
        CHECK(watcher->detector_is_on());
        std::size_t seen = 0;
        for (int i = 0; i < 51; ++i)
            for (const Seen& each : watcher->on(flag.view(i * 200))) seen += std::holds_alternative<ObjectsSeen>(each);
        return seen;
    };
    CHECK(looks(true) == 0);
    CHECK(looks(false) >= 9);
    CHECK(looks(false) <= 11);
}

} // namespace gatehouse::pipelines::watch
