// SPDX-License-Identifier: Apache-2.0
//
// What came of it: the simulators' ledgers against the log on disk, and the log against what each platform's application keeps.
#pragma once

#include "tests/demo/compound.hpp"

namespace gatehouse::demo {

struct PlatformJudgement {
    std::uint64_t entitled = 0;       ///< members of its lanes in the log, pictures as records with one
    std::uint64_t kept = 0;           ///< by its application, each receipted
    std::uint64_t settled_behind = 0; ///< members that the gateway has no receipt for
    std::uint64_t dropped = 0;        ///< duplicates it dropped
    std::uint64_t kept_twice = 0;
    std::uint64_t holes = 0;
    std::uint64_t bad = 0; ///< digests, signatures, altered or nonconforming events, malformed payloads
};

struct Judgement {
    std::uint64_t heard = 0, recorded = 0, in_gaps = 0, lost = 0;
    std::map<std::string, PlatformJudgement> platforms;

    bool is_complete() const;
    std::uint64_t resent() const;
    std::uint64_t duplicates() const;
    std::uint64_t holes() const;
};

Judgement judge(Compound& compound);

} // namespace gatehouse::demo
