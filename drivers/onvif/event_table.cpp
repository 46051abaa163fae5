// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/event_table.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::drivers::onvif {

namespace {

bool is_of(std::string_view topic, std::string_view wanted) {
    if (!wanted.ends_with("/*")) return same_but_case(topic, wanted);
    wanted.remove_suffix(1);
    return topic.size() > wanted.size() && same_but_case(topic.substr(0, wanted.size()), wanted);
}

} // namespace

const TopicRow* EventTable::row_of(const Notification& notification) const {
    const auto found = std::find_if(topics.begin(), topics.end(), [&](const TopicRow& row) {
        return is_of(notification.topic, row.topic) && (row.item.empty() || notification.data_item(row.item) != nullptr);
    });
    return found == topics.end() ? nullptr : &*found;
}

EventTable built_in_events() {
    using K = Kind;
    return {{
        {"VideoSource/MotionAlarm", "State", K::motion_started, K::motion_ended, "motion"},
        {"RuleEngine/CellMotionDetector/Motion", "IsMotion", K::motion_started, K::motion_ended, "motion"},
        {"RuleEngine/MotionRegionDetector/Motion", "State", K::motion_started, K::motion_ended, "motion"},
        {"VideoAnalytics/MotionAlarm", "State", K::motion_started, K::motion_ended, "motion"},
        {"RuleEngine/FieldDetector/ObjectsInside", "IsInside", K::perimeter_crossed, std::nullopt, "field"},
        {"RuleEngine/LineDetector/Crossed", "", K::perimeter_crossed, std::nullopt, "line"},
        {"RuleEngine/CellMotionDetector/LineCross", "IsLineCross", K::perimeter_crossed, std::nullopt, "line"},
        {"RuleEngine/CellMotionDetector/Intrusion", "IsIntrusion", K::perimeter_crossed, std::nullopt, "field"},
        {"RuleEngine/TamperDetector/Tamper", "IsTamper", K::tamper_raised, K::alarm_cleared, "tamper"},
        {"RuleEngine/CellMotionDetector/Tamper", "IsTamper", K::tamper_raised, K::alarm_cleared, "tamper"},
        {"VideoSource/GlobalSceneChange/*", "State", K::camera_covered, K::alarm_cleared, "scene_changed"},
        {"VideoSource/ImageTooDark/*", "State", K::camera_covered, K::alarm_cleared, "too_dark"},
        {"VideoSource/ImageTooBlurry/*", "State", K::camera_covered, K::alarm_cleared, "blurred"},
        {"UserAlarm/VideoCover", "State", K::camera_covered, K::alarm_cleared, "covered"},
        {"Device/Trigger/DigitalInput", "LogicalState", K::alarm_raised, K::alarm_cleared, "input"},
        {"Device/Trigger/AlarmIn", "State", K::alarm_raised, K::alarm_cleared, "input"},
        {"Device/IO/Port", "state", K::alarm_raised, K::alarm_cleared, "input"},
        {"Device/Sensor/PIR", "state", K::alarm_raised, K::alarm_cleared, "pir"},
        {"Device/Trigger/Relay", "LogicalState", K::device_event, K::device_event, "relay"},
        {"Device/HardwareFailure/StorageFailure", "Failed", K::alarm_raised, K::alarm_cleared, "disk_error"},
        {"Device/HardwareFailure/PowerSupplyFailure", "Failed", K::alarm_raised, K::alarm_cleared, "power_supply"},
        {"RuleEngine/MyRuleDetector/PeopleDetect", "State", K::device_event, K::device_event, "people"},
        {"RuleEngine/MyRuleDetector/VehicleDetect", "State", K::device_event, K::device_event, "vehicle"},
        {"RuleEngine/MyRuleDetector/Visitor", "State", K::call_started, std::nullopt, "visitor"},
        {"RuleEngine/CellMotionDetector/People", "IsPeople", K::device_event, K::device_event, "people"},
        {"RuleEngine/CellMotionDetector/TpSmartEvent", "IsPeople", K::device_event, K::device_event, "people"},
        {"RuleEngine/CellMotionDetector/TpSmartEvent", "IsVehicle", K::device_event, K::device_event, "vehicle"},
        {"RuleEngine/TPSmartEventDetector/TPSmartEvent", "IsPeople", K::device_event, K::device_event, "people"},
        {"RuleEngine/TPSmartEventDetector/TPSmartEvent", "IsVehicle", K::device_event, K::device_event, "vehicle"},
    }};
}

bool is_chatter(const Notification& notification) {
    return is_of(notification.topic, "Monitoring/*") || is_of(notification.topic, "Configuration/*");
}

} // namespace gatehouse::drivers::onvif
