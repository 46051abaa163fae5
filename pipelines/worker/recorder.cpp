// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/recorder.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::pipelines {

namespace {

constexpr std::int64_t audio_apart_ticks_max = 2 * ticks_per_s; ///< from the video beside it
constexpr std::size_t fragments_max = fragments_per_segment_max - 16;

ByteView view(const Frame& frame) { return {frame.packet->data, static_cast<std::size_t>(frame.packet->size)}; }

Frame copy(const Frame& frame) {
    Frame other;
    other.is_video = frame.is_video;
    other.key = frame.key;
    other.packet.reset(av_packet_clone(frame.packet.get()));
    return other;
}

} // namespace

Recorder::Recorder(const Configuration& configuration, Clock& clock, SegmentWriter& writer, ChildEnd& link)
    : configuration_(configuration), clock_(clock), writer_(writer), link_(link), recording_(configuration.record), live_(configuration.live) {}

void Recorder::begin(VideoCodec codec, const Bytes& declared_sets, std::uint32_t frames_per_1000_s, std::string audio_name) {
    codec_ = codec;
    sets_ = ParameterSets(codec);
    sets_.take_from(declared_sets);
    opened_.video = codec == VideoCodec::h264 ? "h264" : "h265";
    opened_.frames_per_1000_s = frames_per_1000_s;
    opened_.audio = std::move(audio_name);
    began_to_wait_ = clock_.steady_now();
}

void Recorder::count_into(Heartbeat& heartbeat) const {
    heartbeat.frames = frames_;
    heartbeat.bytes = bytes_;
    heartbeat.flaws = flaws_ + video_clock_.mended();
    heartbeat.live_dropped = live_dropped_;
    heartbeat.last_frame_at = last_frame_at_;
}

bool Recorder::is_stuck() const { return may_begin() && !muxer_ && clock_.steady_now() - began_to_wait_ > key_frame_limit; }

void Recorder::take(Frame frame, const std::optional<AudioTrack>& audio) {
    Pending pending;
    if (!frame.late || last_arrival_ == Time()) last_arrival_ = clock_.now();
    pending.arrived_at = last_arrival_;
    pending.frame = std::move(frame);
    audio_ = audio ? &*audio : nullptr;
    if (pending.frame.is_video) {
        take_video(std::move(pending));
    } else {
        take_audio(std::move(pending));
    }
}

void Recorder::take_video(Pending pending) {
    const auto& frame = pending.frame;
    ++frames_;
    last_frame_at_ = pending.arrived_at;
    bytes_ += view(frame).size();
    pending.stamps = video_clock_.next(frame.decode, frame.present);
    video_in_ = frame.decode ? frame.decode : frame.present;
    video_out_ = pending.stamps.decode;
    if (frame.key && sets_.take_from(view(frame))) {
        sets_changed_ = true;
        // What was kept belongs to the old parameters.
        preroll_.clear();
        preroll_bytes_ = 0;
    }
    if (frame.key) {
        newest_key_.reset(av_packet_clone(frame.packet.get()));
        newest_key_at_ = pending.arrived_at;
    }
    if (!recording_) keep_for_later(pending);
    if (may_begin() || muxer_) step(std::move(pending));
}

KeyFrame Recorder::newest_key_frame() const {
    KeyFrame newest;
    newest.codec = codec_;
    newest.arrived_at = newest_key_at_;
    if (!newest_key_ || !sets_.is_complete()) return newest;
    newest.sets = sets_.stream();
    newest.packet.reset(av_packet_clone(newest_key_.get()));
    return newest;
}

// Audio keeps its distance to the video as the camera stamps them; where that is no distance, it stands beside it.
Stamps Recorder::place_audio(const Frame& frame) {
    const auto said = frame.decode ? frame.decode : frame.present;
    if (!audio_placed_ && video_in_) {
        auto at = video_out_;
        std::int64_t apart = 0;
        if (said && !__builtin_sub_overflow(*said, *video_in_, &apart) && std::abs(apart) <= audio_apart_ticks_max) at += apart;
        audio_clock_.begin_at(at);
        audio_placed_ = true;
    }
    const auto stamps = audio_clock_.next(frame.decode, frame.present);
    audio_placed_ = std::abs(stamps.decode - video_out_) <= 2 * audio_apart_ticks_max;
    return stamps;
}

void Recorder::take_audio(Pending pending) {
    if (!video_in_) return;
    pending.stamps = place_audio(pending.frame);
    if (!recording_) keep_for_later(pending);
    step_audio(std::move(pending));
}

// ---- the pre-roll: whole groups of frames, in memory

