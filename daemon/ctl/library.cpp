// SPDX-License-Identifier: Apache-2.0
//
// The resource library on the command line. What the classes hold is asked of the daemon, so that a new field needs nothing here. Persons'
// data come from files: what stands on a command line, all users of the machine can read.
#include "daemon/console/target.hpp"
#include "daemon/ctl/files.hpp"
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/session.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/values.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace gatehouse::ctl {

namespace {

constexpr std::size_t columns_shown_max = 7;
constexpr std::size_t faults_shown_max = 1000;

struct Group {
    std::string_view word, route;
};
constexpr std::array groups{Group{"person", "persons"}, Group{"vehicle", "vehicles"}, Group{"visit", "visits"}, Group{"thing", "things"}};

/// "persons" of "person list".
std::string route_of(const Session& session) {
    const auto word = session.words.command->words.substr(0, session.words.command->words.find(' '));
    const auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) { return group.word == word; });
    return std::string(found == groups.end() ? std::string_view("persons") : found->route);
}

std::string base_path(const Session& session) { return "/api/v1/" + route_of(session); }
std::string row_path(const Session& session) { return base_path(session) + "/" + console::escaped(session.words.operands[0]); }

std::string look_query(const Session& session, std::vector<std::pair<std::string, std::string>> pairs = {}) {
    const auto& purpose = session.words.option("purpose");
    if (!purpose.empty()) {
        pairs.emplace_back("reveal", "true");
        pairs.emplace_back("purpose", purpose);
    }
    return query_text(pairs);
}

/// The class's fields as GET /api/v1/library tells of them.
Answer<std::vector<json::object>> fields_of(const Session& session, const std::string& route) {
    const auto answer = session.ask("GET", "/api/v1/library");
    if (!answer) return answer.error();
    std::vector<json::object> fields;
    for (const auto* one : objects_at(*answer, "classes"))
        if (text_at(*one, "route") == route)
            for (const auto* field : objects_at(*one, "fields")) fields.push_back(*field);
    return fields;
}

std::string title_of(const Session& session, const json::object& field) { return cell(field, session.zh() ? "zh" : "en"); }

/// A choice in the reader's language; anything else as it is.
std::string value_of(const Session& session, const json::object& field, const json::object& entry) {
    const auto name = text_at(field, "name").value_or("");
    const auto value = text_at(entry, name);
    const auto words = text_at(field, "choices").value_or(""), chinese = text_at(field, "choices_zh").value_or("");
    if (!value || words.empty() || !session.zh()) return cell(entry, name);
    const auto all = split(words), all_zh = split(chinese);
    const auto found = static_cast<std::size_t>(std::find(all.begin(), all.end(), *value) - all.begin());
    return found < all_zh.size() ? printable(all_zh[found]) : cell(entry, name);
}

Answer<json::object> fields_in_file(const Session& session) {
    const auto& file = session.words.option("file");
    if (file.empty())
        return Ended{session.fail(exit_usage, "缺少 --file：字段写在 JSON 文件里，字段表见 gatehousectl library",
                                  "--file is missing: the fields stand in a JSON file; for what they are see gatehousectl library"),
                     0};
    const auto text = read_whole(file);
    if (!text) return Ended{session.fail(exit_no_input, text.error()), 0};
    auto parsed = parse_json(*text);
    if (!parsed || !parsed->is_object())
        return Ended{session.fail(exit_data, printable(file) + "：应为 JSON 对象", printable(file) + ": a JSON object expected"), 0};
    json::object body;
    body["fields"] = std::move(*parsed);
    return body;
}

/// A refusal that names flaws: each field with its reason.
int say_flaws(const Session& session, const net::HttpResponse& answer) {
    auto parsed = parse_json(answer.body);
    if (!parsed || !parsed->is_object() || objects_at(parsed->get_object(), "flaws").empty()) return session.fail_refused(answer).code;
    for (const auto* flaw : objects_at(parsed->get_object(), "flaws"))
        session.note(cell(*flaw, "field") + "：" + cell(*flaw, "zh"), cell(*flaw, "field") + ": " + cell(*flaw, "en"));
    return exit_data;
}

int send_fields(const Session& session, const std::string& method, const std::string& target) {
    const auto body = fields_in_file(session);
    if (!body) return body.error().code;
    const auto answer = session.ask_any(method, target, *body);
    if (!answer) return answer.error().code;
    if (answer->status >= 300) return say_flaws(session, *answer);
    const auto entry = parse_json(answer->body);
    if (!entry || !entry->is_object()) return session.fail_foreign("entry");
    if (session.words.json) return session.show(entry->get_object());
    const auto name = cell(entry->get_object(), "id") + " @" + cell(entry->get_object(), "version");
    session.around.out << session.say("已登记 " + name, name + " is registered") << "\n";
    return exit_ok;
}

} // namespace

