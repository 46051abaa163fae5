// SPDX-License-Identifier: Apache-2.0
//
// What a camera can be asked for besides its events: where its pictures are, and to move or switch something.
#pragma once

#include "daemon/base/task.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::drivers {

/// A stream that the camera offers, as its worker needs it.
struct CameraStream {
    enum class Role { main, sub } role = Role::main; ///< main: the largest of the camera's first video source; sub: the others
    std::string uri;                                 ///< rtsp://HOST:PORT/…, at the address under which we reach the camera, without credentials
    std::string codec;                               ///< "h264", "h265", "mjpeg"; empty: not told
    int width = 0, height = 0, fps = 0;              ///< 0: not told
    std::string profile;                             ///< the camera's own name for it
};

/// Speeds from -1 to 1, of the camera's own fastest.
struct CameraMotion {
    double pan = 0, tilt = 0, zoom = 0;
};

/// All calls on the loop. Faults: gone while there is no conversation, unsupported what the camera does not have.
class CameraControl {
public:
    virtual ~CameraControl() = default;
    /// As last told; empty before the first conversation. Largest first. Where the camera itself cannot be asked, but its maker is known, those
    /// that his cameras have.
    virtual std::vector<CameraStream> streams() const = 0;
    /// Where a JPEG can be had by HTTP digest; empty: nowhere.
    virtual std::string snapshot_uri() const = 0;
    /// The camera stops by itself after `camera_motion_max`, should stop() be lost.
    virtual Task<Done> move(CameraMotion motion) = 0;
    virtual Task<Done> stop() = 0;
    /// `output` counts from 1 in the camera's order.
    virtual Task<Done> set_relay(std::int64_t output, bool active) = 0;
};

constexpr Duration camera_motion_max = std::chrono::seconds(5);

} // namespace gatehouse::drivers
