// SPDX-License-Identifier: Apache-2.0
//
// Schemas as data: a line of text where a schema is fixed, a function where it follows from a table. Everything is closed
// (additionalProperties false): a member that stands in no schema has no privacy class, and a test would let it out unseen.
#include "sync/schemas.hpp"

#include "daemon/base/expects.hpp"
#include "daemon/record/code_tables.hpp"
#include "daemon/record/record.hpp"
#include "sync/receipts.hpp"

#include <array>

namespace gatehouse::sync {

namespace {

constexpr std::array tables{&code_tables::direction,    &code_tables::method,      &code_tables::reason, &code_tables::plate_colour,
                            &code_tables::vehicle_kind, &code_tables::list,        &code_tables::lane,   &code_tables::fault,
                            &code_tables::clock,        &code_tables::picture_role};

/// A schema that never changes, as one reads it in a book.
json::object fixed(std::string_view text) {
    auto parsed = parse_json(text);
    expects(parsed && parsed->is_object(), "a schema of ours is a JSON object");
    return std::move(parsed->get_object());
}

json::object titled(std::string_view title_zh, std::string_view title_en) { return {{"title", title_zh}, {"description", title_en}}; }

json::object reference(std::string_view name) { return {{"$ref", "#/definitions/" + std::string(name)}}; }

/// In draft 7 nothing counts beside $ref, so what is said of this place stands around it.
json::object reference(json::object around, std::string_view name) {
    around["allOf"] = json::array{reference(name)};
    return around;
}

json::object table_schema(const CodeTable& table) {
    auto schema = titled(table.title_zh, table.title_en);
    json::array values;
    json::object words;
    for (const auto& code : table.codes) {
        values.emplace_back(code.code);
        json::object word{{"zh", code.title_zh}, {"en", code.title_en}};
        if (!code.gat1400.empty()) word["gat1400"] = code.gat1400;
        words[code.code] = std::move(word);
    }
    schema["type"] = "string";
    schema["enum"] = std::move(values);
    schema["x-codes"] = std::move(words);
    return schema;
}

json::object text_schema(json::object about, TextForm form) {
    switch (form) {
    case TextForm::time: return reference(std::move(about), "time");
    case TextForm::uuid: return reference(std::move(about), "uuid");
    case TextForm::sha256: return reference(std::move(about), "sha256");
    case TextForm::base64: return reference(std::move(about), "base64");
    case TextForm::free: about["type"] = "string"; break;
    }
    return about;
}

json::object field_schema(const FieldSpec& field) {
    auto schema = titled(field.title_zh, field.title_en);
    if (field.personal) schema["x-personal"] = true;
    switch (field.type) {
    case FieldType::text: return text_schema(std::move(schema), field.form);
    case FieldType::code: return reference(std::move(schema), "code." + std::string(field.codes->name));
    case FieldType::whole: schema["type"] = "integer"; break;
    case FieldType::real: schema["type"] = "number"; break;
    case FieldType::flag: schema["type"] = "boolean"; break;
    case FieldType::list:
        schema["type"] = "array";
        schema["items"] = reference("position");
        break;
    }
    return schema;
}

json::object closed_object(json::object properties, json::array required = {}) {
    json::object schema{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
}

json::object fields_schema(const KindSpec& spec, bool personal) {
    json::object properties;
    for (const auto& field : spec.fields)
        if (field.personal == personal) properties[field.name] = field_schema(field);
    return properties;
}

/// A gap and a digest go whole to everybody; the others may lack any member that their upstream is not entitled to.
json::object data_schema(const KindSpec& spec) {
    json::object facts = closed_object(fields_schema(spec, false));
    if (spec.kind == Kind::digest)
        facts["anyOf"] =
            json::array{fixed(R"({"required":["upstream","lane","epoch","first","last","count","sha256","seal","signature","key","at"]})"),
                        fixed(R"({"required":["epoch","first","last","seal","previous","signature","key","at"]})")};
    json::object properties{{"facts", std::move(facts)}};
    if (auto details = fields_schema(spec, true); !details.empty()) {
        auto schema = closed_object(std::move(details));
        schema["x-personal"] = true;
        properties["details"] = std::move(schema);
    }
    const bool is_of_nobody = spec.kind == Kind::gap || spec.kind == Kind::digest;
    if (!is_of_nobody) {
        properties["subject"] = reference("subject");
        properties["pictures"] = reference("pictures");
    }
    properties["place"] = reference("local_id");
    auto schema = titled(spec.title_zh, spec.title_en);
    for (auto& member : closed_object(std::move(properties))) schema[member.key()] = std::move(member.value());
    return schema;
}

json::object parts() {
    auto parts = fixed(R"({
  "time": {"title": "时刻", "description": "RFC 3339, UTC, microseconds", "type": "string", "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$"},
  "day": {"title": "日期", "description": "a day", "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
  "uuid": {"title": "UUID", "description": "a UUID in lower case", "type": "string",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"},
  "sha256": {"title": "SHA-256", "description": "SHA-256 in hexadecimal", "type": "string", "pattern": "^[0-9a-f]{64}$"},
  "base64": {"title": "Base64", "description": "bytes, RFC 4648 section 4", "type": "string", "contentEncoding": "base64",
    "pattern": "^[A-Za-z0-9+/]+={0,2}$"},
  "position": {"title": "位置", "description": "a record's number in the log", "type": "integer", "minimum": 1},
  "sequence": {"title": "序号", "description": "a position as 20 digits; 00000000000000000000 stands for none", "type": "string",
    "pattern": "^[0-9]{20}$"},
  "subject": {"title": "主体", "description": "what the device identified: a card, a plate or a person's number, never a name",
    "x-personal": true, "type": "string", "pattern": "^(card|plate|person):.+$"},
  "picture": {"title": "图片", "description": "which picture belongs to the record; it comes on the pictures topic", "type": "object",
    "additionalProperties": false, "properties": {"role": {"$ref": "#/definitions/code.picture_role"}, "sha256": {"$ref": "#/definitions/sha256"}},
    "required": ["role", "sha256"]}
})");
    auto local = titled("编号", "an id of this gateway's registry");
    local["type"] = "string";
    local["minLength"] = 1;
    local["maxLength"] = id_bytes_max;
    parts["local_id"] = std::move(local);
    auto pictures = titled("图片", "pictures, in the record's order");
    pictures["x-personal"] = true;
    pictures["type"] = "array";
    pictures["minItems"] = 1;
    pictures["maxItems"] = pictures_per_record_max;
    pictures["items"] = reference("picture");
    parts["pictures"] = std::move(pictures);
    return parts;
}

// --- W4, W5, W13 -----------------------------------------------------------------------------------------------------------------

json::object event_properties() {
    json::array types;
    for (const auto& spec : all_kinds()) types.emplace_back("cn.gatehouse." + std::string(spec.name) + ".v1");
    auto properties = fixed(R"({
  "specversion": {"const": "1.0"},
  "id": {"title": "记录编号", "description": "the record's UUID", "allOf": [{"$ref": "#/definitions/uuid"}]},
  "source": {"title": "来源", "description": "gateway and device", "type": "string", "pattern": "^/gateways/[^/]+/devices/[^/]+$"},
  "type": {"title": "种类", "description": "cn.gatehouse.<kind>.v1", "type": "string"},
  "subject": {"title": "设备", "description": "the device; never a person, card or plate", "type": "string", "pattern": "^device:.+$"},
  "time": {"title": "发生时刻", "description": "the device's own statement, else when it was heard; may be wrong: see clock",
    "allOf": [{"$ref": "#/definitions/time"}]},
  "datacontenttype": {"const": "application/json"},
  "sequence": {"title": "序号", "description": "the record's position; order by it", "allOf": [{"$ref": "#/definitions/sequence"}]},
  "previous": {"title": "前一序号", "description": "the sequence before this one in the same lane; zeros for the first",
    "allOf": [{"$ref": "#/definitions/sequence"}]},
  "epoch": {"title": "纪元", "description": "the log's life between installs and restores", "allOf": [{"$ref": "#/definitions/uuid"}]},
  "lane": {"title": "上报通道", "description": "urgent or routine", "enum": ["urgent", "routine"]},
  "compound": {"title": "小区", "description": "the compound", "type": "string", "minLength": 1},
  "heardat": {"title": "收到时刻", "description": "the gateway's clock when it heard of it; partition by it",
    "allOf": [{"$ref": "#/definitions/time"}]},
  "clock": {"$ref": "#/definitions/code.clock"},
  "revised": {"title": "改动原因", "description": "sent again with other bytes, because the subject was erased, the entitlement became narrower, or what stood before it in the lane is damaged, so that `previous` may be another",
    "enum": ["erased", "entitlement", "damaged"]},
  "volatile": {"title": "未入库", "description": "an alarm that could not be stored: show it, do not receipt it", "const": "true"},
  "data": {"type": "object"}
})");
    properties["type"].as_object()["enum"] = std::move(types);
    return properties;
}

/// One branch a kind, chosen by type: its lane and its data.
json::array event_branches() {
    json::array branches;
    branches.push_back(fixed(R"({"if": {"required": ["volatile"]},
      "then": {"properties": {"sequence": false, "previous": false, "revised": false, "lane": {"const": "urgent"}}},
      "else": {"required": ["sequence", "previous"]}})"));
    for (const auto& spec : all_kinds()) {
        json::object type{{"const", "cn.gatehouse." + std::string(spec.name) + ".v1"}};
        json::object lane{{"const", name_of(spec.lane)}};
        json::object when{{"type", std::move(type)}};
        json::object then{{"lane", std::move(lane)}, {"data", reference(data_schema_of(spec.kind))}};
        json::object branch;
        branch["if"] = json::object{{"properties", std::move(when)}};
        branch["then"] = json::object{{"properties", std::move(then)}};
        branches.push_back(std::move(branch));
    }
    return branches;
}

void add_events(json::object& definitions) {
    auto event = titled("事件", "a record as a CloudEvent (W4); data follows data.<kind>, and each of its members stands only where entitled");
    const auto required = fixed(
        R"({"required": ["specversion","id","source","type","subject","time","datacontenttype","epoch","lane","compound","heardat","clock","data"]})");
    for (auto& member : closed_object(event_properties(), required.at("required").as_array())) event[member.key()] = std::move(member.value());
    event["allOf"] = event_branches();
    definitions[schema_of::event] = std::move(event);
    auto batch = titled("事件批", "events in increasing sequence (W5)");
    batch["type"] = "array";
    batch["minItems"] = 1;
    batch["items"] = reference(schema_of::event);
    definitions[schema_of::batch] = std::move(batch);
}

// --- W2, W3, W7, W9, W11 ---------------------------------------------------------------------------------------------------------

/// As issued, never invented; members stand where known.
json::object national_identity() {
    return fixed(R"({
    "national_id": {"title": "国标编码", "description": "20 digits: GB/T 28181 annex E, GA/T 1400.1", "type": "string", "pattern": "^[0-9]{20}$"},
    "police_unit": {"title": "公安机关机构代码", "description": "12 digits: GA/T 380", "type": "string", "pattern": "^[0-9]{12}$"},
    "area": {"title": "行政区划代码", "description": "6 digits: GB/T 2260", "type": "string", "pattern": "^[0-9]{6}$"},
    "address_code": {"title": "标准地址编码", "description": "the province's code of the address", "type": "string", "maxLength": 64},
    "longitude": {"title": "经度", "description": "degrees", "type": "number", "minimum": -180, "maximum": 180},
    "latitude": {"title": "纬度", "description": "degrees", "type": "number", "minimum": -90, "maximum": 90},
    "datum": {"title": "坐标系", "description": "of longitude and latitude", "enum": ["CGCS2000", "WGS84", "GCJ02"]},
    "direction": {"title": "朝向", "description": "where it looks", "type": "string", "maxLength": 16},
    "indoor": {"title": "室内", "description": "indoors", "type": "boolean"},
    "installed_on": {"title": "安装日期", "description": "the day of installation", "allOf": [{"$ref": "#/definitions/day"}]},
    "keeper": {"title": "管理单位", "description": "the organisation responsible", "type": "string", "maxLength": 128}})");
}

/// A draft 7 schema is closed over its own properties only, so what places and devices share stands in both.
void add_identity(json::object& schema) {
    for (auto& member : national_identity()) schema.at("properties").as_object()[member.key()] = std::move(member.value());
}

json::object messages() {
    return fixed(R"json({
  "status.online": {"title": "在线", "description": "after each connect (W2)", "type": "object", "additionalProperties": false, "properties": {
    "state": {"const": "online"},
    "version": {"title": "软件版本", "description": "of the gateway's software", "type": "string"},
    "gateway": {"$ref": "#/definitions/local_id"},
    "epoch": {"title": "纪元", "description": "the present epoch", "allOf": [{"$ref": "#/definitions/uuid"}]},
    "epoch_first": {"title": "纪元首位置", "description": "the epoch's first position", "allOf": [{"$ref": "#/definitions/position"}]},
    "head": {"title": "日志头", "description": "the log's last position; 0: none", "type": "integer", "minimum": 0},
    "instance": {"title": "实例", "description": "new at each start: two of them at once are two boxes with one identity",
      "allOf": [{"$ref": "#/definitions/uuid"}]},
    "key": {"title": "公钥", "description": "Ed25519, 32 bytes: pin it", "allOf": [{"$ref": "#/definitions/base64"}]},
    "at": {"$ref": "#/definitions/time"}},
    "required": ["state", "version", "gateway", "epoch", "epoch_first", "head", "instance", "key", "at"]},
  "status.offline": {"title": "离线", "description": "Last Will, and before a clean disconnect (W2)", "type": "object",
    "additionalProperties": false, "properties": {
    "state": {"const": "offline"}, "gateway": {"$ref": "#/definitions/local_id"}, "epoch": {"$ref": "#/definitions/uuid"},
    "head": {"title": "日志头", "description": "the log's last position when the connection was made", "type": "integer", "minimum": 0},
    "instance": {"$ref": "#/definitions/uuid"}},
    "required": ["state", "gateway", "instance"]},

  "place": {"title": "场所", "description": "compound, building, gate, lane, door", "type": "object",
    "additionalProperties": false, "properties": {
    "id": {"$ref": "#/definitions/local_id"},
    "kind": {"title": "场所类别", "description": "what it is",
      "enum": ["compound", "building", "unit", "home", "gate", "lane", "door", "view", "room"],
      "x-codes": {"compound": {"zh": "小区", "en": "compound"}, "building": {"zh": "楼栋", "en": "building"}, "unit": {"zh": "单元", "en": "unit"},
        "home": {"zh": "房屋", "en": "home"}, "gate": {"zh": "出入口", "en": "gate"}, "lane": {"zh": "车道", "en": "driving lane"},
        "door": {"zh": "门", "en": "door"}, "view": {"zh": "监视区域", "en": "what a camera looks at"}, "room": {"zh": "室", "en": "room"}}},
    "name": {"title": "名称", "description": "name", "type": "string", "maxLength": 128},
    "parent": {"title": "上级场所", "description": "the place around it", "allOf": [{"$ref": "#/definitions/local_id"}]},
    "version": {"title": "版本", "description": "in a snapshot", "type": "integer", "minimum": 1}},
    "required": ["id", "kind", "name"]},
  "device": {"title": "设备", "description": "a device as platforms see it: how to reach it stays home", "type": "object",
    "additionalProperties": false, "properties": {
    "id": {"$ref": "#/definitions/local_id"},
    "kind": {"const": "device"},
    "name": {"title": "名称", "description": "name", "type": "string", "maxLength": 256},
    "driver": {"title": "接入协议", "description": "how the gateway speaks to it", "type": "string"},
    "model": {"title": "型号", "description": "model", "type": "string", "maxLength": 256},
    "place": {"title": "所在场所", "description": "where it stands; may be empty", "type": "string", "maxLength": 64},
    "outlets": {"title": "门或车道", "description": "the doors or lanes it serves", "type": "array", "maxItems": 16, "items": {
      "type": "object", "additionalProperties": false, "properties": {
      "number": {"title": "序号", "description": "number", "type": "integer", "minimum": 1, "maximum": 255},
      "place": {"title": "所在场所", "description": "where it stands; may be empty", "type": "string", "maxLength": 64},
      "forward": {"$ref": "#/definitions/code.direction"}}, "required": ["number", "place", "forward"]}},
    "state": {"title": "状态", "description": "in the catalogue, where known", "enum": ["online", "offline"]},
    "version": {"title": "版本", "description": "in a snapshot", "type": "integer", "minimum": 1}},
    "required": ["id", "kind", "name", "driver", "model", "place"]},
  "catalogue": {"title": "目录", "description": "places and devices, after each connect and on change (W3)", "type": "object",
    "additionalProperties": false, "properties": {
    "places": {"type": "array", "items": {"$ref": "#/definitions/place"}},
    "devices": {"type": "array", "items": {"$ref": "#/definitions/device"}},
    "gateway": {"$ref": "#/definitions/local_id"},
    "compound": {"title": "小区", "description": "the compound", "type": "string", "minLength": 1},
    "at": {"$ref": "#/definitions/time"}},
    "required": ["places", "devices", "gateway", "compound", "at"]},

  "picture.reason": {"title": "无图原因", "description": "why there is no picture: the payload is empty, and the chain goes on",
    "enum": ["erased", "expired", "too_large"], "x-codes": {"erased": {"zh": "主体已删除", "en": "the subject was erased"},
    "expired": {"zh": "已过保存期或授权已到期", "en": "its retention or the entitlement ended"},
    "too_large": {"zh": "超过代理报文上限", "en": "larger than the broker's packets"}}},
  "picture.number": {"type": "string", "pattern": "^[0-3]$"},
  "picture.properties": {"title": "图片属性", "description": "MQTT 5 user properties of a picture, whose payload is the JPEG (W9)",
    "type": "object", "additionalProperties": false, "properties": {
    "sha256": {"$ref": "#/definitions/sha256"},
    "role": {"$ref": "#/definitions/code.picture_role"},
    "epoch": {"$ref": "#/definitions/uuid"},
    "sequence": {"title": "序号", "description": "of the record it belongs to", "allOf": [{"$ref": "#/definitions/sequence"}]},
    "previous": {"title": "前一序号", "description": "of the record with pictures before it", "allOf": [{"$ref": "#/definitions/sequence"}]},
    "index": {"title": "第几张", "description": "from 0", "allOf": [{"$ref": "#/definitions/picture.number"}]},
    "count": {"title": "共几张", "description": "how many of this record", "type": "string", "pattern": "^[1-4]$"},
    "reason": {"$ref": "#/definitions/picture.reason"}},
    "required": ["epoch", "sequence", "previous", "index", "count"],
    "anyOf": [{"required": ["sha256", "role"]}, {"required": ["reason"]}]},
  "picture.mqtt_3_1_1": {"title": "图片（MQTT 3.1.1）", "description": "a picture where the protocol has no user properties (W9)",
    "type": "object", "additionalProperties": false, "properties": {
    "sha256": {"$ref": "#/definitions/sha256"}, "role": {"$ref": "#/definitions/code.picture_role"}, "epoch": {"$ref": "#/definitions/uuid"},
    "sequence": {"$ref": "#/definitions/sequence"}, "previous": {"$ref": "#/definitions/sequence"},
    "index": {"$ref": "#/definitions/picture.number"}, "count": {"type": "string", "pattern": "^[1-4]$"},
    "reason": {"$ref": "#/definitions/picture.reason"},
    "jpeg": {"title": "图片内容", "description": "the JPEG", "x-personal": true, "allOf": [{"$ref": "#/definitions/base64"}]}},
    "required": ["epoch", "sequence", "previous", "index", "count"],
    "oneOf": [{"required": ["sha256", "role", "jpeg"]}, {"required": ["reason"]}]},

  "refusal": {"title": "拒收", "description": "an event that the application will never take", "type": "object", "properties": {
    "position": {"$ref": "#/definitions/position"}, "reason": {"title": "原因", "description": "in words", "type": "string"}},
    "required": ["position"]},
  "count_file": {"title": "日计数文件", "description": "mode none: what went out in a day (W7); a file, carried by hand", "type": "object",
    "additionalProperties": false, "properties": {
    "upstream": {"type": "string"}, "gateway": {"$ref": "#/definitions/local_id"}, "day": {"$ref": "#/definitions/day"},
    "lanes": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "object", "additionalProperties": false, "properties": {
      "lane": {"$ref": "#/definitions/code.lane"}, "first": {"type": "integer", "minimum": 0}, "last": {"type": "integer", "minimum": 0},
      "count": {"type": "integer", "minimum": 0}}, "required": ["lane", "first", "last", "count"]}},
    "signature": {"$ref": "#/definitions/base64"}, "key": {"$ref": "#/definitions/base64"}},
    "required": ["upstream", "gateway", "day", "lanes", "signature", "key"]},

