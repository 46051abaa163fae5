// SPDX-License-Identifier: Apache-2.0
//
// A stretch of time as what was recorded in it and what was not, without a hole between: pure.
#pragma once

#include "daemon/store/recording_index.hpp"

namespace gatehouse::store {

struct RecordingSpan {
    Time from{}, to{};
    bool recorded = false;
    std::string cause; ///< of what is missing; "unknown" where nobody said why, "ahead" for what is being recorded or is yet to come
};

constexpr Duration span_joint_max = std::chrono::seconds(1); ///< as playback joins them

/// `segments` and `gaps` in order of time. What lies behind the last segment and after `known_until` is "ahead": a segment is told of when it
/// is whole.
std::vector<RecordingSpan> recording_spans(const std::vector<RecordedSegment>& segments, const std::vector<RecordingGap>& gaps, Time from, Time to,
                                           Time known_until);

} // namespace gatehouse::store
