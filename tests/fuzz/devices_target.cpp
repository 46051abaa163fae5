// SPDX-License-Identifier: Apache-2.0
//
// devices.toml: entries or flaws; what config takes the registry takes too, or refuses in words.
#include "config/devices.hpp"
#include "daemon/registry/device.hpp"
#include "tests/fuzz/flaws.hpp"

namespace gatehouse::fuzz {

void devices(std::string_view bytes) {
    const auto outcome = config::parse_devices(bytes, "file.toml");
    must_hold(outcome.devices.has_value() == outcome.flaws.empty(), "devices or flaws");
    check_flaws(outcome.flaws, bytes);
    if (!outcome.devices) return;
    for (const auto& entry : outcome.devices->places) {
        const auto place = registry::read_place(config::to_json(entry));
        must_hold(place ? place->id == entry.id : !place.error().what().empty(), "a place is taken, or refused in words");
    }
    for (const auto& entry : outcome.devices->devices) {
        const auto device = registry::read_device(config::to_json(entry, "secret"));
        must_hold(device ? device->info.id == entry.id && device->info.password == "secret" : !device.error().what().empty(),
                  "a device is taken, or refused in words");
    }
}

} // namespace gatehouse::fuzz
