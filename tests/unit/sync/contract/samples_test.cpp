// SPDX-License-Identifier: Apache-2.0
//
// sync/samples: each file is what the real upstream sends, or what its decoders take; each follows schemas.json and its topic of
// asyncapi.yaml, and the platform twin, which was written from the rules alone, finds nothing wrong with it.
#include "tests/unit/sync/contract/samples.hpp"

#include "sync/mqtt/asyncapi.hpp"
#include "sync/receipts.hpp"
#include "sync/requests.hpp"
#include "tests/simulators/platforms/mqtt/digests.hpp"
#include "tests/unit/sync/contract/files.hpp"
#include "tests/unit/sync/contract/json_schema.hpp"
#include "tests/unit/sync/memory_store.hpp"

#include <algorithm>
#include <set>

using namespace gatehouse;
using namespace gatehouse::golden;

namespace {

const std::vector<Sample>& samples() {
    static const std::vector<Sample> made = make_samples();
    return made;
}

const Sample& sample_named(std::string_view file) {
    const auto found = std::find_if(samples().begin(), samples().end(), [&](const Sample& sample) { return sample.file == file; });
    REQUIRE_MESSAGE(found != samples().end(), file);
    return *found;
}

json::value parsed(const Sample& sample) {
    auto value = parse_json(sample.text, 4 * 1024 * 1024);
    REQUIRE_MESSAGE(value.has_value(), sample.file);
    return std::move(*value);
}

json::object event_of(std::string_view file) { return parsed(sample_named(file)).as_object(); }
json::object facts_of(std::string_view file) { return event_of(file).at("data").at("facts").as_object(); }

std::string list_of_samples() {
    std::string text = "# sync/samples: messages of each sort\n\n"
                       "Each file is one payload as it goes over the wire, and one newline that does not. They are made by the real upstream in\n"
                       "`tests/unit/sync/contract`, which compares them byte for byte and writes this list; every one follows `../schemas.json`.\n"
                       "A picture's payload is a JPEG, so its file shows user properties and base64. Sent by `gw-7` to upstream `district`; the\n"
                       "gateway signs with the Ed25519 seed 01 00 … 00 (32 bytes), the platform with 02 00 … 00. Nobody here is real.\n\n"
                       "| file | topic | message | what | source of the values |\n|---|---|---|---|---|\n";
    for (const auto& sample : samples())
        text += "| `" + sample.file + "` | " + (sample.channel.empty() ? "–" : sample.channel) + " | " +
                (sample.message.empty() ? "–" : sample.message) + " | " + sample.what + " | " + sample.source + " |\n";
    return text;
}

} // namespace

TEST_CASE("samples: each file is what the code sends or takes, byte for byte, and no other lies there") {
    std::set<std::string> known{"README.md"};
    for (const auto& sample : samples()) {
        CHECK_MESSAGE(known.insert(sample.file).second, sample.file);
        check_file("samples/" + sample.file, sample.text + "\n");
    }
    check_file("samples/README.md", list_of_samples());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_of("samples")))
        if (entry.is_regular_file()) {
            const auto name = std::filesystem::relative(entry.path(), path_of("samples")).generic_string();
            CHECK_MESSAGE(known.contains(name), name);
        }
    CHECK(samples().size() >= 50);
}

TEST_CASE("samples: each follows its schema") {
    const JsonSchema schemas(read_object("schemas.json"));
    for (const auto& sample : samples()) {
        CAPTURE(sample.file);
        auto instance = parsed(sample);
        if (sample.schema == "picture.properties") instance = json::value(instance.at("user_properties"));
        // What was asked for and does not exist has no schema: the answer has.
        for (const auto& fault : schemas.faults(instance, sample.schema)) FAIL_CHECK(fault);
    }
}

TEST_CASE("samples: each was published as its topic in asyncapi.yaml says") {
    const auto contract = sync::mqtt::asyncapi();
    for (const auto& sample : samples()) {
        if (sample.channel.empty()) continue;
        CAPTURE(sample.file);
        const auto& channel = contract.at("channels").at(sample.channel);
        const auto& message = contract.at("components").at("messages").at(sample.message);
        CHECK(channel.at("messages").as_object().contains(sample.message));
        const auto action = std::string(contract.at("operations").as_object().contains("say_" + sample.channel) ? "send" : "receive");
        CHECK((action == "receive") == sample.is_down);
        if (sample.is_down) continue;
        auto address = std::string(channel.at("address").as_string());
        address.replace(address.find("{gateway}"), 9, "gw-7");
        CHECK(sample.published.topic == address);
        CHECK(sample.published.qos == 1);
        CHECK(sample.published.retain == channel.at("x-retained").as_bool());
        const auto* type = message.as_object().if_contains("contentType");
        if (sample.message != "picture_3_1_1") // there is no content type in 3.1.1
            CHECK(sample.published.content_type == (type == nullptr ? std::string() : std::string(type->as_string())));
    }
}

