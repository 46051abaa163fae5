// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/sub_stream.hpp"

#include "daemon/base/log.hpp"

namespace gatehouse::pipelines {

namespace {
constexpr Duration after_refusal = std::chrono::minutes(30); // five wrong passwords lock a camera
}

SubStream::SubStream(std::string camera, std::string host, Configuration configuration, GlanceParts parts)
    : camera_(std::move(camera)), host_(std::move(host)), configuration_(std::move(configuration)), parts_(std::move(parts)),
      backoff_(Backoff::Options(), parts_.surroundings.entropy) {
    feed_.follow([this] { changed_.set(); });
}

bool SubStream::hear(Up& said) {
    const auto now = parts_.surroundings.clock.steady_now();
    if (feed_.is_watched()) watched_ = now;
    if (auto* init = std::get_if<LiveInit>(&said)) feed_.publish(std::move(*init));
    if (auto* fragment = std::get_if<FragmentMade>(&said)) feed_.publish(std::move(*fragment));
    if (auto* opened = std::get_if<Opened>(&said)) picture_ = std::move(*opened);
    return now - watched_ < sub_lingers;
}

Task<void> SubStream::pause(const Error& over, Duration lasted) {
    log::warning("camera", "the second stream ended", {{"device", camera_}, {"what", over.what()}});
    const auto length = over.fault() == Fault::refused ? after_refusal : backoff_.after(lasted);
    co_await parts_.surroundings.clock.sleep_for(length);
}

Task<void> SubStream::run() {
    auto& clock = parts_.surroundings.clock;
    for (;;) {
        while (!feed_.is_watched()) {
            changed_.reset();
            co_await changed_.wait();
        }
        const auto began = watched_ = clock.steady_now();
        is_running_ = true;
        std::function<bool(Up&)> each = [this](Up& said) { return hear(said); };
        auto looking = glance(parts_, host_, configuration_, std::move(each));
        const auto over = co_await std::move(looking);
        is_running_ = false;
        feed_.interrupt();
        if (over.fault() != Fault::busy) co_await pause(over, clock.steady_now() - began);
    }
}

} // namespace gatehouse::pipelines
