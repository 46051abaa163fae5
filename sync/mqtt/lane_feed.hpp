// SPDX-License-Identifier: Apache-2.0
//
// One lane between the log and a connection: reads members after the cursor, renders them, gives them out as messages, takes
// acknowledgements and receipts, keeps cursor, digest and dead letters in the store. The state machine is sync/lane.hpp; this is its I/O.
#pragma once

#include "sync/event.hpp"
#include "sync/lane.hpp"
#include "sync/lane_digest.hpp"
#include "sync/mqtt/settings.hpp"
#include "sync/upstream.hpp"

#include <deque>
#include <functional>
#include <memory>

namespace gatehouse::sync::mqtt {

/// What all lanes of one upstream share.
struct Shared {
    const UpstreamSettings& settings;
    Surroundings& around;
    Entitlements& entitlements;
};

/// What goes into one PUBLISH, without its topic.
struct Payload {
    std::string bytes;
    std::string content_type;
    std::vector<std::pair<std::string, std::string>> user_properties;
    std::size_t events = 1;
};

/// One or more PUBLISHes that stand or fall together: a batch of events, or the pictures of one record.
struct Outgoing {
    std::uint64_t first = 0, last = 0;
    std::vector<Payload> payloads;
};

class LaneFeed {
public:
    /// `woken`: called when something may be sent.
    LaneFeed(Shared shared, Lane lane, std::function<void()> woken);

    Lane lane() const { return lane_; }
    const std::string& reader() const { return reader_; }

    /// Loads cursor, dead letters and the digest under way; a new lane starts at `start`. Again until it succeeds.
    Task<Done> prepare(std::uint64_t start);
    /// Reads, writes cursors, appends digests; for ever.
    Task<void> run();

    // The connection's side.
    void online(std::size_t packet_bytes_max);
    void offline();
    /// How many bytes are ready, and how large the first message must be at least.
    std::size_t ready_bytes() const { return ready_bytes_; }
    bool is_ready(Instant now) const { return is_online_ && !ready_.empty() && now >= paused_until_; }
    /// The next message of at most `room` bytes; none when the first does not fit. The caller sends it at once.
    std::optional<std::pair<LaneRun::MessageId, Outgoing>> next(std::size_t room);
    void acknowledged(LaneRun::MessageId message);
    /// The broker refused it (reason code): the lane goes back and pauses, longer each time.
    void rejected(LaneRun::MessageId message, int reason);
    std::optional<Instant> oldest_open() const { return run_->oldest_open(); }

    // Receipts, after the epoch was looked up.
    bool is_beyond(std::uint64_t position) const { return run_->is_beyond(position); }
    void hold(Range range);
    Task<void> refuse(Refusal refusal, const std::string& epoch);
    void receipt_refused() { ++status_.receipts_refused; }
    void go_back_if_due();
    void close_digest_if_due();

    // By request.
    struct Span {
        std::uint64_t previous = 0;
        std::vector<std::uint64_t> members;
    };
    /// The members within [first, last], at most `members_max` (Fault::full above), and what stands before them in the chain.
    Task<Result<Span>> span(std::uint64_t first, std::uint64_t last, std::size_t members_max);
    /// Renders the members of `span` again, calling `send` for each message; it answers when there is room for the next.
    Task<Done> again(Span span, std::function<Task<void>(Outgoing)> send);
    /// The sum over a range, from the log as it stands.
    Task<Result<LaneSum>> sum(std::uint64_t first, std::uint64_t last);

    LaneStatus status() const;
    store::Cursor cursor() const { return run_ ? run_->cursor() : store::Cursor{}; }

    /// PUBACKed since the last call, for count files.
    struct Counted {
        std::uint64_t first = 0, last = 0, count = 0;
    };
    Counted take_counted();

private:
    struct Ready {
        std::uint64_t position = 0;
        std::string epoch;
        std::vector<Payload> payloads; ///< one event, or the record's pictures
        std::vector<Digest> digests;   ///< of what the lane digest counts, one a payload
        std::size_t bytes = 0;
        bool is_behind_damage = false; ///< no digest of ours may hold it: the application may have it, and what is lost, as they first went
    };
    struct Letter {
        Refusal refusal;
        std::string epoch;
    };

    Task<void> read();
    /// Counts what waits while nobody can be sent to.
    Task<void> survey();
    Task<void> keep_cursor();
    Task<void> keep_digests();
    Task<void> keep_letters();
    Task<Done> add_letter(const Refusal& refusal, const std::string& epoch);
    Task<bool> reserve(std::uint64_t through);
    bool is_silent_for_long(const Digest& picture);
    /// A position between the two was set aside as damaged.
    bool is_behind_damage(std::uint64_t previous, const store::StoredRecord& record) const;
    /// A fault of the store: try again later.
    Task<Result<Ready>> render(const store::StoredRecord& record, std::uint64_t previous);
    /// The log's records behind `after` up to `through`; empty: no more.
    Task<Result<std::vector<store::StoredRecord>>> chunk(std::uint64_t after, std::uint64_t through);
    Payload picture_payload(const store::StoredRecord& record, std::uint64_t previous, const store::PictureRef* picture, std::size_t index,
                            std::size_t count, const Bytes& jpeg, std::string_view reason) const;
    Outgoing batch_of(std::vector<Ready> events) const;
    Task<Done> fill_digest();
    Task<Done> save_note();
    bool wants_more() const;
    void clear_ready();
    void count_towards_digest(const Ready& ready);
    void settled(std::size_t members);
    std::size_t payload_bytes_max() const;
    bool is_a_picture_lane() const { return lane_ == Lane::pictures; }

    Shared shared_;
    Lane lane_;
    std::string reader_;
    std::function<void()> woken_;
    std::optional<LaneRun> run_;
    bool is_online_ = false;
    std::size_t packet_bytes_max_ = batch_bytes_limit_max;
    std::size_t batch_bytes_ = 64 * 1024; ///< grows and shrinks with how fast acknowledgements come
    std::deque<Ready> ready_;
    std::size_t ready_bytes_ = 0;
    Digest silent_picture_{}; ///< the last one that could not be read, and how often in a row
    int silent_tries_ = 0;
    std::deque<Letter> too_large_;
    Event too_large_waiting_;
    Instant paused_until_{};
    Duration pause_{};
    struct Sent {
        Instant at;
        std::uint64_t first, last, events;
        std::size_t parts;
    };
    std::map<LaneRun::MessageId, Sent> sent_;

    /// What stands behind the cursor, as far as it was looked at since the connection went.
    struct Survey {
        std::uint64_t round = 0; ///< of run_; another one: it says nothing any more
        std::uint64_t through = 0;
        std::uint64_t members = 0;
        std::optional<Time> oldest;
    };
    Survey survey_;

    Event wake_;         ///< the reader: room, or online
    Event went_offline_; ///< the survey
    Event cursor_moved_; ///< a member was settled
    store::Cursor saved_;
    Instant saved_at_{};
    std::uint64_t start_ = 0, reserved_ = 0, digested_ = 0;
    DigestRun digest_{0};
    std::deque<LaneSum> sums_;
    Event sums_waiting_;
    Instant last_digest_at_{};

    LaneStatus status_;
    std::deque<std::pair<Instant, std::uint64_t>> receipted_lately_;
    Counted counted_;
};

} // namespace gatehouse::sync::mqtt
