// SPDX-License-Identifier: Apache-2.0
//
// What is seen of a camera, and of each stream that it offers, as plain values.
#pragma once

#include "pipelines/link/message.hpp"

#include <optional>

namespace gatehouse::pipelines {

/// Of a registered camera, beside its status.
struct CameraLook {
    std::optional<Opened> picture;                       ///< of this conversation
    std::optional<Ready> walls;                          ///< of the last worker; none: it never said
    std::uint64_t bits_per_s = 0, frames_per_1000_s = 0; ///< as they come; 0: nothing comes, or not for long enough
    std::optional<Time> last_fragment_at;
    std::string policy; ///< "always", "on_event", "off"
    bool has_sub = false;
    std::size_t viewers = 0; ///< of all its streams
};

/// A stream that was tried.
struct StreamSeen {
    std::string path;   ///< what follows the address in its URL
    std::string set_as; ///< "main", "sub" or empty: as the camera is registered now
    Opened picture;
    std::string codecs; ///< RFC 6381
    std::string fault;  ///< empty: it plays
};

} // namespace gatehouse::pipelines
