// SPDX-License-Identifier: Apache-2.0
//
// What one MQTT upstream is told. Plain values; whoever reads the configuration fills them in.
#pragma once

#include "daemon/base/crypto.hpp"
#include "daemon/net/mqtt_client.hpp"
#include "daemon/record/record.hpp"
#include "sync/entitlement.hpp"
#include "sync/mqtt/topics.hpp"
#include "sync/receipts.hpp"

#include <functional>
#include <optional>
#include <string>

namespace gatehouse::store {
class Store;
}

namespace gatehouse::sync::mqtt {

constexpr std::size_t batch_bytes_limit_max = 256 * 1024;
constexpr std::size_t batch_bytes_limit_min = 1024;
constexpr std::size_t batch_records_limit_max = 10'000;

struct UpstreamSettings {
    std::string name;     ///< "district"
    std::string gateway;  ///< "gw-7"
    std::string compound; ///< for what is published without a record
    std::string version;  ///< of the software

    net::Endpoint broker;
    net::Binding binding;
    std::optional<net::TlsOptions> tls;
    std::string username, password;
    net::MqttVersion mqtt = net::MqttVersion::v5;
    std::string client_id; ///< empty: "gatehouse-<gateway>"; the pictures lane's connection adds "-pictures"
    std::uint32_t session_expiry_s = 24 * 3600;
    std::uint16_t keep_alive_s = 20;
    Duration connect_limit = std::chrono::seconds(10);
    std::string root;       ///< empty: "gatehouse/v1/<gateway>"
    TopicNames topic_names; ///< those that are not the root's

    ReceiptMode receipts = ReceiptMode::ranges;
    Duration receipt_wait_min = std::chrono::seconds(30);
    Duration receipt_wait_max = std::chrono::seconds(600);
    Duration ack_wait = std::chrono::seconds(60); ///< a broker that takes and does not acknowledge for this long is disconnected
    Duration reconnect_min = std::chrono::seconds(1);
    Duration reconnect_max = std::chrono::seconds(60);
    std::size_t batch_records_max = 1'000;               ///< 1: plain structured mode
    std::size_t batch_bytes_max = batch_bytes_limit_max; ///< an event that is larger goes alone

    /// What it is entitled to today. When it differs from the newest version in the store, a version is added.
    Entitlement entitlement;
    /// A new upstream starts at the head; or at this position.
    std::optional<std::uint64_t> from;
    /// Whose requests are heard (keys overlap while one replaces another); none: every request is refused.
    std::vector<PublicKey> request_keys;
};

/// One page of a registry class: the text of a JSON object {"items":[…],"next":"<cursor>"}. Fault::gone: no such class.
using SnapshotProvider = std::function<Task<Result<std::string>>(std::string of, std::uint64_t at, std::string page)>;

/// What the request `clip` asks (W17): the text of a JSON object.
using ClipProvider = std::function<Task<Result<std::string>>(std::string upstream, json::object args)>;

/// Mode none: writes one day's signed count file. `name`: "counts-<upstream>-<day>.json".
using CountFile = std::function<void(std::string name, std::string content)>;

/// The broker keeps a status of this epoch whose head lies beyond ours: the log was taken back to an older copy. Begins a new epoch, so that
/// no position means two events.
using LogRewound = std::function<Task<Done>(std::string epoch, std::uint64_t head_there)>;

/// What an upstream lives among. All outlive it.
struct Surroundings {
    store::Store& store;
    net::MqttClient& client;
    Loop& loop;
    Clock& clock;
    Entropy& entropy;
    SigningKey signing;                     ///< SiteKeys::signing()
    Time process_started;                   ///< requests issued before it are refused
    std::function<std::string()> catalogue; ///< JSON text (W3); empty text: none yet
    SnapshotProvider snapshot = {};         ///< none: snapshots are refused as unsupported
    CountFile count_file = {};
    LogRewound log_rewound = {}; ///< none: it is an alarm, no more
    ClipProvider clip = {};      ///< none: clips are refused as unsupported
};

} // namespace gatehouse::sync::mqtt
