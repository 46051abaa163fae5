// SPDX-License-Identifier: Apache-2.0
//
// The one UDP port that all controllers send their events to, and discovery. A controller has a single listener address, sends each event
// once and unasked, and repeats its last one as heartbeat. Nothing is signed: a datagram is believed only when serial and source address
// are those of a registered controller.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/uhppote/get_device.hpp"
#include "drivers/uhppote/get_listener.hpp"
#include "drivers/uhppote/get_status.hpp"

#include <deque>
#include <map>

namespace gatehouse::drivers::uhppote {

constexpr std::size_t inbox_events_max = 256;
constexpr std::size_t discovered_max = 256;
constexpr Duration discovery_wait = std::chrono::milliseconds(2500);

/// An event as it was pushed.
struct Pushed {
    LoggedEvent event;
    Time heard_at{};
};

/// What one controller has pushed and its driver has not yet taken. Bounded: what does not fit is only counted, since catch-up reads it
/// from the controller's memory by its index. Loop only.
class Inbox {
public:
    /// False: full, dropped. A repeat of the last one offered (a heartbeat) counts as heard and takes no place.
    bool offer(const Status& status, Time heard_at, Instant heard_steady);
    std::optional<Pushed> take();
    void clear();

    /// Set when something was offered; the taker resets it.
    Event filled;
    std::optional<Instant> heard_steady; ///< the last datagram, heartbeat or event
    std::optional<Time> heard_at;
    std::uint64_t heartbeats = 0, dropped = 0;

private:
    std::deque<Pushed> waiting_;
    std::optional<LoggedEvent> last_;
};

class Listener {
public:
    struct Options {
        net::Endpoint bind_to; ///< empty host: all addresses; port 60000 itself would hear our own broadcasts
        net::Binding binding;
        net::Endpoint announced; ///< what controllers are told: an IPv4 literal; port 0: the port that was bound
    };
    Listener(Surroundings surroundings, Options options);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Opens the socket, so that the port is known. run() does it too.
    Done open();

    /// Hears for ever; opens the socket anew after a fault, with back-off. Ends by cancellation.
    Task<void> run();

    /// Where controllers are to send; none while the socket is not open or no usable address was given.
    std::optional<ListenerAddress> announced() const;

    /// Hands what comes from this serial and address to `inbox` until the answer is destroyed. Both outlive it.
    class Registration;
    [[nodiscard]] std::unique_ptr<Registration> join(std::uint32_t serial, std::string host, Inbox& inbox);

    struct Counters {
        std::uint64_t heard = 0, malformed = 0, unknown_serial = 0, wrong_source = 0;
    };
    const Counters& counters() const { return counters_; }
    const std::string& fault() const { return fault_; } ///< in plain words, empty while hearing

    /// One datagram as if heard now; tests and run() call it.
    void hear(const net::Datagram& datagram);

private:
    friend class Registration;
    Surroundings surroundings_;
    Options options_;
    std::unique_ptr<net::DatagramSocket> socket_;
    std::map<std::pair<std::uint32_t, std::string>, Inbox*> inboxes_;
    Counters counters_;
    std::string fault_;
};

class Listener::Registration {
public:
    Registration(Listener& listener, std::pair<std::uint32_t, std::string> who) : listener_(listener), who_(std::move(who)) {}
    ~Registration() { listener_.inboxes_.erase(who_); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

private:
    Listener& listener_;
    std::pair<std::uint32_t, std::string> who_;
};

struct Discovered {
    GetDeviceReply device;
    net::Endpoint address;
};

/// Asks everybody at `to` (x.x.x.255:60000, or one controller) who they are and collects answers for 2.5 s; each serial once.
Task<Result<std::vector<Discovered>>> discover(Surroundings surroundings, net::Endpoint to, net::Binding binding);

} // namespace gatehouse::drivers::uhppote
