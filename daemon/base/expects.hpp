// SPDX-License-Identifier: Apache-2.0
//
// Our own mistakes. expects() stays on in every build: it prints one line and aborts, and systemd starts the daemon again, whose
// store is built to be killed at any instruction.
#pragma once

#include <source_location>
#include <string_view>

namespace gatehouse {

[[noreturn]] void broken_promise(std::string_view what, std::source_location where);

/// Ends the process when `holds` is false. `what` says what must hold, e.g. "positions have no holes".
inline void expects(bool holds, std::string_view what, std::source_location where = std::source_location::current()) {
    if (!holds) broken_promise(what, where);
}

} // namespace gatehouse
