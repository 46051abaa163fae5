// SPDX-License-Identifier: Apache-2.0
//
// Vendors' event codes out of devices.events_directory, as the drivers want them.
#pragma once

#include "config/events.hpp"
#include "drivers/isapi/event_table.hpp"
#include "drivers/onvif/event_table.hpp"

#include <optional>
#include <string>

namespace gatehouse::app {

/// Rows whose kind this version does not know were refused when the file was read (config/events.hpp).
drivers::isapi::EventTable to_isapi(const config::EventCodes& codes);
drivers::onvif::EventTable to_onvif(const config::EventCodes& codes);

/// `directory`/isapi.toml and onvif.toml. None: there is no such file, or it has flaws, each of which is in the log with its line; what is in use
/// stays.
std::optional<drivers::isapi::EventTable> read_isapi_events(const std::string& directory, config::Language language);
std::optional<drivers::onvif::EventTable> read_onvif_events(const std::string& directory, config::Language language);

} // namespace gatehouse::app
