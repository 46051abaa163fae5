// SPDX-License-Identifier: Apache-2.0
//
// Cameras and what was recorded of them: spans and gaps, one film of any span, locks, exports. Video leaves only after the audit trail has it on
// disk.
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

/// Registered, and a camera.
bool is_camera(const Parts& parts, const std::string& id);

Task<net::HttpResponse> get_cameras(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_recordings(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_playback(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_lock(Parts& parts, const Asking& asking);
Task<net::HttpResponse> delete_lock(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_export(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
