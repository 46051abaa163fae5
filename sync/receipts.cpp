// SPDX-License-Identifier: Apache-2.0
#include "sync/receipts.hpp"

#include "daemon/base/json.hpp"
#include "daemon/base/text.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::sync {

namespace {

constexpr std::array mode_names{std::string_view("ranges"), std::string_view("cumulative"), std::string_view("puback"), std::string_view("none")};
constexpr std::size_t epoch_bytes = 36;

std::optional<std::uint64_t> position_of(const json::value& value) {
    if (value.is_uint64()) return value.get_uint64();
    if (value.is_int64() && value.get_int64() >= 1) return static_cast<std::uint64_t>(value.get_int64());
    return std::nullopt;
}

} // namespace

std::string_view name_of(ReceiptMode mode) { return mode_names.at(static_cast<std::size_t>(mode)); }

std::optional<ReceiptMode> receipt_mode_named(std::string_view name) {
    const auto found = std::find(mode_names.begin(), mode_names.end(), name);
    if (found == mode_names.end()) return std::nullopt;
    return static_cast<ReceiptMode>(found - mode_names.begin());
}

Result<Receipt> parse_receipt(std::string_view payload, ReceiptMode mode) {
    auto parsed = parse_json(payload, receipt_bytes_max);
    if (!parsed) return std::move(parsed).error().during("receipt");
    if (!parsed->is_object()) return Error(Fault::malformed, "receipt: not an object");
    const auto& object = parsed->get_object();

    Receipt receipt;
    auto epoch = need_text(object, "epoch");
    if (!epoch) return std::move(epoch).error().during("receipt");
    if (epoch->size() != epoch_bytes) return Error(Fault::malformed, "receipt.epoch: not a UUID");
    receipt.epoch = std::move(*epoch);
    auto lane_name = need_text(object, "lane");
    if (!lane_name) return std::move(lane_name).error().during("receipt");
    const auto lane = lane_named(*lane_name);
    if (!lane) return Error(Fault::malformed, "receipt.lane: none of urgent, routine, pictures");
    receipt.lane = *lane;

    const bool has_held = object.contains("held"), has_through = object.contains("through"), has_refused = object.contains("refused");
    if (!has_held && !has_through && !has_refused) return Error(Fault::malformed, "receipt: neither held, through nor refused");
    if (has_held && mode != ReceiptMode::ranges)
        return Error(Fault::malformed, "receipt.held: this upstream's mode is " + std::string(name_of(mode)));
    if (has_through && mode != ReceiptMode::cumulative)
        return Error(Fault::malformed, "receipt.through: this upstream's mode is " + std::string(name_of(mode)));

    if (has_held) {
        const auto* held = array_at(object, "held");
        if (held == nullptr || held->size() > receipt_ranges_max) return Error(Fault::malformed, "receipt.held: not a list, or too long");
        receipt.held.reserve(held->size());
        for (const auto& value : *held) {
            const auto* pair = value.if_array();
            const auto first = pair != nullptr && pair->size() == 2 ? position_of((*pair)[0]) : std::nullopt;
            const auto last = first ? position_of((*pair)[1]) : std::nullopt;
            if (!last || *first > *last) return Error(Fault::malformed, "receipt.held: not pairs of [first, last]");
            receipt.held.emplace_back(*first, *last);
        }
    }
    if (has_through) {
        receipt.through = position_of(object.at("through"));
        if (!receipt.through) return Error(Fault::malformed, "receipt.through: not a position");
    }
    if (has_refused) {
        const auto* refused = array_at(object, "refused");
        if (refused == nullptr || refused->size() > receipt_refused_max) return Error(Fault::malformed, "receipt.refused: not a list, or too long");
        for (const auto& value : *refused) {
            const auto* one = value.if_object();
            const auto* at = one == nullptr ? nullptr : one->if_contains("position");
            const auto position = at == nullptr ? std::nullopt : position_of(*at);
            if (!position) return Error(Fault::malformed, "receipt.refused: without a position");
            Refusal refusal;
            refusal.position = *position;
            refusal.reason = cut_utf8(text_at(*one, "reason").value_or(""), reason_bytes_max);
            receipt.refused.push_back(std::move(refusal));
        }
    }
    return receipt;
}

void RangeSet::add(Range range) {
    auto [first, last] = range;
    auto next = ranges_.upper_bound(first);
    if (next != ranges_.begin()) {
        const auto before = std::prev(next);
        if (before->second >= first || before->second + 1 == first) {
            first = before->first;
            last = std::max(last, before->second);
            next = ranges_.erase(before);
        }
    }
    while (next != ranges_.end() && next->first <= last + (last != UINT64_MAX ? 1 : 0)) {
        last = std::max(last, next->second);
        next = ranges_.erase(next);
    }
    ranges_.emplace(first, last);
    // What is forgotten at the far end is only sent once more than needed.
    if (ranges_.size() > receipt_ranges_max) ranges_.erase(std::prev(ranges_.end()));
}

bool RangeSet::holds(std::uint64_t position) const {
    const auto next = ranges_.upper_bound(position);
    return next != ranges_.begin() && std::prev(next)->second >= position;
}

void RangeSet::forget_through(std::uint64_t position) {
    while (!ranges_.empty() && ranges_.begin()->first <= position) {
        const auto last = ranges_.begin()->second;
        ranges_.erase(ranges_.begin());
        if (last > position) {
            ranges_.emplace(position + 1, last);
            return;
        }
    }
}

} // namespace gatehouse::sync
