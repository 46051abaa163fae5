// SPDX-License-Identifier: Apache-2.0
//
// One lane of one upstream as a state machine without I/O: which members were read, which messages carry them, what is receipted, where
// the cursor stands, and when to go back to it (README.md, W6 to W8). Knows no MQTT, no store and no clock: instants are handed in.
//
// A message is sent once per session. It is open until the broker's PUBACK; a member is settled by a receipt, a refusal, or in the modes
// puback and none by the PUBACK of its last message.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/store/store.hpp"
#include "sync/receipts.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>

namespace gatehouse::sync {

constexpr std::size_t messages_ahead_max = 500;
constexpr std::size_t members_ahead_max = 50'000;
constexpr std::size_t refused_ahead_max = 1'000;

class LaneRun {
public:
    struct Options {
        ReceiptMode mode = ReceiptMode::ranges;
        Duration receipt_wait_min = std::chrono::seconds(30);
        Duration receipt_wait_max = std::chrono::seconds(600);
    };
    /// `may_be_sent`: positions up to here may have been sent by an earlier run of this process or the one before: a receipt for them is
    /// not beyond what was sent.
    LaneRun(Options options, store::Cursor start, std::uint64_t may_be_sent);

    // Reading. One reader; what it read in an earlier round() is thrown away.
    std::uint64_t round() const { return round_; }
    std::uint64_t scanned() const { return scanned_; }
    /// What the next member's `previous` is.
    std::uint64_t last_member() const { return last_member_; }
    bool has_room() const;
    void pass_over(std::uint64_t position);
    enum class Then { send, keep };
    /// A member. keep: it is held, refused or on its way already, and is not sent.
    Then take(std::uint64_t position, Time heard_at);

    // Sending.
    using MessageId = std::uint64_t;
    /// The members first..last that take() gave out go in `parts` messages that count as one.
    MessageId sent(std::uint64_t first, std::uint64_t last, std::size_t parts, Instant now);
    /// The broker took one part (anything it refused never comes here).
    void acknowledged(MessageId message, Instant now);
    /// The broker refused a part: its members will be read again. The caller waits before it sends.
    void rejected(MessageId message);
    std::uint64_t sent_through() const { return sent_through_; }
    /// Since when the oldest open message waits for its PUBACK.
    std::optional<Instant> oldest_open() const;

    // Receipts; ranges and positions of epochs are already cut to what the log knows.
    bool is_beyond(std::uint64_t position) const { return position > sent_through_; }
    /// Answers how many members are newly held.
    std::size_t hold(Range range, Instant now);
    /// The member will never be taken. True: newly refused.
    bool refuse(std::uint64_t position, Instant now);
    /// Known from the dead letters: counts as no answer.
    void was_refused_before(std::uint64_t position);

    // Going back.
    /// The connection is gone: everything after the cursor will be read and sent again.
    void disconnected();
    /// True, once, when nothing was receipted for receipt_wait while PUBACKed members wait; the lane has then gone back to its cursor, and
    /// the next wait is twice as long.
    bool went_back(Instant now);
    std::optional<Instant> next_look() const;

    store::Cursor cursor() const { return cursor_; }
    std::size_t unsettled() const { return unsettled_; }
    std::optional<Time> oldest() const;
    std::size_t messages_ahead() const { return messages_.size(); }
    Duration receipt_wait() const { return wait_; }

private:
    enum class State : std::uint8_t { ready, sent, acknowledged, settled };
    struct Member {
        std::uint64_t position;
        Time heard_at;
        MessageId message;
        State state;
    };
    struct Message {
        std::uint64_t first, last;
        std::size_t open_parts;
        std::size_t unsettled;
        Instant sent_at;
    };
    bool waits_for_receipts() const { return options_.mode == ReceiptMode::ranges || options_.mode == ReceiptMode::cumulative; }
    std::deque<Member>::iterator at_or_after(std::uint64_t position);
    void settle(Member& member);
    void heard_from(Instant now);
    void advance();
    void go_back(bool keep_open);

    Options options_;
    store::Cursor cursor_;
    std::uint64_t scanned_, last_member_, sent_through_;
    std::uint64_t round_ = 1;
    std::deque<Member> members_; ///< behind the cursor, in order of position
    std::size_t unsettled_ = 0;
    std::size_t acknowledged_waiting_ = 0;  ///< members with a PUBACK and no receipt
    std::map<MessageId, Message> messages_; ///< with members unsettled, or open
    MessageId next_message_ = 1;
    RangeSet held_;
    std::set<std::uint64_t> refused_;
    Duration wait_;
    std::optional<Instant> waiting_since_; ///< PUBACKed members wait, and since when nothing was receipted
};

} // namespace gatehouse::sync
