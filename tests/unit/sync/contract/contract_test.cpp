// SPDX-License-Identifier: Apache-2.0
//
// sync/asyncapi.yaml and sync/schemas.json are what the code prints, whole, and say no to what the rules forbid.
#include "sync/mqtt/asyncapi.hpp"
#include "sync/printing.hpp"
#include "sync/schemas.hpp"
#include "tests/unit/sync/contract/files.hpp"
#include "tests/unit/sync/contract/json_schema.hpp"

#include <functional>

using namespace gatehouse;
using namespace gatehouse::golden;

namespace {

/// Every "$ref" below.
void gather_references(const json::value& value, std::vector<std::string>& found) {
    if (const auto* object = value.if_object())
        for (const auto& member : *object) {
            if (member.key() == "$ref") found.emplace_back(member.value().as_string());
            gather_references(member.value(), found);
        }
    if (const auto* array = value.if_array())
        for (const auto& item : *array) gather_references(item, found);
}

bool leads_somewhere(const json::object& tree, std::string_view pointer) {
    boost::system::error_code error;
    return json::value(tree).find_pointer(std::string(pointer), error) != nullptr;
}

std::string first_of(const std::vector<std::string>& faults) { return faults.empty() ? std::string() : faults.front(); }

} // namespace

TEST_CASE("contract: schemas.json and asyncapi.yaml are what the code prints") {
    check_file("schemas.json", sync::to_pretty(sync::wire_schemas()));
    check_file("asyncapi.yaml", sync::mqtt::print_asyncapi());
}

TEST_CASE("contract: every schema is readable, and every reference leads somewhere") {
    const auto schemas = read_object("schemas.json");
    for (const auto& fault : JsonSchema(schemas).faults_of_the_file()) FAIL_CHECK(fault);
    const auto contract = sync::mqtt::asyncapi();
    std::vector<std::string> references;
    gather_references(contract, references);
    CHECK(references.size() > 40);
    for (const auto& reference : references) {
        constexpr std::string_view other_file = "./schemas.json#";
        const bool leads = reference.starts_with(other_file) ? leads_somewhere(schemas, std::string_view(reference).substr(other_file.size()))
                                                             : reference.starts_with('#') && leads_somewhere(contract, reference.substr(1));
        CHECK_MESSAGE(leads, reference);
    }
}

TEST_CASE("contract: every kind has a schema with Chinese and English titles, its lane, and its personal members marked") {
    const auto schemas = read_object("schemas.json");
    const auto& definitions = schemas.at("definitions").as_object();
    const auto said = json::serialize(definitions.at("event"));
    for (const auto& spec : all_kinds()) {
        CAPTURE(spec.name);
        const auto* schema = definitions.if_contains(sync::data_schema_of(spec.kind));
        REQUIRE(schema != nullptr);
        CHECK(std::string(schema->at("title").as_string()) == spec.title_zh);
        CHECK(std::string(schema->at("description").as_string()) == spec.title_en);
        CHECK(said.find("\"const\":\"cn.gatehouse." + std::string(spec.name) + ".v1\"") != std::string::npos);
        const auto& properties = schema->at("properties").as_object();
        for (const auto& field : spec.fields) {
            CAPTURE(field.name);
            const auto& part = properties.at(field.personal ? "details" : "facts").at("properties");
            const auto* member = part.as_object().if_contains(field.name);
            REQUIRE(member != nullptr);
            CHECK(std::string(member->at("title").as_string()) == field.title_zh);
            CHECK_FALSE(member->at("description").as_string().empty());
            CHECK(member->as_object().contains("x-personal") == field.personal);
        }
    }
    for (const auto& definition : definitions) {
        if (!definition.key().starts_with("code.")) continue;
        const auto& words = definition.value().at("x-codes").as_object();
        for (const auto& value : definition.value().at("enum").as_array()) {
            CAPTURE(std::string(value.as_string()));
            CHECK_FALSE(words.at(value.as_string()).at("zh").as_string().empty());
            CHECK_FALSE(words.at(value.as_string()).at("en").as_string().empty());
        }
    }
}