  "range": {"title": "区间", "description": "one lane, both ends included", "type": "object", "properties": {
    "lane": {"$ref": "#/definitions/code.lane"}, "first": {"$ref": "#/definitions/position"}, "last": {"$ref": "#/definitions/position"}},
    "required": ["lane", "first", "last"]},
  "snapshot.ask": {"title": "快照参数", "description": "one registry class as of a position, page by page", "type": "object", "properties": {
    "class": {"enum": ["devices", "places"]},
    "at": {"title": "截至位置", "description": "0 or left out: now", "type": "integer", "minimum": 0},
    "page": {"title": "页", "description": "next of the answer before", "type": "string"}},
    "required": ["class"]},
  "clip.ask": {"title": "录像参数", "description": "a new clip, how one stands, or a piece of one (W17)", "type": "object", "properties": {
    "case": {"title": "案号", "description": "of the asking office", "type": "string", "minLength": 1, "maxLength": 64},
    "officers": {"title": "警官", "description": "two, who are not one", "type": "array", "minItems": 2, "maxItems": 2,
      "items": {"type": "string", "minLength": 1, "maxLength": 64}},
    "camera": {"$ref": "#/definitions/local_id"}, "stream": {"enum": ["main", "sub"]},
    "from": {"$ref": "#/definitions/request.time"}, "to": {"$ref": "#/definitions/request.time"},
    "purpose": {"title": "目的", "description": "in words", "type": "string", "maxLength": 256},
    "clip": {"title": "编号", "description": "of the answer to the first request", "type": "string", "minLength": 1},
    "offset": {"title": "起点", "description": "of the piece, bytes", "type": "integer", "minimum": 0},
    "bytes_max": {"title": "至多", "description": "bytes of the piece", "type": "integer", "minimum": 1024, "maximum": 131072}},
    "oneOf": [{"required": ["case", "officers", "camera", "from", "to"]}, {"required": ["clip"]}]},
  "request.time": {"title": "时刻", "description": "RFC 3339 with zone", "type": "string", "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"},
  "request": {"title": "请求", "description": "signed, at most 10 s old, each id once (W11)", "type": "object", "properties": {
    "id": {"title": "请求号", "description": "each once", "type": "string", "minLength": 1, "maxLength": 128},
    "verb": {"enum": ["resend", "digest", "snapshot", "clip"], "x-codes": {"resend": {"zh": "重发", "en": "send events of a range again"},
      "digest": {"zh": "摘要", "en": "sign the digest of a range"}, "snapshot": {"zh": "快照", "en": "a registry class, page by page"},
      "clip": {"zh": "调取录像", "en": "a recording for a case, once the compound said yes"}}},
    "args": {"type": "object"},
    "issued_at": {"$ref": "#/definitions/request.time"}, "expires_at": {"$ref": "#/definitions/request.time"},
    "signature": {"title": "签名", "description": "Ed25519 over the statement of W11, 64 bytes", "type": "string", "contentEncoding": "base64",
      "pattern": "^[A-Za-z0-9+/]{86}==$"}},
    "required": ["id", "verb", "args", "issued_at", "expires_at", "signature"],
    "if": {"properties": {"verb": {"const": "snapshot"}}},
    "then": {"properties": {"args": {"$ref": "#/definitions/snapshot.ask"}}},
    "else": {"if": {"properties": {"verb": {"const": "clip"}}}, "then": {"properties": {"args": {"$ref": "#/definitions/clip.ask"}}},
      "else": {"properties": {"args": {"$ref": "#/definitions/range"}}}}},

