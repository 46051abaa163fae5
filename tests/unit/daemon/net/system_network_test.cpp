// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/system_network.hpp"

#include "tests/unit/daemon/net/on_loop.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::net;
using namespace std::chrono_literals;

namespace {

// A listening socket that nobody serves: the kernel still takes connections.
struct Listener {
    int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::uint16_t port = 0;
    explicit Listener(const char* at = "127.0.0.1") {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        inet_pton(AF_INET, at, &address.sin_addr);
        REQUIRE(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
        REQUIRE(::listen(descriptor, 8) == 0);
        socklen_t size = sizeof(address);
        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
    }
    int accept() const { return ::accept(descriptor, nullptr, nullptr); }
    ~Listener() { ::close(descriptor); }
};

using Opened = Result<std::unique_ptr<Stream>>;

Task<Opened> connect(Network& network, std::string host, std::uint16_t port, std::string interface = {}) {
    Endpoint to{std::move(host), port};
    Binding binding{std::move(interface)};
    std::optional<TlsOptions> tls;
    co_return co_await network.connect(std::move(to), std::move(binding), std::move(tls), 2s);
}

Task<Result<std::string>> talk(Stream& stream, std::string words) {
    if (auto written = co_await stream.write(as_bytes(words)); !written) co_return std::move(written).error();
    Bytes into(100);
    auto read = co_await stream.read_some(into);
    if (!read) co_return std::move(read).error();
    co_return std::string(as_text(ByteView(into).first(*read)));
}

Task<Result<std::size_t>> read_one(Stream& stream, Bytes& into) { co_return co_await stream.read_some(into); }

} // namespace

TEST_CASE("endpoints are read with names, IPv4 and bracketed IPv6, and nothing else") {
    CHECK(parse_endpoint("broker.example:8883").value() == Endpoint{"broker.example", 8883});
    CHECK(parse_endpoint("[fe80::1]:80").value() == Endpoint{"fe80::1", 80});
    CHECK(to_text(Endpoint{"fe80::1", 80}) == "[fe80::1]:80");
    CHECK(to_text(parse_endpoint("10.0.0.1:1").value()) == "10.0.0.1:1");
    for (const char* bad : {"", "host", ":80", "host:", "host:65536", "host:-1", "a:b:80", "[::1:80", "[]:1", "[name]:1", "a b:1", "http://a:1"})
        CHECK_MESSAGE(parse_endpoint(bad).has_error(), bad);
}

TEST_CASE("a stream carries bytes both ways, tells the end as 0, and closing it is gone") {
    OnLoop on;
    Listener listener;
    auto stream = on.run(connect(*on.network, "127.0.0.1", listener.port)).value();
    const int peer = listener.accept();
    std::thread echo([peer] {
        char c[100];
        const auto n = ::read(peer, c, sizeof(c));
        if (::write(peer, c, static_cast<std::size_t>(n)) < 0) std::abort();
        ::close(peer);
    });
    CHECK(on.run(talk(*stream, "hello")).value() == "hello");
    echo.join();
    Bytes into(10);
    CHECK(on.run(read_one(*stream, into)).value() == 0);
    stream->close();
    const auto after = on.run(read_one(*stream, into));
    REQUIRE(after.has_error());
    CHECK(after.error().fault() == Fault::gone);
}

TEST_CASE("nobody listening is unreachable and names the endpoint") {
    OnLoop on;
    std::uint16_t port = 0;
    { port = Listener().port; }
    const auto failed = on.run(connect(*on.network, "127.0.0.1", port));
    REQUIRE(failed.has_error());
    CHECK(failed.error().fault() == Fault::unreachable);
    CHECK(failed.error().what().find("127.0.0.1:" + std::to_string(port)) != std::string::npos);
}

TEST_CASE("a network interface that does not exist is named") {
    OnLoop on;
    Listener listener;
    const auto failed = on.run(connect(*on.network, "127.0.0.1", listener.port, "ghx9"));
    REQUIRE(failed.has_error());
    CHECK(failed.error().fault() == Fault::unreachable);
    CHECK(failed.error().what().ends_with("network interface 'ghx9' does not exist"));
    const Endpoint any{"127.0.0.1", 0};
    CHECK(on.network->open_datagrams(any, Binding{"ghx9"}).error().what().find("'ghx9'") != std::string::npos);
}

TEST_CASE("each address of a name is tried, and last good addresses serve when the look-up fails") {
    OnLoop on;
    Listener listener("127.0.0.3");
    std::atomic<bool> dns_works = true;
    auto network = make_system_network(on.loop, on.clock, on.pool, [&](const std::string& name) -> Result<std::vector<std::string>> {
        if (!dns_works) return Error(Fault::unreachable, "looking up '" + name + "': no name server");
        return std::vector<std::string>{"127.0.0.2", "127.0.0.3"};
    });
    auto first = on.run(connect(*network, "camera.lan", listener.port));
    REQUIRE(first.has_value());
    CHECK((*first)->remote().host == "127.0.0.3");
    dns_works = false;
    CHECK(on.run(connect(*network, "camera.lan", listener.port)).has_value());
    const auto unknown = on.run(connect(*network, "other.lan", listener.port));
    REQUIRE(unknown.has_error());
    CHECK(unknown.error().what().find("no name server") != std::string::npos);
}

TEST_CASE("a name server that hangs costs half the limit once the name is known, and two threads of the pool at most") {
    OnLoop on;
    Listener listener;
    std::atomic<bool> hangs = false;
    std::atomic<int> running = 0, running_most = 0;
    auto network = make_system_network(on.loop, on.clock, on.pool, [&](const std::string&) -> Result<std::vector<std::string>> {
        running_most = std::max<int>(running_most, ++running);
        while (hangs) std::this_thread::yield();
        --running;
        return std::vector<std::string>{"127.0.0.1"};
    });
    CHECK(on.run(connect(*network, "camera.lan", listener.port)).has_value());
    hangs = true;
    CHECK(on.run(connect(*network, "camera.lan", listener.port)).has_value());
    for (const char* name : {"a.lan", "b.lan", "c.lan"})
        on.loop.spawn("asking",
                      [](Network& n, std::string host) -> Task<void> { auto ignored = co_await connect(n, std::move(host), 1); }(*network, name));
    on.loop.poll();
    hangs = false;
    on.loop.run();
    CHECK(running_most <= 2);
}

TEST_CASE("datagrams arrive with their sender, broadcast may be sent, and a closed socket is gone") {
    OnLoop on;
    auto one = on.network->open_datagrams(Endpoint{"127.0.0.1", 0}, Binding{}).value();
    auto other = on.network->open_datagrams(Endpoint{"127.0.0.1", 0}, Binding{}).value();
    struct Talk {
        static Task<Result<Datagram>> there(DatagramSocket& from, DatagramSocket& to) {
            Bytes bytes(3, 7);
            Endpoint target = to.local();
            auto sent = co_await from.send(std::move(target), std::move(bytes));
            if (!sent) co_return std::move(sent).error();
            co_return co_await to.receive();
        }
        static Task<Result<int>> shout(DatagramSocket& from) {
            Bytes bytes(1, 1);
            Endpoint all{"127.255.255.255", 9};
            auto sent = co_await from.send(std::move(all), std::move(bytes));
            if (!sent) co_return std::move(sent).error();
            co_return 1;
        }
        static Task<Result<int>> receive_until_closed(DatagramSocket& at, Loop& loop) {
            loop.post([&at] { at.close(); });
            auto got = co_await at.receive();
            if (!got) co_return std::move(got).error();
            co_return 1;
        }
    };
    const auto got = on.run(Talk::there(*one, *other)).value();
    CHECK(got.bytes == Bytes(3, 7));
    CHECK(got.from == one->local());
    CHECK(on.run(Talk::shout(*one)).has_value());
    const auto closed = on.run(Talk::receive_until_closed(*one, on.loop));
    REQUIRE(closed.has_error());
    CHECK(closed.error().fault() == Fault::gone);
}

TEST_CASE("closing or destroying a stream ends its waiting read with gone") {
    OnLoop on;
    Listener listener;
    struct Waiting {
        static Task<Result<std::size_t>> read(std::unique_ptr<Stream>& stream, Bytes& into, Loop& loop, bool destroys) {
            loop.post([&stream, destroys] {
                if (destroys)
                    stream.reset();
                else
                    stream->close();
            });
            co_return co_await stream->read_some(into);
        }
    };
    for (const bool destroys : {false, true}) {
        auto stream = on.run(connect(*on.network, "127.0.0.1", listener.port)).value();
        Bytes into(10);
        const auto ended = on.run(Waiting::read(stream, into, on.loop, destroys));
        REQUIRE(ended.has_error());
        CHECK(ended.error().fault() == Fault::gone);
    }
}

TEST_CASE("cancelling a read closes nothing") {
    OnLoop on;
    Listener listener;
    auto stream = on.run(connect(*on.network, "127.0.0.1", listener.port)).value();
    const int peer = listener.accept();
    struct Late {
        static Task<Result<std::size_t>> read(Clock& clock, Stream& s, Bytes& into) {
            auto work = s.read_some(into);
            co_return co_await within<std::size_t>(clock, 20ms, "reading", std::move(work));
        }
    };
    Bytes into(10);
    const auto late = on.run(Late::read(on.clock, *stream, into));
    REQUIRE(late.has_error());
    CHECK(late.error().fault() == Fault::timed_out);
    REQUIRE(::write(peer, "x", 1) == 1);
    CHECK(on.run(read_one(*stream, into)).value() == 1);
    ::close(peer);
}
