// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/device_sink.hpp"

#include <algorithm>

namespace gatehouse::app {

DeviceSink::DeviceSink(RecordSink& store, Clock& clock, Limits limits, std::function<void(const Record&)> volatile_alarm)
    : store_(store), clock_(clock), limits_(limits), volatile_alarm_(std::move(volatile_alarm)),
      tokens_(static_cast<double>(limits.burst_records_max)), filled_at_(clock.steady_now()) {}

Task<void> DeviceSink::until_allowed() {
    const auto rate = static_cast<double>(limits_.records_per_s_max);
    const auto now = clock_.steady_now();
    const double earned = rate * std::chrono::duration<double>(now - filled_at_).count();
    tokens_ = std::min(static_cast<double>(limits_.burst_records_max), tokens_ + earned);
    filled_at_ = now;
    tokens_ -= 1; // below zero: this one waits, and those after it longer
    if (tokens_ >= 0) co_return;
    ++slowed_;
    const auto wait = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(-tokens_ / rate));
    co_await clock_.sleep_for(wait);
}

Task<Result<Appended>> DeviceSink::append(Record record, std::optional<SourceMark> mark) {
    const bool urgent = spec_of(record.kind).lane == Lane::urgent;
    // Alarms never wait behind their own device's flood.
    if (!urgent) co_await until_allowed();
    std::optional<Record> copy;
    if (urgent) copy = record;
    auto appended = co_await store_.append(std::move(record), std::move(mark));
    if (!appended && copy && appended.error().fault() != Fault::malformed) volatile_alarm_(*copy);
    co_return appended;
}

} // namespace gatehouse::app
