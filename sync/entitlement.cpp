// SPDX-License-Identifier: Apache-2.0
#include "sync/entitlement.hpp"

#include "daemon/base/expects.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::sync {

namespace {

constexpr std::array grounds{std::string_view("law"), std::string_view("regulation"), std::string_view("consent"), std::string_view("order"),
                             std::string_view("agreement")};
constexpr auto china_ahead_of_utc = std::chrono::hours(8);

bool fits(std::string_view pattern, std::string_view name) {
    if (pattern == "*" || pattern == name) return true;
    return pattern.ends_with(".*") && name.starts_with(pattern.substr(0, pattern.size() - 1));
}

bool any_fits(const std::vector<std::string>& patterns, std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return fits(pattern, name); });
}

std::optional<Time> midnight_utc(std::string_view day) {
    if (day.size() != 10) return std::nullopt;
    const auto time = parse_time(std::string(day) + "T00:00:00Z");
    if (!time) return std::nullopt;
    return *time;
}

std::optional<Time> end_of(const Basis& basis) {
    const auto day = midnight_utc(basis.end);
    if (!day) return std::nullopt;
    return *day + std::chrono::hours(24) - china_ahead_of_utc;
}

bool is_complete(const Basis& basis) {
    return !basis.document.empty() && !basis.issuer.empty() && midnight_utc(basis.date) && midnight_utc(basis.end);
}

json::object to_object(const Basis& basis) {
    json::object object;
    object["ground"] = basis.ground;
    object["document"] = basis.document;
    object["issuer"] = basis.issuer;
    object["date"] = basis.date;
    object["end"] = basis.end;
    return object;
}

json::array to_array(const std::vector<std::string>& texts) {
    json::array array;
    for (const auto& text : texts) array.emplace_back(text);
    return array;
}

Result<Basis> parse_basis(const json::object& object, const std::string& where) {
    Basis basis;
    for (const auto& [name, value] : {std::pair<std::string_view, std::string*>("ground", &basis.ground),
                                      {"document", &basis.document},
                                      {"issuer", &basis.issuer},
                                      {"date", &basis.date},
                                      {"end", &basis.end}}) {
        if (!object.contains(name)) continue;
        auto text = text_at(object, name);
        if (!text) return Error(Fault::malformed, where + "." + std::string(name) + ": not a text");
        *value = std::move(*text);
    }
    if (!basis.ground.empty() && std::find(grounds.begin(), grounds.end(), basis.ground) == grounds.end())
        return Error(Fault::malformed, where + ".ground: none of law, regulation, consent, order, agreement");
    for (const auto* day : {&basis.date, &basis.end})
        if (!day->empty() && !midnight_utc(*day)) return Error(Fault::malformed, where + ": '" + *day + "' is not a day (YYYY-MM-DD)");
    return basis;
}

Result<std::vector<std::string>> parse_texts(const json::object& object, std::string_view name) {
    std::vector<std::string> texts;
    const auto* array = array_at(object, name);
    if (array == nullptr) return Error(Fault::malformed, std::string(name) + ": not a list");
    for (const auto& value : *array) {
        if (!value.is_string()) return Error(Fault::malformed, std::string(name) + ": holds something that is not a text");
        texts.emplace_back(value.get_string());
    }
    return texts;
}

template <class Holds>
bool any_rule(const Entitlement& entitlement, Kind kind, const Holds& holds_for) {
    return std::any_of(entitlement.rules.begin(), entitlement.rules.end(), [&](const Rule& rule) { return rule.covers(kind) && holds_for(rule); });
}

// Faces may stand outside only on the strongest grounds (facial recognition measures of 2025).
bool is_strong(const Basis& basis) { return basis.ground == "law" || basis.ground == "regulation" || basis.ground == "consent"; }

} // namespace

bool holds(const Basis& basis, Time now) { return is_complete(basis) && now < *end_of(basis); }

bool Rule::covers(Kind kind) const { return any_fits(kinds, name_of(kind)); }

bool Entitlement::admits(Kind kind) const {
    if (kind == Kind::gap || kind == Kind::digest) return true;
    return any_rule(*this, kind, [](const Rule&) { return true; });
}

bool Entitlement::admits_all_facts(Kind kind) const { return admits_fact(kind, "*"); }

bool Entitlement::admits_fact(Kind kind, std::string_view name) const {
    return any_rule(*this, kind, [&](const Rule& rule) { return any_fits(rule.facts, name); });
}

bool Entitlement::admits_detail(Kind kind, std::string_view name, Time now) const {
    return any_rule(*this, kind, [&](const Rule& rule) {
        return std::any_of(rule.details.begin(), rule.details.end(),
                           [&](const auto& detail) { return fits(detail.field, name) && holds(detail.basis, now); });
    });
}

