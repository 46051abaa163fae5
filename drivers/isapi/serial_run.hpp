// SPDX-License-Identifier: Apache-2.0
//
// The unbroken run of a terminal's serial numbers, and what is stored beyond its end. No I/O.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/record/sink.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::drivers::isapi {

constexpr std::size_t ahead_max = 4096; ///< serials remembered beyond a hole
constexpr std::size_t recent_max = 512; ///< serials remembered behind the end

/// What tells two events of one serial number apart, short enough for a mark: 16 hex digits of the SHA-256 of Record::same_as.
std::string fingerprint_of(const std::string& same_as);

class SerialRun {
public:
    struct Hole {
        std::uint64_t first = 0, last = 0;
        friend bool operator==(const Hole&, const Hole&) = default;
    };

    /// The mark as the sink has it; none: this device was never heard, and the run begins where begin_after() says.
    void start(const std::optional<SourceMark>& mark);
    bool known() const { return known_; }
    void begin_after(std::uint64_t number);

    std::uint64_t number() const { return number_; }
    std::uint32_t generation() const { return generation_; }
    std::optional<Time> second() const { return second_; }
    std::uint64_t highest() const { return ahead_.empty() ? number_ : ahead_.rbegin()->first; }

    enum class Place { next, ahead, behind };
    Place place_of(std::uint64_t serial) const;
    /// At or behind the end, and known to be the same event.
    bool is_stored(std::uint64_t serial, const std::string& fingerprint) const;
    /// At or behind the end, but another event than the one we know by that number, or later than the last one: the device counts anew.
    bool looks_restarted(std::uint64_t serial, const std::string& fingerprint, std::optional<Time> second) const;

    /// The mark to store with this event's record: none when it stands beyond a hole or behind the end.
    std::optional<SourceMark> mark_with(std::uint64_t serial, const std::string& fingerprint, std::optional<Time> second) const;
    /// The record was stored (or was there already).
    void stored(std::uint64_t serial, const std::string& fingerprint, std::optional<Time> second);

    /// What is missing up to `last`, oldest first.
    std::vector<Hole> holes_up_to(std::uint64_t last) const;
    /// The mark to store when everything up to `last` is stored or given up.
    SourceMark mark_past(std::uint64_t last) const;
    void pass_over(std::uint64_t last);

    /// The counter began anew: nothing of the new generation is stored.
    void restart();
    SourceMark mark() const;

private:
    void join();
    struct Known {
        std::string fingerprint;
        std::optional<Time> second;
    };
    bool known_ = false;
    std::uint32_t generation_ = 0;
    std::uint64_t number_ = 0;
    std::string fingerprint_;
    std::optional<Time> second_;
    std::map<std::uint64_t, Known> ahead_;
    std::map<std::uint64_t, std::string> recent_;
};

} // namespace gatehouse::drivers::isapi
