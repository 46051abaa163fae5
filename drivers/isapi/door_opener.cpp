// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/door_opener.hpp"

#include "drivers/isapi/barrier_gate.hpp"
#include "drivers/isapi/io_trigger.hpp"
#include "drivers/isapi/remote_control_door.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {
constexpr int status_reads_max = 3;
constexpr Duration status_wait = std::chrono::seconds(1);
} // namespace

DoorOpener::DoorOpener(const DeviceInfo& device, Clock& clock, net::HttpClient& http, std::function<bool()> locked_out)
    : device_(device), clock_(clock), api_(http, clock), locked_out_(std::move(locked_out)) {}

Task<Done> DoorOpener::put(std::string target, std::string body) {
    std::string method = "PUT";
    auto answer = co_await api_.ask(std::move(method), std::move(target), std::move(body), DeviceApi::Patience::once);
    if (!answer) co_return std::move(answer).error();
    co_return Done();
}

Task<Done> DoorOpener::open(std::int64_t outlet) {
    // A device entered without its outlets has one.
    const bool there = (device_.outlets.empty() && outlet == 1) ||
                       std::any_of(device_.outlets.begin(), device_.outlets.end(), [&](const Outlet& o) { return o.number == outlet; });
    if (!there) co_return Error(Fault::gone, "no outlet " + std::to_string(outlet));
    if (locked_out_()) co_return Error(Fault::refused, "the device refused our password; not trying again before it was mended");
    if (device_.model == "plate") co_return co_await lift_barrier(outlet);
    co_return co_await open_door(outlet);
}

Task<Done> DoorOpener::open_door(std::int64_t door) {
    auto done = co_await put(open_door_target(door, false), encode_open_door(false));
    // Another spelling of a command that was not understood is no second opening.
    if (!done && (done.error().fault() == Fault::unsupported || done.error().fault() == Fault::malformed))
        done = co_await put(open_door_target(door, true), encode_open_door(true));
    co_return std::move(done);
}

Task<Done> DoorOpener::lift_barrier(std::int64_t lane) {
    auto accepted = co_await put(barrier_gate_target(lane), encode_open_barrier());
    if (!accepted) {
        if (accepted.error().fault() != Fault::unsupported) co_return accepted;
        co_return co_await pulse_output(lane);
    }
    // Accepted is not moved: a locked gate says yes too.
    for (int reads = 0; reads < status_reads_max; ++reads) {
        std::string method = "GET";
        auto answer = co_await api_.ask(std::move(method), barrier_gate_status_target(lane), std::string(), DeviceApi::Patience::once);
        if (!answer) co_return Done();
        const auto status = decode_barrier_gate_status(*answer);
        if (!status || *status != BarrierGateStatus::closed) co_return Done();
        co_await clock_.sleep_for(status_wait);
    }
    co_return Error(Fault::refused, "the gate took the command and stays closed; it may be locked");
}

Task<Done> DoorOpener::pulse_output(std::int64_t output) {
    auto high = co_await put(io_trigger_target(output), encode_io_trigger(true));
    if (!high) co_return high;
    co_await clock_.sleep_for(io_pulse);
    co_return co_await put(io_trigger_target(output), encode_io_trigger(false));
}

} // namespace gatehouse::drivers::isapi
