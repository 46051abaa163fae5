// SPDX-License-Identifier: Apache-2.0
//
// One file out of many: a span of a camera's recordings as one MP4 that a browser seeks in over HTTP ranges. Its length is known before a
// byte of picture is read, and any range of it is made from the fragments that it touches. Does no I/O: a function reads.
#pragma once

#include "daemon/base/clock.hpp"
#include "pipelines/link/segment.hpp"
#include "pipelines/playback/moof.hpp"

#include <functional>
#include <memory>

namespace gatehouse::pipelines::playback {

constexpr Duration plan_span_max = std::chrono::hours(24);
constexpr std::size_t plan_fragments_max = 200'000;
constexpr std::size_t references_max = 8192;            ///< of the sidx: more would be longer to load than it saves
constexpr Duration joint_max = std::chrono::seconds(1); ///< segments closer than this follow each other without a seam
constexpr std::size_t piece_bytes_max = 256 * 1024;     ///< what read() gives at most
static_assert(piece_bytes_max >= moof_bytes_max, "a moof is moved in one piece");

/// A segment as the index has it. Immutable and shared by the plans that play it.
struct Footage {
    std::uint64_t segment = 0; ///< the index's number; goes back to the reader
    Time started_at{};
    std::shared_ptr<const Bytes> init;
    std::vector<Fragment> fragments; ///< in order
};

/// `bytes` bytes of a segment's file from `offset` on, all of them.
using ReadSegment = std::function<Result<Bytes>(std::uint64_t segment, std::uint64_t offset, std::size_t bytes)>;

/// A hole in what is played: the last picture stands still for so long.
struct Hole {
    Time from{}, to{};
};

/// The timeline is the wall clock's: second 90 of the file is 90 s after begins_at, so holes keep their length, and a page that knows them
/// (holes()) jumps over. What was recorded with other parameters needs another init, which a plain MP4 cannot take up midway: the plan ends
/// there and next_at() says where the next one begins. Immutable; any thread.
class Plan {
public:
    /// `footage` in order of time, of one camera and stream. Begins with the last key frame at or before `from`. Fault::gone: nothing was
    /// recorded in the span. Fault::malformed: an init part that is none. Fault::unsupported: a span over plan_span_max.
    static Result<Plan> make(const std::vector<std::shared_ptr<const Footage>>& footage, Time from, Time to);

    std::uint64_t bytes() const { return bytes_; }
    Time begins_at() const { return begins_at_; }
    Time ends_at() const { return ends_at_; }
    std::optional<Time> next_at() const { return next_at_; }
    const std::vector<Hole>& holes() const { return holes_; }
    const std::string& codecs() const { return codecs_; }
    std::size_t fragments() const { return placed_.size(); }
    /// The same plan of the same index has the same tag; it changes with every byte that it could change.
    const Digest& tag() const { return tag_; }

    /// Bytes from `offset` on: at least one, at most `bytes_max` and piece_bytes_max. REQUIRES: offset < bytes(). Fault::damaged: the file is
    /// not what the index says.
    Result<Bytes> read(std::uint64_t offset, std::size_t bytes_max, const ReadSegment& read) const;

private:
    struct Placed {
        std::uint32_t footage = 0, fragment = 0;
        std::uint64_t at = 0;   ///< where it begins in the plan's file
        std::int64_t start = 0; ///< ticks from begins_at
    };
    class Builder;
    const Fragment& fragment_of(const Placed& placed) const { return footage_[placed.footage]->fragments[placed.fragment]; }
    Result<Bytes> read_fragment(std::size_t number, std::uint64_t offset, std::size_t bytes_max, const ReadSegment& read) const;
    void make_head(std::int64_t length);
    std::uint64_t put_references(Bytes& into, std::int64_t length) const;

    std::vector<std::shared_ptr<const Footage>> footage_;
    std::vector<Placed> placed_;
    std::vector<Hole> holes_;
    Movie movie_;
    Bytes head_; ///< ftyp, moov, sidx
    std::uint64_t bytes_ = 0;
    Time begins_at_{}, ends_at_{};
    std::optional<Time> next_at_;
    std::string codecs_;
    Digest tag_{};
};

} // namespace gatehouse::pipelines::playback
