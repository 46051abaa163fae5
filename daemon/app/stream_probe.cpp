// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/stream_probe.hpp"

#include "pipelines/link/camera.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::app {

namespace {

using pipelines::StreamSeen;

struct OwnPath {
    const char *option, *set_as;
};
constexpr std::array own_paths{OwnPath{"path", "main"}, OwnPath{"sub_path", "sub"}};

/// As the vendors' manuals name them: Hikvision (ISAPI, Streaming/channels), Dahua (HTTP API, RTSP), and plain names.
constexpr std::array<std::array<const char*, 2>, 3> families{{
    {"/Streaming/Channels/101", "/Streaming/Channels/102"},
    {"/cam/realmonitor?channel=1&subtype=0", "/cam/realmonitor?channel=1&subtype=1"},
    {"/main", "/sub"},
}};

std::string option(const drivers::DeviceInfo& camera, const std::string& name) {
    const auto found = camera.options.find(name);
    return found == camera.options.end() ? std::string() : found->second;
}

Task<void> keep(Task<Error> looking, Error& kept) { kept = co_await std::move(looking); }

/// Another path may fare better.
bool may_go_on(const Error& error) {
    const auto fault = error.fault();
    return fault == Fault::gone || fault == Fault::malformed || fault == Fault::unsupported;
}

} // namespace

Task<StreamSeen> StreamProbe::look(std::string path) {
    StreamSeen seen;
    seen.path = path;
    auto tried = camera_;
    tried.options["sub_path"] = std::move(path);
    auto configuration = pipelines::sub_configuration_of(tried, pipelines::RecordingRules());
    if (!configuration || !*configuration) {
        failed_ = configuration ? Error(Fault::malformed, "no path") : configuration.error();
        seen.fault = failed_->what();
        co_return seen;
    }
    bool has_opened = false;
    std::function<bool(pipelines::Up&)> each = [&seen, &has_opened](pipelines::Up& said) {
        if (auto* opened = std::get_if<pipelines::Opened>(&said)) seen.picture = *opened, has_opened = true;
        if (auto* init = std::get_if<pipelines::LiveInit>(&said)) seen.codecs = init->codecs;
        return !has_opened || seen.codecs.empty();
    };
    auto looking = pipelines::glance(parts_, camera_.address.host, std::move(**configuration), std::move(each));
    Error over(Fault::timed_out, "no picture in time");
    auto keeping = keep(std::move(looking), over);
    co_await finish_within(parts_.surroundings.clock, stream_look_max, std::move(keeping));
    if (over.fault() == Fault::busy) co_return seen;
    failed_ = over;
    seen.fault = over.what();
    co_return seen;
}

Task<bool> StreamProbe::look_at(std::string path, std::string set_as) {
    const bool is_known = std::any_of(seen_.begin(), seen_.end(), [&](const StreamSeen& one) { return one.path == path; });
    if (path.empty() || is_known) co_return false;
    failed_.reset();
    auto seen = co_await look(std::move(path));
    const bool plays = seen.fault.empty();
    seen.set_as = std::move(set_as);
    if (plays || !seen.set_as.empty()) seen_.push_back(std::move(seen));
    co_return plays;
}

Task<Result<std::vector<StreamSeen>>> StreamProbe::run(std::vector<std::string> told) {
    const auto is_over = [this] { return failed_ && !may_go_on(*failed_); };
    std::optional<Error> why;
    const auto keep_why = [&] {
        if (failed_) why = failed_;
    };
    for (const auto& own : own_paths) {
        if (is_over()) break;
        co_await look_at(option(camera_, own.option), own.set_as);
        keep_why();
    }
    for (auto& path : told) {
        if (is_over()) break;
        co_await look_at(std::move(path), std::string());
        keep_why();
    }
    bool has_found = !told.empty();
    for (const auto& family : families) {
        if (has_found) break;
        for (const auto* path : family) {
            if (is_over()) break;
            std::string named = path;
            const bool plays = co_await look_at(std::move(named), std::string());
            has_found = plays || has_found;
            keep_why();
        }
    }
    const bool is_refused = why && why->fault() == Fault::refused;
    const bool plays = std::any_of(seen_.begin(), seen_.end(), [](const StreamSeen& one) { return one.fault.empty(); });
    if (is_refused || !plays) co_return why ? std::move(*why) : Error(Fault::gone, "no stream was found");
    co_return std::move(seen_);
}

} // namespace gatehouse::app
