// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

Task<net::HttpResponse> get_devices(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_device(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_device(Parts& parts, const Asking& asking);
Task<net::HttpResponse> put_device(Parts& parts, const Asking& asking);
Task<net::HttpResponse> delete_device(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_probe(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_open(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_password(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_discover(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_places(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
