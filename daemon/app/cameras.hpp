// SPDX-License-Identifier: Apache-2.0
//
// Cameras among the registry's devices (driver "rtsp"): each becomes a supervised worker process. What outlives a conversation is kept
// here: a camera's viewers, and which walls its workers stood in.
#pragma once

#include "daemon/console/parts.hpp"
#include "drivers/camera_control.hpp"
#include "pipelines/link/camera.hpp"

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
    };
    explicit Cameras(Parts parts);

    /// Fault::malformed: an option that the device's README does not know that way; unsupported: it names a network interface, to which a
    /// worker cannot be bound.
    Result<std::unique_ptr<drivers::Driver>> make(const drivers::DeviceInfo& device);

    /// A worker for one of the streams of a device that tells its streams, or whose streams are known (whole_camera.hpp).
    Result<std::unique_ptr<drivers::Driver>> make_picture(const drivers::DeviceInfo& device, const drivers::CameraStream& stream);

    /// None: no such camera. Valid as long as the cameras are.
    pipelines::LiveFeed* live_of(const std::string& id) const;

    /// For `check`: walls that the kernel has and somebody forbids, and those that it lacks.
    std::vector<console::Finding> findings() const;

private:
    Result<std::unique_ptr<drivers::Driver>> make_worker(const drivers::DeviceInfo& device, bool tells_online);

    Parts parts_;
    std::map<std::string, std::unique_ptr<pipelines::LiveFeed>> feeds_;
    std::optional<pipelines::Ready> walls_; ///< of the worker that began last: all stand in the same
};

/// gatehouse-media: beside this program (a build), or where the package puts it.
std::string media_program();

} // namespace gatehouse::app