bool Entitlement::admits_subject(Kind kind, Time now) const {
    return any_rule(*this, kind, [&](const Rule& rule) { return rule.subjects && holds(*rule.subjects, now); });
}

bool Entitlement::admits_picture(Kind kind, PictureRole role, Time now) const {
    return any_rule(*this, kind, [&](const Rule& rule) {
        return std::any_of(rule.pictures.begin(), rule.pictures.end(), [&](const auto& picture) {
            return picture.role == role && holds(picture.basis, now) && (role != PictureRole::face || !internet || is_strong(picture.basis));
        });
    });
}

bool Entitlement::names_picture(Kind kind, PictureRole role) const {
    return any_rule(*this, kind, [&](const Rule& rule) {
        return std::any_of(rule.pictures.begin(), rule.pictures.end(), [&](const auto& picture) { return picture.role == role; });
    });
}

bool Entitlement::names_pictures(Kind kind) const {
    return any_rule(*this, kind, [](const Rule& rule) { return !rule.pictures.empty(); });
}

bool Entitlement::names_details(Kind kind) const {
    return any_rule(*this, kind, [](const Rule& rule) { return !rule.details.empty(); });
}

bool Entitlement::is_impersonal(Kind kind) const {
    return !any_rule(*this, kind, [](const Rule& rule) { return rule.subjects || !rule.details.empty() || !rule.pictures.empty(); });
}

bool Entitlement::admits_snapshot(std::string_view of) const { return std::find(snapshots.begin(), snapshots.end(), of) != snapshots.end(); }

namespace {

json::object to_object(const Rule& rule) {
    json::object object;
    object["kinds"] = to_array(rule.kinds);
    object["facts"] = to_array(rule.facts);
    json::array details;
    for (const auto& detail : rule.details) {
        json::object one;
        one["field"] = detail.field;
        one["basis"] = to_object(detail.basis);
        details.emplace_back(std::move(one));
    }
    object["details"] = std::move(details);
    if (rule.subjects) object["subjects"] = to_object(*rule.subjects);
    json::array pictures;
    for (const auto& picture : rule.pictures) {
        json::object one;
        one["role"] = name_of(picture.role);
        one["basis"] = to_object(picture.basis);
        pictures.emplace_back(std::move(one));
    }
    object["pictures"] = std::move(pictures);
    return object;
}

Result<Basis> basis_at(const json::object& object, const std::string& where) {
    const auto* basis = object_at(object, "basis");
    if (basis == nullptr) return Basis();
    return parse_basis(*basis, where + ".basis");
}

Done parse_details(const json::object& object, Rule& rule) {
    const auto* details = array_at(object, "details");
    if (details == nullptr) return {};
    for (const auto& value : *details) {
        if (!value.is_object()) return Error(Fault::malformed, "details: not an object");
        auto field = need_text(value.get_object(), "field");
        if (!field) return std::move(field).error().during("details");
        auto basis = basis_at(value.get_object(), "details." + *field);
        if (!basis) return std::move(basis).error();
        rule.details.push_back({std::move(*field), std::move(*basis)});
    }
    return {};
}

Done parse_pictures(const json::object& object, Rule& rule) {
    const auto* pictures = array_at(object, "pictures");
    if (pictures == nullptr) return {};
    for (const auto& value : *pictures) {
        if (!value.is_object()) return Error(Fault::malformed, "pictures: not an object");
        auto name = need_text(value.get_object(), "role");
        if (!name) return std::move(name).error().during("pictures");
        const auto role = picture_role_named(*name);
        if (!role) return Error(Fault::malformed, "pictures.role: '" + *name + "' is none of scene, face, plate");
        auto basis = basis_at(value.get_object(), "pictures." + *name);
        if (!basis) return std::move(basis).error();
        rule.pictures.push_back({*role, std::move(*basis)});
    }
    return {};
}

Result<Rule> parse_rule(const json::value& value) {
    if (!value.is_object()) return Error(Fault::malformed, "not an object");
    const auto& object = value.get_object();
    Rule rule;
    for (const auto& [name, into] : {std::pair<std::string_view, std::vector<std::string>*>("kinds", &rule.kinds), {"facts", &rule.facts}}) {
        if (!object.contains(name)) continue;
        auto texts = parse_texts(object, name);
        if (!texts) return std::move(texts).error();
        *into = std::move(*texts);
    }
    for (const auto& pattern : rule.kinds) {
        const bool known = std::any_of(all_kinds().begin(), all_kinds().end(), [&](const auto& spec) { return fits(pattern, spec.name); });
        if (!known) return Error(Fault::malformed, "kinds: no kind fits '" + pattern + "'");
    }
    if (auto good = parse_details(object, rule); !good) return std::move(good).error();
    if (const auto* subjects = object_at(object, "subjects")) {
        auto read = parse_basis(*subjects, "subjects");
        if (!read) return std::move(read).error();
        rule.subjects = std::move(*read);
    }
    if (auto good = parse_pictures(object, rule); !good) return std::move(good).error();
    return rule;
}

} // namespace

