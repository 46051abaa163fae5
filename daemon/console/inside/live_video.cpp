// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/live_video.hpp"

#include "daemon/base/log.hpp"
#include "daemon/console/inside/cameras.hpp"
#include "daemon/console/inside/status.hpp"

namespace gatehouse::console::inside {

namespace {

constexpr Duration note_every = std::chrono::hours(1);

json::object problem_object(const net::HttpResponse& problem) {
    auto body = parse_json(problem.body);
    json::object text;
    text["problem"] = body ? std::move(*body) : json::value();
    return text;
}

Task<void> keep(Task<Done> sending, Done& kept) { kept = co_await std::move(sending); }

} // namespace

std::optional<net::HttpResponse> read_video(const Parts& parts, const Asking& asking, LivePicture& picture) {
    const std::string stream(asking.value_of("stream"));
    if (!stream.empty() && stream != "main" && stream != "sub") return problem("malformed", "stream: main or sub expected");
    const auto& camera = asking.parameters[0];
    if (!is_camera(parts, camera)) return problem("not-found", "no such camera");
    if (parts.live_of) picture = parts.live_of(camera, stream);
    if (picture.feed == nullptr)
        return problem("unsupported",
                       stream == "sub" ? "no second stream is set: gatehousectl camera probe finds it" : "the camera shows no picture");
    const bool is_full = asking.desk.traffic.videos_now >= live_videos_max || picture.feed->viewers() >= pipelines::viewers_max;
    if (is_full) return problem("too-many", "as many look at cameras as may");
    return std::nullopt;
}

Task<net::HttpResponse> get_live_video(Parts& parts, const Asking& asking) {
    LivePicture picture;
    if (auto refused = read_video(parts, asking, picture)) co_return std::move(*refused);
    auto answer = problem("needs-web-socket", "ask with Upgrade: websocket");
    answer.headers.emplace_back("Upgrade", "websocket");
    co_return answer;
}

LiveVideo::LiveVideo(Parts& parts, const Asking& asking, LivePicture picture, net::WebSocket& socket, std::function<bool()> may_go_on)
    : parts_(parts), asking_(asking), picture_(std::move(picture)), socket_(socket), may_go_on_(std::move(may_go_on)) {
    ++asking_.desk.traffic.videos_now;
}

LiveVideo::~LiveVideo() { --asking_.desk.traffic.videos_now; }

Task<void> LiveVideo::run() {
    from_ = parts_.clock.now();
    // The feed is asked before anything is waited for: it may end meanwhile, and the viewer outlives it.
    auto viewer = picture_.feed->view();
    auto refused = viewer ? Done() : Done(viewer.error());
    if (viewer) {
        viewer_ = std::move(*viewer);
        refused = co_await note("from " + to_text(from_));
    }
    if (!refused) {
        auto last = problem_object(problem_of(refused.error()));
        co_await say(std::move(last));
        co_return;
    }
    auto showing = show();
    auto watching = watch();
    co_await first_of(std::move(showing), std::move(watching));
    auto noted = co_await note("from " + to_text(from_) + " to " + to_text(parts_.clock.now()));
    if (!noted) log::warning("console", "the end of a live picture is not in the audit trail", {{"what", noted.error().what()}});
}

Task<void> LiveVideo::show() {
    auto pieces = show_pieces();
    auto beating = beat();
    co_await first_of(std::move(pieces), std::move(beating));
}

Task<void> LiveVideo::show_pieces() {
    for (;;) {
        auto piece = co_await viewer_->next();
        if (!piece) {
            auto last = problem_object(problem_of(piece.error()));
            co_await say(std::move(last));
            co_return;
        }
        auto shown = co_await show_piece(std::move(*piece));
        if (!shown) co_return;
    }
}

Task<Done> LiveVideo::show_piece(pipelines::LiveViewer::Piece piece) {
    json::object text;
    if (piece.what == pipelines::LiveViewer::Piece::What::init) {
        text["video"] = json::object{{"camera", asking_.parameters[0]},
                                     {"stream", picture_.stream},
                                     {"codecs", piece.codecs},
                                     {"width", piece.width},
                                     {"height", piece.height}};
    } else if (piece.after_loss) {
        const auto skipped = viewer_->dropped() - skipped_;
        skipped_ += skipped;
        asking_.desk.traffic.videos_skipped += skipped;
        text["skipped"] = skipped;
    }
    if (!text.empty()) {
        auto said = co_await say(std::move(text));
        if (!said) co_return said;
    }
    ++fragments_;
    auto sending = socket_.send_bytes(std::move(piece.bytes));
    co_return co_await send_in_time(std::move(sending));
}

Task<void> LiveVideo::beat() {
    for (;;) {
        co_await parts_.clock.sleep_for(video_word_every);
        Done noted;
        if (parts_.clock.steady_now() >= note_due_) noted = co_await note("from " + to_text(from_));
        json::object word{{"at", to_text(parts_.clock.now())}, {"state", state()}};
        const bool may_not = !may_go_on_();
        if (!noted) word = problem_object(problem_of(noted.error()));
        if (may_not) word = problem_object(problem("not-allowed", "your role no longer has the permission to see this"));
        auto said = co_await say(std::move(word));
        if (!said || !noted || may_not) co_return;
    }
}

std::string LiveVideo::state() const {
    const auto statuses = parts_.device_statuses();
    const auto found = statuses.find(asking_.parameters[0]);
    return std::string(name_of(found == statuses.end() ? drivers::DeviceStatus::State::connecting : found->second.state));
}

// Nothing that the viewer says matters but that he is gone.
Task<void> LiveVideo::watch() {
    for (;;) {
        auto said = co_await socket_.receive();
        if (!said) co_return;
    }
}

Task<Done> LiveVideo::note(std::string span) {
    std::string what = "live picture " + asking_.parameters[0] + " " + picture_.stream + " " + span;
    note_due_ = parts_.clock.steady_now() + note_every;
    co_return co_await note_act(parts_, asking_, Kind::audit_read, std::move(what), 1);
}

Task<Done> LiveVideo::say(json::object text) {
    auto sending = socket_.send(json::serialize(text));
    co_return co_await send_in_time(std::move(sending));
}

Task<Done> LiveVideo::send_in_time(Task<Done> sending) {
    Done sent = Error(Fault::timed_out, "the viewer takes nothing");
    auto keeping = keep(std::move(sending), sent);
    co_await finish_within(parts_.clock, video_message_max, std::move(keeping));
    co_return sent;
}

} // namespace gatehouse::console::inside
