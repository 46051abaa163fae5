// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/import.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace gatehouse::registry {

namespace {

using sheet::Table;
using validity::Flaw;

constexpr std::size_t exported_rows_max = 20'000;

/// A column of the table: a field of the class, or of the residence that a person's table makes.
struct Column {
    std::string title;
    const Field* field = nullptr;
    bool of_residence = false;
};

const Field* titled(const Entity& entity, std::string_view title) {
    for (const auto& field : entity.fields)
        if (title == field.name || title == field.zh || same_but_case(title, field.en)) return &field;
    return nullptr;
}

bool is_for_residence(const Field& field) { return field.name == "home" || field.name == "relation"; }

/// What is in force, as references and numbers ask for it.
struct Known {
    std::unordered_set<std::uint64_t> taken;                              ///< unique keys of the class
    std::unordered_map<std::string, std::unordered_set<std::string>> ids; ///< class -> ids
    std::unordered_map<std::string, std::string> homes;                   ///< kind/name -> id; empty: more than one
    std::unordered_map<std::string, std::string> by_phone;                ///< phone -> person; empty: more than one
};

void note_name(std::unordered_map<std::string, std::string>& names, const std::string& name, const std::string& id) {
    if (const auto [first, is_new] = names.emplace(name, id); !is_new && first->second != id) first->second.clear();
}

Task<Done> learn_class(Library& library, const Entity& entity, Known& known) {
    auto entries = co_await library.list(entity, "", exported_rows_max);
    if (!entries) co_return std::move(entries).error();
    auto& ids = known.ids[std::string(entity.name)];
    InTurns turns(library.clock(), library_piece);
    for (const auto& entry : *entries) {
        if (turns.is_up()) co_await turns.next();
        ids.insert(entry.id);
        if (entity.name != "person") continue;
        if (const auto phone = text_at(entry.fields, "phone")) note_name(known.by_phone, *phone, entry.id);
    }
    co_return Done();
}

Task<Result<Known>> learn(Library& library, const Entity& entity) {
    Known known;
    auto entries = co_await library.list(entity, "", exported_rows_max);
    if (!entries) co_return std::move(entries).error();
    InTurns turns(library.clock(), library_piece);
    for (const auto& entry : *entries) {
        if (turns.is_up()) co_await turns.next();
        for (const auto key : library.keys_of(entity, entry.fields, true)) known.taken.insert(key);
    }
    for (const auto& field : entity.fields) {
        const auto* of = field.type == FieldType::reference ? entity_named(field.of) : nullptr;
        if (of == nullptr || known.ids.contains(std::string(of->name))) continue;
        auto learned = co_await learn_class(library, *of, known);
        if (!learned) co_return std::move(learned).error();
    }
    for (const auto& [id, place] : library.places().places()) {
        note_name(known.homes, "place/" + place.kind + "|" + place.name, id);
        note_name(known.homes, "place|" + place.name, id);
    }
    co_return known;
}

/// The id that a cell means; none: nothing, or more than one.
std::optional<std::string> resolved(const Library& library, const Known& known, const Field& field, const std::string& given) {
    if (field.of.starts_with("place")) {
        if (library.has_place(field.of, given)) return given;
        const auto found = known.homes.find(std::string(field.of) + "|" + given);
        if (found == known.homes.end() || found->second.empty()) return std::nullopt;
        return found->second;
    }
    const auto ids = known.ids.find(std::string(field.of));
    if (ids != known.ids.end() && ids->second.contains(given)) return given;
    if (field.of != "person") return std::nullopt;
    const auto found = known.by_phone.find(given);
    if (found == known.by_phone.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

/// One table on its way in.
class Reading {
public:
    Reading(Library& library, const Entity& entity, const Known& known, By by)
        : library_(library), entity_(entity), known_(known), by_(std::move(by)), rules_(library.rules()) {}

    /// Fault::malformed: nothing of the table can be read.
    Done read_heading(const std::vector<std::string>& heading) {
        for (const auto& title : heading) {
            Column column{title, titled(entity_, title), false};
            if (column.field == nullptr && entity_.name == "person") {
                const auto* field = titled(*entity_named("residence"), title);
                if (field != nullptr && is_for_residence(*field)) column = {title, field, true};
            }
            if (column.field == nullptr && !title.empty()) faults_.push_back({1, title, Flaw::unknown_column});
            columns_.push_back(std::move(column));
        }
        for (std::size_t i = 0; i < columns_.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (columns_[i].field != nullptr && columns_[i].field == columns_[j].field) faults_.push_back({1, columns_[i].title, Flaw::doubled});
        if (std::none_of(columns_.begin(), columns_.end(), [](const Column& column) { return column.field != nullptr; }))
            return Error(Fault::malformed, "no column of the heading is one of this table");
        return {};
    }

    void read_row(const Table::Row& row) {
        const auto before = faults_.size();
        json::object given, residence;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const auto& column = columns_[i];
            if (column.field == nullptr || row.cells[i].empty()) continue;
            auto cell = row.cells[i];
            if (column.field->type == FieldType::reference) {
                auto id = resolved(library_, known_, *column.field, cell);
                if (!id) {
                    faults_.push_back({row.number, column.title, Flaw::unknown_reference});
                    cell = "?"; // its own fault is told; that it is missing is not another
                } else {
                    cell = std::move(*id);
                }
            }
            (column.of_residence ? residence : given)[column.field->name] = cell;
        }
        Draft draft;
        draft.entity = &entity_;
        draft.id = library_.new_id();
        std::vector<FieldFlaw> flaws;
        draft.fields = read_fields(entity_, given, rules_, flaws);
        tell(row.number, entity_, flaws);
        // A number that is none is told once, not as somebody else's too.
        auto sound = draft.fields;
        for (const auto& flaw : flaws) sound.erase(flaw.field);
        claim(row.number, sound);
        std::optional<Draft> home;
        if (!residence.empty()) home = read_residence(row.number, draft.id, std::move(residence));
        if (faults_.size() != before) {
            ++bad_;
            return;
        }
        ++good_;
        drafts_.push_back(std::move(draft));
        if (home) drafts_.push_back(std::move(*home));
    }

    Task<std::vector<store::LibraryChange>> changes(std::string import) {
        std::vector<store::LibraryChange> made;
        made.reserve(drafts_.size());
        InTurns turns(library_.clock(), library_piece);
        for (auto& draft : drafts_) {
            if (turns.is_up()) co_await turns.next();
            draft.import = import;
            made.push_back(library_.change_of(draft, by_));
        }
        co_return made;
    }

    ImportReport report() && {
        ImportReport made;
        made.good = good_;
        made.bad = bad_;
        made.rows = good_ + bad_;
        made.faults = std::move(faults_);
        return made;
    }

private:
    std::string title_of(const Entity& entity, const std::string& field) const {
        for (const auto& column : columns_)
            if (column.field != nullptr && column.field->name == field && column.of_residence == (&entity != &entity_)) return column.title;
        const auto* known = field_of(entity, field);
        return known == nullptr ? field : std::string(known->zh);
    }

    void tell(std::size_t row, const Entity& entity, const std::vector<FieldFlaw>& flaws) {
        for (const auto& flaw : flaws) {
            CellFault fault{row, title_of(entity, flaw.field), flaw.flaw};
            // A reference that was not found is malformed too: once is enough.
            const bool is_told =
                std::any_of(faults_.rbegin(), faults_.rend(), [&](const CellFault& told) { return told.row == row && told.column == fault.column; });
            if (!is_told) faults_.push_back(std::move(fault));
        }
    }

    /// Numbers that must be one row's alone: taken by what is in force, or by a row before.
    void claim(std::size_t row, const json::object& fields) {
        for (const auto key : library_.keys_of(entity_, fields, true)) {
            const bool is_taken = known_.taken.contains(key);
            if (!is_taken && claimed_.insert(key).second) continue;
            faults_.push_back({row, title_of_key(fields, key), is_taken ? Flaw::taken : Flaw::doubled});
        }
    }

    std::string title_of_key(const json::object& fields, std::uint64_t key) const {
        for (const auto& field : entity_.fields) {
            const auto found = fields.find(field.name);
            if (!field.unique || found == fields.end()) continue;
            json::object one;
            one[field.name] = found->value();
            if (const auto kind = fields.find("kind"); kind != fields.end()) one["kind"] = kind->value();
            const auto keys = library_.keys_of(entity_, one, true);
            if (std::find(keys.begin(), keys.end(), key) != keys.end()) return title_of(entity_, std::string(field.name));
        }
        return title_of(entity_, "name"); // name and phone together
    }

    std::optional<Draft> read_residence(std::size_t row, const std::string& person, json::object given) {
        const auto& entity = *entity_named("residence");
        given["person"] = person;
        Draft draft;
        draft.entity = &entity;
        draft.id = library_.new_id();
        std::vector<FieldFlaw> flaws;
        draft.fields = read_fields(entity, given, rules_, flaws);
        tell(row, entity, flaws);
        if (!flaws.empty()) return std::nullopt;
        return draft;
    }

    Library& library_;
    const Entity& entity_;
    const Known& known_;
    By by_;
    ReadingRules rules_;
    std::vector<Column> columns_;
    std::vector<CellFault> faults_;
    std::vector<Draft> drafts_;
    std::unordered_set<std::uint64_t> claimed_;
    std::size_t good_ = 0, bad_ = 0;
};

std::string in_chinese_of(const Field& field, std::string_view word) {
    auto words = field.of, chinese = field.of_zh;
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size()), end_zh = std::min(chinese.find(' '), chinese.size());
        if (words.substr(0, end) == word) return std::string(chinese.substr(0, end_zh));
        words.remove_prefix(std::min(end + 1, words.size()));
        chinese.remove_prefix(std::min(end_zh + 1, chinese.size()));
    }
    return std::string(word);
}

std::string exported_cell(const Field& field, const json::object& shown, bool zh) {
    const auto found = shown.find(field.name);
    if (found == shown.end()) return {};
    const auto& value = found->value();
    if (value.is_bool()) return value.get_bool() ? (zh ? "是" : "yes") : (zh ? "否" : "no");
    if (!value.is_string()) return json::serialize(value);
    const std::string text(value.get_string());
    return zh && field.type == FieldType::choice ? in_chinese_of(field, text) : text;
}

} // namespace

