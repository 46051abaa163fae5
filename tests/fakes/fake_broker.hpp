// SPDX-License-Identifier: Apache-2.0
//
// A broker in memory, for one thread and simulated time: everything that real ones do wrong, on command. Everything it calls back is
// posted to the loop, as the real client does.
#pragma once

#include "daemon/net/mqtt_client.hpp"

#include <deque>
#include <functional>
#include <map>
#include <set>

namespace gatehouse::fakes {

class FakeBroker final : public net::MqttClient {
public:
    explicit FakeBroker(Loop& loop) : loop_(loop) {}
    ~FakeBroker() override;
    std::unique_ptr<net::MqttConnection> make_connection() override;

    struct Published {
        std::string client_id;
        net::MqttMessage message;
        bool is_will = false;
    };
    struct Pending {
        std::uint64_t number = 0;
        std::string client_id, topic;
        std::size_t bytes = 0;
        std::function<void(Result<net::MqttAcknowledged>)> acked;
        void* connection = nullptr;
    };

    // How it behaves; may be changed at any time.
    bool is_reachable = true;    ///< connect: Fault::unreachable otherwise
    bool answers_connect = true; ///< false: connect never comes back
    enum class Acks { at_once, on_command, doubled } acks = Acks::at_once;
    std::uint16_t receive_max = 16;
    std::size_t packet_bytes_max = 256 * 1024 * 1024;
    bool keeps_retained = true; ///< what it says of itself; it keeps them all the same
    /// PUBACK's reason for a message; none: 0.
    std::function<int(const net::MqttMessage&)> reason = {};
    /// Called for each message that the broker took in.
    std::function<void(const Published&)> heard = {};

    // What happened.
    std::deque<Published> published;
    std::deque<Pending> pending; ///< Acks::on_command
    std::size_t connects = 0, open_most = 0;
    std::vector<net::MqttOptions> options;

    // What it does.
    /// Answers the oldest `count` publishes that wait.
    void acknowledge(std::size_t count, int with_reason = 0);
    /// Answers one that waits, in any order.
    void acknowledge_number(std::uint64_t number, int with_reason = 0);
    /// To every connection that has subscribed to the topic.
    void deliver(net::MqttMessage message);
    void deliver(std::string topic, std::string payload);
    /// All connections end, and their wills are published.
    void drop_all();
    bool is_connected(const std::string& client_id) const;
    std::size_t open() const { return open_; }

    std::vector<std::string> payloads_on(const std::string& topic) const;
    std::map<std::string, net::MqttMessage> retained;

private:
    class Connection;
    friend class Connection;
    void take(Connection& from, net::MqttMessage message, std::function<void(Result<net::MqttAcknowledged>)> acked);
    void keep(const std::string& client_id, const net::MqttMessage& message, bool is_will);
    /// By age: whatever is done to all of them is done in the same order in each run.
    struct Older {
        bool operator()(const Connection* one, const Connection* other) const;
    };
    Loop& loop_;
    std::set<Connection*, Older> connections_;
    std::uint64_t made_ = 0;
    std::uint64_t next_ = 1;
    std::size_t open_ = 0;
};

} // namespace gatehouse::fakes
