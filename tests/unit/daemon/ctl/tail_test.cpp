// SPDX-License-Identifier: Apache-2.0
//
// tail: whatever ends the feed, each record is shown once.
#include "tests/unit/daemon/ctl/script.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <ctime>

using namespace gatehouse;
using namespace gatehouse::ctl;

namespace {

std::string record(int position) {
    return R"({"position":)" + std::to_string(position) + R"(,"epoch":"e-1","kind":"pass.granted","heard_at":"2026-01-15T00:30:00Z",)" +
           R"("happened_at":"2026-01-15T00:30:00Z","source":"east","facts":{"door":1,"method":"card"}})";
}
std::string frame(int position) { return R"({"record":)" + record(position) + "}"; }
std::string page(const std::vector<int>& positions) {
    std::string text;
    for (const auto position : positions) text += (text.empty() ? "" : ",") + record(position);
    return R"({"records":[)" + text + R"(],"next":null})";
}
std::string identity(const std::string& epoch, int first, int head) {
    return R"({"epoch":")" + epoch + R"(","epoch_first":)" + std::to_string(first) + R"(,"head":)" + std::to_string(head) + "}";
}

/// The positions that `out` shows, in order.
std::string shown(const std::string& out) {
    std::string positions;
    for (std::size_t at = 0; at < out.size(); at = out.find('\n', at) + 1)
        positions += (positions.empty() ? "" : " ") + out.substr(at, out.find(' ', at) - at);
    return positions;
}

Error gone() { return {Fault::unreachable, "connection lost"}; }

const std::string live = "/api/v1/live?after=";

} // namespace

TEST_CASE("tail: the newest page, oldest first, then what comes, from the head that was before the page") {
    ::setenv("TZ", "CST-8", 1);
    ::tzset();
    Script script;
    script.answer("GET /api/v1/identity", identity("e-1", 1, 20));
    script.answer("GET /api/v1/identity", identity("e-1", 1, 21));
    script.answer("GET /api/v1/records?limit=10", page({18, 12}));
    script.feeds.push_back({{R"({"head":20,"at":"x"})", frame(21)}, {}});
    const auto ran = script.run({"tail"});
    CHECK(ran.code == exit_ok);
    CHECK(ran.out ==
          "12  2026-01-15 08:30:00  pass.granted  east door=1 method=card\n18  2026-01-15 08:30:00  pass.granted  east door=1 method=card\n"
          "21  2026-01-15 08:30:00  pass.granted  east door=1 method=card\n");
    CHECK(script.followed.front() == live + "20");
    CHECK(script.asked.front().target == "/api/v1/identity");
    CHECK(has(script.run({"tail", "--once", "--limit", "10"}, true).out, "通行放行 pass.granted  east 门号=1 核验方式=刷卡\n"));
}

TEST_CASE("tail: in Chinese, members and codes have their words, what no table knows is shown as it came") {
    Script script;
    script.answer("GET /api/v1/records?limit=100",
                  R"({"records":[{"position":7,"kind":"plate.read","heard_at":"2026-01-15T00:30:00Z","happened_at":"2026-01-15T00:30:00Z",)"
                  R"("source":"gate","facts":{"read":true,"plate_colour":"blue","vehicle_kind":"of tomorrow","shape":"round"},)"
                  R"("subject":"plate:浙A12345"}],"next":null})");
    const auto zh = script.run({"tail", "--once"}, true).out;
    CHECK(has(zh, "识别到号牌=是 号牌颜色=蓝"));
    CHECK(has(zh, "车辆类型=of tomorrow shape=round  plate:浙A12345"));
    Script other;
    other.answer("GET /api/v1/records?limit=100",
                 R"({"records":[{"position":7,"kind":"of.tomorrow","heard_at":"2026-01-15T00:30:00Z","facts":{"read":true}}],"next":null})");
    CHECK(has(other.run({"tail", "--once"}, true).out, "read=true"));
}

