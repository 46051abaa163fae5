// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

Task<net::HttpResponse> get_check(Parts& parts, const Asking& asking);
/// What disk and line the registered devices need (plan.hpp).
Task<net::HttpResponse> get_plan(Parts& parts, const Asking& asking);
/// What lies beneath the log, measured now (daemon/store/medium.hpp).
Task<net::HttpResponse> post_storage(Parts& parts, const Asking& asking);
/// Settings, status and checks as one JSON object, without secrets and personal fields.
Task<net::HttpResponse> get_bundle(Parts& parts, const Asking& asking);
/// Prometheus text format 0.0.4.
Task<net::HttpResponse> get_metrics(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_openapi(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
