// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/clock_care.hpp"

#include "daemon/base/log.hpp"
#include "drivers/isapi/ntp_server.hpp"
#include "drivers/isapi/time_setting.hpp"

#include <cstdlib>

namespace gatehouse::drivers::isapi {

namespace {

bool is_wrong(std::optional<std::int64_t> offset_us) { return offset_us && std::abs(*offset_us) > clock_offset_max.count(); }

// What a device will not do about its clock does not end the conversation; losing it or its password does.
bool is_grave(Fault fault) { return fault == Fault::unreachable || fault == Fault::timed_out || fault == Fault::refused || fault == Fault::gone; }

} // namespace

ClockCare::ClockCare(DeviceApi& api, Writer& writer, Surroundings surroundings, const DeviceInfo& device)
    : api_(api), writer_(writer), surroundings_(surroundings), device_(device) {}

Task<Done> ClockCare::measure() {
    auto& clock = surroundings_.clock;
    const auto asked_at = clock.now();
    std::string method = "GET";
    std::string target(time_target);
    auto answer = co_await api_.ask(std::move(method), std::move(target), std::string(), DeviceApi::Patience::once);
    if (!answer) {
        if (is_grave(answer.error().fault())) co_return std::move(answer).error().during("reading the clock");
        co_return Done();
    }
    const auto answered_at = clock.now();
    auto setting = decode_time_setting(*answer, surroundings_.zone);
    if (!setting) {
        ++writer_.status().malformed;
        co_return Done();
    }
    mode_ = setting->mode;
    zone_ = setting->zone;
    // An unsynced clock of ours proves nothing about theirs.
    if (clock.quality() != ClockQuality::synced) {
        writer_.set_clock_offset(std::nullopt);
        co_return Done();
    }
    // The device tells whole seconds: on average it is half a second further.
    const auto middle = asked_at + (answered_at - asked_at) / 2;
    const auto offset = (setting->local + std::chrono::milliseconds(500) - middle).count();
    writer_.set_clock_offset(offset);
    if (!is_wrong(offset)) {
        told_offset_us_.reset();
        co_return Done();
    }
    if (told_offset_us_ && std::abs(*told_offset_us_ - offset) <= clock_offset_max.count()) co_return Done();
    Record skewed = writer_.record_now(Kind::clock_skewed);
    skewed.clock = ClockState::skewed;
    skewed.clock_offset_us = offset;
    skewed.facts["offset_ms"] = offset / 1000;
    skewed.facts["set"] = device_.may_set_clock;
    auto told = co_await writer_.tell(std::move(skewed));
    if (told) told_offset_us_ = offset;
    co_return told;
}

Task<Done> ClockCare::tell_change(std::string setting, std::string value, std::string previous) {
    Record changed = writer_.record_now(Kind::device_changed);
    changed.facts["setting"] = setting;
    changed.facts["value"] = value;
    changed.facts["previous"] = previous;
    co_return co_await writer_.tell(std::move(changed));
}

Task<Done> ClockCare::set_right() {
    if (!device_.may_set_clock || surroundings_.clock.quality() != ClockQuality::synced) co_return Done();
    if (is_wrong(writer_.clock_reading().offset_us)) {
        auto set = co_await set_clock();
        if (!set) {
            if (is_grave(set.error().fault())) co_return set;
            log::warning("isapi", "the device's clock could not be set", {{"device", device_.id}, {"why", set.error().what()}});
        }
    }
    if (const auto ntp = device_.options.find("ntp_server"); ntp != device_.options.end() && !ntp->second.empty()) {
        std::string host = ntp->second;
        auto set = co_await set_ntp_server(std::move(host));
        if (!set) {
            if (is_grave(set.error().fault())) co_return set;
            log::warning("isapi", "the device's NTP server could not be set", {{"device", device_.id}, {"why", set.error().what()}});
        }
    }
    co_return Done();
}

Task<Done> ClockCare::set_clock() {
    auto& clock = surroundings_.clock;
    const auto offset = Duration(writer_.clock_reading().offset_us.value_or(0));
    const auto previous = device_time_text(clock.now() + offset, surroundings_.zone);
    const auto value = device_time_text(clock.now(), surroundings_.zone);
    std::string method = "PUT";
    std::string target(time_target);
    auto body = encode_time_setting("manual", clock.now(), surroundings_.zone, zone_);
    auto answer = co_await api_.ask(std::move(method), std::move(target), std::move(body));
    if (!answer) co_return std::move(answer).error();
    auto told = co_await tell_change("clock", value, previous);
    if (!told) co_return told;
    // Setting by hand switches NTP off on these devices, so it is switched on again.
    if (mode_ == "NTP") {
        std::string again = "PUT";
        std::string where(time_target);
        auto by_ntp = encode_time_setting("NTP", clock.now(), surroundings_.zone, zone_);
        auto back = co_await api_.ask(std::move(again), std::move(where), std::move(by_ntp));
        if (!back) log::warning("isapi", "NTP could not be switched on again", {{"device", device_.id}, {"why", back.error().what()}});
    }
    co_return co_await measure();
}

Task<Done> ClockCare::set_ntp_server(std::string host) {
    std::string method = "GET";
    std::string target(ntp_servers_target);
    auto answer = co_await api_.ask(std::move(method), std::move(target));
    if (!answer) co_return std::move(answer).error();
    auto now = decode_ntp_servers(*answer);
    if (!now) co_return std::move(now).error();
    if (now->host == host) co_return Done();
    NtpServer wanted = *now;
    wanted.host = host;
    std::string put = "PUT";
    std::string where(ntp_servers_target);
    auto body = encode_ntp_servers(wanted);
    auto set = co_await api_.ask(std::move(put), std::move(where), std::move(body));
    if (!set) co_return std::move(set).error();
    std::string setting = "ntp_server";
    co_return co_await tell_change(std::move(setting), std::move(host), now->host);
}

} // namespace gatehouse::drivers::isapi
