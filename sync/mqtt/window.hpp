// SPDX-License-Identifier: Apache-2.0
//
// How much may be open on one MQTT connection: places (the broker's Receive Maximum, at most 16, two of them kept for what is urgent) and
// bytes (what was acknowledged in the last 500 ms, at least one message, at most 1 MiB), so that an alarm never stands behind a month of
// backlog in somebody's socket buffer. No I/O, no clock.
#pragma once

#include "daemon/base/clock.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace gatehouse::sync::mqtt {

constexpr std::size_t places_max = 16;
constexpr std::size_t places_kept_for_urgent = 2;
constexpr std::size_t open_bytes_max = 1024 * 1024;
constexpr auto acknowledged_window = std::chrono::milliseconds(500);

class Window {
public:
    explicit Window(std::size_t places) : places_(std::clamp<std::size_t>(places, 1, places_max)) {}

    /// How many bytes the next message may have; any, when nothing of its sort is open; 0: wait for an acknowledgement.
    std::size_t room(bool urgent, Instant now) {
        forget_before(now - acknowledged_window);
        const auto kept = urgent || places_ <= places_kept_for_urgent ? 0 : places_kept_for_urgent;
        if (open_ + kept >= places_) return 0;
        // "At least one" for each of the two: neither waits for the other's bytes.
        if ((urgent ? open_urgent_ : open_ - open_urgent_) == 0) return SIZE_MAX;
        const auto limit = std::min(open_bytes_max, acknowledged_bytes_);
        return limit > open_bytes_ ? limit - open_bytes_ : 0;
    }
    void sent(std::size_t bytes, bool urgent) {
        ++open_;
        if (urgent) ++open_urgent_;
        open_bytes_ += bytes;
    }
    void acknowledged(std::size_t bytes, bool urgent, Instant now) {
        --open_;
        if (urgent) --open_urgent_;
        open_bytes_ -= bytes;
        forget_before(now - acknowledged_window);
        recent_.push_back({now, bytes});
        acknowledged_bytes_ += bytes;
    }
    std::size_t open() const { return open_; }
    std::size_t open_bytes() const { return open_bytes_; }

private:
    void forget_before(Instant when) {
        while (!recent_.empty() && recent_.front().at < when) {
            acknowledged_bytes_ -= recent_.front().bytes;
            recent_.pop_front();
        }
    }
    struct Acknowledged {
        Instant at;
        std::size_t bytes;
    };
    std::size_t places_;
    std::size_t open_ = 0, open_urgent_ = 0, open_bytes_ = 0, acknowledged_bytes_ = 0;
    std::deque<Acknowledged> recent_;
};

} // namespace gatehouse::sync::mqtt
