// SPDX-License-Identifier: Apache-2.0
//
// What holds between rows: face needs its consent and never stands alone, and erasing a person leaves nothing of theirs.
#include "daemon/registry/library.hpp"

#include <algorithm>

namespace gatehouse::registry {

namespace {

using validity::Flaw;

constexpr int guardian_years = 14; ///< PIPL 31: under 14 the guardian consents

bool is_face(const Entry& credential) { return text_at(credential.fields, "kind") == "face"; }

/// YYYY-MM-DD is compared as text: `years` after `born`.
bool is_younger(const std::string& born, const std::string& today, int years) {
    const auto year = std::to_string(std::stoi(born.substr(0, 4)) + years);
    return today < year + born.substr(4);
}

std::string doors_of(const Entry& credential) { return text_at(credential.fields, "doors").value_or(""); }

} // namespace

Task<Result<std::vector<Entry>>> Library::in_force_about(std::string person, std::string_view class_name) {
    auto all = co_await about(std::move(person));
    if (!all) co_return std::move(all).error();
    std::vector<Entry> found;
    for (auto& entry : *all)
        if (!entry.until_position && entry.entity->name == class_name) found.push_back(std::move(entry));
    co_return found;
}

Task<Done> Library::judge_consent(const json::object& fields, std::vector<FieldFlaw>& flaws) {
    Reference reference;
    reference.entity = entity_named("person");
    reference.id = text_at(fields, "person").value_or("");
    auto person = co_await at(std::move(reference));
    if (!person) co_return std::move(person).error();
    if (!*person || fields.contains("guardian")) co_return Done();
    const auto born = text_at((*person)->fields, "born");
    if (born && is_younger(*born, rules().today, guardian_years)) flaws.push_back({"guardian", Flaw::missing});
    co_return Done();
}

Task<Done> Library::judge_credential(const std::string& id, const json::object& fields, std::vector<FieldFlaw>& flaws) {
    const auto kind = text_at(fields, "kind").value_or("");
    const auto person_id = text_at(fields, "person").value_or("");
    auto mine = co_await in_force_about(person_id, "credential");
    if (!mine) co_return std::move(mine).error();
    const auto doors = text_at(fields, "doors").value_or("");
    const auto is_other = [&](const Entry& entry, bool face) { return entry.id != id && is_face(entry) == face && doors_of(entry) == doors; };
    // One that changes doors, holder or kind may have been the way in besides face where it was.
    Reference present_at;
    present_at.entity = entity_named("credential");
    present_at.id = id;
    auto present = co_await at(std::move(present_at));
    if (!present) co_return std::move(present).error();
    const bool leaves = *present && (kind == "face" || doors_of(**present) != doors || text_at((*present)->fields, "person") != person_id);
    if (leaves) {
        auto good = co_await may_end(**present);
        if (!good) co_return good;
    }
    if (kind != "face") {
        if (!fields.contains("number")) flaws.push_back({"number", Flaw::missing});
        co_return Done();
    }
    if (fields.contains("number")) flaws.push_back({"number", Flaw::contradicts});
    Reference consent_at;
    consent_at.entity = entity_named("consent");
    consent_at.id = text_at(fields, "consent").value_or("");
    if (consent_at.id.empty()) {
        flaws.push_back({"consent", Flaw::missing});
        co_return Done();
    }
    auto consent = co_await at(std::move(consent_at));
    if (!consent) co_return std::move(consent).error();
    const bool is_given = *consent && text_at((*consent)->fields, "person") == person_id && text_at((*consent)->fields, "to_what") == "face" &&
                          !(*consent)->fields.contains("withdrawn_on");
    if (!is_given) flaws.push_back({"consent", Flaw::contradicts});
    Reference person_at;
    person_at.entity = entity_named("person");
    person_at.id = person_id;
    auto person = co_await at(std::move(person_at));
    if (!person) co_return std::move(person).error();
    if (*person && bool_at((*person)->fields, "no_face").value_or(false)) flaws.push_back({"kind", Flaw::contradicts});
    if (std::none_of(mine->begin(), mine->end(), [&](const Entry& entry) { return is_other(entry, false); }))
        co_return Error(Fault::refused, "face is never the only way in: give this person a card, PIN or QR for the same doors first");
    co_return Done();
}

Task<Done> Library::judge_rules(const Entity& entity, const std::string& id, const json::object& fields, std::vector<FieldFlaw>& flaws) {
    if (entity.name == "consent") co_return co_await judge_consent(fields, flaws);
    if (entity.name == "credential") co_return co_await judge_credential(id, fields, flaws);
    co_return Done();
}

Task<Done> Library::may_end(const Entry& entry) {
    if (entry.entity->name != "credential" || is_face(entry)) co_return Done();
    auto mine = co_await in_force_about(text_at(entry.fields, "person").value_or(""), "credential");
    if (!mine) co_return std::move(mine).error();
    const auto counts = [&](bool face) {
        return std::count_if(mine->begin(), mine->end(), [&](const Entry& other) {
            return other.id != entry.id && is_face(other) == face && doors_of(other) == doors_of(entry);
        });
    };
    if (counts(true) > 0 && counts(false) == 0)
        co_return Error(Fault::refused, "face would be the only way in at these doors: end it first, or give this person another one");
    co_return Done();
}

Task<Result<std::vector<store::LibraryChange>>> Library::withdrawn_faces(const Entry& consent, const By& by) {
    auto mine = co_await in_force_about(text_at(consent.fields, "person").value_or(""), "credential");
    if (!mine) co_return std::move(mine).error();
    std::vector<store::LibraryChange> ends;
    for (const auto& entry : *mine)
        if (is_face(entry) && text_at(entry.fields, "consent") == consent.id) ends.push_back(end_of(entry, by));
    co_return ends;
}

Task<Result<ErasedPerson>> Library::erase(std::string person, std::string order) {
    auto rows = co_await about(person);
    if (!rows) co_return std::move(rows).error();
    ErasedPerson erased;
    std::set<std::string> subjects;
    for (const auto& entry : *rows) {
        const auto number = text_at(entry.fields, "number");
        const auto kind = text_at(entry.fields, "kind").value_or("");
        if (entry.entity->name == "credential" && number && (kind == "card" || kind == "id_card")) subjects.insert("card:" + *number);
        if (entry.entity->name == "credential" && number && kind == "plate") subjects.insert("plate:" + *number);
        if (const auto plate = text_at(entry.fields, "plate")) subjects.insert("plate:" + *plate);
    }
    // The person last: the library's rows go with it, and until they are gone a cut in between is made good by asking again.
    std::vector<std::string> order_of(subjects.begin(), subjects.end());
    order_of.push_back("person:" + person);
    for (const auto& subject : order_of) {
        auto others = co_await held_by_others(person, subject);
        if (!others) co_return std::move(others).error();
        if (*others) {
            ++erased.kept;
            continue;
        }
        auto one = co_await admin_.erase_subject(subject, order);
        if (!one) co_return std::move(one).error();
        erased.rows += one->library_rows;
        erased.records += one->records;
        erased.pictures += one->pictures;
        erased.position = one->position;
    }
    co_return erased;
}

Task<Result<bool>> Library::held_by_others(const std::string& person, const std::string& subject) {
    const auto number = subject.substr(subject.find(':') + 1);
    if (subject.starts_with("person:")) co_return false;
    const auto held = [&](const Result<std::vector<Entry>>& found) {
        return std::any_of(found->begin(), found->end(),
                           [&](const Entry& entry) { return person_of(*entry.entity, entry.id, entry.fields) != person; });
    };
    const auto& vehicle = *entity_named("vehicle");
    const auto& credential = *entity_named("credential");
    if (subject.starts_with("plate:")) {
        auto vehicles = co_await with_key(vehicle, key_of(vehicle, "plate", number));
        if (!vehicles) co_return std::move(vehicles).error();
        if (held(vehicles)) co_return true;
    }
    auto credentials = co_await with_key(credential, key_of(credential, "number", number));
    if (!credentials) co_return std::move(credentials).error();
    co_return held(credentials);
}

Task<Result<std::vector<Entry>>> Library::with_key(const Entity& entity, std::uint64_t key) {
    std::string row_class(entity.name);
    auto rows = co_await rows_.library_with_key(std::move(row_class), key);
    auto opening = open_all(std::move(rows));
    co_return co_await std::move(opening);
}

} // namespace gatehouse::registry
