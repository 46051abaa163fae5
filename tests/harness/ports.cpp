// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/ports.hpp"

#include "tests/harness/eventually.hpp"

#include <filesystem>
#include <random>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gatehouse::harness {
namespace {

constexpr std::uint16_t first_port = 20'000;
constexpr unsigned port_count = 10'000;

// The lock lives as long as this process: the descriptor is left open on purpose.
bool lock_for_life(std::uint16_t port) {
    const auto folder = std::filesystem::temp_directory_path() / ("gatehouse-ports-" + std::to_string(::getuid()));
    std::error_code exists;
    std::filesystem::create_directories(folder, exists);
    const int file = ::open((folder / std::to_string(port)).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return false;
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return true;
    ::close(file);
    return false;
}

bool can_bind(int type, std::uint16_t port) {
    const int probe = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(probe);
    return bound;
}

} // namespace

std::uint16_t free_port() {
    static std::mt19937 random{std::random_device{}()};
    const auto start = static_cast<unsigned>(random() % port_count);
    for (unsigned i = 0; i < port_count; ++i) {
        const auto port = static_cast<std::uint16_t>(first_port + (start + i) % port_count);
        if (can_bind(SOCK_STREAM, port) && can_bind(SOCK_DGRAM, port) && lock_for_life(port)) return port;
    }
    throw Trouble("no free port is left between 20000 and 29999");
}

} // namespace gatehouse::harness
