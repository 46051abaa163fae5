// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gatehouse::pipelines {

/// A camera's worker on this end of the link, to its end. Answers the exit code: 0 told to stop, or the daemon is gone, and all that was
/// begun is finished; 1 the camera is lost (said over the link); 2 nobody configured it.
int run_worker(int descriptor);

} // namespace gatehouse::pipelines
