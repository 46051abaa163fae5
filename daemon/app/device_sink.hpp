// SPDX-License-Identifier: Apache-2.0
//
// The sink as one device sees it: a device that floods is slowed, alone, and counted; an alarm that finds no disk goes up at once.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/record/sink.hpp"

#include <functional>

namespace gatehouse::app {

/// Token bucket per device in front of the store's sink. Loop only.
class DeviceSink final : public RecordSink {
public:
    struct Limits {
        std::int64_t records_per_s_max = 50;
        std::int64_t burst_records_max = 1000;
    };
    /// `volatile_alarm` is called with an urgent record that the disk refused (the record keeps its id and is handed over to be stored
    /// when the disk is back).
    DeviceSink(RecordSink& store, Clock& clock, Limits limits, std::function<void(const Record&)> volatile_alarm);

    Task<Result<Appended>> append(Record record, std::optional<SourceMark> mark) override;
    Task<Result<std::optional<SourceMark>>> last_mark(std::string source) override { return store_.last_mark(std::move(source)); }
    void hand_over(Record record) override { store_.hand_over(std::move(record)); }

    std::uint64_t slowed() const { return slowed_; }

private:
    Task<void> until_allowed();
    RecordSink& store_;
    Clock& clock_;
    Limits limits_;
    std::function<void(const Record&)> volatile_alarm_;
    double tokens_;
    Instant filled_at_;
    std::uint64_t slowed_ = 0;
};

} // namespace gatehouse::app