int entry_list(const Session& session) {
    const auto& words = session.words;
    if (words.option("field").empty() != words.option("value").empty())
        return session.fail(exit_usage, "--field 与 --value 须同时给出", "--field and --value go together");
    const auto query = look_query(session, {{"limit", words.option("limit")}, {"field", words.option("field")}, {"value", words.option("value")}});
    const auto answer = session.ask("GET", base_path(session) + query);
    if (!answer) return answer.error().code;
    if (words.json) return session.show(*answer);
    auto fields = fields_of(session, route_of(session));
    if (!fields) return fields.error().code;
    if (fields->size() > columns_shown_max) fields->resize(columns_shown_max);
    std::vector<std::string> heading{session.say("编号", "ID")};
    for (const auto& field : *fields) heading.push_back(title_of(session, field));
    Table table(heading);
    for (const auto* entry : objects_at(*answer, "entries")) {
        std::vector<std::string> cells{cell(*entry, "id")};
        for (const auto& field : *fields) cells.push_back(value_of(session, field, *entry));
        table.add(std::move(cells));
    }
    session.around.out << table.text();
    if (answer->contains("next") && answer->at("next").is_string())
        session.note("还有更多：--limit 可到 500", "there are more: --limit goes up to 500");
    return exit_ok;
}

int entry_show(const Session& session) {
    const auto& operands = session.words.operands;
    const auto version = operands.size() > 1 ? operands[1] : std::string();
    const auto answer = session.ask("GET", row_path(session) + look_query(session, {{"version", version}}));
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto fields = fields_of(session, route_of(session));
    if (!fields) return fields.error().code;
    auto& out = session.around.out;
    out << cell(*answer, "id") << " @" << cell(*answer, "version") << "  " << session.say("起 ", "from ") << local_at(*answer, "valid_from");
    if (answer->contains("valid_to")) out << session.say(" 止 ", " to ") << local_at(*answer, "valid_to");
    out << "\n";
    for (const auto& field : *fields)
        if (answer->contains(text_at(field, "name").value_or("")))
            out << title_of(session, field) << session.say("：", ": ") << value_of(session, field, *answer) << "\n";
    return exit_ok;
}

int entry_add(const Session& session) { return send_fields(session, "POST", base_path(session)); }

int entry_change(const Session& session) { return send_fields(session, "PUT", row_path(session)); }

int entry_end(const Session& session) {
    const auto answer = session.ask("DELETE", row_path(session));
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto id = printable(session.words.operands[0]);
    session.around.out << session.say("已终止 " + id + "，历史版本保留", id + " has ended; what it was stays") << "\n";
    return exit_ok;
}

int home_list(const Session& session) {
    const auto answer = session.ask("GET", "/api/v1/places");
    if (!answer) return answer.error().code;
    json::array homes;
    Table table({session.say("编号", "ID"), session.say("名称", "NAME"), session.say("所属", "IN")});
    for (const auto* place : objects_at(*answer, "places")) {
        if (text_at(*place, "kind") != "home") continue;
        homes.push_back(*place);
        table.add({cell(*place, "id"), cell(*place, "name"), cell(*place, "parent")});
    }
    json::object shown;
    shown["homes"] = std::move(homes);
    if (session.words.json) return session.show(shown);
    session.around.out << table.text();
    return exit_ok;
}

int home_show(const Session& session) {
    const auto answer = session.ask("GET", "/api/v1/homes/" + console::escaped(session.words.operands[0]));
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    auto& out = session.around.out;
    if (const auto* home = object_at(*answer, "home")) out << cell(*home, "id") << "  " << cell(*home, "name") << "\n";
    std::map<std::string, std::string> names;
    for (const auto* person : objects_at(*answer, "persons")) names[text_at(*person, "id").value_or("")] = cell(*person, "name");
    for (const auto* one : objects_at(*answer, "residences"))
        out << names[text_at(*one, "person").value_or("")] << "  " << cell(*one, "relation") << "  " << cell(*one, "from") << "\n";
    for (const auto* one : objects_at(*answer, "vehicles")) out << cell(*one, "plate") << "\n";
    return exit_ok;
}

