// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/json.hpp"

#include <optional>
#include <string>

namespace gatehouse::registry {

/// A device's, gate's, channel's or compound's identity as issued by the authorities, never invented (design §5). Empty: not issued.
struct NationalIdentity {
    std::string national_id;  ///< 20 digits: GB/T 28181 annex E, GA/T 1400.1 6.1
    std::string police_unit;  ///< 12 digits: GA/T 380
    std::string area;         ///< 6 digits: GB/T 2260
    std::string address_code; ///< standard address code of the province
    std::optional<double> longitude, latitude;
    std::string datum;     ///< "CGCS2000", "WGS84" or "GCJ02"
    std::string direction; ///< GA/T 1400: east south west north ..., free text of at most 16 bytes
    std::optional<bool> indoor;
    std::string installed_on; ///< YYYY-MM-DD
    std::string keeper;       ///< organisation responsible
    friend bool operator==(const NationalIdentity&, const NationalIdentity&) = default;
};

/// Members stand only where known, in the order above.
void write_identity(json::object& into, const NationalIdentity& identity);
/// Fault::malformed names the field: wrong number of digits, impossible coordinates, unknown datum.
Result<NationalIdentity> read_identity(const json::object& from);

/// Where things happen: compound, building, unit, gate, lane, door, view.
struct Place {
    std::string id;   ///< letters, digits, '-', '_', '.', at most 64
    std::string kind; ///< one of place_kinds
    std::string name;
    std::string parent;                   ///< place id, empty for the compound
    std::string plan;                     ///< name of the drawing on which it has its position; empty: none
    std::optional<double> plan_x, plan_y; ///< 0 to 1, from the drawing's left and upper edge
    NationalIdentity identity;
    friend bool operator==(const Place&, const Place&) = default;
};

json::object to_json(const Place& place);
Result<Place> read_place(const json::object& from);

/// Fault::malformed unless 1 to 64 letters, digits, '-', '_' or '.'.
Done check_id(std::string_view id);

} // namespace gatehouse::registry
