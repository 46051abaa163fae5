// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/entity.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::registry {

namespace {

using enum FieldType;
using enum Shown;

constexpr Field name_of_person{.name = "name", .zh = "姓名", .en = "name", .shown = personal, .needed = true};
constexpr Field from_day{.name = "from", .zh = "开始日期", .en = "from", .type = day};
constexpr Field to_day{.name = "to", .zh = "结束日期", .en = "to", .type = day};
constexpr Field person_needed{.name = "person", .zh = "人员编号", .en = "person", .type = reference, .needed = true, .of = "person"};
constexpr Field home_maybe{.name = "home", .zh = "房屋", .en = "home", .type = reference, .of = "place/home"};

constexpr std::string_view document_kinds = "id_card passport hk_macao_permit taiwan_permit residence_permit foreign_permanent other";
constexpr std::string_view document_kinds_zh =
    "居民身份证 护照 港澳居民来往内地通行证 台湾居民来往大陆通行证 港澳台居民居住证 外国人永久居留身份证 其他";

constexpr std::array person_fields{
    name_of_person,
    Field{.name = "sex", .zh = "性别", .en = "sex", .type = choice, .shown = personal, .of = "male female", .of_zh = "男 女"},
    Field{.name = "born", .zh = "出生日期", .en = "born", .type = day, .shown = personal},
    Field{.name = "category",
          .zh = "人员类别",
          .en = "category",
          .type = choice,
          .needed = true,
          .of = "registered resident floating foreign tenant staff",
          .of_zh = "户籍 常住 流动 境外 租客 工作人员"},
    Field{.name = "phone", .zh = "电话", .en = "phone", .type = phone, .shown = masked, .found_by = true},
    Field{.name = "document_kind",
          .zh = "证件种类",
          .en = "document kind",
          .type = choice,
          .shown = personal,
          .of = document_kinds,
          .of_zh = document_kinds_zh},
    Field{.name = "document_number", .zh = "证件号码", .en = "document number", .type = document, .shown = masked, .found_by = true, .unique = true},
    Field{.name = "household_area", .zh = "户籍地区划代码", .en = "household area", .type = area, .shown = personal},
    Field{.name = "emergency_phone", .zh = "紧急联系电话", .en = "emergency phone", .type = phone, .shown = masked},
    Field{.name = "care_service", .zh = "关爱服务", .en = "care service", .type = flag, .shown = personal},
    Field{.name = "no_face", .zh = "不用人脸", .en = "no face", .type = flag},
};

constexpr std::array residence_fields{
    person_needed,
    Field{.name = "home", .zh = "房屋", .en = "home", .type = reference, .needed = true, .of = "place/home"},
    Field{.name = "relation",
          .zh = "居住关系",
          .en = "relation",
          .type = choice,
          .needed = true,
          .of = "owner family tenant subtenant",
          .of_zh = "业主 家属 租客 转租客"},
    from_day,
    to_day,
    Field{.name = "verified_by",
          .zh = "核验方式",
          .en = "verified by",
          .type = choice,
          .of = "id_reader police lease deed none",
          .of_zh = "证件读卡 公安核验 租赁合同 产权证 未核验"},
};

constexpr std::array lease_fields{
    Field{.name = "home", .zh = "房屋", .en = "home", .type = reference, .needed = true, .of = "place/home"},
    Field{.name = "tenant", .zh = "承租人", .en = "tenant", .type = reference, .needed = true, .of = "person"},
    Field{.name = "lessor", .zh = "出租人", .en = "lessor", .shown = personal, .most = 128},
    Field{.name = "contract", .zh = "合同编号", .en = "contract", .shown = personal},
    Field{.name = "from", .zh = "开始日期", .en = "from", .type = day, .needed = true},
    Field{.name = "to", .zh = "结束日期", .en = "to", .type = day, .needed = true},
    Field{.name = "filing_number", .zh = "备案编号", .en = "filing number", .shown = personal},
    Field{.name = "filed_on", .zh = "备案日期", .en = "filed on", .type = day},
    Field{.name = "lodgers", .zh = "居住人数", .en = "lodgers", .type = whole, .most = 99},
};

constexpr std::array visit_fields{
    name_of_person,
    Field{.name = "phone", .zh = "电话", .en = "phone", .type = phone, .shown = masked, .found_by = true},
    Field{.name = "document_kind",
          .zh = "证件种类",
          .en = "document kind",
          .type = choice,
          .shown = personal,
          .of = document_kinds,
          .of_zh = document_kinds_zh},
    Field{.name = "document_number", .zh = "证件号码", .en = "document number", .type = document, .shown = masked, .found_by = true},
    Field{.name = "plate", .zh = "车牌", .en = "plate", .type = plate, .shown = personal, .found_by = true},
    Field{.name = "home", .zh = "被访房屋", .en = "home", .type = reference, .needed = true, .of = "place/home"},
    Field{.name = "host", .zh = "被访人", .en = "host", .type = reference, .of = "person"},
    Field{.name = "purpose",
          .zh = "事由",
          .en = "purpose",
          .type = choice,
          .needed = true,
          .of = "friends delivery service moving viewing other",
          .of_zh = "访友 快递外卖 上门服务 搬家 看房 其他"},
    Field{.name = "from", .zh = "来访时间", .en = "from", .type = moment, .needed = true},
    Field{.name = "to", .zh = "离开时限", .en = "to", .type = moment, .needed = true},
    Field{.name = "uses", .zh = "通行次数", .en = "uses", .type = whole, .most = 99},
    Field{.name = "state",
          .zh = "状态",
          .en = "state",
          .type = choice,
          .needed = true,
          .of = "expected arrived left refused cancelled",
          .of_zh = "预约 已到 已离 拒绝 取消"},
};

constexpr std::array staff_fields{
    person_needed,
    Field{.name = "organisation", .zh = "单位", .en = "organisation", .type = reference, .needed = true, .of = "organisation"},
    Field{.name = "duty",
          .zh = "岗位",
          .en = "duty",
          .type = choice,
          .needed = true,
          .of = "guard manager cleaner technician gardener other",
          .of_zh = "保安 管理 保洁 维修 绿化 其他"},
    from_day,
    to_day,
};

constexpr std::array vehicle_fields{
    Field{.name = "plate", .zh = "车牌", .en = "plate", .type = plate, .shown = personal, .found_by = true, .unique = true},
    Field{.name = "colour_of_plate",
          .zh = "号牌颜色",
          .en = "plate colour",
          .type = choice,
          .of = "blue yellow green yellow_green white black",
          .of_zh = "蓝 黄 绿 黄绿 白 黑"},
    Field{.name = "e_bike_plate", .zh = "电动自行车号牌", .en = "e-bike plate", .shown = personal, .found_by = true, .unique = true},
    Field{.name = "body",
          .zh = "车辆类型",
          .en = "body",
          .type = choice,
          .of = "car suv van bus truck motorcycle e_bike other",
          .of_zh = "轿车 越野车 面包车 客车 货车 摩托车 电动自行车 其他"},
    Field{.name = "brand", .zh = "品牌型号", .en = "brand"},
    Field{.name = "colour", .zh = "车身颜色", .en = "colour", .most = 32},
    Field{.name = "owner", .zh = "车主", .en = "owner", .type = reference, .of = "person"},
    home_maybe,
    Field{.name = "space", .zh = "车位", .en = "space", .most = 32},
};

constexpr std::array permit_fields{
    Field{.name = "vehicle", .zh = "车辆", .en = "vehicle", .type = reference, .needed = true, .of = "vehicle"},
    Field{.name = "kind",
          .zh = "许可种类",
          .en = "kind",
          .type = choice,
          .needed = true,
          .of = "owner monthly temporary visitor service free",
          .of_zh = "业主 月租 临时 访客 服务 免费"},
    Field{.name = "from", .zh = "开始日期", .en = "from", .type = day, .needed = true},
    to_day,
    Field{.name = "time_plan", .zh = "时段", .en = "time plan", .type = reference, .of = "time_plan"},
};

constexpr std::array thing_fields{
    Field{.name = "kind",
          .zh = "类别",
          .en = "kind",
          .type = choice,
          .needed = true,
          .of = "hydrant extinguisher lift distribution_box gas_valve manhole charging_post meter dog other",
          .of_zh = "消火栓 灭火器 电梯 配电箱 燃气阀 井盖 充电桩 表具 犬只 其他"},
    Field{.name = "name", .zh = "名称", .en = "name", .needed = true, .most = 128},
    Field{.name = "serial", .zh = "编号", .en = "serial", .found_by = true},
    Field{.name = "place", .zh = "位置", .en = "place", .type = reference, .of = "place"},
    Field{.name = "keeper", .zh = "责任单位", .en = "keeper", .type = reference, .of = "organisation"},
    Field{.name = "installed_on", .zh = "安装日期", .en = "installed on", .type = day},
    Field{.name = "inspected_on", .zh = "上次检查", .en = "inspected on", .type = day},
    Field{.name = "inspect_by", .zh = "下次检查", .en = "inspect by", .type = day},
    Field{.name = "state", .zh = "状态", .en = "state", .type = choice, .of = "in_use out_of_order retired", .of_zh = "在用 故障 停用"},
};

constexpr std::array organisation_fields{
    Field{.name = "name", .zh = "名称", .en = "name", .needed = true, .most = 128},
    Field{.name = "kind",
          .zh = "类别",
          .en = "kind",
          .type = choice,
          .needed = true,
          .of = "property guard committee shop service other",
          .of_zh = "物业 保安 业委会 商铺 服务商 其他"},
    Field{.name = "credit_code", .zh = "统一社会信用代码", .en = "credit code", .type = credit, .found_by = true, .unique = true},
    Field{.name = "area", .zh = "区划代码", .en = "area", .type = area},
    Field{.name = "phone", .zh = "单位电话", .en = "phone", .type = phone},
    Field{.name = "contact", .zh = "联系人", .en = "contact", .type = reference, .of = "person"},
};

constexpr std::array time_plan_fields{
    Field{.name = "name", .zh = "名称", .en = "name", .needed = true},
    Field{.name = "times", .zh = "时段", .en = "times", .type = spans, .needed = true, .most = 512},
    Field{
        .name = "on_holidays", .zh = "节假日", .en = "on holidays", .type = choice, .of = "as_sunday never as_usual", .of_zh = "按周日 不通行 照常"},
};

constexpr std::array door_group_fields{
    Field{.name = "name", .zh = "名称", .en = "name", .needed = true},
    Field{.name = "doors", .zh = "门", .en = "doors", .needed = true, .most = 4096}, // ids of places, blank-separated
};

constexpr std::array consent_fields{
    person_needed,
    Field{
        .name = "to_what", .zh = "同意事项", .en = "to what", .type = choice, .needed = true, .of = "face keep_photo", .of_zh = "人脸通行 保留照片"},
    Field{.name = "text_version", .zh = "告知书版本", .en = "text version", .needed = true, .most = 32},
    Field{.name = "how", .zh = "方式", .en = "how", .type = choice, .needed = true, .of = "paper terminal app", .of_zh = "书面 终端 应用"},
    Field{.name = "given_on", .zh = "同意日期", .en = "given on", .type = day, .needed = true},
    Field{.name = "guardian", .zh = "监护人", .en = "guardian", .shown = personal},
    Field{.name = "withdrawn_on", .zh = "撤回日期", .en = "withdrawn on", .type = day},
};

constexpr std::array credential_fields{
    person_needed,
    Field{.name = "kind",
          .zh = "凭证种类",
          .en = "kind",
          .type = choice,
          .needed = true,
          .of = "card id_card pin qr phone plate face",
          .of_zh = "门禁卡 身份证 密码 二维码 手机 车牌 人脸"}, // face last: it is never what is offered first
    Field{.name = "number", .zh = "号码", .en = "number", .shown = masked, .found_by = true, .unique = true},
    Field{.name = "doors", .zh = "门组", .en = "doors", .type = reference, .needed = true, .of = "door_group"},
    Field{.name = "time_plan", .zh = "时段", .en = "time plan", .type = reference, .of = "time_plan"},
    from_day,
    to_day,
    Field{.name = "uses", .zh = "通行次数", .en = "uses", .type = whole, .most = 99},
    Field{.name = "consent", .zh = "同意记录", .en = "consent", .type = reference, .of = "consent"},
};

constexpr std::array entities{
    Entity{"person", "persons", "人员", "person", "id", person_fields},
    Entity{"residence", "residences", "居住关系", "residence", "person", residence_fields},
    Entity{"lease", "leases", "租赁", "lease", "tenant", lease_fields},
    Entity{"visit", "visits", "访客", "visit", "id", visit_fields},
    Entity{"staff", "staff", "工作人员", "staff", "person", staff_fields},
    Entity{"vehicle", "vehicles", "车辆", "vehicle", "owner", vehicle_fields},
    Entity{"permit", "permits", "车辆许可", "permit", "", permit_fields},
    Entity{"thing", "things", "物品设施", "thing", "", thing_fields},
    Entity{"organisation", "organisations", "单位", "organisation", "", organisation_fields},
    Entity{"time_plan", "time-plans", "通行时段", "time plan", "", time_plan_fields},
    Entity{"door_group", "door-groups", "门组", "door group", "", door_group_fields},
    Entity{"consent", "consents", "同意记录", "consent", "person", consent_fields},
    Entity{"credential", "credentials", "凭证", "credential", "person", credential_fields},
};

} // namespace

std::span<const Entity> all_entities() { return entities; }

const Entity* entity_named(std::string_view name) {
    const auto found = std::find_if(entities.begin(), entities.end(), [&](const Entity& entity) { return entity.name == name; });
    return found == entities.end() ? nullptr : &*found;
}

const Entity* entity_of_route(std::string_view plural) {
    const auto found = std::find_if(entities.begin(), entities.end(), [&](const Entity& entity) { return entity.plural == plural; });
    return found == entities.end() ? nullptr : &*found;
}

const Field* field_of(const Entity& entity, std::string_view name) {
    const auto found = std::find_if(entity.fields.begin(), entity.fields.end(), [&](const Field& field) { return field.name == name; });
    return found == entity.fields.end() ? nullptr : &*found;
}

bool is_personal(const Entity& entity) {
    return std::any_of(entity.fields.begin(), entity.fields.end(), [](const Field& field) { return field.shown != Shown::openly; });
}

} // namespace gatehouse::registry
