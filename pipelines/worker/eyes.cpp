// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/eyes.hpp"

#include "daemon/base/text.hpp"
#include "pipelines/worker/jpeg.hpp"
#include "pipelines/worker/watch_settings.hpp"

#include <sys/prctl.h>

namespace gatehouse::pipelines {

namespace {

constexpr std::size_t in_view_max = 64; ///< words of a model

/// As the watcher takes it: only the gray plane must be one byte a pixel.
std::optional<watch::PictureView> view(const AVFrame& frame, Time at) {
    const bool is_420 = frame.format == AV_PIX_FMT_YUV420P || frame.format == AV_PIX_FMT_YUVJ420P;
    const bool is_422 = frame.format == AV_PIX_FMT_YUV422P || frame.format == AV_PIX_FMT_YUVJ422P;
    if ((!is_420 && !is_422 && frame.format != AV_PIX_FMT_GRAY8) || frame.height <= 0) return std::nullopt;
    const auto plane = [&](std::size_t i, int height) -> watch::Plane {
        if (frame.data[i] == nullptr || frame.linesize[i] <= 0) return {};
        return {{frame.data[i], static_cast<std::size_t>(frame.linesize[i]) * static_cast<std::size_t>(height)}, frame.linesize[i]};
    };
    watch::PictureView picture{.width = frame.width, .height = frame.height, .gray = plane(0, frame.height), .at = at};
    if (is_420) {
        picture.blue_ish = plane(1, (frame.height + 1) / 2);
        picture.red_ish = plane(2, (frame.height + 1) / 2);
    }
    return picture;
}

} // namespace

Result<std::unique_ptr<Eyes>> Eyes::open(const WatchRules& rules) {
    std::string fault;
    auto watcher = watch::Watcher::open(watch_settings_of(rules, fault));
    if (!watcher) return std::move(watcher).error();
    std::unique_ptr<Eyes> eyes(new Eyes(std::move(*watcher)));
    for (const auto& line : rules.lines)
        if (line.allowed == WatchWay::both) eyes->open_lines_.insert(line.name);
    eyes->model_fault_ = fault.empty() ? eyes->watcher_.detector_fault() : std::move(fault);
    return eyes;
}

Eyes::Eyes(watch::Watcher watcher) : keys_only_(watcher.pictures_per_s_wanted() == 0), watcher_(std::move(watcher)) {}

Eyes::~Eyes() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    filled_.notify_one();
    thread_.join();
}

void Eyes::begin(VideoCodec codec, Bytes declared_sets) {
    codec_ = codec;
    declared_sets_ = std::move(declared_sets);
    thread_ = std::thread([this] { run(); });
}

// A frame that was left out spoils those after it up to the next key frame.
void Eyes::show(const AVPacket& packet, bool key, Time at) {
    if (!thread_.joinable() || (!key && (keys_only_ || waits_for_key_))) return;
    if (keys_only_ && shown_at_ && at >= *shown_at_ && at - *shown_at_ < between_keys) return;
    Frame frame{av::Packet(av_packet_clone(&packet)), at};
    const std::lock_guard lock(mutex_);
    const bool has_room = frame.packet && frames_.size() < unseen_frames_max && bytes_ + static_cast<std::size_t>(packet.size) <= unseen_bytes_max;
    waits_for_key_ = !has_room;
    if (!has_room) {
        ++unseen_;
        return;
    }
    shown_at_ = at;
    bytes_ += static_cast<std::size_t>(packet.size);
    frames_.push_back(std::move(frame));
    filled_.notify_one();
}

std::vector<Saw> Eyes::sights() {
    const std::lock_guard lock(mutex_);
    return std::exchange(sights_, {});
}

bool Eyes::is_idle() const {
    const std::lock_guard lock(mutex_);
    return frames_.empty() && !looking_;
}

std::optional<Eyes::Frame> Eyes::next() {
    std::unique_lock lock(mutex_);
    looking_ = false;
    filled_.wait(lock, [this] { return ending_ || !frames_.empty(); });
    if (ending_) return std::nullopt;
    auto frame = std::move(frames_.front());
    frames_.pop_front();
    bytes_ -= static_cast<std::size_t>(frame.packet->size);
    looking_ = true;
    return frame;
}

