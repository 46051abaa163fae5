// SPDX-License-Identifier: Apache-2.0
//
// Clips that platforms asked for: who asks for which case, and the compound's yes or no.
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

Task<net::HttpResponse> get_clips(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_clip_approve(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_clip_refuse(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
