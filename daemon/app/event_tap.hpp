// SPDX-License-Identifier: Apache-2.0
//
// The devices' way to the log, with somebody who hears what passes: a camera that records on events waits for no disk.
#pragma once

#include "daemon/record/sink.hpp"

#include <functional>

namespace gatehouse::app {

/// Loop only. `hear` is called before a record is handed on, also with one that the log has already or refuses.
class EventTap final : public RecordSink {
public:
    EventTap(RecordSink& log, std::function<void(const Record&)> hear) : log_(log), hear_(std::move(hear)) {}

    Task<Result<Appended>> append(Record record, std::optional<SourceMark> mark) override {
        hear_(record);
        return log_.append(std::move(record), std::move(mark));
    }
    Task<Result<std::optional<SourceMark>>> last_mark(std::string source) override { return log_.last_mark(std::move(source)); }
    void hand_over(Record record) override {
        hear_(record);
        log_.hand_over(std::move(record));
    }

private:
    RecordSink& log_;
    std::function<void(const Record&)> hear_;
};

} // namespace gatehouse::app
