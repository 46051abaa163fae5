// SPDX-License-Identifier: Apache-2.0
//
// Which recordings go, and when the disk will be full: pure functions over values. Three rules of three strengths. A floor is kept as long as
// the disk has room: no ceiling and no byte limit breaks it. What is past its ceiling goes, and what is past its floor goes for a byte limit.
// A full disk wins over everything but locks: recording never stops for want of room, the oldest goes, and what went before its floor is told.
#pragma once

#include "daemon/base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::store {

/// How long a camera's recordings are kept.
struct RecordingRule {
    int floor_days = 30;         ///< at least, where the disk has room
    int ceiling_days = 90;       ///< at most
    std::uint64_t bytes_max = 0; ///< of this camera; 0: no limit of its own
};

struct RecordingRules {
    RecordingRule usual;
    std::map<std::string, RecordingRule> cameras;            ///< those that differ
    std::uint64_t bytes_max = 0;                             ///< of all together; 0: no limit but the disk
    std::uint64_t reserve_bytes = 4ull * 1024 * 1024 * 1024; ///< of the recordings' disk

    const RecordingRule& of(const std::string& camera) const {
        const auto found = cameras.find(camera);
        return found == cameras.end() ? usual : found->second;
    }
};

struct HeldSegment {
    std::int64_t id = 0;
    std::string camera;
    Time started_at{}, ended_at{};
    std::uint64_t bytes = 0;
    bool locked = false;
};

enum class GoesFor { age, camera_bytes, all_bytes, disk };
std::string_view name_of(GoesFor why);

struct Removal {
    std::size_t segment = 0; ///< which of `held`
    GoesFor why = GoesFor::age;
    bool before_floor = false;
};

/// What is known when it is asked what goes.
struct RetentionScene {
    Time now{};
    bool may_delete_by_time = true;                ///< the clock is believed
    std::vector<HeldSegment> held;                 ///< the oldest of each camera, in any order; not necessarily all
    std::map<std::string, std::uint64_t> bytes_of; ///< of each camera, all it holds
    std::uint64_t free_bytes = 0;
    std::uint64_t ahead_bytes = 0; ///< beyond a limit so much more is freed, so that the next hour need not free again
};

/// In the order in which they go. Nothing locked is among them.
std::vector<Removal> plan_removal(const RetentionScene& scene, const RecordingRules& rules);

/// A camera as the forecast needs it.
struct CameraRate {
    std::string camera;
    std::uint64_t bytes = 0, bytes_per_day = 0;
    Duration held{}; ///< how far back it reaches
};

struct RecordingForecast {
    std::uint64_t used_bytes = 0, free_bytes = 0, bytes_per_day = 0;
    std::optional<std::uint64_t> days_possible; ///< that the disk holds at this rate; none: no rate yet
    std::optional<Time> fills_at;               ///< none: the ceilings come first, or not within ten years
    std::optional<Time> floor_breaks_at;        ///< from then on something goes before its floor
    std::vector<std::string> floors_broken;     ///< cameras whose floor is more than the disk holds
};

/// From what each camera writes now. `free_bytes` of the disk.
RecordingForecast foresee(const std::vector<CameraRate>& cameras, const RecordingRules& rules, Time now, std::uint64_t free_bytes);

} // namespace gatehouse::store
