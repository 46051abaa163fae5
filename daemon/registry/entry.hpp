// SPDX-License-Identifier: Apache-2.0
//
// One row of the resource library as values: read by its entity's table, every flaw of it at once, and shown masked.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/json.hpp"
#include "daemon/registry/entity.hpp"
#include "daemon/registry/validity/flaw.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::registry {

/// What is wrong with one field. The value is never repeated: it may be somebody's number.
struct FieldFlaw {
    std::string field;
    validity::Flaw flaw = validity::Flaw::none;
    friend bool operator==(const FieldFlaw&, const FieldFlaw&) = default;
};

struct Entry {
    const Entity* entity = nullptr;
    std::string id;
    std::uint32_t version = 0;
    json::object fields; ///< in their plain form; absent: not known
    std::uint64_t from_position = 0;
    std::optional<std::uint64_t> until_position;
    Time valid_from{};
    std::optional<Time> valid_to;
    std::string import;
    bool erased = false;
};

struct ReadingRules {
    std::string today; ///< YYYY-MM-DD at the site
    bool takes_document_numbers = false;
};

/// The site's day: China has one time zone and no summer time.
std::string site_day(Time now);

/// The fields in their plain form; what is wrong with any of them goes to `flaws`. References are not looked up here. Null counts as absent.
json::object read_fields(const Entity& entity, const json::object& from, const ReadingRules& rules, std::vector<FieldFlaw>& flaws);

/// The person whom the row is about; empty: nobody.
std::string person_of(const Entity& entity, const std::string& id, const json::object& fields);

/// "138****5678", "3301**********001X": three in front and four behind; of short ones less.
std::string masked(std::string_view number);

/// id, version, valid_from, valid_to and fields. Masked fields are masked unless `reveals`; personal ones are there only with `personal`.
json::object to_json(const Entry& entry, bool personal, bool reveals);

/// "person:ID@3" for an entry's version.
std::string reference_of(const Entry& entry);
struct Reference {
    const Entity* entity = nullptr;
    std::string id;
    std::optional<std::uint32_t> version; ///< none: the one in force
};
/// Fault::malformed: no such class, no id, no version.
Result<Reference> parse_reference(std::string_view text);

} // namespace gatehouse::registry