TEST_CASE("samples: every kind has one, each lane, each message of asyncapi.yaml, and the samples that it names are there") {
    std::set<std::string> kinds, messages, lanes;
    for (const auto& sample : samples()) {
        messages.insert(sample.message);
        if (sample.schema != "event") continue;
        const auto event = parsed(sample).as_object();
        lanes.emplace(std::string(event.at("lane").as_string()));
        if (sample.file.starts_with("events/")) kinds.emplace(std::string(event.at("type").as_string()));
    }
    for (const auto& spec : all_kinds()) {
        CHECK_MESSAGE(kinds.contains("cn.gatehouse." + std::string(spec.name) + ".v1"), spec.name);
        CHECK(std::string(event_of(file_of(spec.kind)).at("type").as_string()) == "cn.gatehouse." + std::string(spec.name) + ".v1");
    }
    CHECK(lanes == std::set<std::string>{"routine", "urgent"});
    const auto contract = sync::mqtt::asyncapi();
    for (const auto& message : contract.at("components").at("messages").as_object()) {
        CHECK_MESSAGE(messages.contains(std::string(message.key())), std::string(message.key()));
        for (const auto& file : message.value().at("x-samples").as_array())
            CHECK_MESSAGE(!read_whole(file.as_string()).empty(), std::string(file.as_string()));
    }
}

TEST_CASE("samples: the platform twin finds no fault with any event") {
    namespace platform = simulators::platform;
    for (const auto& sample : samples()) {
        if (sample.channel != "records" && sample.channel != "urgent") continue;
        CAPTURE(sample.file);
        const auto lane = sample.channel == "urgent" ? "urgent" : "routine";
        const auto cut = platform::cut_message(sample.text, lane, sample.published.content_type);
        for (const auto& fault : cut.faults) FAIL_CHECK(fault);
        CHECK_FALSE(cut.events.empty());
    }
    const auto key = std::string(parsed(sample_named("status/online.json")).at("key").as_string());
    CHECK(platform::is_signed_head(facts_of("events/digest.json"), key));
    const platform::LedgerLane nothing_yet;
    for (const auto* file : {"events/digest.routine.json", "events/digest.urgent.json", "events/digest.pictures.json"})
        CHECK_MESSAGE(platform::judge_lane_digest(facts_of(file), nothing_yet, key) == platform::Verdict::pending, file);
    const auto answer = parsed(sample_named("answers/digest.json")).at("result").as_object();
    CHECK(platform::judge_lane_digest(answer, nothing_yet, key) == platform::Verdict::pending);
}

TEST_CASE("samples: what is told apart by something else than its kind says so") {
    const auto text = [](const json::object& event, std::string_view name) { return text_at(event, name).value_or(""); };
    CHECK(facts_of("events/pass.granted.recovered.json").at("recovered").as_bool());
    CHECK(text(event_of("events/pass.granted.skewed.json"), "clock") == "skewed");
    CHECK(text(event_of("events/pass.granted.unsynced.json"), "clock") == "unsynced");
    CHECK(sample_named("events/pass.granted.again.json").text == sample_named("events/pass.granted.json").text);
    CHECK(text(event_of("events/pass.granted.revised_erased.json"), "revised") == "erased");
    CHECK(sample_named("events/pass.granted.revised_erased.json").text.find("30112") == std::string::npos);
    const auto narrowed = event_of("events/vehicle.entered.revised_entitlement.json");
    CHECK(text(narrowed, "revised") == "entitlement");
    CHECK_FALSE(narrowed.at("data").as_object().contains("subject"));
    CHECK(event_of("events/door.opened.withheld.json").at("data").as_object().empty());
    const auto narrow = event_of("events/vehicle.entered.narrow.json");
    CHECK_FALSE(narrow.contains("revised"));
    CHECK(narrow.at("data").at("facts").as_object().size() == 2);
    CHECK(text(narrow, "previous") == text(event_of("events/pass.granted.narrow.json"), "sequence"));
    const auto volatile_alarm = event_of("events/panic.pressed.volatile.json"), stored = event_of("events/panic.pressed.stored.json");
    CHECK(text(volatile_alarm, "volatile") == "true");
    CHECK(text(volatile_alarm, "id") == text(stored, "id"));
    CHECK(stored.contains("sequence"));
    const auto first = event_of("events/gateway.started.new_epoch.json");
    const auto online = parsed(sample_named("status/online.new_epoch.json")).as_object();
    CHECK(text(first, "epoch") == text(online, "epoch"));
    CHECK(std::stoull(text(first, "sequence")) == online.at("epoch_first").to_number<std::uint64_t>());
    CHECK(std::stoull(text(first, "previous")) < online.at("epoch_first").to_number<std::uint64_t>());
    CHECK(parsed(sample_named("batches/routine.json")).as_array().size() == 3);
    CHECK(parsed(sample_named("batches/urgent.json")).as_array().size() == 2);
    for (const auto* reason : {"erased", "expired", "too_large"}) {
        const auto file = "pictures/" + std::string(reason) + ".json";
        CHECK_MESSAGE(std::string(parsed(sample_named(file)).at("user_properties").at("reason").as_string()) == reason, file);
        CHECK(sample_named(file).published.payload.empty());
    }
    for (const auto* role : {"face", "scene", "plate"}) {
        const auto& picture = sample_named("pictures/" + std::string(role) + ".json");
        CHECK(std::string(parsed(picture).at("user_properties").at("sha256").as_string()) == to_hex(sha256(picture.published.payload)));
    }
}

