// SPDX-License-Identifier: Apache-2.0
//
// The program at the far end of the broker, written from sync/README.md: keeps each event once, receipts what it keeps, and judges each
// lane digest (W10). Its moods are faults of a platform that the gateway must bear.
#pragma once

#include "daemon/base/json.hpp"
#include "tests/fakes/fake_broker.hpp"
#include "tests/oracle/evidence.hpp"
#include "tests/simulation/trace.hpp"

#include <set>

namespace gatehouse::world {

class Platform {
public:
    using Sequence = std::pair<std::string, std::uint64_t>; ///< epoch, sequence
    struct Event {
        std::string id, kind;
        std::uint64_t previous = 0;
        Digest hash{};
        bool refused = false, revised = false;
    };
    struct Lane {
        std::map<Sequence, Event> held;
        std::map<Sequence, std::set<std::string>> pictures_seen;
        std::set<Sequence> fresh; ///< to be receipted next
        std::uint64_t repeats = 0;
    };
    /// An alarm that came before it was stored (W13), and in which life of the gateway.
    struct Volatile {
        std::string id;
        std::size_t life = 0;
    };

    Platform(Clock& clock, Entropy& chance, fakes::FakeBroker& broker, simulation::Trace& trace, std::string root);
    Task<void> run();

    // Moods.
    bool is_deaf = false;   ///< nothing that the broker took arrives
    bool is_silent = false; ///< it keeps, and receipts nothing
    bool is_slow = false;   ///< receipts minutes later
    bool repeats = false;   ///< each receipt twice, and the newest before the older
    bool forgets = false;   ///< now and then it dies before its own commit
    bool lies = false;      ///< now and then a receipt for what nobody sent, of another epoch, or no receipt at all
    bool refuses = false;   ///< one event in forty is poison to it
    /// After a mood: it tells all that it holds.
    void receipt_everything();

    std::map<std::string, Lane> lanes;
    std::vector<Volatile> volatiles;
    std::string wrong; ///< the first thing that must never arrive
    std::size_t receipts_sent = 0, lies_told = 0;
    std::size_t life = 0; ///< of the gateway, set by whoever starts it
    bool has_nothing_to_say() const;
    /// Every lane digest against what is held: the first that does not fit, in words.
    std::string judge_digests() const;
    std::size_t digests_judged() const { return digests_.size(); }
    /// In the oracle's words.
    oracle::Platform evidence() const;

private:
    void hear(const net::MqttMessage& message);
    void take_events(const net::MqttMessage& message);
    void take_picture(const net::MqttMessage& message);
    void receipt(const std::string& name, Lane& lane);
    void send(const json::object& receipt);
    void lie();
    void forget();

    Clock& clock_;
    Entropy& chance_;
    fakes::FakeBroker& broker_;
    simulation::Trace& trace_;
    std::string root_, epoch_;
    std::map<Sequence, json::object> digests_;
    std::set<std::pair<std::string, Sequence>> receipted_; ///< lane; it has committed them
    std::string held_back_;
    gatehouse::Event something_;
};

} // namespace gatehouse::world
