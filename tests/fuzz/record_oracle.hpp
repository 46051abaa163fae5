// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/record/record.hpp"
#include "tests/fuzz/json_likeness.hpp"
#include "tests/fuzz/targets.hpp"

namespace gatehouse::fuzz {

/// What the sink takes can be read again: its JSON is JSON, and says the same.
inline void check_taken(const Record& record) {
    if (!check_record(record)) return;
    for (const auto* object : {&record.facts, &record.details}) {
        const auto again = parse_json(json::serialize(*object));
        must_hold(again.has_value(), "facts and details that the sink takes are JSON");
        must_hold(is_alike(*again, *object), "facts and details are read back as they were");
    }
}

} // namespace gatehouse::fuzz