TEST_CASE("tail: a record stored between the head's question and the page's is neither lost nor doubled") {
    Script script;
    script.answer("GET /api/v1/identity", identity("e-1", 1, 20));
    script.answer("GET /api/v1/records?limit=10", page({22, 21}));
    script.feeds.push_back({{frame(22), frame(23)}, {}});
    CHECK(shown(script.run({"tail"}).out) == "21 22 23");
    CHECK(script.followed.front() == live + "22");
}

TEST_CASE("tail: filters go to both questions, escaped") {
    Script script;
    script.answer("GET /api/v1/identity", identity("e-1", 1, 5));
    const std::string query = "kind=gap&source=a%20b&subject=plate%3A%E6%B5%99A1&personal=true";
    script.answer("GET /api/v1/records?" + query + "&limit=3", page({}));
    const auto ran = script.run({"tail", "--kind", "gap", "--source", "a b", "--subject", "plate:浙A1", "--personal", "--limit", "3"});
    CHECK(ran.code == exit_ok);
    CHECK(script.followed.front() == "/api/v1/live?" + query + "&after=5");
}

TEST_CASE("tail: through a restart of the daemon nothing is lost and nothing comes twice, and the waiting is said once") {
    Script script;
    script.answer("GET /api/v1/identity", identity("e-1", 1, 3));
    script.silent("GET /api/v1/identity", Fault::unreachable);
    script.silent("GET /api/v1/identity", Fault::unreachable);
    script.answer("GET /api/v1/identity", 503, "{}");
    script.answer("GET /api/v1/identity", identity("e-1", 1, 9));
    script.feeds.push_back({{frame(4), frame(6)}, gone()});
    script.feeds.push_back({{frame(6), frame(7), frame(9)}, {}});
    const auto ran = script.run({"tail", "--after", "3"});
    CHECK(shown(ran.out) == "4 6 7 9");
    CHECK(script.followed == std::vector<std::string>{live + "3", live + "6", live + "9"});
    CHECK(ran.err == "gatehousectl: the daemon went away; waiting for it ...\ngatehousectl: the daemon is back\n");
    CHECK(script.waits >= 4);
}

TEST_CASE("tail: told to ask again, it does so from there; told so before anything came, it waits first") {
    Script script;
    script.answer("GET /api/v1/identity", identity("e-1", 1, 50));
    script.feeds.push_back({{frame(1), R"({"resync":{"after":8}})", frame(2)}, {}});
    script.feeds.push_back({{R"({"resync":{"after":8}})"}, {}});
    script.feeds.push_back({{frame(9)}, {}});
    CHECK(shown(script.run({"tail", "--after", "0"}).out) == "1 9");
    CHECK(script.followed[1] == live + "8");
    CHECK(script.waits == 2); // before the third feed, and before the one that `out` ends
}

TEST_CASE("tail: what was looked at without a match is not asked for again") {
    Script script;
    script.answer("GET /api/v1/identity", identity("e-1", 1, 50));
    script.feeds.push_back({{R"({"head":50,"through":40,"at":"x"})"}, gone()});
    script.run({"tail", "--after", "0"});
    CHECK(script.followed[1] == live + "40");
    // The head alone says nothing of what was sent.
    Script other;
    other.answer("GET /api/v1/identity", identity("e-1", 1, 50));
    other.feeds.push_back({{R"({"head":50,"at":"x"})"}, gone()});
    other.run({"tail", "--after", "0"});
    CHECK(other.followed[1] == live + "0");
}

