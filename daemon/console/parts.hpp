// SPDX-License-Identifier: Apache-2.0
//
// What the routes are made of: references and functions that daemon/app fills in, so that the console knows no concrete driver, upstream or
// settings file. Everything is called on the loop.
#pragma once

#include "daemon/auth/audit_trail.hpp"
#include "daemon/net/http.hpp"
#include "daemon/registry/library.hpp"
#include "daemon/registry/registry.hpp"
#include "daemon/store/admin.hpp"
#include "daemon/store/medium.hpp"
#include "daemon/store/recordings.hpp"
#include "daemon/store/store.hpp"
#include "drivers/driver.hpp"
#include "pipelines/link/camera_look.hpp"
#include "pipelines/link/live_feed.hpp"
#include "sync/upstream.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::console {

/// One thing that `check` looked at.
struct Finding {
    enum class Severity { fine, warning, fault } severity = Severity::fine;
    std::string part;   ///< "device gate-north-in", "upstream district", "clock", "disk", "network"
    std::string code;   ///< stable, e.g. "device.password_refused"
    std::string zh, en; ///< what is wrong, where, and what to do
};

/// A device that answered discovery and may not be registered yet.
struct Found {
    std::string driver, address, model, serial, note;
};

/// A span of a camera's recordings as one file (daemon/app/films.hpp makes it).
class Film {
public:
    virtual ~Film() = default;
    virtual std::uint64_t bytes() const = 0;
    virtual Digest tag() const = 0;         ///< the same for the same bytes
    virtual std::string codecs() const = 0; ///< RFC 6381
    virtual Time begins_at() const = 0;     ///< what second 0 is
    virtual Time ends_at() const = 0;
    virtual std::optional<Time> next_at() const = 0; ///< other parameters from then on: another film
    /// At least one byte from `offset` on, `bytes_max` at most.
    virtual Task<Result<Bytes>> read(std::uint64_t offset, std::size_t bytes_max) = 0;
};

/// A recorded key frame.
struct Still {
    std::string jpeg;
    Time shown_at{};
    int width = 0, height = 0;
};

/// What a plan needs of the settings.
struct PlanSettings {
    std::map<PictureRole, int> picture_days; ///< kept at most
    std::uint64_t reserve_bytes = 0;
    std::map<std::string, std::set<PictureRole>> upstreams; ///< which pictures each is entitled to
};

/// What `check --storage` has found out.
struct StorageReport {
    store::Medium medium;
    std::optional<store::SyncTimes> times; ///< none: could not be measured
    std::string not_measured;              ///< why
};

/// Where a camera's picture of now comes from. The feed is there as long as the camera is registered.
struct LivePicture {
    std::string stream; ///< "main", "sub"
    pipelines::LiveFeed* feed = nullptr;
};

struct Parts {
    Loop& loop;
    Clock& clock;
    store::Store& store;
    store::StoreAdmin& admin;
    registry::Registry& registry;
    auth::AuditTrail& audit;
    std::string gateway, compound, version, instance, socket_group;
    Time started{};

    std::function<std::map<std::string, drivers::DeviceStatus>()> device_statuses;
    std::function<drivers::DoorControl*(const std::string& device)> doors_of;
    std::function<drivers::CardTable*(const std::string& device)> cards_of;
    /// Broadcast on the device networks; a few seconds.
    std::function<Task<Result<std::vector<Found>>>(std::string address)> discover;
    std::function<std::vector<sync::Upstream*>()> upstreams;
    /// Settings in force as TOML, without secrets.
    std::function<std::string(bool zh)> settings_text;
    /// What only the app can see (interfaces, forwarding, clock, listeners); the console adds devices, upstreams, disk.
    std::function<Task<std::vector<Finding>>()> own_findings;
    std::function<PlanSettings()> plan_settings;
    /// Measures for a few seconds. Fault::busy: somebody else does.
    std::function<Task<Result<StorageReport>>()> measure_storage;
    /// A new epoch, and the upstreams take it up.
    std::function<Task<Result<store::Head>>()> renew_identity;
    /// A new password for a device, proved and kept (daemon/app/password_rotation.hpp); nobody is told it. Empty: none can be changed.
    std::function<Task<Done>(std::string device, registry::By by)> rotate_password = {};
    /// Clips that platforms asked for (daemon/app/clips.hpp), newest first, and the compound's yes or no. Empty: none can be asked for.
    std::function<json::array()> clips = {};
    std::function<Task<Result<json::object>>(std::string clip, bool is_yes, std::string reason, registry::By by)> decide_clip = {};
    /// Null: this gateway records nothing.
    store::Recordings* recordings = nullptr;
    /// Fault::gone: nothing was recorded in the span; unsupported: it is too long.
    std::function<Task<Result<std::shared_ptr<Film>>>(std::string camera, std::string stream, Time from, Time to)> play = {};
    registry::Library* library = nullptr; ///< never null where its routes are asked
    Executor* pool = nullptr;             ///< for what computes long; null: the loop does it
    /// By camera.
    std::function<std::map<std::string, pipelines::CameraLook>()> camera_looks = {};
    /// `stream`: "main", "sub" or empty, for the one that browsers can play. No feed: the camera has no such stream.
    std::function<LivePicture(const std::string& camera, const std::string& stream)> live_of = {};
    /// Fault::gone: no picture comes.
    std::function<Task<Result<pipelines::SnapshotTaken>>(std::string camera)> snapshot = {};
    /// Tries the streams that the camera is known to have, and those that cameras of the trade have, one after the other; some seconds. Fault::
    /// refused: a wrong password, and nothing more was tried; unreachable, timed_out, gone: none was found.
    std::function<Task<Result<std::vector<pipelines::StreamSeen>>>(drivers::DeviceInfo camera)> probe_camera = {};
    /// Fault::gone: no key frame was recorded shortly before `at`; others: it could not be drawn.
    std::function<Task<Result<Still>>(std::string camera, std::string stream, Time at, std::uint16_t width_max)> still = {};
};

} // namespace gatehouse::console
