// SPDX-License-Identifier: Apache-2.0
//
// GStreamer's RTSP server around the lenses: log-in, SDP, packets, sender reports. Listens on 127.0.0.1 at a port of its own; what clients see of it
// passes through Front. Its threads are GStreamer's; the members may be called from any.
#pragma once

#include "tests/simulators/cameras/rtsp/lens.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::simulators::cameras {

enum class LogIn { none, basic, digest };

struct StreamServerChoice {
    LogIn log_in = LogIn::digest;
    std::string user = "admin", password = "Gate-2024!", realm = "IP Camera";
    std::string audio = "none"; // none, pcma, aac
};

class StreamServer {
public:
    /// The lenses stay whole for as long as this lives; each is served under /NAME.
    StreamServer(StreamServerChoice choice, const std::vector<Lens*>& lenses);
    ~StreamServer();
    StreamServer(const StreamServer&) = delete;
    StreamServer& operator=(const StreamServer&) = delete;

    std::uint16_t port() const;
    /// From now on; who is logged in stays.
    void set_password(const std::string& password);

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse::simulators::cameras
