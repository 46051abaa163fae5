// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/watch_settings.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gatehouse::pipelines {

namespace {

watch::Point point_of(WatchPoint point) { return {point.x, point.y}; }

watch::Polygon polygon_of(const WatchArea& area) {
    watch::Polygon polygon;
    for (const auto point : area) polygon.push_back(point_of(point));
    return polygon;
}

watch::Way way_of(WatchWay way) {
    switch (way) {
    case WatchWay::to_left: return watch::Way::to_left;
    case WatchWay::to_right: return watch::Way::to_right;
    case WatchWay::both: break;
    }
    return watch::Way::both;
}

watch::OutputLayout layout_of(ModelLayout layout) {
    switch (layout) {
    case ModelLayout::rows: return watch::OutputLayout::rows;
    case ModelLayout::ssd: return watch::OutputLayout::ssd;
    case ModelLayout::columns: break;
    }
    return watch::OutputLayout::columns;
}

Bytes read_model(const std::string& path, std::string& fault) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat facts {};
    Bytes model;
    if (file < 0 || ::fstat(file, &facts) != 0) {
        fault = std::strerror(errno);
    } else if (facts.st_size <= 0 || static_cast<std::size_t>(facts.st_size) > watch::model_bytes_max) {
        fault = "a model has 1 byte to 256 MiB";
    } else {
        model.resize(static_cast<std::size_t>(facts.st_size));
        std::size_t have = 0;
        while (have < model.size()) {
            const auto got = ::read(file, model.data() + have, model.size() - have);
            if (got <= 0) break;
            have += static_cast<std::size_t>(got);
        }
        if (have < model.size()) {
            fault = "the model could not be read to its end";
            model.clear();
        }
    }
    if (file >= 0) ::close(file);
    return model;
}

} // namespace

watch::WatchSettings watch_settings_of(const WatchRules& rules, std::string& fault) {
    watch::WatchSettings settings;
    for (const auto& zone : rules.zones) {
        watch::Zone made;
        made.name = zone.name;
        made.area = polygon_of(zone.area);
        made.sensitivity = zone.sensitivity;
        made.dwell = std::chrono::seconds(zone.dwell_s);
        settings.zones.push_back(std::move(made));
    }
    for (const auto& mask : rules.masks) settings.masks.push_back(polygon_of(mask));
    for (const auto& line : rules.lines) settings.lines.push_back({line.name, point_of(line.from), point_of(line.to), way_of(line.allowed)});
    settings.persons = rules.persons;
    if (rules.model.path.empty()) return settings;
    auto& detector = settings.detector;
    detector.model = read_model(rules.model.path, fault);
    detector.width = rules.model.width;
    detector.height = rules.model.height;
    detector.layout = layout_of(rules.model.layout);
    detector.score_min = rules.model.score_min;
    for (const auto& [number, word] : rules.model.classes) {
        if (detector.classes.size() <= number) detector.classes.resize(number + std::size_t{1});
        detector.classes[number] = word;
    }
    return settings;
}

} // namespace gatehouse::pipelines
