// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/inside/sight.hpp"

namespace gatehouse::pipelines::watch {
namespace {

constexpr double covered_below = 0.15;        // likeness of the edges
constexpr double blurred_below = 0.5;         // strength of the edges
constexpr double sees_again_above = 0.35;     // likeness: between the two it stays as it was
constexpr double flat_scene_below = 2;        // gray levels: fog, a wall; no edges to lose
constexpr std::size_t repeated_one_of = 1000; // pixels may change in a frozen picture

constexpr double another_scene_after_s = 60, another_scene_strength = 0.4;

double seconds(std::chrono::milliseconds span) { return std::chrono::duration<double>(span).count(); }

} // namespace

Sight::Sight(const WatchSettings& settings)
    : covered_{Blindness::covered, seconds(settings.blind_after)}, blurred_{Blindness::blurred, seconds(settings.blind_after)},
      frozen_{Blindness::frozen, seconds(settings.frozen_after)} {}

bool Sight::is_repeated(const Raster& now, const Raster& before, const Raster& looked) const {
    return !differ_in_more_than(now.pixels.size() / repeated_one_of, now, before, looked);
}

bool Sight::on(const Edges& edges, bool repeated, Time at, double elapsed_s, std::vector<Seen>& seen) {
    weigh(frozen_, repeated, at, elapsed_s, seen);
    if (frozen_.is_told) return false;
    const bool can_tell = edges.scene >= flat_scene_below;
    const bool is_covered = can_tell && edges.likeness < (covered_.is_told ? sees_again_above : covered_below);
    const bool is_blurred = can_tell && !is_covered && edges.strength < blurred_below;
    weigh(covered_, is_covered, at, elapsed_s, seen);
    weigh(blurred_, is_blurred, at, elapsed_s, seen);
    return !is_covered && !is_blurred;
}

bool Sight::shows_another_scene(const Edges& edges, double elapsed_s) const {
    return covered_.is_told && edges.strength >= another_scene_strength && elapsed_s - *covered_.since_s >= another_scene_after_s;
}

void Sight::weigh(Doubt& doubt, bool is_so, Time at, double elapsed_s, std::vector<Seen>& seen) {
    if (is_so) {
        if (!doubt.since_s) doubt.since_s = elapsed_s, doubt.since = at;
        if (!doubt.is_told && elapsed_s - *doubt.since_s >= doubt.after_s) {
            doubt.is_told = true;
            seen.emplace_back(SightLost{doubt.why, doubt.since});
        }
        return;
    }
    if (doubt.is_told) seen.emplace_back(SightRestored{doubt.why, doubt.since, at});
    doubt.is_told = false;
    doubt.since_s.reset();
}

} // namespace gatehouse::pipelines::watch
