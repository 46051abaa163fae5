// SPDX-License-Identifier: Apache-2.0
//
// The resource library (人车物事): adds, changes, ends, finds. Nothing of it lies in memory: what is personal is opened for the one who asks,
// and whoever asks writes the audit trail first. Lives on the loop.
#pragma once

#include "daemon/base/crypto.hpp"
#include "daemon/base/in_turns.hpp"
#include "daemon/registry/entry.hpp"
#include "daemon/registry/registry.hpp"
#include "daemon/store/admin.hpp"
#include "daemon/store/library.hpp"

#include <map>
#include <set>

namespace gatehouse::registry {

constexpr std::size_t library_piece = 32; ///< rows opened, judged or sealed before the rest of the loop has a turn: a millisecond or two

struct LibraryOptions {
    bool takes_document_numbers = false; ///< off unless a filing rule needs them
};

/// Either the entry as it stands now, or every flaw of what was given.
struct Saved {
    std::optional<Entry> entry;
    std::vector<FieldFlaw> flaws;
};

/// What an erasure did. `kept`: credentials' numbers and plates whose records stay, since somebody else holds them now.
struct ErasedPerson {
    std::uint64_t rows = 0, records = 0, pictures = 0, kept = 0;
    std::uint64_t position = 0; ///< of the last subject.erased
};

/// A row to be written: its class, fields already read, and what wrote it.
struct Draft {
    const Entity* entity = nullptr;
    std::string id;
    std::uint32_t builds_on = 0;
    json::object fields;
    std::string import;
};

class Library {
public:
    Library(store::LibraryStore& rows, store::StoreAdmin& admin, const Registry& places, const store::SiteKeys& keys, Clock& clock, Entropy& entropy,
            LibraryOptions options);

    Clock& clock() const { return clock_; }
    ReadingRules rules() const { return {site_day(clock_.now()), options_.takes_document_numbers}; }

    /// Fault::refused: something else in force has its number, or the gate's rules forbid it (the error says which).
    Task<Result<Saved>> add(const Entity& entity, json::object given, By by);
    /// The whole row anew. Absent masked fields stay, since nobody can send back what was shown masked; null takes them away.
    /// Fault::gone: not in force; busy: not at `version` any more.
    Task<Result<Saved>> change(const Entity& entity, std::string id, std::uint32_t version, json::object given, By by);
    Task<Done> end(const Entity& entity, std::string id, std::uint32_t version, By by);

    /// In force, ordered by id, those beyond `after`.
    Task<Result<std::vector<Entry>>> list(const Entity& entity, std::string after, std::size_t entries_max);
    /// None: never there. Without a version: the one in force.
    Task<Result<std::optional<Entry>>> at(Reference reference);
    Task<Result<std::vector<Entry>>> versions(const Entity& entity, std::string id);
    /// By a field with look-up, exactly; Fault::unsupported: it has none; malformed: no such value can stand there.
    Task<Result<std::vector<Entry>>> find(const Entity& entity, std::string field, std::string value);
    /// Everything about a person, in all versions: what they may ask to see.
    Task<Result<std::vector<Entry>>> about(std::string person);

    /// The personal part of every version about the person, and the log's records of person:ID and of what was theirs alone.
    Task<Result<ErasedPerson>> erase(std::string person, std::string order);

    // For imports: many rows in one commit.
    std::string new_id();
    store::LibraryChange change_of(const Draft& draft, const By& by);
    store::LibraryChange end_of(const Entry& entry, const By& by) const;
    std::vector<std::uint64_t> keys_of(const Entity& entity, const json::object& fields, bool unique_only) const;
    Task<Result<std::vector<store::LibraryRow>>> write(std::vector<store::LibraryChange> changes) { return rows_.change_library(std::move(changes)); }
    Task<Result<std::vector<Entry>>> of_import(std::string import);
    bool has_place(std::string_view of, const std::string& id) const;
    const Registry& places() const { return places_; }

private:
    Result<Entry> open(const store::LibraryRow& row) const;
    Task<Result<std::vector<Entry>>> open_all(Result<std::vector<store::LibraryRow>> rows) const;
    std::uint64_t key_of(const Entity& entity, std::string_view field, std::string_view value) const;
    Task<Result<bool>> is_there(const Field& field, std::string id);
    Task<Done> look_up_references(const Entity& entity, const json::object& fields, std::vector<FieldFlaw>& flaws);
    Task<Done> judge_consent(const json::object& fields, std::vector<FieldFlaw>& flaws);
    Task<Done> judge_credential(const std::string& id, const json::object& fields, std::vector<FieldFlaw>& flaws);
    Task<Done> judge_rules(const Entity& entity, const std::string& id, const json::object& fields, std::vector<FieldFlaw>& flaws);
    Task<Result<std::vector<Entry>>> in_force_about(std::string person, std::string_view class_name);
    Task<Done> may_end(const Entry& entry);
    Task<Result<std::vector<store::LibraryChange>>> withdrawn_faces(const Entry& consent, const By& by);
    /// In force with somebody else now.
    Task<Result<bool>> held_by_others(const std::string& person, const std::string& subject);
    Task<Result<std::vector<Entry>>> with_key(const Entity& entity, std::uint64_t key);
    Task<Result<Saved>> save(Draft draft, std::vector<FieldFlaw> flaws, By by);
    Record change_record(const Entity& entity, const std::string& id, std::uint32_t version, std::string_view action, const By& by) const;

    store::LibraryStore& rows_;
    store::StoreAdmin& admin_;
    const Registry& places_;
    Key field_key_;
    Key look_up_key_;
    Clock& clock_;
    Entropy& entropy_;
    LibraryOptions options_;
};

} // namespace gatehouse::registry
