// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

Task<net::HttpResponse> get_upstreams(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_resend(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_dead(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