std::string to_json(const Entitlement& entitlement) {
    json::array rules;
    for (const auto& rule : entitlement.rules) rules.emplace_back(to_object(rule));
    json::object object;
    object["rules"] = std::move(rules);
    object["snapshots"] = to_array(entitlement.snapshots);
    object["internet"] = entitlement.internet;
    return json::serialize(object);
}

Result<Entitlement> parse_entitlement(std::string_view text) {
    auto parsed = parse_json(text, entitlement_bytes_max);
    if (!parsed) return std::move(parsed).error().during("entitlement");
    if (!parsed->is_object()) return Error(Fault::malformed, "entitlement: not an object");
    const auto& object = parsed->get_object();
    Entitlement entitlement;
    const auto* rules = array_at(object, "rules");
    if (rules == nullptr) return Error(Fault::malformed, "entitlement.rules: not a list");
    for (std::size_t i = 0; i < rules->size(); ++i) {
        auto rule = parse_rule((*rules)[i]);
        if (!rule) return std::move(rule).error().during("entitlement.rules[" + std::to_string(i) + "]");
        entitlement.rules.push_back(std::move(*rule));
    }
    if (object.contains("snapshots")) {
        auto texts = parse_texts(object, "snapshots");
        if (!texts) return std::move(texts).error().during("entitlement");
        entitlement.snapshots = std::move(*texts);
    }
    entitlement.internet = bool_at(object, "internet").value_or(false);
    return entitlement;
}

std::vector<Warning> warnings(const Entitlement& entitlement, Time now, Duration soon) {
    std::vector<Warning> found;
    const auto look = [&](const std::string& zh, const std::string& en, const Basis& basis) {
        if (!is_complete(basis))
            found.push_back({"no_basis", zh + "不上报：依据不全（文号、发文机关、日期、有效期），请补入 upstream.entitlement.basis",
                             en + " stays home: no basis (document, issuer, date and end); put it into upstream.entitlement.basis"});
        else if (!holds(basis, now))
            found.push_back({"basis_ended", zh + "不上报：依据 " + basis.document + " 已于 " + basis.end + " 到期，请取得新的文件",
                             en + " stays home: its basis " + basis.document + " ended on " + basis.end + "; get a new document"});
        else if (!holds(basis, now + soon))
            found.push_back({"basis_ends", zh + "的依据 " + basis.document + " 将于 " + basis.end + " 到期，此后不再上报：请及时续期",
                             en + ": its basis " + basis.document + " ends on " + basis.end + ", then it stays home; have it renewed"});
    };
    for (const auto& rule : entitlement.rules) {
        for (const auto& detail : rule.details) look("字段 " + detail.field + " ", "field " + detail.field, detail.basis);
        if (rule.subjects) look("对象（卡号、车牌、人员编号）", "subjects", *rule.subjects);
        for (const auto& picture : rule.pictures) {
            const auto zh = "图片 " + std::string(name_of(picture.role)) + " ", en = "picture " + std::string(name_of(picture.role));
            look(zh, en, picture.basis);
            if (picture.role == PictureRole::face && entitlement.internet && !is_strong(picture.basis))
                found.push_back({"weak_basis", zh + "不上报：经互联网的平台须有法律、行政法规或本人单独同意为依据",
                                 en + " stays home: an upstream on the internet needs a law, a regulation or the person's consent"});
        }
    }
    return found;
}

void Entitlements::add(std::uint32_t number, std::uint64_t from_position, Entitlement rules) {
    expects(versions_.empty() || versions_.back().from_position <= from_position, "entitlements come in the order of their positions");
    Version version;
    version.number = number;
    version.from_position = from_position;
    for (const auto& spec : all_kinds()) version.kinds.push_back(rules.admits(spec.kind));
    version.rules = std::move(rules);
    versions_.push_back(std::move(version));
}

const Entitlements::Version& Entitlements::at(std::uint64_t position) const {
    expects(!versions_.empty(), "an upstream has an entitlement");
    for (auto version = versions_.rbegin(); version != versions_.rend(); ++version)
        if (version->from_position <= position) return *version;
    return versions_.front();
}

const Entitlements::Version& Entitlements::today() const {
    expects(!versions_.empty(), "an upstream has an entitlement");
    return versions_.back();
}

bool Entitlements::name_pictures() const {
    return std::any_of(versions_.begin(), versions_.end(), [](const auto& version) {
        return std::any_of(version.rules.rules.begin(), version.rules.rules.end(), [](const Rule& rule) { return !rule.pictures.empty(); });
    });
}

} // namespace gatehouse::sync
