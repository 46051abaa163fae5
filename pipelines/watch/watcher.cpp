// SPDX-License-Identifier: Apache-2.0
#include "pipelines/watch/watcher.hpp"

#include "pipelines/watch/inside/detector.hpp"
#include "pipelines/watch/inside/persons.hpp"
#include "pipelines/watch/inside/sight.hpp"
#include "pipelines/watch/inside/tracks.hpp"
#include "pipelines/watch/inside/zones.hpp"

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace gatehouse::pipelines::watch {
namespace {

// A pause between two pictures counts as this long at most: nothing that is timed here happened in a picture that did not come.
constexpr double between_pictures_s_max = 30;
// What moved is found against a picture so much older: a slow walker's steps are seen, at any rate.
constexpr double earlier_by_s = 0.35;
constexpr double learns_every_s = 0.3;         // a scene changes slowly: of 25 pictures a second 3 will do
constexpr std::uint32_t left_behind_ms = 1500; // what left is forgotten after this
constexpr std::uint32_t absorbed_after_ms = 180'000, dwell_absorbed_after_ms = 24 * 3600 * 1000u;
// In gray levels: noise is below the one, a cloud above the other.
constexpr double light_change_followed = 0.75, light_change_told = 4;
constexpr std::chrono::milliseconds absorbs_every{1000};
constexpr double light_share_told = 0.01; // of the picture that a lamp lights
constexpr double same_scene_likeness = 0.5;
constexpr double other_light_share = 0.6, same_edges_likeness = 0.3; // so much differs, and still the edges are the scene's
constexpr int pictures_per_s_for_lines = 5;

double in_seconds(auto span) { return std::chrono::duration<double>(span).count(); }

} // namespace

struct Watcher::Inside {
    explicit Inside(WatchSettings wanted) : settings(std::move(wanted)), zones(settings), sight(settings), tracks(settings.lines) {}

    WatchSettings settings;
    std::optional<Persons> persons;
    std::optional<Detector> detector;
    std::string detector_fault;
    std::uint64_t flaws = 0;
    std::vector<Seen> seen;

    void look(const PictureView& picture);
    std::optional<Scene> scene; // none before the first picture

private:
    double pass_time(Time at);
    bool begins(const PictureView& picture);
    bool meets_light(const Light& light, const Edges& edges, Time at);
    const std::vector<Blob>& find();
    void forget(const std::vector<Blob>& blobs, Time at);
    void tell_light(Time at, double gain);
    void look_closer(const PictureView& picture, const std::vector<Blob>& blobs);
    bool is_due(std::optional<double>& last_s, std::chrono::milliseconds every) const;

    Zones zones;
    Sight sight;
    Tracks tracks;
    BlobFinder finder;
    Raster now, before;       // this picture and the one before it
    Raster earlier, earliest; // what moved is found against one of them
    Raster marks, kept;
    std::size_t differ = 0; // pixels that are kept
    std::vector<std::uint8_t> scratch;
    std::optional<Time> last_at;
    double elapsed_s = 0, earlier_s = 0, unlearnt_s = 0;
    std::optional<double> light_told_s, persons_s, detector_s, absorbed_s;
};

double Watcher::Inside::pass_time(Time at) {
    const double dt_s = last_at ? std::clamp(in_seconds(at - *last_at), 0.0, between_pictures_s_max) : 0;
    last_at = at;
    elapsed_s += dt_s;
    return dt_s;
}

// The first picture, or the first of another size: the scene is learnt anew. What was told of zones holds until it is told otherwise.
bool Watcher::Inside::begins(const PictureView& picture) {
    shrink(picture.gray, picture.width, picture.height, shrink_factor(picture.width), now);
    if (scene && before.width == now.width && before.height == now.height) return false;
    zones.fit(now.width, now.height);
    scene.emplace(now);
    before = earlier = earliest = now;
    earlier_s = elapsed_s;
    return true;
}

void Watcher::Inside::tell_light(Time at, double gain) {
    if (!scene->is_learnt() || (light_told_s && elapsed_s - *light_told_s < 1)) return;
    light_told_s = elapsed_s;
    seen.emplace_back(LightJumped{at, gain});
}

// The scene and the earlier pictures are brought into this one's light, or everything would seem to move. False: it is another light
// altogether, and the scene was learnt anew.
bool Watcher::Inside::meets_light(const Light& light, const Edges& edges, Time at) {
    if (light.likeness >= same_scene_likeness && light.change >= light_change_followed) {
        scene->follow(light);
        for (Raster* raster : {&earlier, &earliest})
            for (std::uint8_t& pixel : raster->pixels)
                pixel = static_cast<std::uint8_t>(std::clamp(pixel * light.gain + light.offset + 0.5, 0.0, 255.0));
        if (light.change >= light_change_told) tell_light(at, light.gain);
    }
    scene->mark(now, zones.looked(), marks);
    differ = majority(marks, kept, scratch);
    if (static_cast<double>(differ) < other_light_share * static_cast<double>(kept.pixels.size()) || edges.likeness < same_edges_likeness)
        return true;
    scene->begin_anew(now);
    earlier = earliest = now;
    tell_light(at, 1);
    return false;
}

const std::vector<Blob>& Watcher::Inside::find() {
    if (differ < zones.pixels_min()) return finder.none();
    const bool is_old_enough = elapsed_s - earlier_s >= earlier_by_s;
    return finder.find(kept, now, is_old_enough ? earlier : earliest, *scene, zones.pixels_min());
}

// Light, and what left: the scene is there as it is now.
void Watcher::Inside::forget(const std::vector<Blob>& blobs, Time at) {
    for (const Blob& blob : blobs) {
        if (blob.is == BlobIs::thing) continue;
        std::uint32_t old = 0;
        const auto each_pixel = [&](auto&& act) {
            for (const Run& run : finder.runs_of(blob)) {
                const auto row = static_cast<std::size_t>(run.y) * static_cast<std::size_t>(now.width);
                for (int x = run.from; x < run.to; ++x) act(row + static_cast<std::size_t>(x));
            }
        };
        each_pixel([&](std::size_t i) { old += scene->age_ms()[i] >= left_behind_ms ? 1u : 0u; });
        if (blob.is == BlobIs::left_behind && old * 2 < blob.pixels) continue;
        each_pixel([&](std::size_t i) {
            scene->take_over(i, now.pixels[i]);
            marks.pixels[i] = 0;
        });
        if (blob.is == BlobIs::light && blob.pixels >= light_share_told * static_cast<double>(now.pixels.size())) tell_light(at, 1);
    }
}

bool Watcher::Inside::is_due(std::optional<double>& last_s, std::chrono::milliseconds every) const {
    if (last_s && elapsed_s - *last_s < in_seconds(every)) return false;
    last_s = elapsed_s;
    return true;
}

void Watcher::Inside::look_closer(const PictureView& picture, const std::vector<Blob>& blobs) {
    std::vector<Box> places;
    for (const Blob& blob : blobs)
        if (blob.is == BlobIs::thing) places.push_back(box_of(blob, now.width, now.height));
    if (persons && !places.empty() && is_due(persons_s, settings.persons_every))
        if (auto found = persons->find(picture, std::move(places)); !found.empty()) seen.emplace_back(PersonsSeen{std::move(found), picture.at});
    if (detector && (zones.moves() || !settings.detector.only_on_motion) && is_due(detector_s, settings.detector.every)) {
        auto found = detector->find(picture);
        if (!found) {
            detector_fault = found.error().what();
            detector.reset();
        } else if (!found->empty()) {
            seen.emplace_back(ObjectsSeen{std::move(*found), picture.at});
        }
    }
}

void Watcher::Inside::look(const PictureView& picture) {
    const double dt_s = pass_time(picture.at);
    if (begins(picture)) return;
    const bool is_repeated = dt_s > 0 && sight.is_repeated(now, before, zones.looked());
    const Light light = scene->light_of(now);
    const Edges edges = scene->edges_of(now, light);
    const bool sees = sight.on(edges, is_repeated, picture.at, elapsed_s, seen);
    before = now;
    if (!sees) {
        if (sight.shows_another_scene(edges, elapsed_s)) scene->begin_anew(now);
        return;
    }
    if (!meets_light(light, edges, picture.at)) return;
    if (scene->is_learnt()) {
        const auto& blobs = find();
        forget(blobs, picture.at);
        zones.on(blobs, finder, kept, scene->age_ms(), picture.at, elapsed_s, seen);
        if (!settings.lines.empty()) tracks.on(blobs, now.width, now.height, picture.at, elapsed_s, seen);
        look_closer(picture, blobs);
    }
    unlearnt_s += dt_s;
    if (unlearnt_s >= learns_every_s || !scene->is_learnt()) scene->learn(now, marks, std::exchange(unlearnt_s, 0));
    if (is_due(absorbed_s, absorbs_every)) scene->absorb(now, absorbed_after_ms, zones.minds_dwell(), dwell_absorbed_after_ms);
    if (elapsed_s - earlier_s >= earlier_by_s) {
        std::swap(earliest, earlier);
        earlier = now;
        earlier_s = elapsed_s;
    }
}

Watcher::Watcher(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Watcher::Watcher(Watcher&&) noexcept = default;
Watcher& Watcher::operator=(Watcher&&) noexcept = default;
Watcher::~Watcher() = default;

Result<Watcher> Watcher::open(WatchSettings settings) {
    if (auto good = check(settings); !good) return std::move(good).error();
    cv::setNumThreads(1);
    auto inside = std::make_unique<Inside>(std::move(settings));
    if (inside->settings.persons) inside->persons.emplace();
    if (auto& wanted = inside->settings.detector; !wanted.model.empty()) {
        auto detector = Detector::open(wanted);
        if (detector)
            inside->detector.emplace(std::move(*detector));
        else
            inside->detector_fault = detector.error().what();
        wanted.model = {};
    }
    return Watcher(std::move(inside));
}

const std::vector<Seen>& Watcher::on(const PictureView& picture) {
    inside_->seen.clear();
    if (is_whole(picture))
        inside_->look(picture);
    else
        ++inside_->flaws;
    return inside_->seen;
}

int Watcher::pictures_per_s_wanted() const { return inside_->settings.lines.empty() ? 0 : pictures_per_s_for_lines; }
bool Watcher::detector_is_on() const { return inside_->detector.has_value(); }
const std::string& Watcher::detector_fault() const { return inside_->detector_fault; }
std::uint64_t Watcher::flaws() const { return inside_->flaws; }
int Watcher::scene_width() const { return inside_->scene ? inside_->scene->gray().width : 0; }
std::vector<std::uint8_t> Watcher::scene() const { return inside_->scene ? inside_->scene->gray().pixels : std::vector<std::uint8_t>(); }

} // namespace gatehouse::pipelines::watch
