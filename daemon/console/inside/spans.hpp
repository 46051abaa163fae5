// SPDX-License-Identifier: Apache-2.0
//
// A span of a camera's recordings as a request names it, and the note that somebody looked at it.
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

struct Span {
    std::string camera, stream;
    Time from{}, to{};
};

/// Fault::malformed; gone: no such camera.
Done check_span(const Span& span, Duration most);
/// The span that path and query name.
Result<Span> span_of(const Asking& asking, Duration most);

/// In the audit trail before the first byte leaves; once an hour for the same `what` and viewer.
Task<Done> note_viewing(Parts& parts, const Asking& asking, std::string what);

} // namespace gatehouse::console::inside
