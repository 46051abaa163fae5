// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/log_folder.hpp"
#include "tests/bench/rows.hpp"

#include "tests/harness/world.hpp"

namespace gatehouse::bench {
namespace {

using harness::eventually;
using namespace std::chrono_literals;

constexpr unsigned controllers = 64, upstreams = 4;
constexpr std::size_t starts = 5;

std::size_t devices_online(const harness::Gateway& gateway) {
    const auto answer = gateway.api().get("/api/v1/devices");
    const auto& devices = answer.is_array() ? answer.as_array() : answer.at("devices").as_array();
    std::size_t online = 0;
    for (const auto& device : devices)
        if (device.at("state").as_string() == "online") ++online;
    return online;
}

} // namespace

std::vector<Row> measure_daemon(const Plan& plan) {
    fill(plan.large, plan.large_records);
    harness::World world({.state_folder = plan.large.string()});
    for (unsigned number = 0; number < controllers; ++number) {
        harness::UhppoteOptions options;
        options.serial += number;
        options.cards = 1;
        world.uhppote("device-" + std::to_string(number), options);
    }
    for (unsigned number = 0; number < upstreams; ++number) {
        harness::PlatformOptions options;
        options.from = "head";
        options.broker.is_persistent = false;
        world.platform("platform-" + std::to_string(number), options);
    }
    world.start();
    auto& gateway = world.gateway();
    eventually(
        "all devices online", [&] { return devices_online(gateway) == controllers; }, 60s);
    const double resident = static_cast<double>(gateway.process().resident_kib()) / 1024;

    std::vector<double> took;
    for (std::size_t start = 0; start < starts; ++start) {
        gateway.stop();
        const double began = seconds_now();
        gateway.start(); // returns when it says that it is running; looked at each 20 ms
        took.push_back(seconds_now() - began);
    }
    gateway.stop();
    const double start_s = median(took);
    return {{"rss_mib", resident, "MiB", {}, "≤ 40", resident <= 40, {}, "64 controllers and 4 upstreams online"},
            {"start_s", start_s, "s", {}, "≤ 0.5", start_s <= 0.5, took, "to \"running\""}};
}

} // namespace gatehouse::bench
