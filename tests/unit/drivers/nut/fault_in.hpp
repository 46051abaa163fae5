// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/result.hpp"

#include <optional>

namespace gatehouse::nut_testing {

/// None where there is no fault: error() of a value would answer a default one.
template <class T>
std::optional<Fault> fault_in(const Result<T>& result) {
    if (result) return std::nullopt;
    return result.error().fault();
}

} // namespace gatehouse::nut_testing