void Eyes::run() {
    ::prctl(PR_SET_NAME, "watch");
    while (auto frame = next()) look(*frame);
}

void Eyes::look(const Frame& frame) {
    if (!decoder_) {
        auto decoder = Decoder::open(codec_, declared_sets_, keys_only_ ? Decoder::Use::watch_keys : Decoder::Use::watch_all);
        if (!decoder) {
            ++flaws_;
            return;
        }
        decoder_ = std::move(*decoder);
    }
    auto picture = decoder_->decode(*frame.packet);
    if (!picture) {
        ++flaws_;
        return;
    }
    if (*picture == nullptr || (!keys_only_ && looked_at_ && frame.at >= *looked_at_ && frame.at - *looked_at_ < between_pictures)) return;
    const auto seen_picture = view(**picture, frame.at);
    if (!seen_picture) {
        ++flaws_;
        return;
    }
    looked_at_ = frame.at;
    for (const auto& seen : watcher_.on(*seen_picture)) tell(seen, **picture);
}

bool Eyes::comes_into_view(const std::string& what, Time at) {
    if (in_view_.size() >= in_view_max && !in_view_.contains(what)) return false;
    const auto [place, is_new] = in_view_.try_emplace(what, at);
    const auto last = std::exchange(place->second, at);
    return is_new || at < last || at - last >= out_of_view;
}

void Eyes::tell(const watch::Seen& seen, const AVFrame& picture) {
    const auto say_it = [&](Sight what, std::string name, Time since, Time at, bool is_rare) {
        say(Saw{what, std::move(name), since, at, {}}, picture, is_rare);
    };
    if (const auto* began = std::get_if<watch::MotionStarted>(&seen)) {
        say_it(Sight::motion_started, began->zone, began->at, began->at, false);
    } else if (const auto* ended = std::get_if<watch::MotionEnded>(&seen)) {
        say_it(Sight::motion_ended, ended->zone, ended->started_at, ended->last_at, false);
    } else if (const auto* lost = std::get_if<watch::SightLost>(&seen)) {
        say_it(Sight::lost, std::string(name_of(lost->why)), lost->since, lost->since, true);
    } else if (const auto* restored = std::get_if<watch::SightRestored>(&seen)) {
        say_it(Sight::restored, std::string(name_of(restored->why)), restored->since, restored->at, true);
    } else if (const auto* persons = std::get_if<watch::PersonsSeen>(&seen)) {
        if (comes_into_view("", persons->at)) say_it(Sight::person, "", persons->at, persons->at, true);
    } else if (const auto* objects = std::get_if<watch::ObjectsSeen>(&seen)) {
        for (const auto& object : objects->objects)
            if (comes_into_view(object.what, objects->at)) say_it(Sight::object, object.what, objects->at, objects->at, true);
    } else if (const auto* dwell = std::get_if<watch::DwellReached>(&seen)) {
        say_it(Sight::dwell_reached, dwell->zone, dwell->since, dwell->at, true);
    } else if (const auto* free = std::get_if<watch::DwellEnded>(&seen)) {
        say_it(Sight::dwell_ended, free->zone, free->since, free->at, true);
    } else if (const auto* crossed = std::get_if<watch::LineCrossed>(&seen)) {
        if (crossed->is_wrong || open_lines_.contains(crossed->line))
            say_it(crossed->is_wrong ? Sight::wrong_way : Sight::line_crossed, crossed->line, crossed->at, crossed->at, true);
    }
}

void Eyes::say(Saw saw, const AVFrame& picture, bool is_rare) {
    const bool is_due = !snapshot_at_ || saw.at < *snapshot_at_ || saw.at - *snapshot_at_ >= between_snapshots;
    if (saw.what != Sight::motion_ended && (is_rare || is_due)) {
        if (auto jpeg = jpeg_of(picture, snapshot_bytes_max)) {
            saw.picture = std::move(jpeg->bytes);
            if (!is_rare) snapshot_at_ = saw.at;
        }
    }
    const std::lock_guard lock(mutex_);
    if (sights_.size() < sights_max) sights_.push_back(std::move(saw));
}

} // namespace gatehouse::pipelines
