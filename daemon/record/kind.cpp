// SPDX-License-Identifier: Apache-2.0
//
// The kinds as one table. `recovered` stands in every device kind: the event was read from the device's own memory afterwards.
#include "daemon/record/kind.hpp"

#include "daemon/base/expects.hpp"
#include "daemon/record/code_tables.hpp"

#include <algorithm>
#include <array>

namespace gatehouse {

namespace {

using enum FieldType;

// What every event read from a device may carry.
constexpr FieldSpec recovered{"recovered", flag, false, "事后读回", "read from the device's memory afterwards"};
constexpr FieldSpec vendor_code{"vendor_code", text, false, "厂商代码", "the vendor's own code"};
constexpr FieldSpec door{"door", whole, false, "门号", "door number"};
constexpr FieldSpec reader{"reader", whole, false, "读头号", "reader number"};
constexpr FieldSpec lane_number{"lane", whole, false, "车道号", "number of the driving lane"};
constexpr FieldSpec direction{"direction", code, false, "方向", "direction", &code_tables::direction};
constexpr FieldSpec cause{"cause", text, false, "原因", "cause, in words"};
constexpr FieldSpec outage{"outage", text, false, "所随停电", "id of the power.lost that it follows from", nullptr, TextForm::uuid};

constexpr std::array pass_fields{
    door,
    reader,
    direction,
    FieldSpec{"method", code, false, "核验方式", "how somebody identified", &code_tables::method},
    FieldSpec{"reason", code, false, "结果原因", "why", &code_tables::reason},
    recovered,
    vendor_code,
    FieldSpec{"device_time_flawed", flag, false, "设备时间不可读", "the device's time could not be read"},
    FieldSpec{"card", text, true, "卡号", "card number"},
    FieldSpec{"person", text, true, "人员编号", "person number, as enrolled from here"},
    FieldSpec{"mask", flag, true, "戴口罩", "wears a mask"},
};
constexpr std::array door_fields{door,
                                 reader,
                                 direction,
                                 FieldSpec{"method", code, false, "方式", "how somebody identified", &code_tables::method},
                                 FieldSpec{"reason", code, false, "原因", "why", &code_tables::reason},
                                 recovered,
                                 vendor_code,
                                 FieldSpec{"device_time_flawed", flag, false, "设备时间不可读", "the device's time could not be read"}};
constexpr std::array vehicle_fields{
    lane_number,
    direction,
    FieldSpec{"confidence", whole, false, "置信度", "confidence of the reading, 0 to 100"},
    FieldSpec{"plate_colour", code, false, "号牌颜色", "colour of the plate", &code_tables::plate_colour},
    FieldSpec{"plate_type", text, false, "号牌种类", "class of the plate, in the device's word"},
    FieldSpec{"vehicle_kind", code, false, "车辆类型", "kind of vehicle", &code_tables::vehicle_kind},
    FieldSpec{"vehicle_colour", text, false, "车身颜色", "colour of the vehicle, in the device's word"},
    FieldSpec{"vehicle_brand", whole, false, "车辆品牌代码", "the device's number of the brand"},
    FieldSpec{"list", code, false, "名单类别", "list that the vehicle stands on", &code_tables::list},
    FieldSpec{"read", flag, false, "识别到号牌", "a plate was read"},
    FieldSpec{"barrier_opened", flag, false, "道闸由相机开启", "the camera itself lifted the barrier"},
    recovered,
    vendor_code,
    FieldSpec{"device_time_flawed", flag, false, "设备时间不可读", "the device's time could not be read"},
    FieldSpec{"text_replaced", flag, false, "含无法识别字符", "some text could not be read and was replaced"},
    FieldSpec{"plate_as_read", text, true, "原始号牌文本", "text of the plate as read"},
    FieldSpec{"characters_confidence", text, true, "逐字置信度", "confidence of each character"},
};
constexpr std::array face_fields{FieldSpec{"camera", text, false, "相机", "camera"}, direction, recovered, vendor_code};
constexpr std::array camera_fields{FieldSpec{"camera", text, false, "相机", "camera"},
                                   FieldSpec{"channel", whole, false, "通道", "channel number"},
                                   cause,
                                   FieldSpec{"zone", text, false, "区域", "zone"},
                                   FieldSpec{"from", text, false, "起", "from", nullptr, TextForm::time},
                                   FieldSpec{"to", text, false, "止", "to", nullptr, TextForm::time},
                                   outage,
                                   recovered,
                                   vendor_code};
constexpr std::array alarm_fields{door,
                                  reader,
                                  FieldSpec{"channel", whole, false, "通道", "channel number"},
                                  FieldSpec{"input", whole, false, "输入口", "input number"},
                                  FieldSpec{"zone", text, false, "防区", "zone"},
                                  FieldSpec{"code", text, false, "报警代码", "what kind of alarm, in our word"},
                                  cause,
                                  recovered,
                                  vendor_code,
                                  FieldSpec{"device_time_flawed", flag, false, "设备时间不可读", "the device's time could not be read"}};
constexpr std::array sensor_fields{FieldSpec{"quantity", text, false, "物理量", "what is measured"},
                                   FieldSpec{"value", real, false, "数值", "value"},
                                   FieldSpec{"unit", text, false, "单位", "unit"},
                                   FieldSpec{"channel", whole, false, "通道", "channel number"},
                                   FieldSpec{"limit", real, false, "限值", "limit"},
                                   cause,
                                   recovered,
                                   vendor_code};
constexpr std::array call_fields{FieldSpec{"station", text, false, "对讲机", "intercom station"},
                                 FieldSpec{"answered", flag, false, "已接听", "was answered"},
                                 FieldSpec{"seconds", whole, false, "秒", "seconds"},
                                 door,
                                 reader,
                                 recovered,
                                 vendor_code,
                                 FieldSpec{"room", text, true, "房号", "room"}};
constexpr std::array patrol_fields{FieldSpec{"point", text, false, "巡更点", "checkpoint"}, FieldSpec{"route", text, false, "路线", "round"},
                                   recovered, vendor_code, FieldSpec{"guard", text, true, "保安编号", "guard number"}};
constexpr std::array device_state_fields{cause,
                                         FieldSpec{"fault", code, false, "故障类别", "kind of fault", &code_tables::fault},
                                         FieldSpec{"silent_since", text, false, "静默自", "silent since", nullptr, TextForm::time},
                                         outage,
                                         FieldSpec{"firmware", text, false, "固件", "firmware"},
                                         FieldSpec{"setting", text, false, "设置项", "what was set"},
                                         FieldSpec{"value", text, false, "值", "value"},
                                         FieldSpec{"previous", text, false, "原值", "value before"},
                                         door,
                                         recovered,
                                         vendor_code};
constexpr std::array device_event_fields{FieldSpec{"code", text, false, "事件代码", "our word, or the device's code"},
                                         FieldSpec{"state", text, false, "状态", "state"},
                                         door,
                                         reader,
                                         FieldSpec{"channel", whole, false, "通道", "channel number"},
                                         FieldSpec{"values", text, false, "原始值", "values"},
                                         recovered,
                                         vendor_code,
                                         FieldSpec{"device_time_flawed", flag, false, "设备时间不可读", "the device's time could not be read"}};
constexpr std::array clock_fields{FieldSpec{"offset_ms", whole, false, "偏差毫秒", "the device's clock minus ours, in ms"},
                                  FieldSpec{"set", flag, false, "已校时", "the clock is set by us"}};
constexpr std::array gap_fields{
    FieldSpec{"of", text, false, "来源", "whose records are missing"},
    FieldSpec{"cause", text, false, "原因", "cause, in words"},
    FieldSpec{"count", whole, false, "条数", "how many"},
    FieldSpec{"count_known", flag, false, "条数确切", "the count is exact"},
    FieldSpec{"from", text, false, "起", "from", nullptr, TextForm::time},
    FieldSpec{"to", text, false, "止", "to", nullptr, TextForm::time},
    FieldSpec{"first", whole, false, "首号", "first number missing"},
    FieldSpec{"last", whole, false, "末号", "last number missing"},
    FieldSpec{"generation", whole, false, "代", "generation of the numbers"},
    FieldSpec{"upstream", text, false, "上级平台", "upstream"},
    FieldSpec{"lane", code, false, "通道", "lane", &code_tables::lane},
    FieldSpec{"epoch", text, false, "纪元", "epoch", nullptr, TextForm::uuid},
};
constexpr std::array command_fields{FieldSpec{"command", text, false, "指令", "command"},
                                    FieldSpec{"target", text, false, "目标", "target"},
                                    door,
                                    lane_number,
                                    FieldSpec{"request", text, false, "请求号", "request"},
                                    FieldSpec{"outcome", text, false, "结果", "outcome"},
                                    FieldSpec{"by_role", text, false, "角色", "role of who did it"},
                                    cause,
                                    FieldSpec{"by", text, true, "操作人", "who did it"}};
constexpr std::array change_fields{FieldSpec{"what", text, false, "对象", "what"},
                                   FieldSpec{"action", text, false, "动作", "added, changed or removed"},
                                   FieldSpec{"id", text, false, "编号", "id"},
                                   FieldSpec{"version", whole, false, "版本", "version"},
                                   FieldSpec{"values", text, false, "内容", "values"},
                                   FieldSpec{"by_role", text, false, "角色", "role of who did it"},
                                   cause,
                                   FieldSpec{"by", text, true, "操作人", "who did it"}};
constexpr std::array erased_fields{
    FieldSpec{"positions", list, false, "位置", "positions whose personal part is gone"}, FieldSpec{"count", whole, false, "条数", "how many"},
    FieldSpec{"epoch", text, false, "纪元", "epoch", nullptr, TextForm::uuid}, FieldSpec{"order", text, false, "依据", "what the erasure rests on"},
    FieldSpec{"subject_key", text, false, "主体散列", "keyed hash of the subject"}};
constexpr std::array upstream_fields{
    FieldSpec{"upstream", text, false, "上级平台", "upstream"}, FieldSpec{"lane", code, false, "通道", "lane", &code_tables::lane},
    FieldSpec{"state", text, false, "状态", "state"},           cause,
    FieldSpec{"position", whole, false, "位置", "position"},    FieldSpec{"count", whole, false, "条数", "how many"},
    FieldSpec{"version", whole, false, "版本", "version"},      FieldSpec{"epoch", text, false, "纪元", "epoch", nullptr, TextForm::uuid}};
constexpr std::array audit_fields{
    FieldSpec{"what", text, false, "对象", "what"},        FieldSpec{"route", text, false, "接口", "route"},
    FieldSpec{"case", text, false, "案号", "case number"}, FieldSpec{"by_role", text, false, "角色", "role of who did it"},
    FieldSpec{"count", whole, false, "条数", "how many"},  FieldSpec{"upstream", text, false, "上级平台", "upstream"},
    FieldSpec{"outcome", text, false, "结果", "outcome"},  FieldSpec{"purpose", text, false, "目的", "purpose"},
    FieldSpec{"by", text, true, "操作人", "who did it"}};
constexpr std::array gateway_fields{FieldSpec{"version", text, false, "软件版本", "version"},
                                    FieldSpec{"epoch", text, false, "纪元", "epoch", nullptr, TextForm::uuid},
                                    cause,
                                    FieldSpec{"previous_epoch", text, false, "上一纪元", "epoch before it", nullptr, TextForm::uuid},
                                    FieldSpec{"head", whole, false, "日志头", "the log's last position"},
                                    FieldSpec{"clean", flag, false, "正常停机", "stopped in order"}};
constexpr std::array digest_fields{FieldSpec{"epoch", text, false, "纪元", "epoch", nullptr, TextForm::uuid},
                                   FieldSpec{"first", whole, false, "首位置", "first position"},
                                   FieldSpec{"last", whole, false, "末位置", "last position"},
                                   FieldSpec{"seal", text, false, "封条", "the log's seal", nullptr, TextForm::sha256},
                                   FieldSpec{"previous", text, false, "上一摘要", "seal of the digest before it", nullptr, TextForm::sha256},
                                   FieldSpec{"signature", text, false, "签名", "Ed25519 signature", nullptr, TextForm::base64},
                                   FieldSpec{"key", text, false, "公钥", "public key", nullptr, TextForm::base64},
                                   FieldSpec{"upstream", text, false, "上级平台", "upstream"},
                                   FieldSpec{"lane", code, false, "通道", "lane", &code_tables::lane},
                                   FieldSpec{"count", whole, false, "条数", "how many"},
                                   FieldSpec{"sha256", text, false, "散列", "SHA-256 over the SHA-256 of each event", nullptr, TextForm::sha256},
                                   FieldSpec{"at", text, false, "时刻", "when it was signed", nullptr, TextForm::time}};

constexpr auto urgent = Lane::urgent;
constexpr auto routine = Lane::routine;
using enum RetentionClass;

constexpr std::array kinds{
    KindSpec{Kind::pass_granted, "pass.granted", "通行放行", "somebody was let through", routine, passage, pass_fields},
    KindSpec{Kind::pass_denied, "pass.denied", "通行拒绝", "somebody was not let through", routine, passage, pass_fields},
    KindSpec{Kind::door_opened, "door.opened", "门已打开", "door opened", routine, passage, door_fields},
    KindSpec{Kind::door_closed, "door.closed", "门已关闭", "door closed", routine, passage, door_fields},
    KindSpec{Kind::door_forced, "door.forced", "门被强行打开", "door forced open", urgent, alarm, door_fields},
    KindSpec{Kind::door_held, "door.held", "门开超时", "door held open too long", urgent, alarm, door_fields},
    KindSpec{Kind::button_pressed, "button.pressed", "出门按钮", "exit button pressed", routine, passage, door_fields},
    KindSpec{Kind::vehicle_entered, "vehicle.entered", "车辆驶入", "vehicle came in", routine, vehicle, vehicle_fields},
    KindSpec{Kind::vehicle_left, "vehicle.left", "车辆驶出", "vehicle went out", routine, vehicle, vehicle_fields},
    KindSpec{Kind::vehicle_refused, "vehicle.refused", "车辆未放行", "vehicle not let through", routine, vehicle, vehicle_fields},
    KindSpec{Kind::plate_read, "plate.read", "号牌识别", "plate read", routine, vehicle, vehicle_fields},
    KindSpec{Kind::face_captured, "face.captured", "人脸抓拍", "face captured", routine, passage, face_fields},
    KindSpec{Kind::person_seen, "person.seen", "有人出现", "a person was seen", routine, passage, face_fields},
    KindSpec{Kind::motion_started, "motion.started", "画面变动开始", "motion began", routine, device, camera_fields},
    KindSpec{Kind::motion_ended, "motion.ended", "画面变动结束", "motion ended", routine, device, camera_fields},
    KindSpec{Kind::camera_lost, "camera.lost", "相机离线", "camera lost", urgent, device, camera_fields},
    KindSpec{Kind::camera_restored, "camera.restored", "相机恢复", "camera is back", routine, device, camera_fields},
    KindSpec{Kind::camera_covered, "camera.covered", "相机被遮挡", "camera covered", urgent, alarm, camera_fields},
    KindSpec{Kind::recording_gap, "recording.gap", "录像缺失", "recording is missing", routine, device, camera_fields},
    KindSpec{Kind::fire_alarm, "fire.alarm", "火警", "fire alarm", urgent, alarm, alarm_fields},
    KindSpec{Kind::fire_fault, "fire.fault", "消防故障", "fault of a fire system", urgent, alarm, alarm_fields},
    KindSpec{Kind::fire_restored, "fire.restored", "消防恢复", "fire system restored", urgent, alarm, alarm_fields},
    KindSpec{Kind::gas_alarm, "gas.alarm", "燃气报警", "gas alarm", urgent, alarm, alarm_fields},
    KindSpec{Kind::water_alarm, "water.alarm", "水浸报警", "water alarm", urgent, alarm, alarm_fields},
    KindSpec{Kind::power_reading, "power.reading", "用电读数", "power reading", routine, device, sensor_fields},
    KindSpec{Kind::power_overload, "power.overload", "用电过载", "power overload", urgent, alarm, sensor_fields},
    KindSpec{Kind::power_lost, "power.lost", "断电", "power lost", urgent, alarm, alarm_fields},
    KindSpec{Kind::power_restored, "power.restored", "供电恢复", "power is back", urgent, alarm, alarm_fields},
    KindSpec{Kind::sensor_reading, "sensor.reading", "传感器读数", "sensor reading", routine, device, sensor_fields},
    KindSpec{Kind::alarm_raised, "alarm.raised", "报警", "alarm", urgent, alarm, alarm_fields},
    KindSpec{Kind::alarm_cleared, "alarm.cleared", "报警解除", "alarm over", urgent, alarm, alarm_fields},
    KindSpec{Kind::tamper_raised, "tamper.raised", "防拆报警", "tamper alarm", urgent, alarm, alarm_fields},
    KindSpec{Kind::panic_pressed, "panic.pressed", "紧急求助", "somebody called for help", urgent, alarm, alarm_fields},
    KindSpec{Kind::duress_raised, "duress.raised", "胁迫报警", "duress alarm", urgent, alarm, alarm_fields},
    KindSpec{Kind::perimeter_crossed, "perimeter.crossed", "周界入侵", "perimeter crossed", urgent, alarm, alarm_fields},
    KindSpec{Kind::object_thrown, "object.thrown", "高空抛物", "object thrown from height", urgent, alarm, alarm_fields},
    KindSpec{Kind::ebike_in_lift, "ebike.in_lift", "电动车进电梯", "e-bike in a lift", urgent, alarm, alarm_fields},
    KindSpec{Kind::lift_trapped, "lift.trapped", "电梯困人", "somebody trapped in a lift", urgent, alarm, alarm_fields},
    KindSpec{Kind::call_started, "call.started", "呼叫开始", "call began", routine, passage, call_fields},
    KindSpec{Kind::call_ended, "call.ended", "呼叫结束", "call ended", routine, passage, call_fields},
    KindSpec{Kind::patrol_checked, "patrol.checked", "巡更打卡", "patrol checkpoint", routine, passage, patrol_fields},
    KindSpec{Kind::device_online, "device.online", "设备上线", "device online", routine, device, device_state_fields},
    KindSpec{Kind::device_offline, "device.offline", "设备离线", "device offline", urgent, device, device_state_fields},
    KindSpec{Kind::device_dark, "device.dark", "设备随停电离线", "device offline while the site's power is out", routine, device,
             device_state_fields},
    KindSpec{Kind::device_event, "device.event", "设备事件", "event of a device that has no kind of its own", routine, device, device_event_fields},
    KindSpec{Kind::device_changed, "device.changed", "设备设置变更", "setting of a device changed", routine, device, device_state_fields},
    KindSpec{Kind::clock_skewed, "clock.skewed", "设备时钟偏差", "a device's clock is off", routine, device, clock_fields},
    KindSpec{Kind::gap, "gap", "记录缺口", "records are missing", routine, system, gap_fields},
    KindSpec{Kind::command_asked, "command.asked", "指令提出", "command asked", routine, audit, command_fields},
    KindSpec{Kind::command_done, "command.done", "指令完成", "command done", routine, audit, command_fields},
    KindSpec{Kind::registry_changed, "registry.changed", "登记变更", "registry changed", routine, audit, change_fields},
    KindSpec{Kind::incident_changed, "incident.changed", "事件单变更", "incident changed", routine, audit, change_fields},
    KindSpec{Kind::oversight_changed, "oversight.changed", "监管记录变更", "oversight record changed", routine, audit, change_fields},
    KindSpec{Kind::subject_erased, "subject.erased", "主体已删除", "a subject was erased", routine, audit, erased_fields},
    KindSpec{Kind::upstream_changed, "upstream.changed", "上级平台变更", "upstream changed", routine, system, upstream_fields},
    KindSpec{Kind::upstream_refused, "upstream.refused", "上级平台拒收", "an upstream refused an event", routine, system, upstream_fields},
    KindSpec{Kind::audit_read, "audit.read", "查看留痕", "somebody looked at data", routine, audit, audit_fields},
    KindSpec{Kind::audit_exported, "audit.exported", "导出留痕", "data was exported", routine, audit, audit_fields},
    KindSpec{Kind::audit_changed, "audit.changed", "变更留痕", "somebody changed something", routine, audit, audit_fields},
    KindSpec{Kind::gateway_started, "gateway.started", "网关启动", "gateway started", routine, system, gateway_fields},
    KindSpec{Kind::gateway_stopped, "gateway.stopped", "网关停止", "gateway stopped", routine, system, gateway_fields},
    KindSpec{Kind::digest, "digest", "签名摘要", "signed digest", routine, system, digest_fields},
};

constexpr bool in_enumeration_order() {
    for (std::size_t i = 0; i < kinds.size(); ++i)
        if (static_cast<std::size_t>(kinds[i].kind) != i) return false;
    return kinds.size() == static_cast<std::size_t>(Kind::digest) + 1;
}
static_assert(in_enumeration_order(), "the table stands in the order of the enumeration, whole");

constexpr std::array lane_names{std::string_view("urgent"), std::string_view("routine"), std::string_view("pictures")};
constexpr std::array class_names{std::string_view("passage"), std::string_view("vehicle"), std::string_view("alarm"),
                                 std::string_view("device"),  std::string_view("audit"),   std::string_view("system")};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

} // namespace

bool CodeTable::has(std::string_view code) const {
    return std::any_of(codes.begin(), codes.end(), [&](const CodeSpec& spec) { return spec.code == code; });
}

std::string_view name_of(Lane lane) { return lane_names.at(static_cast<std::size_t>(lane)); }
std::optional<Lane> lane_named(std::string_view name) { return named<Lane>(lane_names, name); }
std::string_view name_of(RetentionClass kept) { return class_names.at(static_cast<std::size_t>(kept)); }
std::optional<RetentionClass> retention_class_named(std::string_view name) { return named<RetentionClass>(class_names, name); }

std::span<const KindSpec> all_kinds() { return kinds; }

const KindSpec& spec_of(Kind kind) {
    const auto at = static_cast<std::size_t>(kind);
    expects(at < kinds.size(), "a kind of the enumeration");
    return kinds[at];
}

std::optional<Kind> kind_named(std::string_view name) {
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const KindSpec& spec) { return spec.name == name; });
    if (found == kinds.end()) return std::nullopt;
    return found->kind;
}

const FieldSpec* field_of(const KindSpec& spec, std::string_view name) {
    const auto found = std::find_if(spec.fields.begin(), spec.fields.end(), [&](const FieldSpec& field) { return field.name == name; });
    return found == spec.fields.end() ? nullptr : &*found;
}

} // namespace gatehouse
