// SPDX-License-Identifier: Apache-2.0
//
// Time stamps as a file needs them, from those that a camera sends: decode times that only go forward, without a jump, presentation times
// never before them. No libav, no clock.
#pragma once

#include <cstdint>
#include <optional>

namespace gatehouse::pipelines {

/// All times of the worker: RTP's video clock (RFC 6184, 8.2.1; RFC 7798, 7.1).
constexpr std::int64_t ticks_per_s = 90'000;

struct Stamps {
    std::int64_t decode = 0, present = 0;
};

/// One per track. A step of the camera's clock that is no step of time (backwards, none at all, more than jump_ticks_max ahead) counts as
/// one frame, and the times after it go on from there: a recording has no holes that are none, and no frame stands before an earlier one.
class StreamClock {
public:
    static constexpr std::int64_t jump_ticks_max = 10 * ticks_per_s;
    static constexpr std::int64_t delay_ticks_max = 2 * ticks_per_s; ///< presentation after decoding

    /// `frame_ticks`: what one frame lasts until two have been seen.
    explicit StreamClock(std::int64_t frame_ticks = ticks_per_s / 25) : frame_ticks_(frame_ticks) {}

    /// Either may be missing. What one says alone is decode time and presentation time both.
    Stamps next(std::optional<std::int64_t> decode, std::optional<std::int64_t> present);

    /// The next frame is at `ticks`: for a track that begins beside one that runs.
    void begin_at(std::int64_t ticks) {
        out_ = ticks;
        in_.reset();
        began_ = false;
    }
    std::int64_t frame_ticks() const { return frame_ticks_; }
    std::uint64_t mended() const { return mended_; }

private:
    std::int64_t frame_ticks_;
    std::int64_t out_ = 0;
    bool began_ = false;
    std::optional<std::int64_t> in_;
    std::uint64_t mended_ = 0;
};

} // namespace gatehouse::pipelines
