// SPDX-License-Identifier: Apache-2.0
#include "daemon/record/record.hpp"

#include "daemon/record/code_tables.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace gatehouse;

namespace {

Record make_pass() {
    Record record;
    record.kind = Kind::pass_granted;
    record.source = "door-1";
    record.facts = {{"door", 1}, {"direction", "in"}, {"method", "card"}};
    record.subject = "card:4471";
    return record;
}

} // namespace

TEST_CASE("a record that follows its schema is taken") { CHECK(check_record(make_pass()).has_value()); }

TEST_CASE("what the schema does not know is refused by name") {
    auto record = make_pass();
    record.facts["name"] = "李雷";
    auto checked = check_record(record);
    REQUIRE(checked.has_error());
    CHECK(checked.error().what() == "pass.granted.facts.name: not in the kind's schema");
}

TEST_CASE("a personal field cannot stand among the facts, nor a fact among the details") {
    auto record = make_pass();
    record.facts["card"] = "4471";
    CHECK(check_record(record).has_error());
    record = make_pass();
    record.details["door"] = 1;
    CHECK(check_record(record).has_error());
    record = make_pass();
    record.details["card"] = "4471";
    CHECK(check_record(record).has_value());
}

TEST_CASE("codes are those of the table, and types fit") {
    auto record = make_pass();
    record.facts["direction"] = "sideways";
    CHECK(check_record(record).has_error());
    record.facts["direction"] = "in out"; // two codes in one text
    CHECK(check_record(record).has_error());
    record = make_pass();
    record.facts["door"] = "1";
    CHECK(check_record(record).has_error());
}

TEST_CASE("bounds: body, pictures, ids, key without sameness") {
    auto record = make_pass();
    record.facts["vendor_code"] = std::string(record_body_bytes_max, 'x');
    CHECK(check_record(record).error().fault() == Fault::full);
    record = make_pass();
    record.pictures.push_back({PictureRole::face, std::make_shared<Bytes>(picture_bytes_max + 1)});
    CHECK(check_record(record).error().fault() == Fault::full);
    record = make_pass();
    record.source = std::string(65, 'x');
    CHECK(check_record(record).has_error());
    record = make_pass();
    record.device_key = DeviceKey{std::uint64_t(7), 0};
    CHECK(check_record(record).has_error());
    record = make_pass();
    record.subject = "plate:\xff";
    CHECK(check_record(record).has_error());
    record = make_pass();
    record.facts["vendor_code"] = "\xed\xa0\x80"; // nobody could read the row or the event again
    CHECK(check_record(record).error().fault() == Fault::malformed);
}

TEST_CASE("kinds: names are unique, dotted, and found again; no kind is without a Chinese title; alarms are urgent") {
    std::set<std::string_view> names;
    for (const auto& spec : all_kinds()) {
        CHECK_MESSAGE(names.insert(spec.name).second, spec.name);
        CHECK(kind_named(spec.name) == spec.kind);
        CHECK_FALSE(spec.title_zh.empty());
        CHECK_FALSE(spec.title_en.empty());
        if (spec.kept == RetentionClass::alarm) CHECK_MESSAGE(spec.lane == Lane::urgent, spec.name);
        std::set<std::string_view> fields;
        for (const auto& field : spec.fields) {
            CHECK_MESSAGE(fields.insert(field.name).second, spec.name, " ", field.name);
            CHECK_FALSE(field.title_zh.empty());
            CHECK_FALSE(field.title_en.empty());
            CHECK((field.type == FieldType::code) == (field.codes != nullptr));
        }
    }
    CHECK_FALSE(kind_named("pass").has_value());
}

TEST_CASE("code tables: each value of an enumeration of ours stands in its table, once, with both titles") {
    const auto values_of = [](const CodeTable& table) {
        std::set<std::string_view> values;
        for (const auto& code : table.codes) {
            CHECK_MESSAGE(values.insert(code.code).second, code.code);
            CHECK_FALSE(code.title_zh.empty());
            CHECK_FALSE(code.title_en.empty());
        }
        return values;
    };
    std::set<std::string_view> lanes, clocks, roles, faults;
    for (const auto lane : {Lane::urgent, Lane::routine, Lane::pictures}) lanes.insert(name_of(lane));
    for (const auto state : {ClockState::synced, ClockState::unsynced, ClockState::skewed}) clocks.insert(name_of(state));
    for (const auto role : {PictureRole::scene, PictureRole::face, PictureRole::plate}) roles.insert(name_of(role));
    for (const auto fault : {Fault::unreachable, Fault::refused, Fault::malformed, Fault::timed_out, Fault::full, Fault::gone, Fault::unsupported,
                             Fault::damaged, Fault::busy})
        faults.insert(name_of(fault));
    CHECK(values_of(code_tables::lane) == lanes);
    CHECK(values_of(code_tables::clock) == clocks);
    CHECK(values_of(code_tables::picture_role) == roles);
    CHECK(values_of(code_tables::fault) == faults);
    for (const auto& spec : all_kinds())
        for (const auto& field : spec.fields)
            if (field.codes != nullptr) CHECK_FALSE(values_of(*field.codes).empty());
}
