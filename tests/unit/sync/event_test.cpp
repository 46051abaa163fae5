// SPDX-License-Identifier: Apache-2.0
#include "sync/event.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::sync;

namespace {

const Time today = *parse_time("2026-01-15T08:00:00Z");

Basis a_basis(std::string end = "2026-05-31") {
    Basis basis;
    basis.ground = "law";
    basis.document = "D";
    basis.issuer = "I";
    basis.date = "2025-06-01";
    basis.end = std::move(end);
    return basis;
}

Rule all_of_it() {
    Rule rule;
    rule.kinds = {"*"};
    rule.subjects = a_basis();
    rule.details = {{"*", a_basis()}};
    rule.pictures = {{PictureRole::plate, a_basis()}, {PictureRole::scene, a_basis()}};
    return rule;
}

Entitlement of(Rule rule) {
    Entitlement entitlement;
    entitlement.rules.push_back(std::move(rule));
    return entitlement;
}

Entitlements versions_of(Rule rule) {
    Entitlements versions;
    versions.add(1, 1, of(std::move(rule)));
    return versions;
}

store::StoredRecord a_record() {
    store::StoredRecord record;
    record.position = 4711;
    record.epoch = "0192f5c4-0000-7000-8000-000000000001";
    record.id = "0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4d";
    record.kind = Kind::vehicle_entered;
    record.happened_at = *parse_time("2026-01-15T07:59:58Z");
    record.heard_at = *parse_time("2026-01-15T07:59:59.5Z");
    record.compound = "hz-xihu-7";
    record.source = "cam-1";
    record.place = "gate-1";
    record.facts = R"({"lane":1,"direction":"in"})";
    record.subject = "plate:浙A12345";
    record.details = R"({"plate_as_read":"浙A1234S"})";
    store::PictureRef picture;
    picture.role = PictureRole::plate;
    picture.sha256 = sha256("jpeg");
    record.pictures = {picture};
    return record;
}

} // namespace

TEST_CASE("W4: members in their order, byte for byte") {
    const auto event = to_event(a_record(), "gw-7", 4700, versions_of(all_of_it()), today);
    CHECK_FALSE(event.revised);
    CHECK(event.json == R"({"specversion":"1.0","id":"0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4d","source":"/gateways/gw-7/devices/cam-1",)"
                        R"("type":"cn.gatehouse.vehicle.entered.v1","subject":"device:cam-1","time":"2026-01-15T07:59:58.000000Z",)"
                        R"("datacontenttype":"application/json","sequence":"00000000000000004711","previous":"00000000000000004700",)"
                        R"("epoch":"0192f5c4-0000-7000-8000-000000000001","lane":"routine","compound":"hz-xihu-7",)"
                        R"("heardat":"2026-01-15T07:59:59.500000Z","clock":"synced","data":{"facts":{"lane":1,"direction":"in"},)"
                        R"("subject":"plate:浙A12345","details":{"plate_as_read":"浙A1234S"},"place":"gate-1",)"
                        R"("pictures":[{"role":"plate","sha256":")" +
                            to_hex(sha256("jpeg")) + R"("}]}})");
}

TEST_CASE("W8: the same record gives the same bytes, at any time while nothing changed") {
    const auto versions = versions_of(all_of_it());
    const auto first = to_event(a_record(), "gw-7", 1, versions, today);
    CHECK(to_event(a_record(), "gw-7", 1, versions, today + std::chrono::hours(24 * 60)).json == first.json);
}

TEST_CASE("W4: only what is entitled stands in data") {
    Rule rules;
    rules.kinds = {"*"};
    auto event = to_event(a_record(), "gw-7", 0, versions_of(rules), today);
    CHECK(event.json.find("浙A") == std::string::npos);
    CHECK(event.json.find("pictures") == std::string::npos);
    CHECK(event.json.ends_with(R"("data":{"facts":{"lane":1,"direction":"in"},"place":"gate-1"}})"));
    rules.facts = {"direction"};
    event = to_event(a_record(), "gw-7", 0, versions_of(rules), today);
    CHECK(event.json.ends_with(R"("data":{"facts":{"direction":"in"},"place":"gate-1"}})"));
    CHECK_FALSE(event.revised);
}

