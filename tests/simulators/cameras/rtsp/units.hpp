// SPDX-License-Identifier: Apache-2.0
//
// What goes over an RTSP connection, cut into units (RFC 2326, 10.12): messages, and packets between '$', a channel and a length. And the little
// of RTP and RTCP (RFC 3550) that a simulator counts and spoils.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::simulators::cameras {

constexpr std::size_t message_bytes_max = 256 * 1024;

struct Unit {
    std::string bytes; // whole, with its framing
    bool is_packet = false;
    int channel = 0; // of a packet
    std::string_view payload() const { return std::string_view(bytes).substr(is_packet ? 4 : 0); }
};

class Units {
public:
    /// False: this is no RTSP, or a message is too large.
    bool feed(std::string_view bytes, std::vector<Unit>& out);

private:
    std::string rest_;
};

/// The value of a header, empty where there is none; names are compared without case.
std::string header(std::string_view message, std::string_view name);
/// With another value; without that header where the value is empty. Added where it was missing.
std::string with_header(std::string_view message, std::string_view name, std::string_view value);
/// With another body and its length.
std::string with_body(std::string_view message, std::string_view body);
std::string_view body(std::string_view message);

/// "5000-5001" after `name=` in a Transport header.
struct Pair {
    int first = -1, second = -1;
};
std::optional<Pair> transport_pair(std::string_view transport, std::string_view name);

/// RTP: the last packet of a frame.
bool has_marker(std::string_view packet);
std::uint32_t rtp_time(std::string_view packet);
void move_rtp_time(char* packet, std::size_t size, std::uint32_t by);
/// Moves the wall clock in every sender report of a compound packet.
void move_report_clock(char* packet, std::size_t size, std::chrono::microseconds by);
/// And the RTP time that belongs to it.
void move_report_rtp_time(char* packet, std::size_t size, std::uint32_t by);

} // namespace gatehouse::simulators::cameras
