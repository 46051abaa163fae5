// SPDX-License-Identifier: Apache-2.0
#include "config/events.hpp"
#include "daemon/record/kind.hpp"
#include "drivers/isapi/event_table.hpp"
#include "drivers/onvif/event_table.hpp"
#include "tests/paths.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace gatehouse;
using namespace gatehouse::config;

namespace {

EventCodes built_in() {
    const auto table = drivers::isapi::built_in_events();
    EventCodes codes;
    for (const auto& row : table.access)
        codes.access.push_back({row.major, row.first, row.last, std::string(name_of(row.kind)), row.method, row.reason, row.code});
    for (const auto& row : table.smart)
        codes.smart.push_back({row.event,
                               std::string(name_of(row.began)),
                               row.ended ? std::string(name_of(*row.ended)) : std::string(),
                               row.code,
                               row.only_with_faces,
                               {}});
    return codes;
}

EventCodes built_in_topics() {
    EventCodes codes;
    for (const auto& row : drivers::onvif::built_in_events().topics)
        codes.smart.push_back(
            {row.topic, std::string(name_of(row.began)), row.ended ? std::string(name_of(*row.ended)) : std::string(), row.code, false, row.item});
    return codes;
}

void hold_to(const EventCodes& expected, const std::string& name, const Words& heading) {
    const std::string file = tests::source_path("config/events/") + name;
    const std::string printed = print_events(expected, heading);
    if (std::getenv("GATEHOUSE_PRINT") != nullptr) std::ofstream(file, std::ios::binary) << printed;
    std::ifstream in(file, std::ios::binary);
    INFO("after a change of the driver's table: GATEHOUSE_PRINT=1 build/dev/bin/unit_config_events");
    CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == printed);

    const auto outcome = read_events(file);
    INFO(to_text(outcome.flaws, Language::en));
    REQUIRE(outcome.codes);
    REQUIRE(outcome.codes->access.size() == expected.access.size());
    REQUIRE(outcome.codes->smart.size() == expected.smart.size());
    CHECK(print_events(*outcome.codes, {"a", "b"}) == print_events(expected, {"a", "b"}));
}

constexpr std::string_view row = "access = [{ major = 5, first = 1, kind = \"pass.granted\", method = \"card\" }";

} // namespace

TEST_CASE("events: the shipped ISAPI table says what the driver has built in") {
    hold_to(built_in(), "isapi.toml",
            {"海康 ISAPI 事件代码与记录种类的对应。改动后重启驱动生效，无须改程序。",
             "Which code of Hikvision's ISAPI is which kind of record. A new camera's codes go here; no C++ is needed."});
}

TEST_CASE("events: the shipped ONVIF table says what the driver has built in") {
    hold_to(built_in_topics(), "onvif.toml",
            {"ONVIF 事件主题与记录种类的对应。改动后重启驱动生效，无须改程序。",
             "Which topic of ONVIF is which kind of record. A new camera's topics go here; no C++ is needed."});
}

TEST_CASE("events: flaws name line and key") {
    struct Wrong {
        std::string text;
        std::string_view key, said;
    };
    const std::string begun(row);
    const std::vector<Wrong> table{
        {begun + ",\n{ major = 5, first = 1, kind = \"pass.denied\" }]\n", "access[1].first", "has a meaning already"},
        {begun + ",\n{ major = 5, first = 0, last = 9, kind = \"pass.denied\" }]\n", "access[1].first", "has a meaning already"},
        {begun + ",\n{ major = 5, first = 9, last = 8, kind = \"pass.denied\" }]\n", "access[1].last", "before the first"},
        {begun + ",\n{ major = 5, first = 2, kind = \"pass.maybe\" }]\n", "access[1].kind", "a kind of record"},
        {begun + ",\n{ major = 5, first = 2, kind = \"pass.denied\", method = \"nose\" }]\n", "access[1].method", "a method"},
        {begun + ",\n{ major = 5, kind = \"pass.denied\" }]\n", "access[1].first", "must be given"},
        {"smart = [{ event = \"VMD\", began = \"motion.started\" },\n{ event = \"vmd\", began = \"motion.started\" }]\n", "smart[1].event",
         "has a meaning already"},
        {"smart = [{ event = \"a/b\", item = \"X\", began = \"motion.started\" },\n{ event = \"A/B\", item = \"x\", began = \"motion.started\" }]\n",
         "smart[1].event", "has a meaning already"},
    };
    for (const Wrong& wrong : table) {
        CAPTURE(wrong.text);
        const auto outcome = parse_events(wrong.text, "e");
        INFO(to_text(outcome.flaws, Language::en));
        REQUIRE(outcome.flaws.size() == 1);
        CHECK(outcome.flaws[0].line == 2);
        CHECK(outcome.flaws[0].key == wrong.key);
        CHECK(outcome.flaws[0].what.en.find(wrong.said) != std::string::npos);
    }
    CHECK(parse_events(begun + ", { major = 5, first = 2, last = 9, kind = \"pass.denied\" }, { major = 2, first = 1, kind = \"gap\" }]", "e").codes);
}