TEST_CASE("samples: receipts and requests are taken by the decoders, each in its mode") {
    using sync::ReceiptMode;
    for (const auto& [file, mode] : {std::pair("receipts/ranges.json", ReceiptMode::ranges),
                                     {"receipts/ranges.refused.json", ReceiptMode::ranges},
                                     {"receipts/cumulative.json", ReceiptMode::cumulative},
                                     {"receipts/refused.json", ReceiptMode::puback},
                                     {"receipts/refused.none.json", ReceiptMode::none}}) {
        const auto receipt = sync::parse_receipt(sample_named(file).text, mode);
        CHECK_MESSAGE(receipt.has_value(), file);
    }
    const auto ranges = sync::parse_receipt(sample_named("receipts/ranges.json").text, ReceiptMode::ranges);
    CHECK(ranges->held == std::vector<sync::Range>{{1, 9}, {12, 40}});
    CHECK(sync::parse_receipt(sample_named("receipts/cumulative.json").text, ReceiptMode::cumulative)->through == 40u);
    CHECK(sync::parse_receipt(sample_named("receipts/refused.none.json").text, ReceiptMode::none)->refused.front().reason == "不属于本辖区");
    CHECK_FALSE(sync::parse_receipt(sample_named("receipts/ranges.json").text, ReceiptMode::puback).has_value());

    const SigningKey platform(Key{2});
    for (const auto* verb : {"resend", "digest", "snapshot", "clip", "clip_piece"}) {
        const auto request = sync::parse_request(sample_named("requests/" + std::string(verb) + ".json").text);
        REQUIRE_MESSAGE(request.has_value(), verb);
        CHECK(request->verb == std::string_view(verb).substr(0, std::string_view(verb).find('_')));
        sync::RequestGate gate("gw-7", {platform.public_key()}, request->issued_at);
        CHECK(gate.admit(*request, request->issued_at, ClockQuality::synced).has_value());
        CHECK(text_at(parsed(sample_named("answers/" + std::string(verb) + ".json")).as_object(), "id") == request->id);
    }
}

TEST_CASE("samples: a lane digest can be recomputed from the events that it covers") {
    // The answer to the digest request covers the events between two samples; each of them is a sample.
    const auto answer = parsed(sample_named("answers/digest.json")).at("result").as_object();
    const auto first = number_at(answer, "first"), last = number_at(answer, "last");
    std::map<std::uint64_t, std::string> events;
    for (const auto& sample : samples()) {
        if (sample.channel != "records" || sample.schema != "event" || sample.published.topic.empty()) continue;
        const auto event = parsed(sample).as_object();
        const auto position = std::stoull(text_at(event, "sequence").value_or("0"));
        if (position >= static_cast<std::uint64_t>(*first) && position <= static_cast<std::uint64_t>(*last) && !event.contains("revised") &&
            text_at(event, "epoch") == sync::MemoryStore::epoch_1 && sample.file.find("narrow") == std::string::npos)
            events[position] = sample.text;
    }
    CHECK(events.size() == static_cast<std::size_t>(*number_at(answer, "count")));
    Sha256 all;
    for (const auto& [position, text] : events) all.add(ByteView(sha256(text)));
    CHECK(text_at(answer, "sha256") == to_hex(all.finish()));
}
