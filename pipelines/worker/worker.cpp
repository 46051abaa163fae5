// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/worker.hpp"

#include "daemon/base/text.hpp"
#include "pipelines/worker/bound_sockets.hpp"
#include "pipelines/worker/eyes.hpp"
#include "pipelines/worker/recorder.hpp"
#include "pipelines/worker/snapshot.hpp"
#include "pipelines/worker/still.hpp"
#include "pipelines/worker/walls.hpp"

#include <malloc.h>

#include <csignal>

namespace gatehouse::pipelines {

namespace {

constexpr int configured_within_tries = 100; // of 100 ms
constexpr Duration look_every = std::chrono::milliseconds(50);
constexpr Duration heartbeat_every = std::chrono::milliseconds(900);
constexpr int kept_bytes = 4 * 1024 * 1024; // of memory that is free and stays ours
constexpr int finish_tries = 200;           // of 50 ms
constexpr Duration offset_window = std::chrono::seconds(10);
constexpr Duration offset_every = std::chrono::minutes(1);

/// What the camera's sender reports say of its clock. Delay makes each difference smaller, so the largest of a window is nearest to the truth.
class ClockComparison {
public:
    std::optional<ClockOffset> add(Time taken_at, Time now, Instant steady) {
        const auto offset = (taken_at - now).count();
        if (!best_) window_end_ = steady + offset_window;
        best_ = best_ ? std::max(*best_, offset) : offset;
        if (steady < window_end_) return std::nullopt;
        const ClockOffset said{*best_};
        best_.reset();
        quiet_until_ = steady + offset_every;
        return said;
    }
    bool is_asked(Instant steady) const { return steady >= quiet_until_; }

private:
    std::optional<std::int64_t> best_;
    Instant window_end_{}, quiet_until_{};
};

class Worker {
public:
    Worker(ChildEnd& link, Clock& clock, Configuration configuration, RecordingFolder folder, std::unique_ptr<Eyes> eyes)
        : link_(link), clock_(clock), configuration_(std::move(configuration)), folder_(std::move(folder)), writer_(folder_),
          recorder_(configuration_, clock_, writer_, link_), eyes_(std::move(eyes)) {}

    int run() {
        for (auto& file : folder_.unfinished()) writer_.repair(std::move(file));
        const Error over = converse();
        recorder_.finish(is_told_to_end() ? "stopped" : "lost");
        settle();
        if (!is_told_to_end()) {
            link_.send(Lost{over.fault(), cut_utf8(over.what(), text_bytes_max)});
            link_.drain(finish_tries);
            return 1;
        }
        link_.drain(finish_tries);
        return 0;
    }

private:
    Error converse() {
        auto input = Input::open(configuration_, clock_, [this] { return tick(); });
        // Written over once it has served: it stays in no memory that something might read later.
        std::fill(configuration_.password.begin(), configuration_.password.end(), '\0');
        if (!input) return std::move(input).error();
        recorder_.begin((*input)->codec(), (*input)->declared_sets(), (*input)->frames_per_1000_s(), (*input)->audio_name());
        if (eyes_) eyes_->begin((*input)->codec(), (*input)->declared_sets());
        for (;;) {
            auto frame = (*input)->read();
            if (!frame) return std::move(frame).error();
            compare_clocks(*frame);
            if (eyes_ && frame->is_video) eyes_->show(*frame->packet, frame->key, clock_.now());
            recorder_.take(std::move(*frame), (*input)->audio());
            if (tick()) return Error(Fault::gone, "told to stop");
            if (recorder_.is_stuck()) return Error(Fault::malformed, "no key frame that can be recorded for 30 s");
        }
    }

    void compare_clocks(const Frame& frame) {
        const auto steady = clock_.steady_now();
        if (!frame.taken_at || !comparison_.is_asked(steady)) return;
        if (auto offset = comparison_.add(*frame.taken_at, clock_.now(), steady)) link_.send(*offset);
    }

    bool is_told_to_end() const { return stopping_ || link_.is_over(); }

    /// Everything beside the camera; never waits. libav asks several times a packet, which is often enough to cost something. True: it is over.
    bool tick() {
        const auto asked_at = clock_.steady_now();
        if (asked_at < next_look_) return is_told_to_end();
        next_look_ = asked_at + look_every;
        link_.move();
        while (auto message = link_.next()) std::visit([this](auto& each) { obey(each); }, *message);
        tell_outcomes();
        tell_sights();
        if (asked_at >= next_heartbeat_) {
            next_heartbeat_ = asked_at + heartbeat_every;
            Heartbeat heartbeat;
            recorder_.count_into(heartbeat);
            heartbeat.disk_waiting_bytes = static_cast<std::uint32_t>(writer_.waiting_bytes());
            link_.send(heartbeat);
        }
        return is_told_to_end();
    }

    void obey(Configuration&) {} // once is enough; walls don't move
    void obey(const SetRecording& message) {
        if (!configuration_.folder.empty()) recorder_.set_recording(message.on);
    }
    void obey(const SetLive& message) { recorder_.set_live(message.on); }
    void obey(Adopt& message) { writer_.repair(std::move(message.file)); }
    void obey(const Stop&) { stopping_ = true; }
    void obey(const TakeSnapshot&) { link_.send(snapshot_of(recorder_.newest_key_frame())); }
    void obey(const DrawStill&) {} // another process's work

