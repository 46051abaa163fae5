// SPDX-License-Identifier: Apache-2.0
//
// The routes of recorded pictures on real recordings; who draws is a script, which is told how often it was asked.
#include "daemon/app/films.hpp"
#include "daemon/app/stills.hpp"
#include "pipelines/link/codec.hpp"
#include "tests/fixtures/clips.hpp"
#include "tests/unit/daemon/console/office.hpp"
#include "tests/unit/daemon/store/recordings_world.hpp"
#include "tests/unit/pipelines/link/scripted_worker.hpp"

using namespace gatehouse;
using namespace gatehouse::console;
using namespace std::chrono_literals;

namespace {

constexpr auto manager = auth::Role::manager;

pipelines::Still a_still(std::size_t bytes) {
    pipelines::Still still{160, 90, Bytes(bytes, 0x55)};
    still.jpeg[0] = 0xff, still.jpeg[1] = 0xd8;
    still.jpeg[bytes - 2] = 0xff, still.jpeg[bytes - 1] = 0xd9;
    return still;
}

struct Wall : Office {
    Wall() {
        REQUIRE(shelf.start().has_value());
        films = std::make_unique<app::Films>(world.loop, world.loop, *shelf.recordings);
        artist = std::make_unique<pipelines::Artist>(children, "gatehouse-media", world.clock);
        stills = std::make_unique<app::Stills>(world.loop, world.loop, *shelf.recordings, *artist);
        children.on_write = [this](pipelines::WorkerState& state) {
            for (const auto& message : state.heard())
                if (const auto* asked = std::get_if<pipelines::DrawStill>(&message)) films_drawn.push_back(asked->film);
            if (is_mute) return;
            state.say(a_still(still_bytes));
            state.end({0, 0});
        };
        auto more = parts();
        more.recordings = shelf.recordings.get();
        more.play = [this](std::string camera, std::string stream, Time from, Time to) {
            return films->make(std::move(camera), std::move(stream), from, to);
        };
        more.still = [this](std::string camera, std::string stream, Time at, std::uint16_t width) {
            return stills->draw(std::move(camera), std::move(stream), at, width);
        };
        console = std::make_unique<Console>(std::move(more), [this](std::uint32_t gid) { return group_names[gid]; });
        start = world.clock.now() - 1h;
    }
    ~Wall() { console.reset(); }
    std::string span(Duration from, Duration to) const { return "from=" + to_text(start + from) + "&to=" + to_text(start + to); }
    net::HttpResponse still_at(Duration at, const std::string& more = "") {
        return get(manager, "/api/v1/cameras/gate-1/still.jpg?at=" + to_text(start + at) + more);
    }

    store::Shelf shelf{world};
    pipelines::ScriptedChildren children;
    std::vector<Bytes> films_drawn;
    std::size_t still_bytes = 1000;
    bool is_mute = false;
    std::unique_ptr<app::Films> films;
    std::unique_ptr<pipelines::Artist> artist;
    std::unique_ptr<app::Stills> stills;
    Time start{};
};

} // namespace

TEST_CASE("stills: the key frame at or before a time, from one fragment that ffmpeg reads, drawn once and kept") {
    Wall wall;
    wall.shelf.must_record("gate-1", wall.start); // two seconds, a key frame each second
    const auto answer = wall.still_at(1500ms, "&width=160");
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    CHECK(net::header(answer.headers, "Content-Type") == "image/jpeg");
    CHECK(net::header(answer.headers, "Gatehouse-Shown-At") == to_text(wall.start + 1s));
    CHECK(answer.body.size() == 1000);
    CHECK(wall.children.programs == std::vector<std::string>{"gatehouse-media"});
    REQUIRE(wall.films_drawn.size() == 1);
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("film.mp4"), wall.films_drawn[0]);
    const auto probed = fixtures::probe(folder.path("film.mp4"));
    CHECK(probed.frames == 25);
    CHECK(probed.keys.front());
    CHECK(wall.still_at(1900ms, "&width=160").status == 200); // the same one
    CHECK(wall.films_drawn.size() == 1);
    CHECK(wall.still_at(500ms, "&width=160").status == 200);
    CHECK(wall.still_at(500ms, "&width=320").status == 200);
    CHECK(wall.films_drawn.size() == 3);
    CHECK(wall.still_at(-1s).status == 404);
    CHECK(wall.still_at(1h - 1s).status == 404); // long after the last picture
    CHECK(wall.still_at(0s, "&width=5").status == 400);
    CHECK(wall.get(manager, "/api/v1/cameras/gate-1/still.jpg").status == 400);
    CHECK(wall.get(technician, "/api/v1/cameras/gate-1/still.jpg?at=" + to_text(wall.start)).status == 403);
}

