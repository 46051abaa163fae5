// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/devices.hpp"

#include "daemon/base/log.hpp"

namespace gatehouse::app {

namespace {

bool is_same(const registry::Device& one, const registry::Device& other) {
    return registry::to_json(one, true) == registry::to_json(other, true) && one.info.password == other.info.password;
}

// While its password is changed nobody else logs in to a device: a wrong try of ours would count towards its lock.
bool is_left_alone(const registry::Device& device) { return !device.next_password.empty(); }

drivers::DeviceStatus status_between_passwords() {
    drivers::DeviceStatus status;
    status.state = drivers::DeviceStatus::State::offline;
    status.fault = "its password is being changed: it is left alone until the old one or the new one is proved";
    return status;
}

} // namespace

Devices::Devices(registry::Registry& registry, RecordSink& sink, drivers::Surroundings surroundings, DriverFactory make, DeviceSink::Limits limits,
                 std::function<void(const Record&)> volatile_alarm, drivers::Company company)
    : registry_(registry), sink_(sink), surroundings_(surroundings), make_(std::move(make)), limits_(limits),
      volatile_alarm_(std::move(volatile_alarm)), company_(company), group_(surroundings.loop) {}

Task<void> Devices::hold(std::shared_ptr<Conversation> conversation, drivers::Surroundings surroundings, drivers::Company company) {
    co_await drivers::supervise(*conversation->driver, conversation->device.info, *conversation->sink, surroundings, company);
}

void Devices::begin(const registry::Device& device) {
    auto driver = make_(device.info);
    if (!driver) {
        log::error("device", "cannot be spoken to", {{"device", device.info.id}, {"what", driver.error().what()}});
        return;
    }
    auto conversation = std::make_shared<Conversation>();
    conversation->device = device;
    conversation->driver = std::move(*driver);
    conversation->sink = std::make_unique<DeviceSink>(sink_, surroundings_.clock, surroundings_.entropy, limits_, volatile_alarm_);
    auto ended = [flag = conversation->ended, this] {
        *flag = true;
        one_ended_.set();
    };
    auto task = hold(conversation, surroundings_, company_);
    conversation->handle = group_.spawn("device " + device.info.id, std::move(task), std::move(ended));
    conversations_.insert_or_assign(device.info.id, std::move(conversation));
}

// A changed device is a new conversation; the old one has ended before the new begins, so that no device is spoken to twice.
Task<void> Devices::settle() {
    std::vector<std::string> leaving;
    for (const auto& [id, conversation] : conversations_) {
        const auto row = registry_.devices().find(id);
        if (row == registry_.devices().end() || !is_same(row->second, conversation->device) || is_left_alone(row->second)) leaving.push_back(id);
    }
    for (const auto& id : leaving) {
        const auto conversation = conversations_.at(id);
        group_.cancel(conversation->handle);
        while (!*conversation->ended) {
            one_ended_.reset();
            co_await one_ended_.wait();
        }
        conversations_.erase(id);
    }
    for (const auto& [id, device] : registry_.devices())
        if (!conversations_.contains(id) && !is_left_alone(device)) begin(device);
}

Task<Done> Devices::until_left(std::string id) {
    constexpr Duration left_look_every = std::chrono::milliseconds(50);
    const auto until = surroundings_.clock.steady_now() + leave_limit;
    while (conversations_.contains(id)) {
        if (surroundings_.clock.steady_now() >= until) co_return Error(Fault::busy, "the conversation with " + id + " does not end");
        co_await surroundings_.clock.sleep_for(left_look_every);
    }
    co_return Done();
}

Task<void> Devices::follow_registry() {
    for (;;) {
        registry_.changed().reset();
        co_await settle();
        co_await registry_.changed().wait();
    }
}

Task<void> Devices::run() {
    auto body = follow_registry();
    co_await group_.around(std::move(body));
}

std::map<std::string, drivers::DeviceStatus> Devices::statuses() const {
    std::map<std::string, drivers::DeviceStatus> statuses;
    for (const auto& [id, conversation] : conversations_) statuses.emplace(id, conversation->driver->status());
    for (const auto& [id, device] : registry_.devices())
        if (is_left_alone(device) && !statuses.contains(id)) statuses.emplace(id, status_between_passwords());
    return statuses;
}

std::optional<drivers::DeviceStatus> Devices::status_of(const std::string& id) const {
    const auto found = conversations_.find(id);
    if (found != conversations_.end()) return found->second->driver->status();
    const auto row = registry_.devices().find(id);
    if (row == registry_.devices().end() || !is_left_alone(row->second)) return std::nullopt;
    return status_between_passwords();
}

drivers::DoorControl* Devices::doors_of(const std::string& id) const {
    const auto found = conversations_.find(id);
    return found == conversations_.end() ? nullptr : found->second->driver->doors();
}

std::vector<drivers::CameraStream> Devices::streams_of(const std::string& id) const {
    const auto found = conversations_.find(id);
    auto* camera = found == conversations_.end() ? nullptr : found->second->driver->camera();
    return camera == nullptr ? std::vector<drivers::CameraStream>() : camera->streams();
}

std::optional<drivers::PowerState> Devices::power_of(const std::string& id) const {
    const auto found = conversations_.find(id);
    return found == conversations_.end() ? std::nullopt : found->second->driver->power();
}

drivers::CardTable* Devices::cards_of(const std::string& id) const {
    const auto found = conversations_.find(id);
    return found == conversations_.end() ? nullptr : found->second->driver->cards();
}

} // namespace gatehouse::app
