// SPDX-License-Identifier: Apache-2.0
//
// Which streams a camera offers: each path that it may have is looked at by a worker that records nothing, one after the other, since a camera
// has few sessions to give. One wrong password ends it: five lock a camera.
#pragma once

#include "pipelines/link/camera_look.hpp"
#include "pipelines/link/glance.hpp"

namespace gatehouse::app {

constexpr Duration stream_look_max = std::chrono::seconds(12);

class StreamProbe {
public:
    StreamProbe(pipelines::GlanceParts parts, drivers::DeviceInfo camera) : parts_(std::move(parts)), camera_(std::move(camera)) {}

    /// Its own paths (options path, sub_path) and those that it `told` of, then those that cameras of the trade have, family by family until one
    /// fits. A path that is not there is left out unless it is one of its own. The fault of the last path when none plays.
    Task<Result<std::vector<pipelines::StreamSeen>>> run(std::vector<std::string> told);

private:
    Task<bool> look_at(std::string path, std::string set_as);
    Task<pipelines::StreamSeen> look(std::string path);

    pipelines::GlanceParts parts_;
    drivers::DeviceInfo camera_;
    std::vector<pipelines::StreamSeen> seen_;
    std::optional<Error> failed_;
};

} // namespace gatehouse::app
