// SPDX-License-Identifier: Apache-2.0
//
// A daemon that lies, or a device that speaks through it: nothing crashes, nothing paints the terminal.
#include "tests/unit/daemon/ctl/script.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::ctl;

namespace {

struct Typed {
    std::string what;
    std::vector<std::string> words;
};

const std::vector<Typed> all_asking{
    {"GET /api/v1/status", {"status"}},
    {"GET /api/v1/check", {"check"}},
    {"GET /api/v1/check/plan", {"check", "--plan"}},
    {"POST /api/v1/check/storage", {"check", "--storage"}},
    {"GET /api/v1/records?limit=100", {"tail", "--once"}},
    {"GET /api/v1/devices/a/coverage", {"coverage", "a"}},
    {"POST /api/v1/log/verify", {"log", "verify"}},
    {"GET /api/v1/devices", {"device", "list"}},
    {"POST /api/v1/devices", {"device", "add", "a", "--driver", "isapi", "--address", "x"}},
    {"DELETE /api/v1/devices/a", {"device", "remove", "a"}},
    {"GET /api/v1/devices/a/probe", {"device", "probe", "a"}},
    {"POST /api/v1/discover", {"device", "discover"}},
    {"POST /api/v1/devices/a/open", {"device", "open", "a"}},
    {"GET /api/v1/upstreams", {"upstream", "status"}},
    {"GET /api/v1/upstreams/u/dead", {"upstream", "dead", "u"}},
    {"POST /api/v1/upstreams/u/resend", {"upstream", "resend", "u", "routine", "1", "2"}},
    {"GET /api/v1/identity", {"identity"}},
    {"POST /api/v1/identity/renew", {"identity", "renew"}},
    {"POST /api/v1/backup", {"backup", "/x"}},
    {"POST /api/v1/erase", {"erase", "card:1", "--order", "o"}},
    {"GET /api/v1/bundle", {"bundle"}},
};

std::string members(const std::vector<std::string>& keys, const std::string& value) {
    std::string text;
    for (const auto& key : keys) text += (text.empty() ? "\"" : ",\"") + key + "\":" + value;
    return text;
}

const std::vector<std::string> leaves{"gateway",
                                      "compound",
                                      "version",
                                      "epoch",
                                      "epoch_first",
                                      "head",
                                      "at",
                                      "started_at",
                                      "uptime_s",
                                      "clock",
                                      "instance",
                                      "state",
                                      "fault",
                                      "id",
                                      "name",
                                      "driver",
                                      "events",
                                      "lost",
                                      "recovered",
                                      "heard_at",
                                      "lane",
                                      "waiting",
                                      "oldest",
                                      "per_s",
                                      "resent",
                                      "receipted",
                                      "refused",
                                      "from",
                                      "to",
                                      "cause",
                                      "covered_s",
                                      "unknown_s",
                                      "recovered_s",
                                      "whole",
                                      "first",
                                      "last",
                                      "emptied",
                                      "reason",
                                      "position",
                                      "severity",
                                      "part",
                                      "zh",
                                      "en",
                                      "worst",
                                      "bytes",
                                      "file",
                                      "seal",
                                      "kind",
                                      "subject",
                                      "source",
                                      "happened_at",
                                      "next",
                                      "hours_left",
                                      "free_bytes",
                                      "clock_offset_ms",
                                      "floor_breaks_at",
                                      "database_bytes",
                                      "first_bad",
                                      "door",
                                      "outcome",
                                      "address",
                                      "pictures",
                                      "detail",
                                      "type"};
const std::vector<std::string> lists{"spans", "found", "dead", "findings", "devices", "upstreams", "warnings", "records"};
const std::vector<std::string> objects{"log", "disk", "status", "diagnosis"};

std::string flat(const std::string& value) { return "{" + members(leaves, value) + "}"; }

/// Every member that some command reads, where it reads it, with this value.
std::string everything(const std::string& value) {
    const auto row = "{" + members(leaves, value) + ",\"lanes\":[" + flat(value) + "],\"status\":" + flat(value) + ",\"facts\":" + flat(value) +
                     ",\"details\":" + flat(value) + "}";
    return "{" + members(leaves, value) + "," + members(lists, "[" + row + "]") + "," + members(objects, row) + "}";
}

/// The same, with the value in place of all lists and objects, too.
std::string all(const std::string& value) { return "{" + members(leaves, value) + "," + members(lists, value) + "," + members(objects, value) + "}"; }

/// Nothing but lines of printable text: no escape, no bidirectional override.
bool is_safe(const std::string& text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return false;
    return !has(text, "\u202e") && !has(text, "\u2066");
}

} // namespace

TEST_CASE("answers that are no JSON object: exit 70 with words, for every command") {
    for (const auto& [what, words] : all_asking)
        for (const auto* body : {"<html>", "[1,2]", "\"text\"", "7", "null", "{\"a\":1,\"a\":2}", "{\"a\":", "\xff\xfe", "{}x"})
            for (const bool zh : {false, true}) {
                Script script;
                script.answer(what, body);
                const auto ran = script.run(words, zh);
                CHECK_MESSAGE(ran.code == exit_software, what, " ", body);
                CHECK(has(ran.err, zh ? "看不懂" : "cannot be understood"));
                CHECK(is_safe(ran.err));
            }
}

TEST_CASE("members missing or of wrong types, lists of anything, huge numbers: no command crashes, and says something") {
    std::vector<std::string> bodies{"{}"};
    for (const auto* value : {"null", "true", "7", "-7", "1e308", "-1e308", "18446744073709551615", "9223372036854775807", "\"\"", "\"x\"",
                              "\"2026-01-15T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "[]", "{}", "[1,null,\"x\",[],{}]"}) {
        bodies.push_back(everything(value));
        bodies.push_back(all(value));
        bodies.push_back(all("[" + flat(value) + "]"));
    }
    bool zh = false;
    for (const auto& [what, words] : all_asking)
        for (const auto& body : bodies) {
            Script script;
            script.answer(what, body);
            // Pages that name a next one for ever must end too.
            script.answer("GET /api/v1/devices/a/coverage?from=2026-01-15T00%3A00%3A00Z", R"({"spans":[],"next":"2026-01-15T00:00:00Z"})");
            zh = !zh;
            const auto ran = script.run(words, zh);
            // An empty page of records is the one answer without words.
            if (words[0] != "tail") CHECK_FALSE((ran.out + ran.err).empty());
            CHECK(ran.code >= 0);
            CHECK(script.asked.size() <= 101);
        }
}

TEST_CASE("what a device calls itself paints no terminal: escapes, line breaks and overrides become '?'") {
    const std::string evil = R"("\u001b[2Jname\r\n\u202eevil\u2066\u009b")";
    const std::vector<std::string> bodies{everything(evil), all("[" + flat(evil) + "]"), all("[" + evil + "]"),
                                          R"({"worst":"fault","whole":false,"fault":)" + evil + R"(,"findings":[)" + flat(evil) +
                                              R"(],"records":[{"position":1,"kind":)" + evil + R"(,"source":)" + evil + R"(,"facts":{"\u001bkey":)" +
                                              evil + R"(}}],"spans":[)" + flat(evil) + "]}"};
    bool was_seen = false;
    for (const auto& [what, words] : all_asking)
        for (const auto& body : bodies) {
            if (words[0] == "bundle") continue; // JSON for programs
            Script script;
            script.answer(what, body);
            const auto ran = script.run(words);
            CHECK_MESSAGE(is_safe(ran.out + ran.err), what);
            was_seen = was_seen || has(ran.out, "?[2Jname??");
        }
    CHECK(was_seen);
}
