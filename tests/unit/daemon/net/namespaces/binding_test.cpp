// SPDX-License-Identifier: Apache-2.0
//
// The box between two networks, in a network namespace of our own: ghdev0 (devices) and ghpol0 (police, holding the default route).
// Nothing leaves by the wrong one.
#include "daemon/net/http.hpp"
#include "daemon/net/interfaces.hpp"
#include "tests/unit/daemon/net/namespaces/own_namespace.hpp"
#include "tests/unit/daemon/net/on_loop.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

using namespace gatehouse;
using namespace gatehouse::net;
using namespace std::chrono_literals;

namespace {

/// A network card whose cable ends in this program.
struct Tap {
    explicit Tap(const char* name) : descriptor(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)) {
        ifreq request{};
        std::snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
        request.ifr_flags = IFF_TAP | IFF_NO_PI;
        if (descriptor < 0 || ::ioctl(descriptor, TUNSETIFF, &request) != 0) skip("this machine grants no TAP interface");
    }
    ~Tap() { ::close(descriptor); }
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;

    /// IPv4 and ARP frames that left since the last call (the kernel chats in IPv6 by itself).
    int frames_out() const {
        int frames = 0;
        std::array<unsigned char, 2048> frame{};
        while (::read(descriptor, frame.data(), frame.size()) > 14) frames += frame[12] == 8 ? 1 : 0;
        return frames;
    }
    int descriptor;
};

void set_up_addresses() {
    const int done =
        std::system("ip link set lo up && ip addr add 10.1.1.1/24 dev ghdev0 && ip addr add 10.2.2.1/24 dev ghpol0 && ip link set ghdev0 up && "
                    "ip link set ghpol0 up && ip route add default via 10.2.2.254");
    if (done != 0) skip("`ip` can't set addresses here");
}

Task<Result<bool>> shout(DatagramSocket& socket, std::string host) {
    Endpoint to{std::move(host), 60000};
    Bytes bytes(64, 1);
    auto sent = co_await socket.send(std::move(to), std::move(bytes));
    if (!sent) co_return std::move(sent).error();
    co_return true;
}

Task<Result<bool>> connect(Network& network, std::string host, std::uint16_t port, std::string interface) {
    Endpoint to{std::move(host), port};
    Binding binding{std::move(interface)};
    std::optional<TlsOptions> tls;
    auto stream = co_await network.connect(std::move(to), std::move(binding), std::move(tls), 300ms);
    if (!stream) co_return std::move(stream).error();
    co_return true;
}

Task<HttpResponse> never(HttpRequest) { co_return HttpResponse{}; }

} // namespace

TEST_CASE("what is bound to an interface leaves by it alone, and what listens there hears it alone") {
    enter_namespace();
    const Tap devices("ghdev0"), police("ghpol0");
    set_up_addresses();
    OnLoop on;

    // A broadcast and a packet to a far address go out by the interface that was named, not by the default route.
    for (const char* to : {"255.255.255.255", "203.0.113.7"}) {
        auto bound = on.network->open_datagrams(Endpoint{"", 0}, Binding{"ghdev0"}).value();
        devices.frames_out(), police.frames_out();
        on.run(shout(*bound, to)).value();
        // The neighbour is asked for first; either way something leaves, and by ghdev0.
        CHECK(devices.frames_out() > 0);
        CHECK(police.frames_out() == 0);
    }
    // The same without a name takes the default route: the name is what makes the difference.
    auto unbound = on.network->open_datagrams(Endpoint{"", 0}, Binding{}).value();
    on.run(shout(*unbound, "203.0.113.8")).value();
    CHECK(devices.frames_out() == 0);
    CHECK(police.frames_out() > 0);

    auto server = make_http_server(on.loop, on.clock, {}, never);
    const auto everywhere = server->listen_tcp(Endpoint{"", 0}, Binding{}).value();
    const auto devices_only = server->listen_tcp(Endpoint{"", 0}, Binding{"ghdev0"}).value();
    // Our own addresses are reached by loopback, which is neither of the two networks.
    CHECK(on.run(connect(*on.network, "127.0.0.1", everywhere, "")).has_value());
    CHECK(on.run(connect(*on.network, "127.0.0.1", everywhere, "lo")).has_value());
    CHECK(on.run(connect(*on.network, "127.0.0.1", everywhere, "ghpol0")).has_error());
    CHECK(on.run(connect(*on.network, "127.0.0.1", devices_only, "")).has_error());
    CHECK(on.run(connect(*on.network, "10.2.2.1", devices_only, "")).has_error());

    bool has_devices = false;
    const auto all = interfaces().value();
    for (const auto& each : all)
        has_devices = has_devices || (each.name == "ghdev0" && each.is_up && each.addresses.at(0) == InterfaceAddress{"10.1.1.1", 24});
    CHECK(has_devices);
    CHECK(shared_subnets(all).empty());
    REQUIRE(std::system("ip addr add 10.1.0.7/16 dev ghpol0") == 0);
    CHECK(shared_subnets(interfaces().value()).size() == 1);
}
