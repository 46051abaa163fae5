// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/intake.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

namespace {

using Property = Notification::Property;

struct Desk {
    explicit Desk(const std::string& clear_after_s = {}) {
        device.id = "camera-1";
        device.place = "gate";
        if (!clear_after_s.empty()) device.options["clear_after_s"] = clear_after_s;
        intake.emplace(device, built_in_events());
    }
    static Notification motion(bool on, Property property = Property::changed) {
        return {"RuleEngine/CellMotionDetector/Motion",
                std::nullopt,
                property,
                {{"VideoSourceConfigurationToken", "VideoSource_2"}},
                {{"IsMotion", on ? "true" : "false"}}};
    }
    std::optional<Record> take(Notification notification) {
        if (!notification.at) notification.at = now + Duration(clock.offset_us.value_or(0));
        clock.device_now = now + Duration(clock.offset_us.value_or(0));
        auto record = intake->take(notification, now, instant, clock);
        if (record) CHECK(check_record(*record).has_value());
        return record;
    }
    void pass(Duration span) {
        now += span;
        instant += span;
    }
    DeviceInfo device;
    std::optional<Intake> intake;
    Time now = at("2026-01-15T00:30:00Z");
    Instant instant{};
    ClockReading clock{ClockQuality::synced, 0, std::nullopt};
};

std::optional<Kind> kind_of(const std::optional<Record>& record) { return record ? std::optional(record->kind) : std::nullopt; }

} // namespace

TEST_CASE("intake: a state is told when it changes, not when it is repeated") {
    Desk desk;
    const auto began = desk.take(Desk::motion(true));
    REQUIRE(kind_of(began) == Kind::motion_started);
    CHECK(began->source == "camera-1");
    CHECK(began->place == "gate");
    CHECK(json::serialize(began->facts) == R"({"vendor_code":"RuleEngine/CellMotionDetector/Motion","cause":"motion","channel":2})");
    CHECK_FALSE(desk.take(Desk::motion(true)));
    CHECK(kind_of(desk.take(Desk::motion(false))) == Kind::motion_ended);
    CHECK_FALSE(desk.take(Desk::motion(false)));
    auto elsewhere = Desk::motion(true);
    elsewhere.source[0].value = "VideoSource_1";
    CHECK(kind_of(desk.take(elsewhere)) == Kind::motion_started);
}

TEST_CASE("intake: how things stand at a new subscription is no alarm; what ended meanwhile has ended") {
    Desk desk;
    CHECK_FALSE(desk.take(Desk::motion(true, Property::initialized)));
    CHECK_FALSE(desk.take(Desk::motion(true)));
    CHECK(kind_of(desk.take(Desk::motion(false))) == Kind::motion_ended); // its beginning was told by an earlier conversation, or by nobody
    CHECK(kind_of(desk.take(Desk::motion(true))) == Kind::motion_started);
    CHECK(kind_of(desk.take(Desk::motion(false, Property::initialized))) == Kind::motion_ended);
}

TEST_CASE("intake: a pulse is told each time, whatever number it holds; a state without an end is told once") {
    Desk desk;
    const Notification line{"RuleEngine/LineDetector/Crossed", std::nullopt, Property::pulse, {{"Rule", "line_1"}}, {{"ObjectId", "0"}}};
    const auto first = desk.take(line);
    REQUIRE(kind_of(first) == Kind::perimeter_crossed);
    CHECK(first->facts.at("code") == "line");
    CHECK(first->facts.at("zone") == "line_1");
    CHECK(kind_of(desk.take(line)) == Kind::perimeter_crossed);
    Notification field{"RuleEngine/FieldDetector/ObjectsInside", std::nullopt, Property::changed, {{"Rule", "王小明家门口"}}, {{"IsInside", "1"}}};
    const auto inside = desk.take(field);
    REQUIRE(kind_of(inside) == Kind::perimeter_crossed);
    CHECK_FALSE(inside->facts.contains("zone")); // a free text may name somebody
    field.data[0].value = "0";
    CHECK_FALSE(desk.take(field));
    field.data[0].value = "1";
    CHECK(kind_of(desk.take(field)) == Kind::perimeter_crossed);
}

