// SPDX-License-Identifier: Apache-2.0
//
// The parts of a camera's ONVIF without sockets: log-in, pull points, discovery.
#include "tests/simulators/cameras/onvif/accounts.hpp"
#include "tests/simulators/cameras/onvif/discovery.hpp"
#include "tests/simulators/cameras/onvif/pull_points.hpp"
#include "tests/simulators/cameras/onvif/time_text.hpp"

#include <doctest/doctest.h>

namespace {

using namespace gatehouse::simulators;
using namespace gatehouse::simulators::cameras::onvif;
using namespace std::chrono_literals;
using Verdict = Accounts::Verdict;

const auto morning = control::RealTime(1'768'465'812s); // 2026-01-15T08:30:12Z

UsernameToken token(const std::string& password = "Gate-2024!", const std::string& nonce = "AAECAwQFBgcICQoLDA0ODw==") {
    std::string raw;
    for (char i = 0; i < 16; ++i) raw += i;
    if (nonce != "AAECAwQFBgcICQoLDA0ODw==") raw[0] = 1;
    return {.user = "admin", .password = password_digest(raw, "2026-01-15T08:30:12Z", password), .nonce = nonce, .created = "2026-01-15T08:30:12Z"};
}

std::string probe(const std::string& types) {
    return "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
           "xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"><s:Header><a:MessageID>urn:uuid:0a6dc791</a:MessageID></s:Header>"
           "<s:Body><d:Probe>" +
           (types.empty() ? "" : "<d:Types>" + types + "</d:Types>") + "</d:Probe></s:Body></s:Envelope>";
}

} // namespace

TEST_CASE("onvif: a token's digest is the published one, good once and within five minutes of the camera's clock") {
    CHECK(token().password == "MKrbnUyuLC9qXFegqIcW8wBlV3k=");
    Accounts accounts({}, "admin", "Gate-2024!", 1);
    CHECK(zulu(morning) == "2026-01-15T08:30:12Z");
    CHECK(accounts.judge(token(), morning + 301s, 0) == Verdict::wrong_time);
    CHECK(accounts.judge(token(), morning + 299s, 0) == Verdict::let_in);
    CHECK(accounts.judge(token(), morning, 0) == Verdict::wrong_time); // the same nonce again
    CHECK(accounts.judge(token("Gate-2024!", "AQECAwQFBgcICQoLDA0ODw=="), morning, 0) == Verdict::let_in);
    CHECK(accounts.judge(token("wrong"), morning, 0) == Verdict::wrong);
    accounts.set("admin", "Neues-2025!");
    CHECK(accounts.judge(token("Neues-2025!", "AQECAwQFBgcICQoLDA0ODw=="), morning, 0) == Verdict::wrong_time);
}

TEST_CASE("onvif: five wrong passwords lock the account, for the right one too, until the time is over") {
    Accounts accounts({.wrong_tries_max = 5, .lock_s = 60}, "admin", "Gate-2024!", 1);
    for (int i = 0; i < 4; ++i) CHECK(accounts.judge(token("wrong"), morning, 0) == Verdict::wrong);
    CHECK(accounts.judge(token("wrong"), morning, 0) == Verdict::locked);
    CHECK(accounts.judge(token(), morning, 59) == Verdict::locked);
    CHECK(accounts.unlock_in_s(59) == 2);
    CHECK(accounts.judge(token(), morning, 61) == Verdict::let_in);
}

TEST_CASE("onvif: a pull point gets present states first, then changes and pulses, and ends unless renewed") {
    PullPoints points(2);
    std::vector<std::string> got;
    const auto take = [&](std::vector<std::string> messages) { got = std::move(messages); };
    const Notice motion{.topic = "tns1:VideoSource/MotionAlarm", .source = "Source", .from = "1", .item = "State", .value = "true"};
    points.notify(motion, 0, morning);
    const auto id = points.create(10, 0, morning);
    REQUIRE(id);
    REQUIRE(points.pull(*id, 10, 1, take));
    REQUIRE(got.size() == 1);
    CHECK(got[0].find("PropertyOperation=\"Initialized\"") != std::string::npos);
    got.clear();
    REQUIRE(points.pull(*id, 10, 2, take));
    CHECK(got.empty());
    points.notify({.topic = "tns1:Line", .source = "", .from = "", .item = "ObjectId", .value = "0", .is_state = false}, 3, morning);
    REQUIRE(got.size() == 1);
    CHECK(got[0].find("PropertyOperation") == std::string::npos);
    points.notify(motion, 4, morning);
    points.notify(motion, 4, morning);
    REQUIRE(points.pull(*id, 1, 5, take));
    CHECK(got.size() == 1); // the limit
    CHECK(points.create(10, 5, morning));
    CHECK_FALSE(points.create(10, 5, morning)); // too many
    CHECK(points.is_there(*id, 14.9));          // each pull keeps it alive
    CHECK(points.renew(*id, 30, 14.9));
    CHECK(points.is_there(*id, 44));
    CHECK_FALSE(points.is_there(*id, 45));
    CHECK_FALSE(points.pull(*id, 1, 46, take));
}

TEST_CASE("onvif: a probe is answered with the one who asks, addresses and identity; another kind of device keeps silent") {
    control::Faults faults(1);
    const Found found{.uuid = "419d68a4-1dd2-11b2-a105-4419b6000001",
                      .address = "http://127.0.0.1:80/onvif/device_service",
                      .name = "gate",
                      .hardware = "X",
                      .location = "gate"};
    const auto answer = probe_match(probe("dn:NetworkVideoTransmitter"), found, faults, 1);
    REQUIRE(answer);
    CHECK(answer->find("<wsa:RelatesTo>urn:uuid:0a6dc791</wsa:RelatesTo>") != std::string::npos);
    CHECK(answer->find("<d:XAddrs>http://127.0.0.1:80/onvif/device_service</d:XAddrs>") != std::string::npos);
    CHECK(answer->find("urn:uuid:419d68a4-1dd2-11b2-a105-4419b6000001") != std::string::npos);
    CHECK(probe_match(probe(""), found, faults, 2));
    CHECK_FALSE(probe_match(probe("dn:Printer"), found, faults, 3));
    CHECK_FALSE(probe_match("no xml", found, faults, 4));
    faults.set("discovery_wants_no_types", {});
    CHECK_FALSE(probe_match(probe("dn:NetworkVideoTransmitter"), found, faults, 5));
    faults.set("discovery_bare_relates", {});
    CHECK(probe_match(probe(""), found, faults, 6)->find("<wsa:RelatesTo>0a6dc791</wsa:RelatesTo>") != std::string::npos);
    faults.set("discovery_link_local_first", {});
    CHECK(probe_match(probe(""), found, faults, 7)->find("<d:XAddrs>http://[fe80::") != std::string::npos);
}

TEST_CASE("onvif: durations and times are read as they are written") {
    CHECK(read_duration("PT120S") == 120s);
    CHECK(read_duration("P1DT0H") == 86400s);
    CHECK(read_duration("PT2M5S") == 125s);
    CHECK_FALSE(read_duration("120"));
    CHECK_FALSE(read_duration("P2D"));
    CHECK_FALSE(read_duration("PT5"));
    CHECK(read_time("2026-01-15T08:30:12.5Z") == morning);
    CHECK_FALSE(read_time("yesterday"));
}
