// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/recording_spans.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

constexpr std::string_view no_word = "unknown", to_come = "ahead";

void put(std::vector<RecordingSpan>& spans, Time from, Time to, std::string_view cause) {
    if (from < to) spans.push_back({from, to, false, std::string(cause)});
}

/// A hole by its causes: where a gap speaks of it, that; between gaps, nobody said why.
void put_hole(std::vector<RecordingSpan>& spans, const std::vector<RecordingGap>& gaps, Time from, Time to) {
    for (const auto& gap : gaps) {
        if (gap.to <= from || gap.from >= to) continue;
        put(spans, from, gap.from, no_word);
        const auto begin = std::max(from, gap.from);
        from = std::min(to, gap.to);
        put(spans, begin, from, gap.cause);
    }
    put(spans, from, to, no_word);
}

} // namespace

std::vector<RecordingSpan> recording_spans(const std::vector<RecordedSegment>& segments, const std::vector<RecordingGap>& gaps, Time from, Time to,
                                           Time known_until) {
    std::vector<RecordingSpan> spans;
    Time at = from;
    const auto known = std::clamp(known_until, from, to);
    for (const auto& one : segments) {
        const auto begin = std::clamp(one.started_at, from, to), end = std::clamp(one.ended_at, from, to);
        if (end <= at) continue;
        const bool joins = !spans.empty() && spans.back().recorded && begin - at <= span_joint_max;
        if (joins) {
            spans.back().to = end;
        } else {
            if (begin > at) put_hole(spans, gaps, at, begin);
            spans.push_back({std::max(at, begin), end, true, {}});
        }
        at = end;
    }
    if (at < known) {
        put_hole(spans, gaps, at, known);
        at = known;
    }
    put(spans, at, to, to_come);
    return spans;
}

} // namespace gatehouse::store
