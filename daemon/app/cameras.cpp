// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/cameras.hpp"

#include "daemon/app/stream_probe.hpp"
#include "daemon/app/whole_camera.hpp"
#include "daemon/base/log.hpp"
#include "pipelines/link/sights.hpp"

#include <filesystem>

namespace gatehouse::app {

namespace {
constexpr auto packaged_program = "/usr/lib/gatehouse/gatehouse-media";
}

Cameras::Cameras(Parts parts) : parts_(std::move(parts)), subs_(parts_.surroundings.loop) {}

Result<std::unique_ptr<drivers::Driver>> Cameras::make(const drivers::DeviceInfo& device) { return make_worker(device, true); }

Result<std::unique_ptr<drivers::Driver>> Cameras::make_picture(const drivers::DeviceInfo& device, const drivers::CameraStream& stream) {
    auto picture = picture_of(device, stream);
    if (!picture) return std::move(picture).error();
    return make_worker(*picture, false);
}

Result<std::unique_ptr<drivers::Driver>> Cameras::make_worker(const drivers::DeviceInfo& device, bool tells_online) {
    auto configuration = pipelines::configuration_of(device, parts_.rules);
    if (!configuration) return std::move(configuration).error();
    auto second = pipelines::sub_configuration_of(device, parts_.rules);
    if (!second) return std::move(second).error();
    auto plan = pipelines::recording_plan_of(device, parts_.rules, parts_.surroundings.zone);
    if (!plan) return std::move(plan).error();
    auto recording = std::make_shared<pipelines::RecordingSwitch>(std::move(*plan), parts_.surroundings.clock);
    auto& kept = kept_[device.id];
    kept.place = device.place;
    kept.recording = recording;
    kept.has_two_voices = !tells_online;
    if (*second) kept.sub = std::make_shared<pipelines::SubStream>(device.id, device.address.host, std::move(**second), glance_parts());
    pipelines::Camera::Parts made{parts_.surroundings, parts_.children, parts_.program, *kept.feed, parts_.closed};
    made.walls = [this](const pipelines::Ready& ready) { walls_ = ready; };
    made.make_folder = parts_.make_folder;
    made.outage = &parts_.outage;
    made.tells_online = tells_online;
    made.missed = [this, id = device.id](Time from, Time to, const std::string& cause) { parts_.missed(id, from, to, cause); };
    made.recording = std::move(recording);
    made.recorded_until = [this, id = device.id] { return parts_.recorded_until(id); };
    const auto policy = device.options.find("record");
    made.policy = policy == device.options.end() || policy->second.empty() ? parts_.rules.policy : policy->second;
    made.beside = until_removed(device.id);
    auto camera = std::make_unique<pipelines::Camera>(device, std::move(*configuration), std::move(made));
    kept.camera = camera.get();
    return std::unique_ptr<drivers::Driver>(std::move(camera));
}

// Lives as long as the camera that is being made, which is taken off the list with it; its second stream ends then.
std::shared_ptr<void> Cameras::until_removed(const std::string& id) {
    const auto sub = kept_.at(id).sub;
    const auto life = ++kept_.at(id).life;
    const auto show = [](std::shared_ptr<pipelines::SubStream> it) -> Task<void> { co_await it->run(); };
    const auto handle = sub ? subs_.spawn("second stream of " + id, show(sub)) : 0;
    return {this, [this, id, sub, handle, life](Cameras*) {
                if (sub) subs_.cancel(handle);
                if (kept_.at(id).life != life) return;
                kept_.at(id).camera = nullptr;
                kept_.at(id).sub = nullptr;
            }};
}

Task<void> Cameras::run() {
    const auto for_ever = []() -> Task<void> {
        Event never;
        co_await never.wait();
    };
    auto body = for_ever();
    co_await subs_.around(std::move(body));
}

console::LivePicture Cameras::live_of(const std::string& id, const std::string& stream) const {
    const auto found = kept_.find(id);
    if (found == kept_.end() || found->second.camera == nullptr) return {};
    const auto& kept = found->second;
    const auto& picture = kept.camera->picture();
    const bool is_hard_to_play = picture && picture->video != "h264";
    if (stream == "sub" || (stream.empty() && kept.sub && is_hard_to_play)) return {"sub", kept.sub ? &kept.sub->feed() : nullptr};
    return {"main", kept.feed.get()};
}

std::map<std::string, pipelines::CameraLook> Cameras::looks() const {
    std::map<std::string, pipelines::CameraLook> looks;
    for (const auto& [id, kept] : kept_) {
        if (kept.camera == nullptr) continue;
        auto look = kept.camera->look();
        look.has_sub = kept.sub != nullptr;
        look.viewers = kept.feed->viewers() + (kept.sub ? kept.sub->feed().viewers() : 0);
        looks.emplace(id, std::move(look));
    }
    return looks;
}

Task<Result<pipelines::SnapshotTaken>> Cameras::snapshot(std::string id) const {
    const auto found = kept_.find(id);
    if (found == kept_.end() || found->second.camera == nullptr) co_return Error(Fault::gone, "no picture comes from the camera");
    auto taking = found->second.camera->snapshot();
    co_return co_await std::move(taking);
}

Task<Result<std::vector<pipelines::StreamSeen>>> Cameras::probe(drivers::DeviceInfo camera, std::vector<std::string> told) const {
    StreamProbe probe(glance_parts(), std::move(camera));
    co_return co_await probe.run(std::move(told));
}

bool is_event_for(const Record& record, const std::string& camera, const std::string& place, bool has_two_voices) {
    if (record.source == camera) return has_two_voices;
    return !place.empty() && record.place == place;
}

void Cameras::hear(const Record& record) const {
    for (const auto& [id, kept] : kept_) {
        if (!is_event_for(record, id, kept.place, kept.has_two_voices)) continue;
        if (const auto recording = kept.recording.lock()) pipelines::drive(*recording, record);
    }
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
