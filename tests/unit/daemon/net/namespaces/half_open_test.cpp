// SPDX-License-Identifier: Apache-2.0
//
// What the kernel says of a connection of which one way is dead: packets really dropped, by this machine or on the way.
#include "tests/unit/daemon/net/namespaces/own_namespace.hpp"
#include "tests/unit/daemon/net/on_loop.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <thread>

using namespace gatehouse;
using namespace gatehouse::net;
using namespace std::chrono_literals;

namespace {

/// The far end: a socket that takes one connection.
struct OneCaller {
    OneCaller() : listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t bytes = sizeof(at);
        REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0);
        REQUIRE(::listen(listener, 1) == 0);
        REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &bytes) == 0);
        port = ntohs(at.sin_port);
    }
    ~OneCaller() {
        ::close(caller);
        ::close(listener);
    }
    void take() {
        caller = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        const int yes = 1; // else its second word waits until we have the first
        ::setsockopt(caller, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    void say(std::string_view words) const { REQUIRE(::send(caller, words.data(), words.size(), 0) == static_cast<ssize_t>(words.size())); }
    int listener, caller = -1;
    std::uint16_t port = 0;
};

/// While it lives, nothing of ours reaches that port.
struct OurWayDead {
    OurWayDead(const char* hook, std::uint16_t port) {
        const auto rule = std::string("nft add table inet dead && nft 'add chain inet dead drops { type filter hook ") + hook +
                          " priority 0; }' && nft add rule inet dead drops tcp dport " + std::to_string(port) + " drop";
        if (std::system(rule.c_str()) != 0) skip("no packet can be dropped here");
    }
    ~OurWayDead() { static_cast<void>(std::system("nft delete table inet dead")); }
    OurWayDead(const OurWayDead&) = delete;
    OurWayDead& operator=(const OurWayDead&) = delete;
};

Task<Result<std::unique_ptr<Stream>>> call(Network& network, std::uint16_t port) {
    Endpoint to{"127.0.0.1", port};
    Binding binding;
    std::optional<TlsOptions> tls;
    co_return co_await network.connect(std::move(to), std::move(binding), std::move(tls), 2s);
}

Task<Result<bool>> say(Stream& stream, std::string words) {
    auto written = co_await stream.write(as_bytes(words));
    if (!written) co_return std::move(written).error();
    co_return true;
}

Task<Result<std::size_t>> hear(Stream& stream) {
    Bytes into(64);
    co_return co_await stream.read_some(into);
}

bool settles(const Stream& stream, bool is_waiting) {
    for (int i = 0; i < 300; ++i) {
        if (stream.taken().is_waiting == is_waiting) return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

} // namespace

TEST_CASE("a stream tells that what was said is not acknowledged, although the other end speaks") {
    enter_namespace();
    if (std::system("ip link set lo up") != 0) skip("`ip` can't bring up loopback here");
    for (const char* hook : {"input", "output"}) { // on the way, and by a firewall of this machine's
        INFO(hook);
        OneCaller far;
        OnLoop on;
        auto stream = on.run(call(*on.network, far.port)).value();
        far.take();
        on.run(say(*stream, "one")).value();
        CHECK(settles(*stream, false));
        const auto before = stream->taken();
        CHECK(before.bytes > 0);
        {
            const OurWayDead dead(hook, far.port);
            on.run(say(*stream, "two")).value();
            for (int i = 0; i < 3; ++i) {
                far.say("alive");
                CHECK(on.run(hear(*stream)).value() > 0);
                CHECK(stream->taken().is_waiting);
                CHECK(stream->taken().bytes == before.bytes);
            }
        }
        CHECK(settles(*stream, false));
        CHECK(stream->taken().bytes == before.bytes + 3);
    }
}
