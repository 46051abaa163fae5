// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/pipelines/watch/eyes.hpp"

#include <cmath>

namespace gatehouse::pipelines::watch {
namespace {

using namespace std::chrono_literals;

void walks(Yard& yard, double t) { yard.thing(0.1 + 0.08 * t, 0.4, 0.05, 0.25, 30); }

} // namespace

TEST_CASE("watch: what moves is told with its zone and box, and its end once it is still") {
    Eyes eyes({.zones = {{.name = "yard", .area = rectangle(0, 0, 1, 1)}, {.name = "corner", .area = rectangle(0.8, 0, 0.2, 0.2)}}});
    eyes.look_for(10);
    CHECK(eyes.seen().empty());
    eyes.look_for(5, walks);
    eyes.look_for(6);
    const auto started = eyes.all<MotionStarted>();
    REQUIRE(started.size() == 1);
    CHECK(started[0].zone == "yard");
    CHECK(seconds(started[0].at) == doctest::Approx(10.4).epsilon(0.05));
    CHECK(started[0].box.x == doctest::Approx(0.1).epsilon(0.3));
    CHECK(started[0].box.y == doctest::Approx(0.4).epsilon(0.05));
    const auto ended = eyes.all<MotionEnded>();
    REQUIRE(ended.size() == 1);
    CHECK(seconds(ended[0].last_at) == doctest::Approx(14.8).epsilon(0.03));
    CHECK(ended[0].box.width > 0.3);
    CHECK(ended[0].started_at == started[0].at);
}

TEST_CASE("watch: key frames alone, one in two seconds, are enough for motion") {
    Eyes eyes({}, 0.5);
    eyes.look_for(30);
    eyes.look_for(8, walks);
    eyes.look_for(20);
    REQUIRE(eyes.all<MotionStarted>().size() == 1);
    CHECK(eyes.all<MotionStarted>()[0].zone.empty());
    CHECK(eyes.all<MotionEnded>().size() == 1);
}

TEST_CASE("watch: what lies under a mask or in no zone is not looked at") {
    Eyes masked({.masks = {rectangle(0, 0.3, 1, 0.5)}});
    masked.look_for(5);
    masked.look_for(5, walks);
    CHECK(masked.seen().empty());
    Eyes elsewhere({.zones = {{.name = "below", .area = rectangle(0, 0.8, 1, 0.2)}}});
    elsewhere.look_for(5);
    elsewhere.look_for(5, walks);
    CHECK(elsewhere.seen().empty());
}

TEST_CASE("watch: a zone's sensitivity says how little must move") {
    const auto count = [](double sensitivity) {
        Eyes eyes({.zones = {{.name = "yard", .area = rectangle(0, 0, 1, 1), .sensitivity = sensitivity}}});
        eyes.look_for(5);
        eyes.look_for(5, [](Yard& yard, double t) { yard.thing(0.1 + 0.1 * t, 0.5, 0.03, 0.06, 20); }); // a cat: 100 pixels
        return eyes.all<MotionStarted>().size();
    };
    CHECK(count(0.2) == 0);
    CHECK(count(0.6) == 1);
}

TEST_CASE("watch: another light is no motion, all at once or of a lamp, and is told as light") {
    Eyes eyes({});
    eyes.look_for(10);
    SUBCASE("exposure") {
        eyes.look_for(5, [](Yard& yard, double) { yard.clear(1.5); });
        eyes.look_for(5, [](Yard& yard, double) { yard.clear(0.4); });
        const auto jumps = eyes.all<LightJumped>();
        REQUIRE(jumps.size() == 2);
        CHECK(jumps[0].gain == doctest::Approx(1.5).epsilon(0.05));
        CHECK(jumps[1].gain == doctest::Approx(0.4 / 1.5).epsilon(0.1));
    }
    SUBCASE("lamp") {
        eyes.look_for(5, [](Yard& yard, double) { yard.lamp(0.3, 0.4, 0.25, 70); });
        CHECK(!eyes.all<LightJumped>().empty());
        eyes.look_for(5);
    }
    SUBCASE("nightfall within ten seconds") {
        eyes.look_for(10, [](Yard& yard, double t) { yard.clear(1 - 0.08 * t); });
        eyes.look_for(5, [](Yard& yard, double) { yard.clear(0.2); });
    }
    CHECK(eyes.all<MotionStarted>().empty());
    CHECK(eyes.all<SightLost>().empty());
}

TEST_CASE("watch: who walks while the light jumps is seen all the same") {
    Eyes eyes({});
    eyes.look_for(10);
    eyes.look_for(5, [](Yard& yard, double t) {
        yard.clear(t > 2 ? 0.5 : 1);
        yard.thing(0.1 + 0.08 * t, 0.4, 0.05, 0.25, t > 2 ? 10 : 20);
    });
    REQUIRE(eyes.all<MotionStarted>().size() == 1);
    CHECK(eyes.all<MotionEnded>().empty());
}

TEST_CASE("watch: an exposure that jumps and returns moves nothing that stands before the scene") {
    Eyes eyes({});
    eyes.look_for(10);
    const auto parked = [](Yard& yard, double) { yard.thing(0.4, 0.4, 0.2, 0.25, 30); };
    eyes.look_for(10, parked);
    eyes.forget();
    eyes.look_for(1, [&](Yard& yard, double) {
        for (int y = 0; y < yard.height(); ++y)
            for (int x = 0; x < yard.width(); ++x) yard.set(x, y, yard.at(x, y) * 1.4);
        yard.thing(0.4, 0.4, 0.2, 0.25, 42);
    });
    eyes.look_for(5, parked);
    CHECK(eyes.all<MotionStarted>().empty());
}

TEST_CASE("watch: a covered lens, a picture out of focus and one that stands still are told apart, from when, and their end") {
    Eyes eyes({.blind_after = 2000ms, .frozen_after = 4000ms});
    eyes.look_for(10);
    Blindness why{};
    double after = 2;
    SUBCASE("covered") {
        why = Blindness::covered;
        eyes.look_for(5, [](Yard& yard, double) { yard.all(25); });
    }
    SUBCASE("blurred") {
        why = Blindness::blurred;
        eyes.look_for(5, [](Yard& yard, double) {
            for (int pass = 0; pass < 2; ++pass) {
                Yard sharp = yard;
                for (int y = 4; y + 4 < yard.height(); ++y)
                    for (int x = 4; x + 4 < yard.width(); ++x) {
                        int sum = 0;
                        for (int dy = -4; dy <= 4; ++dy)
                            for (int dx = -4; dx <= 4; ++dx) sum += sharp.at(x + dx, y + dy);
                        yard.set(x, y, sum / 81);
                    }
            }
        });
    }
    SUBCASE("frozen") {
        why = Blindness::frozen;
        after = 4;
        for (int i = 0; i < 25; ++i) eyes.look_at(eyes.yard(), from_us(static_cast<std::int64_t>((eyes.now_s() + i * 0.2) * 1e6)));
    }
    const auto lost = eyes.all<SightLost>();
    REQUIRE(lost.size() == 1);
    CHECK(name_of(lost[0].why) == name_of(why));
    CHECK(seconds(lost[0].since) == doctest::Approx(10).epsilon(0.03));
    CHECK(eyes.all<SightRestored>().empty());
    if (why == Blindness::frozen) eyes.back_by(-5);
    eyes.look_for(after + 1);
    REQUIRE(eyes.all<SightRestored>().size() == 1);
    CHECK(eyes.all<SightRestored>()[0].why == why);
    CHECK(eyes.all<MotionStarted>().empty());
}

TEST_CASE("watch: a frozen picture is told although the camera's own clock in it goes on") {
    Eyes eyes({.frozen_after = 4000ms});
    eyes.look_for(5);
    for (int i = 0; i < 30; ++i) {
        for (int x = 5; x < 12; ++x) eyes.yard().set(x, 5, i % 2 == 0 ? 255 : 0); // the seconds
        eyes.look_at(eyes.yard(), from_us(static_cast<std::int64_t>((5 + i * 0.2) * 1e6)));
    }
    REQUIRE(eyes.all<SightLost>().size() == 1);
    CHECK(eyes.all<SightLost>()[0].why == Blindness::frozen);
}

TEST_CASE("watch: a camera that was turned is told as covered, and its new scene is learnt") {
    Eyes eyes({.blind_after = 2000ms});
    eyes.look_for(10);
    const auto elsewhere = [](Yard& yard, double) {
        for (int y = 0; y < yard.height(); ++y)
            for (int x = 0; x < yard.width(); ++x) yard.set(x, y, 80 + (x / 13 * 61 + y / 11 * 29) % 90);
    };
    eyes.look_for(70, elsewhere);
    REQUIRE(eyes.all<SightLost>().size() == 1);
    CHECK(eyes.all<SightLost>()[0].why == Blindness::covered);
    REQUIRE(eyes.all<SightRestored>().size() == 1);
    eyes.look_for(5, [&](Yard& yard, double t) {
        elsewhere(yard, t);
        walks(yard, t);
    });
    CHECK(eyes.all<MotionStarted>().size() == 1);
}

TEST_CASE("watch: what stands in a fire lane for its minutes is told, who passes is not, and its leaving is") {
    const WatchSettings settings{.zones = {{.name = "fire lane", .area = rectangle(0.3, 0.3, 0.4, 0.5), .dwell = 120s}}};
    const auto parked = [](Yard& yard, double) { yard.thing(0.4, 0.35, 0.25, 0.3, 30); };
    Eyes eyes(settings, 1);
    eyes.look_for(20);
    for (int i = 0; i < 6; ++i) eyes.look_for(20, [](Yard& yard, double t) { yard.thing(0.05 * t, 0.35, 0.25, 0.3, 30); });
    CHECK(eyes.all<DwellReached>().empty());
    eyes.look_for(10);
    const double came = eyes.now_s();
    eyes.look_for(115, parked);
    CHECK(eyes.all<DwellReached>().empty());
    eyes.look_for(100, parked);
    REQUIRE(eyes.all<DwellReached>().size() == 1);
    CHECK(eyes.all<DwellReached>()[0].zone == "fire lane");
    CHECK(seconds(eyes.all<DwellReached>()[0].since) == doctest::Approx(came).epsilon(0.02));
    CHECK(eyes.all<DwellReached>()[0].box.x == doctest::Approx(0.4).epsilon(0.03));
    eyes.look_for(300, parked);
    CHECK(eyes.all<DwellEnded>().empty());
    eyes.look_for(15);
    CHECK(eyes.all<DwellEnded>().size() == 1);
}

TEST_CASE("watch: what stood there when the watcher began and left does not block the lane for ever") {
    Eyes eyes({.zones = {{.name = "fire lane", .area = rectangle(0.3, 0.3, 0.4, 0.5), .dwell = 60s}}}, 1);
    // Bare concrete under the car: what is left has no edges.
    const auto smooth = [](Yard& yard, double) {
        for (int y = 50; y < 130; ++y)
            for (int x = 90; x < 230; ++x) yard.set(x, y, 100);
    };
    eyes.look_for(30, [&](Yard& yard, double t) {
        smooth(yard, t);
        yard.thing(0.4, 0.35, 0.25, 0.3, 30);
    });
    eyes.look_for(120, smooth);
    CHECK(eyes.all<DwellReached>().empty());
}

TEST_CASE("watch: who crosses a line is told with the way, and as wrong where the line allows the other") {
    // From below to above: its left is the picture's left.
    const Line line{.name = "exit", .from = {0.5, 0.95}, .to = {0.5, 0.05}, .allowed = Way::to_right};
    Eyes eyes({.lines = {line}});
    CHECK(eyes.watcher().pictures_per_s_wanted() == 5);
    eyes.look_for(5);
    eyes.look_for(6, [](Yard& yard, double t) { yard.thing(0.2 + 0.1 * t, 0.4, 0.06, 0.25, 30); });
    auto crossed = eyes.all<LineCrossed>();
    REQUIRE(crossed.size() == 1);
    CHECK(crossed[0].line == "exit");
    CHECK(crossed[0].way == Way::to_right);
    CHECK(!crossed[0].is_wrong);
    eyes.look_for(5);
    eyes.forget();
    eyes.look_for(6, [](Yard& yard, double t) { yard.thing(0.8 - 0.1 * t, 0.4, 0.06, 0.25, 30); });
    crossed = eyes.all<LineCrossed>();
    REQUIRE(crossed.size() == 1);
    CHECK(crossed[0].way == Way::to_left);
    CHECK(crossed[0].is_wrong);
}

TEST_CASE("watch: who passes a line's end, or comes near it and turns back, has not crossed it") {
    Eyes eyes({.lines = {{.name = "gate", .from = {0.5, 0.95}, .to = {0.5, 0.7}}}});
    eyes.look_for(5);
    eyes.look_for(6, [](Yard& yard, double t) { yard.thing(0.2 + 0.1 * t, 0.1, 0.06, 0.25, 30); }); // above its upper end
    eyes.look_for(3);
    eyes.look_for(6, [](Yard& yard, double t) { yard.thing(0.2 + 0.07 * (t < 3 ? t : 6 - t), 0.55, 0.06, 0.25, 30); });
    CHECK(eyes.all<LineCrossed>().empty());
}

TEST_CASE("watch: another resolution is learnt anew, and settings hold for it") {
    Eyes eyes({.masks = {rectangle(0, 0.3, 1, 0.5)}});
    eyes.look_for(5);
    Yard large(704, 576);
    for (int i = 0; i < 40; ++i) {
        large.clear();
        if (i > 20) large.thing(0.1 + 0.02 * (i - 20), i % 2 == 0 ? 0.4 : 0.42, 0.05, 0.25, 30);
        large.noise(3);
        eyes.look_at(large, from_us(5'000'000 + i * 200'000));
    }
    CHECK(eyes.seen().empty());
    CHECK(eyes.watcher().scene_width() == 352);
    CHECK(eyes.watcher().scene().size() == 352 * 288);
}

TEST_CASE("watch: a clock that goes back stops nothing and ends nothing early") {
    Eyes eyes({});
    eyes.look_for(10);
    eyes.look_for(2, walks);
    eyes.back_by(3600);
    eyes.look_for(2, [](Yard& yard, double t) { walks(yard, t + 2); });
    CHECK(eyes.all<MotionStarted>().size() == 1);
    CHECK(eyes.all<MotionEnded>().empty());
    eyes.look_for(5);
    CHECK(eyes.all<MotionEnded>().size() == 1);
}

TEST_CASE("watch: a picture that is not whole is counted and left out") {
    Eyes eyes({});
    eyes.look_for(2);
    std::vector<std::uint8_t> bytes(320 * 180);
    const auto look = [&](PictureView picture) { CHECK(eyes.watcher().on(picture).empty()); };
    look({.width = 320, .height = 180, .gray = {std::span(bytes).first(320 * 180 - 1), 320}});
    look({.width = 320, .height = 180, .gray = {bytes, 319}});
    look({.width = 320, .height = 180, .gray = {bytes, -320}});
    look({.width = 9000, .height = 4, .gray = {bytes, 9000}});
    look({.width = 320, .height = 180, .gray = {bytes, 320}, .blue_ish = {std::span(bytes).first(100), 160}, .red_ish = {bytes, 160}});
    CHECK(eyes.watcher().flaws() == 5);
}

TEST_CASE("watch: settings out of their bounds are refused by name") {
    const auto said = [](WatchSettings settings) {
        auto watcher = Watcher::open(std::move(settings));
        return watcher ? std::string() : watcher.error().what();
    };
    CHECK(said({}).empty());
    CHECK(said({.zones = {{.name = "a", .area = {{0, 0}, {1, 1}}}}}).find("zone 'a': an area has 3") == 0);
    CHECK(said({.zones = {{.name = "a", .area = rectangle(0, 0, 1, 1.1)}}}).find("corners lie within") != std::string::npos);
    CHECK(said({.zones = {{.name = "a", .area = rectangle(0, 0, std::nan(""), 1)}}}).find("corners lie within") != std::string::npos);
    CHECK(said({.zones = {{.name = "a", .area = rectangle(0, 0, 1, 1)}, {.name = "a", .area = rectangle(0, 0, 1, 1)}}}).find("taken") !=
          std::string::npos);
    CHECK(said({.zones = {{.name = "a", .area = rectangle(0, 0, 1, 1), .dwell = 25h}}}).find("dwell") != std::string::npos);
    CHECK(said({.masks = std::vector<Polygon>(17, rectangle(0, 0, 1, 1))}).find("16 masks") == 0);
    CHECK(said({.lines = {{.name = "l", .from = {0.5, 0.5}, .to = {0.5, 0.51}}}}).find("line 'l'") == 0);
    CHECK(said({.frozen_after = 0ms}).find("frozen_after") == 0);
    CHECK(said({.detector = {.model = Bytes(10), .width = 641, .classes = {"a"}}}).find("detector: width") == 0);
}

} // namespace gatehouse::pipelines::watch