TEST_CASE("W8: after an erasure the event has no person in it and says so") {
    auto record = a_record();
    record.erased = true;
    record.subject.clear();
    record.details.clear();
    record.pictures.clear();
    const auto event = to_event(record, "gw-7", 1, versions_of(all_of_it()), today);
    CHECK(event.revised);
    CHECK(event.json.find(R"("clock":"synced","revised":"erased","data":{)") != std::string::npos);
}

TEST_CASE("W8, W12: fields follow the narrower of then and today, and a kind withheld today is a bare envelope") {
    Entitlements versions;
    versions.add(1, 1, of(all_of_it()));
    Rule narrower;
    narrower.kinds = {"*"};
    versions.add(2, 5000, of(narrower));
    auto event = to_event(a_record(), "gw-7", 1, versions, today);
    CHECK(event.revised);
    CHECK(event.json.find(R"("revised":"entitlement")") != std::string::npos);
    CHECK(event.json.find("浙A") == std::string::npos);

    auto other_kinds = all_of_it();
    other_kinds.kinds = {"pass.*"};
    versions.add(3, 6000, of(other_kinds));
    event = to_event(a_record(), "gw-7", 1, versions, today);
    CHECK(event.json.ends_with(R"("revised":"entitlement","data":{}})"));

    // Wider today gives nothing more than then.
    Entitlements wider;
    wider.add(1, 1, of(narrower));
    wider.add(2, 5000, of(all_of_it()));
    event = to_event(a_record(), "gw-7", 1, wider, today);
    CHECK_FALSE(event.revised);
    CHECK(event.json.find("浙A") == std::string::npos);
}

TEST_CASE("W8, W12: a basis that ended since takes its item out, revised") {
    auto rules = all_of_it();
    rules.subjects = a_basis("2026-01-31");
    const auto versions = versions_of(rules);
    CHECK_FALSE(to_event(a_record(), "gw-7", 1, versions, today).revised);
    const auto later = to_event(a_record(), "gw-7", 1, versions, today + std::chrono::hours(24 * 30));
    CHECK(later.revised);
    CHECK(later.json.find("\"subject\":\"plate") == std::string::npos);
}

TEST_CASE("W6: a record's lane follows from its kind, membership from the version at its position") {
    Entitlements versions;
    Rule passes, everything = all_of_it();
    passes.kinds = {"pass.*"};
    versions.add(1, 1, of(passes));
    versions.add(2, 5000, of(everything));
    auto record = a_record();
    CHECK_FALSE(is_member(record, Lane::routine, versions));
    CHECK_FALSE(is_member(record, Lane::pictures, versions));
    record.position = 5000;
    CHECK(is_member(record, Lane::routine, versions));
    CHECK_FALSE(is_member(record, Lane::urgent, versions));
    CHECK(is_member(record, Lane::pictures, versions));
    record.kind = Kind::door_forced;
    CHECK(is_member(record, Lane::urgent, versions));
    record.kind = Kind::gap;
    record.position = 10;
    CHECK(is_member(record, Lane::routine, versions));
    // An erased one stays in the pictures' chain.
    record = a_record();
    record.position = 5001;
    record.erased = true;
    record.pictures.clear();
    CHECK(is_member(record, Lane::pictures, versions));
}

TEST_CASE("W13: what could not be stored has its id and no place in the chain") {
    Record record;
    record.kind = Kind::fire_alarm;
    record.id = "0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4d";
    record.heard_at = today;
    record.source = "panel-1";
    const auto event = to_volatile_event(record, "gw-7", "c-1", "E", versions_of(all_of_it()), today);
    CHECK(event.find(R"("volatile":"true")") != std::string::npos);
    CHECK(event.find("sequence") == std::string::npos);
    CHECK(event.find("previous") == std::string::npos);
    CHECK(event.find(R"("id":"0192f5c4-7e3a-7cc1-9f00-5d0c1a2b3c4d")") != std::string::npos);
}

TEST_CASE("texts of devices are escaped") {
    auto record = a_record();
    record.place = "a\"b\\c\n\x01";
    const auto event = to_event(record, "gw-7", 1, versions_of(all_of_it()), today);
    CHECK(event.json.find(R"("place":"a\"b\\c\n\u0001")") != std::string::npos);
    CHECK(parse_json(event.json).has_value());
}
