// SPDX-License-Identifier: Apache-2.0
#include "sync/lane.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::sync;
using namespace std::chrono_literals;

namespace {

constexpr Instant zero{};

store::Cursor at(std::uint64_t settled, std::uint64_t member) {
    store::Cursor cursor;
    cursor.settled = settled;
    cursor.member = member;
    return cursor;
}

LaneRun lane_of(ReceiptMode mode = ReceiptMode::ranges, store::Cursor start = {}) {
    LaneRun::Options options;
    options.mode = mode;
    return LaneRun(options, start, 0);
}

void read(LaneRun& lane, std::uint64_t first, std::uint64_t last) {
    for (auto position = first; position <= last; ++position) CHECK(lane.take(position, Time{}) == LaneRun::Then::send);
}

LaneRun::MessageId send(LaneRun& lane, std::uint64_t first, std::uint64_t last, Instant now = zero) { return lane.sent(first, last, 1, now); }

} // namespace

TEST_CASE("W7: the cursor moves over members held one after another, and over what is not of the lane between them") {
    auto lane = lane_of();
    lane.pass_over(1);
    CHECK(lane.cursor().settled == 1);
    read(lane, 2, 3);
    lane.pass_over(4);
    read(lane, 5, 6);
    lane.pass_over(7);
    const auto message = send(lane, 2, 6);
    lane.acknowledged(message, zero);
    CHECK(lane.cursor().settled == 1); // a PUBACK is not delivery

    CHECK(lane.hold({5, 5}, zero) == 1);
    CHECK(lane.cursor().settled == 1);
    CHECK(lane.hold({1, 3}, zero) == 2);
    CHECK(lane.cursor().settled == 5);
    CHECK(lane.cursor().member == 5);
    CHECK(lane.hold({6, 6}, zero) == 1);
    CHECK(lane.cursor().settled == 7);
    CHECK(lane.cursor().member == 6);
    CHECK(lane.hold({1, 7}, zero) == 0); // said again: nothing moves
    CHECK(lane.messages_ahead() == 0);
}

TEST_CASE("W7: modes puback and none settle by the PUBACK") {
    for (const auto mode : {ReceiptMode::puback, ReceiptMode::none}) {
        auto lane = lane_of(mode);
        read(lane, 1, 3);
        const auto first = send(lane, 1, 2), second = send(lane, 3, 3);
        lane.acknowledged(second, zero);
        CHECK(lane.cursor().settled == 0);
        lane.acknowledged(first, zero);
        CHECK(lane.cursor().settled == 3);
        CHECK(lane.messages_ahead() == 0);
    }
}

TEST_CASE("W8: at reconnect the lane is read again from its cursor, and what was held meanwhile is not sent again") {
    auto lane = lane_of();
    read(lane, 1, 6);
    const auto message = send(lane, 1, 6);
    lane.hold({1, 2}, zero);
    lane.hold({5, 5}, zero);
    const auto round = lane.round();
    lane.disconnected();
    CHECK(lane.round() != round);
    CHECK(lane.scanned() == 2);
    CHECK(lane.last_member() == 2);
    lane.acknowledged(message, zero); // of the session that is over
    CHECK(lane.take(3, Time{}) == LaneRun::Then::send);
    CHECK(lane.take(4, Time{}) == LaneRun::Then::send);
    CHECK(lane.take(5, Time{}) == LaneRun::Then::keep);
    CHECK(lane.take(6, Time{}) == LaneRun::Then::send);
    CHECK(lane.sent_through() == 6);
    CHECK_FALSE(lane.is_beyond(6));
    CHECK(lane.is_beyond(7));
}

TEST_CASE("W8: receipt_wait doubles to its bound, starts over with a receipt, and runs only while PUBACKed events wait") {
    auto lane = lane_of();
    Instant now = zero;
    CHECK_FALSE(lane.went_back(now + 1h));
    for (const auto wait : {30s, 60s, 120s, 240s, 480s, 600s, 600s}) {
        read(lane, 1, 1);
        const auto message = send(lane, 1, 1, now);
        CHECK_FALSE(lane.went_back(now + 1h)); // no PUBACK: not this clock's business
        lane.acknowledged(message, now);
        CHECK_FALSE(lane.went_back(now + wait - 1s));
        CHECK(lane.went_back(now + wait));
        CHECK(lane.scanned() == 0);
        now += wait;
    }
    read(lane, 1, 2);
    lane.acknowledged(send(lane, 1, 2, now), now);
    lane.hold({1, 1}, now + 10s);
    CHECK_FALSE(lane.went_back(now + 39s));
    CHECK(lane.went_back(now + 40s)); // thirty seconds after the last receipt
    CHECK(lane.scanned() == 1);
}

TEST_CASE("W8: the wait begins with the PUBACK, not with a receipt long ago") {
    auto lane = lane_of();
    read(lane, 1, 1);
    lane.acknowledged(send(lane, 1, 1), zero);
    lane.hold({1, 1}, zero);
    read(lane, 2, 2);
    lane.acknowledged(send(lane, 2, 2, zero + 29s), zero + 29s);
    CHECK_FALSE(lane.went_back(zero + 31s));
    CHECK(lane.went_back(zero + 59s));
}

