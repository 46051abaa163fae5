// SPDX-License-Identifier: Apache-2.0
//
// What an application holds of one lane in one epoch: each sequence once, the ranges without a hole, and what `previous` says is missing.
#pragma once

#include "tests/simulators/platforms/mqtt/event.hpp"

#include <map>
#include <set>

namespace gatehouse::simulators::platform {

struct Held {
    std::uint64_t previous = 0;
    std::string id, kind, revised;
    Hash hash{};
    bool refused = false; ///< told the gateway that we will never take it: known, not held
    std::string refused_because;
    std::map<unsigned, Hash> pictures; ///< lane pictures: by index; an empty payload has no hash
    std::set<unsigned> empty_pictures;
    unsigned pictures_expected = 0;
    bool is_whole() const { return pictures_expected == 0 || pictures.size() + empty_pictures.size() >= pictures_expected; }
};

class LedgerLane {
public:
    using Ranges = std::map<std::uint64_t, std::uint64_t>; ///< first -> last

    const Held* find(std::uint64_t sequence) const;
    Held* find(std::uint64_t sequence);
    /// The sequence is new.
    void add(std::uint64_t sequence, Held held);
    /// A picture event became whole.
    void became_whole(std::uint64_t sequence);
    /// Loses everything from there on. Answers how many.
    std::size_t forget_from(std::uint64_t sequence);

    const std::map<std::uint64_t, Held>& all() const { return held_; }
    const Ranges& ranges() const { return ranges_; }
    bool holds(std::uint64_t sequence) const;
    bool knows(std::uint64_t sequence) const { return held_.contains(sequence); }
    std::uint64_t last() const { return held_.empty() ? 0 : held_.rbegin()->first; }
    std::uint64_t kept() const; ///< held and not refused

private:
    void link(std::uint64_t sequence, const Held& held);
    void rebuild();

    std::map<std::uint64_t, Held> held_;
    std::map<std::uint64_t, std::uint64_t> follower_; ///< previous -> sequence
    Ranges ranges_;
};

} // namespace gatehouse::simulators::platform