  "answer.resend": {"title": "重发应答", "description": "how many events will come again", "type": "object", "additionalProperties": false,
    "properties": {"count": {"type": "integer", "minimum": 0, "maximum": 10000}}, "required": ["count"]},
  "answer.snapshot": {"title": "快照应答", "description": "a page; next leads to the one after", "type": "object", "additionalProperties": false,
    "properties": {"items": {"type": "array", "items": {"anyOf": [{"$ref": "#/definitions/place"}, {"$ref": "#/definitions/device"}]}},
      "next": {"type": "string"}}, "required": ["items"]},
  "answer.clip": {"title": "录像应答", "description": "how it stands, or a piece of it: bytes of a tar, the same for the same manifest", "type": "object",
    "additionalProperties": false, "properties": {
      "clip": {"type": "string"}, "state": {"enum": ["waiting", "approved", "declined"], "x-codes": {"waiting": {"zh": "等待小区批准",
      "en": "waits for the compound"}, "approved": {"zh": "已批准", "en": "may be fetched"}, "declined": {"zh": "已拒绝", "en": "the compound said no"}}},
      "until": {"$ref": "#/definitions/request.time"}, "reason": {"title": "理由", "description": "why not", "type": "string"},
      "bytes": {"title": "总长", "description": "of the tar", "type": "integer", "minimum": 1},
      "manifest": {"title": "清单", "description": "SHA-256 of its manifest.json", "type": "string", "pattern": "^[0-9a-f]{64}$"},
      "offset": {"title": "起点", "description": "of this piece", "type": "integer", "minimum": 0},
      "data": {"$ref": "#/definitions/base64"}},
    "required": ["clip"], "anyOf": [{"required": ["state", "until"]}, {"required": ["manifest", "offset", "bytes", "data"]}]},
  "answer": {
    "title" : "应答",
              "description" : "answer to a request, with its correlation data (W11)",
                              "type" : "object",
                                       "additionalProperties" : false,
                                                                "properties"
        : {
            "id" : {"title" : "请求号", "description" : "of the request; empty where it could not be read", "type" : "string"},
            "ok" : {"type" : "boolean"},
            "result" : {
                "anyOf" :
                    [ {"$ref" : "#/definitions/answer.resend"}, {"$ref" : "#/definitions/answer.digest"},
                      {"$ref" : "#/definitions/answer.snapshot"}, {"$ref" : "#/definitions/answer.clip"} ]
            },
            "error" : {"$ref" : "#/definitions/code.fault"},
            "message" : {"title" : "说明", "description" : "in words", "type" : "string"}
        },
          "required" : [ "id", "ok" ],
                       "if" : {"properties" : {"ok" : {"const" : true}}},
                              "then" : {"required" : ["result"], "properties" : {"error" : false, "message" : false}},
                                       "else" : {
        "required" : [ "error", "message" ], "properties" : { "result" : false }
    }
}
})json");
}

