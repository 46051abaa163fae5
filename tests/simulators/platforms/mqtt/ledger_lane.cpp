// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/ledger_lane.hpp"

#include <algorithm>
#include <iterator>

namespace gatehouse::simulators::platform {

const Held* LedgerLane::find(std::uint64_t sequence) const {
    const auto found = held_.find(sequence);
    return found == held_.end() ? nullptr : &found->second;
}
Held* LedgerLane::find(std::uint64_t sequence) {
    const auto found = held_.find(sequence);
    return found == held_.end() ? nullptr : &found->second;
}

bool LedgerLane::holds(std::uint64_t sequence) const {
    const auto* held = find(sequence);
    return held != nullptr && !held->refused && held->is_whole();
}

std::uint64_t LedgerLane::kept() const {
    return static_cast<std::uint64_t>(
        std::count_if(held_.begin(), held_.end(), [](const auto& row) { return !row.second.refused && row.second.is_whole(); }));
}

// A range grows over an event only when `previous` proves that nothing of this lane lies between.
void LedgerLane::link(std::uint64_t sequence, const Held& held) {
    if (held.refused || !held.is_whole()) return;
    std::uint64_t first = sequence, last = sequence;
    auto before = ranges_.upper_bound(held.previous);
    if (before != ranges_.begin() && held.previous != 0) {
        --before;
        if (before->second == held.previous) {
            first = before->first;
            ranges_.erase(before);
        }
    }
    if (const auto follower = follower_.find(sequence); follower != follower_.end()) {
        if (const auto after = ranges_.find(follower->second); after != ranges_.end()) {
            last = after->second;
            ranges_.erase(after);
        }
    }
    ranges_[first] = last;
}

void LedgerLane::add(std::uint64_t sequence, Held held) {
    follower_[held.previous] = sequence;
    const auto& kept = held_[sequence] = std::move(held);
    link(sequence, kept);
}

void LedgerLane::became_whole(std::uint64_t sequence) {
    if (const auto* held = find(sequence)) link(sequence, *held);
}

std::size_t LedgerLane::forget_from(std::uint64_t sequence) {
    const auto from = held_.lower_bound(sequence);
    const auto lost = static_cast<std::size_t>(std::distance(from, held_.end()));
    held_.erase(from, held_.end());
    rebuild();
    return lost;
}

void LedgerLane::rebuild() {
    follower_.clear();
    ranges_.clear();
    for (const auto& [sequence, held] : held_) {
        follower_[held.previous] = sequence;
        link(sequence, held);
    }
}

} // namespace gatehouse::simulators::platform
