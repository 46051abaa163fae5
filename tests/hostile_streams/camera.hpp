// SPDX-License-Identifier: Apache-2.0
//
// A server on loopback that holds one conversation after the other as an Exchange has it, and hangs up when it has said all. One thread.
#pragma once

#include "tests/hostile_streams/exchange.hpp"

#include <atomic>
#include <mutex>
#include <thread>

namespace gatehouse::hostile {

class HostileCamera {
public:
    HostileCamera();
    ~HostileCamera();
    HostileCamera(const HostileCamera&) = delete;
    HostileCamera& operator=(const HostileCamera&) = delete;

    std::uint16_t port() const { return port_; }
    /// For connections from now on.
    void play(Exchange exchange);
    /// Conversations that came as far as pictures.
    std::size_t played() const { return played_; }

private:
    void run();
    void converse(int connection);
    std::string answer_to(const std::string& request, const Exchange& exchange) const;

    int listening_ = -1;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    Exchange exchange_;
    std::atomic<std::size_t> played_ = 0;
    std::atomic<bool> ending_ = false;
    std::thread thread_;
};

} // namespace gatehouse::hostile
