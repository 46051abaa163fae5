// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/inside/zones.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace gatehouse::pipelines::watch {
namespace {

static_assert(zones_max <= 16, "a bit for each in 16");

constexpr std::uint32_t stands_after_ms = 3000; // who passes does not stand
constexpr double free_after_s = 5;              // somebody in front of a parked car does not end its stay
constexpr std::uint32_t motion_pixels_least = 12;

double in_seconds(auto span) { return std::chrono::duration<double>(span).count(); }

// 1 % of the picture at 0, a thousandth at 0.5, a ten-thousandth at 1.
std::uint32_t least_pixels(double sensitivity, std::size_t of) {
    return std::max(motion_pixels_least, static_cast<std::uint32_t>(static_cast<double>(of) * std::pow(10, -2 - 2 * sensitivity)));
}

} // namespace

Raster drawn(const Polygon& polygon, int width, int height) {
    Raster out(width, height);
    std::vector<double> crossings;
    for (int y = 0; y < height; ++y) {
        const double middle = (y + 0.5) / height;
        crossings.clear();
        for (std::size_t i = 0; i < polygon.size(); ++i) {
            const Point a = polygon[i], b = polygon[(i + 1) % polygon.size()];
            if ((a.y <= middle) != (b.y <= middle)) crossings.push_back(a.x + (middle - a.y) / (b.y - a.y) * (b.x - a.x));
        }
        std::sort(crossings.begin(), crossings.end());
        for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
            const auto edge = [width](double x) { return std::clamp(static_cast<int>(std::ceil(x * width - 0.5)), 0, width); };
            std::fill(out.row(y) + edge(crossings[i]), out.row(y) + edge(crossings[i + 1]), std::uint8_t{1});
        }
    }
    return out;
}

Zones::Zones(const WatchSettings& settings)
    : ends_after_s_(in_seconds(settings.motion_ends_after)), looks_everywhere_(!settings.lines.empty()), masks_(settings.masks) {
    for (const Zone& zone : settings.zones) places_.push_back({.zone = zone});
    if (places_.empty()) places_.push_back({.zone = {.name = "", .area = {{0, 0}, {1, 0}, {1, 1}, {0, 1}}}});
}

void Zones::fit(int width, int height) {
    looked_ = Raster(width, height, looks_everywhere_ ? 255 : 0);
    minds_dwell_ = Raster(width, height);
    in_.assign(looked_.pixels.size(), 0);
    pixels_min_ = static_cast<std::uint32_t>(in_.size());
    for (std::size_t number = 0; number < places_.size(); ++number) {
        Place& place = places_[number];
        const Raster area = drawn(place.zone.area, width, height);
        place.pixels = 0;
        for (std::size_t i = 0; i < in_.size(); ++i) {
            if (area.pixels[i] == 0) continue;
            in_[i] = static_cast<std::uint16_t>(in_[i] | 1u << number);
            looked_.pixels[i] = 255;
            if (place.zone.dwell.count() > 0) minds_dwell_.pixels[i] = 255;
            ++place.pixels;
        }
        place.pixels_min = least_pixels(place.zone.sensitivity, in_.size());
        pixels_min_ = std::min(pixels_min_, place.pixels_min);
    }
    for (const Polygon& mask : masks_) {
        const Raster area = drawn(mask, width, height);
        for (std::size_t i = 0; i < in_.size(); ++i)
            if (area.pixels[i] != 0) looked_.pixels[i] = 0;
    }
}

