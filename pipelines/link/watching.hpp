// SPDX-License-Identifier: Apache-2.0
//
// What a camera is watched for, and what was seen: the words between daemon and worker, plain values without OpenCV. What they mean to a
// picture is pipelines/watch's. Places are relative to the picture: 0,0 is its upper left corner and 1,1 its lower right one.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gatehouse::pipelines {

constexpr std::size_t watch_zones_max = 16, watch_masks_max = 16, watch_lines_max = 8, watch_corners_max = 32, watch_name_bytes_max = 64;
constexpr std::size_t model_classes_max = 64;
constexpr std::uint32_t dwell_s_max = 24 * 3600;
constexpr std::size_t snapshot_bytes_max = 4 * 1024 * 1024; ///< as large as a record's picture may be

struct WatchPoint {
    double x = 0, y = 0;
    friend bool operator==(const WatchPoint&, const WatchPoint&) = default;
};
using WatchArea = std::vector<WatchPoint>; ///< 3 to watch_corners_max corners

struct WatchZone {
    std::string name;
    WatchArea area;
    double sensitivity = 0.5;  ///< 0 to 1
    std::uint32_t dwell_s = 0; ///< what stands here for so long is an alarm; 0: nothing is
    friend bool operator==(const WatchZone&, const WatchZone&) = default;
};

/// Looking from a line's first end to its second.
enum class WatchWay : std::uint8_t { both, to_left, to_right };

/// `both`: whoever crosses it is an alarm; else who crosses it the other way.
struct WatchLine {
    std::string name;
    WatchPoint from, to;
    WatchWay allowed = WatchWay::both;
    friend bool operator==(const WatchLine&, const WatchLine&) = default;
};

enum class ModelLayout : std::uint8_t { columns, rows, ssd };

/// An ONNX model of the user's, and how it is to be read (pipelines/watch/settings.hpp).
struct WatchModel {
    std::string path; ///< absolute; empty: none
    std::uint16_t width = 640, height = 640;
    ModelLayout layout = ModelLayout::columns;
    std::map<std::uint16_t, std::string> classes; ///< by the model's number; what has no name is not told
    double score_min = 0.5;
    friend bool operator==(const WatchModel&, const WatchModel&) = default;
};

struct WatchRules {
    bool on = false; ///< false: nothing is decoded
    bool persons = false;
    std::vector<WatchZone> zones; ///< none: the whole picture
    std::vector<WatchArea> masks;
    std::vector<WatchLine> lines;
    WatchModel model;
    friend bool operator==(const WatchRules&, const WatchRules&) = default;
};

/// A device's options (README) as rules. `models`: the folder in which a model is found by its name. Fault::malformed names the option.
Result<WatchRules> watch_rules_of(const std::map<std::string, std::string>& options, bool on_by_default, const std::string& models);

/// The names lie between 1 and their limit, numbers within their bounds; what a worker is sent and what an option says both pass here.
Done check(const WatchRules& rules);

enum class Sight : std::uint8_t {
    motion_started,
    motion_ended,
    lost,     ///< covered, blurred or frozen
    restored, ///< it sees again
    person,   ///< somebody came into view
    object,   ///< the user's model saw something of this class come into view
    dwell_reached,
    dwell_ended,
    line_crossed,
    wrong_way,
};

/// One thing that a camera saw.
struct Saw {
    Sight what = Sight::motion_started;
    std::string name; ///< the zone, the line, "covered", "blurred", "frozen", or the model's word
    Time since{}, at{};
    Bytes picture; ///< a JPEG; may be empty
    friend bool operator==(const Saw&, const Saw&) = default;
};

} // namespace gatehouse::pipelines
