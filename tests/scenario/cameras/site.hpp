// SPDX-License-Identifier: Apache-2.0
//
// A gateway with cameras and nothing else, and what is to be seen of it from outside: its files, its log, its API.
#pragma once

#include "daemon/base/clock.hpp"
#include "tests/harness/cameras.hpp"
#include "tests/harness/gateway.hpp"
#include "tests/harness/temp_dir.hpp"

#include <doctest/doctest.h>

#include <signal.h>
#include <sstream>

namespace gatehouse::harness {

namespace fs = std::filesystem;

constexpr std::uintmax_t init_part_bytes_max = 8 * 1024; ///< of a file without sound; a fragment of these pictures is far beyond

/// A gateway with cameras and nothing else.
struct Site {
    explicit Site(const std::string& recording = "segment_s = 2\n") : gateway(options(recording), home.path()) {}

    GatewayOptions options(const std::string& recording) const {
        GatewayOptions made;
        made.more_settings = "[recording]\ndirectory = \"" + recordings().string() + "\"\n" + recording;
        return made;
    }
    fs::path recordings() const { return home / "recordings"; }

    void add(const std::string& id, const IpCamera& camera, const std::string& password = {}) {
        const auto file = home / (id + ".password");
        write_secret(file, password.empty() ? camera.options().password : password);
        devices += "[[device]]\nid = \"" + id + "\"\ndriver = \"rtsp\"\nname = \"" + id +
                   "\"\naddress = \"127.0.0.1\"\nport = " + std::to_string(camera.rtsp_port()) + "\nusername = \"" + camera.options().user +
                   "\"\npassword_credential = \"" + file.string() + "\"\noptions = { path = \"/main\" }\n";
        gateway.set_devices(devices);
    }

    /// Whole files of a camera, by ffprobe; each must be without a flaw.
    std::uint64_t frames_recorded(const std::string& id) const {
        std::uint64_t frames = 0;
        for (const auto& entry : fs::directory_iterator(recordings() / id)) {
            CAPTURE(entry.path().string());
            REQUIRE(entry.path().extension() == ".mp4");
            frames += std::stoull(run_to_end("/usr/bin/ffprobe", {"-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries",
                                                                  "stream=nb_read_frames", "-of", "csv=p=0", entry.path().string()}));
        }
        return frames;
    }
    /// Of the file that is being written; 0: none is.
    std::uintmax_t open_bytes(const std::string& id) const {
        for (const auto& entry : fs::directory_iterator(recordings() / id)) {
            std::error_code gone;
            if (entry.path().extension() != ".part") continue;
            const auto bytes = fs::file_size(entry.path(), gone);
            if (!gone) return bytes;
        }
        return 0;
    }
    std::size_t closed(const std::string& id, const std::string& end) {
        std::size_t count = 0;
        std::istringstream lines(gateway.log());
        for (std::string line; std::getline(lines, line);)
            if (line.find("segment closed") != line.npos && line.find("device=" + id) != line.npos && line.find("end=" + end) != line.npos) ++count;
        return count;
    }
    void wait_closed(const std::string& id, const std::string& end, std::size_t count) {
        eventually(
            id + " closed " + std::to_string(count) + " segments as " + end, [&] { return closed(id, end) >= count; }, patience,
            [&] { return gateway.process().last_words(); });
    }
    std::size_t records(const std::string& kind, const std::string& id) const {
        const auto page = gateway.api().get("/api/v1/records?limit=500&kind=" + kind + "&source=" + id);
        const auto text = boost::json::serialize(page);
        std::size_t count = 0;
        for (auto at = text.find("\"kind\""); at != text.npos; at = text.find("\"kind\"", at + 1)) ++count;
        return count;
    }
    void wait_record(const std::string& kind, const std::string& id) {
        eventually(
            kind + " of " + id, [&] { return records(kind, id) > 0; }, patience, [&] { return gateway.process().last_words(); });
    }

    TempDir home{"cameras"};
    Gateway gateway;
    std::string devices;
};

/// The worker that writes into this folder.
inline pid_t worker_of(const fs::path& folder) {
    for (const auto& process : fs::directory_iterator("/proc")) {
        std::error_code gone;
        for (const auto& each : fs::directory_iterator(process.path() / "fd", fs::directory_options::skip_permission_denied, gone)) {
            const auto target = fs::read_symlink(each.path(), gone);
            if (!gone && target == folder) return static_cast<pid_t>(std::stol(process.path().filename().string()));
        }
    }
    throw Trouble("no worker writes into " + folder.string());
}

inline std::uint64_t sent(const IpCamera& camera) {
    std::uint64_t frames = 0;
    for (const auto& client : camera.clients()) frames += client.frames;
    return frames;
}

} // namespace gatehouse::harness