void Recorder::keep_for_later(const Pending& pending) {
    if (configuration_.preroll_s == 0) return;
    Pending kept;
    kept.frame = copy(pending.frame);
    kept.stamps = pending.stamps;
    kept.arrived_at = pending.arrived_at;
    if (!kept.frame.packet) return;
    const bool may_be_first = kept.frame.is_video && kept.frame.key;
    if (preroll_.empty() && !may_be_first) return;
    preroll_bytes_ += view(kept.frame).size();
    preroll_.push_back(std::move(kept));
    trim_preroll();
}

void Recorder::trim_preroll() {
    const auto needed_from = video_out_ - static_cast<std::int64_t>(configuration_.preroll_s) * ticks_per_s;
    const auto is_key = [](const Pending& pending) { return pending.frame.is_video && pending.frame.key; };
    for (;;) {
        if (preroll_.empty()) return;
        const auto second = std::find_if(preroll_.begin() + 1, preroll_.end(), is_key);
        const bool is_too_old = second != preroll_.end() && second->stamps.decode <= needed_from;
        if (!is_too_old && preroll_bytes_ <= preroll_bytes_max) return;
        for (auto each = preroll_.begin(); each != second; ++each) preroll_bytes_ -= view(each->frame).size();
        preroll_.erase(preroll_.begin(), second);
    }
}

void Recorder::replay_preroll() {
    quiet_ = true;
    auto kept = std::exchange(preroll_, {});
    preroll_bytes_ = 0;
    for (auto& pending : kept) {
        if (pending.frame.is_video) {
            step(std::move(pending));
        } else {
            step_audio(std::move(pending));
        }
    }
    quiet_ = false;
    if (live_ && muxer_) say_init();
}

// ---- switches

void Recorder::set_recording(bool on) {
    if (on == recording_) return;
    if (on) {
        // A muxer that runs for viewers alone ends: its frames stand in the pre-roll.
        held_.reset();
        muxer_.reset();
        recording_ = true;
        began_to_wait_ = clock_.steady_now();
        replay_preroll();
    } else {
        finish("stopped");
        recording_ = false;
    }
}

void Recorder::set_live(bool on) {
    if (on == live_) return;
    live_ = on;
    began_to_wait_ = clock_.steady_now();
    said_init_.clear(); // whoever looks next has heard nothing
    if (on && muxer_) say_init();
    if (!on && !on_disk_) {
        held_.reset();
        muxer_.reset();
    }
}

void Recorder::disk_refused(const Error& error) {
    paused_until_ = clock_.steady_now() + disk_pause;
    Trouble trouble{error.fault(), cut_utf8(error.what(), text_bytes_max)};
    link_.send(trouble);
    if (!on_disk_) return;
    writer_.end("lost", segment_started_at_, clock_.now()); // where it has given up already it does nothing
    held_.reset();
    muxer_.reset();
    on_disk_ = false;
    began_to_wait_ = clock_.steady_now();
}

// ---- frames

void Recorder::step(Pending pending) {
    if (held_) write_held(pending.stamps.decode - held_->stamps.decode);
    const auto next = pending.stamps.decode;
    if (pending.frame.key) {
        at_key_frame(pending);
    } else if (muxer_ && next + video_clock_.frame_ticks() - fragment_begin_ > (live_ ? live_fragment_ticks_max : fragment_ticks_max)) {
        cut(pending.arrived_at);
        fragment_begin_ = next;
    }
    if (muxer_) held_ = std::move(pending);
}

void Recorder::at_key_frame(const Pending& pending) {
    const auto length = static_cast<std::int64_t>(configuration_.segment_s) * ticks_per_s;
    const bool is_long = pending.stamps.decode - segment_begin_ >= length || fragments_ >= fragments_max;
    const bool is_elsewhere = recording_ && !on_disk_ && !is_paused();
    const bool has_new_track = muxer_ && audio_ != nullptr && !muxer_->has_audio();
    if (muxer_ && !sets_changed_ && !is_long && !is_elsewhere && !has_new_track) {
        cut(pending.arrived_at);
        fragment_begin_ = pending.stamps.decode;
        return;
    }
    if (muxer_) end_segment(sets_changed_ || has_new_track ? "parameters" : "rolled", pending.arrived_at, pending.stamps.decode);
    if (may_begin() && sets_.is_complete()) begin_segment(pending);
}

