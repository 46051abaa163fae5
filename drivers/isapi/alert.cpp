// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/alert.hpp"

#include "daemon/base/text.hpp"

namespace gatehouse::drivers::isapi {

bool Alert::is_heartbeat() const {
    if (same_but_case(event, "heartbeat")) return true;
    return same_but_case(event, "videoloss") && !active && post_count.value_or(0) == 0;
}

} // namespace gatehouse::drivers::isapi
