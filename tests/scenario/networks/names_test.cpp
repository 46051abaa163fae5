// SPDX-License-Identifier: Apache-2.0
//
// One machine in a network namespace of its own: with a name server that dawdles (F34).
#include "tests/harness/ports.hpp"
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <thread>

using namespace gatehouse::harness;

namespace {

/// From here on we, and whoever we start, stand alone on a loopback, and names come from 127.0.0.1.
void stand_alone(const std::filesystem::path& folder) {
    const auto cannot = [](const char* why) {
        std::printf("skipped: scenario_networks: %s\n", why);
        std::fflush(stdout);
        std::_Exit(77);
    };
    if (::getuid() != 0) cannot("a name server wants root");
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) cannot("this machine grants no namespaces");
    run_to_end("/bin/sh", {"-ec", "ip link set lo up"});
    const auto file = folder / "resolv.conf";
    write_file(file, "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n");
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount(file.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) != 0)
        cannot("this machine grants no mounts");
}

/// A name server (RFC 1035): every name is 127.0.0.1, but the answer about "slow.test" comes ten seconds after its question.
class NameServer {
public:
    NameServer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(53);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) throw Trouble("no name server can be here");
        thread_ = std::thread([this] { run(); });
    }
    ~NameServer() {
        is_over_ = true;
        thread_.join();
        ::close(socket_);
    }
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;

    bool is_holding() const { return held_ > 0; }
    /// Of those that were held.
    unsigned answered() const { return answered_; }

private:
    struct Question {
        std::string bytes;
        sockaddr_in from{};
        std::chrono::steady_clock::time_point due;
    };

    void run() {
        std::deque<Question> waiting;
        while (!is_over_) {
            pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
            if (::poll(&ready, 1, 20) > 0) {
                std::array<char, 512> bytes{};
                Question question;
                socklen_t size = sizeof question.from;
                const auto got = ::recvfrom(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&question.from), &size);
                if (got > 16) {
                    question.bytes.assign(bytes.data(), static_cast<std::size_t>(got));
                    question.due = std::chrono::steady_clock::now() + 10s;
                    const bool is_slow = question.bytes.find("\4slow\4test") != std::string::npos;
                    if (is_slow)
                        waiting.push_back(std::move(question));
                    else
                        answer(question);
                }
            }
            while (!waiting.empty() && waiting.front().due <= std::chrono::steady_clock::now()) {
                answer(waiting.front());
                waiting.pop_front();
                ++answered_;
            }
            held_ = static_cast<unsigned>(waiting.size());
        }
    }

    // The question as it came, and one A record that points back to its name; nothing for other types.
    void answer(const Question& question) const {
        const auto end = question.bytes.find('\0', 12);
        if (end == std::string::npos || question.bytes.size() < end + 5) return;
        const bool is_a = question.bytes[end + 2] == 1;
        std::string reply = question.bytes.substr(0, end + 5);
        reply[2] = static_cast<char>(0x81);
        reply[3] = static_cast<char>(0x80);
        reply[7] = is_a ? '\1' : '\0';
        reply.replace(8, 4, std::string(4, '\0'));
        if (is_a) reply += std::string("\xc0\x0c\0\1\0\1\0\0\0\x1e\0\4\x7f\0\0\1", 16);
        ::sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&question.from), sizeof question.from);
    }

    int socket_;
    std::atomic<bool> is_over_{false};
    std::atomic<unsigned> held_{0}, answered_{0};
    std::thread thread_;
};

PlatformOptions by_name(const std::string& name) {
    const auto port = std::to_string(free_port());
    PlatformOptions options;
    options.address = name + ":" + port;
    options.broker.more = "listener " + port + " 127.0.0.1\nallow_anonymous true\n";
    return options;
}

} // namespace

TEST_CASE("a name server that takes ten seconds over one platform's name: the other's events come and are receipted meanwhile, and both have all") {
    const TempDir folder("names");
    stand_alone(folder.path());
    const NameServer names;
    World world;
    auto& doors = world.uhppote("doors");
    auto& fast = world.platform("fast", by_name("fast.test"));
    auto& slow = world.platform("slow", by_name("slow.test"));
    world.start();
    doors.swipe(8100001);
    fast.wait_for_count("pass.granted", 1);
    eventually("a question about slow.test", [&] { return names.is_holding(); });
    const auto answered = names.answered();
    for (std::size_t round = 2; round <= 6; ++round) {
        doors.swipe(8100001);
        fast.wait_for_count("pass.granted", round);
        world.look();
    }
    CHECK(names.answered() == answered); // five there and back within one answer
    CHECK(slow.kept().empty());
    world.wait_until_sound(60s);
}
