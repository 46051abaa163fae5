// SPDX-License-Identifier: Apache-2.0
//
// One reader of /api/v1/live: a cursor in the log, a filter, a bounded buffer and a WebSocket. It reads the log as every other reader
// does, so nothing that is stored ever waits for it. Frames, one JSON object each:
//   {"record":{…}}           as an item of GET /api/v1/records, in the order of positions
//   {"head":N,"through":P,"at":"…"}  at the start and every ten seconds: the log ends at N; what the filter let through up to P was sent
//   {"resync":{"after":P}}   the last word to who reads too slowly: ask again with after=P, nothing is lost
//   {"problem":{…}}          the last word when the feed cannot go on (RFC 9457): right lost, disk out
#pragma once

#include "daemon/console/desk.hpp"
#include "daemon/console/inside/answers.hpp"

#include <deque>

namespace gatehouse::console::inside {

constexpr std::size_t live_feeds_max = 64;
constexpr std::size_t live_buffer_bytes_max = 256 * 1024;
constexpr Duration live_head_every = std::chrono::seconds(10);
constexpr Duration live_frame_max = std::chrono::seconds(30); ///< a frame that is not taken in this time ends the feed

struct LiveWanted {
    std::uint64_t after = 0;
    std::optional<Kind> kind;
    std::string source, subject;
    bool personal = false;
};

/// The problem that a plain request or an upgrade for a live feed gets; none: `wanted` is good and there is room.
std::optional<net::HttpResponse> read_live(const Parts& parts, const Asking& asking, LiveWanted& wanted);

class LiveFeed {
public:
    /// What it is given outlives it. `may_go_on` is asked with every head frame.
    LiveFeed(Parts& parts, const Asking& asking, LiveWanted wanted, net::WebSocket& socket, std::function<bool()> may_go_on);
    ~LiveFeed();
    LiveFeed(const LiveFeed&) = delete;
    LiveFeed& operator=(const LiveFeed&) = delete;

    /// Until the reader goes, is too slow, or may no longer.
    Task<void> run();

private:
    Task<void> produce();
    Task<void> gather();
    Task<Done> take(const store::StoredRecord& record);
    Task<void> beat();
    Task<void> send_all();
    Task<void> send_one(std::string frame, bool& sent);
    Task<void> watch();
    Task<Done> note();
    bool wants(const store::StoredRecord& record) const;
    void push(std::string frame);
    void push_head();
    void say_last(std::string frame);

    Parts& parts_;
    const Asking& asking_;
    LiveWanted wanted_;
    net::WebSocket& socket_;
    std::function<bool()> may_go_on_;
    std::uint64_t through_ = 0;
    std::uint64_t shown_ = 0; ///< personal records since the last note
    Instant note_due_{};
    bool has_caught_up_ = false;
    bool said_last_ = false;
    std::deque<std::string> frames_;
    std::size_t bytes_ = 0; ///< of frames_ and the one under way
    Event filled_, drained_;
};

Task<net::HttpResponse> get_live(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
