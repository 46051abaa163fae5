// SPDX-License-Identifier: Apache-2.0
//
// Recorded pictures for who cannot play the film, or wants an overview of it: stills, thumbnails along a span, and which way a browser can see it.
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

Task<net::HttpResponse> get_still(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_thumbnails(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_ways(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
