// SPDX-License-Identifier: Apache-2.0
//
// Recorded key frames as JPEGs: for a timeline, and for browsers that cannot play what was recorded. Found in the index, drawn by a process of its
// own (pipelines/link/artist.hpp), kept for a while in memory. Lives on the loop; reads on the pool.
#pragma once

#include "daemon/base/executor.hpp"
#include "daemon/console/parts.hpp"
#include "daemon/store/recordings.hpp"
#include "pipelines/link/artist.hpp"

#include <compare>
#include <list>
#include <map>

namespace gatehouse::app {

constexpr std::size_t stills_kept_bytes_max = 16 * 1024 * 1024;
constexpr Duration still_before_max = std::chrono::seconds(15); ///< a key frame further back shows something else

/// For console::Parts::still. What it is given outlives it.
class Stills {
public:
    Stills(Loop& loop, Executor& pool, store::Recordings& recordings, pipelines::Artist& artist)
        : loop_(loop), pool_(pool), recordings_(recordings), artist_(artist) {}

    /// The last key frame at or before `at`. Fault::gone: none was recorded within still_before_max.
    Task<Result<console::Still>> draw(std::string camera, std::string stream, Time at, std::uint16_t width_max);

    std::size_t kept_bytes() const { return kept_bytes_; }

private:
    struct Place {
        std::int64_t segment = 0;
        std::uint64_t offset = 0;
        std::uint16_t width_max = 0;
        friend auto operator<=>(const Place&, const Place&) = default;
    };
    struct Kept {
        Place place;
        console::Still still;
    };
    void keep(const Place& place, const console::Still& still);

    Loop& loop_;
    Executor& pool_;
    store::Recordings& recordings_;
    pipelines::Artist& artist_;
    std::list<Kept> kept_; ///< what was used last comes first
    std::map<Place, std::list<Kept>::iterator> places_;
    std::size_t kept_bytes_ = 0;
};

} // namespace gatehouse::app