TEST_CASE("intake: tamper and inputs begin and end; an input says which; a deleted source ends its state") {
    Desk desk;
    Notification tamper{"RuleEngine/TamperDetector/Tamper", std::nullopt, Property::changed, {}, {{"IsTamper", "true"}}};
    CHECK(kind_of(desk.take(tamper)) == Kind::tamper_raised);
    tamper.data.clear();
    tamper.property = Property::deleted;
    CHECK(kind_of(desk.take(tamper)) == Kind::alarm_cleared);
    CHECK_FALSE(desk.take(tamper));
    Notification input{"Device/Trigger/DigitalInput", std::nullopt, Property::changed, {{"InputToken", "DI_3"}}, {{"LogicalState", "active"}}};
    const auto raised = desk.take(input);
    REQUIRE(kind_of(raised) == Kind::alarm_raised);
    CHECK(raised->facts.at("input") == 3);
    CHECK(raised->facts.at("code") == "input");
    input.data[0].value = "perhaps";
    CHECK_FALSE(desk.take(input));
    input.data[0].value = "inactive";
    CHECK(kind_of(desk.take(input)) == Kind::alarm_cleared);
}

TEST_CASE("intake: what has no kind is a device's event under its own name; talk of load and settings is dropped") {
    Desk desk;
    const Notification strange{"RuleEngine/Strange/Thing", std::nullopt, Property::changed, {}, {{"Level", "7"}}};
    const auto told = desk.take(strange);
    REQUIRE(kind_of(told) == Kind::device_event);
    CHECK(told->facts.at("code") == "RuleEngine/Strange/Thing");
    const Notification load{"Monitoring/ProcessorUsage", std::nullopt, Property::changed, {}, {{"Value", "17.5"}}};
    CHECK_FALSE(desk.take(load));
    const Notification rude{"王小明/在家", std::nullopt, Property::pulse, {}, {}};
    CHECK(desk.take(rude)->facts.at("code") == "unreadable");
}

TEST_CASE("intake: the device's time is kept as it is, with how far it can be believed") {
    Desk desk;
    desk.clock.offset_us = -3'600'000'000;
    auto record = desk.take(Desk::motion(true));
    REQUIRE(record);
    CHECK(record->happened_at == at("2026-01-14T23:30:00Z"));
    CHECK(record->clock == ClockState::skewed);
    CHECK(record->clock_offset_us == -3'600'000'000);
    CHECK_FALSE(record->facts.contains("recovered"));

    Desk late;
    auto motion = Desk::motion(true);
    motion.at = late.now - 40s;
    CHECK(late.take(motion)->facts.at("recovered") == true);

    Desk local; // local time under the name of UTC
    motion.at = local.now + 8h;
    record = local.take(motion);
    REQUIRE(record);
    CHECK_FALSE(record->happened_at);
}

TEST_CASE("intake: a camera that sends no end has its states ended for it, where the settings say so") {
    Desk desk("30");
    CHECK(desk.take(Desk::motion(true)));
    desk.pass(20s);
    CHECK_FALSE(desk.take(Desk::motion(true))); // repeated: lasts on
    desk.pass(20s);
    CHECK(desk.intake->expire(desk.now, desk.instant, desk.clock).empty());
    desk.pass(11s);
    const auto ends = desk.intake->expire(desk.now, desk.instant, desk.clock);
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].kind == Kind::motion_ended);
    CHECK(desk.intake->expire(desk.now, desk.instant, desk.clock).empty());
    Desk without;
    CHECK(without.take(Desk::motion(true)));
    without.pass(1h);
    CHECK(without.intake->expire(without.now, without.instant, without.clock).empty());
}

TEST_CASE("intake: more states than are remembered are told as they begin, and nothing grows") {
    Desk desk;
    for (int i = 0; i < 2000; ++i) {
        auto motion = Desk::motion(true);
        motion.source[0].value = "source " + std::to_string(i);
        CHECK(desk.take(motion));
    }
    auto known = Desk::motion(true);
    known.source[0].value = "source 0";
    CHECK_FALSE(desk.take(known));
}

TEST_CASE("event table: every kind fits what is put into it, and topics are known by their whole name") {
    const auto table = built_in_events();
    for (const auto& row : table.topics) {
        CAPTURE(row.topic);
        Desk desk;
        auto topic = row.topic;
        if (topic.ends_with("/*")) topic.replace(topic.size() - 1, 1, "ImagingService");
        Notification notification{topic, std::nullopt, Property::changed, {{"Source", "1"}}, {}};
        if (!row.item.empty()) notification.data.push_back({row.item, "true"});
        CHECK(kind_of(desk.take(notification)) == row.began);
        if (!row.item.empty()) notification.data[0].value = "false";
        if (!row.item.empty()) CHECK(kind_of(desk.take(notification)) == row.ended);
    }
    const Notification longer{"VideoSource/MotionAlarm/Else", std::nullopt, Property::changed, {}, {{"State", "true"}}};
    CHECK(table.row_of(longer) == nullptr);
}
