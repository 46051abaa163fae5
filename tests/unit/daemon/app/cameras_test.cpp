// SPDX-License-Identifier: Apache-2.0
//
// The cameras' routes on real recordings: index, plan and files as the daemon has them, on a disk in memory.
#include "daemon/app/films.hpp"
#include "tests/fixtures/clips.hpp"
#include "tests/unit/daemon/console/office.hpp"
#include "tests/unit/daemon/store/recordings_world.hpp"

using namespace gatehouse;
using namespace gatehouse::console;
using namespace std::chrono_literals;

namespace {

constexpr auto manager = auth::Role::manager;

struct Gate : Office {
    Gate() {
        REQUIRE(shelf.start().has_value());
        films = std::make_unique<app::Films>(world.loop, world.loop, *shelf.recordings);
        auto more = parts();
        more.recordings = shelf.recordings.get();
        more.play = [this](std::string camera, std::string stream, Time from, Time to) {
            return films->make(std::move(camera), std::move(stream), from, to);
        };
        console = std::make_unique<Console>(std::move(more), [this](std::uint32_t gid) { return group_names[gid]; });
        registry::Device camera;
        camera.info.id = "gate-1";
        camera.info.driver = "rtsp";
        camera.info.address = {"192.168.50.40", 554};
        camera.name = "东门";
        REQUIRE(world.await(registry->put_device(std::move(camera), registry::By{"technician", "uid:1"})).has_value());
        register_device(); // a door beside it
        start = world.clock.now() - 1h;
    }
    ~Gate() { console.reset(); }

    std::string span(Duration from, Duration to) const { return "from=" + to_text(start + from) + "&to=" + to_text(start + to); }
    std::string film(Duration from, Duration to) const { return "/api/v1/cameras/gate-1/playback.mp4?" + span(from, to); }
    /// The body as the far side has it at the end; what fails in between ends it.
    Bytes body_of(const net::HttpResponse& answer) {
        Bytes bytes;
        while (answer.source && bytes.size() < answer.source->bytes()) {
            auto piece = world.await(answer.source->next());
            if (!piece) break;
            CHECK(!piece->empty());
            CHECK(piece->size() <= net::body_piece_bytes_max);
            bytes.insert(bytes.end(), piece->begin(), piece->end());
        }
        return bytes;
    }
    std::vector<json::object> acts(Kind kind) { return shelf.records_of(kind); }

    store::Shelf shelf{world};
    std::unique_ptr<app::Films> films;
    Time start{};
};

std::string header_of(const net::HttpResponse& answer, std::string_view name) { return std::string(net::header(answer.headers, name)); }

} // namespace

TEST_CASE("cameras: registered ones with what they hold, removed ones that left recordings, and no doors") {
    Gate gate;
    gate.shelf.must_record("gate-1", gate.start);
    gate.shelf.must_record("gone-9", gate.start);
    REQUIRE(gate.world.await(gate.shelf.recordings->look_ahead()).has_value());
    const auto answer = gate.get_object(guard, "/api/v1/cameras");
    const auto& cameras = answer.at("cameras").as_array();
    REQUIRE(cameras.size() == 2);
    const auto& first = cameras[0].as_object();
    CHECK(first.at("id").as_string() == "gate-1");
    CHECK(first.at("name").as_string() == "东门");
    CHECK(first.at("recordings").as_object().at("segments").to_number<int>() == 1);
    CHECK(first.at("recordings").as_object().at("oldest").as_string() == to_text(gate.start));
    CHECK(cameras[1].as_object().at("id").as_string() == "gone-9");
    CHECK_FALSE(cameras[1].as_object().at("registered").as_bool());
    CHECK(json::serialize(answer).find("192.168") == std::string::npos);
    CHECK(answer.at("disk").as_object().at("bytes_per_day").to_number<std::uint64_t>() > 0);
}

