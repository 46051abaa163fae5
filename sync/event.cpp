// SPDX-License-Identifier: Apache-2.0
//
// Written by hand, not through a JSON tree: a month's backlog is drained at the speed of this file, and the order of members is part of
// the contract. Facts go verbatim, as they were committed, when all of them are entitled.
#include "sync/event.hpp"

#include <array>

namespace gatehouse::sync {

namespace {

constexpr auto position_digits = 20;

void put_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char raw : text) {
        const auto byte = static_cast<unsigned char>(raw);
        switch (byte) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            if (byte < 0x20) {
                out += "\\u00";
                out += digits[byte >> 4];
                out += digits[byte & 15];
            } else {
                out += raw;
            }
        }
    }
}

void put(std::string& out, std::string_view name, std::string_view value) {
    if (out.back() != '{') out += ',';
    out += '"';
    out += name;
    out += "\":\"";
    put_escaped(out, value);
    out += '"';
}

void put_raw(std::string& out, std::string_view name, std::string_view json) {
    if (out.back() != '{') out += ',';
    out += '"';
    out += name;
    out += "\":";
    out += json;
}

bool is_empty_object(std::string_view json) { return json.empty() || json == "{}"; }

// What both versions let through; the same one twice for what the record's own version says.
struct Rules {
    const Entitlements::Version& then;
    const Entitlements::Version& today;
    Time now;

    bool kind(Kind kind) const { return then.kinds[static_cast<std::size_t>(kind)] && today.kinds[static_cast<std::size_t>(kind)]; }
    bool all_facts(Kind of) const { return then.rules.admits_all_facts(of) && today.rules.admits_all_facts(of); }
    bool fact(Kind of, std::string_view name) const { return then.rules.admits_fact(of, name) && today.rules.admits_fact(of, name); }
    bool detail(Kind of, std::string_view name) const { return then.rules.admits_detail(of, name, now) && today.rules.admits_detail(of, name, now); }
    bool has_details(Kind of) const { return then.rules.names_details(of) && today.rules.names_details(of); }
    bool subject(Kind of) const { return then.rules.admits_subject(of, now) && today.rules.admits_subject(of, now); }
    bool picture(Kind of, PictureRole role) const { return then.rules.admits_picture(of, role, now) && today.rules.admits_picture(of, role, now); }
};

template <class Admitted>
std::string filtered(const json::object& object, const Admitted& admitted) {
    json::object kept;
    for (const auto& member : object)
        if (admitted(member.key())) kept.emplace(member.key(), member.value());
    return kept.empty() ? std::string() : json::serialize(kept);
}

json::object object_of(const std::string& text) {
    auto parsed = parse_json(text, record_body_bytes_max * 2);
    return parsed && parsed->is_object() ? std::move(parsed->get_object()) : json::object();
}

struct Parts {
    Kind kind;
    const std::string& facts;
    const std::string& subject;
    const std::string& details;
    const std::string& place;
    const std::vector<store::PictureRef>& pictures;
};

std::string data_of(const Parts& record, const Rules& rules) {
    std::string data = "{";
    if (rules.kind(record.kind)) {
        // Kinds that go to everybody carry nothing personal, and a digest without its fields proves nothing.
        const bool whole = record.kind == Kind::gap || record.kind == Kind::digest;
        if (!is_empty_object(record.facts)) {
            if (whole || rules.all_facts(record.kind)) {
                put_raw(data, "facts", record.facts);
            } else if (const auto facts = filtered(object_of(record.facts), [&](std::string_view name) { return rules.fact(record.kind, name); });
                       !facts.empty()) {
                put_raw(data, "facts", facts);
            }
        }
        if (!record.subject.empty() && rules.subject(record.kind)) put(data, "subject", record.subject);
        if (!is_empty_object(record.details) && rules.has_details(record.kind))
            if (const auto details = filtered(object_of(record.details), [&](std::string_view name) { return rules.detail(record.kind, name); });
                !details.empty())
                put_raw(data, "details", details);
        if (!record.place.empty()) put(data, "place", record.place);
        std::string pictures;
        for (const auto& picture : record.pictures) {
            if (!rules.picture(record.kind, picture.role)) continue;
            pictures += pictures.empty() ? "[{" : ",{";
            put(pictures, "role", name_of(picture.role));
            put(pictures, "sha256", to_hex(picture.sha256));
            pictures += '}';
        }
        if (!pictures.empty()) put_raw(data, "pictures", pictures + "]");
    }
    data += '}';
    return data;
}

