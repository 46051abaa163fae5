// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/library.hpp"

#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"

#include <algorithm>

namespace gatehouse::registry {

namespace {

using validity::Flaw;

std::string sealed_to(std::string_view row_class, std::string_view id, std::uint32_t version) {
    return "library|" + std::string(row_class) + "|" + std::string(id) + "|" + std::to_string(version);
}

/// What is personal, and what is not.
std::pair<json::object, json::object> parted(const Entity& entity, const json::object& fields) {
    std::pair<json::object, json::object> parts;
    for (const auto& field : entity.fields)
        if (const auto found = fields.find(field.name); found != fields.end())
            (field.shown == Shown::openly ? parts.second : parts.first)[field.name] = found->value();
    return parts;
}

} // namespace

Library::Library(store::LibraryStore& rows, store::StoreAdmin& admin, const Registry& places, const store::SiteKeys& keys, Clock& clock,
                 Entropy& entropy, LibraryOptions options)
    : rows_(rows), admin_(admin), places_(places), field_key_(derive_key(keys.field, "resource library")),
      look_up_key_(derive_key(keys.hash, "resource library")), clock_(clock), entropy_(entropy), options_(options) {}

std::string Library::new_id() { return to_text(make_uuid_v7(clock_.now(), entropy_)); }

std::uint64_t Library::key_of(const Entity& entity, std::string_view field, std::string_view value) const {
    return keyed_hash(look_up_key_, std::string(entity.name) + "|" + std::string(field) + "|" + std::string(value));
}

std::vector<std::uint64_t> Library::keys_of(const Entity& entity, const json::object& fields, bool unique_only) const {
    std::vector<std::uint64_t> keys;
    for (const auto& field : entity.fields) {
        const auto value = text_at(fields, field.name);
        if (!value || !(field.unique || (field.found_by && !unique_only))) continue;
        // One number may be a card's and a PIN: they are two.
        const auto kind = entity.name == "credential" ? text_at(fields, "kind").value_or("") + "/" : std::string();
        keys.push_back(key_of(entity, field.name, kind + *value));
        if (!kind.empty() && !unique_only) keys.push_back(key_of(entity, field.name, *value));
    }
    // Who has the same name and the same phone is the same person.
    const auto name = text_at(fields, "name"), phone = text_at(fields, "phone");
    if (entity.name == "person" && name && phone) keys.push_back(key_of(entity, "name and phone", *name + "|" + *phone));
    return keys;
}

Record Library::change_record(const Entity& entity, const std::string& id, std::uint32_t version, std::string_view action, const By& by) const {
    Record record;
    record.kind = Kind::registry_changed;
    record.heard_at = clock_.now();
    record.clock = clock_.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    record.source = "gateway";
    record.facts = {{"what", entity.name}, {"action", action}, {"id", id}, {"version", version}, {"by_role", by.role}};
    if (!by.name.empty()) record.details["by"] = by.name;
    return record;
}

store::LibraryChange Library::change_of(const Draft& draft, const By& by) {
    const auto& entity = *draft.entity;
    store::LibraryChange change;
    change.row_class = entity.name;
    change.id = draft.id;
    change.builds_on = draft.builds_on;
    change.person = person_of(entity, draft.id, draft.fields);
    change.import = draft.import;
    const auto version = draft.builds_on + 1;
    const auto parts = parted(entity, draft.fields);
    if (!parts.first.empty()) {
        const auto plain = json::serialize(parts.first);
        const auto bound_to = sealed_to(entity.name, draft.id, version);
        change.personal = seal_secret(field_key_, as_bytes(plain), as_bytes(bound_to), entropy_);
    }
    change.body = json::serialize(parts.second);
    change.keys = keys_of(entity, draft.fields, false);
    change.unique_keys = keys_of(entity, draft.fields, true);
    change.record = change_record(entity, draft.id, version, draft.builds_on == 0 ? "added" : "changed", by);
    return change;
}

store::LibraryChange Library::end_of(const Entry& entry, const By& by) const {
    store::LibraryChange change;
    change.row_class = entry.entity->name;
    change.id = entry.id;
    change.builds_on = entry.version;
    change.ends = true;
    change.record = change_record(*entry.entity, entry.id, entry.version, "removed", by);
    return change;
}

Result<Entry> Library::open(const store::LibraryRow& row) const {
    Entry entry;
    entry.entity = entity_named(row.row_class);
    if (entry.entity == nullptr) return Error(Fault::damaged, "a row of no class: " + cut_utf8(row.row_class, 32));
    entry.id = row.id;
    entry.version = row.version;
    entry.from_position = row.from_position;
    entry.until_position = row.until_position;
    entry.valid_from = row.valid_from;
    entry.valid_to = row.valid_to;
    entry.import = row.import;
    entry.erased = row.erased;
    auto body = parse_json(row.body);
    if (!body || !body->is_object()) return Error(Fault::damaged, row.row_class + " " + row.id + " is no JSON object");
    entry.fields = std::move(body->get_object());
    if (row.personal.empty()) return entry;
    const auto bound_to = sealed_to(row.row_class, row.id, row.version);
    auto plain = open_secret(field_key_, row.personal, as_bytes(bound_to));
    if (!plain) return std::move(plain).error().during(row.row_class + " " + row.id);
    auto personal = parse_json(as_text(*plain));
    wipe(*plain);
    if (!personal || !personal->is_object()) return Error(Fault::damaged, row.row_class + " " + row.id + ": its personal part");
    for (const auto& member : personal->get_object()) entry.fields[member.key()] = member.value();
    return entry;
}

Task<Result<std::vector<Entry>>> Library::open_all(Result<std::vector<store::LibraryRow>> rows) const {
    if (!rows) co_return rows.error();
    std::vector<Entry> entries;
    entries.reserve(rows->size());
    InTurns turns(clock_, library_piece);
    for (const auto& row : *rows) {
        if (turns.is_up()) co_await turns.next();
        auto entry = open(row);
        if (!entry) co_return std::move(entry).error();
        entries.push_back(std::move(*entry));
    }
    co_return entries;
}

Task<Result<std::vector<Entry>>> Library::list(const Entity& entity, std::string after, std::size_t entries_max) {
    store::LibraryQuery query;
    query.row_class = entity.name;
    query.after = std::move(after);
    query.rows_max = entries_max;
    auto rows = co_await rows_.library_rows(std::move(query));
    auto opening = open_all(std::move(rows));
    co_return co_await std::move(opening);
}

Task<Result<std::vector<Entry>>> Library::versions(const Entity& entity, std::string id) {
    std::string row_class(entity.name);
    auto rows = co_await rows_.library_versions(std::move(row_class), std::move(id));
    auto opening = open_all(std::move(rows));
    co_return co_await std::move(opening);
}

Task<Result<std::vector<Entry>>> Library::about(std::string person) {
    auto rows = co_await rows_.library_about(std::move(person));
    auto opening = open_all(std::move(rows));
    co_return co_await std::move(opening);
}

Task<Result<std::vector<Entry>>> Library::of_import(std::string import) {
    auto rows = co_await rows_.library_of_import(std::move(import));
    auto opening = open_all(std::move(rows));
    co_return co_await std::move(opening);
}

Task<Result<std::optional<Entry>>> Library::at(Reference reference) {
    auto all = co_await versions(*reference.entity, reference.id);
    if (!all) co_return std::move(all).error();
    for (auto& entry : *all) {
        const bool is_it = reference.version ? entry.version == *reference.version : !entry.until_position.has_value();
        if (is_it) co_return std::optional<Entry>(std::move(entry));
    }
    co_return std::optional<Entry>();
}

Task<Result<std::vector<Entry>>> Library::find(const Entity& entity, std::string field, std::string value) {
    const auto* known = field_of(entity, field);
    if (known == nullptr || !(known->found_by || known->unique))
        co_return Error(Fault::unsupported, "no look-up of a " + std::string(entity.name) + " by this field");
    // In its plain form, as it was stored; numbers may be looked up although they are not asked for any more.
    std::vector<FieldFlaw> flaws;
    auto reading = rules();
    reading.takes_document_numbers = true;
    json::object given;
    given[field] = value;
    const auto fields = read_fields(entity, given, reading, flaws);
    const auto plain = text_at(fields, field);
    if (!plain) co_return Error(Fault::malformed, field + ": no such value can stand there");
    std::string row_class(entity.name);
    auto rows = co_await rows_.library_with_key(std::move(row_class), key_of(entity, field, *plain));
    auto opening = open_all(std::move(rows));
    co_return co_await std::move(opening);
}

bool Library::has_place(std::string_view of, const std::string& id) const {
    const auto found = places_.places().find(id);
    return found != places_.places().end() && (of == "place" || of == "place/" + found->second.kind);
}

Task<Result<bool>> Library::is_there(const Field& field, std::string id) {
    if (field.of.starts_with("place")) co_return has_place(field.of, id);
    Reference reference;
    reference.entity = entity_named(field.of);
    reference.id = std::move(id);
    auto found = co_await at(std::move(reference));
    if (!found) co_return std::move(found).error();
    co_return found->has_value();
}

Task<Done> Library::look_up_references(const Entity& entity, const json::object& fields, std::vector<FieldFlaw>& flaws) {
    for (const auto& field : entity.fields) {
        auto id = text_at(fields, field.name);
        if (field.type != FieldType::reference || !id) continue;
        auto there = co_await is_there(field, std::move(*id));
        if (!there) co_return std::move(there).error();
        if (!*there) flaws.push_back({std::string(field.name), Flaw::unknown_reference});
    }
    co_return Done();
}

Task<Result<Saved>> Library::save(Draft draft, std::vector<FieldFlaw> flaws, By by) {
    const auto& entity = *draft.entity;
    auto looked = co_await look_up_references(entity, draft.fields, flaws);
    if (!looked) co_return std::move(looked).error();
    if (flaws.empty()) {
        auto judged = co_await judge_rules(entity, draft.id, draft.fields, flaws);
        if (!judged) co_return std::move(judged).error();
    }
    Saved saved;
    saved.flaws = std::move(flaws);
    if (!saved.flaws.empty()) co_return saved;
    std::vector<store::LibraryChange> changes;
    changes.push_back(change_of(draft, by));
    if (entity.name == "consent" && draft.fields.contains("withdrawn_on")) {
        Entry consent;
        consent.entity = draft.entity;
        consent.id = draft.id;
        consent.fields = draft.fields;
        auto faces = co_await withdrawn_faces(consent, by);
        if (!faces) co_return std::move(faces).error();
        for (auto& face : *faces) changes.push_back(std::move(face));
    }
    auto rows = co_await rows_.change_library(std::move(changes));
    if (!rows) co_return rows.error();
    auto entry = open(rows->front());
    if (!entry) co_return std::move(entry).error();
    saved.entry = std::move(*entry);
    co_return saved;
}

Task<Result<Saved>> Library::add(const Entity& entity, json::object given, By by) {
    Draft draft;
    draft.entity = &entity;
    draft.id = new_id();
    std::vector<FieldFlaw> flaws;
    draft.fields = read_fields(entity, given, rules(), flaws);
    co_return co_await save(std::move(draft), std::move(flaws), std::move(by));
}

Task<Result<Saved>> Library::change(const Entity& entity, std::string id, std::uint32_t version, json::object given, By by) {
    Reference reference;
    reference.entity = &entity;
    reference.id = id;
    auto present = co_await at(std::move(reference));
    if (!present) co_return std::move(present).error();
    if (!*present) co_return Error(Fault::gone, std::string(entity.name) + " " + id + " is not in force");
    Draft draft;
    draft.entity = &entity;
    draft.id = std::move(id);
    draft.builds_on = version;
    std::vector<FieldFlaw> flaws;
    draft.fields = read_fields(entity, given, rules(), flaws);
    for (const auto& field : entity.fields) {
        const auto kept = (*present)->fields.find(field.name);
        if (field.shown != Shown::masked || given.contains(field.name) || kept == (*present)->fields.end()) continue;
        draft.fields[field.name] = kept->value();
        std::erase(flaws, FieldFlaw{std::string(field.name), Flaw::missing});
    }
    co_return co_await save(std::move(draft), std::move(flaws), std::move(by));
}

Task<Done> Library::end(const Entity& entity, std::string id, std::uint32_t version, By by) {
    Reference reference;
    reference.entity = &entity;
    reference.id = std::move(id);
    auto present = co_await at(std::move(reference));
    if (!present) co_return std::move(present).error();
    if (!*present) co_return Error(Fault::gone, std::string(entity.name) + " is not in force");
    (*present)->version = version;
    auto good = co_await may_end(**present);
    if (!good) co_return good;
    std::vector<store::LibraryChange> changes;
    changes.push_back(end_of(**present, by));
    if (entity.name == "consent") {
        auto faces = co_await withdrawn_faces(**present, by);
        if (!faces) co_return std::move(faces).error();
        for (auto& face : *faces) changes.push_back(std::move(face));
    }
    auto rows = co_await rows_.change_library(std::move(changes));
    if (!rows) co_return rows.error();
    co_return Done();
}

} // namespace gatehouse::registry
