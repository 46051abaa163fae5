// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/device_sink.hpp"

#include "daemon/base/uuid.hpp"

#include <algorithm>

namespace gatehouse::app {

DeviceSink::DeviceSink(RecordSink& store, Clock& clock, Entropy& entropy, Limits limits, std::function<void(const Record&)> volatile_alarm)
    : store_(store), clock_(clock), entropy_(entropy), limits_(limits), volatile_alarm_(std::move(volatile_alarm)),
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
    // Alarms never wait behind their own device's flood.
    if (spec_of(record.kind).lane == Lane::urgent) co_return co_await append_alarm(std::move(record), std::move(mark));
    co_await until_allowed();
    co_return co_await store_.append(std::move(record), std::move(mark));
}

Task<Result<Appended>> DeviceSink::append_alarm(Record record, std::optional<SourceMark> mark) {
    const auto* known = alarm_up(record);
    const bool is_up = known != nullptr;
    if (is_up) record.id = known->id;
    if (record.id.empty()) record.id = to_text(make_uuid_v7(clock_.now(), entropy_));
    Record copy = record;
    auto appended = co_await store_.append(std::move(record), std::move(mark));
    if (appended) {
        forget(copy);
        co_return appended;
    }
    if (is_up || appended.error().fault() == Fault::malformed) co_return appended;
    if (copy.device_key) {
        if (alarms_up_.size() >= alarms_up_max) alarms_up_.pop_front();
        alarms_up_.push_back({*copy.device_key, copy.same_as, copy.id});
    }
    volatile_alarm_(copy);
    copy.pictures.clear();
    store_.hand_over(std::move(copy));
    co_return appended;
}

const DeviceSink::AlarmUp* DeviceSink::alarm_up(const Record& record) const {
    if (!record.device_key) return nullptr;
    const auto is_it = [&](const AlarmUp& one) {
        return one.key.id == record.device_key->id && one.key.generation == record.device_key->generation && one.same_as == record.same_as;
    };
    const auto found = std::find_if(alarms_up_.begin(), alarms_up_.end(), is_it);
    return found == alarms_up_.end() ? nullptr : &*found;
}

void DeviceSink::forget(const Record& record) {
    std::erase_if(alarms_up_, [&](const AlarmUp& one) { return one.id == record.id; });
}

} // namespace gatehouse::app
