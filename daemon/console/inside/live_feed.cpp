// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/live_feed.hpp"

#include "daemon/base/log.hpp"
#include "daemon/console/inside/record_json.hpp"
#include "daemon/console/inside/records.hpp"

namespace gatehouse::console::inside {

namespace {

constexpr std::size_t read_records_max = 200;
constexpr std::size_t read_bytes_max = 64 * 1024;
// A personal feed is noted at its start and again, with how much it showed, while it goes on.
constexpr Duration note_every = std::chrono::hours(1);

std::string frame_of(std::string_view name, json::value content) {
    json::object frame;
    frame[name] = std::move(content);
    return json::serialize(frame);
}

std::string frame_of(const net::HttpResponse& problem) {
    auto body = parse_json(problem.body);
    return frame_of("problem", body ? std::move(*body) : json::value());
}

} // namespace

std::optional<net::HttpResponse> read_live(const Parts& parts, const Asking& asking, LiveWanted& wanted) {
    store::HistoryQuery query;
    if (auto good = read_kind_and_source(asking, query); !good) return problem_of(good.error());
    if (auto good = read_subject(asking, query); !good) return problem_of(good.error());
    auto personal = flag_of(asking, "personal");
    if (!personal) return problem_of(personal.error());
    const auto head = parts.store.head().position;
    auto after = number_of(asking, "after", 0, INT64_MAX, head);
    if (!after) return problem_of(after.error());
    wanted = {*after, query.kind, query.source, query.subject, *personal || !query.subject.empty()};
    if (wanted.personal && !asking.may(auth::May::see_personal)) return lacks_personal();
    // Waiting for positions that a restored log gives out a second time would skip what they stand for now.
    if (*after > head) return problem("malformed", "after: the log ends at " + std::to_string(head));
    if (asking.desk.traffic.live_now >= live_feeds_max) return problem("too-many", std::to_string(live_feeds_max) + " live feeds are open already");
    return std::nullopt;
}

Task<net::HttpResponse> get_live(Parts& parts, const Asking& asking) {
    LiveWanted wanted;
    if (auto refused = read_live(parts, asking, wanted)) co_return std::move(*refused);
    auto answer = problem("needs-web-socket", "ask with Upgrade: websocket");
    answer.headers.emplace_back("Upgrade", "websocket");
    co_return answer;
}

LiveFeed::LiveFeed(Parts& parts, const Asking& asking, LiveWanted wanted, net::WebSocket& socket, std::function<bool()> may_go_on)
    : parts_(parts), asking_(asking), wanted_(std::move(wanted)), socket_(socket), may_go_on_(std::move(may_go_on)), through_(wanted_.after) {
    ++asking_.desk.traffic.live_now;
}

LiveFeed::~LiveFeed() { --asking_.desk.traffic.live_now; }

Task<void> LiveFeed::run() {
    auto producing = produce();
    auto sending = send_all();
    auto watching = watch();
    auto both = [](Task<void> one, Task<void> other) -> Task<void> { co_await first_of(std::move(one), std::move(other)); };
    auto ending = both(std::move(sending), std::move(watching));
    co_await first_of(std::move(producing), std::move(ending));
    if (shown_ == 0) co_return;
    auto noted = co_await note();
    if (!noted) log::warning("console", "the end of a live feed is not in the audit trail", {{"what", noted.error().what()}});
}

// Never ends by itself: after the last word the sender, which has to say it, ends the feed.
Task<void> LiveFeed::produce() {
    if (wanted_.personal) {
        auto noted = co_await note();
        if (!noted) say_last(frame_of(problem_of(noted.error())));
    }
    if (!said_last_) {
        push_head();
        auto gathering = gather();
        auto beating = beat();
        co_await first_of(std::move(gathering), std::move(beating));
    }
    Event never;
    co_await never.wait();
}

Task<void> LiveFeed::gather() {
    for (;;) {
        if (parts_.store.head().position <= through_) {
            has_caught_up_ = true;
            co_await parts_.store.until_beyond(through_);
        }
        const auto head = parts_.store.head().position;
        auto records = co_await parts_.store.read_after(through_, read_records_max, read_bytes_max);
        Done done;
        if (!records) done = records.error();
        if (records && records->empty()) through_ = head; // retention took them
        for (std::size_t i = 0; records && done && !said_last_ && i < records->size(); ++i) done = co_await take((*records)[i]);
        if (!done) say_last(frame_of(problem_of(done.error())));
        if (said_last_) co_return;
    }
}

Task<Done> LiveFeed::take(const store::StoredRecord& record) {
    if (!wants(record)) {
        through_ = record.position;
        co_return Done();
    }
    if (wanted_.personal && parts_.clock.steady_now() >= note_due_) {
        auto noted = co_await note();
        if (!noted) co_return noted;
    }
    auto frame = frame_of("record", to_json(record, wanted_.personal));
    // Who asked for the past gets it at their own pace. Who is up to date and falls behind is told to ask again.
    while (bytes_ > 0 && bytes_ + frame.size() > live_buffer_bytes_max) {
        if (has_caught_up_) {
            ++asking_.desk.traffic.resyncs;
            json::object from{{"after", through_}};
            say_last(frame_of("resync", std::move(from)));
            co_return Done();
        }
        drained_.reset();
        co_await drained_.wait();
    }
    push(std::move(frame));
    through_ = record.position;
    if (wanted_.personal) ++shown_;
    co_return Done();
}

bool LiveFeed::wants(const store::StoredRecord& record) const {
    if (wanted_.kind && record.kind != *wanted_.kind) return false;
    if (!wanted_.source.empty() && record.source != wanted_.source) return false;
    return wanted_.subject.empty() || record.subject == wanted_.subject;
}

Task<void> LiveFeed::beat() {
    for (;;) {
        co_await parts_.clock.sleep_for(live_head_every);
        if (!may_go_on_()) {
            say_last(frame_of(problem("not-allowed", "your role no longer has the permission for this feed")));
            co_return;
        }
        if (bytes_ < live_buffer_bytes_max) push_head();
    }
}

Task<Done> LiveFeed::note() {
    std::string what = wanted_.subject.empty() ? "live records" : "live records of a subject";
    const auto count = static_cast<std::int64_t>(std::exchange(shown_, 0));
    note_due_ = parts_.clock.steady_now() + note_every;
    co_return co_await note_act(parts_, asking_, Kind::audit_read, std::move(what), count);
}

Task<void> LiveFeed::send_all() {
    for (;;) {
        while (frames_.empty()) {
            if (said_last_) co_return;
            filled_.reset();
            co_await filled_.wait();
        }
        auto frame = std::move(frames_.front());
        frames_.pop_front();
        const auto size = frame.size();
        bool sent = false;
        auto sending = send_one(std::move(frame), sent);
        const bool in_time = co_await finish_within(parts_.clock, live_frame_max, std::move(sending));
        if (!in_time) ++asking_.desk.traffic.resyncs;
        if (!in_time || !sent) co_return;
        bytes_ -= size;
        drained_.set();
    }
}

Task<void> LiveFeed::send_one(std::string frame, bool& sent) {
    auto done = co_await socket_.send(std::move(frame));
    sent = done.has_value();
}

// Nothing that the reader says matters but that it is gone.
Task<void> LiveFeed::watch() {
    for (;;) {
        auto said = co_await socket_.receive();
        if (!said) co_return;
    }
}

void LiveFeed::push(std::string frame) {
    bytes_ += frame.size();
    frames_.push_back(std::move(frame));
    filled_.set();
}

void LiveFeed::push_head() {
    const json::object frame{{"head", parts_.store.head().position}, {"through", through_}, {"at", to_text(parts_.clock.now())}};
    push(json::serialize(frame));
}

void LiveFeed::say_last(std::string frame) {
    push(std::move(frame));
    said_last_ = true;
}

} // namespace gatehouse::console::inside
