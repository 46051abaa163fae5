// SPDX-License-Identifier: Apache-2.0
//
// Every sort of message that goes over the wire, made by the real upstream between a log and a broker in memory on simulated time (and by a
// platform that signs with a key known to all). The same bytes in each run: sync/samples/ is what is made here.
#pragma once

#include "daemon/net/mqtt_client.hpp"
#include "daemon/record/kind.hpp"

#include <string>
#include <vector>

namespace gatehouse::golden {

struct Sample {
    std::string file;           ///< below sync/samples
    std::string channel;        ///< of asyncapi.yaml; empty: no message, a file carried by hand
    std::string message;        ///< of asyncapi.yaml
    std::string schema;         ///< the definition that `text` follows
    std::string text;           ///< what stands in the file, without its last newline
    std::string what;           ///< for the list
    std::string source;         ///< where the values come from
    net::MqttMessage published; ///< upward only: as the broker got it
    bool is_down = false;
};

std::vector<Sample> make_samples();

/// The kinds in make_samples() that have an event of their own.
std::string file_of(Kind kind);

} // namespace gatehouse::golden
