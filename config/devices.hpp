// SPDX-License-Identifier: Apache-2.0
//
// devices.toml: places and devices for the registry, as a technician writes them down once (`gatehousectl device add --file`, or
// devices.import_file). Values only; the registry decides what is new.
#pragma once

#include "config/flaw.hpp"
#include "daemon/base/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::config {

/// The national identity of a place or device, as issued, never invented (一机一档). Empty: not issued yet.
struct NationalIdentity {
    std::string national_id; ///< 20 digits
    std::string police_unit; ///< 12 digits, GA/T 380
    std::string area;        ///< GB/T 2260
    std::string address_code;
    std::optional<double> longitude, latitude;
    std::string datum; ///< "CGCS2000", "WGS84", "GCJ02"; empty: none
    std::string direction;
    std::string setting;      ///< "indoor", "outdoor"; empty: unknown
    std::string installed_on; ///< YYYY-MM-DD
    std::string keeper;
};

struct PlaceEntry {
    std::string id;
    std::string kind; ///< one of the choices of its row
    std::string name;
    std::string parent; ///< another place's id; empty: the compound itself
    NationalIdentity identity;
};

enum class Forward : std::uint8_t { in, out, unknown };

/// A door or lane of a device.
struct OutletEntry {
    std::int64_t number = 0;
    std::string name;
    std::string place;
    Forward forward = Forward::unknown;
    std::string national_id;
};

struct DeviceEntry {
    std::string id;
    std::string driver; ///< "isapi", "nut", "onvif", "rtsp", "uhppote"
    std::string model;
    std::string address;
    std::int64_t port = 0; ///< 0: the driver's own
    bool tls = false;
    std::string pinned_sha256;
    std::string interface;
    std::int64_t serial = 0;
    std::string username;
    std::string password_credential;
    std::string name;
    std::string place;
    bool may_set_clock = true;
    bool may_set_listener = true;
    std::map<std::string, std::string> options;
    std::vector<OutletEntry> outlets;
    NationalIdentity identity;
};

struct DeviceImport {
    std::vector<PlaceEntry> places;
    std::vector<DeviceEntry> devices;
};

/// Everything, or every flaw.
struct DeviceOutcome {
    std::optional<DeviceImport> devices;
    std::vector<Flaw> flaws;
};

DeviceOutcome parse_devices(std::string_view text, const std::string& file);
DeviceOutcome read_devices(const std::string& file);

/// What the registry reads (registry::read_place, read_device). `password` is the secret behind password_credential; a port of 0 has
/// become the driver's own.
json::object to_json(const PlaceEntry& place);
json::object to_json(const DeviceEntry& device, std::string_view password);

/// An empty devices.toml with every key explained, and its JSON Schema.
std::string default_devices();
std::string devices_schema();

} // namespace gatehouse::config
