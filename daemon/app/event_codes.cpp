// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/event_codes.hpp"

#include "daemon/base/log.hpp"

#include <unistd.h>

namespace gatehouse::app {

namespace {

std::optional<config::EventCodes> read_codes(const std::string& file, config::Language language) {
    if (::access(file.c_str(), F_OK) != 0) {
        log::info("gatehoused", "no table of event codes: the driver's own is in use", {{"file", file}});
        return std::nullopt;
    }
    auto read = config::read_events(file);
    for (const auto& flaw : read.flaws) log::error("gatehoused", config::to_text(flaw, language));
    if (!read.codes) log::error("gatehoused", "event codes not taken: the table in use stays", {{"file", file}});
    return std::move(read.codes);
}

} // namespace

drivers::isapi::EventTable to_isapi(const config::EventCodes& codes) {
    drivers::isapi::EventTable table;
    for (const auto& row : codes.access)
        if (const auto kind = kind_named(row.kind)) table.access.push_back({row.major, row.first, row.last, *kind, row.method, row.reason, row.code});
    for (const auto& row : codes.smart)
        if (const auto began = kind_named(row.began))
            table.smart.push_back({row.event, *began, kind_named(row.ended), row.code, row.only_with_faces});
    return table;
}

drivers::onvif::EventTable to_onvif(const config::EventCodes& codes) {
    drivers::onvif::EventTable table;
    for (const auto& row : codes.smart)
        if (const auto began = kind_named(row.began)) table.topics.push_back({row.event, row.item, *began, kind_named(row.ended), row.code});
    return table;
}

std::optional<drivers::isapi::EventTable> read_isapi_events(const std::string& directory, config::Language language) {
    const auto codes = read_codes(directory + "/isapi.toml", language);
    return codes ? std::optional(to_isapi(*codes)) : std::nullopt;
}

std::optional<drivers::onvif::EventTable> read_onvif_events(const std::string& directory, config::Language language) {
    const auto codes = read_codes(directory + "/onvif.toml", language);
    return codes ? std::optional(to_onvif(*codes)) : std::nullopt;
}

} // namespace gatehouse::app
