// SPDX-License-Identifier: Apache-2.0
//
// The kinds as one table. `recovered` stands in every device kind: the event was read from the device's own memory afterwards.
#include "daemon/record/kind.hpp"

#include "daemon/base/expects.hpp"

#include <algorithm>
#include <array>

namespace gatehouse {

namespace {

using enum FieldType;

constexpr std::string_view directions = "in out unknown";
constexpr std::string_view methods =
    "card face pin fingerprint card_pin card_face card_fingerprint face_pin face_fingerprint face_pin_fingerprint card_face_fingerprint "
    "employee_fingerprint employee_face employee_pin id_card qr button remote multi_card super_pin password phone unknown";
constexpr std::string_view reasons =
    "granted no_right unknown_credential expired outside_time_plan wrong_pin anti_passback interlock multi_card first_card use_count too_many_tries "
    "timed_out mismatch liveness_failed not_enrolled block_list door_dormant door_closed_mode door_open_mode pc_control forced_lock not_online "
    "disabled_by_task too_many_inside order_of_passage too_close super_pin remote unknown";
constexpr std::string_view plate_colours = "blue yellow green yellow_green white black other unknown"; // GA/T 1400.3 table B: 蓝黄绿白黑其他
constexpr std::string_view vehicle_kinds = "car suv_mpv van bus truck light_truck buggy two_wheel three_wheel other unknown";
constexpr std::string_view list_kinds = "allow block temporary other none";

// What every event read from a device may carry.
constexpr FieldSpec recovered{"recovered", flag, false, "事后读回"};
constexpr FieldSpec vendor_code{"vendor_code", text, false, "厂商代码"};
constexpr FieldSpec door{"door", whole, false, "门号"};
constexpr FieldSpec reader{"reader", whole, false, "读头号"};
constexpr FieldSpec lane_number{"lane", whole, false, "车道号"};
constexpr FieldSpec direction{"direction", code, false, "方向", directions};
constexpr FieldSpec cause{"cause", text, false, "原因"};

constexpr std::array pass_fields{
    door,
    reader,
    direction,
    FieldSpec{"method", code, false, "核验方式", methods},
    FieldSpec{"reason", code, false, "结果原因", reasons},
    recovered,
    vendor_code,
    FieldSpec{"device_time_flawed", flag, false, "设备时间不可读"},
    FieldSpec{"card", text, true, "卡号"},
    FieldSpec{"person", text, true, "人员编号"},
    FieldSpec{"mask", flag, true, "戴口罩"},
};
constexpr std::array door_fields{door,
                                 reader,
                                 direction,
                                 FieldSpec{"method", code, false, "方式", methods},
                                 FieldSpec{"reason", code, false, "原因", reasons},
                                 recovered,
                                 vendor_code,
                                 FieldSpec{"device_time_flawed", flag, false, "设备时间不可读"}};
constexpr std::array vehicle_fields{
    lane_number,
    direction,
    FieldSpec{"confidence", whole, false, "置信度"},
    FieldSpec{"plate_colour", code, false, "号牌颜色", plate_colours},
    FieldSpec{"plate_type", text, false, "号牌种类"},
    FieldSpec{"vehicle_kind", code, false, "车辆类型", vehicle_kinds},
    FieldSpec{"vehicle_colour", text, false, "车身颜色"},
    FieldSpec{"vehicle_brand", whole, false, "车辆品牌代码"},
    FieldSpec{"list", code, false, "名单类别", list_kinds},
    FieldSpec{"read", flag, false, "识别到号牌"},
    FieldSpec{"barrier_opened", flag, false, "道闸由相机开启"},
    recovered,
    vendor_code,
    FieldSpec{"device_time_flawed", flag, false, "设备时间不可读"},
    FieldSpec{"text_replaced", flag, false, "含无法识别字符"},
    FieldSpec{"plate_as_read", text, true, "原始号牌文本"},
    FieldSpec{"characters_confidence", text, true, "逐字置信度"},
};
constexpr std::array face_fields{FieldSpec{"camera", text, false, "相机"}, direction, recovered, vendor_code};
constexpr std::array camera_fields{
    FieldSpec{"camera", text, false, "相机"}, FieldSpec{"channel", whole, false, "通道"}, cause,     FieldSpec{"zone", text, false, "区域"},
    FieldSpec{"from", text, false, "起"},     FieldSpec{"to", text, false, "止"},         recovered, vendor_code};
constexpr std::array alarm_fields{door,
                                  reader,
                                  FieldSpec{"channel", whole, false, "通道"},
                                  FieldSpec{"input", whole, false, "输入口"},
                                  FieldSpec{"zone", text, false, "防区"},
                                  FieldSpec{"code", text, false, "报警代码"},
                                  cause,
                                  recovered,
                                  vendor_code,
                                  FieldSpec{"device_time_flawed", flag, false, "设备时间不可读"}};
constexpr std::array sensor_fields{FieldSpec{"quantity", text, false, "物理量"},
                                   FieldSpec{"value", real, false, "数值"},
                                   FieldSpec{"unit", text, false, "单位"},
                                   FieldSpec{"channel", whole, false, "通道"},
                                   FieldSpec{"limit", real, false, "限值"},
                                   cause,
                                   recovered,
                                   vendor_code};
constexpr std::array call_fields{FieldSpec{"station", text, false, "对讲机"},
                                 FieldSpec{"answered", flag, false, "已接听"},
                                 FieldSpec{"seconds", whole, false, "秒"},
                                 door,
                                 reader,
                                 recovered,
                                 vendor_code,
                                 FieldSpec{"room", text, true, "房号"}};
constexpr std::array patrol_fields{FieldSpec{"point", text, false, "巡更点"}, FieldSpec{"route", text, false, "路线"}, recovered, vendor_code,
                                   FieldSpec{"guard", text, true, "保安编号"}};
constexpr std::array device_state_fields{cause,
                                         FieldSpec{"fault", text, false, "故障类别"},
                                         FieldSpec{"silent_since", text, false, "静默自"},
                                         FieldSpec{"firmware", text, false, "固件"},
                                         FieldSpec{"setting", text, false, "设置项"},
                                         FieldSpec{"value", text, false, "值"},
                                         FieldSpec{"previous", text, false, "原值"},
                                         door,
                                         recovered,
                                         vendor_code};
constexpr std::array device_event_fields{FieldSpec{"code", text, false, "事件代码"},
                                         FieldSpec{"state", text, false, "状态"},
                                         door,
                                         reader,
                                         FieldSpec{"channel", whole, false, "通道"},
                                         FieldSpec{"values", text, false, "原始值"},
                                         recovered,
                                         vendor_code,
                                         FieldSpec{"device_time_flawed", flag, false, "设备时间不可读"}};
constexpr std::array clock_fields{FieldSpec{"offset_ms", whole, false, "偏差毫秒"}, FieldSpec{"set", flag, false, "已校时"}};
constexpr std::array gap_fields{
    FieldSpec{"of", text, false, "来源"},        FieldSpec{"cause", text, false, "原因"},
    FieldSpec{"count", whole, false, "条数"},    FieldSpec{"count_known", flag, false, "条数确切"},
    FieldSpec{"from", text, false, "起"},        FieldSpec{"to", text, false, "止"},
    FieldSpec{"first", whole, false, "首号"},    FieldSpec{"last", whole, false, "末号"},
    FieldSpec{"generation", whole, false, "代"}, FieldSpec{"upstream", text, false, "上级平台"},
    FieldSpec{"lane", text, false, "通道"},      FieldSpec{"epoch", text, false, "纪元"},
};
constexpr std::array command_fields{FieldSpec{"command", text, false, "指令"},
                                    FieldSpec{"target", text, false, "目标"},
                                    door,
                                    lane_number,
                                    FieldSpec{"request", text, false, "请求号"},
                                    FieldSpec{"outcome", text, false, "结果"},
                                    FieldSpec{"by_role", text, false, "角色"},
                                    cause,
                                    FieldSpec{"by", text, true, "操作人"}};
constexpr std::array change_fields{FieldSpec{"what", text, false, "对象"},
                                   FieldSpec{"action", text, false, "动作"},
                                   FieldSpec{"id", text, false, "编号"},
                                   FieldSpec{"version", whole, false, "版本"},
                                   FieldSpec{"values", text, false, "内容"},
                                   FieldSpec{"by_role", text, false, "角色"},
                                   cause,
                                   FieldSpec{"by", text, true, "操作人"}};
constexpr std::array erased_fields{FieldSpec{"positions", list, false, "位置"}, FieldSpec{"count", whole, false, "条数"},
                                   FieldSpec{"epoch", text, false, "纪元"}, FieldSpec{"order", text, false, "依据"},
                                   FieldSpec{"subject_key", text, false, "主体散列"}};
constexpr std::array upstream_fields{FieldSpec{"upstream", text, false, "上级平台"}, FieldSpec{"lane", text, false, "通道"},
                                     FieldSpec{"state", text, false, "状态"},        cause,
                                     FieldSpec{"position", whole, false, "位置"},    FieldSpec{"count", whole, false, "条数"},
                                     FieldSpec{"version", whole, false, "版本"},     FieldSpec{"epoch", text, false, "纪元"}};
constexpr std::array audit_fields{
    FieldSpec{"what", text, false, "对象"},    FieldSpec{"route", text, false, "接口"},   FieldSpec{"case", text, false, "案号"},
    FieldSpec{"by_role", text, false, "角色"}, FieldSpec{"count", whole, false, "条数"},  FieldSpec{"upstream", text, false, "上级平台"},
    FieldSpec{"outcome", text, false, "结果"}, FieldSpec{"purpose", text, false, "目的"}, FieldSpec{"by", text, true, "操作人"}};
constexpr std::array gateway_fields{
    FieldSpec{"version", text, false, "软件版本"},        FieldSpec{"epoch", text, false, "纪元"},   cause,
    FieldSpec{"previous_epoch", text, false, "上一纪元"}, FieldSpec{"head", whole, false, "日志头"}, FieldSpec{"clean", flag, false, "正常停机"}};
constexpr std::array digest_fields{
    FieldSpec{"epoch", text, false, "纪元"},  FieldSpec{"first", whole, false, "首位置"},     FieldSpec{"last", whole, false, "末位置"},
    FieldSpec{"seal", text, false, "封条"},   FieldSpec{"previous", text, false, "上一摘要"}, FieldSpec{"signature", text, false, "签名"},
    FieldSpec{"key", text, false, "公钥"},    FieldSpec{"upstream", text, false, "上级平台"}, FieldSpec{"lane", text, false, "通道"},
    FieldSpec{"count", whole, false, "条数"}, FieldSpec{"sha256", text, false, "散列"},       FieldSpec{"at", text, false, "时刻"}};

constexpr auto urgent = Lane::urgent;
constexpr auto routine = Lane::routine;
using enum RetentionClass;

constexpr std::array kinds{
    KindSpec{Kind::pass_granted, "pass.granted", "通行放行", routine, passage, pass_fields},
    KindSpec{Kind::pass_denied, "pass.denied", "通行拒绝", routine, passage, pass_fields},
    KindSpec{Kind::door_opened, "door.opened", "门已打开", routine, passage, door_fields},
    KindSpec{Kind::door_closed, "door.closed", "门已关闭", routine, passage, door_fields},
    KindSpec{Kind::door_forced, "door.forced", "门被强行打开", urgent, alarm, door_fields},
    KindSpec{Kind::door_held, "door.held", "门开超时", urgent, alarm, door_fields},
    KindSpec{Kind::button_pressed, "button.pressed", "出门按钮", routine, passage, door_fields},
    KindSpec{Kind::vehicle_entered, "vehicle.entered", "车辆驶入", routine, vehicle, vehicle_fields},
    KindSpec{Kind::vehicle_left, "vehicle.left", "车辆驶出", routine, vehicle, vehicle_fields},
    KindSpec{Kind::vehicle_refused, "vehicle.refused", "车辆未放行", routine, vehicle, vehicle_fields},
    KindSpec{Kind::plate_read, "plate.read", "号牌识别", routine, vehicle, vehicle_fields},
    KindSpec{Kind::face_captured, "face.captured", "人脸抓拍", routine, passage, face_fields},
    KindSpec{Kind::person_seen, "person.seen", "有人出现", routine, passage, face_fields},
    KindSpec{Kind::motion_started, "motion.started", "画面变动开始", routine, device, camera_fields},
    KindSpec{Kind::motion_ended, "motion.ended", "画面变动结束", routine, device, camera_fields},
    KindSpec{Kind::camera_lost, "camera.lost", "相机离线", urgent, device, camera_fields},
    KindSpec{Kind::camera_restored, "camera.restored", "相机恢复", routine, device, camera_fields},
    KindSpec{Kind::camera_covered, "camera.covered", "相机被遮挡", urgent, alarm, camera_fields},
    KindSpec{Kind::recording_gap, "recording.gap", "录像缺失", routine, device, camera_fields},
    KindSpec{Kind::fire_alarm, "fire.alarm", "火警", urgent, alarm, alarm_fields},
    KindSpec{Kind::fire_fault, "fire.fault", "消防故障", urgent, alarm, alarm_fields},
    KindSpec{Kind::fire_restored, "fire.restored", "消防恢复", urgent, alarm, alarm_fields},
    KindSpec{Kind::gas_alarm, "gas.alarm", "燃气报警", urgent, alarm, alarm_fields},
    KindSpec{Kind::water_alarm, "water.alarm", "水浸报警", urgent, alarm, alarm_fields},
    KindSpec{Kind::power_reading, "power.reading", "用电读数", routine, device, sensor_fields},
    KindSpec{Kind::power_overload, "power.overload", "用电过载", urgent, alarm, sensor_fields},
    KindSpec{Kind::power_lost, "power.lost", "断电", urgent, alarm, alarm_fields},
    KindSpec{Kind::power_restored, "power.restored", "供电恢复", urgent, alarm, alarm_fields},
    KindSpec{Kind::sensor_reading, "sensor.reading", "传感器读数", routine, device, sensor_fields},
    KindSpec{Kind::alarm_raised, "alarm.raised", "报警", urgent, alarm, alarm_fields},
    KindSpec{Kind::alarm_cleared, "alarm.cleared", "报警解除", urgent, alarm, alarm_fields},
    KindSpec{Kind::tamper_raised, "tamper.raised", "防拆报警", urgent, alarm, alarm_fields},
    KindSpec{Kind::panic_pressed, "panic.pressed", "紧急求助", urgent, alarm, alarm_fields},
    KindSpec{Kind::duress_raised, "duress.raised", "胁迫报警", urgent, alarm, alarm_fields},
    KindSpec{Kind::perimeter_crossed, "perimeter.crossed", "周界入侵", urgent, alarm, alarm_fields},
    KindSpec{Kind::object_thrown, "object.thrown", "高空抛物", urgent, alarm, alarm_fields},
    KindSpec{Kind::ebike_in_lift, "ebike.in_lift", "电动车进电梯", urgent, alarm, alarm_fields},
    KindSpec{Kind::lift_trapped, "lift.trapped", "电梯困人", urgent, alarm, alarm_fields},
    KindSpec{Kind::call_started, "call.started", "呼叫开始", routine, passage, call_fields},
    KindSpec{Kind::call_ended, "call.ended", "呼叫结束", routine, passage, call_fields},
    KindSpec{Kind::patrol_checked, "patrol.checked", "巡更打卡", routine, passage, patrol_fields},
    KindSpec{Kind::device_online, "device.online", "设备上线", routine, device, device_state_fields},
    KindSpec{Kind::device_offline, "device.offline", "设备离线", urgent, device, device_state_fields},
    KindSpec{Kind::device_event, "device.event", "设备事件", routine, device, device_event_fields},
    KindSpec{Kind::device_changed, "device.changed", "设备设置变更", routine, device, device_state_fields},
    KindSpec{Kind::clock_skewed, "clock.skewed", "设备时钟偏差", routine, device, clock_fields},
    KindSpec{Kind::gap, "gap", "记录缺口", routine, system, gap_fields},
    KindSpec{Kind::command_asked, "command.asked", "指令提出", routine, audit, command_fields},
    KindSpec{Kind::command_done, "command.done", "指令完成", routine, audit, command_fields},
    KindSpec{Kind::registry_changed, "registry.changed", "登记变更", routine, audit, change_fields},
    KindSpec{Kind::incident_changed, "incident.changed", "事件单变更", routine, audit, change_fields},
    KindSpec{Kind::oversight_changed, "oversight.changed", "监管记录变更", routine, audit, change_fields},
    KindSpec{Kind::subject_erased, "subject.erased", "主体已删除", routine, audit, erased_fields},
    KindSpec{Kind::upstream_changed, "upstream.changed", "上级平台变更", routine, system, upstream_fields},
    KindSpec{Kind::upstream_refused, "upstream.refused", "上级平台拒收", routine, system, upstream_fields},
    KindSpec{Kind::audit_read, "audit.read", "查看留痕", routine, audit, audit_fields},
    KindSpec{Kind::audit_exported, "audit.exported", "导出留痕", routine, audit, audit_fields},
    KindSpec{Kind::audit_changed, "audit.changed", "变更留痕", routine, audit, audit_fields},
    KindSpec{Kind::gateway_started, "gateway.started", "网关启动", routine, system, gateway_fields},
    KindSpec{Kind::gateway_stopped, "gateway.stopped", "网关停止", routine, system, gateway_fields},
    KindSpec{Kind::digest, "digest", "签名摘要", routine, system, digest_fields},
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
