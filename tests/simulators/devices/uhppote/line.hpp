// SPDX-License-Identifier: Apache-2.0
//
// The wire between a controller and its host, with everything that goes wrong on one: each datagram that the
// controller sends passes here and comes out as none, one or several, now or later. No sockets, no timers: the program
// does what it says.
#pragma once

#include "tests/simulators/control/faults.hpp"
#include "tests/simulators/devices/uhppote/wire.hpp"

#include <chrono>
#include <random>

namespace gatehouse::simulators::uhppote {

enum class Way : std::uint8_t { reply, push };

class Line {
public:
    /// A held datagram (fault reorder) leaves at the latest after this.
    static constexpr std::chrono::milliseconds held_max{500};

    Line(control::Faults& faults, std::uint64_t seed) : faults_(faults), random_(seed) {}

    struct Sending {
        Bytes bytes;
        Way way{};
        std::uint64_t to = 0; // the program's own note of where it goes
        std::chrono::milliseconds late{0};
    };
    std::vector<Sending> pass(Bytes datagram, Way way, std::uint64_t to);

    /// The datagram held back to be overtaken, if any.
    std::vector<Sending> release();

private:
    void spoil(Bytes& datagram);

    control::Faults& faults_;
    std::mt19937_64 random_;
    std::vector<Sending> held_;
};

} // namespace gatehouse::simulators::uhppote
