// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

std::string_view name_of(drivers::DeviceStatus::State state);
std::string_view name_of(sync::UpstreamStatus::State state);
std::string_view name_of(store::DiskState state);

/// `with_cause`: firmware and fault too.
json::object to_json(const drivers::DeviceStatus& status, bool with_cause);
json::object to_json(const sync::UpstreamStatus& status, bool with_cause);

/// All figures of the gateway; what the caller may not see is left out.
Task<json::object> status_of(Parts& parts, bool devices_too, bool upstreams_too);

Task<net::HttpResponse> get_status(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_livez(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_readyz(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
