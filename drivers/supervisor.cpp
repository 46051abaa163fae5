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

namespace {

/// A silence: what is told of it, now or, if the power is to blame, once it is over.
struct Lost {
    Fault fault;
    std::string cause;
    Time silent_since;
    std::string outage; ///< power.lost's id
};

Record record_of_loss(const DeviceInfo& device, Kind kind, const Lost& lost, const Clock& clock) {
    Record record = record_of(device, kind, clock.now());
    record.clock = clock.quality() == ClockQuality::synced ? ClockState::synced : ClockState::unsynced;
    record.facts["fault"] = name_of(lost.fault);
    record.facts["cause"] = lost.cause;
    record.facts["silent_since"] = to_text(lost.silent_since);
    if (!lost.outage.empty()) record.facts["outage"] = lost.outage;
    return record;
}

} // namespace

Task<void> supervise(Driver& driver, const DeviceInfo& device, RecordSink& sink, Surroundings surroundings, Company company) {
    auto& clock = surroundings.clock;
    Backoff backoff(Backoff::Options(), surroundings.entropy);
    std::optional<Lost> dark; // told as device.dark, and not heard since
    for (;;) {
        co_await company.pace.wait(driver.turn());
        const auto started = clock.steady_now();
        const Error error = co_await driver.run(sink);
        const auto lasted = clock.steady_now() - started;
        const auto status = driver.status();
        log::warning("device", "conversation over", {{"device", device.id}, {"fault", name_of(error.fault())}, {"what", error.what()}});
        // Only what was online goes offline: a device that never answered is told by status and check, not by a record every minute.
        const bool was_online = !driver.tells_its_losses() && status.heard_at && status.state != DeviceStatus::State::connecting;
        if (was_online) {
            Lost lost{error.fault(), cut_utf8(error.what(), cause_bytes_max), *status.heard_at, ""};
            // The UPS's own silence is never put down to the outage: then nobody would know of either.
            if (driver.turn() != Turn::power) lost.outage = company.outage.cause().value_or("");
            const auto kind = lost.outage.empty() ? Kind::device_offline : Kind::device_dark;
            dark.reset();
            if (kind == Kind::device_dark) dark = lost;
            Record record = record_of_loss(device, kind, lost, clock);
            co_await sink.append(std::move(record), std::nullopt);
        } else if (dark && !company.outage.cause()) {
            Record record = record_of_loss(device, Kind::device_offline, *dark, clock);
            dark.reset();
            co_await sink.append(std::move(record), std::nullopt);
        }
        const auto wait = error.fault() == Fault::refused ? refused_wait : backoff.after(lasted);
        co_await clock.sleep_for(wait);
    }
}

} // namespace gatehouse::drivers
