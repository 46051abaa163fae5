// SPDX-License-Identifier: Apache-2.0
//
// One conversation with one UPS through NUT's upsd (RFC 9271): which UPS, what it is, and then its status every two seconds and its
// variables every thirty. What counts as a change of what: ups_status.hpp, readings.hpp. Options and quirks: README.md here.
#pragma once

#include "drivers/driver.hpp"
#include "drivers/nut/readings.hpp"
#include "drivers/nut/ups_status.hpp"

namespace gatehouse::drivers::nut {

constexpr std::uint16_t default_port = 3493;
constexpr Duration connect_max = std::chrono::seconds(5);
constexpr Duration answer_max = std::chrono::seconds(5);
constexpr Duration status_every = std::chrono::seconds(2);     ///< NUT's drivers ask the UPS as often
constexpr Duration variables_every = std::chrono::seconds(30); ///< a list of some sixty lines
constexpr Duration others_told_every = std::chrono::seconds(60);

class Exchange;

class NutDriver final : public Driver {
public:
    NutDriver(DeviceInfo device, Surroundings surroundings);

    /// Fault::timed_out: upsd or the UPS behind it is silent; refused: name, password or address; gone: no such UPS; unsupported: TLS, or
    /// several UPSs and none named. A disk that fails does not end it: alarms still go up, and the power is still watched.
    Task<Error> run(RecordSink& sink) override;

    DeviceStatus status() const override { return status_; }
    std::optional<PowerState> power() const override;
    Turn turn() override { return Turn::power; }

private:
    Task<Error> converse(RecordSink& sink);
    Task<Result<std::string>> find_ups(Exchange& exchange);
    Task<void> remember(RecordSink& sink);
    Task<void> take_status(RecordSink& sink, std::string words);
    Task<void> tell_change(RecordSink& sink, Change change, std::string words);
    Task<void> tell_readings(RecordSink& sink);
    Task<void> tell_others(RecordSink& sink, std::string words);
    Task<void> tell(RecordSink& sink, Record record, bool moves_mark);
    Record own_record(Kind kind) const;
    SourceMark mark() const;
    std::string identity() const;

    DeviceInfo device_;
    Surroundings surroundings_;
    DeviceStatus status_;
    Readings readings_;
    std::map<std::string, std::string> variables_;
    bool remembers_ = false;
    bool has_status_ = false;
    UpsStatus told_;          ///< what the log says by now
    std::uint64_t turns_ = 0; ///< how many changes were told: the mark's number
    std::string lost_id_;
    std::optional<Instant> on_battery_heard_, others_told_at_;
};

std::unique_ptr<Driver> make_nut(DeviceInfo device, Surroundings surroundings);

} // namespace gatehouse::drivers::nut
