// SPDX-License-Identifier: Apache-2.0
#include "sync/lane.hpp"

#include <algorithm>

namespace gatehouse::sync {

LaneRun::LaneRun(Options options, store::Cursor start, std::uint64_t may_be_sent)
    : options_(options), cursor_(start), scanned_(start.settled), last_member_(start.member), sent_through_(std::max(may_be_sent, start.settled)),
      wait_(options.receipt_wait_min) {
    expects(start.member <= start.settled, "a cursor's member lies at or before what is settled (S12)");
}

bool LaneRun::has_room() const { return messages_.size() < messages_ahead_max && members_.size() < members_ahead_max; }

void LaneRun::pass_over(std::uint64_t position) {
    expects(position > scanned_, "the log is read forwards");
    scanned_ = position;
    advance();
}

LaneRun::Then LaneRun::take(std::uint64_t position, Time heard_at) {
    expects(position > scanned_, "the log is read forwards");
    scanned_ = position;
    last_member_ = position;
    Member member{position, heard_at, 0, State::ready};
    auto then = Then::send;
    if (held_.holds(position) || refused_.contains(position)) {
        member.state = State::settled;
        then = Then::keep;
    } else {
        ++unsettled_;
        // On its way in this session already: never sent to twice.
        for (auto& [id, message] : messages_) {
            if (position < message.first || position > message.last) continue;
            member.message = id;
            member.state = State::sent;
            ++message.unsettled;
            then = Then::keep;
            break;
        }
    }
    members_.push_back(member);
    if (member.state == State::settled) advance();
    return then;
}

LaneRun::MessageId LaneRun::sent(std::uint64_t first, std::uint64_t last, std::size_t parts, Instant now) {
    const auto id = next_message_++;
    Message message{first, last, parts, 0, now};
    for (auto member = at_or_after(first); member != members_.end() && member->position <= last; ++member) {
        if (member->state != State::ready) continue;
        member->state = State::sent;
        member->message = id;
        ++message.unsettled;
    }
    sent_through_ = std::max(sent_through_, last);
    messages_.emplace(id, message);
    return id;
}

void LaneRun::acknowledged(MessageId id, Instant now) {
    const auto found = messages_.find(id);
    if (found == messages_.end() || found->second.open_parts == 0) return; // doubled, or of a session that is over
    auto& message = found->second;
    if (--message.open_parts > 0) return;
    if (message.unsettled == 0) {
        messages_.erase(found);
        return;
    }
    const auto first = message.first, last = message.last;
    for (auto member = at_or_after(first); member != members_.end() && member->position <= last; ++member) {
        if (member->message != id || member->state != State::sent) continue;
        member->state = State::acknowledged;
        ++acknowledged_waiting_;
        if (!waits_for_receipts()) settle(*member);
    }
    if (!waits_for_receipts())
        advance();
    else if (!waiting_since_ && acknowledged_waiting_ > 0)
        waiting_since_ = now;
}

void LaneRun::rejected(MessageId id) {
    if (!messages_.contains(id)) return;
    messages_.erase(id);
    // The reader goes over it again from the cursor; what is open elsewhere stays where it is.
    go_back(true);
}

std::optional<Instant> LaneRun::oldest_open() const {
    std::optional<Instant> oldest;
    for (const auto& [id, message] : messages_)
        if (message.open_parts > 0 && (!oldest || message.sent_at < *oldest)) oldest = message.sent_at;
    return oldest;
}

std::deque<LaneRun::Member>::iterator LaneRun::at_or_after(std::uint64_t position) {
    return std::lower_bound(members_.begin(), members_.end(), position,
                            [](const Member& member, std::uint64_t wanted) { return member.position < wanted; });
}

void LaneRun::settle(Member& member) {
    if (member.state == State::settled) return;
    if (member.state == State::acknowledged) --acknowledged_waiting_;
    member.state = State::settled;
    --unsettled_;
    if (const auto found = messages_.find(member.message); found != messages_.end()) {
        auto& message = found->second;
        if (--message.unsettled == 0 && message.open_parts == 0) messages_.erase(found);
    }
}

void LaneRun::advance() {
    while (!members_.empty() && members_.front().state == State::settled) {
        cursor_.member = members_.front().position;
        members_.pop_front();
    }
    cursor_.settled = members_.empty() ? scanned_ : std::max(cursor_.settled, members_.front().position - 1);
    cursor_.settled = std::max(cursor_.settled, cursor_.member);
    held_.forget_through(cursor_.settled);
    refused_.erase(refused_.begin(), refused_.upper_bound(cursor_.settled));
}

std::size_t LaneRun::hold(Range range, Instant now) {
    auto [first, last] = range;
    first = std::max(first, cursor_.settled + 1);
    if (first > last) return 0;
    held_.add({first, last});
    std::size_t newly = 0;
    for (auto member = at_or_after(first); member != members_.end() && member->position <= last; ++member) {
        if (member->state == State::settled) continue;
        settle(*member);
        ++newly;
    }
    advance();
    if (newly > 0) heard_from(now);
    return newly;
}

bool LaneRun::refuse(std::uint64_t position, Instant now) {
    if (position <= cursor_.settled || refused_.contains(position) || refused_.size() >= refused_ahead_max) return false;
    const auto member = at_or_after(position);
    const bool is_there = member != members_.end() && member->position == position;
    // Read, and no member of this lane: nothing of ours to refuse.
    if (!is_there && position <= scanned_) return false;
    if (is_there && member->state == State::settled) return false;
    refused_.insert(position);
    if (is_there) settle(*member);
    advance();
    heard_from(now);
    return true;
}

void LaneRun::heard_from(Instant now) {
    wait_ = options_.receipt_wait_min;
    waiting_since_ = acknowledged_waiting_ > 0 ? std::optional(now) : std::nullopt;
}

void LaneRun::was_refused_before(std::uint64_t position) {
    if (position > cursor_.settled) refused_.insert(position);
}

void LaneRun::go_back(bool keep_open) {
    ++round_;
    for (auto message = messages_.begin(); message != messages_.end();) {
        message->second.unsettled = 0; // counted anew as the members are read again
        message = keep_open && message->second.open_parts > 0 ? std::next(message) : messages_.erase(message);
    }
    members_.clear();
    unsettled_ = 0;
    acknowledged_waiting_ = 0;
    scanned_ = cursor_.settled;
    last_member_ = cursor_.member;
    waiting_since_.reset();
}

void LaneRun::disconnected() { go_back(false); }

bool LaneRun::went_back(Instant now) {
    if (!waits_for_receipts() || !waiting_since_) return false;
    if (now - *waiting_since_ < wait_) return false;
    wait_ = std::min(options_.receipt_wait_max, wait_ * 2);
    go_back(true);
    return true;
}

std::optional<Instant> LaneRun::next_look() const {
    if (!waits_for_receipts() || !waiting_since_) return std::nullopt;
    return *waiting_since_ + wait_;
}

std::optional<Time> LaneRun::oldest() const {
    for (const auto& member : members_)
        if (member.state != State::settled) return member.heard_at;
    return std::nullopt;
}

} // namespace gatehouse::sync
