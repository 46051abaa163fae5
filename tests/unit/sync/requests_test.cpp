// SPDX-License-Identifier: Apache-2.0
#include "sync/requests.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::sync;
using namespace std::chrono_literals;

namespace {

const Time now = *parse_time("2026-01-15T08:00:05Z");
const SigningKey platform{Key{2}};

std::string signed_request(std::string id, std::string args, std::string issued = "2026-01-15T08:00:00Z",
                           std::string expires = "2026-01-15T08:00:10Z", const SigningKey& key = platform, std::string gateway = "gw-7") {
    const auto statement = "gatehouse request 1\n" + gateway + "\n" + id + "\nresend\n" + args + "\n" + issued + "\n" + expires;
    return R"({"id":")" + id + R"(","verb":"resend","args":)" + args + R"(,"issued_at":")" + issued + R"(","expires_at":")" + expires +
           R"(","signature":")" + to_base64(key.sign(statement)) + "\"}";
}

Done admitted(RequestGate& gate, const std::string& payload, Time at = now, ClockQuality quality = ClockQuality::synced) {
    const auto request = parse_request(payload);
    REQUIRE(request.has_value());
    return gate.admit(*request, at, quality);
}

} // namespace

TEST_CASE("W11: a signed request is heard once") {
    RequestGate gate("gw-7", {platform.public_key()}, now - 1h);
    // args are signed as they stand, blanks and all
    const auto payload = signed_request("r-1", R"({ "lane" : "routine","first":1,  "last":2 })");
    CHECK(admitted(gate, payload).has_value());
    CHECK(admitted(gate, payload).has_error());
    CHECK(admitted(gate, payload, now + 4s).has_error());
}

TEST_CASE("W11: forged, old, early, expired, of before our start, with an unsynced clock: refused") {
    RequestGate gate("gw-7", {platform.public_key()}, *parse_time("2026-01-15T07:59:59Z"));
    const std::string args = R"({"lane":"routine","first":1,"last":2})";
    CHECK(admitted(gate, signed_request("a", args, "2026-01-15T08:00:00Z", "2026-01-15T08:00:10Z", SigningKey{Key{3}})).has_error());
    CHECK(admitted(gate, signed_request("b", args, "2026-01-15T08:00:00Z", "2026-01-15T08:00:10Z", platform, "gw-8")).has_error());
    CHECK(admitted(gate, signed_request("c", args), *parse_time("2026-01-15T08:00:10.000001Z")).has_error());
    CHECK(admitted(gate, signed_request("d", args, "2026-01-15T08:00:16Z", "2026-01-15T08:00:20Z")).has_error());
    CHECK(admitted(gate, signed_request("e", args, "2026-01-15T08:00:00Z", "2026-01-15T08:00:04Z")).has_error());
    CHECK(admitted(gate, signed_request("f", args, "2026-01-15T07:59:58Z", "2026-01-15T08:00:10Z")).has_error());
    CHECK(admitted(gate, signed_request("g", args), now, ClockQuality::unsynced).has_error());
    CHECK(admitted(gate, signed_request("h", args)).has_value());

    auto tampered = signed_request("i", args);
    tampered.replace(tampered.find("\"last\":2"), 8, "\"last\":9");
    CHECK(admitted(gate, tampered).has_error());

    RequestGate no_key("gw-7", {}, now - 1h);
    CHECK(admitted(no_key, signed_request("j", args)).has_error());
}

TEST_CASE("W11: while one key replaces another, either is heard, and a third is not") {
    const SigningKey next{Key{4}}, foreign{Key{5}};
    RequestGate gate("gw-7", {platform.public_key(), next.public_key()}, now - 1h);
    const auto by = [](const SigningKey& key, std::string id) {
        return signed_request(std::move(id), "{}", "2026-01-15T08:00:00Z", "2026-01-15T08:00:10Z", key);
    };
    CHECK(admitted(gate, by(platform, "a")).has_value());
    CHECK(admitted(gate, by(next, "b")).has_value());
    CHECK(admitted(gate, by(next, "a")).has_error());
    CHECK(admitted(gate, by(foreign, "c")).has_error());
}

TEST_CASE("W11: ten thousand replays have no second effect") {
    RequestGate gate("gw-7", {platform.public_key()}, now - 1h);
    const auto payload = signed_request("r-1", R"({})");
    int effects = 0;
    for (int i = 0; i < 10'000; ++i) effects += admitted(gate, payload, now + std::chrono::milliseconds(i)).has_value() ? 1 : 0;
    CHECK(effects == 1);
}

TEST_CASE("W11: malformed requests are refused with their place") {
    for (const auto* payload :
         {"", "[]", "{}", R"({"id":"","verb":"x","args":{},"issued_at":"","expires_at":"","signature":""})",
          R"({"id":"1","verb":"x","args":[],"issued_at":"2026-01-15T08:00:00Z","expires_at":"2026-01-15T08:00:00Z","signature":"AA=="})",
          R"({"id":"1","verb":"x","args":{},"issued_at":"yesterday","expires_at":"2026-01-15T08:00:00Z","signature":"AA=="})"})
        CHECK_MESSAGE(parse_request(payload).has_error(), payload);
}

TEST_CASE("a member's text is found as it stands, whatever stands around it") {
    CHECK(raw_member(R"({"a":1,"args":{"x":"}\"{"},"b":[{"args":2}]})", "args") == R"({"x":"}\"{"})");
    CHECK(raw_member(R"( { "b" : {"args":1} , "\u0061rgs" :  [1, 2] } )", "args") == "[1, 2]");
    CHECK(raw_member(R"({"b":true,"args":-1.5e3})", "args") == "-1.5e3");
    CHECK_FALSE(raw_member(R"({"b":"args"})", "args").has_value());
    CHECK_FALSE(raw_member("{}", "args").has_value());
}
