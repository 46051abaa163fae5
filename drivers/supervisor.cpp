// SPDX-License-Identifier: Apache-2.0
#include "drivers/supervisor.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"

namespace gatehouse::drivers {

namespace {
constexpr Duration refused_wait = std::chrono::minutes(30);
constexpr std::size_t cause_bytes_max = 400;
} // namespace

Record record_of(const DeviceInfo& device, Kind kind, Time now) {
    Record record;
    record.kind = kind;
    record.heard_at = now;
    record.source = device.id;
    record.place = device.place;
    return record;
}

Task<void> supervise(Driver& driver, const DeviceInfo& device, RecordSink& sink, Surroundings surroundings) {
    auto& clock = surroundings.clock;
    Backoff backoff(Backoff::Options(), surroundings.entropy);
    for (;;) {
        const auto started = clock.steady_now();
        const Error error = co_await driver.run(sink);
        const auto lasted = clock.steady_now() - started;
        const auto status = driver.status();
        log::warning("device", "conversation over", {{"device", device.id}, {"fault", name_of(error.fault())}, {"what", error.what()}});
        // Only what was online goes offline: a device that never answered is told by status and check, not by a record every minute.
        if (status.heard_at && status.state != DeviceStatus::State::connecting) {
            Record lost = record_of(device, Kind::device_offline, clock.now());
            lost.clock = clock.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
            lost.facts["fault"] = name_of(error.fault());
            lost.facts["cause"] = cut_utf8(error.what(), cause_bytes_max);
            lost.facts["silent_since"] = to_text(*status.heard_at);
            co_await sink.append(std::move(lost), std::nullopt);
        }
        const auto wait = error.fault() == Fault::refused ? refused_wait : backoff.after(lasted);
        co_await clock.sleep_for(wait);
    }
}

} // namespace gatehouse::drivers
