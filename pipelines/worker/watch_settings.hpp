// SPDX-License-Identifier: Apache-2.0
//
// The link's words for what is watched as pipelines/watch has them.
#pragma once

#include "pipelines/link/watching.hpp"
#include "pipelines/watch/settings.hpp"

namespace gatehouse::pipelines {

/// Reads the model's file. `fault`: why there is none although one was asked for.
watch::WatchSettings watch_settings_of(const WatchRules& rules, std::string& fault);

} // namespace gatehouse::pipelines
