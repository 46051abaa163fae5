// SPDX-License-Identifier: Apache-2.0
//
// The service manager's ear: a datagram socket as sd_notify(3) wants it, named by NOTIFY_SOCKET while this lives. Of this process and of
// those that it starts.
#pragma once

#include "tests/harness/temp_dir.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace gatehouse::harness {

class ServiceManager {
public:
    /// `watchdog`: WatchdogSec; zero: none is wanted.
    explicit ServiceManager(std::chrono::microseconds watchdog = std::chrono::microseconds(0));
    ~ServiceManager();
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    /// All that was said so far, in order. Listen now and then: a socket holds ten words or so, then the speaker waits.
    const std::vector<std::string>& heard();
    std::size_t count(const std::string& message);
    void forget();

private:
    TempDir folder_;
    int socket_ = -1;
    std::vector<std::string> heard_;
};

} // namespace gatehouse::harness
