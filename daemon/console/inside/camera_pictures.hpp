// SPDX-License-Identifier: Apache-2.0
//
// A camera's picture of now, and what its streams are: for who sets it up. A picture leaves only after the audit trail has it on disk.
#pragma once

#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

/// What a camera's look adds to its row in GET /api/v1/cameras.
void put_look(json::object& row, const pipelines::CameraLook& look);

Task<net::HttpResponse> get_snapshot(Parts& parts, const Asking& asking);
Task<net::HttpResponse> get_camera_probe(Parts& parts, const Asking& asking);
Task<net::HttpResponse> post_camera_probe(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
