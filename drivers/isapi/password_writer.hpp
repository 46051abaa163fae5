// SPDX-License-Identifier: Apache-2.0
//
// The password of a device's account, by PUT /ISAPI/Security/users/ID. That we were let in is proved by the list of accounts, which is refused to
// whoever does not log in.
#pragma once

#include "drivers/isapi/driver.hpp"
#include "drivers/password_writer.hpp"

namespace gatehouse::drivers::isapi {

/// What `surroundings` refers to outlives it.
std::unique_ptr<PasswordWriter> make_password_writer(DeviceInfo device, Surroundings surroundings, const HttpClients& clients = real_http_client);

} // namespace gatehouse::drivers::isapi
