// SPDX-License-Identifier: Apache-2.0
//
// The request `clip` on the wire: who is asked, what comes back, and what is refused before anybody is asked.
#include "sync/requests.hpp"
#include "tests/unit/sync/mqtt/stage.hpp"

using namespace gatehouse;
using namespace gatehouse::sync;
using namespace gatehouse::sync::mqtt;

namespace {

std::string request_of(Stage& stage, const std::string& id, const std::string& args, Duration age = 0s) {
    Request request;
    request.id = id;
    request.verb = "clip";
    request.args_text = args;
    request.issued_at_text = to_text(stage.clock.now() - age);
    request.expires_at_text = to_text(stage.clock.now() + 10s);
    const auto signature = stage.platform.sign(request_statement(request, "gw-7"));
    return "{\"id\":\"" + id + "\",\"verb\":\"clip\",\"args\":" + args + ",\"issued_at\":\"" + request.issued_at_text + "\",\"expires_at\":\"" +
           request.expires_at_text + "\",\"signature\":\"" + to_base64(signature) + "\"}";
}

json::object answer_to(Stage& stage, const std::string& text) {
    const auto before = stage.broker.published.size();
    stage.broker.deliver(Stage::topic("requests"), text);
    stage.run(200ms);
    for (std::size_t i = before; i < stage.broker.published.size(); ++i)
        if (stage.broker.published[i].message.topic == Stage::topic("responses"))
            return parse_json(stage.broker.published[i].message.payload).value().as_object();
    return {};
}

} // namespace

TEST_CASE("W17: a signed clip request reaches who decides, with the upstream's own name, and its answer goes back") {
    Stage stage;
    std::string asked_by;
    json::object asked;
    stage.clip = [&](std::string upstream, json::object args) -> Task<Result<std::string>> {
        asked_by = upstream;
        asked = args;
        if (args.contains("offset")) co_return Error(Fault::busy, "it waits for the compound's yes");
        co_return std::string(R"({"clip":"c-1","state":"waiting","until":"2026-01-22T00:30:00Z"})");
    };
    stage.start();
    const auto answer = answer_to(stage, request_of(stage, "r-1", R"({"case":"17","camera":"gate-1"})"));
    REQUIRE(answer.contains("ok"));
    CHECK(answer.at("ok").as_bool());
    CHECK(answer.at("result").as_object().at("state").as_string() == "waiting");
    CHECK(asked_by == "district");
    CHECK(asked.at("case").as_string() == "17");
    const auto busy = answer_to(stage, request_of(stage, "r-2", R"({"clip":"c-1","offset":0})"));
    CHECK_FALSE(busy.at("ok").as_bool());
    CHECK(busy.at("error").as_string() == "busy");
}

TEST_CASE("W17: an old, repeated or foreign clip request asks nobody, and a gateway that records nothing says so") {
    Stage stage;
    int asked = 0;
    stage.clip = [&](std::string, json::object) -> Task<Result<std::string>> {
        ++asked;
        co_return std::string(R"({"clip":"c-1","state":"waiting","until":"2026-01-22T00:30:00Z"})");
    };
    stage.start();
    stage.run(30s);
    const auto request = request_of(stage, "r-1", R"({"clip":"c-1"})");
    CHECK(answer_to(stage, request).at("ok").as_bool());
    CHECK_FALSE(answer_to(stage, request).at("ok").as_bool());
    CHECK_FALSE(answer_to(stage, request_of(stage, "r-2", R"({"clip":"c-1"})", 11s)).at("ok").as_bool());
    auto foreign = request_of(stage, "r-3", R"({"clip":"c-1"})");
    foreign.replace(foreign.find("c-1"), 3, "c-2");
    CHECK_FALSE(answer_to(stage, foreign).at("ok").as_bool());
    CHECK(asked == 1);
    Stage other;
    other.start();
    CHECK(answer_to(other, request_of(other, "r-1", R"({"clip":"c-1"})")).at("error").as_string() == "unsupported");
}