TEST_CASE("L1, F26: what has no PUBACK yet is never sent a second time in the session") {
    auto lane = lane_of();
    read(lane, 1, 4);
    const auto open = send(lane, 1, 2);
    lane.acknowledged(send(lane, 3, 4), zero);
    REQUIRE(lane.went_back(zero + 30s));
    CHECK(lane.take(1, Time{}) == LaneRun::Then::keep);
    CHECK(lane.take(2, Time{}) == LaneRun::Then::keep);
    CHECK(lane.take(3, Time{}) == LaneRun::Then::send);
    CHECK(lane.oldest_open().has_value());
    lane.acknowledged(open, zero + 31s);
    CHECK_FALSE(lane.oldest_open().has_value());
    lane.disconnected();
    CHECK(lane.take(1, Time{}) == LaneRun::Then::send);
}

TEST_CASE("F27: doubled, unknown and late acknowledgements move nothing") {
    auto lane = lane_of(ReceiptMode::puback);
    read(lane, 1, 2);
    const auto first = send(lane, 1, 1);
    const auto second = send(lane, 2, 2);
    lane.acknowledged(second, zero);
    lane.acknowledged(second, zero);
    lane.acknowledged(second + 100, zero);
    CHECK(lane.cursor().settled == 0);
    lane.disconnected();
    lane.acknowledged(first, zero);
    CHECK(lane.cursor().settled == 0);
}

TEST_CASE("W7, F36: a refusal settles its member, once, and the lane goes on") {
    auto lane = lane_of();
    read(lane, 1, 3);
    lane.acknowledged(send(lane, 1, 3), zero);
    CHECK(lane.refuse(2, zero));
    CHECK_FALSE(lane.refuse(2, zero));
    lane.hold({1, 1}, zero);
    CHECK(lane.cursor().settled == 2);
    CHECK(lane.cursor().member == 2);
    CHECK_FALSE(lane.refuse(1, zero)); // receipted already
    lane.disconnected();
    CHECK(lane.refuse(3, zero)); // not read again yet
    CHECK(lane.take(3, Time{}) == LaneRun::Then::keep);
    CHECK(lane.cursor().settled == 3);
}

TEST_CASE("W7: a lane runs at most 500 messages ahead of its receipts") {
    auto lane = lane_of();
    for (std::uint64_t position = 1; position <= messages_ahead_max; ++position) {
        CHECK(lane.has_room());
        read(lane, position, position);
        lane.acknowledged(send(lane, position, position), zero);
    }
    CHECK_FALSE(lane.has_room());
    lane.hold({1, 1}, zero);
    CHECK(lane.has_room());
}

TEST_CASE("the parts of one record's message count together") {
    auto lane = lane_of(ReceiptMode::puback);
    read(lane, 1, 1);
    const auto message = lane.sent(1, 1, 3, zero);
    lane.acknowledged(message, zero);
    lane.acknowledged(message, zero);
    CHECK(lane.cursor().settled == 0);
    lane.acknowledged(message, zero);
    CHECK(lane.cursor().settled == 1);
}

TEST_CASE("a message that the broker refused is read again; others stay on their way") {
    auto lane = lane_of();
    read(lane, 1, 2);
    const auto refused = send(lane, 1, 1);
    send(lane, 2, 2);
    lane.rejected(refused);
    CHECK(lane.take(1, Time{}) == LaneRun::Then::send);
    CHECK(lane.take(2, Time{}) == LaneRun::Then::keep);
}

TEST_CASE("any order of receipts over any cut of messages ends with everything settled once") {
    SeededEntropy chance(42);
    for (int run = 0; run < 200; ++run) {
        auto lane = lane_of(ReceiptMode::ranges, at(10, 10));
        std::uint64_t position = 10;
        std::vector<Range> spans;
        std::size_t members = 0, settled = 0;
        while (position < 200) {
            const auto first = position + 1;
            const auto many = 1 + chance.below(9);
            for (std::uint64_t i = 0; i < many; ++i) {
                ++position;
                if (chance.below(4) == 0) {
                    lane.pass_over(position);
                } else {
                    lane.take(position, Time{});
                    ++members;
                }
            }
            lane.acknowledged(send(lane, first, position), zero);
            spans.emplace_back(first, position);
        }
        while (!spans.empty()) {
            const auto which = chance.below(spans.size());
            settled += lane.hold(spans[which], zero);
            if (chance.below(3) == 0) settled += lane.hold(spans[chance.below(spans.size())], zero);
            spans.erase(spans.begin() + static_cast<std::ptrdiff_t>(which));
        }
        CHECK(settled == members);
        CHECK(lane.cursor().settled == position);
        CHECK(lane.messages_ahead() == 0);
        CHECK(lane.unsettled() == 0);
    }
}
