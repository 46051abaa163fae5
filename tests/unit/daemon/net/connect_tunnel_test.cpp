// SPDX-License-Identifier: Apache-2.0
//
// The tunnel between Paho and a broker whose packets still come while ours are lost (F31), on a clock that the test moves.
#include "daemon/net/connect_tunnel.hpp"

#include "daemon/base/text.hpp"
#include "tests/fakes/sim_clock.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

using namespace gatehouse;
using namespace gatehouse::net;
using namespace std::chrono_literals;

namespace {

struct FarEnd {
    Taken taken;
    Event changed;
    std::string says; ///< what the next read gets
    bool hung_up = false, is_read_from = false;
};

class FarStream final : public Stream {
public:
    explicit FarStream(FarEnd& end) : end_(end) {}
    Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) override {
        end_.is_read_from = true;
        while (end_.says.empty() && !end_.hung_up) {
            end_.changed.reset();
            co_await end_.changed.wait();
        }
        const auto count = std::min(into.size(), end_.says.size());
        std::copy_n(end_.says.begin(), count, into.begin());
        end_.says.erase(0, count);
        co_return count;
    }
    Task<Done> write(ByteView) override { co_return Done(); }
    void close() override {
        end_.hung_up = true;
        end_.changed.set();
    }
    Endpoint remote() const override { return {"192.0.2.1", 1883}; }
    Taken taken() const override { return end_.taken; }

private:
    FarEnd& end_;
};

constexpr auto token = "5ecre7";

/// Paho's part, of which a test has no thread to spare: the tunnel answers before it has read the question.
int ask(const ConnectTunnel& tunnel) {
    const auto proxy = tunnel.proxy();
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(proxy.substr(proxy.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int near = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::connect(near, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0);
    const auto question =
        "CONNECT broker:1883 HTTP/1.1\r\nProxy-Authorization: Basic " + to_base64(as_bytes("gatehouse:" + std::string(token))) + "\r\n\r\n";
    REQUIRE(::send(near, question.data(), question.size(), 0) == static_cast<ssize_t>(question.size()));
    return near;
}

struct Carried {
    Carried() {
        loop.spawn("tunnel", run(*tunnel, is_over));
        near = ask(*tunnel);
        while (!far.is_read_from) loop.poll();
    }
    ~Carried() {
        tunnel->cut();
        while (!is_over) loop.poll();
        ::close(near);
    }

    Loop loop;
    fakes::SimClock clock{loop};
    FarEnd far;
    std::unique_ptr<ConnectTunnel> tunnel = ConnectTunnel::open(loop, clock, std::make_unique<FarStream>(far), token, 1000).value();
    int near = -1;
    bool is_over = false;

    void far_says(const std::string& words) {
        far.says += words;
        far.changed.set();
        for (int i = 0; i < 50; ++i) loop.poll();
    }
    /// All that has come out at the near end, behind the proxy's answer.
    std::string heard_near() {
        char piece[4096];
        for (ssize_t got = 0; (got = ::recv(near, piece, sizeof piece, MSG_DONTWAIT)) > 0;) heard.append(piece, static_cast<std::size_t>(got));
        const auto end = heard.find("\r\n\r\n");
        return end == std::string::npos ? std::string() : heard.substr(end + 4);
    }
    std::string heard;

private:
    static Task<void> run(ConnectTunnel& tunnel, bool& is_over) {
        co_await tunnel.run();
        is_over = true;
    }
};

} // namespace

TEST_CASE("the tunnel ends when what we said is acknowledged no more, and says so (F31)") {
    Carried carried;
    carried.clock.run_for(1h); // nothing said, nothing to wait for
    carried.far.taken = {1000, true};
    carried.clock.run_for(24s);
    CHECK(!carried.is_over);
    carried.clock.run_for(3s);
    CHECK(carried.is_over);
    REQUIRE(carried.tunnel->fault());
    CHECK(carried.tunnel->fault()->fault() == Fault::timed_out);
    CHECK(carried.tunnel->fault()->what() == "192.0.2.1:1883 has acknowledged nothing for 25 s");
}

TEST_CASE("the tunnel stays while a slow line acknowledges anything at all") {
    Carried carried;
    for (std::uint64_t i = 1; i <= 20; ++i) {
        carried.far.taken = {1000 + i, true};
        carried.clock.run_for(20s);
    }
    CHECK(!carried.is_over);
    // All of it came at last; what is said much later has its own time.
    carried.far.taken.is_waiting = false;
    carried.clock.run_for(1min);
    carried.far.taken.is_waiting = true;
    carried.clock.run_for(20s);
    CHECK(!carried.is_over);
    CHECK_FALSE(carried.tunnel->fault());
}

TEST_CASE("a packet that says that it is larger than was agreed ends the tunnel, and Paho, which would make room for it, hears nothing of it (F41)") {
    for (const char* length : {"\xe9\x07", "\xff\xff\xff\x7f", "\xff\xff\xff\xff\x01", "\x80\x80\x80\x80"}) { // 1001, 2^28 - 1, and no MQTT
        Carried carried;
        carried.far_says(std::string("\x40\x02\x00\x01", 4)); // a PUBACK
        CHECK(!carried.is_over);
        carried.far_says(std::string("\x30") + length);
        CHECK(carried.is_over);
        REQUIRE(carried.tunnel->fault());
        CHECK(carried.tunnel->fault()->what() == "192.0.2.1:1883 sends a larger packet than was agreed");
        CHECK(carried.heard_near() == std::string("\x40\x02\x00\x01", 4));
    }
    // Of the size that was agreed, and cut anywhere.
    Carried carried;
    const auto packet = std::string("\x30\xe8\x07") + std::string(1000, 'x');
    for (const char byte : packet + packet) {
        carried.far_says(std::string(1, byte));
        carried.heard_near();
    }
    CHECK(!carried.is_over);
    CHECK((carried.heard_near() == packet + packet));
}
