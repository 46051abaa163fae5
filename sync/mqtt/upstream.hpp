// SPDX-License-Identifier: Apache-2.0
//
// A platform reached over MQTT (sync/README.md, all of it). Lives on the loop.
#pragma once

#include "sync/mqtt/settings.hpp"
#include "sync/upstream.hpp"

#include <memory>

namespace gatehouse::sync::mqtt {

class MqttUpstream : public Upstream {
public:
    /// Asks Surroundings::catalogue again and publishes what it says.
    virtual void catalogue_changed() = 0;

    /// W13: an alarm that the disk does not take. The caller has given it an id, and appends it under the same id when the disk is back.
    /// False: no connection, of another lane, or not entitled.
    virtual bool send_volatile(const Record& record) = 0;
};

/// Fault::malformed: settings that can't be (topic root, name).
Result<std::unique_ptr<MqttUpstream>> make_mqtt_upstream(UpstreamSettings settings, Surroundings around);

} // namespace gatehouse::sync::mqtt
