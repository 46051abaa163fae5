// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/watching.hpp"

#include "daemon/base/text.hpp"
#include "pipelines/link/codec.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace gatehouse::pipelines {

namespace {

constexpr std::string_view zone_mark = "zone.", mask_mark = "mask.", line_mark = "line.";
constexpr std::uint16_t model_side_pixels_min = 8, model_side_pixels_max = 1280;

Error wrong(std::string what) { return {Fault::malformed, std::move(what)}; }

std::vector<std::string_view> parts_of(std::string_view text, char between) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(between);
        if (const auto part = trimmed(text.substr(0, end)); !part.empty()) parts.push_back(part);
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::optional<double> real_of(std::string_view text) {
    double value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (failed != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

Result<WatchPoint> point_of(std::string_view text) {
    const auto comma = text.find(',');
    const auto x = real_of(text.substr(0, comma));
    const auto y = comma == text.npos ? std::nullopt : real_of(text.substr(comma + 1));
    if (!x || !y) return wrong("points as \"0.1,0.5 0.9,0.5\" expected, each from 0 to 1");
    return WatchPoint{*x, *y};
}

/// "POINT POINT …; WORD VALUE; …"
struct Place {
    WatchArea points;
    std::map<std::string, std::string, std::less<>> words;
};

Result<Place> place_of(std::string_view text) {
    Place place;
    bool is_first = true;
    for (const auto part : parts_of(text, ';')) {
        if (std::exchange(is_first, false)) {
            for (const auto each : parts_of(part, ' ')) {
                auto point = point_of(each);
                if (!point) return std::move(point).error();
                place.points.push_back(*point);
            }
            continue;
        }
        const auto space = part.find(' ');
        if (space == part.npos) return wrong("a word and its value expected after each semicolon");
        place.words.emplace(part.substr(0, space), trimmed(part.substr(space)));
    }
    return place;
}

Result<WatchZone> zone_of(std::string name, std::string_view text) {
    auto place = place_of(text);
    if (!place) return std::move(place).error();
    WatchZone zone{std::move(name), std::move(place->points)};
    for (const auto& [word, value] : place->words) {
        if (word == "sensitivity") {
            zone.sensitivity = real_of(value).value_or(-1);
        } else if (word == "dwell") {
            const auto seconds = to_number(value);
            if (!seconds || *seconds < 0 || *seconds > dwell_s_max) return wrong("dwell: 0 to 86400 seconds");
            zone.dwell_s = static_cast<std::uint32_t>(*seconds);
        } else {
            return wrong("'" + cut_utf8(word, 32) + "' is neither sensitivity nor dwell");
        }
    }
    return zone;
}

Result<WatchLine> line_of(std::string name, std::string_view text) {
    auto place = place_of(text);
    if (!place) return std::move(place).error();
    if (place->points.size() != 2) return wrong("a line has two ends");
    WatchLine line{std::move(name), place->points[0], place->points[1]};
    for (const auto& [word, value] : place->words) {
        if (word != "allowed") return wrong("'" + cut_utf8(word, 32) + "' is not allowed");
        if (value != "both" && value != "to_left" && value != "to_right") return wrong("allowed: both, to_left or to_right");
        line.allowed = value == "to_left" ? WatchWay::to_left : value == "to_right" ? WatchWay::to_right : WatchWay::both;
    }
    return line;
}

Done read_size(WatchModel& model, std::string_view text) {
    const auto by = text.find('x');
    const auto width = to_number(text.substr(0, by)), height = to_number(by == text.npos ? "" : text.substr(by + 1));
    const auto is_side = [](const auto& side) { return side && *side >= model_side_pixels_min && *side <= model_side_pixels_max && *side % 2 == 0; };
    if (!is_side(width) || !is_side(height)) return wrong("WIDTHxHEIGHT of the model's input expected, even, 8 to 1280");
    model.width = static_cast<std::uint16_t>(*width);
    model.height = static_cast<std::uint16_t>(*height);
    return {};
}

Done read_classes(WatchModel& model, std::string_view text) {
    for (const auto part : parts_of(text, ',')) {
        const auto colon = part.find(':');
        const auto number = to_number(part.substr(0, colon));
        if (!number || colon == part.npos || *number < 0 || *number > 255) return wrong("NUMBER:WORD, … expected, numbers 0 to 255");
        model.classes[static_cast<std::uint16_t>(*number)] = std::string(part.substr(colon + 1));
    }
    return {};
}

Done read_model(WatchModel& model, const std::string& name, const std::string& value, const std::string& models) {
    if (name == "model") {
        if (!is_file_name(value)) return wrong("the name of a file in " + models + " expected");
        model.path = models + "/" + value;
    } else if (name == "model_size") {
        return read_size(model, value);
    } else if (name == "model_classes") {
        return read_classes(model, value);
    } else if (name == "model_layout") {
        if (value != "columns" && value != "rows" && value != "ssd") return wrong("columns, rows or ssd");
        model.layout = value == "rows" ? ModelLayout::rows : value == "ssd" ? ModelLayout::ssd : ModelLayout::columns;
    } else if (name == "model_score") {
        model.score_min = real_of(value).value_or(-1);
    }
    return {};
}

Result<bool> switch_of(const std::string& value) {
    if (value != "on" && value != "off") return wrong("on or off");
    return value == "on";
}

Done read_option(WatchRules& rules, const std::string& name, const std::string& value, const std::string& models) {
    const auto rest_of = [&](std::string_view mark) { return name.substr(mark.size()); };
    if (name == "watch" || name == "persons") {
        auto on = switch_of(value);
        if (!on) return std::move(on).error();
        (name == "watch" ? rules.on : rules.persons) = *on;
    } else if (name.starts_with(zone_mark)) {
        auto zone = zone_of(rest_of(zone_mark), value);
        if (!zone) return std::move(zone).error();
        rules.zones.push_back(std::move(*zone));
    } else if (name.starts_with(mask_mark)) {
        auto mask = place_of(value);
        if (!mask) return std::move(mask).error();
        if (!mask->words.empty()) return wrong("a mask is points alone");
        rules.masks.push_back(std::move(mask->points));
    } else if (name.starts_with(line_mark)) {
        auto line = line_of(rest_of(line_mark), value);
        if (!line) return std::move(line).error();
        rules.lines.push_back(std::move(*line));
    } else if (name.starts_with("model")) {
        return read_model(rules.model, name, value, models);
    }
    return {};
}

bool is_within(double value, double low, double high) { return value >= low && value <= high; } // not a number is in no bounds either
bool is_within(WatchPoint point) { return is_within(point.x, 0, 1) && is_within(point.y, 0, 1); }

Done check_name(const std::string& name) {
    if (name.empty() || name.size() > watch_name_bytes_max || !is_utf8(name)) return wrong("a name has 1 to 64 bytes");
    return {};
}

Done check_area(const WatchArea& area) {
    if (area.size() < 3 || area.size() > watch_corners_max) return wrong("an area has 3 to 32 corners");
    if (!std::all_of(area.begin(), area.end(), [](WatchPoint each) { return is_within(each); })) return wrong("corners lie from 0 to 1");
    return {};
}

Done check_zone(const WatchZone& zone) {
    if (auto name = check_name(zone.name); !name) return name;
    if (!is_within(zone.sensitivity, 0, 1)) return wrong("sensitivity is 0 to 1");
    if (zone.dwell_s > dwell_s_max) return wrong("dwell is 0 to 86400 seconds");
    return check_area(zone.area);
}

Done check_line(const WatchLine& line) {
    if (auto name = check_name(line.name); !name) return name;
    if (!is_within(line.from) || !is_within(line.to)) return wrong("a line's ends lie from 0 to 1");
    if (std::max(std::abs(line.from.x - line.to.x), std::abs(line.from.y - line.to.y)) < 0.02) return wrong("a line is 0.02 long or more");
    return {};
}

} // namespace

Done check(const WatchRules& rules) {
    if (rules.zones.size() > watch_zones_max) return wrong("16 zones at most");
    if (rules.masks.size() > watch_masks_max) return wrong("16 masks at most");
    if (rules.lines.size() > watch_lines_max) return wrong("8 lines at most");
    for (const auto& zone : rules.zones)
        if (auto good = check_zone(zone); !good) return std::move(good).error().during("option zone." + cut_utf8(zone.name, 64));
    for (const auto& mask : rules.masks)
        if (auto good = check_area(mask); !good) return std::move(good).error().during("option mask");
    for (const auto& line : rules.lines)
        if (auto good = check_line(line); !good) return std::move(good).error().during("option line." + cut_utf8(line.name, 64));
    for (const auto& [number, word] : rules.model.classes)
        if (auto good = check_name(word); !good) return std::move(good).error().during("option model_classes");
    if (rules.model.classes.size() > model_classes_max) return wrong("option model_classes: 64 at most");
    if (!is_within(rules.model.score_min, 0, 1)) return wrong("option model_score: 0 to 1");
    if (!rules.model.path.empty() && rules.model.classes.empty()) return wrong("option model_classes: which of them are to be told");
    return {};
}

Result<WatchRules> watch_rules_of(const std::map<std::string, std::string>& options, bool on_by_default, const std::string& models) {
    WatchRules rules;
    rules.on = on_by_default;
    for (const auto& [name, value] : options)
        if (auto read = read_option(rules, name, value, models); !read) return std::move(read).error().during("option " + name);
    if (auto good = check(rules); !good) return std::move(good).error();
    return rules;
}

} // namespace gatehouse::pipelines
