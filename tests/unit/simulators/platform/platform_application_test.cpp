// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/simulators/platform/gateway.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

using namespace gatehouse::simulators;
using namespace gatehouse::simulators::platform;
using namespace std::chrono_literals;

namespace {
// Fresh, and gone afterwards.
struct Folder {
    Folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "platform-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path = pattern;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};
} // namespace

TEST_CASE("events are kept once, receipted in ranges, and the chain shows what is missing") {
    Gateway gateway;
    Platform platform;
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(4, 0), gateway.event(6, 4)})));
    CHECK(platform.last_receipt() == json::parse(R"({"epoch":")" + gateway.epoch + R"(","lane":"routine","held":[[4,6]]})").as_object());
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(9, 7), gateway.event(12, 9)})));
    CHECK(platform.last_receipt().at("held") == json::parse("[[4,6],[9,12]]"));
    CHECK(platform.lane("routine").at("holes") == 1);
    CHECK(platform.lane("routine").at("holes_list").at(0).at("missing") == 7);
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(7, 6), gateway.event(9, 7)})));
    CHECK(platform.last_receipt().at("held") == json::parse("[[4,12]]"));
    const auto lane = platform.lane("routine");
    CHECK(lane.at("kept") == 5);
    CHECK(lane.at("duplicates") == 1);
    CHECK(lane.at("altered") == 0);
    CHECK(lane.at("holes") == 0);
    CHECK(lane.at("out_of_order") == 1);
    CHECK(lane.at("nonconforming") == 0);
    CHECK(platform.application.state().at("kept_twice") == 0);
}

TEST_CASE("a range never reaches over a hole") {
    Gateway gateway;
    Platform platform;
    for (const std::uint64_t sequence : {2u, 8u, 5u})
        platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(sequence, sequence - 1)})));
    CHECK(platform.last_receipt().at("held") == json::parse("[[2,2],[5,5],[8,8]]"));
}

TEST_CASE("lanes are receipted apart") {
    Gateway gateway;
    Platform platform;
    platform.application.take(Gateway::message("urgent", gateway.event(5, 0, "door.forced", "urgent"), "application/cloudevents+json"));
    CHECK(platform.last_receipt().at("lane") == "urgent");
    CHECK(platform.lane("urgent").at("kept") == 1);
    CHECK(platform.lane("routine").at("kept") == 0);
}

TEST_CASE("an event that comes again with other bytes is told, unless it says that it was revised") {
    Gateway gateway;
    Platform platform;
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(4, 0)})));
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(4, 0, "pass.granted", "routine", "{}")})));
    CHECK(platform.lane("routine").at("altered") == 1);
    platform.application.take(
        Gateway::message("routine", Gateway::batch({gateway.event(4, 0, "pass.granted", "routine", "{}", R"(,"revised":"erased")")})));
    CHECK(platform.lane("routine").at("altered") == 1);
    CHECK(platform.lane("routine").at("revised") == 1);
    CHECK(platform.lane("routine").at("nonconforming") == 0);
    CHECK(platform.lane("routine").at("kept") == 1);
}

TEST_CASE("at a new epoch the chain reaches back into the one before it") {
    Gateway gateway;
    Platform platform;
    platform.application.take(gateway.status(1));
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(8, 0), gateway.event(9, 8)})));
    gateway.epoch = "0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4f";
    platform.application.take(gateway.status(9));
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(10, 9)})));
    CHECK(platform.lane("routine").at("holes") == 1); // this epoch's 9 is meant, not the one before's
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(9, 8), gateway.event(10, 9)})));
    CHECK(platform.lane("routine").at("kept") == 4); // (E1, 9) and (E2, 9) are two events
    CHECK(platform.lane("routine").at("holes") == 0);
    CHECK(platform.last_receipt().at("epoch") == json::value(gateway.epoch));
    CHECK(platform.last_receipt().at("held") == json::parse("[[9,10]]"));
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(14, 12)})));
    CHECK(platform.lane("routine").at("holes") == 1);
}

TEST_CASE("cumulative receipts say only what hangs together from the beginning") {
    Gateway gateway;
    Application::Settings settings;
    settings.receipts = "cumulative";
    Platform platform(settings);
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(4, 0), gateway.event(9, 6)})));
    CHECK(platform.last_receipt().at("through") == 4);
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(6, 4)})));
    CHECK(platform.last_receipt().at("through") == 9);
}

TEST_CASE("where a broker's PUBACK is all, nothing is receipted") {
    Gateway gateway;
    Application::Settings settings;
    settings.receipts = "puback";
    Platform platform(settings);
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(4, 0)})));
    CHECK(platform.sent.empty());
    CHECK(platform.lane("routine").at("kept") == 1);
}

TEST_CASE("a duplicate and a status that turns online bring the present receipt again") {
    Gateway gateway;
    Platform platform;
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(4, 0)})));
    const auto first = platform.sent.back().payload;
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(4, 0)})));
    CHECK(platform.sent.size() == 2);
    CHECK(platform.sent.back().payload == first);
    platform.application.take(gateway.status());
    CHECK(platform.sent.size() == 3);
    CHECK(platform.sent.back().payload == first);
}

