// SPDX-License-Identifier: Apache-2.0
//
// How a device's own password is changed. One writer is one log-in, made for it alone: connections, nonces and challenges of conversations that
// go on elsewhere prove nothing.
#pragma once

#include "drivers/driver.hpp"

#include <functional>
#include <memory>
#include <string>

namespace gatehouse::drivers {

/// All calls on the loop, once each. The password tried is the device's, `DeviceInfo::password`; a wrong one is tried once.
class PasswordWriter {
public:
    virtual ~PasswordWriter() = default;

    /// The device lets us in with this password where it lets in nobody without one. Fault::refused: it does not; unsupported: it asks nobody for
    /// a password, so that nothing can be proved; the others: it was not heard.
    virtual Task<Done> prove() = 0;

    /// The account's password from now on. Fault::unreachable, timed_out, malformed, busy: it may have been set, or not. All others: the device
    /// said no, and has what it had.
    virtual Task<Done> write(std::string fresh) = 0;
};

/// Fault::unsupported: the protocol knows no passwords, or none that can be set.
using PasswordWriters = std::function<Result<std::unique_ptr<PasswordWriter>>(const DeviceInfo& device)>;

} // namespace gatehouse::drivers