TEST_CASE("contract: what the rules forbid does not validate") {
    const JsonSchema schemas(read_object("schemas.json"));
    struct Planted {
        std::string_view what, file, definition;
        std::function<void(json::object&)> change;
    };
    const auto data = [](json::object& event) -> json::object& { return event.at("data").as_object(); };
    const auto facts = [](json::object& event) -> json::object& { return event.at("data").at("facts").as_object(); };
    const std::vector<Planted> planted{
        {"a fact that its kind does not have", "events/vehicle.entered.json", "event", [&](auto& e) { facts(e)["driver_name"] = "李雷"; }},
        {"a personal member among the facts", "events/vehicle.entered.json", "event", [&](auto& e) { facts(e)["plate_as_read"] = "浙A12345"; }},
        {"a fact of another type", "events/vehicle.entered.json", "event", [&](auto& e) { facts(e)["lane"] = "1"; }},
        {"a fraction where a whole number is due", "events/pass.granted.json", "event", [&](auto& e) { facts(e)["door"] = 1.5; }},
        {"a code that stands in no table", "events/vehicle.entered.json", "event", [&](auto& e) { facts(e)["plate_colour"] = "purple"; }},
        {"another kind's data", "events/fire.alarm.json", "event", [](auto& e) { e["type"] = "cn.gatehouse.power.reading.v1"; }},
        {"a kind that there is not", "events/fire.alarm.json", "event", [](auto& e) { e["type"] = "cn.gatehouse.person.found.v1"; }},
        {"a kind on the wrong lane", "events/fire.alarm.json", "event", [](auto& e) { e["lane"] = "routine"; }},
        {"a card where the device stands", "events/pass.denied.json", "event", [](auto& e) { e["subject"] = "card:10058400"; }},
        {"a subject that is a name", "events/pass.denied.json", "event", [&](auto& e) { data(e)["subject"] = "李雷"; }},
        {"a member that nobody promised", "events/pass.denied.json", "event", [](auto& e) { e["extra"] = "1"; }},
        {"a sequence that is not padded", "events/pass.denied.json", "event", [](auto& e) { e["sequence"] = "12"; }},
        {"a sequence that is a number", "events/pass.denied.json", "event", [](auto& e) { e["sequence"] = 12; }},
        {"an event without previous", "events/pass.denied.json", "event", [](auto& e) { e.erase("previous"); }},
        {"a local time", "events/pass.denied.json", "event", [](auto& e) { e["heardat"] = "2026-01-15T08:30:00.000000+08:00"; }},
        {"a clock of another word", "events/pass.denied.json", "event", [](auto& e) { e["clock"] = "wrong"; }},
        {"a reason to revise that there is not", "events/pass.granted.revised_erased.json", "event", [](auto& e) { e["revised"] = "corrected"; }},
        {"a volatile alarm with a sequence", "events/panic.pressed.volatile.json", "event", [](auto& e) { e["sequence"] = std::string(20, '0'); }},
        {"a gap with a subject", "events/gap.json", "event", [&](auto& e) { data(e)["subject"] = "card:1"; }},
        {"a digest without its signature", "events/digest.routine.json", "event", [&](auto& e) { facts(e).erase("signature"); }},
        {"a hash that is too short", "events/digest.routine.json", "event", [&](auto& e) { facts(e)["sha256"] = "ab"; }},
        {"a status without its epoch", "status/online.json", "status.online", [](auto& o) { o.erase("epoch"); }},
        {"a will with more than it needs", "status/offline.json", "status.offline", [](auto& o) { o["state"] = "online"; }},
        {"a catalogue with an address in it", "catalogue/catalogue.json", "catalogue",
         [](auto& o) { o.at("devices").at(0).as_object()["address"] = "192.168.50.21"; }},
        {"a national id of 19 digits", "catalogue/catalogue.json", "catalogue",
         [](auto& o) { o.at("devices").at(0).as_object()["national_id"] = std::string(19, '1'); }},
        {"a receipt without a lane", "receipts/ranges.json", "receipt.ranges", [](auto& o) { o.erase("lane"); }},
        {"a receipt of position 0", "receipts/ranges.json", "receipt.ranges", [](auto& o) { o["held"] = json::parse("[[0, 3]]"); }},
        {"a range of three ends", "receipts/ranges.json", "receipt.ranges", [](auto& o) { o["held"] = json::parse("[[1, 3, 5]]"); }},
        {"a cumulative receipt in words", "receipts/cumulative.json", "receipt.cumulative", [](auto& o) { o["through"] = "40"; }},
        {"a refusal of nothing", "receipts/refused.json", "receipt.refused", [](auto& o) { o.at("refused").at(0).as_object().erase("position"); }},
        {"an unsigned request", "requests/resend.json", "request", [](auto& o) { o.erase("signature"); }},
        {"a request to look somebody up", "requests/resend.json", "request", [](auto& o) { o["verb"] = "person"; }},
        {"a resend without a range", "requests/resend.json", "request", [](auto& o) { o.at("args").as_object().erase("last"); }},
        {"a snapshot of persons", "requests/snapshot.json", "request", [](auto& o) { o.at("args").as_object()["class"] = "persons"; }},
        {"a clip for one officer", "requests/clip.json", "request", [](auto& o) { o.at("args").as_object().at("officers").as_array().pop_back(); }},
        {"a piece of a clip without its place", "answers/clip_piece.json", "answer", [](auto& o) { o.at("result").as_object().erase("offset"); }},
        {"an answer that is both", "answers/resend.json", "answer", [](auto& o) { o["error"] = "refused"; }},
        {"a refusal that does not say why", "answers/unsupported.json", "answer", [](auto& o) { o.erase("message"); }},
        {"a fault of another word", "answers/unsupported.json", "answer", [](auto& o) { o["error"] = "oops"; }},
        {"a picture over 3.1.1 without its bytes", "pictures/mqtt_3_1_1.json", "picture.mqtt_3_1_1", [](auto& o) { o.erase("jpeg"); }},
        {"a count file without a lane", "receipts/count_file.json", "count_file", [](auto& o) { o.at("lanes").as_array().pop_back(); }},
    };
    for (const auto& one : planted) {
        CAPTURE(one.what);
        auto instance = read_object("samples/" + std::string(one.file));
        const auto before = schemas.faults(instance, one.definition);
        CHECK_MESSAGE(before.empty(), first_of(before));
        one.change(instance);
        CHECK_FALSE(schemas.faults(instance, one.definition).empty());
    }
}

