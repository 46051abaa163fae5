// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/request_signer.hpp"

#include "daemon/base/clock.hpp"
#include "tests/unit/simulators/platform/gateway.hpp"

using namespace gatehouse::simulators::platform;
using namespace std::chrono_literals;

namespace {
const std::string seed(64, '7');
const auto now = std::chrono::system_clock::time_point(std::chrono::seconds(1'768'437'000));

RequestSigner::Wish wish(const std::string& how) {
    RequestSigner::Wish made;
    made.id = "0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4e";
    made.verb = "resend";
    made.args = json::object{{"lane", "routine"}, {"first", 4}, {"last", 9}};
    made.how = how;
    return made;
}

// Reads the request as a gateway must: args as the text that stands there.
bool is_signed_well(const std::string& payload, const std::string& key) {
    const auto request = json::parse(payload).as_object();
    const auto from = payload.find("\"args\":") + 7;
    const auto args = payload.substr(from, payload.find(",\"issued_at\"") - from);
    const auto word = [&](const char* name) { return json::value_to<std::string>(request.at(name)); };
    if (!request.contains("signature")) return false;
    return is_signature_of("gatehouse request 1\ngw\n" + word("id") + "\n" + word("verb") + "\n" + args + "\n" + word("issued_at") + "\n" +
                               word("expires_at"),
                           word("signature"), key);
}
} // namespace

TEST_CASE("a request is signed over its own text; the wrong ones are wrong in one thing each") {
    const Gateway started; // libsodium
    RequestSigner signer("gw", seed);
    CHECK(signer.public_key() == RequestSigner("gw", seed).public_key());
    const auto good = signer.sign(wish("good"), now);
    CHECK(is_signed_well(good, signer.public_key()));
    CHECK(json::parse(good).at("issued_at") == "2026-01-15T00:30:00.000000Z");
    CHECK(json::parse(good).at("expires_at") == "2026-01-15T00:30:10.000000Z");
    CHECK(signer.sign(wish("replayed"), now + 1s) == good);
    CHECK(!is_signed_well(signer.sign(wish("forged"), now), signer.public_key()));
    CHECK(!is_signed_well(signer.sign(wish("tampered"), now), signer.public_key()));
    CHECK(!is_signed_well(signer.sign(wish("unsigned"), now), signer.public_key()));
    const auto expired = signer.sign(wish("expired"), now);
    CHECK(is_signed_well(expired, signer.public_key()));
    CHECK(json::parse(expired).at("expires_at") == "2026-01-15T00:29:59.000000Z");
    const auto old = signer.sign(wish("too_old"), now);
    CHECK(is_signed_well(old, signer.public_key()));
    CHECK(json::parse(old).at("issued_at") == "2026-01-15T00:29:00.000000Z");
    boost::system::error_code error;
    json::parse(signer.sign(wish("malformed"), now), error);
    CHECK(error);
    CHECK_THROWS(RequestSigner("gw", "77"));
}

TEST_CASE("POST /request sends it and GET /answers shows what came back") {
    Platform platform;
    const auto told = platform.application.request("POST", "/request", {{"verb", "digest"}, {"args", json::object{{"lane", "urgent"}}}});
    REQUIRE(told);
    REQUIRE(platform.sent.size() == 1);
    CHECK(platform.sent[0].topic == "gatehouse/v1/gw/requests");
    CHECK(platform.sent[0].response_topic == "gatehouse/v1/gw/responses");
    CHECK(platform.sent[0].correlation == json::value_to<std::string>(told->at("id")));
    auto answer = Gateway::message("responses", R"({"id":"x","ok":true,"result":{"count":3}})", "application/json");
    answer.correlation = platform.sent[0].correlation;
    platform.application.take(answer);
    const auto answers = platform.application.request("GET", "/answers", {});
    CHECK(answers->at(0).at("answer").at("result").at("count") == 3);
    CHECK(answers->at(0).at("correlation") == told->at("id"));
}
