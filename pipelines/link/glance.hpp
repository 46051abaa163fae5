// SPDX-License-Identifier: Apache-2.0
//
// A worker that only looks: it records nothing, touches no file, and is there for as long as somebody listens to it. So a second stream is
// shown (sub_stream.hpp) and a camera that nobody has registered yet is tried.
#pragma once

#include "daemon/net/child_process.hpp"
#include "drivers/driver.hpp"
#include "pipelines/link/codec.hpp"

#include <functional>

namespace gatehouse::pipelines {

struct GlanceParts {
    drivers::Surroundings surroundings;
    net::Children& children;
    std::string program; ///< gatehouse-media
};

/// Starts a worker, hands it `configuration` (without folder, not recording; its URL names `host`), and calls `each` with all that it says, on
/// the loop. `each` answers false when it has heard enough; the worker then takes its leave of the camera, or is killed. Comes back with why it is over:
/// Fault::busy for "heard enough", else the worker's own word or what it died of; timed_out when it hangs. Cancelled, it kills the worker.
Task<Error> glance(GlanceParts parts, std::string host, Configuration configuration, std::function<bool(Up& said)> each);

} // namespace gatehouse::pipelines
