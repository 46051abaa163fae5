// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/ctl/script.hpp"

#include "daemon/base/json.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace gatehouse;
using namespace gatehouse::ctl;

namespace {

constexpr auto streams =
    R"({"streams":[{"path":"/main","set_as":"main","fault":"","codecs":"hvc1.1.6.L120.90","browsers":"some",)"
    R"("picture":{"codec":"h265","width":1920,"height":1080,"fps":25.0,"audio":"aac"}},)"
    R"({"path":"/sub","set_as":"","fault":"","codecs":"avc1.64001e","browsers":"all","picture":{"codec":"h264","width":640,"height":360,"fps":12.5,"audio":""}}]})";

} // namespace

TEST_CASE("camera list: picture, rates, what is missing today, and walls that lack, in both languages") {
    Script script;
    const auto rows =
        std::string(R"({"cameras":[{"id":"gate-1","registered":true,"status":{"state":"online"},)") +
        R"("picture":{"codec":"h265","width":3840,"height":2160,"fps":25.0,"audio":""},"bits_per_s":4200000,"fps":24.96,"policy":"always",)"
        R"("last_fragment_at":"2026-01-15T00:30:11Z","walls":{"limits":"stands","calls":"refused","files":"stands"},"has_sub":true,)"
        R"("viewers":2,"missing_s":90},{"id":"old","registered":false}]})";
    script.asked.clear();
    Script guess;
    const auto first = guess.run({"camera", "list"}); // learns the target, which names this day's midnight
    REQUIRE_FALSE(guess.asked.empty());
    script.answer("GET " + guess.asked.back().target, rows);
    CHECK(guess.asked.back().target.starts_with("/api/v1/cameras?from=2026-01-1"));
    const auto en = script.run({"camera", "list", "--lang", "en"});
    CHECK(en.code == 0);
    CHECK(has(en.out, "H.265 3840×2160"));
    CHECK(has(en.out, "4.2 Mbit/s"));
    CHECK(has(en.out, "24.96"));
    CHECK(has(en.out, "without seccomp"));
    const auto zh = script.run({"camera", "list", "--lang", "zh"});
    CHECK(has(zh.out, "缺 seccomp"));
    CHECK(has(zh.out, "全天"));
    CHECK(first.code != 0);
}

TEST_CASE("camera probe: by id, else by address; a stream that browsers play is offered, and set where it is asked for") {
    Script script;
    script.answer("GET /api/v1/cameras/gate-1/probe", streams);
    const auto offered = script.run({"camera", "probe", "gate-1", "--lang", "en"});
    CHECK(offered.code == 0);
    CHECK(has(offered.out, "/sub"));
    CHECK(has(offered.err, "gatehousectl camera probe gate-1 --set-sub 2"));
    script.answer("GET /api/v1/devices/gate-1", R"({"id":"gate-1","driver":"rtsp","options":{"path":"/main"},"status":{"state":"online"}})");
    script.answer("PUT /api/v1/devices/gate-1", "{}");
    CHECK(script.run({"camera", "probe", "gate-1", "--set-sub", "2"}).code == 0);
    const auto put = parse_json(script.asked.back().body).value().as_object();
    CHECK(put.at("options").at("sub_path") == "/sub");
    CHECK(put.at("options").at("path") == "/main");
    CHECK_FALSE(put.contains("status"));
    CHECK(script.run({"camera", "probe", "gate-1", "--set-sub", "3"}).code == exit_usage);

    script.answer("GET /api/v1/cameras/192.168.50.64/probe", 404, "{}");
    script.answer("POST /api/v1/cameras/probe", streams);
    CHECK(script.run({"camera", "probe", "192.168.50.64", "--username", "admin", "--port", "8554"}).code == 0);
    const auto body = parse_json(script.asked.back().body).value().as_object();
    CHECK(body.at("address") == "192.168.50.64");
    CHECK(body.at("port") == 8554);
    CHECK(script.run({"camera", "probe", "192.168.50.64", "--set-sub", "2"}).code == exit_usage);
}

TEST_CASE("camera live: bytes as they came on standard output, words beside them, the daemon's last word as an error") {
    Script script;
    const std::string init("\0\0\0\x18"
                           "ftyp",
                           8),
        fragment("\0\0\1\0moof", 8);
    script.feeds.push_back({{R"({"video":{"camera":"gate-1","stream":"sub","codecs":"avc1.64001e","width":640,"height":360}})", init, fragment,
                             R"({"at":"2026-01-15T00:30:12Z","state":"offline"})", fragment,
                             R"({"problem":{"status":403,"type":"urn:gatehouse:problem:not-allowed","detail":"the end"}})"},
                            {}});
    const auto ran = script.run({"camera", "live", "gate-1", "--stream", "sub", "--lang", "en"});
    CHECK(ran.out == init + fragment + fragment);
    CHECK(ran.code == exit_no_permission);
    CHECK(has(ran.err, "avc1.64001e"));
    CHECK(has(ran.err, "offline"));
    CHECK(script.followed == std::vector<std::string>{"/api/v1/cameras/gate-1/live?stream=sub"});
    CHECK(script.run({"camera", "live", "gate-1", "--stream", "third"}).code == exit_usage);
    script.terminal = true;
    const auto refused = script.run({"camera", "live", "gate-1"});
    CHECK(refused.code == exit_usage);
    CHECK(has(refused.err, "ffplay"));
    CHECK(script.followed.size() == 1);
}

TEST_CASE("camera snapshot: a new file, and never over one that exists") {
    Script script;
    script.answer("GET /api/v1/cameras/gate-1/snapshot.jpg", "\xff\xd8 picture");
    const auto file = (std::filesystem::temp_directory_path() / "gatehouse-snapshot-test.jpg").string();
    std::filesystem::remove(file);
    CHECK(script.run({"camera", "snapshot", "gate-1", file}).code == 0);
    std::ifstream stream(file);
    CHECK(std::string(std::istreambuf_iterator<char>(stream), {}) == "\xff\xd8 picture");
    CHECK(script.run({"camera", "snapshot", "gate-1", file}).code == exit_cannot_create);
    std::filesystem::remove(file);
}
