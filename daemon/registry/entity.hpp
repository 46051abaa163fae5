// SPDX-License-Identifier: Apache-2.0
//
// What the resource library holds, as tables: each class with its fields, what each field must be, and who may see it. Routes, commands,
// imports and exports are made from these tables. Source of classes and fields: compound-data, chapter 2; what is left out there is left out
// here: nothing on ethnicity, religion, politics, marriage, education, employer, and no label on a person.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::registry {

enum class FieldType {
    text,   ///< at most `most` bytes
    day,    ///< YYYY-MM-DD
    moment, ///< RFC 3339
    choice, ///< one of `of`
    flag,   ///< true or false
    whole,  ///< 1 to `most`
    plate,  ///< GA 36
    phone,
    document,  ///< number of a document; of an id_card by GB 11643
    credit,    ///< GB 32100
    area,      ///< GB/T 2260
    reference, ///< id of a row of the class `of`; "place" or "place/home": of the places, of that kind
    spans,     ///< "1-5 08:00-18:00; 6 09:00-12:00": weekdays from Monday on, and times
};

/// Fields are not personal unless they say so: what is personal is sealed with its row.
enum class Shown {
    openly, ///< not personal
    personal,
    masked, ///< personal, and all but its ends is hidden unless somebody states a purpose
};

struct Field {
    std::string_view name;
    std::string_view zh, en;
    FieldType type = FieldType::text;
    Shown shown = Shown::openly;
    bool needed = false;
    bool found_by = false; ///< exact look-up by a blind key
    bool unique = false;   ///< no two rows in force with the same; implies found_by
    std::string_view of = {};
    std::string_view of_zh = {}; ///< the choices in Chinese, in the same order
    std::uint32_t most = 64;
};

struct Entity {
    std::string_view name;   ///< "person": the row's class
    std::string_view plural; ///< "persons": the route's
    std::string_view zh, en;
    std::string_view about; ///< the field that names the person whom a row is about; "id": the row itself; empty: nobody
    std::span<const Field> fields;
};

std::span<const Entity> all_entities();
const Entity* entity_named(std::string_view name);
const Entity* entity_of_route(std::string_view plural);
const Field* field_of(const Entity& entity, std::string_view name);
/// Whether it has any field that is not shown openly.
bool is_personal(const Entity& entity);

} // namespace gatehouse::registry
