// SPDX-License-Identifier: Apache-2.0
//
// WebSockets by Beast on a Wire, both sides, without compression: the one file that compiles them.
#pragma once

#include "daemon/net/http.hpp"
#include "daemon/net/inside/wire.hpp"

namespace gatehouse::net::inside {

/// Answers the upgrade and gives the connection. Fault::malformed: the request is no good one.
Task<Result<std::unique_ptr<WebSocket>>> accept_web_socket(Loop& loop, Clock& clock, Wire wire, const HttpRequest& upgrade);

/// Asks for the upgrade. Fault::refused with the status when the server says no.
Task<Result<std::unique_ptr<WebSocket>>> ask_for_web_socket(Loop& loop, Clock& clock, Wire wire, const HttpRequest& upgrade);

} // namespace gatehouse::net::inside
