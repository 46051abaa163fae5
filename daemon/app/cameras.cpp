// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/cameras.hpp"

#include "daemon/app/whole_camera.hpp"
#include "daemon/base/log.hpp"

#include <filesystem>

namespace gatehouse::app {

namespace {
constexpr auto packaged_program = "/usr/lib/gatehouse/gatehouse-media";
}

Cameras::Cameras(Parts parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<drivers::Driver>> Cameras::make(const drivers::DeviceInfo& device) { return make_worker(device, true); }

Result<std::unique_ptr<drivers::Driver>> Cameras::make_picture(const drivers::DeviceInfo& device, const drivers::CameraStream& stream) {
    auto picture = picture_of(device, stream);
    if (!picture) return std::move(picture).error();
    return make_worker(*picture, false);
}

Result<std::unique_ptr<drivers::Driver>> Cameras::make_worker(const drivers::DeviceInfo& device, bool tells_online) {
    if (!device.binding.interface.empty())
        return Error(Fault::unsupported, "a camera's stream cannot be bound to interface " + device.binding.interface + " yet");
    auto configuration = pipelines::configuration_of(device, parts_.rules);
    if (!configuration) return std::move(configuration).error();
    auto& feed = feeds_[device.id];
    if (!feed) feed = std::make_unique<pipelines::LiveFeed>();
    pipelines::Camera::Parts made{parts_.surroundings, parts_.children, parts_.program, *feed, parts_.closed};
    made.walls = [this](const pipelines::Ready& ready) { walls_ = ready; };
    made.make_folder = parts_.make_folder;
    made.tells_online = tells_online;
    made.missed = [this, id = device.id](Time from, Time to, const std::string& cause) { parts_.missed(id, from, to, cause); };
    made.recorded_until = [this, id = device.id] { return parts_.recorded_until(id); };
    return std::unique_ptr<drivers::Driver>(std::make_unique<pipelines::Camera>(device, std::move(*configuration), std::move(made)));
}

pipelines::LiveFeed* Cameras::live_of(const std::string& id) const {
    const auto found = feeds_.find(id);
    return found == feeds_.end() ? nullptr : found->second.get();
}

std::vector<console::Finding> Cameras::findings() const {
    using pipelines::Wall;
    using Severity = console::Finding::Severity;
    std::vector<console::Finding> findings;
    if (!walls_) return findings;
    const auto look = [&](Wall wall, const std::string& name) {
        if (wall == Wall::refused)
            findings.push_back({Severity::fault, "cameras", "cameras.wall_refused",
                                "相机进程的沙箱缺少 " + name + "：内核支持，但被服务单元禁止，检查 SystemCallFilter",
                                "camera workers stand without " + name + ": the kernel has it, but the unit forbids it; look at SystemCallFilter"});
        if (wall == Wall::absent)
            findings.push_back({Severity::warning, "cameras", "cameras.wall_absent", "相机进程的沙箱缺少 " + name + "：内核不支持",
                                "camera workers stand without " + name + ": the kernel does not have it"});
    };
    look(walls_->limits, "rlimits");
    look(walls_->calls, "seccomp");
    look(walls_->files, "Landlock");
    return findings;
}

std::string media_program() {
    std::error_code failed;
    const auto own = std::filesystem::read_symlink("/proc/self/exe", failed);
    const auto beside = own.parent_path() / "gatehouse-media";
    if (!failed && std::filesystem::exists(beside, failed)) return beside.string();
    return packaged_program;
}

} // namespace gatehouse::app
