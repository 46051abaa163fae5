// SPDX-License-Identifier: Apache-2.0
#include "config/devices.hpp"

#include "config/document_file.hpp"
#include "config/printing.hpp"
#include "config/reading.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace gatehouse::config {

namespace {

using I = DeviceImport;
using P = PlaceEntry;
using D = DeviceEntry;
using O = OutletEntry;

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

const Format driver_name{[](std::string_view text) {
                             return one_of(text, {"uhppote", "isapi", "nut", "onvif", "rtsp"});
                         },
                         {"uhppote、isapi、nut、onvif 或 rtsp", "uhppote, isapi, nut, onvif or rtsp"},
                         "^(uhppote|isapi|nut|onvif|rtsp)$"};
const Format place_kind{
    [](std::string_view text) {
        return one_of(text, {"compound", "building", "unit", "home", "gate", "lane", "door", "view", "room"});
    },
    {"compound、building、unit、home、gate、lane、door、view 或 room", "compound, building, unit, home, gate, lane, door, view or room"},
    "^(compound|building|unit|home|gate|lane|door|view|room)$"};
const Format datum_name{[](std::string_view text) {
                            return text.empty() || one_of(text, {"CGCS2000", "WGS84", "GCJ02"});
                        },
                        {"CGCS2000、WGS84、GCJ02 或空", "CGCS2000, WGS84, GCJ02 or empty"},
                        "^(CGCS2000|WGS84|GCJ02)?$"};
const Format setting_name{[](std::string_view text) {
                              return text.empty() || one_of(text, {"indoor", "outdoor"});
                          },
                          {"indoor、outdoor 或空", "indoor, outdoor or empty"},
                          "^(indoor|outdoor)?$"};

const Format police_unit{[](std::string_view text) {
                             return text.empty() ||
                                    (text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
                         },
                         {"12 位公安机关代码（GA/T 380），或空", "a 12-digit police unit (GA/T 380), or empty"},
                         "^([0-9]{12})?$"};
const Format short_name{[](std::string_view text) { return text.size() <= 16 && optional_name.fits(text); },
                        {"不超过 16 字节的文字，或空", "a text of at most 16 bytes, or empty"},
                        ""};
const Format address_code_text{[](std::string_view text) { return text.size() <= 64 && optional_name.fits(text); },
                               {"不超过 64 字节的文字，或空", "a text of at most 64 bytes, or empty"},
                               ""};

template <class Object>
void add_identity(std::vector<Row>& rows, const std::string& scope) {
    const std::string& at = scope;
    rows.push_back(text<Object>(
        at + "national_id", "\"\"", national_id, "20 位国标编码", "The 20-digit national id.",
        [](Object & o) -> auto& { return o.identity.national_id; }));
    rows.push_back(text<Object>(
        at + "police_unit", "\"\"", police_unit, "所属公安机关代码（GA/T 380）", "The police unit that it belongs to.",
        [](Object & o) -> auto& { return o.identity.police_unit; }));
    rows.push_back(text<Object>(
        at + "area", "\"\"", area_code, "行政区划代码（GB/T 2260）", "GB/T 2260 area.", [](Object & o) -> auto& { return o.identity.area; }));
    rows.push_back(text<Object>(
        at + "address_code", "\"\"", address_code_text, "标准地址编码", "Standard address code.",
        [](Object & o) -> auto& { return o.identity.address_code; }));
    rows.push_back(real<Object>(
        at + "longitude", -180, 180, "degrees", "经度", "Longitude.", [](Object & o) -> auto& { return o.identity.longitude; }));
    rows.push_back(real<Object>(
        at + "latitude", -90, 90, "degrees", "纬度", "Latitude.", [](Object & o) -> auto& { return o.identity.latitude; }));
    rows.push_back(text<Object>(
        at + "datum", "\"\"", datum_name, "坐标系", "The datum of longitude and latitude.", [](Object & o) -> auto& { return o.identity.datum; }));
    rows.push_back(text<Object>(
        at + "direction", "\"\"", short_name, "朝向", "Where it looks.", [](Object & o) -> auto& { return o.identity.direction; }));
    rows.push_back(text<Object>(
        at + "setting", "\"\"", setting_name, "室内或室外", "Indoor or outdoor.", [](Object & o) -> auto& { return o.identity.setting; }));
    rows.push_back(text<Object>(
        at + "installed_on", "\"\"", optional_date, "安装日期", "When it was installed.",
        [](Object & o) -> auto& { return o.identity.installed_on; }));
    rows.push_back(text<Object>(
        at + "keeper", "\"\"", optional_name, "管理单位", "Who keeps it.", [](Object & o) -> auto& { return o.identity.keeper; }));
}

std::vector<Row> table_of_devices() {
    std::vector<Row> rows{
        tables<I>(
            "place", 4096, "位置", "Places", [](I & i) -> auto& { return i.places; }),
        text<P>(
            "place[].id", "!\"east-gate\"", identifier, "位置编号", "Its id.", [](P & p) -> auto& { return p.id; }),
        text<P>(
            "place[].kind", "!\"gate\"", place_kind, "位置种类", "What sort of place it is.", [](P & p) -> auto& { return p.kind; }),
        text<P>(
            "place[].name", "!\"东门\"", any_name, "名称", "Its name.", [](P & p) -> auto& { return p.name; }),
        text<P>(
            "place[].parent", "\"\"", optional_identifier, "所在的位置", "The place that holds it.", [](P & p) -> auto& { return p.parent; }),
    };
    add_identity<P>(rows, "place[].");
    const std::vector<Row> device_rows{
        tables<I>(
            "device", 256, "设备", "Devices", [](I & i) -> auto& { return i.devices; }),
        text<D>(
            "device[].id", "!\"east-door\"", identifier, "设备编号", "Its id.", [](D & d) -> auto& { return d.id; }),
        text<D>(
            "device[].driver", "!\"uhppote\"", driver_name, "驱动", "The driver that speaks with it.", [](D & d) -> auto& { return d.driver; }),
        text<D>(
            "device[].model", "\"\"", optional_name, "型号，如 UT0311-L04、plate、terminal", "Its model, e.g. UT0311-L04, plate, terminal.",
            [](D & d) -> auto& { return d.model; }),
        text<D>(
            "device[].name", "\"\"", optional_name, "名称", "Its name.", [](D & d) -> auto& { return d.name; }),
        text<D>(
            "device[].address", "!\"192.168.1.100\"", host, "地址", "Its address.", [](D & d) -> auto& { return d.address; }),
        whole<D>(
            "device[].port", "0", 0, 65535, "", "端口，0 为该驱动的默认端口", "Its port; 0: the driver's own.",
            [](D & d) -> auto& { return d.port; }),
        truth<D>(
            "device[].tls", "false", "是否使用 TLS", "Whether it is spoken to over TLS.", [](D & d) -> auto& { return d.tls; }),
        text<D>(
            "device[].pinned_sha256", "\"\"", fingerprint, "设备证书的 SHA-256", "The SHA-256 of its certificate.",
            [](D & d) -> auto& { return d.pinned_sha256; }),
        text<D>(
            "device[].interface", "\"\"", interface_name, "只经该网卡访问", "The network interface behind which it stands.",
            [](D & d) -> auto& { return d.interface; }),
        whole<D>(
            "device[].serial", "0", 0, 4294967295, "", "序列号（微耕控制器必填）", "Its serial number (UHPPOTE controllers need it).",
            [](D & d) -> auto& { return d.serial; }),
        text<D>(
            "device[].username", "\"\"", optional_name, "用户名", "The user's name.", [](D & d) -> auto& { return d.username; }),
        text<D>(
            "device[].password_credential", "\"\"", credential, "密码的凭据名称或 0600 文件",
            "Where its password is: a credential's name or a file of mode 0600.", [](D & d) -> auto& { return d.password_credential; }),
        text<D>(
            "device[].place", "\"\"", optional_identifier, "所在位置", "Where it stands.", [](D & d) -> auto& { return d.place; }),
        truth<D>(
            "device[].may_set_clock", "true", "时间不准时是否校时", "Whether its clock is set when it is wrong.",
            [](D & d) -> auto& { return d.may_set_clock; }),
        truth<D>(
            "device[].may_set_listener", "true", "是否把设备推送指向本网关", "Whether its push is pointed at us.",
            [](D & d) -> auto& { return d.may_set_listener; }),
        pairs<D>(
            "device[].options", 32, "驱动自己的选项，见该驱动的 README", "The driver's own options; its README lists them.",
            [](D & d) -> auto& { return d.options; }),
    };
    rows.insert(rows.end(), device_rows.begin(), device_rows.end());
    add_identity<D>(rows, "device[].");
    const std::vector<Row> outlet_rows{
        tables<D>(
            "device[].outlet", 64, "设备的门或车道", "Its doors or lanes", [](D & d) -> auto& { return d.outlets; }),
        whole<O>(
            "device[].outlet[].number", "!1", 1, 255, "", "门号或车道号", "The door's or lane's number.", [](O & o) -> auto& { return o.number; }),
        text<O>(
            "device[].outlet[].name", "\"\"", optional_name, "名称", "Its name.", [](O & o) -> auto& { return o.name; }),
        text<O>(
            "device[].outlet[].place", "\"\"", optional_identifier, "所在位置", "Where it is.", [](O & o) -> auto& { return o.place; }),
        choice<O>(
            "device[].outlet[].forward", "\"unknown\"", "in out unknown", "正向（或 1 号读头）是进还是出",
            "Whether forward (or reader 1) means in or out.", [](O & o) -> auto& { return o.forward; }),
        text<O>(
            "device[].outlet[].national_id", "\"\"", national_id, "20 位国标编码", "Its 20-digit national id.",
            [](O & o) -> auto& { return o.national_id; }),
    };
    rows.insert(rows.end(), outlet_rows.begin(), outlet_rows.end());
    return rows;
}

std::span<const Row> device_rows() {
    static const std::vector<Row> rows = table_of_devices();
    return rows;
}

/// What no single key can be blamed for. A place or device of the registry may be named without standing in this file, so an unknown
/// place is the registry's to refuse, not ours.
class Sense {
public:
    Sense(const DeviceImport& import, Reading& reading) : import_(import), reading_(reading) {}

    void check() {
        std::set<std::string_view> ids;
        for (std::size_t at = 0; at < import_.places.size(); ++at) {
            const PlaceEntry& place = import_.places[at];
            const std::string key = "place[" + std::to_string(at) + "].";
            unique(ids, key + "id", place.id);
            if (!place.parent.empty() && place.parent == place.id) reading_.report(key + "parent", {"不能位于自身之内", "a place can't hold itself"});
            identity(key, place.identity);
        }
        std::set<std::string_view> device_ids;
        for (std::size_t at = 0; at < import_.devices.size(); ++at) device(device_ids, "device[" + std::to_string(at) + "].", import_.devices[at]);
    }

private:
    void device(std::set<std::string_view>& ids, const std::string& key, const DeviceEntry& device) {
        unique(ids, key + "id", device.id);
        if (device.driver == "uhppote" && device.serial == 0)
            reading_.report(key + "serial", {"微耕控制器必须给出序列号", "must be given for a UHPPOTE controller"});
        if (device.username.empty() != device.password_credential.empty())
            reading_.report(key + (device.username.empty() ? "password_credential" : "username"),
                            {"username 与 password_credential 须同时给出", "username and password_credential are given together"});
        if (!device.pinned_sha256.empty() && !device.tls)
            reading_.report(key + "pinned_sha256", {"仅在 tls = true 时有意义", "has a meaning with tls = true only"});
        std::set<std::int64_t> numbers;
        for (std::size_t n = 0; n < device.outlets.size(); ++n)
            if (!numbers.insert(device.outlets[n].number).second)
                reading_.report(key + "outlet[" + std::to_string(n) + "].number", {"该号已被使用", "this number is taken"});
        identity(key, device.identity);
    }

    void identity(const std::string& key, const NationalIdentity& identity) {
        const bool has_both = identity.longitude.has_value() == identity.latitude.has_value();
        if (!has_both)
            reading_.report(key + (identity.longitude ? "longitude" : "latitude"),
                            {"longitude 与 latitude 须同时给出", "longitude and latitude are given together"});
        if (identity.longitude && identity.datum.empty()) reading_.report(key + "longitude", {"须写明坐标系 datum", "a position names its datum"});
    }

    void unique(std::set<std::string_view>& ids, const std::string& key, const std::string& id) {
        if (!id.empty() && !ids.insert(id).second) reading_.report(key, {"编号 " + id + " 已被使用", "the id " + id + " is taken"});
    }

    const DeviceImport& import_;
    Reading& reading_;
};

void put(json::object& into, std::string_view key, const std::string& value) {
    if (!value.empty()) into[key] = value;
}

void put(json::object& into, const NationalIdentity& identity) {
    put(into, "national_id", identity.national_id);
    put(into, "police_unit", identity.police_unit);
    put(into, "area", identity.area);
    put(into, "address_code", identity.address_code);
    if (identity.longitude) into["longitude"] = *identity.longitude;
    if (identity.latitude) into["latitude"] = *identity.latitude;
    put(into, "datum", identity.datum);
    put(into, "direction", identity.direction);
    if (!identity.setting.empty()) into["indoor"] = identity.setting == "indoor";
    put(into, "installed_on", identity.installed_on);
    put(into, "keeper", identity.keeper);
}

std::int64_t port_of(const DeviceEntry& device) {
    if (device.port != 0) return device.port;
    if (device.driver == "uhppote") return 60000;
    if (device.driver == "nut") return 3493;
    if (device.driver == "rtsp") return device.tls ? 322 : 554;
    return device.tls ? 443 : 80;
}

} // namespace

DeviceOutcome parse_devices(std::string_view text, const std::string& file) {
    auto parsed = parse_document(text, file);
    if (auto* flaw = std::get_if<Flaw>(&parsed)) return {std::nullopt, {std::move(*flaw)}};
    DeviceImport import;
    Reading reading = read(std::get<Document>(parsed), device_rows(), &import);
    Sense(import, reading).check();
    if (!reading.flaws.empty()) return {std::nullopt, std::move(reading.flaws)};
    return {std::move(import), {}};
}

DeviceOutcome read_devices(const std::string& file) {
    auto text = read_file(file);
    if (!text) return {std::nullopt, {Flaw{file, 1, 1, {}, {"无法读取：" + text.error().what(), "can't be read: " + text.error().what()}}}};
    return parse_devices(*text, file);
}

json::object to_json(const PlaceEntry& place) {
    json::object out{{"id", place.id}, {"kind", place.kind}, {"name", place.name}};
    put(out, "parent", place.parent);
    put(out, place.identity);
    return out;
}

json::object to_json(const DeviceEntry& device, std::string_view password) {
    json::object out{{"id", device.id}, {"driver", device.driver}, {"address", device.address}, {"port", port_of(device)}, {"tls", device.tls}};
    put(out, "name", device.name);
    put(out, "model", device.model);
    put(out, "place", device.place);
    put(out, "interface", device.interface);
    put(out, "pinned_sha256", device.pinned_sha256);
    if (device.serial != 0) out["serial"] = device.serial;
    put(out, "username", device.username);
    if (!password.empty()) out["password"] = password;
    out["may_set_clock"] = device.may_set_clock;
    out["may_set_listener"] = device.may_set_listener;
    json::object options;
    for (const auto& [name, value] : device.options) options[name] = value;
    if (!options.empty()) out["options"] = std::move(options);
    json::array outlets;
    for (const OutletEntry& outlet : device.outlets) {
        constexpr std::array<std::string_view, 3> directions{"in", "out", "unknown"};
        json::object one{{"number", outlet.number}, {"forward", directions[static_cast<std::size_t>(outlet.forward)]}};
        put(one, "place", outlet.place);
        put(one, "name", outlet.name);
        put(one, "national_id", outlet.national_id);
        outlets.push_back(std::move(one));
    }
    if (!outlets.empty()) out["outlets"] = std::move(outlets);
    put(out, device.identity);
    return out;
}

std::string default_devices() {
    return print_defaults(device_rows(), {"位置和设备，导入登记簿用。写法如下，每个位置、设备各一节。",
                                          "Places and devices for the registry, one table each, written like this."});
}

std::string devices_schema() {
    return print_schema(device_rows(), "https://gatehouse.example/schemas/devices.toml.json",
                        {"Gatehouse 位置与设备", "Gatehouse's places and devices (devices.toml)"});
}

} // namespace gatehouse::config
