// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/settings.hpp"

#include "pipelines/watch/picture.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::pipelines::watch {
namespace {

using namespace std::chrono_literals;

// Not a number is in no bounds either.
bool is_within(double value, double low, double high) { return value >= low && value <= high; }
bool is_within(Point point) { return is_within(point.x, 0, 1) && is_within(point.y, 0, 1); }

Error wrong(std::string what) { return {Fault::malformed, std::move(what)}; }

Done check_polygon(const Polygon& polygon) {
    if (polygon.size() < 3 || polygon.size() > corners_max) return wrong("an area has 3 to " + std::to_string(corners_max) + " corners");
    if (!std::all_of(polygon.begin(), polygon.end(), [](Point each) { return is_within(each); }))
        return wrong("corners lie within the picture, from 0 to 1");
    return {};
}

Done check_name(const std::string& name, std::set<std::string>& taken) {
    if (name.empty() || name.size() > name_bytes_max) return wrong("a name has 1 to " + std::to_string(name_bytes_max) + " bytes");
    if (!taken.insert(name).second) return wrong("the name is taken");
    return {};
}

Done check_zone(const Zone& zone, std::set<std::string>& taken) {
    if (auto name = check_name(zone.name, taken); !name) return name;
    if (auto area = check_polygon(zone.area); !area) return area;
    if (!is_within(zone.sensitivity, 0, 1)) return wrong("sensitivity is 0 to 1");
    if (zone.dwell < 0s || zone.dwell > dwell_max) return wrong("dwell is 0 to 24 hours");
    if (!is_within(zone.dwell_share, 0.001, 1)) return wrong("dwell_share is 0.001 to 1");
    return {};
}

Done check_line(const Line& line, std::set<std::string>& taken) {
    if (auto name = check_name(line.name, taken); !name) return name;
    if (!is_within(line.from) || !is_within(line.to)) return wrong("a line's ends lie within the picture, from 0 to 1");
    if (std::max(std::abs(line.from.x - line.to.x), std::abs(line.from.y - line.to.y)) < 0.02) return wrong("a line is 0.02 long or more");
    return {};
}

Done check_detector(const DetectorSettings& detector) {
    if (detector.model.empty()) return {}; // off
    if (detector.model.size() > model_bytes_max) return wrong("a model has 256 MiB at most");
    const auto is_side = [](int side) { return side >= model_side_pixels_min && side <= model_side_pixels_max && side % 2 == 0; };
    if (!is_side(detector.width) || !is_side(detector.height)) return wrong("width and height are even, 8 to 1280");
    if (detector.classes.empty() || detector.classes.size() > classes_max) return wrong("1 to 256 classes");
    for (const std::string& name : detector.classes)
        if (name.size() > name_bytes_max) return wrong("a class's name has " + std::to_string(name_bytes_max) + " bytes at most");
    if (!is_within(detector.score_min, 0, 1) || !is_within(detector.overlap_max, 0, 1)) return wrong("score_min and overlap_max are 0 to 1");
    if (!is_within(detector.scale, 1e-6, 1e6)) return wrong("scale is 0.000001 to 1000000");
    for (const double mean : detector.mean)
        if (!is_within(mean, -255, 255)) return wrong("mean is -255 to 255");
    if (detector.every < 100ms || detector.every > 1h) return wrong("every is 100 ms to an hour");
    return {};
}

} // namespace

bool is_whole(const PictureView& picture) {
    const auto is_side = [](int side) { return side >= picture_side_pixels_min && side <= picture_side_pixels_max; };
    if (!is_side(picture.width) || !is_side(picture.height)) return false;
    const auto holds = [](const Plane& plane, int width, int height) {
        return plane.stride >= width &&
               plane.bytes.size() >= static_cast<std::size_t>(plane.stride) * static_cast<std::size_t>(height - 1) + static_cast<std::size_t>(width);
    };
    if (!holds(picture.gray, picture.width, picture.height)) return false;
    if (picture.blue_ish.bytes.empty() && picture.red_ish.bytes.empty()) return true;
    const int half_width = (picture.width + 1) / 2, half_height = (picture.height + 1) / 2;
    return holds(picture.blue_ish, half_width, half_height) && holds(picture.red_ish, half_width, half_height);
}

std::string_view name_of(Blindness blindness) {
    switch (blindness) {
    case Blindness::covered: return "covered";
    case Blindness::blurred: return "blurred";
    case Blindness::frozen: return "frozen";
    }
    return "";
}

Done check(const WatchSettings& settings) {
    if (settings.zones.size() > zones_max) return wrong("16 zones at most");
    if (settings.masks.size() > masks_max) return wrong("16 masks at most");
    if (settings.lines.size() > lines_max) return wrong("8 lines at most");
    std::set<std::string> zone_names, line_names;
    for (const Zone& zone : settings.zones)
        if (auto zone_is = check_zone(zone, zone_names); !zone_is) return std::move(zone_is).error().during("zone '" + zone.name + "'");
    for (const Polygon& mask : settings.masks)
        if (auto mask_is = check_polygon(mask); !mask_is) return std::move(mask_is).error().during("a mask");
    for (const Line& line : settings.lines)
        if (auto line_is = check_line(line, line_names); !line_is) return std::move(line_is).error().during("line '" + line.name + "'");
    if (settings.motion_ends_after < 100ms || settings.motion_ends_after > 10min) return wrong("motion_ends_after is 100 ms to 10 minutes");
    if (settings.blind_after < 100ms || settings.blind_after > 1h) return wrong("blind_after is 100 ms to an hour");
    if (settings.frozen_after < 1s || settings.frozen_after > 1h) return wrong("frozen_after is a second to an hour");
    if (settings.persons_every < 100ms || settings.persons_every > 1h) return wrong("persons_every is 100 ms to an hour");
    if (auto detector = check_detector(settings.detector); !detector) return std::move(detector).error().during("detector");
    return {};
}

} // namespace gatehouse::pipelines::watch
