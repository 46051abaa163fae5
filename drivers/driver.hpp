// SPDX-License-Identifier: Apache-2.0
//
// What a driver must do: hold one conversation with one device and say why it ended. It never reconnects, never sleeps to retry, never
// writes the database: supervisor.hpp and the sink do that.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/entropy.hpp"
#include "daemon/net/network.hpp"
#include "daemon/record/sink.hpp"
#include "drivers/pace.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::drivers {

/// A door or lane of a device and where it stands.
struct Outlet {
    std::int64_t number = 1;
    std::string place;
    /// Lanes: what the camera's "forward" means here: "in", "out" or "unknown"; doors: the direction of reader 1.
    std::string forward = "unknown";
};

/// A device as the registry has it. Values, not live.
struct DeviceInfo {
    std::string id;
    std::string driver; ///< "isapi", "nut", "onvif", "rtsp", "uhppote"
    std::string model;  ///< what the driver branches on, e.g. "plate", "terminal", "UT0311-L04"
    net::Endpoint address;
    net::Binding binding;
    bool tls = false;
    std::string pinned_sha256;
    std::uint32_t serial = 0; ///< UHPPOTE
    std::string username;
    std::string password; ///< from the credential store, never logged
    std::string place;
    std::vector<Outlet> outlets;
    bool may_set_clock = true;                  ///< set the device's clock and NTP server when wrong
    bool may_set_listener = true;               ///< point the device's push at us when its slot is free
    std::map<std::string, std::string> options; ///< the driver's own, listed in its README
};

/// What the outside sees of a conversation.
struct DeviceStatus {
    enum class State { connecting, online, offline, refused } state = State::connecting;
    std::optional<Time> heard_at; ///< last sign of life
    std::optional<std::int64_t> clock_offset_us;
    std::string firmware;
    std::string fault; ///< in plain words, while not online
    std::uint64_t events = 0, repeats = 0, malformed = 0, oversize = 0, recovered = 0, lost = 0;
};

/// Opens doors and lifts barriers. Never closes one: that belongs to its loop or radar. Waits for no disk.
class DoorControl {
public:
    virtual ~DoorControl() = default;
    /// Done: the device said yes. Fault::gone: no such door. At most one try unless the protocol makes a second harmless.
    virtual Task<Done> open(std::int64_t outlet) = 0;
};

/// A card as a controller holds it.
struct CardRow {
    std::uint32_t number = 0;
    std::string from, to;              ///< dates, YYYY-MM-DD
    std::map<std::int64_t, int> doors; ///< outlet -> 0 no, 1 always, 2..254 time profile
    std::uint32_t pin = 0;
};

class CardTable {
public:
    virtual ~CardTable() = default;
    virtual Task<Done> put(CardRow card) = 0;
    virtual Task<Result<std::optional<CardRow>>> get(std::uint32_t number) = 0;
    virtual Task<Done> remove(std::uint32_t number) = 0;
    virtual Task<Result<std::vector<CardRow>>> list() = 0;
};

/// What a UPS says of the mains behind it.
struct PowerState {
    bool on_battery = false;
    bool is_ending = false;                    ///< minutes are left: battery low, or the shutdown was ordered
    std::optional<Instant> on_battery_heard{}; ///< when it last said that it was on battery
    std::string lost_id;                       ///< the id of the power.lost record of this outage, or of the last one
};

class CameraControl; // camera_control.hpp

class Driver {
public:
    virtual ~Driver() = default;

    /// One conversation. Comes back when it is over, and says why: refused means that trying again soon makes it worse (wrong password).
    /// It appends its own events; device.online is appended by the driver once the device has answered, device.offline by the supervisor.
    virtual Task<Error> run(RecordSink& sink) = 0;

    /// True: it appends its own records of being lost and found (a camera's are camera.lost, camera.restored), and the supervisor appends
    /// no device.offline.
    virtual bool tells_its_losses() const { return false; }

    virtual DeviceStatus status() const = 0;
    virtual DoorControl* doors() { return nullptr; }
    virtual CardTable* cards() { return nullptr; }
    /// None: no UPS, or it has not been heard yet. Kept between conversations: the last that was heard.
    virtual std::optional<PowerState> power() const { return std::nullopt; }
    /// When many begin at once (pace.hpp).
    virtual Turn turn() { return doors() != nullptr ? Turn::doors : Turn::others; }
    virtual CameraControl* camera() { return nullptr; }
};

/// What every driver is given. Outlives it.
struct Surroundings {
    Loop& loop;
    Clock& clock;
    Entropy& entropy;
    net::Network& network;
    std::chrono::minutes zone = std::chrono::hours(8); ///< local time of devices that state none
};

} // namespace gatehouse::drivers
