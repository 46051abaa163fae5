// SPDX-License-Identifier: Apache-2.0
//
// The enumerations that facts take their values from: each value with the field's Chinese and English term, and its number in GA/T 1400.3
// where that has one. A receiver reads the same tables in sync/schemas.json, which is printed from them.
#pragma once

#include "daemon/record/kind.hpp"

#include <array>

namespace gatehouse::code_tables {

namespace values {

constexpr std::array directions{CodeSpec{"in", "进", "inward"}, CodeSpec{"out", "出", "outward"}, CodeSpec{"unknown", "未知", "not known"}};

constexpr std::array methods{
    CodeSpec{"card", "刷卡", "card"},
    CodeSpec{"face", "人脸", "face"},
    CodeSpec{"pin", "密码", "PIN"},
    CodeSpec{"fingerprint", "指纹", "fingerprint"},
    CodeSpec{"card_pin", "刷卡加密码", "card and PIN"},
    CodeSpec{"card_face", "刷卡加人脸", "card and face"},
    CodeSpec{"card_fingerprint", "刷卡加指纹", "card and fingerprint"},
    CodeSpec{"face_pin", "人脸加密码", "face and PIN"},
    CodeSpec{"face_fingerprint", "人脸加指纹", "face and fingerprint"},
    CodeSpec{"face_pin_fingerprint", "人脸加密码加指纹", "face, PIN and fingerprint"},
    CodeSpec{"card_face_fingerprint", "刷卡加人脸加指纹", "card, face and fingerprint"},
    CodeSpec{"employee_fingerprint", "工号加指纹", "person number and fingerprint"},
    CodeSpec{"employee_face", "工号加人脸", "person number and face"},
    CodeSpec{"employee_pin", "工号加密码", "person number and PIN"},
    CodeSpec{"id_card", "身份证", "identity card"},
    CodeSpec{"qr", "二维码", "QR code"},
    CodeSpec{"button", "出门按钮", "exit button"},
    CodeSpec{"remote", "远程开门", "opened remotely"},
    CodeSpec{"multi_card", "多重卡", "several cards together"},
    CodeSpec{"super_pin", "超级密码", "super PIN"},
    CodeSpec{"password", "口令", "password"},
    CodeSpec{"phone", "手机", "phone"},
    CodeSpec{"unknown", "未知", "not known"},
};

constexpr std::array reasons{
    CodeSpec{"granted", "允许通行", "granted"},
    CodeSpec{"no_right", "无权限", "no right at this door"},
    CodeSpec{"unknown_credential", "凭证未登记", "unknown credential"},
    CodeSpec{"expired", "凭证过期", "expired"},
    CodeSpec{"outside_time_plan", "不在允许时段", "outside the time plan"},
    CodeSpec{"wrong_pin", "密码错误", "wrong PIN"},
    CodeSpec{"anti_passback", "反潜回", "anti-passback"},
    CodeSpec{"interlock", "多门互锁", "interlock with another door"},
    CodeSpec{"multi_card", "多重卡未满足", "not all cards of several"},
    CodeSpec{"first_card", "首卡未刷", "first card not shown yet"},
    CodeSpec{"use_count", "次数用尽或受限", "number of uses exceeded"},
    CodeSpec{"too_many_tries", "尝试次数过多", "too many tries"},
    CodeSpec{"timed_out", "核验超时", "timed out"},
    CodeSpec{"mismatch", "比对不符", "does not match"},
    CodeSpec{"liveness_failed", "活体检测未通过", "liveness check failed"},
    CodeSpec{"not_enrolled", "未录入", "not enrolled"},
    CodeSpec{"block_list", "在禁止名单", "on the block list"},
    CodeSpec{"door_dormant", "门处于休眠", "door dormant"},
    CodeSpec{"door_closed_mode", "门处于常闭", "door held closed"},
    CodeSpec{"door_open_mode", "门处于常开", "door held open"},
    CodeSpec{"pc_control", "由上位机控制", "under control of a computer"},
    CodeSpec{"forced_lock", "强制锁闭", "locked by force"},
    CodeSpec{"not_online", "控制器未联机", "controller not online"},
    CodeSpec{"disabled_by_task", "定时任务停用", "disabled by a timed task"},
    CodeSpec{"too_many_inside", "区域人数已满", "too many inside"},
    CodeSpec{"order_of_passage", "通行顺序不符", "wrong order of passage"},
    CodeSpec{"too_close", "刷卡间隔过短", "too soon after the last"},
    CodeSpec{"super_pin", "超级密码", "super PIN"},
    CodeSpec{"remote", "远程开门", "opened remotely"},
    CodeSpec{"unknown", "未知", "not known"},
};

// Yellow-green and gradient green have no number of their own in GA/T 1400.3: 9, as new-energy plates are sent.
constexpr std::array plate_colours{
    CodeSpec{"blue", "蓝", "blue", "5"},      CodeSpec{"yellow", "黄", "yellow", "6"},
    CodeSpec{"green", "绿", "green", "9"},    CodeSpec{"yellow_green", "黄绿", "yellow and green", "9"},
    CodeSpec{"white", "白", "white", "2"},    CodeSpec{"black", "黑", "black", "1"},
    CodeSpec{"other", "其他", "other", "99"}, CodeSpec{"unknown", "未知", "not known"},
};

constexpr std::array vehicle_kinds{
    CodeSpec{"car", "轿车", "car"},
    CodeSpec{"suv_mpv", "越野车或多用途车", "SUV or MPV"},
    CodeSpec{"van", "面包车", "van"},
    CodeSpec{"bus", "客车", "bus"},
    CodeSpec{"truck", "货车", "truck"},
    CodeSpec{"light_truck", "小货车", "light truck"},
    CodeSpec{"buggy", "小型车", "small vehicle"},
    CodeSpec{"two_wheel", "二轮车", "two-wheeler"},
    CodeSpec{"three_wheel", "三轮车", "three-wheeler"},
    CodeSpec{"other", "其他", "other"},
    CodeSpec{"unknown", "未知", "not known"},
};

constexpr std::array list_kinds{
    CodeSpec{"allow", "允许名单", "allow list"}, CodeSpec{"block", "禁止名单", "block list"}, CodeSpec{"temporary", "临时车", "temporary"},
    CodeSpec{"other", "其他", "other"},          CodeSpec{"none", "不在名单", "on no list"},
};

constexpr std::array lanes{CodeSpec{"urgent", "紧急", "urgent"}, CodeSpec{"routine", "常规", "routine"}, CodeSpec{"pictures", "图片", "pictures"}};

constexpr std::array faults{
    CodeSpec{"unreachable", "不可达", "no answer, connection refused or lost"},
    CodeSpec{"refused", "被拒绝", "understood, and refused"},
    CodeSpec{"malformed", "格式错误", "bytes that do not follow their format"},
    CodeSpec{"timed_out", "超时", "no answer in time"},
    CodeSpec{"full", "已满", "a bound is reached"},
    CodeSpec{"gone", "不存在", "does not exist (any more)"},
    CodeSpec{"unsupported", "不支持", "not supported"},
    CodeSpec{"damaged", "数据损坏", "stored bytes are damaged"},
    CodeSpec{"busy", "忙", "busy, try again later"},
};

constexpr std::array clocks{
    CodeSpec{"synced", "已校时", "the clock is right"},
    CodeSpec{"unsynced", "未校时", "the gateway's clock is not set"},
    CodeSpec{"skewed", "设备时钟偏差", "the device's clock is off"},
};

constexpr std::array roles{CodeSpec{"scene", "全景", "scene"}, CodeSpec{"face", "人脸", "face", "11"}, CodeSpec{"plate", "号牌", "plate", "02"}};

} // namespace values

inline constexpr CodeTable direction{"direction", "方向", "direction", values::directions};
inline constexpr CodeTable method{"method", "核验方式", "how somebody identified", values::methods};
inline constexpr CodeTable reason{"reason", "结果原因", "why", values::reasons};
inline constexpr CodeTable plate_colour{"plate_colour", "号牌颜色", "colour of a plate", values::plate_colours};
inline constexpr CodeTable vehicle_kind{"vehicle_kind", "车辆类型", "kind of vehicle", values::vehicle_kinds};
inline constexpr CodeTable list{"list", "名单类别", "list that a vehicle stands on", values::list_kinds};
inline constexpr CodeTable lane{"lane", "上报通道", "lane of an upstream", values::lanes};
inline constexpr CodeTable fault{"fault", "故障类别", "kind of fault", values::faults};
inline constexpr CodeTable clock{"clock", "时钟状态", "how far the device's clock could be believed", values::clocks};
inline constexpr CodeTable picture_role{"picture_role", "图片类别", "what a picture shows", values::roles};

} // namespace gatehouse::code_tables
