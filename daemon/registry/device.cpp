// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/device.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::registry {

namespace {

constexpr std::array known_drivers{std::string_view("isapi"), std::string_view("nut"), std::string_view("onvif"), std::string_view("rtsp"),
                                   std::string_view("uhppote")};
constexpr std::array directions{std::string_view("in"), std::string_view("out"), std::string_view("unknown")};
constexpr std::size_t outlets_max = 16;
constexpr std::size_t options_max = 32;
constexpr std::size_t text_bytes_max = 256;
constexpr std::size_t interface_bytes_max = 15; ///< Linux's own bound

std::string bound_to(const std::string& id) { return "device|password|" + id; }
std::string next_bound_to(const std::string& id) { return "device|next password|" + id; }

/// Empty: the row has none.
Result<std::string> opened(const json::object& row, std::string_view member, const Key& field_key, const std::string& bound) {
    const auto sealed = text_at(row, member);
    if (!sealed) return std::string();
    auto bytes = from_base64(*sealed);
    if (!bytes) return std::move(bytes).error();
    auto password = open_secret(field_key, *bytes, as_bytes(bound));
    if (!password) return std::move(password).error();
    return std::string(as_text(*password));
}

json::array outlets_to_json(const std::vector<drivers::Outlet>& outlets) {
    json::array array;
    for (const auto& outlet : outlets) array.push_back({{"number", outlet.number}, {"place", outlet.place}, {"forward", outlet.forward}});
    return array;
}

Result<drivers::Outlet> read_outlet(const json::value& from) {
    const auto* object = from.if_object();
    if (object == nullptr) return Error(Fault::malformed, "an outlet is an object {number, place, forward}");
    drivers::Outlet outlet;
    outlet.number = number_at(*object, "number").value_or(0);
    if (outlet.number < 1 || outlet.number > 255) return Error(Fault::malformed, "number: 1 to 255 expected");
    outlet.place = text_at(*object, "place").value_or("");
    if (!outlet.place.empty())
        if (auto good = check_id(outlet.place); !good) return std::move(good).error();
    outlet.forward = text_at(*object, "forward").value_or("unknown");
    if (std::find(directions.begin(), directions.end(), outlet.forward) == directions.end())
        return Error(Fault::malformed, "forward: in, out or unknown expected");
    return outlet;
}

Done read_outlets(const json::object& from, drivers::DeviceInfo& info) {
    const auto* array = array_at(from, "outlets");
    if (array == nullptr) return {};
    if (array->size() > outlets_max) return Error(Fault::full, "more than " + std::to_string(outlets_max) + " outlets");
    for (std::size_t i = 0; i < array->size(); ++i) {
        auto outlet = read_outlet((*array)[i]);
        if (!outlet) return std::move(outlet).error().during("outlet " + std::to_string(i + 1));
        info.outlets.push_back(std::move(*outlet));
    }
    return {};
}

Done read_options(const json::object& from, drivers::DeviceInfo& info) {
    const auto* options = object_at(from, "options");
    if (options == nullptr) return {};
    if (options->size() > options_max) return Error(Fault::full, "more than " + std::to_string(options_max) + " options");
    for (const auto& option : *options) {
        if (!option.value().is_string() || option.value().get_string().size() > text_bytes_max)
            return Error(Fault::malformed, "option " + std::string(option.key()) + ": a short text expected");
        info.options[option.key()] = std::string(option.value().get_string());
    }
    return {};
}

Result<net::Endpoint> read_address(const json::object& from) {
    net::Endpoint address{text_at(from, "address").value_or(""), 0};
    const auto port = number_at(from, "port").value_or(0);
    if (address.host.empty() || address.host.size() > 253) return Error(Fault::malformed, "address: a host expected");
    if (port < 1 || port > 65535) return Error(Fault::malformed, "port: 1 to 65535 expected");
    address.port = static_cast<std::uint16_t>(port);
    return address;
}

} // namespace

json::object to_json(const Device& device, bool with_address) {
    const auto& info = device.info;
    json::object object{{"id", info.id},         {"kind", "device"},    {"name", device.name},
                        {"driver", info.driver}, {"model", info.model}, {"place", info.place}};
    if (!info.outlets.empty()) object["outlets"] = outlets_to_json(info.outlets);
    write_identity(object, device.identity);
    if (!with_address) return object;
    object["address"] = info.address.host;
    object["port"] = info.address.port;
    if (!info.binding.interface.empty()) object["interface"] = info.binding.interface;
    if (info.tls) object["tls"] = true;
    if (!info.pinned_sha256.empty()) object["pinned_sha256"] = info.pinned_sha256;
    if (info.serial != 0) object["serial"] = info.serial;
    if (!info.username.empty()) object["username"] = info.username;
    object["may_set_clock"] = info.may_set_clock;
    object["may_set_listener"] = info.may_set_listener;
    json::object options;
    for (const auto& [key, value] : info.options) options[key] = value;
    if (!options.empty()) object["options"] = std::move(options);
    if (device.password_is_ours) object["password_by"] = "gateway";
    if (!device.next_password.empty()) object["password_change"] = "half_done";
    return object;
}