/// The facts of a lane's digest record, all of them.
json::object digest_answer() {
    json::object properties;
    json::array required;
    for (const auto name : {"upstream", "lane", "epoch", "first", "last", "count", "sha256", "seal", "signature", "key", "at"}) {
        const auto* field = field_of(spec_of(Kind::digest), name);
        expects(field != nullptr, "a digest has this fact");
        properties[name] = field_schema(*field);
        required.emplace_back(name);
    }
    auto schema = titled("摘要应答", "the facts of a lane digest (W10), of the range asked for");
    for (auto& member : closed_object(std::move(properties), std::move(required))) schema[member.key()] = std::move(member.value());
    return schema;
}

json::object receipt(std::string_view title_zh, std::string_view title_en, std::string_view member, json::object what) {
    json::object properties{{"epoch", reference("uuid")}, {"lane", reference("code.lane")}};
    if (!member.empty()) properties[member] = std::move(what);
    auto refused = titled("拒收", "may stand beside the other");
    refused["type"] = "array";
    refused["maxItems"] = receipt_refused_max;
    refused["items"] = reference("refusal");
    properties["refused"] = std::move(refused);
    auto schema = titled(title_zh, title_en);
    schema["type"] = "object";
    schema["properties"] = std::move(properties);
    schema["required"] = json::array{"epoch", "lane"};
    json::array either{json::object{{"required", json::array{"refused"}}}};
    if (!member.empty()) either.push_back(json::object{{"required", json::array{member}}});
    schema["anyOf"] = std::move(either);
    return schema;
}

