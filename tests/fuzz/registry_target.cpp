// SPDX-License-Identifier: Apache-2.0
//
// A device or a place as JSON: what the registry takes it keeps, and reads its own row again after a restart.
#include "daemon/registry/device.hpp"
#include "tests/fuzz/targets.hpp"

namespace gatehouse::fuzz {

using namespace registry;

namespace {

void check_device(const Device& device) {
    static const Key key = [] {
        start_crypto();
        return Key{};
    }();
    SeededEntropy entropy(1);
    const auto row = to_row(device, key, entropy);
    must_hold(row.size() < 1024 * 1024, "a row is bounded");
    const auto again = from_row(row, key);
    must_hold(again.has_value(), "a device that was taken can be read after a restart");
    must_hold(to_json(*again, true) == to_json(device, true) && again->info.password == device.info.password, "a device is read back as it was");
    must_hold(json::serialize(to_json(device, false)).find("192.0.2.77") == std::string::npos, "no address leaves");
    if (device.info.password.empty()) return;
    auto moved = json::parse(row).get_object();
    moved["id"] = device.info.id == "other" ? "another" : "other";
    must_hold(!from_row(json::serialize(moved), key), "a password is bound to its device");
}

} // namespace

void registry(std::string_view bytes) {
    const auto parsed = parse_json(bytes, 64 * 1024);
    if (!parsed || !parsed->is_object()) return;
    const auto& object = parsed->get_object();
    if (const auto place = read_place(object)) {
        const auto again = parse_json(json::serialize(to_json(*place)));
        must_hold(again && read_place(again->get_object()).value() == *place, "a place is read back as it was");
    }
    if (const auto device = read_device(object)) check_device(*device);
}

} // namespace gatehouse::fuzz
