// SPDX-License-Identifier: Apache-2.0
//
// How long the packets of an MQTT stream say that they are (MQTT 5.0, 2.1: one byte of kind, then one to four of length, seven bits each,
// lowest first). Paho makes room for what a packet says, up to 256 MiB, whatever Maximum Packet Size was agreed: so the lengths are read
// before it. No I/O.
#pragma once

#include "daemon/base/bytes.hpp"

#include <algorithm>
#include <cstdint>

namespace gatehouse::net::inside {

class MqttLengths {
public:
    explicit MqttLengths(std::uint32_t packet_bytes_max) : packet_bytes_max_(packet_bytes_max) {}

    /// The next bytes of the stream, cut anywhere. False: a packet says more than may be, or its length has no end; nothing after that has a
    /// meaning.
    bool admit(ByteView bytes) {
        for (std::size_t at = 0; at < bytes.size();) {
            if (rest_ > 0) {
                const auto skipped = std::min<std::size_t>(rest_, bytes.size() - at);
                rest_ -= static_cast<std::uint32_t>(skipped);
                at += skipped;
                continue;
            }
            if (!take(bytes[at++])) return false;
        }
        return true;
    }

private:
    bool take(std::uint8_t byte) {
        if (digits_ == 0) { // the kind
            digits_ = 1;
            length_ = 0;
            return true;
        }
        length_ |= std::uint32_t{byte & 0x7fu} << (7 * (digits_ - 1));
        if (length_ > packet_bytes_max_) return false;
        if ((byte & 0x80u) != 0) return ++digits_ <= digits_max;
        rest_ = length_;
        digits_ = 0;
        return true;
    }

    static constexpr unsigned digits_max = 4;
    std::uint32_t packet_bytes_max_;
    std::uint32_t rest_ = 0, length_ = 0;
    unsigned digits_ = 0; ///< 0: a kind comes next; else which byte of the length
};

} // namespace gatehouse::net::inside
