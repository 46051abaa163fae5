// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/recording_retention.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

namespace gatehouse::store {

namespace {

Duration whole_days(int count) { return std::chrono::hours(24) * count; }
double days_of(Duration time) { return static_cast<double>(time.count()) / 86.4e9; }

class Removing {
public:
    Removing(const RetentionScene& scene, const RecordingRules& rules) : scene_(scene), rules_(rules), gone_(scene.held.size(), false) {
        by_age_.resize(scene.held.size());
        std::iota(by_age_.begin(), by_age_.end(), std::size_t{0});
        const auto older = [&](std::size_t a, std::size_t b) {
            const auto &one = scene_.held[a], &other = scene_.held[b];
            return one.started_at != other.started_at ? one.started_at < other.started_at : one.id < other.id;
        };
        std::sort(by_age_.begin(), by_age_.end(), older);
        bytes_of_ = scene.bytes_of;
        for (const auto& one : bytes_of_) total_ += one.second;
    }

    std::vector<Removal> run() {
        if (scene_.may_delete_by_time)
            sweep(GoesFor::age, [this](const HeldSegment& one) { return is_past(one, rules_.of(one.camera).ceiling_days); });
        for (const auto& [camera, bytes] : scene_.bytes_of) {
            const auto most = rules_.of(camera).bytes_max;
            if (most == 0 || bytes_of_[camera] <= most) continue;
            const auto wanted = less(most, scene_.ahead_bytes / std::max<std::size_t>(1, scene_.bytes_of.size()));
            sweep(GoesFor::camera_bytes,
                  [&, name = camera](const HeldSegment& one) { return one.camera == name && bytes_of_[name] > wanted && is_past_floor(one); });
        }
        if (rules_.bytes_max != 0 && total_ > rules_.bytes_max) {
            const auto wanted = less(rules_.bytes_max, scene_.ahead_bytes);
            sweep(GoesFor::all_bytes, [&](const HeldSegment& one) { return total_ > wanted && is_past_floor(one); });
        }
        if (free() < rules_.reserve_bytes) {
            const auto wanted = rules_.reserve_bytes + scene_.ahead_bytes;
            sweep(GoesFor::disk, [&](const HeldSegment& one) { return free() < wanted && is_past_floor(one); });
            // Before its floor goes only what the reserve itself needs: an hour's comfort is no reason.
            sweep(GoesFor::disk, [&](const HeldSegment&) { return free() < rules_.reserve_bytes; });
        }
        return std::move(removals_);
    }

private:
    static std::uint64_t less(std::uint64_t value, std::uint64_t by) { return value > by ? value - by : 0; }
    std::uint64_t free() const { return scene_.free_bytes + freed_; }
    bool is_past(const HeldSegment& one, int days) const { return one.ended_at + whole_days(days) < scene_.now; }
    // A clock that is not believed calls nothing old enough for a mere limit.
    bool is_past_floor(const HeldSegment& one) const { return scene_.may_delete_by_time && is_past(one, rules_.of(one.camera).floor_days); }

    void sweep(GoesFor why, const std::function<bool(const HeldSegment&)>& goes) {
        for (const auto at : by_age_) {
            const auto& one = scene_.held[at];
            if (gone_[at] || one.locked || !goes(one)) continue;
            gone_[at] = true;
            freed_ += one.bytes;
            total_ = less(total_, one.bytes);
            bytes_of_[one.camera] = less(bytes_of_[one.camera], one.bytes);
            removals_.push_back({at, why, !is_past(one, rules_.of(one.camera).floor_days)});
        }
    }

