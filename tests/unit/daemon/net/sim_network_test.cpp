// SPDX-License-Identifier: Apache-2.0
//
// The simulated network itself: what it promises, the tests of everything else believe.
#include "tests/unit/daemon/net/sim_world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::net;
using namespace std::chrono_literals;

namespace {

const Endpoint device{"192.168.1.9", 80};

Task<Result<std::unique_ptr<Stream>>> connect(Network& network, Duration limit) {
    Endpoint to = device;
    Binding binding;
    std::optional<TlsOptions> tls;
    co_return co_await network.connect(std::move(to), std::move(binding), std::move(tls), limit);
}

Task<Result<std::size_t>> read_one(Stream& stream, Bytes& into) { co_return co_await stream.read_some(into); }
Task<Done> write_one(Stream& stream, const Bytes& bytes) { co_return co_await stream.write(bytes); }

Task<void> echo(std::unique_ptr<Stream> stream) {
    Bytes into(100);
    for (;;) {
        auto read = co_await stream->read_some(into);
        if (!read || *read == 0) co_return;
        auto written = co_await stream->write(ByteView(into).first(*read));
        if (!written) co_return;
    }
}

Task<Result<Datagram>> receive(DatagramSocket& at) { co_return co_await at.receive(); }
Task<Done> send(DatagramSocket& from, Endpoint to, Bytes bytes) { co_return co_await from.send(std::move(to), std::move(bytes)); }

} // namespace

TEST_CASE("simulated streams: refused without a server, delayed, cut, mended, broken by long silence and by reset") {
    SimWorld world;
    CHECK(world.run(connect(world.network, 1s)).value().error().fault() == Fault::unreachable);
    world.network.listen(device, echo);
    world.network.set_delay(200ms);
    const auto from = world.clock.steady_now();
    auto stream = world.run(connect(world.network, 1s)).value().value();
    CHECK(world.clock.steady_now() - from >= 400ms);
    CHECK(world.run(connect(world.network, 300ms)).value().error().fault() == Fault::timed_out);

    const Bytes words(3, 'x');
    Bytes into(10);
    CHECK(world.run(write_one(*stream, words)).value().has_value());
    const auto asked = world.clock.steady_now();
    CHECK(world.run(read_one(*stream, into)).value().value() == 3);
    CHECK(world.clock.steady_now() - asked >= 300ms);

    world.network.cut(device.host);
    CHECK(world.run(write_one(*stream, words)).value().has_value());
    CHECK_FALSE(world.run(read_one(*stream, into), 10s).has_value());
    CHECK(world.run(connect(world.network, 1s)).value().error().fault() == Fault::timed_out);
    world.network.mend(device.host);
    world.clock.run_for(1s);
    CHECK(world.network.streams_open(device.host) == 1);
    // Two cuts shorter than the silence that breaks don't add up.
    world.network.cut(device.host);
    world.clock.run_for(20s);
    world.network.mend(device.host);
    world.network.cut(device.host);
    world.clock.run_for(25s);
    CHECK(world.network.streams_open(device.host) == 1);
    world.clock.run_for(6s);
    CHECK(world.network.streams_open(device.host) == 0);
    CHECK(world.run(read_one(*stream, into)).value().error().fault() == Fault::unreachable);
    world.network.mend(device.host);
    stream = world.run(connect(world.network, 1s)).value().value();
    world.network.reset(device.host);
    CHECK(world.run(write_one(*stream, words)).value().error().fault() == Fault::unreachable);
}

TEST_CASE("simulated streams hold 64 KiB, then the writer waits; the end comes after all bytes") {
    SimWorld world;
    std::unique_ptr<Stream> far;
    world.network.listen(device, [&](std::unique_ptr<Stream> stream) -> Task<void> {
        far = std::move(stream);
        co_return;
    });
    auto near = world.run(connect(world.network, 1s)).value().value();
    const Bytes much(100'000, 'x');
    auto writing = std::make_shared<bool>(false);
    world.loop.spawn("writing", [](Stream& stream, const Bytes& bytes, std::shared_ptr<bool> done) -> Task<void> {
        auto written = co_await stream.write(bytes);
        *done = written.has_value();
        stream.close();
    }(*near, much, writing));
    world.clock.run_for(1s);
    CHECK_FALSE(*writing);
    std::size_t came = 0;
    Bytes into(7000);
    for (;;) {
        const auto read = world.run(read_one(*far, into)).value().value();
        if (read == 0) break;
        came += read;
    }
    CHECK(came == much.size());
    CHECK(*writing);
}

TEST_CASE("simulated datagrams find their socket, broadcast finds all but the sender, and so many are lost") {
    SimWorld world;
    auto gateway = world.network.open_datagrams(Endpoint{"", 60001}, Binding{}).value();
    auto one = world.network.open_datagrams(Endpoint{"192.168.1.21", 60000}, Binding{}).value();
    auto two = world.network.open_datagrams(Endpoint{"192.168.1.22", 60000}, Binding{}).value();
    CHECK(world.network.open_datagrams(Endpoint{"192.168.1.22", 60000}, Binding{}).error().fault() == Fault::busy);
    CHECK(world.run(send(*gateway, Endpoint{"192.168.1.21", 60000}, Bytes(1, 1))).value().has_value());
    const auto got = world.run(receive(*one)).value().value();
    CHECK(got.bytes == Bytes(1, 1));
    CHECK(got.from == Endpoint{"10.0.0.1", 60001});
    CHECK(world.run(send(*one, got.from, Bytes(2, 2))).value().has_value());
    CHECK(world.run(receive(*gateway)).value()->from == Endpoint{"192.168.1.21", 60000});
    CHECK(world.run(send(*gateway, Endpoint{"255.255.255.255", 60000}, Bytes(3, 3))).value().has_value());
    CHECK(world.run(receive(*one)).value()->bytes.size() == 3);
    CHECK(world.run(receive(*two)).value()->bytes.size() == 3);

    world.network.set_loss(250);
    std::size_t came = 0;
    for (int i = 0; i < 200; ++i) CHECK(world.run(send(*gateway, Endpoint{"192.168.1.21", 60000}, Bytes(1, 1))).value().has_value());
    while (world.run(receive(*one), 100ms)) ++came;
    CHECK(came > 120);
    CHECK(came < 180);
    world.network.set_loss(0);
    world.network.cut("192.168.1.22");
    CHECK(world.run(send(*gateway, Endpoint{"192.168.1.22", 60000}, Bytes(1, 1))).value().has_value());
    CHECK_FALSE(world.run(receive(*two), 1s).has_value());
    two->close();
    CHECK(world.run(receive(*two)).value().error().fault() == Fault::gone);
}
