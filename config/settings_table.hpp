// SPDX-License-Identifier: Apache-2.0
//
// The one table of settings.
#pragma once

#include "config/row.hpp"

namespace gatehouse::config {

std::span<const Row> settings_rows();

} // namespace gatehouse::config
