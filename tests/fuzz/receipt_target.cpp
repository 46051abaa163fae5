// SPDX-License-Identifier: Apache-2.0
//
// sync/receipts in each mode, held against Boost.JSON's plain reading; what it holds goes into a set of ranges beside a naive one, and
// into a lane's run, whose cursor only goes forward.
#include "daemon/base/json.hpp"
#include "daemon/base/text.hpp"
#include "sync/lane.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>

namespace gatehouse::fuzz {

using namespace sync;

namespace {

void check_against_boost(const Receipt& receipt, std::string_view bytes) {
    boost::system::error_code fault;
    const auto whole = boost::json::parse(boost::json::string_view(bytes.data(), bytes.size()), fault);
    must_hold(!fault && whole.is_object(), "both read JSON");
    const auto& object = whole.get_object();
    must_hold(object.at("epoch").as_string() == std::string_view(receipt.epoch), "both read the same epoch");
    if (const auto* held = object.if_contains("held")) {
        must_hold(held->as_array().size() == receipt.held.size(), "both read as many ranges");
        for (std::size_t i = 0; i < receipt.held.size(); ++i)
            must_hold(held->as_array()[i].as_array()[0].to_number<std::uint64_t>() == receipt.held[i].first &&
                          held->as_array()[i].as_array()[1].to_number<std::uint64_t>() == receipt.held[i].second,
                      "both read the same ranges");
    }
    if (const auto* through = object.if_contains("through"))
        must_hold(receipt.through == through->to_number<std::uint64_t>(), "both read the same position");
}

void check_ranges(const std::vector<Range>& held) {
    RangeSet set;
    const auto in_any = [&](std::uint64_t position) {
        return std::any_of(held.begin(), held.end(), [&](const Range& range) { return range.first <= position && position <= range.second; });
    };
    for (const auto& range : held) set.add(range);
    must_hold(set.size() <= held.size(), "a set is no longer than what was added");
    const auto looked_at = std::min<std::size_t>(held.size(), 64);
    for (std::size_t i = 0; i < looked_at; ++i)
        for (const auto end : {held[i].first, held[i].second})
            for (const auto position : {end - 1, end, end + 1}) must_hold(set.holds(position) == in_any(position), "a set holds what was added");
    if (held.empty()) return;
    const auto through = held.front().second;
    set.forget_through(through);
    for (std::size_t i = 0; i < looked_at; ++i)
        for (const auto position : {held[i].first, held[i].second})
            must_hold(set.holds(position) == (position > through), "what lies at or below is forgotten, and nothing else");
}

void check_lane(const Receipt& receipt, ReceiptMode mode) {
    LaneRun lane({.mode = mode}, store::Cursor{}, 0);
    constexpr std::uint64_t members = 40;
    for (std::uint64_t position = 1; position <= members; ++position)
        if (lane.take(position * 2, Time()) == LaneRun::Then::send && position % 5 == 0) {
            const auto message = lane.sent(position * 2 - 8, position * 2, 1, Instant());
            lane.acknowledged(message, Instant());
        }
    auto before = lane.cursor();
    const auto look = [&] {
        const auto now = lane.cursor();
        must_hold(now.settled >= before.settled && now.member >= before.member && now.member <= now.settled, "a cursor only goes forward");
        must_hold(lane.unsettled() <= members, "no more wait than were taken");
        before = now;
    };
    for (const auto& range : receipt.held) {
        if (!lane.is_beyond(range.second)) must_hold(lane.hold(range, Instant()) <= members, "no more are held than were sent");
        look();
    }
    if (receipt.through && !lane.is_beyond(*receipt.through)) lane.hold({1, *receipt.through}, Instant());
    look();
    for (const auto& refusal : receipt.refused) {
        if (!lane.is_beyond(refusal.position)) lane.refuse(refusal.position, Instant());
        look();
    }
}

} // namespace

void receipt(std::string_view bytes) {
    for (const auto mode : {ReceiptMode::ranges, ReceiptMode::cumulative, ReceiptMode::puback, ReceiptMode::none}) {
        const auto receipt = parse_receipt(bytes, mode);
        if (!receipt) continue;
        must_hold(receipt->held.size() <= receipt_ranges_max && receipt->refused.size() <= receipt_refused_max, "a receipt is bounded");
        must_hold(receipt->held.empty() || mode == ReceiptMode::ranges, "ranges come in their mode alone");
        for (const auto& [first, last] : receipt->held) must_hold(first >= 1 && first <= last, "a range has a beginning and an end");
        for (const auto& refusal : receipt->refused)
            must_hold(refusal.position >= 1 && refusal.reason.size() <= reason_bytes_max && is_utf8(refusal.reason), "a refusal is short and UTF-8");
        check_against_boost(*receipt, bytes);
        check_ranges(receipt->held);
        check_lane(*receipt, mode);
    }
}

} // namespace gatehouse::fuzz
