// SPDX-License-Identifier: Apache-2.0
//
// MQTT as an interface: one connection to one broker. Paho (the real one) stays in mqtt_client.cpp; a simulation brings its own broker.
// All calls and callbacks are on the loop. Never more than in_flight_max() unacknowledged: publish the next from the acknowledgement.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/net/network.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::net {

enum class MqttVersion { v5, v3_1_1 };

struct MqttMessage {
    std::string topic;
    std::string payload;
    int qos = 1;
    bool retain = false;
    // MQTT 5 only; dropped on 3.1.1:
    std::string content_type;
    std::string response_topic;
    std::string correlation_data;
    std::vector<std::pair<std::string, std::string>> user_properties;
    std::optional<std::uint32_t> expiry_s;
};

struct MqttOptions {
    Endpoint broker;
    Binding binding;
    std::optional<TlsOptions> tls;
    std::string client_id;
    std::string username;
    std::string password;
    MqttVersion version = MqttVersion::v5;
    bool clean_start = false;
    std::uint32_t session_expiry_s = 24 * 3600;
    std::uint16_t keep_alive_s = 20;
    Duration connect_limit = std::chrono::seconds(10);
    std::optional<MqttMessage> will;
};

struct MqttConnected {
    bool session_present = false;
    std::uint16_t receive_max = 16;                   ///< min(16, CONNACK's Receive Maximum)
    std::size_t packet_bytes_max = 256 * 1024 * 1024; ///< CONNACK's Maximum Packet Size
    bool keeps_retained = true;                       ///< CONNACK's Retain Available
};

/// PUBACK's reason code (MQTT 5, 3.4.2.1): < 0x80 taken, else refused by the broker. 0 on 3.1.1.
struct MqttAcknowledged {
    int reason = 0;
};

class MqttConnection {
public:
    virtual ~MqttConnection() = default;

    /// Once per object. Resolves and opens TCP itself before Paho's connect (through a one-shot loopback CONNECT tunnel), so that a
    /// slow name or host never holds Paho's thread, which all connections share.
    virtual Task<Result<MqttConnected>> connect(MqttOptions options) = 0;

    /// `acked` is called exactly once, on the loop: PUBACK, or Fault::gone when the connection ended before. QoS 0 is acked when sent.
    virtual void publish(MqttMessage message, std::function<void(Result<MqttAcknowledged>)> acked) = 0;

    virtual Task<Done> subscribe(std::vector<std::string> filters) = 0;

    /// Arrived messages, in order; at most 1,024 wait, more are dropped and counted. Set before connect().
    virtual void on_message(std::function<void(MqttMessage)> handler) = 0;

    /// Returns why, once the connection is over (broker gone, taken over, network lost).
    virtual Task<Error> until_lost() = 0;

    /// Says DISCONNECT; with_will: so that the Last Will is sent (reason 0x04; on 3.1.1 by breaking off). Destroying the connection
    /// without this breaks it off too.
    virtual Task<void> disconnect(bool with_will) = 0;
};

/// Makes connections; one per process, shared by all upstreams.
class MqttClient {
public:
    virtual ~MqttClient() = default;
    virtual std::unique_ptr<MqttConnection> make_connection() = 0;
};
std::unique_ptr<MqttClient> make_paho_client(Loop& loop, Clock& clock, Network& network);

} // namespace gatehouse::net
