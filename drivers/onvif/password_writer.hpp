// SPDX-License-Identifier: Apache-2.0
//
// The password of a camera's account, by SetUser. That we were let in is proved by GetUsers, which a camera tells administrators alone: what it
// tells everybody, such as who it is, proves nothing.
#pragma once

#include "drivers/onvif/driver.hpp"
#include "drivers/password_writer.hpp"

namespace gatehouse::drivers::onvif {

/// What `surroundings` refers to outlives it.
std::unique_ptr<PasswordWriter> make_password_writer(DeviceInfo device, Surroundings surroundings, const HttpClients& clients = real_http_client);

} // namespace gatehouse::drivers::onvif