void add_receipts(json::object& definitions) {
    auto held = titled("已存区间", "inclusive ranges [first, last] of which all events of this lane are held");
    held["type"] = "array";
    held["maxItems"] = receipt_ranges_max;
    held["items"] = fixed(R"({"type": "array", "minItems": 2, "maxItems": 2, "items": {"$ref": "#/definitions/position"}})");
    definitions[schema_of::receipt_ranges] = receipt("区间回执", "mode ranges (W7)", "held", std::move(held));
    definitions[schema_of::receipt_cumulative] =
        receipt("累计回执", "mode cumulative (W7): all events of the lane up to here are held", "through", reference("position"));
    definitions[schema_of::receipt_refused] = receipt("拒收回执", "modes puback and none (W7): only what is refused", "", {});
}

} // namespace

std::string data_schema_of(Kind kind) { return "data." + std::string(name_of(kind)); }

json::object wire_schemas() {
    json::object definitions;
    add_events(definitions);
    for (const auto& spec : all_kinds()) definitions[data_schema_of(spec.kind)] = data_schema(spec);
    for (const auto* table : tables) definitions["code." + std::string(table->name)] = table_schema(*table);
    for (auto& part : messages()) definitions[part.key()] = std::move(part.value());
    for (const auto* with_identity : {"place", "device"}) add_identity(definitions.at(with_identity).as_object());
    definitions["answer.digest"] = digest_answer();
    add_receipts(definitions);
    for (auto& part : parts()) definitions[part.key()] = std::move(part.value());

    json::object schemas{{"$schema", "http://json-schema.org/draft-07/schema#"}};
    schemas["$comment"] =
        "SPDX-License-Identifier: Apache-2.0. Printed from daemon/record/kind.cpp and sync/schemas.cpp; the rules in words: sync/README.md.";
    schemas["title"] = "Gatehouse 上报接口";
    schemas["description"] = "What a gateway and a platform say to each other.";
    schemas["definitions"] = std::move(definitions);
    return schemas;
}

} // namespace gatehouse::sync
