// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/interfaces.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace gatehouse::net;

TEST_CASE("the machine's loopback is listed with its address and subnet") {
    const auto all = interfaces().value();
    bool has_loopback = false;
    for (const auto& each : all)
        for (const auto& address : each.addresses) has_loopback = has_loopback || (each.is_loopback && address == InterfaceAddress{"127.0.0.1", 8});
    CHECK(has_loopback);
}

TEST_CASE("subnets overlap when one holds the other, and families never do") {
    CHECK(share_subnet({"192.168.1.7", 24}, {"192.168.1.200", 24}));
    CHECK(share_subnet({"192.168.1.7", 24}, {"192.168.200.1", 16}));
    CHECK_FALSE(share_subnet({"192.168.1.7", 24}, {"192.168.2.7", 24}));
    CHECK_FALSE(share_subnet({"10.0.0.127", 25}, {"10.0.0.128", 25}));
    CHECK(share_subnet({"fd00::1", 64}, {"fd00::ffff:1", 64}));
    CHECK_FALSE(share_subnet({"fd00::1", 64}, {"fd00:0:0:1::1", 64}));
    CHECK_FALSE(share_subnet({"10.0.0.1", 0}, {"fd00::1", 0}));
    CHECK_FALSE(share_subnet({"no address", 8}, {"10.0.0.1", 8}));
}

TEST_CASE("two interfaces in one subnet are found, unless one is down or loopback") {
    Interface devices{"eth0", true, true, false, {{"192.168.1.7", 24}}};
    Interface police{"eth1", true, true, false, {{"10.9.0.2", 30}, {"192.168.0.9", 16}}};
    Interface idle{"eth2", false, false, false, {{"192.168.1.8", 24}}};
    const auto found = shared_subnets({devices, police, idle});
    REQUIRE(found.size() == 1);
    CHECK(found[0].one == "eth0");
    CHECK(found[0].other == "eth1");
    CHECK(found[0].subnet == "192.168.1.0/24");
    police.addresses.pop_back();
    CHECK(shared_subnets({devices, police, idle}).empty());
}

TEST_CASE("forwarding is named wherever it is on") {
    namespace fs = std::filesystem;
    const auto root = fs::temp_directory_path() / "gatehouse-forwarding-test";
    fs::remove_all(root);
    const auto set = [&](const std::string& file, const char* value) {
        fs::create_directories((root / file).parent_path());
        std::ofstream(root / file) << value << '\n';
    };
    set("ipv4/ip_forward", "0");
    for (const char* name : {"ipv4/conf/all", "ipv4/conf/default", "ipv4/conf/eth0", "ipv6/conf/all", "ipv6/conf/default", "ipv6/conf/eth1"})
        set(std::string(name) + "/forwarding", "0");
    CHECK(forwarding(root.string()).empty());
    set("ipv4/conf/default/forwarding", "1");
    CHECK(forwarding(root.string()).empty());
    set("ipv4/ip_forward", "1");
    set("ipv4/conf/eth0/forwarding", "1");
    set("ipv6/conf/all/forwarding", "1");
    set("ipv6/conf/eth1/forwarding", "2");
    CHECK(forwarding(root.string()) == std::vector<std::string>{"ipv4", "ipv4/eth0", "ipv6", "ipv6/eth1"});
    fs::remove_all(root);
}