TEST_CASE("recordings route: spans, holes with their causes, locks; who may not see video sees no case") {
    Gate gate;
    gate.shelf.must_record("gate-1", gate.start);
    gate.shelf.must_record("gate-1", gate.start + 10s);
    REQUIRE(gate.world.await(gate.shelf.recordings->note_gap({"gate-1", "main", gate.start + 2s, gate.start + 7s, "lost"})).has_value());
    const auto until = to_text(gate.world.clock.now() + 24h);
    const auto body =
        R"({"from":")" + to_text(gate.start) + R"(","to":")" + to_text(gate.start + 1s) + R"(","case":"杭公17","until":")" + until + "\"}";
    CHECK(gate.ask(manager, "POST", "/api/v1/cameras/gate-1/locks", body).status == 201);
    const auto answer = gate.get_object(manager, "/api/v1/cameras/gate-1/recordings?" + gate.span(0s, 12s));
    std::string text;
    for (const auto& span : answer.at("spans").as_array()) {
        const auto& row = span.as_object();
        text += std::string(row.at("state").as_string()) + (row.contains("cause") ? ":" + std::string(row.at("cause").as_string()) : "") + " ";
    }
    CHECK(text == "recorded missing:lost missing:unknown recorded ");
    CHECK(answer.at("next").is_null());
    CHECK(answer.at("locks").as_array().at(0).as_object().at("case").as_string() == "杭公17");
    const auto seen = gate.get(technician, "/api/v1/cameras/gate-1/recordings?" + gate.span(0s, 12s));
    CHECK(seen.status == 200);
    CHECK(seen.body.find("杭公17") == std::string::npos);
    CHECK(gate.get(manager, "/api/v1/cameras/door-1/recordings?" + gate.span(0s, 12s)).status == 404);
    CHECK(gate.get(manager, "/api/v1/cameras/gate-1/recordings?" + gate.span(12s, 0s)).status == 400);
    CHECK(gate.get(manager, "/api/v1/cameras/gate-1/recordings").status == 400);
    CHECK(gate.get(manager, "/api/v1/cameras/gate-1/recordings?" + gate.span(0s, 32 * 24h)).status == 400);
    CHECK(gate.get(manager, "/api/v1/cameras/gate-1/recordings?stream=third&" + gate.span(0s, 12s)).status == 400);
}

TEST_CASE("playback route: a film that ffprobe plays, in ranges, with a tag") {
    Gate gate;
    gate.shelf.must_record("gate-1", gate.start);
    gate.shelf.must_record("gate-1", gate.start + 2s);
    gate.shelf.must_record("gate-1", gate.start + 20s);
    const auto whole = gate.get(manager, gate.film(0s, 1min));
    REQUIRE(whole.status == 200);
    CHECK(header_of(whole, "Accept-Ranges") == "bytes");
    CHECK(header_of(whole, "Content-Type").starts_with("video/mp4; codecs=\"avc1."));
    CHECK(header_of(whole, "Gatehouse-Begins-At") == to_text(gate.start));
    const auto bytes = gate.body_of(whole);
    REQUIRE(bytes.size() == whole.source->bytes());
    const fixtures::ClipFolder folder;
    fixtures::write_file(folder.path("film.mp4"), bytes);
    const auto probed = fixtures::probe(folder.path("film.mp4"));
    CHECK(probed.frames == 150);
    CHECK(probed.duration == doctest::Approx(22.0).epsilon(0.001));

    const auto tag = header_of(whole, "ETag");
    const auto size = std::to_string(bytes.size());
    const auto part = [&](const std::string& range, net::Headers more = {}) {
        more.emplace_back("Range", range);
        return gate.get(manager, gate.film(0s, 1min), std::move(more));
    };
    const auto middle = part("bytes=1000-1999");
    CHECK(middle.status == 206);
    CHECK(header_of(middle, "Content-Range") == "bytes 1000-1999/" + size);
    CHECK(header_of(middle, "ETag") == tag);
    CHECK(gate.body_of(middle) == Bytes(bytes.begin() + 1000, bytes.begin() + 2000));
    const auto tail = part("bytes=-10");
    CHECK(tail.status == 206);
    CHECK(gate.body_of(tail) == Bytes(bytes.end() - 10, bytes.end()));
    const auto beyond = part("bytes=" + size + "-");
    CHECK(beyond.status == 416);
    CHECK(header_of(beyond, "Content-Range") == "bytes */" + size);
    CHECK(part("bytes=0-9", {{"If-Range", tag}}).status == 206);
    CHECK(part("bytes=0-9", {{"If-Range", "\"another\""}}).status == 200);
    CHECK(part("bytes=0-9,20-29").status == 200);
    const auto known = gate.get(manager, gate.film(0s, 1min), {{"If-None-Match", tag}});
    CHECK(known.status == 304);
    CHECK_FALSE(known.source);
    // One more segment in the span: another film.
    gate.shelf.must_record("gate-1", gate.start + 30s);
    CHECK(part("bytes=0-9", {{"If-Range", tag}}).status == 200);
    CHECK(gate.get(manager, gate.film(5s, 9s)).status == 404);
    CHECK(gate.get(manager, gate.film(0s, 25h)).status == 400);
    CHECK(gate.get(manager, "/api/v1/cameras/nobody/playback.mp4?" + gate.span(0s, 1min)).status == 404);
    CHECK(gate.get(manager, "/api/v1/cameras/.hidden/playback.mp4?" + gate.span(0s, 1min)).status == 404);
    CHECK(gate.get(guard, gate.film(0s, 1min)).status == 403);
}