TEST_CASE("faults on command: silent, slow, wrong, doubled, reordered") {
    Gateway gateway;
    Platform platform;
    std::uint64_t position = 1;
    const auto next = [&] {
        platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(position + 1, position)})));
        ++position;
    };
    platform.faults.set("silent", {{"times", 1}});
    next();
    CHECK(platform.sent.empty());
    next();
    CHECK(platform.sent.size() == 1);

    platform.faults.set("slow", {{"ms", 700}, {"times", 1}});
    next();
    CHECK(platform.sent.size() == 1);
    REQUIRE(platform.waiting.size() == 1);
    CHECK(platform.waiting[0].first == 700ms);
    platform.wait_over();
    CHECK(platform.sent.size() == 2);

    platform.faults.set("wrong", {{"how", "unsent"}, {"times", 1}});
    next();
    CHECK(platform.last_receipt().at("held").at(0).at(1).to_number<int>() > 1'000'000);
    platform.faults.set("wrong", {{"how", "epoch"}, {"times", 1}});
    next();
    CHECK(platform.last_receipt().at("epoch") != json::value(gateway.epoch));
    platform.faults.set("wrong", {{"how", "malformed"}, {"times", 1}});
    next();
    boost::system::error_code error;
    json::parse(platform.sent.back().payload, error);
    CHECK(error);

    platform.faults.set("duplicate_receipts", {{"times", 1}});
    const auto before = platform.sent.size();
    next();
    CHECK(platform.sent.size() == before + 2);

    platform.faults.set("reordered_receipts", {{"times", 1}});
    next();
    next();
    CHECK(platform.sent.size() == before + 4);
    CHECK(platform.sent[before + 2].payload.size() >= platform.sent[before + 3].payload.size());
    CHECK(platform.sent[before + 2].payload.find(std::to_string(position) + "]]") != std::string::npos);
}

TEST_CASE("a refused event is known, not kept, and the chain goes on over it") {
    Gateway gateway;
    Platform platform;
    platform.faults.set("refuse", {{"position", 6}, {"reason", "no such door here"}});
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(4, 0), gateway.event(6, 4), gateway.event(7, 6)})));
    const auto receipt = platform.last_receipt();
    CHECK(receipt.at("held") == json::parse("[[4,4],[7,7]]"));
    CHECK(receipt.at("refused") == json::parse(R"([{"position":6,"reason":"no such door here"}])"));
    CHECK(platform.lane("routine").at("kept") == 2);
    CHECK(platform.lane("routine").at("refused") == 1);
    CHECK(platform.lane("routine").at("holes") == 0);
    // Sent again, it is refused again.
    platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(6, 4)})));
    CHECK(platform.last_receipt().contains("refused"));
}

TEST_CASE("a forgetful application loses its newest and asks for them by a signed request") {
    Gateway gateway;
    Platform platform;
    for (std::uint64_t i = 1; i <= 20; ++i) platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(i, i - 1)})));
    CHECK(platform.application.fault_was_set("forgetful", {{"events", 5}}));
    CHECK(platform.lane("routine").at("kept") == 15);
    REQUIRE(platform.sent.back().topic == "gatehouse/v1/gw/requests");
    const auto request = json::parse(platform.sent.back().payload).as_object();
    CHECK(request.at("verb") == "resend");
    CHECK(request.at("args") == json::parse(R"({"lane":"routine","first":16,"last":20})"));
    CHECK(platform.sent.back().correlation == json::value_to<std::string>(request.at("id")));
    for (std::uint64_t i = 16; i <= 20; ++i) platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(i, i - 1)})));
    CHECK(platform.last_receipt().at("held") == json::parse("[[1,20]]"));
    CHECK(platform.application.state().at("kept_twice") == 0);
}

TEST_CASE("what was kept outlives the process, and a half row of one that was killed does not count") {
    const Folder folder;
    Gateway gateway;
    Application::Settings settings;
    settings.state_path = (folder.path / "store.jsonl").string();
    {
        Platform platform(settings);
        platform.application.take(gateway.status());
        platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(4, 0), gateway.event(6, 4)})));
    }
    std::ofstream(settings.state_path, std::ios::app) << R"({"op":"event","lane":"routine","ep)";
    Platform again(settings);
    again.application.take(Gateway::message("routine", Gateway::batch({gateway.event(6, 4), gateway.event(7, 6)})));
    CHECK(again.lane("routine").at("kept") == 3);
    CHECK(again.lane("routine").at("duplicates") == 1);
    CHECK(again.lane("routine").at("altered") == 0);
    CHECK(again.last_receipt().at("held") == json::parse("[[4,7]]"));
    Platform third(settings);
    CHECK(third.lane("routine").at("kept") == 3);
    CHECK(third.application.state().at("key") == json::value(gateway.key));
}