TEST_CASE("stills: what is kept is bounded, and what the index no longer has is not shown from memory") {
    Wall wall;
    wall.still_bytes = 3 * 1024 * 1024;
    std::vector<pipelines::Segment> segments;
    for (int i = 0; i < 8; ++i) segments.push_back(wall.shelf.must_record("gate-1", wall.start + i * 30s));
    for (int i = 0; i < 8; ++i) CHECK(wall.still_at(i * 30s).status == 200);
    CHECK(wall.stills->kept_bytes() <= app::stills_kept_bytes_max);
    CHECK(wall.films_drawn.size() == 8);
    CHECK(wall.still_at(7 * 30s).status == 200);
    CHECK(wall.films_drawn.size() == 8); // the newest is kept
    CHECK(wall.still_at(0s).status == 200);
    CHECK(wall.films_drawn.size() == 9); // the oldest went
    CHECK(wall.get(manager, "/api/v1/cameras/nobody/still.jpg?at=" + to_text(wall.start)).status == 404);
}

TEST_CASE("stills: a process that draws nothing is given up after its time, and the others go on") {
    Wall wall;
    wall.shelf.must_record("gate-1", wall.start);
    wall.is_mute = true;
    const auto answer = wall.still_at(0s);
    CHECK(answer.status >= 500);
    CHECK(wall.children.started.front()->killed);
    wall.is_mute = false;
    CHECK(wall.still_at(0s).status == 200);
}

TEST_CASE("thumbnails: spread over what was recorded and none in a hole, each one look in the audit trail an hour") {
    Wall wall;
    wall.shelf.must_record("gate-1", wall.start);
    wall.shelf.must_record("gate-1", wall.start + 30s);
    const auto answer = wall.get_object(manager, "/api/v1/cameras/gate-1/thumbnails?count=4&" + wall.span(0s, 1min));
    std::vector<std::string> at;
    for (const auto& one : answer.at("thumbnails").as_array()) at.emplace_back(one.as_object().at("at").as_string());
    CHECK(at == std::vector<std::string>{to_text(wall.start), to_text(wall.start + 1s), to_text(wall.start + 30s), to_text(wall.start + 31s)});
    for (const auto& one : answer.at("thumbnails").as_array())
        CHECK(wall.get(manager, std::string(one.as_object().at("href").as_string())).status == 200);
    const auto acts = wall.shelf.records_of(Kind::audit_read);
    REQUIRE(acts.size() == 1);
    CHECK(std::string(acts[0].at("what").as_string()).starts_with("stills of gate-1 main"));
    CHECK(wall.get(manager, "/api/v1/cameras/gate-1/thumbnails?count=0&" + wall.span(0s, 1min)).status == 400);
    CHECK(wall.get_object(manager, "/api/v1/cameras/gate-1/thumbnails?" + wall.span(5s, 9s)).at("thumbnails").as_array().empty());
}

TEST_CASE("ways: a browser that plays it gets the film, one that does not the sub-stream or key frames, with the reason and the download") {
    Wall wall;
    wall.shelf.must_record("gate-1", wall.start, fixtures::clip({.seconds = 2, .codec = "libx265"}));
    const std::string path = "/api/v1/cameras/gate-1/playback?" + wall.span(0s, 1min) + "&plays=";
    const auto film = wall.get_object(manager, path + "avc1,hvc1");
    CHECK(film.at("way").as_string() == "film");
    CHECK_FALSE(film.contains("why"));
    CHECK(wall.get(manager, std::string(film.at("href").as_string())).status == 200);
    const auto frames = wall.get_object(manager, path + "avc1");
    CHECK(frames.at("way").as_string() == "key_frames");
    CHECK(std::string(frames.at("why").as_object().at("zh").as_string()).find("H.265") != std::string::npos);
    CHECK(frames.at("stills").as_array().size() > 1);
    CHECK(wall.get(manager, std::string(frames.at("download").as_string())).status == 200);
    CHECK(wall.get(manager, std::string(frames.at("stills").as_array()[0].as_object().at("href").as_string())).status == 200);
    auto sub = wall.shelf.write("gate-1", wall.start, fixtures::clip({.seconds = 2}), "sub");
    REQUIRE(wall.world.await(wall.shelf.recordings->add(std::move(sub))).has_value());
    const auto small = wall.get_object(manager, path + "avc1");
    CHECK(small.at("way").as_string() == "sub_stream");
    CHECK(std::string(small.at("href").as_string()).find("stream=sub") != std::string::npos);
    CHECK(wall.get(manager, path).status == 400);
    CHECK(wall.get(manager, "/api/v1/cameras/gate-1/playback?" + wall.span(5s, 9s) + "&plays=avc1").status == 404);
}
