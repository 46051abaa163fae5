// SPDX-License-Identifier: Apache-2.0
// What both programs share: the flags of an ISAPI device, and its life from the ready line to the end.
#pragma once

#include "tests/simulators/control/options.hpp"
#include "tests/simulators/devices/isapi/isapi_device.hpp"

#include <functional>
#include <memory>
#include <span>

namespace gatehouse::simulators::isapi {

using MakeDevice =
    std::function<std::unique_ptr<IsapiDevice>(boost::asio::io_context&, const Setup&, const control::Options&, control::Ledger&, control::Faults&)>;

// The process's exit code.
int run_device(int argc, char** argv, Setup defaults, std::span<const control::Flag> further, const MakeDevice& make);

} // namespace gatehouse::simulators::isapi
