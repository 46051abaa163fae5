// SPDX-License-Identifier: Apache-2.0
//
// The sink as one device sees it: a device that floods is slowed, alone, and counted; an alarm that finds no disk goes up at once.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/entropy.hpp"
#include "daemon/record/sink.hpp"

#include <deque>
#include <functional>

namespace gatehouse::app {

constexpr std::size_t alarms_up_max = 256;

/// Token bucket per device in front of the store's sink. Loop only.
class DeviceSink final : public RecordSink {
public:
    struct Limits {
        std::int64_t records_per_s_max = 50;
        std::int64_t burst_records_max = 1000;
    };
    /// `volatile_alarm` is called with an urgent record that the disk refused; it has an id, and is handed over under it, so that the same
    /// alarm is stored when the disk is back (without its pictures: they need a disk at once). What the device offers again meanwhile is
    /// the same alarm, and does not go up twice.
    DeviceSink(RecordSink& store, Clock& clock, Entropy& entropy, Limits limits, std::function<void(const Record&)> volatile_alarm);

    /// As RecordSink says. The disk's refusal of an alarm is an error to the caller too: nothing is acknowledged to the device.
    Task<Result<Appended>> append(Record record, std::optional<SourceMark> mark) override;
    Task<Result<std::optional<SourceMark>>> last_mark(std::string source) override { return store_.last_mark(std::move(source)); }
    void hand_over(Record record) override { store_.hand_over(std::move(record)); }

    std::uint64_t slowed() const { return slowed_; }

private:
    /// An alarm that went up and is not known to be stored.
    struct AlarmUp {
        DeviceKey key;
        std::string same_as, id;
    };
    Task<void> until_allowed();
    Task<Result<Appended>> append_alarm(Record record, std::optional<SourceMark> mark);
    const AlarmUp* alarm_up(const Record& record) const;
    void forget(const Record& record);
    RecordSink& store_;
    Clock& clock_;
    Entropy& entropy_;
    Limits limits_;
    std::function<void(const Record&)> volatile_alarm_;
    double tokens_;
    Instant filled_at_;
    std::uint64_t slowed_ = 0;
    std::deque<AlarmUp> alarms_up_; ///< at most alarms_up_max, the oldest is forgotten
};

} // namespace gatehouse::app
