// SPDX-License-Identifier: Apache-2.0
//
// What devices offered while the disk took nothing, until it is known what came of it: a device that keeps its events brings them again,
// and they are forgotten here; of the others a gap says how many. Loop only.
#pragma once

#include "daemon/base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::store {

constexpr std::size_t refused_events_max = 20'000; ///< told apart, of all sources; beyond it they are only counted
constexpr std::size_t refused_sources_max = 512;   ///< beyond it they count as the gateway's
constexpr Duration refused_wait =
    std::chrono::minutes(2); ///< since the last refusal, and since the disk is back: by then a device has brought what it kept
constexpr Duration refused_wait_max = std::chrono::hours(1); ///< since the first one: a disk that fails now and then is told all the same

class RefusedEvents {
public:
    struct Of {
        std::string source;
        std::uint64_t count = 0;
        bool is_exact = true; ///< each was told apart from the others by its device's number
        Time from{}, to{};
    };

    bool empty() const { return sources_.empty(); }
    /// `event`: what it is known by when it comes again; `has_number`: by its device's number, so that two refusals of it are one event.
    void refused(const std::string& source, std::uint64_t event, bool has_number, Time at, Instant now);
    /// It is in the log after all.
    void stored(const std::string& source, std::uint64_t event);
    /// The disk is still out: the waits begin anew.
    void still_out(Instant now);
    /// Whether it is time to tell.
    bool is_due(Instant now) const;
    /// What is still missing, by source; none of it is left here.
    std::vector<Of> take();
    /// It could not be told: as before, and due again after the wait.
    void put_back(std::vector<Of> untold, Instant now);

private:
    struct Missing {
        std::set<std::uint64_t> events;
        std::uint64_t more = 0; ///< beyond refused_events_max
        bool is_exact = true;
        Time from{}, to{};
    };
    Missing& missing_of(const std::string& source, Time at);
    std::map<std::string, Missing> sources_;
    std::size_t events_ = 0;
    std::optional<Instant> first_, last_;
};

} // namespace gatehouse::store
