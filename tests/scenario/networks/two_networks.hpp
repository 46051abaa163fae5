// SPDX-License-Identifier: Apache-2.0
//
// The box between two networks, each in a namespace of its own: devices at 10.1.1.0/24 behind card ghdev, police at 10.2.2.0/24 behind
// card ghpol. Real packets, real cards, so that they can be looked at and dropped.
#pragma once

#include <string>

namespace gatehouse::networks {

/// Ends the program as skipped: this machine cannot run it.
[[noreturn]] void skip(const std::string& why);

/// While it lives, this thread, and every process and socket that it makes, stands in that namespace.
class In {
public:
    explicit In(int there);
    ~In();
    In(const In&) = delete;
    In& operator=(const In&) = delete;

private:
    static void enter(int there);
    int before_;
};

/// Words of ours only. Trouble with what it said when it fails.
void shell(const std::string& commands);

/// Namespaces, by descriptor; whoever makes this stands in the gateway's afterwards, at 10.1.1.1 and 10.2.2.1.
struct Networks {
    int gateway = -1, devices = -1, police = -1;
    Networks();

private:
    static std::string cable(const std::string& name, int there);
    static void lay(int there, const std::string& commands);
};

} // namespace gatehouse::networks
