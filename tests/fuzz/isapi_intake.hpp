// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drivers/isapi/intake.hpp"

namespace gatehouse::fuzz {

/// One alert on its way to a record, for a terminal and for a plate camera; the record is one that the sink takes or refuses in words.
void take_in(drivers::isapi::Arrival arrival, drivers::isapi::Way way);

} // namespace gatehouse::fuzz
