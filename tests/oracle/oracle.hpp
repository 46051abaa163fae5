// SPDX-License-Identifier: Apache-2.0
//
// The judge after a run: invariants I1 to I10, each from what the outside world saw, none from what the gateway says of itself.
#pragma once

#include "tests/oracle/evidence.hpp"

namespace gatehouse::oracle {

struct Finding {
    std::string invariant; ///< "I1" … "I10"
    std::string words;
};

/// Every violation, the first hundred of each invariant.
///   I1   each event that a device made is in the log, or counted in a gap of that device
///   I2   each device event of the log was made, with that content, once
///   I3   positions have no hole, epochs don't mix; live events of a device stand in its order, and so do recovered ones
///   I4   each entitled record is at the platform once, under the same id, and `previous` leaves no hole
///   I5   no cursor stands beyond a member that the platform did not receipt
///   I6   commitments, seals and signed digests fit, from the first record to the head
///   I7   nothing was seen beyond its bound
///   I8   the console answered
///   I9   what was shed is in gap records, to the last event
///   I10  each recovery came by itself within its time
std::vector<Finding> judge(const Evidence& evidence);

/// One line a finding; empty: all hold.
std::string told(const std::vector<Finding>& findings);

/// I6 alone, recomputed from S3 to S7.
std::vector<Finding> judge_seals(const Log& log);

} // namespace gatehouse::oracle