Task<Result<ImportReport>> import_table(Library& library, const Entity& entity, Table table, bool dry_run, By by) {
    if (entity.name == "credential" || entity.name == "consent")
        co_return Error(Fault::unsupported, "credentials and consents are registered one by one: what holds between them is asked of each");
    if (table.rows.size() > import_rows_max) co_return Error(Fault::full, "more than 10,000 rows in one table: cut it");
    auto known = co_await learn(library, entity);
    if (!known) co_return std::move(known).error();
    Reading reading(library, entity, *known, std::move(by));
    if (auto good = reading.read_heading(table.heading); !good) co_return std::move(good).error();
    InTurns turns(library.clock(), library_piece);
    for (const auto& row : table.rows) {
        if (turns.is_up()) co_await turns.next();
        reading.read_row(row);
    }
    const auto import = library.new_id();
    std::vector<store::LibraryChange> changes;
    if (!dry_run) changes = co_await reading.changes(import);
    auto report = std::move(reading).report();
    if (changes.empty()) co_return report;
    const auto rows = co_await library.write(std::move(changes));
    if (!rows) co_return rows.error();
    report.id = import;
    report.position = rows->back().from_position;
    co_return report;
}

Task<Result<std::size_t>> undo_import(Library& library, std::string import, By by) {
    auto entries = co_await library.of_import(import);
    if (!entries) co_return std::move(entries).error();
    if (entries->empty()) co_return Error(Fault::gone, "no such import");
    std::vector<store::LibraryChange> ends;
    std::size_t changed = 0;
    for (const auto& entry : *entries) {
        if (entry.until_position) {
            ++changed;
            continue;
        }
        if (entry.entity->about == "id") {
            auto about = co_await library.about(entry.id);
            if (!about) co_return std::move(about).error();
            for (const auto& other : *about)
                if (!other.until_position && other.import != import) ++changed;
        }
        ends.push_back(library.end_of(entry, by));
    }
    if (ends.empty()) co_return Error(Fault::gone, "this import was undone already");
    if (changed > 0) co_return Error(Fault::busy, std::to_string(changed) + " rows of this import were changed or built upon since");
    const auto count = ends.size();
    const auto rows = co_await library.write(std::move(ends));
    if (!rows) co_return rows.error();
    co_return count;
}

Task<Result<Table>> export_table(Library& library, const Entity& entity, bool reveals, bool zh) {
    auto entries = co_await library.list(entity, "", exported_rows_max);
    if (!entries) co_return std::move(entries).error();
    Table table;
    for (const auto& field : entity.fields) table.heading.emplace_back(zh ? field.zh : field.name);
    InTurns turns(library.clock(), library_piece);
    for (const auto& entry : *entries) {
        if (turns.is_up()) co_await turns.next();
        Table::Row row;
        row.number = table.rows.size() + 2;
        const auto shown = to_json(entry, true, reveals);
        for (const auto& field : entity.fields) row.cells.push_back(exported_cell(field, shown, zh));
        table.rows.push_back(std::move(row));
    }
    co_return table;
}

} // namespace gatehouse::registry
