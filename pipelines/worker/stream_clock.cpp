// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/stream_clock.hpp"

#include <algorithm>

namespace gatehouse::pipelines {

namespace {
constexpr std::int64_t frame_ticks_min = ticks_per_s / 1000;
constexpr std::int64_t frame_ticks_max = ticks_per_s;

// Times come from outside: a difference of theirs may not fit.
std::optional<std::int64_t> difference(std::int64_t one, std::int64_t other) {
    std::int64_t result = 0;
    if (__builtin_sub_overflow(one, other, &result)) return std::nullopt;
    return result;
}
} // namespace

Stamps StreamClock::next(std::optional<std::int64_t> decode, std::optional<std::int64_t> present) {
    const auto said = decode ? decode : present;
    if (began_) {
        const auto step = said && in_ ? difference(*said, *in_) : std::nullopt;
        if (step && *step > 0 && *step <= jump_ticks_max) {
            out_ += *step;
            if (*step >= frame_ticks_min && *step <= frame_ticks_max) frame_ticks_ = *step;
        } else {
            out_ += frame_ticks_;
            ++mended_;
        }
    }
    began_ = true;
    in_ = said;
    Stamps stamps{out_, out_};
    const auto delay = decode && present ? difference(*present, *decode) : std::nullopt;
    if (delay && *delay > 0 && *delay <= delay_ticks_max) stamps.present += *delay;
    return stamps;
}

} // namespace gatehouse::pipelines
