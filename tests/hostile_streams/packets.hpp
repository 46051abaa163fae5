// SPDX-License-Identifier: Apache-2.0
//
// Pictures as RTP packets (RFC 3550; RFC 6184 for H.264, RFC 7798 for H.265), and what may be done to those.
#pragma once

#include "tests/hostile_streams/pictures.hpp"

#include <optional>

namespace gatehouse::hostile {

struct Packet {
    std::uint8_t channel = 0; ///< 0 RTP, 1 RTCP
    Bytes bytes;
    std::optional<std::uint16_t> said_length{}; ///< what stands before it, where that is a lie
};

/// In whole: single units and fragmentation units, 25 pictures a second, a sender report first.
std::vector<Packet> packets_of(const Film& film);
/// As they go over the RTSP connection (RFC 2326, 10.12).
Bytes interleaved(const std::vector<Packet>& packets);
/// Spoils them in one to three ways; answers their names.
std::string spoil(std::vector<Packet>& packets, bool is_h265, Dice& dice);

} // namespace gatehouse::hostile
