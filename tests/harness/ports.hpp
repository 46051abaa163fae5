// SPDX-License-Identifier: Apache-2.0
//
// Ports that nobody uses. Each is taken from 20000 to 29999 (below the range that the kernel hands out by itself) under
// a file lock held until this process ends, so tests that run side by side never draw the same one.
#pragma once

#include <cstdint>

namespace gatehouse::harness {

/// Free on 127.0.0.1 for TCP and UDP both. Trouble when none is left.
std::uint16_t free_port();

} // namespace gatehouse::harness