    const RetentionScene& scene_;
    const RecordingRules& rules_;
    std::vector<std::size_t> by_age_;
    std::vector<bool> gone_;
    std::map<std::string, std::uint64_t> bytes_of_;
    std::uint64_t total_ = 0, freed_ = 0;
    std::vector<Removal> removals_;
};

constexpr double foreseen_days_max = 3650;

/// The first day on which `amount`, which only grows, reaches `limit`; none within ten years.
std::optional<double> first_day(const std::function<double(double)>& amount, double limit) {
    if (amount(foreseen_days_max) < limit) return std::nullopt;
    double before = 0, reached = foreseen_days_max;
    if (amount(0) >= limit) return 0.0;
    constexpr int halvings = 40; // to a millisecond
    for (int i = 0; i < halvings; ++i) {
        const double middle = (before + reached) / 2;
        (amount(middle) >= limit ? reached : before) = middle;
    }
    return reached;
}

Time after_days(Time now, double count) { return now + Duration(static_cast<std::int64_t>(count * 86.4e9)); }

} // namespace

std::string_view name_of(GoesFor why) {
    constexpr std::array names{std::string_view("age"), std::string_view("camera_bytes"), std::string_view("all_bytes"), std::string_view("disk")};
    return names.at(static_cast<std::size_t>(why));
}

std::vector<Removal> plan_removal(const RetentionScene& scene, const RecordingRules& rules) { return Removing(scene, rules).run(); }

RecordingForecast foresee(const std::vector<CameraRate>& cameras, const RecordingRules& rules, Time now, std::uint64_t free_bytes) {
    RecordingForecast forecast;
    forecast.free_bytes = free_bytes;
    for (const auto& one : cameras) {
        forecast.used_bytes += one.bytes;
        forecast.bytes_per_day += one.bytes_per_day;
    }
    if (forecast.bytes_per_day == 0) return forecast;
    const auto room = free_bytes > rules.reserve_bytes ? free_bytes - rules.reserve_bytes : 0;
    const auto capacity = static_cast<double>(forecast.used_bytes + room);
    forecast.days_possible = static_cast<std::uint64_t>(capacity / static_cast<double>(forecast.bytes_per_day));

    // A camera stops growing at its ceiling, or at its own limit once its floor is full.
    const auto days_kept = [&](const CameraRate& one) {
        const auto& rule = rules.of(one.camera);
        double most = rule.ceiling_days;
        if (rule.bytes_max != 0 && one.bytes_per_day != 0)
            most = std::min(most, std::max<double>(rule.floor_days, static_cast<double>(rule.bytes_max) / static_cast<double>(one.bytes_per_day)));
        return most;
    };
    const auto used_after = [&](double days) {
        double used = static_cast<double>(forecast.used_bytes);
        for (const auto& one : cameras) {
            const double most = days_kept(one), held = days_of(one.held);
            used += static_cast<double>(one.bytes_per_day) * (std::min(held + days, most) - std::min(held, most));
        }
        return used;
    };
    // What is past its floor goes first: a floor breaks when the floors alone no longer find room.
    const auto floors_after = [&](double days) {
        double needed = 0;
        for (const auto& one : cameras)
            needed +=
                static_cast<double>(one.bytes_per_day) * std::min(days_of(one.held) + days, static_cast<double>(rules.of(one.camera).floor_days));
        return needed;
    };
    if (const auto day = first_day(used_after, capacity)) forecast.fills_at = after_days(now, *day);
    if (const auto day = first_day(floors_after, capacity)) {
        forecast.floor_breaks_at = after_days(now, *day);
        for (const auto& one : cameras)
            if (one.bytes_per_day != 0 && static_cast<std::uint64_t>(rules.of(one.camera).floor_days) > *forecast.days_possible)
                forecast.floors_broken.push_back(one.camera);
        // Floors of different lengths: the longest are the ones that the sum cannot hold.
        if (forecast.floors_broken.empty()) {
            int longest = 0;
            for (const auto& one : cameras) longest = std::max(longest, rules.of(one.camera).floor_days);
            for (const auto& one : cameras)
                if (rules.of(one.camera).floor_days == longest) forecast.floors_broken.push_back(one.camera);
        }
    }
    return forecast;
}

} // namespace gatehouse::store
