// SPDX-License-Identifier: Apache-2.0
//
// An ONVIF camera. One conversation: what time is it, log in, who are you, where are your streams; then its events by pull point until it is over.
#pragma once

#include "daemon/net/http.hpp"
#include "drivers/camera_control.hpp"
#include "drivers/driver.hpp"
#include "drivers/onvif/event_table.hpp"

#include <functional>
#include <memory>

namespace gatehouse::drivers::onvif {

constexpr std::size_t streams_max = 8;
constexpr Duration pull_wait = std::chrono::seconds(20);         ///< how long the camera may keep an empty answer back
constexpr Duration pull_answer_limit = std::chrono::seconds(30); ///< then it is lost
constexpr std::chrono::seconds pull_point_life{120};             ///< asked for, and each time renewed
constexpr std::size_t pull_messages_limit = 64;

/// Why there is no conversation, as a technician must know it.
enum class Trouble {
    none,
    not_activated,  ///< the camera was never given a password
    onvif_off,      ///< it lives, but ONVIF is switched off, or it has none
    wrong_password, ///< or an account that ONVIF does not know: many have a user list of its own
    locked,         ///< after too many wrong passwords, whoever's
    clock_too_far,  ///< the log-in holds a time, and the camera's clock is not what it says
};
std::string_view name_of(Trouble trouble);

/// Where HTTP to the device comes from: in production make_http_client, in tests a scripted one.
using HttpClients = std::function<std::unique_ptr<net::HttpClient>(const DeviceInfo&, Surroundings, Duration answer_limit)>;
std::unique_ptr<net::HttpClient> real_http_client(const DeviceInfo& device, Surroundings surroundings, Duration answer_limit);

/// A wrong password is tried once a conversation, by the way that the camera asks for; by token once more, but only after the camera's clock has
/// jumped.
class OnvifDriver final : public Driver {
public:
    /// What `surroundings` refers to outlives it.
    OnvifDriver(DeviceInfo device, Surroundings surroundings, EventTable table = built_in_events(), HttpClients clients = real_http_client);
    ~OnvifDriver() override;

    Task<Error> run(RecordSink& sink) override;
    DeviceStatus status() const override;
    CameraControl* camera() override;

    Trouble trouble() const; ///< of the last conversation that ended

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

std::unique_ptr<Driver> make_onvif(DeviceInfo device, Surroundings surroundings, EventTable table = built_in_events());

} // namespace gatehouse::drivers::onvif
