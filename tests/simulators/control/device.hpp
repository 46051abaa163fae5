// SPDX-License-Identifier: Apache-2.0
//
// What a device simulator offers to the control server. Everything is called on the io thread and must not wait.
#pragma once

#include "tests/simulators/control/ledger.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <stdexcept>
#include <string_view>

namespace gatehouse::simulators::control {

/// Thrown by a device that can't do what it was told; answered with 400 and the sentence.
struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct FaultName {
    std::string_view name;
    std::string_view meaning;
};

class Device {
public:
    virtual ~Device() = default;

    /// Everything a test may want to look at.
    virtual boost::json::object state() = 0;

    /// Makes one event as told, adds it to the ledger, and answers its row.
    virtual LedgerRow event(const boost::json::object& what) = 0;

    /// Makes one plausible event of its own choosing, drawn from `random`.
    virtual LedgerRow random_event(std::mt19937_64& random) = 0;

    /// The faults that this device knows, beside `flood`, which the server does for every device.
    virtual std::span<const FaultName> faults() const = 0;

    /// The fault is now set in Faults. True: it was a deed done at once (clear the log, …), so forget it again.
    virtual bool fault_was_set(std::string_view name, const boost::json::object& arguments) = 0;
    virtual void fault_was_cleared(std::string_view) {}

    /// How wrong the device's clock is from now on.
    virtual void set_clock(std::chrono::microseconds offset, std::optional<double> drift_ppm) = 0;

    /// Forgets what a power cycle forgets, keeps what it keeps.
    virtual void reboot() = 0;

    /// Further control routes of this device, such as GET /cards; nothing: 404.
    virtual std::optional<boost::json::value> request(std::string_view /*verb*/, std::string_view /*target*/, const boost::json::object& /*body*/) {
        return std::nullopt;
    }
};

} // namespace gatehouse::simulators::control