void Recorder::begin_segment(const Pending& pending) {
    auto track = describe(codec_, sets_, view(pending.frame));
    auto muxer = track ? Muxer::make(*track, audio_) : Result<std::unique_ptr<Muxer>>(track.error());
    if (!muxer) {
        ++flaws_;
        return;
    }
    muxer_ = std::move(*muxer);
    sets_changed_ = false;
    segment_begin_ = fragment_begin_ = pending.stamps.decode;
    if (!live_begin_) live_begin_ = segment_begin_;
    segment_started_at_ = pending.arrived_at;
    offset_ = muxer_->init().size();
    fragments_ = 0;
    on_disk_ = recording_ && !is_paused();
    if (!told_opened_) {
        opened_.width = track->width;
        opened_.height = track->height;
        link_.send(opened_);
        told_opened_ = true;
    }
    if (on_disk_) {
        const auto& video = muxer_->movie().video_track();
        Segment segment;
        segment.camera = configuration_.camera;
        segment.stream = configuration_.stream;
        segment.started_at = pending.arrived_at;
        segment.timescale = video.timescale;
        segment.codecs = muxer_->movie().codecs();
        segment.width = video.width;
        segment.height = video.height;
        writer_.begin(std::move(segment), muxer_->init());
    }
    if (live_ && !quiet_) say_init();
}

void Recorder::say_init() {
    if (muxer_->init() == said_init_) return; // another segment of the same stream is no beginning to who looks
    said_init_ = muxer_->init();
    const auto& video = muxer_->movie().video_track();
    link_.send(LiveInit{muxer_->movie().codecs(), video.width, video.height, video.timescale, muxer_->init()});
}

void Recorder::write_held(std::int64_t duration_ticks) {
    auto held = std::exchange(held_, std::nullopt);
    if (!muxer_) return;
    Stamps stamps{held->stamps.decode - segment_begin_, held->stamps.present - segment_begin_};
    if (!muxer_->write_video(*held->frame.packet, stamps, std::max<std::int64_t>(duration_ticks, 1), held->frame.key)) ++flaws_;
}

void Recorder::step_audio(Pending pending) {
    if (!muxer_ || !muxer_->has_audio()) return;
    const auto at = pending.stamps.decode;
    if (at < segment_begin_ || at <= audio_out_) return;
    audio_out_ = at;
    if (!muxer_->write_audio(*pending.frame.packet, at - segment_begin_, audio_clock_.frame_ticks())) ++flaws_;
}

void Recorder::cut(Time arrived_at) {
    auto made = muxer_->fragment();
    if (!made) ++flaws_;
    if (!made || !*made) return;
    auto& [fragment, bytes] = **made;
    fragment.offset = offset_;
    offset_ += bytes.size();
    ++fragments_;
    if (live_ && !quiet_) {
        send_live(fragment, arrived_at, bytes);
    } else if (on_disk_) {
        link_.send(FragmentMade{fragment, arrived_at, {}});
    }
    if (!on_disk_ || writer_.add(fragment, std::move(bytes))) return;
    disk_refused(Error(Fault::full, "the disk is too slow: " + std::to_string(disk_waiting_bytes_max / 1024 / 1024) + " MiB wait for it"));
}

// Each segment counts from 0; who looks sees one stream.
void Recorder::send_live(const Fragment& fragment, Time arrived_at, const Bytes& bytes) {
    FragmentMade message{fragment, arrived_at, bytes};
    if (!move_live(message.bytes)) ++flaws_;
    if (!link_.send_live(std::move(message))) ++live_dropped_;
}

Done Recorder::move_live(Bytes& bytes) {
    const auto head = playback::find_box(bytes, playback::four("moof"));
    if (!head || head->at != 0) return Error(Fault::malformed, "a fragment that is none");
    const auto moof_bytes = head->whole.size();
    auto moof = playback::read_moof(head->whole, muxer_->movie());
    if (!moof) return std::move(moof).error();
    const playback::Move move{++live_sequence_, 0, 0, segment_begin_ - live_begin_.value_or(segment_begin_)};
    return playback::move_fragment(std::span(bytes).first(moof_bytes), *moof, muxer_->movie(), move);
}

// A camera begins with what it has ready, all at once: when the first frame came says little of when it was taken. The other segments
// begin where the one before them ended.
void Recorder::end_segment(const std::string& why, Time ended_at, std::int64_t end_ticks) {
    cut(ended_at);
    const auto length = std::chrono::microseconds((end_ticks - segment_begin_) * 1'000'000 / ticks_per_s);
    if (is_first_ && !configuration_.preroll_s) segment_started_at_ = ended_at - length;
    if (muxer_ && on_disk_) writer_.end(why, segment_started_at_, ended_at);
    is_first_ = false;
    muxer_.reset();
    on_disk_ = false;
    began_to_wait_ = clock_.steady_now();
}

void Recorder::finish(const std::string& why) {
    if (!muxer_) return;
    auto ended_at = clock_.now();
    auto end_ticks = video_out_;
    if (held_) {
        const auto frame_ticks = video_clock_.frame_ticks();
        ended_at = held_->arrived_at + std::chrono::microseconds(frame_ticks * 1'000'000 / ticks_per_s);
        end_ticks = held_->stamps.decode + frame_ticks;
        write_held(frame_ticks);
    }
    end_segment(why, ended_at, end_ticks);
}

} // namespace gatehouse::pipelines