TEST_CASE("playback route: a viewing is in the audit trail before its first byte, once an hour, and without the trail no byte leaves") {
    Gate gate;
    gate.shelf.must_record("gate-1", gate.start);
    for (int i = 0; i < 5; ++i) CHECK(gate.get(manager, gate.film(0s, 1min), {{"Range", "bytes=0-99"}}).status == 206);
    auto acts = gate.acts(Kind::audit_read);
    REQUIRE(acts.size() == 1);
    CHECK(std::string(acts[0].at("what").as_string()).starts_with("recording gate-1 main " + to_text(gate.start)));
    CHECK(acts[0].at("by_role").as_string() == "manager");
    CHECK(gate.get(admin, gate.film(0s, 1min)).status == 200);   // somebody else
    CHECK(gate.get(manager, gate.film(0s, 2min)).status == 200); // another film
    CHECK(gate.acts(Kind::audit_read).size() == 3);
    gate.world.clock.run_for(61min);
    CHECK(gate.get(manager, gate.film(0s, 1min)).status == 200);
    CHECK(gate.acts(Kind::audit_read).size() == 4);
    gate.world.clock.run_for(61min);
    gate.world.disk.on_operation = [](std::uint64_t, const std::string&, const std::string& path) {
        return path.find("gatehouse.db") != std::string::npos;
    };
    const auto refused = gate.get(manager, gate.film(0s, 1min));
    CHECK(refused.status >= 500);
    CHECK_FALSE(refused.source);
    gate.mend_disk();
}

TEST_CASE("playback route: a file that retention takes while it is played ends the film short") {
    Gate gate;
    const auto segment = gate.shelf.must_record("gate-1", gate.start);
    const auto answer = gate.get(manager, gate.film(0s, 1min));
    REQUIRE(answer.source);
    REQUIRE(gate.world.await(answer.source->next()).has_value());
    REQUIRE(gate.world.disk.files().remove(gate.shelf.path(segment)).has_value());
    CHECK(gate.world.await(answer.source->next()).error().fault() == Fault::gone);
}

TEST_CASE("locks: made, seen, kept from retention, let go; each change in the audit trail") {
    Gate gate;
    gate.shelf.must_record("gate-1", gate.start);
    const auto lock_body = [&](const std::string& until, const std::string& number = "17", Duration to = 1s) {
        return R"({"from":")" + to_text(gate.start) + R"(","to":")" + to_text(gate.start + to) + R"(","case":")" + number + R"(","until":")" + until +
               "\"}";
    };
    const auto tomorrow = to_text(gate.world.clock.now() + 24h);
    const std::string path = "/api/v1/cameras/gate-1/locks";
    const auto made = gate.ask(manager, "POST", path, lock_body(tomorrow));
    REQUIRE(made.status == 201);
    const auto id = parse_json(made.body)->as_object().at("lock").to_number<std::int64_t>();
    CHECK(gate.ask(manager, "POST", path, lock_body(to_text(gate.start))).status == 400);
    CHECK(gate.ask(manager, "POST", path, lock_body(tomorrow, "")).status == 400);
    CHECK(gate.ask(manager, "POST", path, lock_body(tomorrow, "17", -1s)).status == 400);
    CHECK(gate.ask(manager, "POST", "/api/v1/cameras/nobody/locks", lock_body(tomorrow)).status == 404);
    CHECK(gate.ask(guard, "POST", path, lock_body(tomorrow)).status == 403);
    CHECK(gate.ask(manager, "DELETE", "/api/v1/cameras/door-1/locks/" + std::to_string(id)).status == 404);
    CHECK(gate.ask(manager, "DELETE", path + "/0").status == 404);
    CHECK(gate.ask(manager, "DELETE", path + "/" + std::to_string(id)).status == 204);
    CHECK(gate.ask(manager, "DELETE", path + "/" + std::to_string(id)).status == 404);
    CHECK(gate.acts(Kind::audit_changed).size() >= 2);
}

TEST_CASE("export route: one file with its length before it, the case in the audit trail, nothing without a case") {
    Gate gate;
    gate.shelf.must_record("gate-1", gate.start);
    gate.shelf.must_record("gate-1", gate.start + 2s);
    const std::string path = "/api/v1/cameras/gate-1/export";
    const auto span = R"({"from":")" + to_text(gate.start) + R"(","to":")" + to_text(gate.start + 4s) + "\"";
    const auto answer = gate.ask(manager, "POST", path, span + R"(,"case":"杭公17","purpose":"theft of a bicycle"})");
    REQUIRE(answer.status == 200);
    CHECK(header_of(answer, "Content-Type") == "application/x-tar");
    const auto bytes = gate.body_of(answer);
    CHECK(bytes.size() == answer.source->bytes());
    const auto acts = gate.acts(Kind::audit_exported);
    REQUIRE(acts.size() == 1);
    CHECK(acts[0].at("case").as_string() == "杭公17");
    CHECK(acts[0].at("count").to_number<int>() == 2);
    CHECK(gate.ask(manager, "POST", path, span + "}").status == 400);
    CHECK(gate.ask(manager, "POST", path, span + R"(,"case":"  "})").status == 400);
    CHECK(gate.ask(guard, "POST", path, span + R"(,"case":"1"})").status == 403);
    CHECK(gate.ask(manager, "POST", "/api/v1/cameras/nobody/export", span + R"(,"case":"1"})").status == 404);
}
