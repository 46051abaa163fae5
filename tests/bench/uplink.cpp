// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/listener.hpp"
#include "tests/bench/log_folder.hpp"
#include "tests/bench/rows.hpp"

#include "tests/harness/world.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace gatehouse::bench {
namespace {

using harness::eventually;
using namespace std::chrono_literals;
namespace json = boost::json;

constexpr std::uint64_t backlog_records = 100'000, yardstick_records = 20'000;
constexpr std::uint64_t catch_up_records = 200'000;
constexpr double frames_per_s = 200, latency_seconds = 10;
constexpr auto root = "gatehouse/v1/gw-0001/";
constexpr auto patience = 10min;

harness::PlatformOptions whole_log() {
    harness::PlatformOptions options;
    options.entitlements = {harness::Entitled{.subjects = true, .pictures = {}, .document = "bench"}};
    // The yardstick's subscriber counts lines: none may be dropped on the way to it.
    options.broker.queued_messages_max = 0;
    options.broker.is_persistent = false;
    options.receipt_wait_s = 30;
    return options;
}

/// The platform has receipted everything up to `head`, and the cursor says so.
bool is_drained(const harness::Gateway& gateway, std::uint64_t head) {
    const auto answer = gateway.api().get("/api/v1/upstreams");
    const auto& district = answer.is_array() ? answer.as_array().at(0) : answer.at("upstreams").as_array().at(0);
    for (const auto& lane : district.at("lanes").as_array())
        if (lane.at("lane").as_string() == "routine") return lane.at("settled").to_number<std::uint64_t>() >= head;
    return false;
}

std::vector<std::string> events_of(const std::vector<Arrived>& messages, std::size_t events_max) {
    std::vector<std::string> events;
    for (const auto& message : messages) {
        const auto batch = json::parse(message.payload);
        for (const auto& event : batch.as_array()) {
            if (events.size() == events_max) return events;
            events.push_back(json::serialize(event));
        }
    }
    return events;
}

struct Drained {
    double per_s = 0;
    std::vector<std::string> events;
};

Drained drain_ours(const std::filesystem::path& log, std::uint64_t head) {
    harness::World world({.state_folder = log.string()});
    auto& district = world.platform("district", whole_log());
    world.start_platforms();
    const Listener listener(district.broker().port(), std::string(root) + "records");
    world.gateway().start();
    eventually(
        "the backlog at the platform", [&] { return is_drained(world.gateway(), head); }, patience);
    const double ended = unix_now();
    auto messages = listener.arrived();
    return {static_cast<double>(head) / (ended - messages.front().at_s), events_of(messages, yardstick_records)};
}

double drain_bare(const std::filesystem::path& work, const std::vector<std::string>& events) {
    harness::Broker broker("yardstick", work, {.is_persistent = false, .queued_messages_max = 0});
    broker.start();
    const Listener listener(broker.port(), "bench/records");
    const auto command = "mosquitto_pub -V 5 -l -q 1 -h 127.0.0.1 -t bench/records -p " + std::to_string(broker.port());
    FILE* pipe = ::popen(command.c_str(), "w"); // open until all have arrived: from a file it ends before most are sent
    if (pipe == nullptr) throw std::runtime_error("no mosquitto_pub");
    const double started = unix_now();
    for (const auto& event : events) std::fprintf(pipe, "%s\n", event.c_str());
    std::fflush(pipe);
    listener.wait_for(events.size(), 600);
    const double took = listener.arrived()[events.size() - 1].at_s - started;
    ::pclose(pipe);
    return static_cast<double>(events.size()) / took;
}

/// One fsync of a page and one publish, one after the other, at the pace of the frames: milliseconds each.
std::vector<double> latency_bare(const std::filesystem::path& work) {
    harness::Broker broker("bare", work, {.is_persistent = false});
    broker.start();
    Listener listener(broker.port(), "bench/one");
    const auto path = work / "page";
    const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) throw std::runtime_error("cannot write " + path.string());
    const std::string page(4096, 'x'), payload(500, 'y');
    std::vector<double> took_ms;
    const double began = seconds_now();
    for (std::size_t i = 0; i < static_cast<std::size_t>(frames_per_s * latency_seconds); ++i) {
        const double due = began + static_cast<double>(i) / frames_per_s;
        if (const double early = due - seconds_now(); early > 0) std::this_thread::sleep_for(std::chrono::duration<double>(early));
        const double started = unix_now();
        if (::write(file, page.data(), page.size()) != static_cast<ssize_t>(page.size()) || ::fdatasync(file) != 0)
            throw std::runtime_error("cannot write " + path.string());
        listener.publish("bench/one", payload);
        listener.wait_for(i + 1, 10);
        took_ms.push_back((listener.arrived().back().at_s - started) * 1000);
    }
    ::close(file);
    return took_ms;
}

/// When each event of `kind` arrived, in order.
std::vector<double> arrivals(const std::vector<Arrived>& messages, std::string_view kind) {
    const auto type = "cn.gatehouse." + std::string(kind) + ".v1";
    std::vector<double> times;
    for (const auto& message : messages) {
        const auto batch = json::parse(message.payload);
        for (const auto& event : batch.as_array())
            if (event.at("type").as_string() == type) times.push_back(message.at_s);
    }
    return times;
}

