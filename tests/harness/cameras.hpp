// SPDX-License-Identifier: Apache-2.0
//
// An IP camera (camera-simulator) in a story: where it is, what it really sent to whom, and what is to be seen in it. Its first start with a scene
// draws and encodes it, which takes as long as the scene at 1080p; later ones take what lies in build/scenes.
#pragma once

#include "tests/harness/simulator.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::harness {

struct CameraOptions {
    std::string scene = "gate_day";
    double seconds = 30;
    int fps = 25;
    std::string size = "1920x1080", codec = "h264";
    std::string sub_size = "640x360", sub_codec = "h264"; // none: there is no sub stream
    double key_every_s = 1;
    std::string other_size{}; // what the main stream can change to
    std::string audio = "none";
    std::string log_in = "digest"; // none, basic
    std::string user = "admin", password = "Gate-2024!";
    std::string address = "127.0.0.1";
    double clock_offset_s = 0;
    std::uint64_t seed = 1;
    std::vector<std::string> more{};
};

/// For tests that have a second or two: drawn in a moment, a key frame every 0.2 s.
CameraOptions small_camera();

/// What the camera sent to one client of one stream.
struct CameraClient {
    std::uint64_t client = 0;
    std::string stream, transport;
    bool is_there = false;
    std::uint64_t frames = 0, packets = 0, bytes = 0;
};

/// A frame of a stream: its number since the start, which frame of the scene it shows, and when it was due, Unix time.
struct CameraFrame {
    std::uint64_t number = 0, shows = 0;
    bool is_key = false;
    std::int64_t at_us = 0;
};

class IpCamera : public Simulator {
public:
    IpCamera(const std::string& name, CameraOptions options, const std::filesystem::path& folder);

    const CameraOptions& options() const { return options_; }
    std::uint16_t rtsp_port() const { return port("rtsp"); }
    std::uint16_t http_port() const { return port("http"); }
    /// rtsp://127.0.0.1:PORT/main, without and with the account.
    std::string url(const std::string& stream = "main") const;
    std::string url_with_account(const std::string& stream = "main") const;

    /// Every client that ever was, in order of arrival, a row a stream.
    std::vector<CameraClient> clients() const;
    /// All frames sent to all clients of a stream.
    std::uint64_t frames_sent(const std::string& stream = "main") const;
    std::vector<CameraFrame> frames(const std::string& stream = "main", std::uint64_t first = 0) const;
    /// Ends all connections after what is on its way.
    void drop() { fault("drop"); }
    /// motion, tamper, input (on or off) or line, over ONVIF.
    Made notice(const std::string& what, bool state = true) { return event({{"what", what}, {"state", state}}); }

private:
    CameraOptions options_;
};

} // namespace gatehouse::harness