TEST_CASE("three consumers share one store: each event once, and any of them can say all of it") {
    const Folder folder;
    Gateway gateway;
    Application::Settings settings;
    settings.state_path = (folder.path / "store.jsonl").string();
    std::vector<std::unique_ptr<Platform>> consumers;
    for (int i = 0; i < 3; ++i) consumers.push_back(std::make_unique<Platform>(settings));
    for (std::uint64_t i = 1; i <= 30; ++i) {
        consumers[i % 3]->application.take(Gateway::message("routine", Gateway::batch({gateway.event(i, i - 1)})));
        if (i == 20) consumers[2] = std::make_unique<Platform>(settings); // one is killed, another comes
    }
    consumers[0]->application.take(Gateway::message("routine", Gateway::batch({gateway.event(29, 28)})));
    CHECK(consumers[0]->lane("routine").at("duplicates") == 1);
    CHECK(consumers[0]->last_receipt().at("held") == json::parse("[[1,30]]"));
    for (auto& consumer : consumers) CHECK(consumer->lane("routine").at("kept") == 30);
}

TEST_CASE("pictures: whole only with all of a record's, their hashes checked, an empty one needs its reason") {
    Gateway gateway;
    Platform platform;
    const auto picture = [&](std::uint64_t sequence, std::uint64_t previous, unsigned index, unsigned count, const std::string& bytes,
                             std::map<std::string, std::string> more) {
        auto message = Gateway::message("pictures", bytes, "image/jpeg");
        message.user = {{"sha256", hex(sha256(bytes))},
                        {"role", "plate"},
                        {"epoch", gateway.epoch},
                        {"sequence", Gateway::digits(sequence)},
                        {"previous", Gateway::digits(previous)},
                        {"index", std::to_string(index)},
                        {"count", std::to_string(count)}};
        for (auto& [name, value] : more) message.user[name] = value;
        platform.application.take(message);
    };
    picture(7, 0, 0, 2, "one", {});
    CHECK(platform.sent.empty());
    picture(7, 0, 1, 2, "two", {});
    CHECK(platform.last_receipt().at("held") == json::parse("[[7,7]]"));
    picture(9, 7, 0, 1, "", {{"reason", "erased"}});
    CHECK(platform.last_receipt().at("held") == json::parse("[[7,9]]"));
    picture(9, 7, 0, 1, "", {{"reason", "erased"}});
    picture(12, 9, 0, 1, "three", {{"sha256", "00"}});
    picture(13, 12, 0, 1, "", {});
    const auto lane = platform.lane("pictures");
    CHECK(lane.at("kept") == 4);
    CHECK(lane.at("duplicates") == 1);
    CHECK(lane.at("bad_pictures") == 1);
    CHECK(lane.at("nonconforming") == 1);
}

TEST_CASE("an alarm that could not be stored is shown, not kept and not receipted") {
    Gateway gateway;
    Platform platform;
    auto event = gateway.event(5, 4, "fire.alarm", "urgent", "{}", R"(,"volatile":"true")");
    const auto from = event.find("\"sequence\"");
    event.erase(from, event.find("\"epoch\"") - from);
    platform.application.take(Gateway::message("urgent", Gateway::batch({event})));
    CHECK(platform.sent.empty());
    CHECK(platform.lane("urgent").at("volatile") == 1);
    CHECK(platform.lane("urgent").at("kept") == 0);
    CHECK(platform.lane("urgent").at("nonconforming") == 0);
}

TEST_CASE("MQTT 3.1.1: no content type, one object is one event; pictures in JSON") {
    Gateway gateway;
    Platform platform;
    platform.application.take(Gateway::message("routine", gateway.event(4, 0), ""));
    CHECK(platform.lane("routine").at("kept") == 1);
    const auto jpeg = to_base64("jpeg");
    platform.application.take(Gateway::message("pictures",
                                               json::serialize(json::object{{"sha256", hex(sha256("jpeg"))},
                                                                            {"role", "plate"},
                                                                            {"epoch", gateway.epoch},
                                                                            {"sequence", Gateway::digits(4)},
                                                                            {"previous", Gateway::digits(0)},
                                                                            {"index", "0"},
                                                                            {"count", "1"},
                                                                            {"jpeg", jpeg}}),
                                               ""));
    CHECK(platform.lane("pictures").at("kept") == 1);
    CHECK(platform.lane("pictures").at("bad_pictures") == 0);
}

TEST_CASE("what is not JSON is counted and breaks nothing") {
    Platform platform;
    for (const char* payload : {"", "{", "[{]", "7", "\"text\"", "[1,2]", "[[{}]]"})
        for (const char* lane : {"routine", "urgent", "pictures", "status", "catalogue", "responses"})
            platform.application.take(Gateway::message(lane, payload));
    CHECK(platform.application.state().at("malformed").to_number<int>() > 10);
    CHECK(platform.lane("routine").at("kept") == 0);
}