void Zones::on(const std::vector<Blob>& blobs, const BlobFinder& finder, const Raster& marks, const std::vector<std::uint32_t>& age_ms, Time at,
               double elapsed_s, std::vector<Seen>& seen) {
    between_s_ = std::clamp(elapsed_s - picture_s_, 0.0, 10.0);
    picture_s_ = elapsed_s;
    std::vector<Share> shares(places_.size());
    for (const Blob& blob : blobs) {
        if (blob.is != BlobIs::thing) continue;
        const bool moves = blob.moves();
        std::array<std::uint32_t, zones_max> pixels{}, standing{};
        for (const Run& run : finder.runs_of(blob)) {
            const auto row = static_cast<std::size_t>(run.y) * static_cast<std::size_t>(marks.width);
            for (auto i = row + static_cast<std::size_t>(run.from); i < row + static_cast<std::size_t>(run.to); ++i) {
                if (marks.pixels[i] == 0) continue;
                const bool stands = age_ms[i] >= stands_after_ms;
                for (std::size_t place = 0; place < places_.size(); ++place) {
                    const std::uint32_t is_in = in_[i] >> place & 1u;
                    pixels[place] += is_in;
                    standing[place] += stands ? is_in : 0;
                }
            }
        }
        const Box box = box_of(blob, marks.width, marks.height);
        for (std::size_t place = 0; place < places_.size(); ++place) {
            Share& share = shares[place];
            if (moves && pixels[place] > 0) {
                share.moving += pixels[place];
                share.moving_box = share.moving_box ? around(*share.moving_box, box) : box;
            }
            if (standing[place] > 0) {
                share.standing += standing[place];
                share.standing_box = share.standing_box ? around(*share.standing_box, box) : box;
            }
        }
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
        motion(places_[i], shares[i], at, elapsed_s, seen);
        if (places_[i].zone.dwell.count() > 0) dwell(places_[i], shares[i], at, elapsed_s, seen);
    }
}

void Zones::motion(Place& place, const Share& share, Time at, double elapsed_s, std::vector<Seen>& seen) const {
    if (share.moving >= place.pixels_min && share.moving_box) {
        // At many pictures a second one alone may be a gust of rain; at few each counts.
        ++place.pictures_moving;
        if (!place.moves && place.pictures_moving == 1) place.started = at, place.box = *share.moving_box;
        place.last = at, place.last_s = elapsed_s;
        place.box = around(place.box, *share.moving_box);
        if (!place.moves && (place.pictures_moving >= 2 || between_s_ > 0.5)) {
            place.moves = true;
            seen.emplace_back(MotionStarted{place.zone.name, place.box, place.started});
        }
        return;
    }
    if (!place.moves) {
        place.pictures_moving = 0;
        return;
    }
    if (elapsed_s - place.last_s < std::max(ends_after_s_, 1.5 * between_s_)) return;
    place.moves = false;
    place.pictures_moving = 0;
    seen.emplace_back(MotionEnded{place.zone.name, place.box, place.started, place.last});
}

void Zones::dwell(Place& place, const Share& share, Time at, double elapsed_s, std::vector<Seen>& seen) const {
    const bool is_taken = share.standing >= place.zone.dwell_share * place.pixels && share.standing > 0;
    if (is_taken) {
        place.free_since_s.reset();
        if (!place.stays_since_s) {
            // It has stood for a while when it first counts as standing.
            place.stays_since_s = elapsed_s - stands_after_ms / 1000.0;
            place.stays_since = at - std::chrono::milliseconds(stands_after_ms);
        }
        if (!place.is_told && elapsed_s - *place.stays_since_s >= in_seconds(place.zone.dwell)) {
            place.is_told = true;
            seen.emplace_back(DwellReached{place.zone.name, *share.standing_box, place.stays_since, at});
        }
        return;
    }
    if (!place.stays_since_s) return;
    if (!place.free_since_s) place.free_since_s = elapsed_s;
    if (elapsed_s - *place.free_since_s < free_after_s) return;
    if (place.is_told) seen.emplace_back(DwellEnded{place.zone.name, place.stays_since, at});
    place.is_told = false;
    place.stays_since_s.reset();
    place.free_since_s.reset();
}

bool Zones::moves() const {
    return std::any_of(places_.begin(), places_.end(), [](const Place& place) { return place.moves; });
}

} // namespace gatehouse::pipelines::watch
