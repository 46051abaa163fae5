// SPDX-License-Identifier: Apache-2.0
#include "config/events.hpp"

#include "config/document_file.hpp"
#include "config/reading.hpp"
#include "daemon/record/kind.hpp"

#include <algorithm>
#include <map>

namespace gatehouse::config {

namespace {

using C = EventCodes;
using A = AccessCode;
using M = SmartCode;

/// The codes that records of passes know, from the kind's own schema: one place says what a method is.
bool is_pass_code(std::string_view field, std::string_view text) {
    const FieldSpec* spec = field_of(spec_of(Kind::pass_granted), field);
    return text.empty() || (spec != nullptr && spec->codes->has(text));
}

bool fits_code(std::string_view text) {
    return text.size() <= 64 &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

const Format kind_name{
    [](std::string_view text) { return kind_named(text).has_value(); }, {"记录种类，如 pass.granted", "a kind of record such as pass.granted"}, ""};
const Format optional_kind{
    [](std::string_view text) { return text.empty() || kind_named(text); }, {"记录种类，或空", "a kind of record, or empty"}, ""};
const Format pass_method{
    [](std::string_view text) { return is_pass_code("method", text); }, {"通行记录的核验方式", "a method as pass records know it"}, ""};
const Format pass_reason{
    [](std::string_view text) { return is_pass_code("reason", text); }, {"通行记录的结果原因", "a reason as pass records know it"}, ""};
const Format our_word{fits_code, {"小写字母、数字和下划线", "lower-case letters, digits and underscores"}, ""};

std::vector<Row> table_of_events() {
    constexpr std::int64_t code_max = 4294967295;
    return {
        tables<C>(
            "access", 4096, "编号事件", "Numbered events", [](C & c) -> auto& { return c.access; }),
        whole<A>(
            "access[].major", "!5", 0, code_max, "", "主类型", "The code's major part.", [](A & a) -> auto& { return a.major; }),
        whole<A>(
            "access[].first", "!1", 0, code_max, "", "次类型（首个）", "Its minor part, or the first of several.",
            [](A & a) -> auto& { return a.first; }),
        whole<A>(
            "access[].last", "0", 0, code_max, "", "次类型（末个），省略为同首个", "The last of them; left out: just the one.",
            [](A & a) -> auto& { return a.last; }),
        text<A>(
            "access[].kind", "!\"pass.granted\"", kind_name, "对应的记录种类", "The kind of ours.", [](A & a) -> auto& { return a.kind; }),
        text<A>(
            "access[].method", "\"\"", pass_method, "核验方式", "How somebody identified.", [](A & a) -> auto& { return a.method; }),
        text<A>(
            "access[].reason", "\"\"", pass_reason, "结果原因", "Why.", [](A & a) -> auto& { return a.reason; }),
        text<A>(
            "access[].code", "\"\"", our_word, "本系统的说法", "Our word for it.", [](A & a) -> auto& { return a.code; }),
        tables<C>(
            "smart", 512, "命名事件", "Named events", [](C & c) -> auto& { return c.smart; }),
        text<M>(
            "smart[].event", "!\"VMD\"", any_name, "设备的事件名", "The device's own name.", [](M & m) -> auto& { return m.event; }),
        text<M>(
            "smart[].began", "!\"motion.started\"", kind_name, "开始时的记录种类", "The kind at its beginning.",
            [](M & m) -> auto& { return m.began; }),
        text<M>(
            "smart[].ended", "\"\"", optional_kind, "结束时的记录种类", "The kind at its end; empty: it has none.",
            [](M & m) -> auto& { return m.ended; }),
        text<M>(
            "smart[].code", "\"\"", our_word, "本系统的说法", "Our word for it.", [](M & m) -> auto& { return m.code; }),
        truth<M>(
            "smart[].only_with_faces", "false", "陌生人事件，默认丢弃", "Of strangers: dropped unless asked for.",
            [](M & m) -> auto& { return m.only_with_faces; }),
        text<M>(
            "smart[].item", "\"\"", optional_name, "ONVIF：表示状态的数据项，空为瞬时事件",
            "ONVIF: the data item that holds its state; empty: each message is one event.", [](M & m) -> auto& { return m.item; }),
    };
}

std::span<const Row> event_rows() {
    static const std::vector<Row> rows = table_of_events();
    return rows;
}

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// Each code has one meaning: two rows for one code are a mistake that a driver would settle by chance.
void check_meanings(EventCodes& codes, Reading& reading) {
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> taken; // (major, last) -> first
    for (std::size_t at = 0; at < codes.access.size(); ++at) {
        AccessCode& row = codes.access[at];
        const std::string key = "access[" + std::to_string(at) + "]";
        if (row.last == 0) row.last = row.first;
        if (row.last < row.first) {
            reading.report(key + ".last", {"末个小于首个", "the last lies before the first"});
            continue;
        }
        // The first range of this major that ends at or after our first: it overlaps when it begins at or before our last.
        const auto next = taken.lower_bound({row.major, row.first});
        if (next != taken.end() && next->first.first == row.major && next->second <= row.last) {
            reading.report(key + ".first", {"该编号已有含义", "this code has a meaning already"});
        } else {
            taken[{row.major, row.last}] = row.first;
        }
    }
    std::map<std::string, std::size_t> events;
    for (std::size_t at = 0; at < codes.smart.size(); ++at)
        if (!events.emplace(lower_case(codes.smart[at].event + "|" + codes.smart[at].item), at).second)
            reading.report("smart[" + std::to_string(at) + "].event", {"该事件已有含义", "this event has a meaning already"});
}

void put(std::string& out, std::string_view key, const std::string& value) {
    if (!value.empty()) out += ", " + std::string(key) + " = \"" + value + "\"";
}

} // namespace

EventOutcome parse_events(std::string_view text, const std::string& file) {
    auto parsed = parse_document(text, file);
    if (auto* flaw = std::get_if<Flaw>(&parsed)) return {std::nullopt, {std::move(*flaw)}};
    EventCodes codes;
    Reading reading = read(std::get<Document>(parsed), event_rows(), &codes);
    check_meanings(codes, reading);
    if (!reading.flaws.empty()) return {std::nullopt, std::move(reading.flaws)};
    return {std::move(codes), {}};
}

EventOutcome read_events(const std::string& file) {
    auto text = read_file(file);
    if (!text) return {std::nullopt, {Flaw{file, 1, 1, {}, {"无法读取：" + text.error().what(), "can't be read: " + text.error().what()}}}};
    return parse_events(*text, file);
}

std::string print_events(const EventCodes& codes, const Words& heading) {
    std::string out = "# SPDX-License-Identifier: Apache-2.0\n#\n# " + heading.zh + "\n# " + heading.en + "\n\n";
    if (!codes.access.empty()) out += "access = [\n";
    for (const AccessCode& row : codes.access) {
        out += "  { major = " + std::to_string(row.major) + ", first = " + std::to_string(row.first);
        if (row.last != row.first) out += ", last = " + std::to_string(row.last);
        put(out, "kind", row.kind);
        put(out, "method", row.method);
        put(out, "reason", row.reason);
        put(out, "code", row.code);
        out += " },\n";
    }
    if (!codes.access.empty()) out += "]\n\n";
    out += "smart = [\n";
    for (const SmartCode& row : codes.smart) {
        out += "  { event = \"" + row.event + "\"";
        put(out, "item", row.item);
        put(out, "began", row.began);
        put(out, "ended", row.ended);
        put(out, "code", row.code);
        if (row.only_with_faces) out += ", only_with_faces = true";
        out += " },\n";
    }
    return out + "]\n";
}

} // namespace gatehouse::config
