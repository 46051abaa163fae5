// SPDX-License-Identifier: Apache-2.0
//
// Whoever talks to our listeners without manners (F39, F41): too slowly, too long, or with a length that is a lie. Bounds hold, everybody
// else is served, and the rude are shown the door.
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

using namespace gatehouse::harness;

namespace {

/// A client that says what it likes.
class Rude {
public:
    explicit Rude(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        open(reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
    explicit Rude(const std::filesystem::path& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
        open(reinterpret_cast<const sockaddr*>(&to), sizeof to);
    }
    ~Rude() { ::close(socket_); }
    Rude(Rude&& other) noexcept : socket_(std::exchange(other.socket_, -1)), is_open_(other.is_open_) {}
    Rude& operator=(Rude&&) = delete;

    /// False: nobody takes it any more.
    bool say(const std::string& words) {
        if (is_open_) is_open_ = ::send(socket_, words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(words.size());
        return is_open_;
    }
    /// What has come back; is_shut() tells whether the other side closed.
    const std::string& hear() {
        char piece[4096];
        for (ssize_t got = 1; got > 0;) {
            got = ::recv(socket_, piece, sizeof piece, MSG_DONTWAIT);
            if (got > 0) heard_.append(piece, static_cast<std::size_t>(got));
            if (got == 0 || (got < 0 && errno != EAGAIN)) is_shut_ = true;
        }
        return heard_;
    }
    bool is_shut() {
        hear();
        return is_shut_;
    }

private:
    void open(const sockaddr* to, socklen_t size) { is_open_ = ::connect(socket_, to, size) == 0; }
    int socket_;
    bool is_open_ = false, is_shut_ = false;
    std::string heard_;
};

} // namespace

TEST_CASE("two hundred who send a byte at a time, to the devices' port and to the console: shown the door, and nobody else waits" *
          doctest::test_suite("long") * doctest::skip()) {
    World world;
    world.vitals().limits.descriptors = 800; // the rude themselves, within connections_max
    auto& doors = world.uhppote("doors");
    auto& terminal = world.face_terminal("east-door");
    world.start();
    auto& district = world.district();
    district.wait_for_count("device.online", 2);
    std::vector<Rude> rude;
    for (int i = 0; i < 200; ++i) {
        rude.emplace_back(world.gateway().isapi_port());
        rude.emplace_back(world.gateway().socket());
    }
    std::size_t passes = 0;
    const std::string letters = "POST /hik/x HTTP/1.1\r\nHost: gateway\r\nX-Slow: ";
    for (const char letter : letters) {
        for (auto& each : rude) each.say(std::string(1, letter));
        if (++passes % 10 != 0) continue;
        doors.swipe(8100001);
        terminal.show_face("30112");
        world.look();
    }
    district.wait_for_count("pass.granted", 2 * (passes / 10));
    // Their deadline does not begin anew with each byte.
    eventually(
        "everybody shown the door",
        [&] {
            for (auto& each : rude) each.say("x");
            world.look();
            return std::all_of(rude.begin(), rude.end(), [](Rude& each) { return each.is_shut(); });
        },
        40s, [&] { return std::to_string(std::count_if(rude.begin(), rude.end(), [](Rude& each) { return each.is_shut(); })) + " of 400"; });
    world.wait_until_sound();
}

TEST_CASE("lengths that lie, and bodies without end: refused by their word, or cut when they are beyond what may be, within 16 MiB of memory") {
    World world;
    auto& doors = world.uhppote("doors");
    auto& terminal = world.face_terminal("east-door");
    world.start();
    auto& district = world.district();
    district.wait_for_count("device.online", 2);
    const auto path = "/no-such-path";
    const auto ask = [&](const std::string& head, const std::string& body) {
        Rude client(world.gateway().isapi_port());
        client.say("POST " + std::string(path) + " HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n" + head + "\r\n\r\n" + body);
        eventually(
            "an answer or the door, to " + head, [&] { return client.hear().find("\r\n\r\n") != std::string::npos || client.is_shut(); }, 40s);
        const auto answer = client.hear();
        return answer.empty() ? 0 : std::stoi(answer.substr(9, 3));
    };
    const auto before = world.gateway().process().resident_kib();
    // 16 MiB is what a body may have.
    for (const std::string length : {"16777217", "2147483647", "2147483648", "2147483649", "4294967296", "9223372036854775807", "9223372036854775808",
                                     "18446744073709551615", "18446744073709551616", "-1", "0x10", "1 1", ""})
        CHECK_MESSAGE(ask("Content-Length: " + length, "{}") / 100 != 2, length);
    CHECK(ask("Content-Length: 2\r\nContent-Length: 3", "{}") / 100 != 2);
    CHECK(ask("Content-Length: 2\r\nTransfer-Encoding: chunked", "2\r\n{}\r\n0\r\n\r\n") / 100 != 2);
    CHECK(ask("Transfer-Encoding: chunked", "ffffffffffffffff\r\n{}") / 100 != 2);
    CHECK(ask("Transfer-Encoding: chunked", "-2\r\n{}") / 100 != 2);
    CHECK(ask("X-Long: " + std::string(64 * 1024, 'x'), "") / 100 != 2);

    // Chunks for ever, from several at a time.
    std::vector<Rude> endless;
    for (int i = 0; i < 4; ++i) {
        endless.emplace_back(world.gateway().isapi_port());
        endless.back().say("POST " + std::string(path) + " HTTP/1.1\r\nHost: gateway\r\nTransfer-Encoding: chunked\r\n\r\n");
    }
    const std::string chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
    eventually(
        "the door for each",
        [&] {
            for (auto& each : endless)
                for (int i = 0; i < 500 && !each.is_shut(); ++i) each.say(chunk);
            world.look();
            return std::all_of(endless.begin(), endless.end(), [](Rude& each) { return each.is_shut(); });
        },
        60s);

    // From a device that is known: bodies that are too large, lie about their size, or swell.
    for (const auto* fault : {"oversize", "bad_length", "entity_bomb", "deep_json"}) {
        CAPTURE(fault);
        for (const std::int64_t declared : {std::int64_t(16'777'217), std::int64_t(1) << 31, std::int64_t(1) << 32})
            terminal.fault(fault, {{"declared", declared}});
        terminal.show_face("30112");
        if (std::string(fault) == "bad_length") terminal.mend(fault);
        doors.swipe(8100001);
    }
    world.wait_until_sound(60s);
    CHECK(world.vitals().resident_kib() < static_cast<double>(before) + 80 * 1024);
}
