// SPDX-License-Identifier: Apache-2.0
//
// A four-door controller (sim-uhppote) in a story: people swipe cards, doors are forced, cables break.
#pragma once

#include "tests/harness/simulator.hpp"

namespace gatehouse::harness {

struct UhppoteOptions {
    std::uint32_t serial = 425316788;
    unsigned doors = 4;
    std::string firmware = "0x0662";
    std::size_t events_max = 204'800;
    std::uint32_t first_index = 1;
    unsigned cards = 40; // 8100001 and on
    double clock_offset_s = 0;
    bool records_special = false;
    std::uint64_t seed = 1;
    std::string address = "127.0.0.1"; // any 127.x.x.x: controllers of one site differ in address, not port
    std::uint16_t port = 0;            // 0: one that is free
    std::string interface {};          // that the gateway reaches it by
    std::vector<std::string> more{};   // further arguments
};

class UhppoteDoors : public Simulator {
public:
    UhppoteDoors(const std::string& name, const UhppoteOptions& options, const std::filesystem::path& folder);

    const std::string& address() const { return address_; }
    std::uint16_t udp_port() const { return port("udp"); }
    std::uint32_t serial() const { return serial_; }

    Made swipe(std::uint32_t card, unsigned door = 1, const std::string& direction = "in");
    Made force_door(unsigned door = 1);
    Made hold_door(unsigned door = 1);
    Made press_button(unsigned door = 1);
    void add_card(std::uint32_t card, std::vector<int> doors = {1, 1, 1, 1});

    /// Unplugged: deaf and dumb, while events go on being made and kept.
    void unplug() { fault("mute"); }
    void plug() { mend("mute"); }
    /// The oldest `events` in memory are overwritten.
    void wrap_memory(std::size_t events) { fault("wrap", {{"lost", events}}); }
    std::uint32_t last_index() const { return state().at("last").to_number<std::uint32_t>(); }

private:
    std::string address_;
    std::uint32_t serial_;
};

} // namespace gatehouse::harness
