// SPDX-License-Identifier: Apache-2.0
//
// A plain MQTT 5 client on Debian's libmosquitto: the yardstick's publisher, and the subscriber at the far end that says when what arrived.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::bench {

struct Arrived {
    double at_s = 0; ///< Unix time, so that it compares with a simulator's ledger
    std::string payload;
};

class Listener {
public:
    /// Connected and subscribed (QoS 1) when this returns; throws std::runtime_error where it can't within ten seconds.
    Listener(std::uint16_t port, const std::string& topic);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::size_t count() const;
    /// All so far, in order.
    std::vector<Arrived> arrived() const;
    /// Until `count` messages came, or `within_s` seconds have gone: then it throws.
    void wait_for(std::size_t count, double within_s) const;
    /// Publishes with QoS 1 from this client.
    void publish(const std::string& topic, std::string_view payload);

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// Unix time in seconds.
double unix_now();

} // namespace gatehouse::bench