Result<Device> read_device(const json::object& from) {
    Device device;
    auto& info = device.info;
    info.id = text_at(from, "id").value_or("");
    if (auto good = check_id(info.id); !good) return std::move(good).error().during("device");
    const auto at = "device " + info.id;
    if (info.id == "gateway") return Error(Fault::malformed, at + ": this id is the gateway's own");
    info.driver = text_at(from, "driver").value_or("");
    if (std::find(known_drivers.begin(), known_drivers.end(), info.driver) == known_drivers.end())
        return Error(Fault::malformed, at + ": driver '" + cut_utf8(info.driver, 32) + "' is none of isapi, nut, onvif, rtsp, uhppote");
    info.model = cut_utf8(text_at(from, "model").value_or(""), text_bytes_max);
    device.name = cut_utf8(text_at(from, "name").value_or(""), text_bytes_max);
    auto address = read_address(from);
    if (!address) return std::move(address).error().during(at);
    info.address = std::move(*address);
    info.binding.interface = text_at(from, "interface").value_or("");
    if (info.binding.interface.size() > interface_bytes_max)
        return Error(Fault::malformed, at + ": interface: longer than " + std::to_string(interface_bytes_max) + " bytes");
    info.tls = bool_at(from, "tls").value_or(false);
    info.pinned_sha256 = text_at(from, "pinned_sha256").value_or("");
    const auto serial = number_at(from, "serial").value_or(0);
    if (serial < 0 || serial > 0xffffffff || (info.driver == "uhppote" && serial == 0))
        return Error(Fault::malformed, at + ": serial: the number printed on the controller expected");
    info.serial = static_cast<std::uint32_t>(serial);
    info.username = cut_utf8(text_at(from, "username").value_or(""), text_bytes_max);
    info.password = cut_utf8(text_at(from, "password").value_or(""), text_bytes_max);
    info.place = text_at(from, "place").value_or("");
    if (!info.place.empty())
        if (auto good = check_id(info.place); !good) return std::move(good).error().during(at + ", place");
    info.may_set_clock = bool_at(from, "may_set_clock").value_or(true);
    info.may_set_listener = bool_at(from, "may_set_listener").value_or(true);
    if (auto good = read_outlets(from, info); !good) return std::move(good).error().during(at);
    if (auto good = read_options(from, info); !good) return std::move(good).error().during(at);
    auto identity = read_identity(from);
    if (!identity) return std::move(identity).error().during(at);
    device.identity = std::move(*identity);
    return device;
}

std::string to_row(const Device& device, const Key& field_key, Entropy& entropy) {
    auto object = to_json(device, true);
    const auto& id = device.info.id;
    // Last, the password first: a version that is over is cut off here (daemon/store/schema).
    if (!device.info.password.empty())
        object["sealed_password"] = to_base64(seal_secret(field_key, as_bytes(device.info.password), as_bytes(bound_to(id)), entropy));
    if (!device.next_password.empty())
        object["sealed_next_password"] = to_base64(seal_secret(field_key, as_bytes(device.next_password), as_bytes(next_bound_to(id)), entropy));
    return json::serialize(object);
}

Result<Device> from_row(std::string_view row, const Key& field_key) {
    auto parsed = parse_json(row);
    if (!parsed) return std::move(parsed).error();
    if (!parsed->is_object()) return Error(Fault::damaged, "a device row that is no object");
    const auto& object = parsed->get_object();
    auto device = read_device(object);
    if (!device) return device;
    const auto id = device->info.id;
    auto password = opened(object, "sealed_password", field_key, bound_to(id));
    if (!password) return std::move(password).error().during("device " + id + ", password");
    auto next = opened(object, "sealed_next_password", field_key, next_bound_to(id));
    if (!next) return std::move(next).error().during("device " + id + ", next password");
    if (!password->empty()) device->info.password = std::move(*password);
    device->next_password = std::move(*next);
    device->password_is_ours = text_at(object, "password_by").value_or("") == "gateway";
    return device;
}

} // namespace gatehouse::registry