    void tell_outcomes() {
        for (auto& outcome : writer_.outcomes()) std::visit([this](auto& each) { tell(each); }, outcome);
    }
    void tell(SegmentWriter::Opened& opened) { link_.send(SegmentOpened{std::move(opened.file), opened.started_at}); }
    void tell(SegmentWriter::Closed& closed) {
        closed.segment.camera = configuration_.camera;
        link_.send(SegmentClosed{std::move(closed.segment)});
    }
    void tell(SegmentWriter::Failed& failed) { recorder_.disk_refused(failed.error); }
    void tell(SegmentWriter::NotMended& failed) { link_.send(Trouble{failed.error.fault(), cut_utf8(failed.error.what(), text_bytes_max)}); }

    /// A daemon that is behind gets no pictures: what happened matters more.
    void tell_sights() {
        if (!eyes_) return;
        for (auto& saw : eyes_->sights()) {
            if (link_.is_behind()) saw.picture.clear();
            link_.send(std::move(saw));
        }
    }

    /// Until the disk has all of it. It may take its time: heartbeats go on.
    void settle() {
        for (int i = 0; i < finish_tries && !writer_.is_idle(); ++i) {
            link_.wait(50);
            tick();
        }
        tell_outcomes();
    }

    ChildEnd& link_;
    Clock& clock_;
    Configuration configuration_;
    RecordingFolder folder_;
    SegmentWriter writer_;
    Recorder recorder_;
    std::unique_ptr<Eyes> eyes_; ///< none: nothing is watched
    ClockComparison comparison_;
    Instant next_look_{}, next_heartbeat_{};
    bool stopping_ = false;
};

/// A camera whose rules or model are no good is recorded all the same.
std::unique_ptr<Eyes> open_eyes(ChildEnd& link, const WatchRules& rules) {
    if (!rules.on) return nullptr;
    auto eyes = Eyes::open(rules);
    const auto fault = eyes ? (*eyes)->model_fault() : eyes.error().what();
    if (!fault.empty()) link.send(Trouble{Fault::unsupported, cut_utf8("watching: " + fault, text_bytes_max)});
    return eyes ? std::move(*eyes) : nullptr;
}

std::optional<Down> wait_for_orders(ChildEnd& link) {
    for (int i = 0; i < configured_within_tries && !link.is_over(); ++i) {
        link.wait(100);
        if (auto message = link.next()) return message;
    }
    return std::nullopt;
}

int draw_and_end(ChildEnd& link, const DrawStill& asked) {
    Within nowhere; // no file, no socket of its own: all that it needs has arrived
    link.send(shut_in(nowhere));
    auto drawn = draw_still(asked);
    if (drawn)
        link.send(std::move(*drawn));
    else
        link.send(Lost{drawn.error().fault(), cut_utf8(drawn.error().what(), text_bytes_max)});
    link.drain(finish_tries);
    return drawn ? 0 : 1;
}

} // namespace

int run_worker(int descriptor) {
    // The daemon alone says when it is over, by a word or by hanging up: a stop of the whole service must not cut a segment short.
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP}) std::signal(signal, SIG_IGN);
    ::mallopt(M_ARENA_MAX, 2);
    // A fragment is hundreds of kilobytes, several times over while it is put together, and the next one is as large. Given back to the
    // kernel each time, its pages would be faulted in anew every second.
    ::mallopt(M_MMAP_THRESHOLD, kept_bytes);
    ::mallopt(M_TRIM_THRESHOLD, kept_bytes);
    av_log_set_level(AV_LOG_QUIET); // its lines name URLs
    ChildEnd link(descriptor);
    auto orders = wait_for_orders(link);
    if (orders)
        if (const auto* still = std::get_if<DrawStill>(&*orders)) return draw_and_end(link, *still);
    auto* configuration = orders ? std::get_if<Configuration>(&*orders) : nullptr;
    if (configuration == nullptr) return 2;
    auto folder = configuration->folder.empty() ? Result<RecordingFolder>(RecordingFolder::nowhere()) : RecordingFolder::open(configuration->folder);
    if (!folder) {
        // Not "refused": that is the camera's word about a password, and is tried again in half an hour only.
        link.send(Lost{Fault::gone, folder.error().what()});
        link.drain(finish_tries);
        return 1;
    }
    bind_sockets_to(configuration->interface);
    avformat_network_init(); // what it loads is loaded before the walls stand
    auto eyes = open_eyes(link, configuration->watch);
    Within within;
    within.folder = configuration->folder;
    if (configuration->url.starts_with("file:")) within.readable_file = configuration->url.substr(5);
    within.may_bind = configuration->udp;
    link.send(shut_in(within));
    Loop loop; // never run: the clock asks for one
    RealClock clock(loop);
    Worker worker(link, clock, std::move(*configuration), std::move(*folder), std::move(eyes));
    return worker.run();
}

} // namespace gatehouse::pipelines
