// SPDX-License-Identifier: Apache-2.0
//
// A broker over real TCP that acknowledges as a script says: never, twice, in another order, with any reason, for what nobody sent. Written
// from the text of MQTT 5.0 (OASIS, 2019-03-07) and nothing of ours. Behind it stands an application of its own, which keeps an event when
// the broker acknowledged it well, and receipts it. One thread, on which the script is called; everything else from any thread.
#pragma once

#include "tests/oracle/evidence.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::harness {

class ScriptedBroker {
public:
    /// One event that came in a QoS 1 PUBLISH on records or urgent. Sessions count from 1.
    struct Taken {
        std::uint64_t session = 0, sequence = 0;
        std::uint16_t packet = 0;
        std::string lane;
    };
    struct Ack {
        std::uint16_t packet = 0;
        std::uint8_t reason = 0;
    };
    /// What goes out upon an event; null: a session has just begun, or nothing came for 50 ms.
    using Script = std::function<std::vector<Ack>(const Taken*)>;

    /// Acknowledges at once until told otherwise. `receipts`: ranges or puback, as the settings know them.
    ScriptedBroker(std::string name, std::string receipts);
    ~ScriptedBroker();
    ScriptedBroker(const ScriptedBroker&) = delete;
    ScriptedBroker& operator=(const ScriptedBroker&) = delete;

    void follow(Script script);
    /// Every connection is reset.
    void drop();

    /// Its [[upstream]] of the gateway's settings; one event a message.
    std::string settings() const;
    /// What its application keeps, for the oracle.
    oracle::Platform evidence() const;

    std::uint64_t sessions() const;
    /// Events that came twice within one session.
    std::uint64_t repeats() const;
    /// The most events that were open (neither acknowledged nor of a session gone) at a time.
    std::size_t open_most() const;
    std::uint64_t taken() const;

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse::harness
