// SPDX-License-Identifier: Apache-2.0
//
// What one camera is watched for: plain values with bounds. Places are relative to the picture, so that they hold for each of a camera's
// streams and stay when its resolution changes.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/result.hpp"
#include "pipelines/watch/seen.hpp"

#include <chrono>
#include <cstddef>

namespace gatehouse::pipelines::watch {

constexpr std::size_t zones_max = 16, masks_max = 16, lines_max = 8, corners_max = 32, name_bytes_max = 64;
constexpr std::size_t classes_max = 256, model_bytes_max = 256u * 1024 * 1024;
constexpr int model_side_pixels_min = 8, model_side_pixels_max = 1280;
constexpr std::chrono::seconds dwell_max{24 * 3600};

struct Point {
    double x = 0, y = 0; ///< 0 to 1
};
/// 3 to `corners_max` corners in order; even-odd where it crosses itself.
using Polygon = std::vector<Point>;

struct Zone {
    std::string name{};
    Polygon area{};
    /// 0 to 1: how little must move to count, from 1 % of the picture at 0 over a thousandth at 0.5 to a ten-thousandth at 1.
    double sensitivity = 0.5;
    /// Something that stands here for so long is told (a blocked fire lane); 0: nothing is.
    std::chrono::seconds dwell{0};
    /// Which share of the zone what stands there must cover, above 0 to 1.
    double dwell_share = 0.2;
};

/// From `from` to `to`; who crosses it the way that is not allowed is told as wrong. Needs 5 pictures a second or more.
struct Line {
    std::string name{};
    Point from{}, to{};
    Way allowed = Way::both;
};

/// How a model's one output is to be read. N boxes, C classes; lengths in pixels of the model's input.
enum class OutputLayout : std::uint8_t {
    rows,    ///< [1, N, 5+C]: centre x, centre y, width, height, certainty, then a factor for each class (YOLOv5 and its kin)
    columns, ///< [1, 4+C, N]: centre x, centre y, width, height, a score for each class (YOLOv8 and its kin)
    ssd,     ///< [1, 1, N, 7]: image, class, score, left, top, right, bottom, relative to the picture
};

struct DetectorSettings {
    Bytes model{};                 ///< an ONNX file with static shapes, opset as OpenCV 4.6 reads it; empty: the detector is off
    int width = 640, height = 640; ///< of the model's input, even
    double scale = 1.0 / 255;      ///< of each byte, after `mean` was taken off
    double mean[3] = {0, 0, 0};
    bool wants_red_first = true; ///< RGB; false: BGR
    OutputLayout layout = OutputLayout::columns;
    std::vector<std::string> classes{}; ///< by the model's number; what has no name is not told
    double score_min = 0.5;             ///< 0 to 1
    double overlap_max = 0.45;          ///< of two boxes of a class that overlap by more, the surer stays
    std::chrono::milliseconds every{1000};
    bool only_on_motion = true;
};

struct WatchSettings {
    std::vector<Zone> zones{};    ///< none: the whole picture is one, without a name
    std::vector<Polygon> masks{}; ///< what lies inside is never looked at: a street, a neighbour's window, the camera's clock
    std::vector<Line> lines{};
    std::chrono::milliseconds motion_ends_after{3000};
    std::chrono::milliseconds blind_after{3000};   ///< covered or blurred for so long is told
    std::chrono::milliseconds frozen_after{10000}; ///< the same picture for so long is told
    bool persons = false;
    std::chrono::milliseconds persons_every{1000};
    DetectorSettings detector{};
};

/// Fault::malformed names the first value that is out of its bounds.
Done check(const WatchSettings& settings);

} // namespace gatehouse::pipelines::watch
