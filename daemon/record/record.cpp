// SPDX-License-Identifier: Apache-2.0
#include "daemon/record/record.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse {

namespace {

constexpr std::array clock_names{std::string_view("synced"), std::string_view("unsynced"), std::string_view("skewed")};
constexpr std::array role_names{std::string_view("scene"), std::string_view("face"), std::string_view("plate")};

bool fits(const FieldSpec& field, const json::value& value) {
    switch (field.type) {
    case FieldType::text: return value.is_string();
    case FieldType::whole: return value.is_int64() || value.is_uint64();
    case FieldType::real: return value.is_number();
    case FieldType::flag: return value.is_bool();
    case FieldType::code: return value.is_string() && field.codes->has(value.get_string());
    case FieldType::list: return value.is_array();
    }
    return false;
}

Done check_fields(const KindSpec& spec, const json::object& object, bool personal) {
    for (const auto& member : object) {
        const auto* field = field_of(spec, member.key());
        const auto where = std::string(spec.name) + (personal ? ".details." : ".facts.") + std::string(member.key());
        if (field == nullptr || field->personal != personal) return Error(Fault::malformed, where + ": not in the kind's schema");
        if (!fits(*field, member.value())) return Error(Fault::malformed, where + ": does not fit its type");
    }
    return {};
}

} // namespace

std::string_view name_of(ClockState state) { return clock_names.at(static_cast<std::size_t>(state)); }
std::string_view name_of(PictureRole role) { return role_names.at(static_cast<std::size_t>(role)); }

std::optional<ClockState> clock_state_named(std::string_view name) {
    const auto found = std::find(clock_names.begin(), clock_names.end(), name);
    if (found == clock_names.end()) return std::nullopt;
    return static_cast<ClockState>(found - clock_names.begin());
}

std::optional<PictureRole> picture_role_named(std::string_view name) {
    const auto found = std::find(role_names.begin(), role_names.end(), name);
    if (found == role_names.end()) return std::nullopt;
    return static_cast<PictureRole>(found - role_names.begin());
}

Done check_record(const Record& record) {
    const auto& spec = spec_of(record.kind);
    if (auto facts = check_fields(spec, record.facts, false); !facts) return facts;
    if (auto details = check_fields(spec, record.details, true); !details) return details;
    const auto facts_text = json::serialize(record.facts);
    const auto details_text = json::serialize(record.details);
    const std::size_t body_bytes = facts_text.size() + details_text.size() + record.subject.size();
    if (body_bytes > record_body_bytes_max) return Error(Fault::full, "record body of " + std::to_string(body_bytes) + " bytes");
    if (record.source.empty() || record.source.size() > id_bytes_max || record.place.size() > id_bytes_max)
        return Error(Fault::malformed, "source or place empty or too long");
    if (!is_utf8(record.source) || !is_utf8(record.place) || !is_utf8(record.subject) || !is_utf8(facts_text) || !is_utf8(details_text))
        return Error(Fault::malformed, "text that is not UTF-8");
    if (record.pictures.size() > pictures_per_record_max) return Error(Fault::full, "too many pictures");
    for (const auto& picture : record.pictures)
        if (!picture.bytes || picture.bytes->empty() || picture.bytes->size() > picture_bytes_max)
            return Error(Fault::full, "picture empty or too large");
    if (record.device_key && record.same_as.empty()) return Error(Fault::malformed, "a device key without what makes the event the same");
    return {};
}

} // namespace gatehouse