TEST_CASE("contract: user properties of a picture without its reason, its place or with another role do not validate") {
    const JsonSchema schemas(read_object("schemas.json"));
    for (const auto* file : {"samples/pictures/plate.json", "samples/pictures/erased.json"}) {
        const auto properties = read_object(file).at("user_properties").as_object();
        CHECK(schemas.faults(properties, "picture.properties").empty());
        for (const auto* name : {"sequence", "previous", "epoch", "index", "count"}) {
            auto lacking = properties;
            lacking.erase(name);
            CHECK_MESSAGE(!schemas.faults(lacking, "picture.properties").empty(), name);
        }
        for (const auto& [name, value] : {std::pair("role", "person"), {"reason", "lost"}, {"index", "4"}, {"sha256", "ab"}, {"more", "1"}}) {
            auto wrong = properties;
            wrong[name] = value;
            CHECK_MESSAGE(!schemas.faults(wrong, "picture.properties").empty(), name);
        }
    }
    auto silent = read_object("samples/pictures/erased.json").at("user_properties").as_object();
    silent.erase("reason");
    CHECK_FALSE(schemas.faults(silent, "picture.properties").empty());
}

TEST_CASE("contract: YAML keeps what looks like a truth, a number or a comment a text") {
    json::object tree;
    for (const auto& [name, text] : {std::pair("plain", "some words, here"),
                                     {"no", "yes"},
                                     {"number", "3.0.0"},
                                     {"comment", "a # b"},
                                     {"colon", "a: b"},
                                     {"empty", ""},
                                     {"$ref", "#/x"},
                                     {"block", "a\n\nb\n"}})
        tree[name] = text;
    tree["list"] = json::parse(R"([1, "x", true])");
    tree["none"] = json::parse("[]");
    tree["objects"] = json::parse(R"([{"a": 1, "b": {"c": 2}}])");
    CHECK(sync::to_yaml(tree) ==
          "plain: some words, here\n\"no\": \"yes\"\nnumber: \"3.0.0\"\ncomment: \"a # b\"\ncolon: \"a: b\"\nempty: \"\"\n"
          "$ref: \"#/x\"\nblock: |\n  a\n\n  b\nlist:\n  - 1\n  - x\n  - true\nnone: []\nobjects:\n  - a: 1\n    b:\n      c: 2\n");
}
