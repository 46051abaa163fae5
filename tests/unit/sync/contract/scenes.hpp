// SPDX-License-Identifier: Apache-2.0
//
// One record of each kind as a compound makes them, and those that are told apart on the wire by something else than their kind.
#pragma once

#include "daemon/record/record.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::golden {

struct Scene {
    std::string_view file; ///< below sync/samples/events, without .json
    Kind kind;
    std::string_view device, place, facts, subject, details;
    std::string_view source; ///< where the values come from
    std::string_view what = {};
    ClockState clock = ClockState::synced;
    std::int64_t offset_s = 0; ///< of the device's clock
    std::vector<PictureRole> pictures = {};
};

/// In the order in which they are written.
const std::vector<Scene>& scenes();

/// An 8 by 8 grey JPEG; three different ones.
Bytes jpeg_of(PictureRole role);

} // namespace gatehouse::golden
