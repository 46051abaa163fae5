// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/json.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::fuzz {

/// Equal, but for the last bits of a real number: Boost.JSON 1.81 does not read back exactly what it writes.
inline bool is_alike(const json::value& one, const json::value& other) {
    if (one.is_double() && other.is_number()) {
        const double a = one.get_double(), b = other.to_number<double>();
        return a == b || std::abs(a - b) <= 1e-14 * std::abs(a);
    }
    if (const auto* array = one.if_array()) {
        const auto* twin = other.if_array();
        return twin != nullptr && std::equal(array->begin(), array->end(), twin->begin(), twin->end(), is_alike);
    }
    if (const auto* object = one.if_object()) {
        const auto* twin = other.if_object();
        return twin != nullptr && object->size() == twin->size() && std::all_of(object->begin(), object->end(), [&](const auto& member) {
                   const auto* value = twin->if_contains(member.key());
                   return value != nullptr && is_alike(member.value(), *value);
               });
    }
    return one == other;
}

} // namespace gatehouse::fuzz
