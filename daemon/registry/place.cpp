// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/place.hpp"

#include "daemon/base/clock.hpp"
#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace gatehouse::registry {

namespace {

constexpr std::array place_kinds{std::string_view("compound"), std::string_view("building"), std::string_view("unit"),
                                 std::string_view("home"),     std::string_view("gate"),     std::string_view("lane"),
                                 std::string_view("door"),     std::string_view("view"),     std::string_view("room")};
constexpr std::array datums{std::string_view("CGCS2000"), std::string_view("WGS84"), std::string_view("GCJ02")};
constexpr std::size_t name_bytes_max = 128;

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

void put_text(json::object& into, std::string_view key, const std::string& value) {
    if (!value.empty()) into[key] = value;
}

Result<std::string> short_text(const json::object& from, std::string_view key, std::size_t bytes_max) {
    auto text = text_at(from, key).value_or("");
    if (text.size() > bytes_max) return Error(Fault::malformed, std::string(key) + ": longer than " + std::to_string(bytes_max) + " bytes");
    return text;
}

Result<std::string> digits(const json::object& from, std::string_view key, std::size_t count) {
    auto text = text_at(from, key).value_or("");
    if (!text.empty() && (text.size() != count || !all_digits(text)))
        return Error(Fault::malformed, std::string(key) + ": " + std::to_string(count) + " digits expected");
    return text;
}

Result<std::optional<double>> degrees(const json::object& from, std::string_view key, double bound) {
    const auto value = real_at(from, key);
    if (value && !(*value >= -bound && *value <= bound))
        return Error(Fault::malformed, std::string(key) + ": beyond " + std::to_string(bound) + " degrees");
    return value;
}

} // namespace

void write_identity(json::object& into, const NationalIdentity& identity) {
    put_text(into, "national_id", identity.national_id);
    put_text(into, "police_unit", identity.police_unit);
    put_text(into, "area", identity.area);
    put_text(into, "address_code", identity.address_code);
    if (identity.longitude) into["longitude"] = *identity.longitude;
    if (identity.latitude) into["latitude"] = *identity.latitude;
    put_text(into, "datum", identity.datum);
    put_text(into, "direction", identity.direction);
    if (identity.indoor) into["indoor"] = *identity.indoor;
    put_text(into, "installed_on", identity.installed_on);
    put_text(into, "keeper", identity.keeper);
}

Result<NationalIdentity> read_identity(const json::object& from) {
    NationalIdentity identity;
    struct Member {
        std::string_view key;
        std::size_t size;
        bool digits;
        std::string& into;
    };
    for (const auto& field : {Member{"national_id", 20, true, identity.national_id}, Member{"police_unit", 12, true, identity.police_unit},
                              Member{"area", 6, true, identity.area}, Member{"address_code", 64, false, identity.address_code},
                              Member{"datum", 16, false, identity.datum}, Member{"direction", 16, false, identity.direction},
                              Member{"installed_on", 10, false, identity.installed_on}, Member{"keeper", 128, false, identity.keeper}}) {
        auto text = field.digits ? digits(from, field.key, field.size) : short_text(from, field.key, field.size);
        if (!text) return std::move(text).error();
        field.into = std::move(*text);
    }
    if (!identity.datum.empty() && std::find(datums.begin(), datums.end(), identity.datum) == datums.end())
        return Error(Fault::malformed, "datum: CGCS2000, WGS84 or GCJ02 expected");
    if (!identity.installed_on.empty() && !parse_time(identity.installed_on + "T00:00:00Z"))
        return Error(Fault::malformed, "installed_on: YYYY-MM-DD expected");
    auto longitude = degrees(from, "longitude", 180);
    if (!longitude) return std::move(longitude).error();
    auto latitude = degrees(from, "latitude", 90);
    if (!latitude) return std::move(latitude).error();
    identity.longitude = *longitude;
    identity.latitude = *latitude;
    identity.indoor = bool_at(from, "indoor");
    return identity;
}

Done check_id(std::string_view id) {
    const bool fits = !id.empty() && id.size() <= 64 &&
                      std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; });
    if (!fits) return Error(Fault::malformed, "id '" + cut_utf8(id, 64) + "': 1 to 64 letters, digits, '-', '_' or '.' expected");
    return {};
}

json::object to_json(const Place& place) {
    json::object object{{"id", place.id}, {"kind", place.kind}, {"name", place.name}};
    put_text(object, "parent", place.parent);
    put_text(object, "plan", place.plan);
    if (place.plan_x) object["plan_x"] = *place.plan_x;
    if (place.plan_y) object["plan_y"] = *place.plan_y;
    write_identity(object, place.identity);
    return object;
}

Result<Place> read_place(const json::object& from) {
    Place place;
    place.id = text_at(from, "id").value_or("");
    if (auto good = check_id(place.id); !good) return std::move(good).error();
    place.kind = text_at(from, "kind").value_or("");
    if (std::find(place_kinds.begin(), place_kinds.end(), place.kind) == place_kinds.end())
        return Error(Fault::malformed, "place " + place.id + ": kind '" + cut_utf8(place.kind, 32) + "' is none of ours");
    auto name = short_text(from, "name", name_bytes_max);
    if (!name) return std::move(name).error().during("place " + place.id);
    place.name = std::move(*name);
    place.parent = text_at(from, "parent").value_or("");
    if (!place.parent.empty())
        if (auto good = check_id(place.parent); !good) return std::move(good).error().during("place " + place.id + ", parent");
    auto plan = short_text(from, "plan", name_bytes_max);
    if (!plan) return std::move(plan).error().during("place " + place.id);
    place.plan = std::move(*plan);
    place.plan_x = real_at(from, "plan_x");
    place.plan_y = real_at(from, "plan_y");
    const auto is_on_it = [](const std::optional<double>& at) { return !at || (*at >= 0 && *at <= 1); };
    if (place.plan_x.has_value() != place.plan_y.has_value() || !is_on_it(place.plan_x) || !is_on_it(place.plan_y))
        return Error(Fault::malformed, "place " + place.id + ": plan_x and plan_y are from 0 to 1, both or none");
    auto identity = read_identity(from);
    if (!identity) return std::move(identity).error().during("place " + place.id);
    place.identity = std::move(*identity);
    return place;
}

} // namespace gatehouse::registry