int home_put(const Session& session) {
    const auto& words = session.words;
    json::object body{{"kind", "home"}};
    if (words.has("name")) body["name"] = words.option("name");
    if (words.has("place")) body["parent"] = words.option("place");
    const auto answer = session.ask("PUT", "/api/v1/places/" + console::escaped(words.operands[0]), body);
    if (!answer) return answer.error().code;
    if (words.json) return session.show(*answer);
    session.around.out << session.say("已登记 " + cell(*answer, "id"), cell(*answer, "id") + " is registered") << "\n";
    return exit_ok;
}

int home_end(const Session& session) {
    const auto answer = session.ask("DELETE", "/api/v1/places/" + console::escaped(session.words.operands[0]));
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto id = printable(session.words.operands[0]);
    session.around.out << session.say("已终止 " + id + "，历史版本保留", id + " has ended; what it was stays") << "\n";
    return exit_ok;
}

int library_classes(const Session& session) {
    const auto answer = session.ask("GET", "/api/v1/library");
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    Table table({session.say("类", "CLASS"), session.say("字段", "FIELD"), session.say("名称", "TITLE"), session.say("必填", "NEEDED"),
                 session.say("可选值", "CHOICES")});
    for (const auto* one : objects_at(*answer, "classes"))
        for (const auto* field : objects_at(*one, "fields")) {
            const bool is_needed = bool_at(*field, "needed").value_or(false);
            table.add({cell(*one, "route"), cell(*field, "name"), title_of(session, *field), is_needed ? session.say("是", "yes") : "",
                       printable(text_at(*field, session.zh() ? "choices_zh" : "choices").value_or(""))});
        }
    session.around.out << table.text();
    return exit_ok;
}

int library_import(const Session& session) {
    const auto& operands = session.words.operands;
    auto table = read_whole(operands[1]);
    if (!table) return session.fail(exit_no_input, table.error());
    net::HttpRequest request;
    request.method = "POST";
    request.target = "/api/v1/imports" + query_text({{"class", operands[0]}, {"dry_run", session.words.has("dry-run") ? "true" : ""}});
    request.body = std::move(*table);
    const auto answer = session.around.ask(session.words.socket, request);
    if (!answer)
        return session.fail(exit_unavailable, "网关没有应答：" + answer.error().what(), "the daemon did not answer: " + answer.error().what());
    if (answer->status >= 300) return session.fail_refused(*answer).code;
    const auto parsed = parse_json(answer->body, answer_bytes_max);
    if (!parsed || !parsed->is_object()) return session.fail_foreign("import");
    const auto& report = parsed->get_object();
    if (session.words.json) return session.show(report);
    const auto faults = objects_at(report, "faults");
    if (!faults.empty()) {
        Table shown({session.say("行", "ROW"), session.say("列", "COLUMN"), session.say("问题", "FAULT")});
        for (std::size_t i = 0; i < std::min(faults.size(), faults_shown_max); ++i)
            shown.add({cell(*faults[i], "row"), cell(*faults[i], "column"), cell(*faults[i], session.zh() ? "zh" : "en")});
        session.around.out << shown.text();
    }
    const auto good = cell(report, "good"), bad = cell(report, "bad"), id = printable(text_at(report, "id").value_or(""));
    session.around.out << session.say("无误 " + good + " 行，有误 " + bad + " 行", good + " rows are good, " + bad + " are not") << "\n";
    if (!id.empty())
        session.around.out << session.say("已导入。撤销：gatehousectl library undo " + id, "imported; to undo it: gatehousectl library undo " + id)
                           << "\n";
    return faults.empty() ? exit_ok : exit_data;
}

int library_undo(const Session& session) {
    const auto answer = session.ask("DELETE", "/api/v1/imports/" + console::escaped(session.words.operands[0]));
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto count = cell(*answer, "ended");
    session.around.out << session.say("已撤销，终止 " + count + " 条", "undone: " + count + " rows have ended") << "\n";
    return exit_ok;
}

int library_export(const Session& session) {
    const auto& operands = session.words.operands;
    const auto& file = operands[1];
    const std::string format = file.ends_with(".xlsx") ? "xlsx" : "csv";
    const auto language = session.zh() ? "zh" : "en";
    const auto path = "/api/v1/exports/" + console::escaped(operands[0]) + look_query(session, {{"format", format}, {"language", language}});
    const auto answer = session.ask_text("GET", path);
    if (!answer) return answer.error().code;
    if (const auto written = write_new(file, *answer); !written) return session.fail(exit_cannot_create, written.error());
    session.around.out << session.say("已导出到 " + printable(file) + "，导出已留痕", "written to " + printable(file) + "; the export is on record")
                       << "\n";
    return exit_ok;
}

} // namespace gatehouse::ctl
