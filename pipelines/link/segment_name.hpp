// SPDX-License-Identifier: Apache-2.0
//
// What a segment's file is called: stream and the gateway's clock at its first frame, so that a file which a crash left without a row still
// says whose it is and when it was. "main-20260115T003012000000Z.mp4".
#pragma once

#include "daemon/base/clock.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::pipelines {

constexpr std::string_view segment_ending = ".mp4";

struct SegmentName {
    std::string stream; ///< "main", "sub": lower-case letters and digits
    Time started_at{};
};

inline std::string to_text(const SegmentName& name) {
    std::string time = gatehouse::to_text(name.started_at);
    std::erase_if(time, [](char c) { return c == '-' || c == ':' || c == '.'; });
    return name.stream + '-' + time + std::string(segment_ending);
}

/// None: not a segment's name.
inline std::optional<SegmentName> read_segment_name(std::string_view file) {
    constexpr std::size_t time_bytes = 22; // 20260115T003012000000Z
    if (!file.ends_with(segment_ending)) return std::nullopt;
    file.remove_suffix(segment_ending.size());
    if (file.size() < time_bytes + 2) return std::nullopt;
    SegmentName name;
    name.stream = std::string(file.substr(0, file.size() - time_bytes - 1));
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (!std::all_of(name.stream.begin(), name.stream.end(), is_plain)) return std::nullopt;
    std::string time(file.substr(file.size() - time_bytes));
    for (const auto& [at, mark] : {std::pair(15, '.'), std::pair(13, ':'), std::pair(11, ':'), std::pair(6, '-'), std::pair(4, '-')})
        time.insert(static_cast<std::size_t>(at), 1, mark);
    auto started_at = parse_time(time);
    if (!started_at) return std::nullopt;
    name.started_at = *started_at;
    // One spelling only: the name is an identity.
    if (to_text(name) != std::string(file) + std::string(segment_ending)) return std::nullopt;
    return name;
}

} // namespace gatehouse::pipelines
