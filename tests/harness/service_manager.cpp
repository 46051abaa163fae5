// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/service_manager.hpp"

#include "tests/harness/eventually.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gatehouse::harness {

ServiceManager::ServiceManager(std::chrono::microseconds watchdog) : folder_("manager") {
    const auto path = (folder_ / "notify").string();
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    if (path.size() >= sizeof(at.sun_path)) throw Trouble("too long for a socket: " + path);
    std::memcpy(at.sun_path, path.c_str(), path.size() + 1);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_ < 0 || ::bind(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0) throw Trouble("no socket at " + path);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    if (watchdog.count() > 0) ::setenv("WATCHDOG_USEC", std::to_string(watchdog.count()).c_str(), 1);
}

ServiceManager::~ServiceManager() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    if (socket_ >= 0) ::close(socket_);
}

const std::vector<std::string>& ServiceManager::heard() {
    std::array<char, 4096> message{};
    for (;;) {
        const auto size = ::recv(socket_, message.data(), message.size(), 0);
        if (size < 0) return heard_;
        heard_.emplace_back(message.data(), static_cast<std::size_t>(size));
    }
}

std::size_t ServiceManager::count(const std::string& message) {
    const auto& all = heard();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), message));
}

void ServiceManager::forget() {
    heard();
    heard_.clear();
}

} // namespace gatehouse::harness
