// SPDX-License-Identifier: Apache-2.0
//
// The judge after a cut. It asks the store and the twin, and compares with what the devices know.
#pragma once

#include "tests/power_cut/gateway.hpp"

namespace gatehouse::power_cut {

/// Right after open(), before run(): I1 (each acknowledged event is there, where it was said to be), I2 (each stored event has one
/// input), I3 (positions have no hole), I6 (commitments and seals fit), S11 (no mark beyond what is there), S12 and L1 (no cursor beyond
/// what was receipted), L4 (what the twin keeps is what the log holds). Empty: all hold; else the first that does not, in words.
std::string judge_restart(Gateway& gateway, const Outside& outside);

/// After the platform had time to receive: I4 (each event once at the twin, no hole in a lane's chain) and everything above.
std::string judge_drained(Gateway& gateway, const Outside& outside);

/// Whether the twin keeps and has receipted all that the log holds, and the cursors stand behind it.
bool is_drained(Gateway& gateway, const Outside& outside);

} // namespace gatehouse::power_cut
