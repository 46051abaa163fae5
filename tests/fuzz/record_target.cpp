// SPDX-License-Identifier: Apache-2.0
//
// A record as JSON members: what the sink takes goes out as an event that a platform reads; a list of pictures is read back as it was.
#include "daemon/store/commitment.hpp"
#include "sync/event.hpp"
#include "tests/fuzz/record_oracle.hpp"
#include "tests/simulators/platforms/mqtt/event.hpp"

namespace gatehouse::fuzz {

namespace {

sync::Entitlements entitled_to_everything() {
    const sync::Basis basis{"law", "1", "office", "2026-01-01", "2099-01-01"};
    sync::Rule rule;
    rule.kinds = {"*"};
    rule.details = {{"*", basis}};
    rule.subjects = basis;
    sync::Entitlement entitlement;
    entitlement.rules.push_back(std::move(rule));
    sync::Entitlements all;
    all.add(1, 1, std::move(entitlement));
    return all;
}

void check_event(const Record& record) {
    static const auto entitlements = entitled_to_everything();
    constexpr std::string_view epoch = "0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4d";
    const auto json = sync::to_volatile_event(record, "gateway-1", "compound-1", std::string(epoch), entitlements, record.heard_at);
    must_hold(parse_json(json).has_value(), "an event is JSON");
    const auto theirs = simulators::platform::cut_message(json, "urgent", "application/cloudevents+json");
    must_hold(!theirs.malformed && theirs.events.size() == 1, "a platform reads one event");
    must_hold(theirs.events.front().kind == name_of(record.kind), "a platform reads its kind");
}

void check_pictures(std::string_view text) {
    const auto pictures = store::parse_pictures(text);
    if (!pictures) return;
    const auto written = store::pictures_text(*pictures);
    const auto again = store::parse_pictures(written);
    must_hold(again && again->size() == pictures->size() && store::pictures_text(*again) == written, "pictures are read back as they were");
}

} // namespace

void record(std::string_view bytes) {
    check_pictures(bytes);
    const auto parsed = parse_json(bytes, 64 * 1024);
    if (!parsed || !parsed->is_object()) return;
    const auto& object = parsed->get_object();
    const auto kind = kind_named(text_at(object, "kind").value_or(""));
    if (!kind) return;
    Record record;
    record.kind = *kind;
    record.heard_at = from_us(1'768'437'000'000'000);
    record.source = text_at(object, "source").value_or("gateway");
    record.place = text_at(object, "place").value_or("");
    record.subject = text_at(object, "subject").value_or("");
    record.id = "0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4d";
    if (const auto* facts = object_at(object, "facts")) record.facts = *facts;
    if (const auto* details = object_at(object, "details")) record.details = *details;
    if (!check_record(record)) return;
    check_taken(record);
    check_event(record);
}

} // namespace gatehouse::fuzz
