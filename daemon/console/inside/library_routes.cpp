// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/library_routes.hpp"

#include "daemon/base/expects.hpp"
#include "daemon/base/text.hpp"
#include "daemon/console/desk.hpp"
#include "daemon/console/inside/etag.hpp"
#include "daemon/console/inside/records.hpp"
#include "daemon/registry/import.hpp"

#include <algorithm>

namespace gatehouse::console::inside {

namespace {

using registry::Entity;
using registry::Entry;
namespace validity = registry::validity;

constexpr std::size_t look_purpose_bytes_max = 256;
constexpr std::size_t erasure_order_bytes_max = 256;

registry::By caller_of(const Asking& asking) { return {std::string(auth::name_of(asking.role)), asking.by}; }

/// The class of "/api/v1/persons/{row}"; each route of the table has one.
const Entity& entity_asked(const Asking& asking) {
    auto path = asking.route.pattern;
    path.remove_prefix(std::string_view("/api/v1/").size());
    const auto* entity = registry::entity_of_route(path.substr(0, path.find('/')));
    expects(entity != nullptr, "each library route begins with a class");
    return *entity;
}

/// The class that a query or path names, where the caller may see it; Fault::malformed, refused.
Result<const Entity*> entity_named_by(std::string_view name) {
    const auto* entity = registry::entity_of_route(name);
    if (entity == nullptr) return Error(Fault::malformed, "class: one of those that GET /api/v1/library names expected");
    return entity;
}

std::string etag_of_entry(const Entry& entry) { return inside::etag_of(registry::reference_of(entry)); }

/// What a reading is for, and whether numbers are shown in full; a purpose must stand behind that.
struct Look {
    bool reveals = false;
    std::string purpose;
};

Result<Look> look_of_asking(const Asking& asking) {
    auto reveals = flag_of(asking, "reveal");
    if (!reveals) return std::move(reveals).error();
    Look look{*reveals, std::string(asking.value_of("purpose"))};
    if (look.purpose.size() > look_purpose_bytes_max || !is_utf8(look.purpose)) return Error(Fault::malformed, "purpose: at most 256 bytes of text");
    if (look.reveals && look.purpose.empty()) return Error(Fault::malformed, "purpose: numbers are shown in full for a stated purpose only");
    return look;
}

Task<Done> note_library(Parts& parts, const Asking& asking, Kind kind, std::string what, std::string purpose, std::size_t count) {
    auth::Act act;
    act.what = std::move(what);
    act.route = std::string(name_of(asking.route.verb)) + " " + std::string(asking.route.pattern);
    act.purpose = std::move(purpose);
    act.outcome = "done";
    act.count = static_cast<std::int64_t>(count);
    act.role = asking.role;
    act.by = asking.by;
    co_return co_await parts.audit.write(kind, std::move(act));
}

/// Before entries leave: what is personal is read by somebody now.
Task<Done> note_reading(Parts& parts, const Asking& asking, const Entity& entity, const Look& look, std::size_t count) {
    if (!registry::is_personal(entity)) co_return Done();
    auto what = std::string(entity.plural) + (look.reveals ? ", numbers in full" : "");
    co_return co_await note_library(parts, asking, Kind::audit_read, std::move(what), look.purpose, count);
}

json::array shown(const std::vector<Entry>& entries, bool reveals) {
    json::array array;
    for (const auto& entry : entries) array.push_back(registry::to_json(entry, true, reveals));
    return array;
}

net::HttpResponse entry_answer(const Entry& entry, bool reveals, int status) {
    auto response = json_answer(registry::to_json(entry, true, reveals), status);
    response.headers.emplace_back("ETag", etag_of_entry(entry));
    return response;
}

json::object flaw_json(std::string_view name, const std::string& where, validity::Flaw flaw) {
    json::object object;
    object[name] = where;
    object["flaw"] = validity::name_of(flaw);
    object["zh"] = validity::in_chinese(flaw);
    object["en"] = validity::in_english(flaw);
    return object;
}

/// 400 with every flaw of every field.
net::HttpResponse flaws_answer(const std::vector<registry::FieldFlaw>& flaws) {
    auto response = problem("malformed", std::to_string(flaws.size()) + " fields are not as they must be; see flaws");
    auto parsed = parse_json(response.body);
    if (!parsed || !parsed->is_object()) return response;
    json::array array;
    for (const auto& flaw : flaws) array.push_back(flaw_json("field", flaw.field, flaw.flaw));
    parsed->get_object()["flaws"] = std::move(array);
    response.body = json::serialize(*parsed);
    return response;
}

net::HttpResponse saved_answer(const registry::Saved& saved, int status) {
    if (!saved.entry) return flaws_answer(saved.flaws);
    return entry_answer(*saved.entry, false, status);
}

/// A version that was overtaken between look and write is the caller's to look at again.
net::HttpResponse library_problem(const Error& error) {
    if (error.fault() == Fault::busy) return problem("outdated", error.what());
    return problem_of(error);
}

/// {row} in force, or the version that the query names.
Task<Result<Entry>> entry_asked(Parts& parts, const Asking& asking) {
    const auto& entity = entity_asked(asking);
    const auto id = asking.parameters[0];
    if (auto good = registry::check_id(id); !good) co_return std::move(good).error();
    registry::Reference reference;
    reference.entity = &entity;
    reference.id = id;
    if (asking.query.contains("version")) {
        auto version = number_of(asking, "version", 1, UINT32_MAX, 1);
        if (!version) co_return std::move(version).error();
        reference.version = static_cast<std::uint32_t>(*version);
    }
    auto found = co_await parts.library->at(std::move(reference));
    if (!found) co_return std::move(found).error();
    if (!*found) co_return Error(Fault::gone, "no such " + std::string(entity.en) + " in force");
    co_return std::move(**found);
}

Result<json::object> fields_in(const Asking& asking) {
    auto body = body_of(asking);
    if (!body) return body;
    const auto* fields = object_at(*body, "fields");
    if (fields == nullptr) return Error(Fault::malformed, "fields: an object expected");
    return *fields;
}

json::object report_json(const registry::ImportReport& report) {
    json::array faults;
    for (const auto& fault : report.faults) {
        auto object = flaw_json("column", fault.column, fault.flaw);
        object["row"] = fault.row;
        faults.push_back(std::move(object));
    }
    return {{"id", report.id}, {"rows", report.rows}, {"good", report.good}, {"bad", report.bad}, {"faults", std::move(faults)}};
}

} // namespace

Task<net::HttpResponse> get_classes(Parts&, const Asking&) {
    json::array classes;
    for (const auto& entity : registry::all_entities()) {
        json::array fields;
        for (const auto& field : entity.fields)
            fields.push_back({{"name", field.name},
                              {"zh", field.zh},
                              {"en", field.en},
                              {"needed", field.needed},
                              {"choices", field.of_zh.empty() ? "" : field.of},
                              {"choices_zh", field.of_zh},
                              {"personal", field.shown != registry::Shown::openly},
                              {"masked", field.shown == registry::Shown::masked},
                              {"found_by", field.found_by || field.unique}});
        classes.push_back({{"class", entity.name}, {"route", entity.plural}, {"zh", entity.zh}, {"en", entity.en}, {"fields", std::move(fields)}});
    }
    json::object answer{{"classes", std::move(classes)}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> get_entries(Parts& parts, const Asking& asking) {
    const auto& entity = entity_asked(asking);
    auto look = look_of_asking(asking);
    if (!look) co_return problem_of(look.error());
    auto limit = number_of(asking, "limit", 1, page_entries_max, 100);
    if (!limit) co_return problem_of(limit.error());
    const std::string field(asking.value_of("field")), value(asking.value_of("value"));
    std::string beyond(asking.value_of("beyond"));
    const auto most = static_cast<std::size_t>(*limit);
    Result<std::vector<Entry>> entries = std::vector<Entry>();
    if (field.empty())
        entries = co_await parts.library->list(entity, std::move(beyond), most + 1);
    else
        entries = co_await parts.library->find(entity, field, value);
    if (!entries) co_return problem_of(entries.error());
    const bool has_more = entries->size() > most;
    if (has_more) entries->resize(most);
    auto noted = co_await note_reading(parts, asking, entity, *look, entries->size());
    if (!noted) co_return problem_of(noted.error());
    json::object answer;
    answer["entries"] = shown(*entries, look->reveals);
    answer["next"] = has_more && field.empty() ? json::value(entries->back().id) : json::value(nullptr);
    co_return json_answer(answer);
}

Task<net::HttpResponse> get_entry(Parts& parts, const Asking& asking) {
    auto look = look_of_asking(asking);
    if (!look) co_return problem_of(look.error());
    auto entry = co_await entry_asked(parts, asking);
    if (!entry) co_return problem_of(entry.error());
    auto noted = co_await note_reading(parts, asking, *entry->entity, *look, 1);
    if (!noted) co_return problem_of(noted.error());
    co_return entry_answer(*entry, look->reveals, 200);
}

Task<net::HttpResponse> get_versions(Parts& parts, const Asking& asking) {
    const auto& entity = entity_asked(asking);
    auto look = look_of_asking(asking);
    if (!look) co_return problem_of(look.error());
    auto versions = co_await parts.library->versions(entity, asking.parameters[0]);
    if (!versions) co_return problem_of(versions.error());
    if (versions->empty()) co_return problem("not-found", "there never was such a row");
    auto noted = co_await note_reading(parts, asking, entity, *look, versions->size());
    if (!noted) co_return problem_of(noted.error());
    json::object answer;
    answer["versions"] = shown(*versions, look->reveals);
    co_return json_answer(answer);
}

Task<net::HttpResponse> post_entry(Parts& parts, const Asking& asking) {
    const auto turn = co_await asking.desk.registry_turn.take(); // rules between rows hold from the look to the write
    const auto& entity = entity_asked(asking);
    auto fields = fields_in(asking);
    if (!fields) co_return problem_of(fields.error());
    std::string what(entity.plural);
    auto noted = co_await note_library(parts, asking, Kind::audit_changed, std::move(what), "", 1);
    if (!noted) co_return problem_of(noted.error());
    auto saved = co_await parts.library->add(entity, std::move(*fields), caller_of(asking));
    if (!saved) co_return library_problem(saved.error());
    co_return saved_answer(*saved, 201);
}

Task<net::HttpResponse> put_entry(Parts& parts, const Asking& asking) {
    const auto turn = co_await asking.desk.registry_turn.take();
    auto entry = co_await entry_asked(parts, asking);
    if (!entry) co_return problem_of(entry.error());
    if (auto outdated = refuse_outdated(asking, etag_of_entry(*entry))) co_return std::move(*outdated);
    auto fields = fields_in(asking);
    if (!fields) co_return problem_of(fields.error());
    std::string what(entry->entity->plural);
    auto noted = co_await note_library(parts, asking, Kind::audit_changed, std::move(what), "", 1);
    if (!noted) co_return problem_of(noted.error());
    auto saved = co_await parts.library->change(*entry->entity, entry->id, entry->version, std::move(*fields), caller_of(asking));
    if (!saved) co_return library_problem(saved.error());
    co_return saved_answer(*saved, 200);
}

Task<net::HttpResponse> delete_entry(Parts& parts, const Asking& asking) {
    const auto turn = co_await asking.desk.registry_turn.take();
    auto entry = co_await entry_asked(parts, asking);
    if (!entry) co_return problem_of(entry.error());
    if (auto outdated = refuse_outdated(asking, etag_of_entry(*entry))) co_return std::move(*outdated);
    std::string what(entry->entity->plural);
    auto noted = co_await note_library(parts, asking, Kind::audit_changed, std::move(what), "", 1);
    if (!noted) co_return problem_of(noted.error());
    auto ended = co_await parts.library->end(*entry->entity, entry->id, entry->version, caller_of(asking));
    if (!ended) co_return library_problem(ended.error());
    net::HttpResponse nothing;
    nothing.status = 204;
    co_return nothing;
}

Task<net::HttpResponse> get_about(Parts& parts, const Asking& asking) {
    auto look = look_of_asking(asking);
    if (!look) co_return problem_of(look.error());
    auto entries = co_await parts.library->about(asking.parameters[0]);
    if (!entries) co_return problem_of(entries.error());
    if (entries->empty()) co_return problem("not-found", "nothing is known of such a person");
    auto noted = co_await note_library(parts, asking, Kind::audit_exported, "all about one person", look->purpose, entries->size());
    if (!noted) co_return problem_of(noted.error());
    json::array array;
    for (const auto& entry : *entries) {
        auto object = registry::to_json(entry, true, look->reveals);
        object["class"] = entry.entity->name;
        array.push_back(std::move(object));
    }
    json::object answer;
    answer["entries"] = std::move(array);
    co_return json_answer(answer);
}

Task<net::HttpResponse> post_erase_person(Parts& parts, const Asking& asking) {
    const auto turn = co_await asking.desk.registry_turn.take();
    auto body = body_of(asking);
    if (!body) co_return problem_of(body.error());
    const auto order = text_at(*body, "order").value_or("");
    if (order.empty() || order.size() > erasure_order_bytes_max)
        co_return problem("malformed", "order: the document that the erasure rests on, at most 256 bytes");
    auto about = co_await parts.library->about(asking.parameters[0]);
    if (!about) co_return problem_of(about.error());
    if (about->empty()) co_return problem("not-found", "nothing is known of such a person");
    auto noted = co_await note_library(parts, asking, Kind::audit_changed, "erasure of a person", order, about->size());
    if (!noted) co_return problem_of(noted.error());
    auto erased = co_await parts.library->erase(asking.parameters[0], order);
    if (!erased) co_return problem_of(erased.error());
    json::object answer{
        {"rows", erased->rows}, {"records", erased->records}, {"pictures", erased->pictures}, {"kept", erased->kept}, {"position", erased->position}};
    co_return json_answer(answer);
}

template <class T>
static Task<T> in_pool(Parts& parts, std::function<T()> work) {
    if (parts.pool == nullptr) co_return work();
    co_return co_await run_on<T>(parts.loop, *parts.pool, std::move(work));
}

Task<net::HttpResponse> post_import(Parts& parts, const Asking& asking) {
    const auto turn = co_await asking.desk.registry_turn.take();
    auto entity = entity_named_by(asking.value_of("class"));
    if (!entity) co_return problem_of(entity.error());
    auto dry_run = flag_of(asking, "dry_run");
    if (!dry_run) co_return problem_of(dry_run.error());
    std::function<Result<registry::sheet::Table>()> reading = [body = asking.request.body] { return registry::sheet::read_table(body); };
    auto table = co_await in_pool<Result<registry::sheet::Table>>(parts, std::move(reading));
    if (!table) co_return problem_of(table.error());
    auto what = std::string(*dry_run ? "import, looked at: " : "import: ") + std::string((*entity)->plural);
    auto noted = co_await note_library(parts, asking, Kind::audit_changed, std::move(what), "", table->rows.size());
    if (!noted) co_return problem_of(noted.error());
    auto report = co_await registry::import_table(*parts.library, **entity, std::move(*table), *dry_run, caller_of(asking));
    if (!report) co_return library_problem(report.error());
    co_return json_answer(report_json(*report));
}

Task<net::HttpResponse> delete_import(Parts& parts, const Asking& asking) {
    const auto turn = co_await asking.desk.registry_turn.take();
    auto noted = co_await note_library(parts, asking, Kind::audit_changed, "import undone", "", 1);
    if (!noted) co_return problem_of(noted.error());
    auto undone = co_await registry::undo_import(*parts.library, asking.parameters[0], caller_of(asking));
    if (!undone) co_return undone.error().fault() == Fault::busy ? problem("refused", undone.error().what()) : problem_of(undone.error());
    json::object answer{{"ended", *undone}};
    co_return json_answer(answer);
}

Task<net::HttpResponse> get_export(Parts& parts, const Asking& asking) {
    auto entity = entity_named_by(asking.parameters[0]);
    if (!entity) co_return problem_of(entity.error());
    auto look = look_of_asking(asking);
    if (!look) co_return problem_of(look.error());
    const auto format = asking.value_of("format");
    if (!format.empty() && format != "csv" && format != "csv_gb18030" && format != "xlsx")
        co_return problem("malformed", "format: csv, csv_gb18030 or xlsx expected");
    const bool zh = asking.value_of("language") != "en";
    auto table = co_await registry::export_table(*parts.library, **entity, look->reveals, zh);
    if (!table) co_return problem_of(table.error());
    auto what = std::string((*entity)->plural) + (look->reveals ? ", numbers in full" : "");
    auto noted = co_await note_library(parts, asking, Kind::audit_exported, std::move(what), look->purpose, table->rows.size());
    if (!noted) co_return problem_of(noted.error());
    const bool is_gb = format == "csv_gb18030";
    const auto charset = is_gb ? registry::sheet::Charset::gb18030 : registry::sheet::Charset::utf8;
    std::function<Result<std::string>()> writing = [shared = std::make_shared<registry::sheet::Table>(std::move(*table)), is_xlsx = format == "xlsx",
                                                    charset]() -> Result<std::string> {
        if (is_xlsx) return registry::sheet::write_xlsx(*shared);
        return registry::sheet::write_csv(*shared, charset);
    };
    auto text = co_await in_pool<Result<std::string>>(parts, std::move(writing));
    if (!text) co_return problem_of(text.error());
    if (format == "xlsx") co_return text_answer(std::move(*text), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    co_return text_answer(std::move(*text), is_gb ? "text/csv; charset=gb18030" : "text/csv; charset=utf-8");
}

} // namespace gatehouse::console::inside
