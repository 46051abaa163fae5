// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

Task<net::HttpResponse> post_verify(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_backup(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_erase(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_identity(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_renew(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_settings(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
