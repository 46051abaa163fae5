// SPDX-License-Identifier: Apache-2.0
//
// The worker's end of the link: a socket that never makes it wait. What the daemon does not take stays in a bounded outbox; past its bound
// the bytes of live pictures are left out, and nothing else: a viewer sees a jump, a recording loses nothing.
#pragma once

#include "pipelines/link/codec.hpp"

#include <deque>

namespace gatehouse::pipelines {

constexpr int link_descriptor = 3; ///< where the daemon puts it; 0, 1 and 2 are /dev/null and its logger
constexpr std::size_t outbox_live_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t outbox_bytes_max = 32 * 1024 * 1024; ///< a daemon that takes nothing for so long is as good as gone

/// One thread.
class ChildEnd {
public:
    explicit ChildEnd(int descriptor);

    void send(const Up& message);
    /// What a live fragment is sent by: false, its bytes were left out.
    bool send_live(FragmentMade made);

    /// So much waits for the daemon that pictures are left out.
    bool is_behind() const { return outbox_bytes_ > outbox_live_bytes_max; }

    /// Sends and receives what goes without waiting. Down messages are then taken by next().
    void move();
    std::optional<Down> next();

    /// The daemon hung up, said what is no message, or takes nothing any more: nobody is there to talk to.
    bool is_over() const { return over_; }

    /// Waits for something to move, `limit_ms` at most.
    void wait(int limit_ms);
    /// Sends on until all is out or `tries` waits of 100 ms have passed.
    void drain(int tries);

private:
    void put(Bytes frame);
    void send_waiting();
    int descriptor_;
    FrameReader reader_{down_frame_bytes_max};
    std::deque<Bytes> outbox_;
    std::size_t outbox_bytes_ = 0, sent_of_first_ = 0;
    bool waits_for_key_ = false;
    bool over_ = false;
};

} // namespace gatehouse::pipelines
