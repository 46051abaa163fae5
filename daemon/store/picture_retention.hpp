// SPDX-License-Identifier: Apache-2.0
//
// Which pictures of a role are past its ceiling, though their records stay.
#pragma once

#include "daemon/store/clock_marks.hpp"
#include "daemon/store/damage.hpp"
#include "daemon/store/event_log.hpp"
#include "daemon/store/sqlite.hpp"

namespace gatehouse::store {

/// A picture that goes, and when its record was heard.
struct DuePicture {
    Digest sha256{};
    Time heard_at{};
};

struct DuePictures {
    std::vector<DuePicture> pictures;
    std::uint64_t read_through = 0; ///< rows up to here were read
    std::uint64_t due_through = 0;  ///< nothing of this role is left to go up to here: it need not be read again
    bool more = false;
};

constexpr std::size_t picture_rows_max = 2'000; ///< read at a time

/// Reads the next records with pictures after `after`; a picture of `role` is due when its record was heard at `heard_before` or earlier.
Result<DuePictures> read_due_pictures(Connection& connection, Damage& damage, std::uint64_t after, PictureRole role, Time heard_before,
                                      const ClockMarks& marks, Time now);

} // namespace gatehouse::store
