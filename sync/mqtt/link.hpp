// SPDX-License-Identifier: Apache-2.0
//
// One MQTT connection that carries lanes: comes back with jittered back-off, publishes from acknowledgement to acknowledgement in its
// window, and leaves a broker that takes and never acknowledges. What is said at the beginning, and what is done with what arrives, is
// its owner's.
#pragma once

#include "daemon/base/backoff.hpp"
#include "sync/mqtt/lane_feed.hpp"
#include "sync/mqtt/topics.hpp"
#include "sync/mqtt/window.hpp"

#include <deque>
#include <functional>
#include <memory>

namespace gatehouse::sync::mqtt {

class Link {
public:
    struct Carried {
        LaneFeed* feed;
        std::string topic;
        bool urgent = false;
    };
    struct Hooks {
        std::function<std::optional<net::MqttMessage>()> will = {};
        /// After each connect, before the first event: subscribe, say `online`. A fault ends the connection.
        std::function<Task<Done>(net::MqttConnection&)> greet = {};
        std::function<void(net::MqttMessage)> arrived = {};
        /// Waits while nothing may be published at all (identity conflict).
        std::function<Task<void>()> until_allowed = {};
    };
    Link(Shared shared, std::string client_id, std::vector<Carried> carried, Hooks hooks);
    ~Link();

    /// For ever.
    Task<void> run();

    /// Something may be ready.
    void pump();
    /// Goes before everything else, as urgent. Dropped when there is no connection; at most control_max wait.
    bool say(net::MqttMessage message);
    /// A message of a resend; waits for room. Dropped when the connection ends.
    Task<void> publish_again(std::string topic, Outgoing out);
    /// Says goodbye with `last` (published and acknowledged first), and ends this session.
    void leave(std::optional<net::MqttMessage> last);

    bool is_online() const { return online_; }
    std::optional<Time> since() const { return since_; }
    const std::string& fault() const { return fault_; }
    /// The last try was answered, and turned away: certificate, name, password.
    bool is_refused() const { return is_refused_; }
    std::uint64_t sessions() const { return session_; }
    std::size_t packet_bytes_max() const { return packet_bytes_max_; }
    /// As the broker said at the last connect.
    bool keeps_retained() const { return keeps_retained_; }

private:
    struct Waiting {
        net::MqttMessage message;
        std::size_t bytes = 0;
    };
    struct Part {
        Waiting waiting;
        bool urgent = false;
        std::function<void(int reason)> acknowledged;
    };
    /// Answers why it ended.
    Task<Error> one_session();
    Task<void> watch();
    void send(net::MqttMessage message, std::size_t bytes, bool urgent, std::function<void(int reason)> acknowledged);
    void send_lane(const Carried& carried, std::size_t room);
    bool pump_one();
    static net::MqttMessage message_of(const std::string& topic, Payload payload);

    Shared shared_;
    std::string client_id_;
    std::vector<Carried> carried_;
    Hooks hooks_;
    Backoff backoff_;
    std::unique_ptr<net::MqttConnection> connection_;
    std::optional<Window> window_;
    std::uint64_t session_ = 0;
    bool online_ = false, pumping_ = false;
    std::optional<Time> since_;
    std::string fault_ = "not connected yet";
    bool is_refused_ = false;
    std::size_t packet_bytes_max_ = 0;
    bool keeps_retained_ = true;
    std::deque<Waiting> control_, again_;
    std::deque<Part> parts_;                ///< of a message that was begun: before anything else of its sort
    std::map<std::uint64_t, Instant> open_; ///< messages of no lane, by number
    std::uint64_t next_open_ = 1;
    Event again_room_;
    Event leave_;
    std::optional<net::MqttMessage> last_words_;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

} // namespace gatehouse::sync::mqtt
