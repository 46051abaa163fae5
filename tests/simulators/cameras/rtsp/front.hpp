// SPDX-License-Identifier: Apache-2.0
//
// The camera's door: what clients connect to. Every byte between them and GStreamer's server passes through here, over TCP and UDP, so here is
// counted what was really sent, the camera's clock is put into sender reports, and the faults of line and protocol are made that a sound server
// does not know. io thread only; must outlive the io_context's run().
#pragma once

#include "tests/simulators/cameras/rtsp/units.hpp"
#include "tests/simulators/control/device_clock.hpp"
#include "tests/simulators/control/faults.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/json.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace gatehouse::simulators::cameras {

/// What one client got of one stream.
struct Served {
    std::uint64_t client = 0;
    std::string address;      // ADDRESS:PORT
    std::string stream;       // main, sub
    std::string transport;    // tcp, udp
    std::string since;        // ISO 8601, real UTC
    std::string until;        // empty while it lasts
    std::uint64_t frames = 0; // whole ones, handed to the kernel
    std::uint64_t packets = 0, bytes = 0;
};

class Front {
public:
    static constexpr std::size_t connections_max = 128;
    static constexpr std::size_t backlog_bytes_max = 16 * 1024 * 1024; // a slower client is cut off
    static constexpr std::size_t served_max = 10'000;

    Front(boost::asio::io_context& io, control::Faults& faults, const control::DeviceClock& clock, std::uint64_t seed);
    ~Front();
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    /// Port 0: any, then the same at every later listen. Throws boost::system::system_error where it is taken.
    void listen(const std::string& address, std::uint16_t port, std::uint16_t server_port);
    /// Told of every log-in with a password, and whether it was right; asked before whether any is let in at all.
    void watch_log_in(std::function<void(bool was_right)> told, std::function<bool()> is_refused) {
        log_in_told_ = std::move(told), log_in_refused_ = std::move(is_refused);
    }

    bool is_open() const { return acceptor_.has_value(); }
    /// Nothing listens any more and every connection is cut off.
    void close();
    std::uint16_t port() const { return port_; }

    /// Ends every client's connection: after what is on its way has gone (a camera that says goodbye), or by a reset.
    void drop(bool is_abrupt);
    /// The fault freeze is set for this stream.
    bool is_frozen(const std::string& stream) const;
    /// The faults half_open and slow_loris were set or cleared.
    void faults_changed();
    /// RTP time stamps of every stream are off by this much more from now on.
    void jump(double seconds) { rtp_shift_ += static_cast<std::uint32_t>(static_cast<std::int64_t>(seconds * 90'000)); }
    /// Bytes that are no RTSP, between two packets of every client over TCP.
    void inject(std::size_t bytes);

    boost::json::array served() const;
    std::uint64_t connections_made() const { return next_client_ - 1; }
    std::size_t connections() const;

private:
    class Connection;
    struct Leg;

    void accept();
    std::string spoiled_sdp(std::string sdp);

    boost::asio::io_context& io_;
    control::Faults& faults_;
    const control::DeviceClock& clock_;
    std::mt19937_64 random_;
    std::optional<boost::asio::ip::tcp::acceptor> acceptor_;
    std::vector<std::weak_ptr<Connection>> connections_;
    std::vector<Served> served_;
    std::uint16_t port_ = 0, server_port_ = 0;
    std::uint64_t next_client_ = 1;
    std::uint32_t rtp_shift_ = 0;
    std::function<void(bool)> log_in_told_ = [](bool) {};
    std::function<bool()> log_in_refused_ = [] { return false; };
};

} // namespace gatehouse::simulators::cameras
