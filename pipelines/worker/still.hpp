// SPDX-License-Identifier: Apache-2.0
//
// One recorded key frame as a JPEG, for a timeline and for browsers that cannot play what was recorded. From memory into memory.
#pragma once

#include "pipelines/link/message.hpp"

namespace gatehouse::pipelines {

/// Smaller by a whole factor where the frame is wider than asked for; never larger. Fault::malformed: no key frame that can be decoded.
/// Fault::unsupported: a codec or a form of pixels that cameras don't send.
Result<Still> draw_still(const DrawStill& asked);

} // namespace gatehouse::pipelines
