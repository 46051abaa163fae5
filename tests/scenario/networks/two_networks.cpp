// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/networks/two_networks.hpp"

#include "tests/harness/world.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

using namespace gatehouse::harness;

namespace gatehouse::networks {

void skip(const std::string& why) {
    std::printf("skipped: scenario_networks: %s\n", why.c_str());
    std::fflush(stdout);
    std::_Exit(77);
}

namespace {

int own_namespace() { return ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC); }

int new_namespace() {
    if (::unshare(CLONE_NEWNET) != 0) skip("this machine grants no network namespaces");
    return own_namespace();
}

} // namespace

In::In(int there) : before_(own_namespace()) { enter(there); }
In::~In() {
    enter(before_);
    ::close(before_);
}
void In::enter(int there) {
    if (::setns(there, CLONE_NEWNET) != 0) throw Trouble("can't enter a network namespace");
}

void shell(const std::string& commands) { run_to_end("/bin/sh", {"-ec", commands}); }

Networks::Networks() {
    if (::getuid() != 0) {
        const auto uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
        if (::unshare(CLONE_NEWUSER) != 0) skip("this machine grants no user namespaces");
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", "0 " + uid + " 1");
        write_file("/proc/self/gid_map", "0 " + gid + " 1");
    }
    devices = new_namespace();
    lay(devices, "");
    police = new_namespace();
    gateway = new_namespace();
    try {
        shell("ip link set lo up; " + cable("ghdev", devices) + cable("ghpol", police) +
              "ip addr add 10.1.1.1/24 dev ghdev; ip addr add 10.2.2.1/24 dev ghpol; ip link set ghdev up; ip link set ghpol up");
    } catch (const Trouble& why) {
        skip(std::string("no pair of network cards can be made here: ") + why.what());
    }
    lay(devices, "ip addr add 10.1.1.2/24 dev eth0; ip link set eth0 up; ip route add 10.2.2.0/24 via 10.1.1.1");
    lay(police, "ip addr add 10.2.2.2/24 dev eth0; ip link set eth0 up; ip route add 10.1.1.0/24 via 10.2.2.1");
    // The routing table lies: by it each network would be reached through the other.
    shell("ip route add 10.1.1.2/32 via 10.2.2.2 dev ghpol; ip route add 10.2.2.2/32 via 10.1.1.2 dev ghdev; "
          "for each in all default ghdev ghpol; do echo 0 > /proc/sys/net/ipv4/conf/$each/rp_filter; done");
}

// The card at the far end is made in the other namespace.
std::string Networks::cable(const std::string& name, int there) {
    return "ip link add " + name + " type veth peer name eth0 netns /proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(there) + "; ";
}
void Networks::lay(int there, const std::string& commands) {
    const In inside(there);
    shell("ip link set lo up; " + commands);
}

} // namespace gatehouse::networks
