// SPDX-License-Identifier: Apache-2.0
//
// What the daemon and a camera's worker say to each other: plain values, without libav and without sockets. One worker holds one
// conversation with one camera: configured once, it goes on until it says `Lost`, is told to stop, or dies. Retry is the daemon's
// (drivers/supervisor.hpp), so that every conversation begins in a fresh process.
#pragma once

#include "pipelines/link/segment.hpp"
#include "pipelines/link/watching.hpp"

#include <variant>

namespace gatehouse::pipelines {

// ---- down: from the daemon to the worker

/// The first message, and once. The only way in which a password reaches the worker: never a command line, never the environment.
struct Configuration {
    std::string camera;             ///< the registry's id
    std::string stream = "main";    ///< "main" or "sub"
    std::string url;                ///< without credentials; its host is a literal address, for a worker in its walls can't look names up
    std::string username, password; ///< empty: none
    bool udp = false;               ///< RTSP over UDP: the one transport for which the worker may bind
    std::string interface;          ///< that the camera stands behind; empty: the routing table decides
    std::string folder;             ///< absolute, exists: the only place where the worker may touch files; empty: it touches none
    std::uint32_t segment_s = 60;   ///< a segment ends at the first key frame past this
    bool record = true, live = false;
    std::uint32_t preroll_s = 0; ///< kept in memory while not recording, and recorded when recording begins
    WatchRules watch;
    friend bool operator==(const Configuration&, const Configuration&) = default;
};

struct SetRecording {
    bool on = false;
    friend bool operator==(const SetRecording&, const SetRecording&) = default;
};

/// While on, fragments come up with their bytes.
struct SetLive {
    bool on = false;
    friend bool operator==(const SetLive&, const SetLive&) = default;
};

/// A whole file of the folder that the index does not know (the daemon died between the worker's word and its own row): it is read,
/// hashed and told as a SegmentClosed that ended by "repaired".
struct Adopt {
    std::string file;
    friend bool operator==(const Adopt&, const Adopt&) = default;
};

/// Finish the segment, tell it, end with 0.
struct Stop {
    friend bool operator==(const Stop&, const Stop&) = default;
};

/// The newest key frame as a JPEG; answered by one SnapshotTaken.
struct TakeSnapshot {
    friend bool operator==(const TakeSnapshot&, const TakeSnapshot&) = default;
};

/// To a worker that gets no Configuration: draw the first key frame of this film, answer with Still or Lost, end.
struct DrawStill {
    Bytes film; ///< an init part and one fragment that begins with a key frame
    std::uint16_t width_max = 0;
    friend bool operator==(const DrawStill&, const DrawStill&) = default;
};

using Down = std::variant<Configuration, SetRecording, SetLive, Adopt, Stop, TakeSnapshot, DrawStill>;

// ---- up: from the worker to the daemon

/// One wall of the sandbox.
enum class Wall : std::uint8_t {
    stands,
    absent,  ///< the kernel does not have it
    refused, ///< the kernel has it, but whoever started us forbids it: a fault of the installation
};

/// The worker is in its walls; nothing from the camera was read before.
struct Ready {
    Wall limits = Wall::absent;     ///< rlimits
    Wall calls = Wall::absent;      ///< seccomp
    Wall files = Wall::absent;      ///< Landlock: its own folder
    std::uint32_t landlock_abi = 0; ///< 0: none; from 4 on listening is refused by Landlock too
    friend bool operator==(const Ready&, const Ready&) = default;
};

/// At least once in a second, from the thread that reads the camera: a worker that hangs or spins sends none.
struct Heartbeat {
    std::uint64_t frames = 0;       ///< video frames from the camera so far
    std::uint64_t bytes = 0;        ///< their bytes
    std::uint64_t flaws = 0;        ///< frames left out and time stamps mended
    std::uint64_t live_dropped = 0; ///< fragments whose bytes the link had no room for
    std::uint32_t disk_waiting_bytes = 0;
    Time last_frame_at{}; ///< the gateway's clock; the epoch: none came yet
    friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

/// The camera sends video. Said once, at its first whole key frame.
struct Opened {
    std::string video; ///< "h264", "h265"
    std::uint16_t width = 0, height = 0;
    std::uint32_t frames_per_1000_s = 0; ///< as the camera declares; 0: it does not
    std::string audio;                   ///< "aac", "" for none, "pcm_alaw (not recorded)"
    friend bool operator==(const Opened&, const Opened&) = default;
};

/// The conversation is over; the worker ends after it. `fault`: refused (password), unreachable, timed_out, malformed, gone, unsupported.
struct Lost {
    Fault fault = Fault::gone;
    std::string reason; ///< for people; holds no password
    friend bool operator==(const Lost&, const Lost&) = default;
};

/// A file was begun. On disk it is called FILE.part until it is whole.
struct SegmentOpened {
    std::string file;
    Time started_at{};
    friend bool operator==(const SegmentOpened&, const SegmentOpened&) = default;
};

/// What a viewer needs before fragments. Said when live is switched on, and again when it differs from what was said.
struct LiveInit {
    std::string codecs; ///< RFC 6381
    std::uint16_t width = 0, height = 0;
    std::uint32_t timescale = 0;
    Bytes bytes; ///< ftyp and moov
    friend bool operator==(const LiveInit&, const LiveInit&) = default;
};

/// One fragment, while live is on. `offset` is its place in the segment's file; 0 while nothing is recorded.
struct FragmentMade {
    Fragment fragment;
    Time arrived_at{}; ///< the gateway's clock when its last frame came
    Bytes bytes;       ///< empty unless live is on; its decode times count from the worker's first segment, so that they run on over all others
};

/// Complete on disk: file and folder were fsynced before this was said.
struct SegmentClosed {
    Segment segment;
};

/// The camera's clock minus ours, by its RTCP sender reports (RFC 3550, 6.4.1); the network's delay makes it a little too small.
struct ClockOffset {
    std::int64_t offset_us = 0;
    friend bool operator==(const ClockOffset&, const ClockOffset&) = default;
};

/// Something went wrong that did not end the conversation; Fault::full: the disk took no more, and recording begins again by itself.
struct Trouble {
    Fault fault = Fault::malformed;
    std::string what;
    friend bool operator==(const Trouble&, const Trouble&) = default;
};

/// A picture of the camera, or why there is none.
struct SnapshotTaken {
    Time arrived_at{}; ///< the gateway's clock when the frame came
    std::uint16_t width = 0, height = 0;
    Bytes jpeg;       ///< empty: `flaw` says why
    std::string flaw; ///< for people
    friend bool operator==(const SnapshotTaken&, const SnapshotTaken&) = default;
};

/// A key frame as a JPEG.
struct Still {
    std::uint16_t width = 0, height = 0;
    Bytes jpeg;
    friend bool operator==(const Still&, const Still&) = default;
};

using Up = std::variant<Ready, Heartbeat, Opened, Lost, SegmentOpened, LiveInit, FragmentMade, SegmentClosed, ClockOffset, Trouble, SnapshotTaken,
                        Saw, Still>;

} // namespace gatehouse::pipelines
