// SPDX-License-Identifier: Apache-2.0
//
// Cameras among the registry's devices (driver "rtsp"): each becomes a supervised worker process. What outlives a conversation is kept
// here: a camera's viewers, its second stream (a worker of its own, while somebody looks), and which walls its workers stood in.
#pragma once

#include "daemon/console/parts.hpp"
#include "drivers/camera_control.hpp"
#include "pipelines/link/camera.hpp"
#include "pipelines/link/sub_stream.hpp"

#include <map>
#include <memory>
#include <string>

namespace gatehouse::app {

/// Lives on the loop, longer than the drivers that it makes.
class Cameras {
public:
    struct Parts {
        drivers::Surroundings surroundings;
        net::Children& children;
        std::string program; ///< gatehouse-media
        pipelines::RecordingRules rules;
        std::function<Task<Done>(std::string folder)> make_folder;
        std::function<void(pipelines::Segment)> closed;
        /// A hole in a camera's recordings whose cause is known.
        std::function<void(const std::string& camera, Time from, Time to, const std::string& cause)> missed;
        /// How far the index has recordings of a camera; none: it has none.
        std::function<std::optional<Time>(const std::string& camera)> recorded_until;
        const drivers::Outage& outage;
    };
    explicit Cameras(Parts parts);

    /// Fault::malformed: an option that the device's README does not know that way; unsupported: it names a network interface, to which a
    /// worker cannot be bound.
    Result<std::unique_ptr<drivers::Driver>> make(const drivers::DeviceInfo& device);

    /// A worker for one of the streams of a device that tells its streams, or whose streams are known (whole_camera.hpp).
    Result<std::unique_ptr<drivers::Driver>> make_picture(const drivers::DeviceInfo& device, const drivers::CameraStream& stream);

    /// Second streams for who looks at them. Ends by cancellation.
    Task<void> run();

    /// `stream`: "main", "sub", or empty: the second one where there is one and the main one is no H.264. No feed: no such camera or stream.
    console::LivePicture live_of(const std::string& id, const std::string& stream) const;
    std::map<std::string, pipelines::CameraLook> looks() const;
    /// Fault::gone: no such camera, or no picture comes from it.
    Task<Result<pipelines::SnapshotTaken>> snapshot(std::string id) const;
    /// console::Parts::probe_camera. `told`: paths that the camera itself names.
    Task<Result<std::vector<pipelines::StreamSeen>>> probe(drivers::DeviceInfo camera, std::vector<std::string> told) const;
    /// A record of some device, on its way to the log: cameras that record on events and whom it concerns take it for one (is_event_for).
    void hear(const Record& record) const;

    /// For `check`: walls that the kernel has and somebody forbids, and those that it lacks.
    std::vector<console::Finding> findings() const;

private:
    struct Kept {
        std::unique_ptr<pipelines::LiveFeed> feed = std::make_unique<pipelines::LiveFeed>();
        std::shared_ptr<pipelines::SubStream> sub;
        pipelines::Camera* camera = nullptr; ///< none: not registered now
        std::uint64_t life = 0;              ///< counts up with each camera that is made of the device
        std::string place;
        std::weak_ptr<pipelines::RecordingSwitch> recording; ///< lives as long as its camera
        bool has_two_voices = false;                         ///< its events come by another conversation than its picture
    };
    std::shared_ptr<void> until_removed(const std::string& id);
    pipelines::GlanceParts glance_parts() const { return {parts_.surroundings, parts_.children, parts_.program}; }
    Result<std::unique_ptr<drivers::Driver>> make_worker(const drivers::DeviceInfo& device, bool tells_online);

    Parts parts_;
    std::map<std::string, Kept> kept_;
    TaskGroup subs_;
    std::optional<pipelines::Ready> walls_; ///< of the worker that began last: all stand in the same
};

/// Whether a camera that records on events takes `record` for one: another device's at its place; or its own, where they come by another
/// conversation than its picture (ONVIF, ISAPI). What its worker saw has reached its switch already.
bool is_event_for(const Record& record, const std::string& camera, const std::string& place, bool has_two_voices);

/// gatehouse-media: beside this program (a build), or where the package puts it.
std::string media_program();

} // namespace gatehouse::app