void put_head(std::string& out, std::string_view id, const std::string& gateway, const std::string& device, Kind kind, Time time) {
    put(out, "specversion", "1.0");
    put(out, "id", id);
    put(out, "source", "/gateways/" + gateway + "/devices/" + device);
    put(out, "type", "cn.gatehouse." + std::string(name_of(kind)) + ".v1");
    put(out, "subject", "device:" + device);
    put(out, "time", to_text(time));
    put(out, "datacontenttype", "application/json");
}

} // namespace

std::string sequence_text(std::uint64_t position) {
    auto digits = std::to_string(position);
    return std::string(position_digits - digits.size(), '0') + digits;
}

std::vector<std::size_t> pictures_of(const store::StoredRecord& record, const Entitlements& entitlements) {
    const auto& then = entitlements.at(record.position).rules;
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < record.pictures.size(); ++i)
        if (then.names_picture(record.kind, record.pictures[i].role)) found.push_back(i);
    return found;
}

bool may_go(const store::StoredRecord& record, const store::PictureRef& picture, const Entitlements& entitlements, Time now) {
    const Rules rules{entitlements.at(record.position), entitlements.today(), now};
    return rules.kind(record.kind) && rules.picture(record.kind, picture.role);
}

bool is_member(const store::StoredRecord& record, Lane lane, const Entitlements& entitlements) {
    const auto& then = entitlements.at(record.position);
    if (!then.kinds[static_cast<std::size_t>(record.kind)]) return false;
    if (lane != Lane::pictures) return spec_of(record.kind).lane == lane;
    if (!then.rules.names_pictures(record.kind)) return false;
    return record.erased || !pictures_of(record, entitlements).empty();
}

EventText to_event(const store::StoredRecord& record, const std::string& gateway, std::uint64_t previous, const Entitlements& entitlements, Time now,
                   bool behind_damage) {
    const auto& then = entitlements.at(record.position);
    const Parts parts{record.kind, record.facts, record.subject, record.details, record.place, record.pictures};
    const Rules narrower{then, entitlements.today(), now};
    const auto data = data_of(parts, narrower);
    std::string_view revised;
    if (record.erased) {
        revised = "erased";
    } else if (const bool is_plain = &then == &entitlements.today() && then.rules.is_impersonal(record.kind); !is_plain) {
        // As it went when it was new: by its own version, on the day it was heard.
        const Rules first{then, then, record.heard_at};
        if (data_of(parts, first) != data) revised = "entitlement";
    }
    if (revised.empty() && behind_damage) revised = "damaged";

    std::string out;
    out.reserve(640 + data.size());
    out += '{';
    put_head(out, record.id, gateway, record.source, record.kind, record.happened_at.value_or(record.heard_at));
    put(out, "sequence", sequence_text(record.position));
    put(out, "previous", sequence_text(previous));
    put(out, "epoch", record.epoch);
    put(out, "lane", name_of(spec_of(record.kind).lane));
    put(out, "compound", record.compound);
    put(out, "heardat", to_text(record.heard_at));
    put(out, "clock", name_of(record.clock));
    if (!revised.empty()) put(out, "revised", revised);
    put_raw(out, "data", data);
    out += '}';
    EventText event;
    event.json = std::move(out);
    event.revised = !revised.empty();
    return event;
}

std::string to_volatile_event(const Record& record, const std::string& gateway, const std::string& compound, const std::string& epoch,
                              const Entitlements& entitlements, Time now) {
    const auto facts = json::serialize(record.facts);
    const auto details = json::serialize(record.details);
    const std::vector<store::PictureRef> no_pictures;
    const Parts parts{record.kind, facts, record.subject, details, record.place, no_pictures};
    const Rules rules{entitlements.today(), entitlements.today(), now};
    std::string out = "{";
    put_head(out, record.id, gateway, record.source, record.kind, record.happened_at.value_or(record.heard_at));
    put(out, "epoch", epoch);
    put(out, "lane", name_of(Lane::urgent));
    put(out, "compound", compound);
    put(out, "heardat", to_text(record.heard_at));
    put(out, "clock", name_of(record.clock));
    put(out, "volatile", "true");
    put_raw(out, "data", data_of(parts, rules));
    out += '}';
    return out;
}

} // namespace gatehouse::sync
