// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/words.hpp"

#include "daemon/base/text.hpp"
#include "tests/unit/daemon/ctl/script.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace gatehouse;
using namespace gatehouse::ctl;

namespace {

Words taken(const std::vector<std::string>& typed) {
    auto words = take_apart(typed);
    REQUIRE(words.has_value());
    return std::move(*words);
}

} // namespace

TEST_CASE("options are taken apart by the table: values, flags, =, --, order") {
    const auto words = taken({"--json", "tail", "--kind=pass.denied", "--socket", "/x", "--personal"});
    CHECK(words.command->words == "tail");
    CHECK(words.json);
    CHECK(words.socket == "/x");
    CHECK(words.option("kind") == "pass.denied");
    CHECK(words.has("personal"));
    CHECK(taken({"erase", "--", "--strange"}).operands == std::vector<std::string>{"--strange"});
    CHECK(taken({"device"}).command->words == "device list");
    CHECK(taken({"upstream", "--json"}).command->words == "upstream status");
    CHECK(taken({"identity"}).command->words == "identity");
    CHECK(taken({}).command->words == "help");
    CHECK(taken({"device", "open", "a", "--help"}).operands == std::vector<std::string>{"device", "open"});
}

TEST_CASE("what does not fit the table is told in both languages, with exit code 64, and nothing is asked") {
    const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
        {{"no-such-command"}, "no-such-command"},
        {{"device", "burn"}, "list, add, remove, probe, discover, open"},
        {{"log"}, "verify"},
        {{"status", "--nonsense"}, "--nonsense"},
        {{"status", "-x"}, "-x"},
        {{"status", "--kind", "gap"}, "--kind"},
        {{"tail", "--kind"}, "KIND"},
        {{"tail", "--kind="}, "KIND"},
        {{"tail", "--once=yes"}, "--once"},
        {{"tail", "--once", "--once"}, "--once"},
        {{"status", "--lang", "fr"}, "--lang"},
        {{"device", "probe"}, "ID"},
        {{"device", "probe", "a", "b"}, "b"},
        {{"upstream", "resend", "district", "routine", "1"}, "LAST"},
        {{"upstream", "resend", "district", "fast", "1", "2"}, "LANE"},
        {{"upstream", "resend", "district", "routine", "0", "2"}, "FIRST"},
        {{"upstream", "resend", "district", "routine", "7", "2"}, "LAST"},
        {{"upstream", "resend", "district", "routine", "1", "99999999999999999999"}, "LAST"},
        {{"device", "open", "a", "two"}, "DOOR"},
        {{"device", "open", "a", "256"}, "DOOR"},
        {{"device", "add", "--address", "x"}, "id"},
        {{"device", "add", "a", "--driver", "isapi"}, "--address"},
        {{"device", "add", "a", "--driver", "isapi", "--address", "x", "--port", "70000"}, "--port"},
        {{"tail", "--limit", "501", "--once"}, "--limit"},
        {{"tail", "--after", "-1"}, "--after"},
        {{"tail", "--after", "1", "--once"}, "--after"},
        {{"tail", "--from", "2h"}, "--once"},
        {{"tail", "--once", "--from", "yesterday"}, "yesterday"},
        {{"coverage", "a", "--to", "2026-02-31"}, "2026-02-31"},
        {{"erase", "card:1"}, "--order"},
        {{"restore", "/x"}, "--directory"},
        {{"completion", "fish"}, "bash"},
    };
    for (const auto& [typed, part] : wrong)
        for (const bool zh : {false, true}) {
            Script script;
            const auto ran = script.run(typed, zh);
            CAPTURE(ran.err);
            CHECK_MESSAGE(ran.code == exit_usage, part);
            CHECK(script.asked.empty());
            CHECK(ran.out.empty());
            CHECK(ran.err.starts_with("gatehousectl: "));
            const bool has_chinese = std::any_of(ran.err.begin(), ran.err.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xe4; });
            CHECK(has_chinese == zh);
            if (!zh) CHECK_MESSAGE(has(lower(ran.err), lower(part)), part);
        }
}

TEST_CASE("what was typed is printable before it is shown again") {
    Script script;
    CHECK(has(script.run({"a\x1b[31mb"}).err, "a?[31mb"));
    CHECK(has(script.run({"status", "--x\x1b="}).err, "--x?"));
    CHECK(has(script.run({"device", "b\x07"}).err, "device b?"));
}

TEST_CASE("--lang goes before the locale, also when the rest of the line is wrong") {
    Script script;
    CHECK(has(script.run({"no-such", "--lang", "zh"}).err, "没有这个命令"));
    CHECK(has(script.run({"--lang=en", "no-such"}, true).err, "no such command"));
}

TEST_CASE("every command has a sentence in both languages, options of the table, and stands in help, man page and completion") {
    std::set<std::string_view> seen;
    for (const auto& command : all_commands()) {
        CHECK(seen.insert(command.words).second);
        CHECK(static_cast<bool>(command.run != nullptr));
        CHECK_FALSE(command.zh.empty());
        CHECK_FALSE(command.en.empty());
        for (const auto name : split(command.options)) CHECK_MESSAGE(option_named(name) != nullptr, name);
        Script script;
        auto typed = std::vector<std::string>{"help"};
        for (const auto word : split(command.words)) typed.emplace_back(word);
        for (const bool zh : {false, true}) {
            const auto ran = script.run(typed, zh);
            CHECK(ran.code == exit_ok);
            CHECK(has(ran.out, zh ? command.zh : command.en));
            for (const auto name : split(command.options)) CHECK(has(ran.out, "--" + std::string(name)));
            CHECK(has(script.run({"help"}, zh).out, usage_of(command)));
        }
        CHECK(has(man_page(false), std::string(command.words)));
        CHECK(has(bash_completion(), std::string(command.words)));
    }
    for (const auto& option : all_options()) {
        bool is_used = false;
        for (const auto& command : all_commands()) is_used = is_used || takes(command, option.name);
        CHECK_MESSAGE(is_used, option.name);
    }
}
