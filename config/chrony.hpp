// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/settings.hpp"

namespace gatehouse::config {

/// What chrony needs to know to keep our clock and to serve time to the device network, by the settings `time.*`: a file of
/// /etc/chrony/conf.d. Only comments where nothing is set. chrony.conf(5), chrony 4.3.
std::string chrony_fragment(const Settings& settings);

} // namespace gatehouse::config
