// SPDX-License-Identifier: Apache-2.0
//
// One viewer of GET /api/v1/cameras/{id}/live. His queue is bounded (pipelines/link/live_feed.hpp): who is slow goes on at the next key frame,
// and neither the camera nor another viewer waits for him. Messages:
//   text    {"video":{"camera":"gate-1","stream":"sub","codecs":"avc1.64001e","width":640,"height":360}}
//           first, and again whenever the pictures change their parameters or the camera comes back: times may begin anew then
//   binary  the init part (ftyp, moov), then fragments (moof, mdat), the first of which begins with a key frame
//   text    {"skipped":N}    N fragments were left out before what follows, which begins with a key frame
//   text    {"at":"…","state":"online"}  every ten seconds: the camera's state, also while no picture comes
//   text    {"problem":{…}}  the last word (RFC 9457): right lost, camera removed
// A text is a JSON object and begins with a brace; a binary message begins with a box's length, below 16 MiB, and so with a zero.
// Who looked at which camera is in the audit trail before the first picture leaves, each hour, and with the time of its end afterwards.
#pragma once

#include "daemon/console/desk.hpp"
#include "daemon/console/inside/answers.hpp"

namespace gatehouse::console::inside {

constexpr std::size_t live_videos_max = 128; ///< of all cameras; of one: pipelines::viewers_max
constexpr Duration video_word_every = std::chrono::seconds(10);
constexpr Duration video_message_max = std::chrono::seconds(30); ///< a message that is not taken in this time ends it

/// The problem that a plain request or an upgrade gets; none: `picture` is there and there is room.
std::optional<net::HttpResponse> read_video(const Parts& parts, const Asking& asking, LivePicture& picture);

class LiveVideo {
public:
    /// What it is given outlives it. `may_go_on` is asked every video_word_every.
    LiveVideo(Parts& parts, const Asking& asking, LivePicture picture, net::WebSocket& socket, std::function<bool()> may_go_on);
    ~LiveVideo();
    LiveVideo(const LiveVideo&) = delete;
    LiveVideo& operator=(const LiveVideo&) = delete;

    /// Until the viewer goes, takes nothing any more, or may no longer.
    Task<void> run();

private:
    Task<void> show();
    Task<void> show_pieces();
    Task<Done> show_piece(pipelines::LiveViewer::Piece piece);
    Task<void> beat();
    Task<void> watch();
    Task<Done> note(std::string span);
    Task<Done> say(json::object text);
    Task<Done> send_in_time(Task<Done> sending);
    std::string state() const;

    Parts& parts_;
    const Asking& asking_;
    LivePicture picture_;
    net::WebSocket& socket_;
    std::function<bool()> may_go_on_;
    std::unique_ptr<pipelines::LiveViewer> viewer_;
    Time from_{};
    Instant note_due_{};
    std::uint64_t skipped_ = 0, fragments_ = 0;
};

Task<net::HttpResponse> get_live_video(Parts& parts, const Asking& asking);

} // namespace gatehouse::console::inside