TEST_CASE("tail: a log restored from a backup gives positions out again, and is followed from its new epoch's first") {
    Script script;
    script.answer("GET /api/v1/identity", identity("e-1", 1, 30));
    script.answer("GET /api/v1/identity", identity("e-2", 21, 23));
    script.feeds.push_back({{frame(30)}, gone()});
    script.feeds.push_back({{frame(21), frame(22), frame(23)}, {}});
    const auto ran = script.run({"tail", "--after", "29"});
    CHECK(shown(ran.out) == "30 21 22 23");
    CHECK(has(ran.err, "restored from a backup; going on from position 21"));
    // A renewed identity runs on.
    Script renewed;
    renewed.answer("GET /api/v1/identity", identity("e-1", 1, 30));
    renewed.answer("GET /api/v1/identity", identity("e-2", 31, 33));
    renewed.feeds.push_back({{frame(30)}, gone()});
    renewed.feeds.push_back({{frame(31)}, {}});
    CHECK(shown(renewed.run({"tail", "--after", "29"}).out) == "30 31");
    // The same epoch, but shorter: that must not be.
    Script shorter;
    shorter.answer("GET /api/v1/identity", identity("e-1", 1, 30));
    shorter.answer("GET /api/v1/identity", identity("e-1", 1, 20));
    shorter.feeds.push_back({{frame(30)}, gone()});
    CHECK(shorter.run({"tail", "--after", "29"}).code == exit_data);
}

TEST_CASE("tail --json: one record a line, as it came") {
    Script script;
    script.answer("GET /api/v1/identity", identity("e-1", 1, 30));
    script.feeds.push_back({{frame(31)}, {}});
    const auto ran = script.run({"tail", "--after", "30", "--json"});
    CHECK(ran.out == record(31) + "\n");
}

TEST_CASE("tail: refused: why, with its code; a full house is waited for") {
    Script script;
    script.answer("GET /api/v1/identity", identity("e-1", 1, 30));
    script.answer("GET " + live + "40", 400, R"({"type":"urn:gatehouse:problem:malformed","detail":"the log ends at 30"})");
    script.feeds.push_back({{}, Error(Fault::refused, "the server answered 400")});
    const auto beyond = script.run({"tail", "--after", "40"});
    CHECK(beyond.code == exit_data);
    CHECK(has(beyond.err, "the log ends at 30"));
    Script full;
    full.answer("GET /api/v1/identity", identity("e-1", 1, 30));
    full.answer("GET " + live + "30", 429, R"({"type":"urn:gatehouse:problem:too-many","detail":"64 feeds"})");
    full.feeds.push_back({{}, Error(Fault::refused, "the server answered 429")});
    full.feeds.push_back({{frame(31)}, {}});
    CHECK(shown(full.run({"tail", "--after", "30"}).out) == "31");
    Script lost;
    lost.answer("GET /api/v1/identity", identity("e-1", 1, 30));
    lost.feeds.push_back({{R"({"problem":{"type":"urn:gatehouse:problem:not-allowed","status":403,"detail":"your role"}})"}, {}});
    CHECK(lost.run({"tail", "--after", "30"}).code == exit_no_permission);
}

TEST_CASE("tail: frames that are none: exit 70; frames of a kind not known yet are passed over") {
    for (const auto* bad : {"", "nonsense", "[]", "7", R"({"record":{}})", R"({"record":{"position":-1}})", R"({"record":{"position":"1"}})",
                            R"({"record":{"position":1e300}})"}) {
        Script script;
        script.answer("GET /api/v1/identity", identity("e-1", 1, 30));
        script.feeds.push_back({{bad}, {}});
        CHECK_MESSAGE(script.run({"tail", "--after", "30"}).code == exit_software, bad);
    }
    Script script;
    script.answer("GET /api/v1/identity", identity("e-1", 1, 30));
    script.feeds.push_back(
        {{R"({"weather":"fine"})", R"({"record":7})", R"({"resync":7})", R"({"problem":null})", R"({"head":"x"})", frame(31)}, {}});
    CHECK(shown(script.run({"tail", "--after", "30"}).out) == "31");
}

TEST_CASE("tail: a daemon that does not run at the beginning is an error, not something to wait for") {
    Script script;
    script.silent("GET /api/v1/identity", Fault::unreachable);
    CHECK(script.run({"tail"}).code == exit_unavailable);
    CHECK(script.followed.empty());
}
