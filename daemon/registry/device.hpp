// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/crypto.hpp"
#include "daemon/registry/place.hpp"
#include "drivers/driver.hpp"

namespace gatehouse::registry {

/// A device as it is registered: how to speak to it, where it stands, and its national identity.
struct Device {
    drivers::DeviceInfo info;
    std::string name;
    NationalIdentity identity;
    /// While the password is changed: the coming one, until one of both is proved to be the device's. Nobody converses with the device then.
    std::string next_password;
    /// The gateway made the password, so a file that is imported has an older one.
    bool password_is_ours = false;
};

/// Without the password: for records, answers, catalogues. `with_address`: for staff at home, never for an upstream.
json::object to_json(const Device& device, bool with_address);

/// Fault::malformed names device and field. `password` is read where it stands (a devices.toml, an answer of `device add`).
Result<Device> read_device(const json::object& from);

/// The row as the store keeps it: with the password sealed, bound to the device's id.
std::string to_row(const Device& device, const Key& field_key, Entropy& entropy);
Result<Device> from_row(std::string_view row, const Key& field_key);

} // namespace gatehouse::registry
