// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/cameras.hpp"

#include "tests/harness/ports.hpp"

#include <utility>

namespace gatehouse::harness {
namespace {

// Three streams of a minute at 1080p, on a machine that does other things too.
constexpr std::chrono::minutes drawn_within{5};

// The ports are drawn once, so that the camera stands at the same place after kill() and start().
std::vector<std::string> camera_arguments(const std::string& name, const CameraOptions& options) {
    std::vector<std::string> all{"--name",
                                 name,
                                 "--listen",
                                 options.address,
                                 "--rtsp-port",
                                 std::to_string(free_port()),
                                 "--http-port",
                                 std::to_string(free_port()),
                                 "--discovery-port",
                                 std::to_string(free_port()),
                                 "--scene",
                                 options.scene,
                                 "--seconds",
                                 std::to_string(options.seconds),
                                 "--fps",
                                 std::to_string(options.fps),
                                 "--size",
                                 options.size,
                                 "--codec",
                                 options.codec,
                                 "--sub-size",
                                 options.sub_size,
                                 "--sub-codec",
                                 options.sub_codec,
                                 "--key-every-s",
                                 std::to_string(options.key_every_s),
                                 "--audio",
                                 options.audio,
                                 "--login",
                                 options.log_in,
                                 "--user",
                                 options.user,
                                 "--password",
                                 options.password,
                                 "--clock-offset-s",
                                 std::to_string(options.clock_offset_s),
                                 "--seed",
                                 std::to_string(options.seed)};
    if (!options.other_size.empty()) all.insert(all.end(), {"--other-size", options.other_size});
    all.insert(all.end(), options.more.begin(), options.more.end());
    return all;
}

std::string word(const boost::json::value& row, const char* name) { return std::string(row.at(name).as_string()); }
std::uint64_t count(const boost::json::value& row, const char* name) { return row.at(name).to_number<std::uint64_t>(); }

} // namespace

CameraOptions small_camera() {
    CameraOptions options;
    options.seconds = 2;
    options.size = "320x180";
    options.sub_size = "none";
    options.key_every_s = 0.2;
    return options;
}

IpCamera::IpCamera(const std::string& name, CameraOptions options, const std::filesystem::path& folder)
    : Simulator(name, "camera-simulator", camera_arguments(name, options), folder, drawn_within), options_(std::move(options)) {}

std::string IpCamera::url(const std::string& stream) const { return "rtsp://" + options_.address + ":" + std::to_string(rtsp_port()) + "/" + stream; }

std::string IpCamera::url_with_account(const std::string& stream) const {
    return "rtsp://" + options_.user + ":" + options_.password + "@" + url(stream).substr(7);
}

std::vector<CameraClient> IpCamera::clients() const {
    std::vector<CameraClient> all;
    const boost::json::value rows = control().get("/clients");
    for (const auto& row : rows.as_array())
        all.push_back({.client = count(row, "client"),
                       .stream = word(row, "stream"),
                       .transport = word(row, "transport"),
                       .is_there = word(row, "until").empty(),
                       .frames = count(row, "frames"),
                       .packets = count(row, "packets"),
                       .bytes = count(row, "bytes")});
    return all;
}

std::uint64_t IpCamera::frames_sent(const std::string& stream) const {
    std::uint64_t sum = 0;
    for (const CameraClient& client : clients())
        if (client.stream == stream) sum += client.frames;
    return sum;
}

std::vector<CameraFrame> IpCamera::frames(const std::string& stream, std::uint64_t first) const {
    std::vector<CameraFrame> all;
    const boost::json::value rows = control().get("/frames/" + stream + "?after=" + std::to_string(first));
    for (const auto& row : rows.as_array())
        all.push_back({.number = count(row, "frame"),
                       .shows = count(row, "shows"),
                       .is_key = row.at("key").as_bool(),
                       .at_us = row.at("at_us").to_number<std::int64_t>()});
    return all;
}

} // namespace gatehouse::harness