/// A simulator's "2026-01-15T00:30:12.123Z" as Unix time.
double unix_time(const std::string& text) {
    const auto time = parse_time(text);
    if (!time) throw std::runtime_error(time.error().what());
    return static_cast<double>(to_us(*time)) / 1e6;
}

/// Order is kept per device, so the nth made is the nth that arrived: milliseconds from the one to the other.
std::vector<double> delays_ms(const std::vector<harness::Made>& made, const std::vector<double>& arrived) {
    if (arrived.size() < made.size()) throw std::runtime_error("events are missing at the subscriber");
    std::vector<double> delays;
    for (std::size_t i = 0; i < made.size(); ++i) delays.push_back((arrived[i] - unix_time(made[i].made_at)) * 1000);
    return delays;
}

std::vector<harness::Made> of_kind(const std::vector<harness::Made>& all, std::string_view kind) {
    std::vector<harness::Made> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some), [kind](const auto& made) { return made.kind == kind; });
    return some;
}

/// Until every event of this kind that the device made has arrived.
void wait_for_all(const Listener& listener, const std::vector<harness::Made>& made, std::string_view kind) {
    eventually(
        std::string(kind) + " at the subscriber", [&] { return arrivals(listener.arrived(), kind).size() >= made.size(); }, 60s);
}

std::vector<double> latency_ours() {
    harness::World world;
    auto& doors = world.uhppote("east-doors");
    auto& district = world.platform("district", whole_log());
    world.start();
    eventually("the controller online", [&] { return district.count("device.online") > 0; });
    const Listener listener(district.broker().port(), std::string(root) + "records");
    std::vector<harness::Made> made;
    const double began = seconds_now();
    const double gap = 1 / frames_per_s;
    std::size_t frame = 0;
    while (seconds_now() - began < latency_seconds) {
        const double due = began + static_cast<double>(frame++) * gap;
        if (const double early = due - seconds_now(); early > 0) std::this_thread::sleep_for(std::chrono::duration<double>(early));
        made.push_back(doors.swipe(8'100'001 + static_cast<std::uint32_t>(frame % 40)));
    }
    const auto granted = of_kind(made, "pass.granted");
    wait_for_all(listener, granted, "pass.granted");
    return delays_ms(granted, arrivals(listener.arrived(), "pass.granted"));
}

} // namespace

std::vector<Row> measure_drain(const Plan& plan) {
    const auto log = plan.work / "backlog";
    fill(log, backlog_records);
    std::vector<double> ours, bares, ratios;
    for (std::size_t pair = 0; pair < plan.pairs; ++pair) {
        // A copy each time: the cursor is in the log.
        const auto copy = plan.work / "backlog-copy";
        std::filesystem::remove_all(copy);
        std::filesystem::copy(log, copy, std::filesystem::copy_options::recursive);
        const auto drained = drain_ours(copy, backlog_records);
        ours.push_back(drained.per_s);
        bares.push_back(drain_bare(plan.work, drained.events));
        ratios.push_back(ours.back() / bares.back());
    }
    const double ratio = median(ratios);
    return {
        {"drain", median(ours), "records/s", ratio, "≥ 10", ratio >= 10, ratios, "mosquitto_pub " + std::to_string(static_cast<int>(median(bares)))}};
}

std::vector<Row> measure_latency(const Plan& plan) {
    std::vector<double> ours, bares, ratios;
    for (std::size_t pair = 0; pair < plan.pairs; ++pair) {
        ours.push_back(percentile(latency_ours(), 0.99));
        bares.push_back(percentile(latency_bare(plan.work), 0.99));
        ratios.push_back(ours.back() / bares.back());
    }
    const double ratio = median(ratios);
    return {{"latency_p99", median(ours), "ms", ratio, "≤ 3", ratio <= 3, ratios, "bare " + std::to_string(median(bares)) + " ms, 200 frames/s"}};
}

std::vector<Row> measure_catch_up(const Plan& plan) {
    const auto log = plan.work / "catch-up";
    fill(log, catch_up_records);
    harness::World world({.state_folder = log.string()});
    auto& doors = world.uhppote("east-doors");
    auto& district = world.platform("district", whole_log());
    world.start_platforms();
    const Listener routine(district.broker().port(), std::string(root) + "records"), urgent(district.broker().port(), std::string(root) + "urgent");
    world.gateway().start();
    routine.wait_for(1, 60);
    std::vector<harness::Made> made;
    bool is_over = false;
    while (!is_over) {
        made.push_back(doors.force_door(1 + static_cast<unsigned>(made.size() % 4)));
        std::this_thread::sleep_for(50ms);
        is_over = made.size() % 4 == 0 && is_drained(world.gateway(), catch_up_records);
    }
    const double ended = unix_now(), per_s = static_cast<double>(catch_up_records) / (ended - routine.arrived().front().at_s);
    wait_for_all(urgent, made, "door.forced");
    const double p99 = percentile(delays_ms(made, arrivals(urgent.arrived(), "door.forced")), 0.99);
    return {{"catch_up",
             per_s,
             "records/s",
             {},
             "p99 ≤ 1 s",
             p99 <= 1000,
             {},
             std::to_string(made.size()) + " alarms beside it, p99 " + std::to_string(static_cast<int>(p99)) + " ms"}};
}

} // namespace gatehouse::bench
