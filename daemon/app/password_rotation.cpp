// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/password_rotation.hpp"

#include "daemon/base/log.hpp"

#include <algorithm>
#include <cctype>

namespace gatehouse::app {

namespace {

constexpr std::string_view small = "abcdefghijkmnpqrstuvwxyz", large = "ABCDEFGHJKLMNPQRSTUVWXYZ", digits = "23456789";
constexpr Duration half_done_look_every = std::chrono::seconds(5);

// The device may or may not have done it. Every other fault is its no.
bool leaves_open(Fault told) { return told == Fault::unreachable || told == Fault::timed_out || told == Fault::malformed || told == Fault::busy; }

/// For as long as it lives nobody else changes this device's password.
class UnderWay {
public:
    UnderWay(std::set<std::string>& all, std::string id) : all_(all), id_(std::move(id)) { all_.insert(id_); }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    ~UnderWay() { all_.erase(id_); }

private:
    std::set<std::string>& all_;
    std::string id_;
};

} // namespace

std::string make_password(Entropy& entropy) {
    const std::string all = std::string(small) + std::string(large) + std::string(digits);
    const auto is_in = [](std::string_view set) { return [set](char c) { return set.find(c) != std::string_view::npos; }; };
    for (;;) {
        std::string made;
        for (std::size_t i = 0; i < made_password_chars; ++i) made += all[entropy.below(all.size())];
        if (std::any_of(made.begin(), made.end(), is_in(small)) && std::any_of(made.begin(), made.end(), is_in(large)) &&
            std::any_of(made.begin(), made.end(), is_in(digits)))
            return made;
    }
}

Task<Done> PasswordRotation::prove(drivers::DeviceInfo info, std::string password) {
    info.password = std::move(password);
    auto writer = parts_.writer_of(info);
    if (!writer) co_return std::move(writer).error();
    co_return co_await (*writer)->prove();
}

// One of both is proved; the other one goes.
Task<Done> PasswordRotation::keep(registry::Device device, bool is_new, registry::By by) {
    if (is_new) {
        device.info.password = std::move(device.next_password);
        device.password_is_ours = true;
    }
    device.next_password.clear();
    co_return co_await parts_.registry.put_device(std::move(device), std::move(by));
}

Task<Done> PasswordRotation::write_and_prove(registry::Device device, registry::By by) {
    const auto id = device.info.id;
    auto writer = parts_.writer_of(device.info);
    if (!writer) co_return std::move(writer).error();
    std::string fresh = device.next_password;
    auto written = co_await (*writer)->write(std::move(fresh));
    if (!written && !leaves_open(written.error().fault())) {
        auto kept = co_await keep(std::move(device), false, std::move(by));
        if (!kept) co_return std::move(kept).error();
        co_return std::move(written).error().during("the old password stands");
    }
    auto proved = co_await prove(device.info, device.next_password);
    if (proved) co_return co_await keep(std::move(device), true, std::move(by));
    // No second try now: whichever it is, both are kept.
    const auto wait = leaves_open(proved.error().fault()) ? unheard_wait : both_refused_wait;
    not_before_[id] = parts_.clock.steady_now() + wait;
    Error why = written ? std::move(proved).error() : std::move(written).error();
    co_return std::move(why).during("half done: old and new password are kept until one is proved");
}

Task<Done> PasswordRotation::rotate(std::string id, registry::By by) {
    const auto found = parts_.registry.devices().find(id);
    if (found == parts_.registry.devices().end()) co_return Error(Fault::gone, "no device " + id);
    registry::Device device = found->second;
    if (under_way_.contains(id) || !device.next_password.empty()) co_return Error(Fault::busy, "the password of " + id + " is being changed already");
    if (device.info.password.empty()) co_return Error(Fault::unsupported, id + " has no password that could be changed");
    if (auto able = parts_.writer_of(device.info); !able) co_return std::move(able).error();
    const UnderWay under_way(under_way_, id);
    device.next_password = make_password(parts_.entropy);
    registry::Device both = device;
    auto stored = co_await parts_.registry.put_device(std::move(both), by);
    if (!stored) co_return std::move(stored).error();
    auto left = co_await parts_.until_left(id);
    if (!left) {
        auto kept = co_await keep(std::move(device), false, std::move(by));
        if (!kept) co_return std::move(kept).error();
        co_return left;
    }
    co_return co_await write_and_prove(std::move(device), std::move(by));
}

// The new one first: it was written before anything could go wrong more often than not. At most one wrong try each.
Task<PasswordRotation::Known> PasswordRotation::find_out(const registry::Device& device) {
    auto is_new = co_await prove(device.info, device.next_password);
    if (is_new) co_return Known::is_new;
    if (is_new.error().fault() != Fault::refused) co_return Known::unheard;
    auto is_old = co_await prove(device.info, device.info.password);
    if (is_old) co_return Known::is_old;
    co_return is_old.error().fault() == Fault::refused ? Known::neither : Known::unheard;
}

Task<void> PasswordRotation::settle(std::string id) {
    const UnderWay under_way(under_way_, id);
    const auto found = parts_.registry.devices().find(id);
    if (found == parts_.registry.devices().end()) co_return;
    registry::Device device = found->second;
    auto left = co_await parts_.until_left(id);
    if (!left) co_return;
    const auto known = co_await find_out(device);
    if (known == Known::is_new || known == Known::is_old) {
        log::info("gatehoused", "a password change that was left half done is settled",
                  {{"device", id}, {"password", known == Known::is_new ? "new" : "old"}});
        registry::By by{"admin", std::string(rotated_by)};
        auto kept = co_await keep(std::move(device), known == Known::is_new, std::move(by));
        if (kept) {
            not_before_.erase(id);
            co_return;
        }
        log::warning("gatehoused", "it could not be stored", {{"device", id}, {"what", kept.error().what()}});
    }
    if (known == Known::neither) log::error("gatehoused", "neither the old nor the new password is the device's", {{"device", id}});
    not_before_[id] = parts_.clock.steady_now() + (known == Known::neither ? both_refused_wait : unheard_wait);
}

Task<void> PasswordRotation::run() {
    for (;;) {
        std::vector<std::string> half_done;
        for (const auto& [id, device] : parts_.registry.devices()) {
            const auto wait = not_before_.find(id);
            const bool is_due = wait == not_before_.end() || wait->second <= parts_.clock.steady_now();
            if (!device.next_password.empty() && is_due && !under_way_.contains(id)) half_done.push_back(id);
        }
        for (auto& id : half_done) co_await settle(std::move(id));
        co_await parts_.clock.sleep_for(half_done_look_every);
    }
}

} // namespace gatehouse::app
