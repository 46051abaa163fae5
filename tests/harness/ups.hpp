// SPDX-License-Identifier: Apache-2.0
//
// A UPS in a story: NUT's own upsd with its dummy-ups driver, whose status a story writes. Nothing of the machine's NUT is touched.
#pragma once

#include "tests/harness/child_process.hpp"

#include <memory>

namespace gatehouse::harness {

class Ups {
public:
    /// Runs when this returns; its status is "OL". Trouble where nut-server is not installed.
    explicit Ups(const std::filesystem::path& folder);

    /// "OB", "OB LB", …: the driver reads it within its two seconds.
    void status(const std::string& words);
    /// Its table of devices.toml.
    std::string device(const std::string& id) const;

private:
    std::filesystem::path folder_;
    std::uint16_t port_;
    std::unique_ptr<ChildProcess> driver_, upsd_;
};

} // namespace gatehouse::harness
