// SPDX-License-Identifier: Apache-2.0
#include "config/document_file.hpp"
#include "config/printing.hpp"
#include "config/reading.hpp"
#include "config/settings.hpp"
#include "config/settings_table.hpp"
#include "daemon/base/json.hpp"
#include "tests/paths.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::config;

namespace {

constexpr std::string_view least = "[gateway]\nid = \"gw-1\"\ncompound = \"c-1\"\n";

constexpr std::string_view whole_file = R"(# a compound with two upstreams
[gateway]
id = "gw-0571-0001"
compound = "c-0001"
language = "en"

[store]
directory = "/srv/gatehouse"
reserve_bytes = 2_147_483_648

[retention.face]
floor_days = 0
ceiling_days = 7

[listeners.isapi]
address = "192.168.1.2"
port = 8091
interface = "eth1"

[log]
level = "debug"

[[upstream]]
name = "district"
broker = "mqtts://[2001:db8::1]:8883"
interface = "eth0"
username = "gw"
password_credential = "district-password"
ca_file = "/etc/gatehouse/ca.pem"
request_keys = ["11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]

[[upstream.entitlement]]
kinds = ["pass.*", "door.forced"]
subjects = true
pictures = ["scene", "plate"]
[upstream.entitlement.basis]
document = "公安〔2026〕1号"
issuer = "区公安分局"
date = 2026-01-01
end = 2027-12-31
sort = "regulation"

[[upstream.entitlement]]
kinds = ["*"]

[[upstream]]
name = "police"
broker = "mqtt://10.0.0.1"
protocol = "3.1.1"
root = "police/{gateway}"
receipts = "puback"
from = 17
)";

Flaw only_flaw(std::string_view text) {
    const auto outcome = parse_settings(text, "gatehouse.toml");
    INFO(to_text(outcome.flaws, Language::en));
    REQUIRE_FALSE(outcome.settings);
    REQUIRE(outcome.flaws.size() == 1);
    return outcome.flaws[0];
}

std::string read_whole(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("settings: what is not said has its default") {
    const auto outcome = parse_settings(least, "x");
    REQUIRE(outcome.settings);
    const Settings& settings = *outcome.settings;
    CHECK(settings.gateway.id == "gw-1");
    CHECK(settings.gateway.language == Language::zh);
    CHECK(settings.gateway.zone_minutes == 480);
    CHECK(settings.store.directory == "/var/lib/gatehouse");
    CHECK(settings.retention.audit.floor_days == 190);
    CHECK(settings.listeners.uhppote.port == 60001);
    CHECK(settings.devices.strangers == false);
    CHECK(settings.log.level == LogLevel::info);
    CHECK(settings.upstreams.empty());
}

TEST_CASE("settings: every part of a full file arrives") {
    const auto outcome = parse_settings(whole_file, "x");
    INFO(to_text(outcome.flaws, Language::en));
    REQUIRE(outcome.settings);
    const Settings& settings = *outcome.settings;
    CHECK(settings.gateway.language == Language::en);
    CHECK(settings.store.reserve_bytes == 2147483648);
    CHECK(settings.listeners.isapi.interface == "eth1");
    CHECK(settings.log.level == LogLevel::debug);
    REQUIRE(settings.upstreams.size() == 2);
    const Upstream& district = settings.upstreams[0];
    CHECK(district.broker == "mqtts://[2001:db8::1]:8883");
    CHECK(district.root == "gatehouse/v1/{gateway}");
    CHECK(district.topics.records == "{root}/records");
    CHECK(district.receipts == Receipts::ranges);
    CHECK_FALSE(district.from);
    REQUIRE(district.entitlements.size() == 2);
    CHECK(district.entitlements[0].kinds == std::vector<std::string>{"pass.*", "door.forced"});
    CHECK(district.entitlements[0].fields == std::vector<std::string>{"*"});
    CHECK(district.entitlements[0].pictures == std::vector<std::string>{"scene", "plate"});
    CHECK(district.entitlements[0].subjects);
    CHECK(district.entitlements[0].basis == Basis{"公安〔2026〕1号", "区公安分局", "2026-01-01", "2027-12-31", BasisSort::regulation});
    CHECK_FALSE(district.entitlements[1].basis.is_given());
    CHECK_FALSE(district.entitlements[1].subjects);
    const Upstream& police = settings.upstreams[1];
    CHECK(police.protocol == Protocol::mqtt_3_1_1);
    CHECK(police.receipts == Receipts::puback);
    CHECK(police.from == 17);
    CHECK(police.entitlements.empty());
}

TEST_CASE("settings: a flaw names file, line, column, key and what was expected") {
    struct Wrong {
        std::string_view text;
        std::size_t line, column;
        std::string_view key, said;
    };
    const std::string base(least);
    const std::string upstream = base + "[[upstream]]\nname = \"a\"\nbroker = \"mqtt://h\"\n";
    const std::string entitlement = upstream + "[[upstream.entitlement]]\n";
    const std::vector<std::pair<std::string, Wrong>> table{
        {base + "[store]\nreserve_bytes = \"much\"\n",
         {"", 5, 17, "store.reserve_bytes", "whole number from 16777216 to 1099511627776 bytes; found \"much\""}},
        {base + "[store]\nreserve_bytes = 5\n", {"", 5, 17, "store.reserve_bytes", "found 5"}},
        {base + "[store]\nreserve = 2000000000\n", {"", 5, 11, "store.reserve", "did you mean reserve_bytes?"}},
        {base + "[log]\nlevel = \"inof\"\n",
         {"", 5, 9, "log.level", "one of \"debug\", \"info\", \"warning\", \"error\"; found \"inof\"; did you mean info?"}},
        {base + "[listeners.isapi]\naddress = \"300.1.1.1\"\n", {"", 5, 11, "listeners.isapi.address", "an IPv4 or IPv6 address"}},
        {base + "[listeners.isapi]\nport = 70000\n", {"", 5, 8, "listeners.isapi.port", "from 0 to 65535"}},
        {base + "listeners = 5\n", {"", 4, 13, "gateway.listeners", "no such key"}},
        {"listeners = 5\n" + base, {"", 1, 13, "listeners", "expected a table [listeners]"}},
        {"[gateway]\nid = \"gw\"\n", {"", 1, 1, "gateway.compound", "must be given"}},
        {base + "[retention.alarm]\nfloor_days = 9\nceiling_days = 8\n", {"", 5, 14, "retention.alarm.floor_days", "above the ceiling"}},
        {base + "[upstream]\nname = \"a\"\n", {"", 4, 1, "upstream", "[[upstream]] tables"}},
        {upstream + "password = \"x\"\n", {"", 7, 12, "upstream[0].password", "secrets never stand in this file"}},
        {upstream + "username = \"x\"\n", {"", 7, 12, "upstream[0].username", "given together"}},
        {upstream + "ca_file = \"/ca.pem\"\n", {"", 6, 10, "upstream[0].broker", "mqtts://"}},
        {upstream + "root = \"a/+/b\"\n", {"", 7, 8, "upstream[0].root", "a topic without + and #"}},
        {upstream + "root = \"a/{gatway}\"\n", {"", 7, 8, "upstream[0].root", "{gateway}"}},
        {upstream + "from = 0\n", {"", 7, 8, "upstream[0].from", "\"head\""}},
        {upstream + "request_keys = [\"abc\"]\n", {"", 7, 17, "upstream[0].request_keys[0]", "32 bytes"}},
        {upstream + "[upstream.topics]\nurgent = \"{root}/records\"\n", {"", 8, 10, "upstream[0].topics.urgent", "used twice"}},
        {upstream + "[[upstream]]\nname = \"a\"\nbroker = \"mqtt://h\"\n", {"", 8, 8, "upstream[1].name", "is taken"}},
        {entitlement + "subjects = true\n", {"", 7, 1, "upstream[0].entitlement[0].kinds", "must be given"}},
        {entitlement + "kinds = [\"pass.granted\", \"pass.grantd\"]\n",
         {"", 8, 26, "upstream[0].entitlement[0].kinds[1]", "did you mean pass.granted?"}},
        {entitlement + "kinds = [\"*\"]\npictures = [\"iris\"]\n", {"", 9, 13, "upstream[0].entitlement[0].pictures[0]", "scene, face or plate"}},
        {entitlement + "kinds = [\"*\"]\nbasis = {document = \"d\", issuer = \"i\", date = 2026-01-01, sort = \"law\"}\n",
         {"", 9, 9, "upstream[0].entitlement[0].basis.end", "must be given"}},
        {entitlement + "kinds = [\"*\"]\nbasis = {document = \"d\", issuer = \"i\", date = 2026-01-01, end = 2025-01-01, sort = \"law\"}\n",
         {"", 9, 65, "upstream[0].entitlement[0].basis.end", "ends before it begins"}},
        {entitlement + "kinds = [\"*\"]\nbasis = {document = \"d\", issuer = \"i\", date = \"2026-02-30\", end = 2027-01-01, sort = \"law\"}\n",
         {"", 9, 47, "upstream[0].entitlement[0].basis.date", "a date such as"}},
        {upstream + "receipts = \"puback\"\n[retention.device]\nfloor_days = 29\n", {"", 7, 12, "upstream[0].receipts", "30 days"}},
        {base + "[control]\nsocket = \"/var/lib/gatehouse/x.sock\"\n", {"", 5, 10, "control.socket", "no place in the store"}},
        {base + "x = = 1\n", {"", 4, 5, "", "not TOML"}},
    };
    for (const auto& [text, wrong] : table) {
        CAPTURE(text);
        const Flaw flaw = only_flaw(text);
        CAPTURE(to_text(flaw, Language::en));
        CHECK(flaw.file == "gatehouse.toml");
        CHECK(flaw.line == wrong.line);
        CHECK(flaw.column == wrong.column);
        CHECK(flaw.key == wrong.key);
        CHECK(flaw.what.en.find(wrong.said) != std::string::npos);
        CHECK_FALSE(flaw.what.zh.empty());
        CHECK(to_text(flaw, Language::zh).starts_with("gatehouse.toml:" + std::to_string(wrong.line) + ":"));
    }
}

TEST_CASE("settings: all flaws are told at once, in the order of lines") {
    const auto outcome =
        parse_settings("[gateway]\nid = \"g w\"\n[log]\nlevel = 3\nfromat = \"text\"\n[[upstream]]\nname = \"a\"\nreceipts = \"yes\"\n", "f");
    REQUIRE_FALSE(outcome.settings);
    INFO(to_text(outcome.flaws, Language::en));
    REQUIRE(outcome.flaws.size() == 6);
    std::vector<std::string> keys;
    for (const Flaw& flaw : outcome.flaws) keys.push_back(flaw.key);
    CHECK(keys ==
          std::vector<std::string>{"gateway.compound", "gateway.id", "log.level", "log.fromat", "upstream[0].broker", "upstream[0].receipts"});
}

TEST_CASE("settings: no more than a hundred flaws are told") {
    std::string text(least);
    for (int n = 0; n < 300; ++n) text += "wrong" + std::to_string(n) + " = 1\n";
    CHECK(parse_settings(text, "f").flaws.size() == flaws_max);
}

TEST_CASE("settings: the shipped file is what the table prints") {
    const std::string file = tests::source_path("config/gatehouse.toml");
    if (std::getenv("GATEHOUSE_PRINT") != nullptr) std::ofstream(file, std::ios::binary) << default_settings();
    INFO("after a change of the table: GATEHOUSE_PRINT=1 build/dev/bin/unit_config");
    CHECK(read_whole(file) == default_settings());
}

TEST_CASE("settings: the shipped file lacks nothing but the two ids") {
    const auto outcome = parse_settings(default_settings(), "f");
    std::vector<std::string> keys;
    for (const Flaw& flaw : outcome.flaws) keys.push_back(flaw.key);
    CHECK(keys == std::vector<std::string>{"gateway.id", "gateway.compound"});

    // With every comment sign before a key or heading taken away it is a full example, upstream and all.
    std::string full;
    const std::string text = default_settings();
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        std::string line = text.substr(at, end - at);
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ') line.erase(0, 1);
        full += line + "\n";
        at = end + 1;
    }
    const auto whole = parse_settings(full, "f");
    INFO(to_text(whole.flaws, Language::en));
    REQUIRE(whole.settings);
    CHECK(whole.settings->upstreams.at(0).entitlements.at(0).basis.is_given());
}

TEST_CASE("settings: what is printed is read back as it was") {
    std::string quoted(whole_file);
    const std::string issuer = "issuer = \"区公安分局\"";
    quoted.replace(quoted.find(issuer), issuer.size(), R"(issuer = "the \"old\" office\\1")");
    const auto first = parse_settings(quoted, "f");
    REQUIRE(first.settings);
    CHECK(first.settings->upstreams.at(0).entitlements.at(0).basis.issuer == R"(the "old" office\1)");
    for (const Language language : {Language::zh, Language::en}) {
        const std::string printed = print_settings(*first.settings, language);
        CAPTURE(printed);
        const auto second = parse_settings(printed, "f");
        INFO(to_text(second.flaws, Language::en));
        REQUIRE(second.settings);
        CHECK(print_settings(*second.settings, language) == printed);
        CHECK(second.settings->upstreams.at(0).entitlements == first.settings->upstreams.at(0).entitlements);
        CHECK(second.settings->upstreams.at(1).from == 17);
    }
    CHECK(print_settings(*first.settings, Language::zh).find("port = 8091  # 已改") != std::string::npos);
}

TEST_CASE("settings: every row has its words, bounds and a default that fits them") {
    std::vector<std::string> keys;
    for (const Row& row : settings_rows()) {
        CAPTURE(row.key);
        CHECK_FALSE(row.meaning.zh.empty());
        CHECK_FALSE(row.meaning.en.empty());
        CHECK(std::find(keys.begin(), keys.end(), row.key) == keys.end());
        keys.push_back(row.key);
        if (row.type == Type::whole) CHECK(row.min <= row.max);
        if (row.type == Type::tables) CHECK((row.grow != nullptr));
        if (row.type != Type::tables) CHECK((row.reach != nullptr));
        if ((row.type == Type::text || row.type == Type::texts)) REQUIRE((row.format != nullptr));
        // The default, or the example, goes through the same check as what people write.
        if (row.example().empty()) continue;
        const auto parsed = parse_document("x = " + std::string(row.example()), "row");
        REQUIRE(std::holds_alternative<Document>(parsed));
        const Document& value = *std::get<Document>(parsed).find("x");
        if (row.type == Type::text) CHECK(row.format->fits(value.text()));
        if (row.type == Type::whole) CHECK((value.whole() >= row.min && value.whole() <= row.max));
        if (row.type == Type::texts)
            for (const auto& item : value.items()) CHECK(row.format->fits(item.text()));
    }
}

TEST_CASE("settings: the JSON Schema knows every key") {
    const auto schema = parse_json(settings_schema());
    REQUIRE(schema.has_value());
    for (const Row& row : settings_rows()) {
        CAPTURE(row.key);
        const json::object* here = &schema->as_object();
        std::string_view rest = row.key;
        while (!rest.empty()) {
            const auto dot = rest.find('.');
            std::string_view name = rest.substr(0, dot);
            const bool is_list = name.ends_with("[]");
            if (is_list) name.remove_suffix(2);
            REQUIRE(here->contains("properties"));
            const auto& properties = here->at("properties").as_object();
            REQUIRE(properties.contains(name));
            here = &properties.at(name).as_object();
            if (is_list) here = &here->at("items").as_object();
            rest = dot == rest.npos ? std::string_view() : rest.substr(dot + 1);
        }
        CHECK(here->at("title").as_string() == row.meaning.zh);
    }
    CHECK(schema->at("required").as_array() == json::array{"gateway"});
    CHECK(schema->at("properties").at("gateway").at("required").as_array() == json::array{"id", "compound"});
    CHECK(schema->at("additionalProperties") == false);
}

TEST_CASE("settings: a reload is whole or nothing") {
    const auto file = std::filesystem::temp_directory_path() / ("gatehouse-settings-" + std::to_string(::getpid()) + ".toml");
    const auto write = [&](std::string_view text) { std::ofstream(file, std::ios::binary) << text; };
    write(whole_file);
    Settings settings;
    REQUIRE(reload_settings(file, settings).empty());
    const std::string before = print_settings(settings, Language::en);

    // The good lines before the bad one must not arrive either.
    write(std::string(least) + "[store]\ndirectory = \"/elsewhere\"\n[log]\nlevel = \"loud\"\n");
    const auto flaws = reload_settings(file, settings);
    REQUIRE(flaws.size() == 1);
    CHECK(flaws[0].line == 7);
    CHECK(flaws[0].file == file.string());
    CHECK(print_settings(settings, Language::en) == before);

    std::filesystem::remove(file);
    REQUIRE(reload_settings(file, settings).size() == 1);
    CHECK(print_settings(settings, Language::en) == before);

    write(std::string(least) + "[store]\ndirectory = \"/elsewhere\"\n");
    CHECK(reload_settings(file, settings).empty());
    CHECK(settings.store.directory == "/elsewhere");
    CHECK(settings.upstreams.empty()); // nothing is left over from before
    std::filesystem::remove(file);
}

TEST_CASE("settings: two thousand mutated files bring flaws with lines, never a crash") {
    std::mt19937 chance(20260115);
    const auto pick = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(chance); };
    constexpr std::string_view pieces[] = {"[",
                                           "]",
                                           "[[",
                                           "\"",
                                           "=",
                                           "{",
                                           "}",
                                           "\n",
                                           "-1",
                                           "99999999999999999999",
                                           "true",
                                           "\xff",
                                           "\"\"\"",
                                           "#",
                                           "1979-05-27",
                                           "nan",
                                           "[[upstream]]\n",
                                           "id = 1\n",
                                           ".",
                                           "\\u12",
                                           "é",
                                           "inf",
                                           std::string_view("\0", 1)};
    std::size_t good = 0, bad = 0;
    for (int round = 0; round < 2000; ++round) {
        std::string text(whole_file);
        for (std::size_t changes = 1 + pick(4); changes > 0; --changes) {
            const std::size_t at = pick(text.size());
            switch (pick(6)) {
            case 0: text.erase(at, 1 + pick(20)); break;
            case 1: text.insert(at, pieces[pick(std::size(pieces))]); break;
            case 2: text[at] = static_cast<char>(pick(256)); break;
            case 3: text.insert(at, text.substr(pick(text.size()), 1 + pick(60))); break;
            case 4: text.resize(at + 1); break;
            case 5: { // one line's value goes, or becomes another
                const auto equals = text.find('=', at);
                if (equals == std::string::npos) break;
                const auto end = std::min(text.find('\n', equals), text.size());
                text.replace(equals + 1, end - equals - 1, pieces[pick(std::size(pieces))]);
                break;
            }
            }
            if (text.empty()) text = "x";
        }
        const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
        const auto outcome = parse_settings(text, "mutated.toml");
        CHECK(outcome.settings.has_value() == outcome.flaws.empty());
        outcome.settings ? ++good : ++bad;
        for (const Flaw& flaw : outcome.flaws) {
            CHECK(flaw.file == "mutated.toml");
            const bool is_inside = flaw.line >= 1 && flaw.line <= lines + 1;
            if (!is_inside) FAIL_CHECK(to_text(flaw, Language::en) << " of " << lines << " lines:\n" << text);
            CHECK_FALSE(flaw.what.en.empty());
            CHECK(json::serialize(json::value(flaw.what.en)).size() > 2);
        }
    }
    // A mutation in a comment harms nobody; most must be found.
    CHECK(bad > 1500);
    CHECK(good > 10);
}

TEST_CASE("settings: nesting and length have bounds") {
    CHECK_FALSE(parse_settings("x = " + std::string(100000, '['), "f").settings);
    CHECK_FALSE(parse_settings(std::string(least) + "x." + std::string(5000, 'y') + " = 1", "f").settings);
    const auto file = std::filesystem::temp_directory_path() / ("gatehouse-long-" + std::to_string(::getpid()) + ".toml");
    std::ofstream(file) << std::string(document_bytes_max + 1, '#');
    const auto outcome = read_settings(file);
    REQUIRE(outcome.flaws.size() == 1);
    CHECK(outcome.flaws[0].what.en.find("longer than") != std::string::npos);
    std::filesystem::remove(file);
}

TEST_CASE("settings: the nearest word is found") {
    CHECK(edits_between("kitten", "sitting") == 3);
    CHECK(edits_between("", "abc") == 3);
    CHECK(nearest("fromat", {"level", "format"}) == "format");
    CHECK(nearest("reserve", {"directory", "reserve_bytes"}) == "reserve_bytes");
    CHECK_FALSE(nearest("zzzzzz", {"level", "format"}));
    CHECK_FALSE(nearest(std::string(1000, 'a'), {"level"}));
}
