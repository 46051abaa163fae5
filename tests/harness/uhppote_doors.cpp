// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/uhppote_doors.hpp"

#include "tests/harness/ports.hpp"

namespace gatehouse::harness {
namespace json = boost::json;
namespace {

std::vector<std::string> arguments(const UhppoteOptions& options) {
    const std::uint16_t port = options.port == 0 ? free_port() : options.port;
    std::vector<std::string> all{"--listen",         options.address + ":" + std::to_string(port),
                                 "--serial",         std::to_string(options.serial),
                                 "--doors",          std::to_string(options.doors),
                                 "--firmware",       options.firmware,
                                 "--capacity",       std::to_string(options.events_max),
                                 "--first-index",    std::to_string(options.first_index),
                                 "--cards",          std::to_string(options.cards),
                                 "--clock-offset",   std::to_string(options.clock_offset_s),
                                 "--seed",           std::to_string(options.seed),
                                 "--special-events", options.records_special ? "on" : "off"};
    all.insert(all.end(), options.more.begin(), options.more.end());
    return all;
}

} // namespace

UhppoteDoors::UhppoteDoors(const std::string& name, const UhppoteOptions& options, const std::filesystem::path& folder)
    : Simulator(name, "sim-uhppote", arguments(options), folder), address_(options.address), serial_(options.serial) {}

Made UhppoteDoors::swipe(std::uint32_t card, unsigned door, const std::string& direction) {
    return event({{"do", "swipe"}, {"card", card}, {"door", door}, {"direction", direction}});
}
Made UhppoteDoors::force_door(unsigned door) { return event({{"do", "raw"}, {"type", 3}, {"door", door}, {"card", 4 + door}, {"reason", 38}}); }
Made UhppoteDoors::hold_door(unsigned door) { return event({{"do", "hold"}, {"door", door}}); }
Made UhppoteDoors::press_button(unsigned door) { return event({{"do", "button"}, {"door", door}}); }

void UhppoteDoors::add_card(std::uint32_t card, std::vector<int> doors) {
    json::array permissions;
    for (const int door : doors) permissions.push_back(door);
    json::array cards;
    cards.push_back(json::object{{"card", card}, {"doors", std::move(permissions)}});
    control().post("/cards", json::object{{"cards", std::move(cards)}});
}

} // namespace gatehouse::harness
