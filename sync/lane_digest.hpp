// SPDX-License-Identifier: Apache-2.0
//
// What one lane published, summed up and signed (README.md, W10): a running SHA-256 over the SHA-256 of each event as first published.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/json.hpp"
#include "daemon/base/sha256.hpp"
#include "daemon/record/kind.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::sync {

constexpr std::uint64_t digest_events_max = 1'000;
constexpr auto digest_every = std::chrono::hours(1);

/// A closed range.
struct LaneSum {
    std::string epoch;
    std::uint64_t first = 0, last = 0, count = 0;
    Digest sha256{};
};

/// The range under way. Events come in the order of their positions; what was counted already is passed over.
class DigestRun {
public:
    /// Everything up to `through` stands in an earlier digest.
    explicit DigestRun(std::uint64_t through) : through_(through) {}

    /// `payload`: SHA-256 of the event's JSON, or of a picture's JPEG. Answers the range that this one closed, by its epoch.
    std::optional<LaneSum> add(std::uint64_t position, const std::string& epoch, const Digest& payload);
    /// Further payloads of the position added last (a record's second picture).
    void add_more(const Digest& payload);
    /// Counted already, or standing in an earlier digest.
    bool has(std::uint64_t position) const { return position <= through_; }
    bool is_full() const { return count_ >= digest_events_max; }
    std::uint64_t count() const { return count_; }
    /// Closes the range; none when it is empty.
    std::optional<LaneSum> close();
    /// Leaves a position out: neither this range nor the next holds it.
    void leave_out(std::uint64_t position) { through_ = position; }

private:
    std::uint64_t through_;
    std::string epoch_;
    std::uint64_t first_ = 0, count_ = 0;
    Sha256 hash_;
};

/// The facts of a digest record, and the result of a digest request.
json::object to_facts(const LaneSum& sum, const std::string& upstream, Lane lane, const Digest& seal, Time at, const SigningKey& key);

/// What is signed.
std::string digest_statement(const LaneSum& sum, std::string_view upstream, Lane lane, const std::string& seal, const std::string& at);

} // namespace gatehouse::sync
