// SPDX-License-Identifier: Apache-2.0
//
// What a segment's file is called: the gateway's clock at its first frame, and the stream. So a file that a crash left without a row still says
// when it was, and names sort as time does. "20260115T003012250Z-main.mp4"; the second one of the same millisecond "…-main-1.mp4". While it is
// written it is called so with ".part" behind; that file is its worker's alone.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::pipelines {

constexpr std::string_view segment_ending = ".mp4", unfinished_segment_ending = ".part";
constexpr std::int64_t same_time_segments_max = 100;

struct SegmentName {
    Time started_at{}; ///< to the millisecond
    std::string stream;
    std::int64_t number = 0; ///< 0: no other of that millisecond
};

inline std::string to_text(const SegmentName& name) {
    const auto time = gatehouse::to_text(name.started_at); // 2026-01-15T00:30:12.250000Z
    return time.substr(0, 4) + time.substr(5, 2) + time.substr(8, 5) + time.substr(14, 2) + time.substr(17, 2) + time.substr(20, 3) + "Z-" +
           name.stream + (name.number == 0 ? std::string() : '-' + std::to_string(name.number)) + std::string(segment_ending);
}

/// None: not a segment's name. One spelling only, since the name is an identity.
inline std::optional<SegmentName> read_segment_name(std::string_view file) {
    constexpr std::size_t stamp_bytes = 19; // 20260115T003012250Z
    if (file.size() < stamp_bytes + 1 || !file.ends_with(segment_ending)) return std::nullopt;
    const auto part = [&](std::size_t at, std::size_t length) { return std::string(file.substr(at, length)); };
    auto started_at = parse_time(part(0, 4) + '-' + part(4, 2) + '-' + part(6, 5) + ':' + part(11, 2) + ':' + part(13, 2) + '.' + part(15, 3) + 'Z');
    if (!started_at) return std::nullopt;
    SegmentName name;
    name.started_at = *started_at;
    auto rest = file.substr(stamp_bytes + 1, file.size() - stamp_bytes - 1 - segment_ending.size());
    const auto dash = rest.find('-');
    if (dash != std::string_view::npos) {
        const auto number = to_number(rest.substr(dash + 1));
        if (!number || *number < 1 || *number >= same_time_segments_max) return std::nullopt;
        name.number = *number;
        rest = rest.substr(0, dash);
    }
    if (rest != "main" && rest != "sub") return std::nullopt;
    name.stream = std::string(rest);
    if (to_text(name) != file) return std::nullopt;
    return name;
}

} // namespace gatehouse::pipelines
