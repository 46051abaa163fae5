// SPDX-License-Identifier: Apache-2.0
//
// The box between two networks, each in a namespace of its own: devices at 10.1.1.0/24, police at 10.2.2.0/24. Every frame on both
// cables is looked at; none of one network is ever seen on the other (promise 6; F49).
#include "tests/harness/world.hpp"
#include "tests/scenario/networks/two_networks.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <thread>

using namespace gatehouse::harness;
using namespace gatehouse::networks;

namespace {

/// All IPv4 and ARP frames that pass one of the gateway's cards, either way, from now on.
class Tapped {
public:
    /// `foreign`: the other network's first two bytes.
    Tapped(const char* card, std::array<std::uint8_t, 2> foreign)
        : foreign_(foreign), socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
        sockaddr_ll where{};
        where.sll_family = AF_PACKET;
        where.sll_protocol = htons(ETH_P_ALL);
        where.sll_ifindex = static_cast<int>(::if_nametoindex(card));
        const int bytes = 32 * 1024 * 1024;
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
        if (socket_ < 0 || ::bind(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) throw Trouble("can't tap a card");
        reader_ = std::thread([this] { read(); });
    }
    ~Tapped() {
        is_over_ = true;
        reader_.join();
        ::close(socket_);
    }
    Tapped(const Tapped&) = delete;
    Tapped& operator=(const Tapped&) = delete;

    std::uint64_t frames() const { return frames_; }
    std::uint64_t foreign() const { return foreign_frames_; }
    std::uint64_t missed() const {
        tpacket_stats figures{};
        socklen_t size = sizeof figures;
        ::getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &figures, &size);
        return figures.tp_drops;
    }

private:
    void read() {
        std::array<std::uint8_t, 65536> frame{};
        while (!is_over_) {
            pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
            if (::poll(&ready, 1, 50) <= 0) continue;
            const auto size = ::recv(socket_, frame.data(), frame.size(), MSG_DONTWAIT);
            if (size < 42 || frame[12] != 8 || (frame[13] != 0 && frame[13] != 6)) continue;
            ++frames_;
            // Source and target, as IPv4 and as ARP have them.
            const bool is_arp = frame[13] == 6;
            for (const std::size_t at : is_arp ? std::array<std::size_t, 2>{28, 38} : std::array<std::size_t, 2>{26, 30})
                if (frame[at] == foreign_[0] && frame[at + 1] == foreign_[1]) {
                    ++foreign_frames_;
                    break;
                }
        }
    }

    std::array<std::uint8_t, 2> foreign_;
    int socket_;
    std::atomic<bool> is_over_ = false;
    std::atomic<std::uint64_t> frames_ = 0, foreign_frames_ = 0;
    std::thread reader_;
};

/// What a program hears that connects: 0 or errno. For datagrams, what comes back upon one.
int knocked(int type, const char* address, std::uint16_t port) {
    const int knocker = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    const timeval limit{.tv_sec = 1, .tv_usec = 0};
    ::setsockopt(knocker, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    ::setsockopt(knocker, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &to.sin_addr);
    int answer = ::connect(knocker, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ? 0 : errno;
    std::array<char, 64> bytes{};
    if (answer == 0 && type == SOCK_DGRAM && ::send(knocker, bytes.data(), bytes.size(), 0) > 0 && ::recv(knocker, bytes.data(), bytes.size(), 0) < 0)
        answer = errno == ECONNREFUSED ? ECONNREFUSED : 0; // silence: somebody listens
    ::close(knocker);
    return answer;
}

} // namespace

TEST_CASE("between two networks: each packet on its own side though the routing table lies, listeners deaf on the other, forwarding told") {
    const Networks networks; // we stand in the gateway's
    GatewayOptions gateway;
    gateway.listen = "10.1.1.1";
    gateway.listen_interface = "ghdev";
    World world(gateway);
    PlatformOptions options;
    const auto port = static_cast<std::uint16_t>(18883);
    options.address = "10.2.2.2:" + std::to_string(port);
    options.more_settings = "interface = \"ghpol\"\n";
    options.broker.more = "listener " + std::to_string(port) + " 10.2.2.2\nallow_anonymous true\n";
    const Tapped dev("ghdev", {10, 2}), pol("ghpol", {10, 1});
    Platform* district = nullptr;
    {
        const In inside(networks.police);
        district = &world.platform("district", options);
    }
    UhppoteDoors* doors = nullptr;
    PlateCamera* camera = nullptr;
    {
        const In inside(networks.devices);
        UhppoteOptions with;
        with.address = "10.1.1.2";
        with.interface = "ghdev";
        doors = &world.uhppote("doors", with);
        IsapiOptions camera_with;
        camera_with.address = "10.1.1.2";
        camera_with.interface = "ghdev";
        camera = &world.plate_camera("north-gate", camera_with);
    }
    {
        const In inside(networks.police);
        world.start_platforms();
    }
    world.gateway().start();
    {
        const In inside(networks.devices);
        doors->burst(50);
        camera->drive("沪A7F3K2");
    }
    {
        const In inside(networks.police);
        district->wait_for("what the doors and the camera saw", [](Platform& p) { return p.kept().size() >= 50 && p.count("vehicle.entered") >= 1; });
        CHECK(district->figure("holes") == 0);
    }
    CHECK(dev.frames() > 50);
    CHECK(pol.frames() > 10);
    CHECK(dev.foreign() == 0);
    CHECK(pol.foreign() == 0);
    CHECK(dev.missed() + pol.missed() == 0);

    // The same listeners, from both sides; by true routes, so that an answer would be heard.
    shell("ip route del 10.1.1.2/32; ip route del 10.2.2.2/32");
    {
        const In inside(networks.devices);
        CHECK(knocked(SOCK_STREAM, "10.1.1.1", world.gateway().isapi_port()) == 0);
        CHECK(knocked(SOCK_DGRAM, "10.1.1.1", world.gateway().uhppote_port()) == 0);
    }
    {
        const In inside(networks.police);
        CHECK(knocked(SOCK_STREAM, "10.1.1.1", world.gateway().isapi_port()) == ECONNREFUSED);
        CHECK(knocked(SOCK_DGRAM, "10.1.1.1", world.gateway().uhppote_port()) == ECONNREFUSED);
    }

    int code = 0;
    CHECK(world.gateway().ctl({"check"}, &code).find("IP forwarding") == std::string::npos);
    shell("echo 1 > /proc/sys/net/ipv4/ip_forward");
    CHECK(world.gateway().ctl({"check"}, &code).find("IP forwarding is on") != std::string::npos);
    CHECK(code == 2);
}
