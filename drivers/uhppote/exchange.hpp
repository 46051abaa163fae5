// SPDX-License-Identifier: Apache-2.0
//
// One question, one answer, one at a time. The protocol has no request number, so each question goes out from a socket of its own: an
// answer that comes late reaches a port that is closed, and never passes for the answer to the next question.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/uhppote/packet.hpp"

namespace gatehouse::drivers::uhppote {

constexpr Duration reply_wait = std::chrono::milliseconds(2500);
constexpr Duration request_pause = std::chrono::milliseconds(20); ///< between two requests: a controller keeps a small queue
constexpr int tries_max = 3;
constexpr std::uint16_t controller_port = 60000;

/// Lives on the loop; outlives every ask(). A cancelled ask() gives its turn back.
class Exchange {
public:
    /// Holds both by reference. The address is a literal; port 0 stands for 60000.
    Exchange(const Surroundings& surroundings, const DeviceInfo& device);

    /// Reads and writes that are harmless twice: three tries of 2.5 s.
    Task<Result<Packet>> ask(Packet request) { return ask(request, false); }

    /// Opening a door: goes before everything that waits, and is sent a second time at most, within 3 s of the first.
    Task<Result<Packet>> ask_to_open(Packet request) { return ask(request, true); }

    /// Which controller stands at the address, whatever its serial: one question, one wait. A controller is silent to a serial that is not
    /// its own, so a wrong one and an empty address look alike until this is asked. None: nobody answered.
    Task<std::optional<std::uint32_t>> who_is_there();

    struct Counters {
        std::uint64_t asked = 0, repeated = 0, unanswered = 0;
        std::uint64_t strays = 0;    ///< from another address or serial
        std::uint64_t malformed = 0; ///< from the right address, but no answer of this protocol to this question
    };
    const Counters& counters() const { return counters_; }
    net::Endpoint address() const;

private:
    class Turn;
    Task<Result<Packet>> ask(Packet request, bool opens_a_door);
    /// `serial` 0: any.
    Task<Result<Packet>> receive_answer(net::DatagramSocket& socket, Function function, std::uint32_t serial);

    const Surroundings& surroundings_;
    const DeviceInfo& device_;
    Counters counters_;
    bool taken_ = false;
    std::size_t doors_waiting_ = 0;
    Event given_back_;
    Instant quiet_until_{};
};

} // namespace gatehouse::drivers::uhppote
