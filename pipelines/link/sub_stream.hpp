// SPDX-License-Identifier: Apache-2.0
//
// A camera's second stream, for those who look: small, and H.264 where the main one is what browsers can't play. A worker of its own shows it
// (pipelines/README.md says why), and runs only while somebody looks, and a little longer, so that who changes the page finds it running.
#pragma once

#include "daemon/base/backoff.hpp"
#include "pipelines/link/glance.hpp"
#include "pipelines/link/live_feed.hpp"

namespace gatehouse::pipelines {

constexpr Duration sub_lingers = std::chrono::seconds(10);

/// Lives on the loop.
class SubStream {
public:
    /// `configuration`: sub_configuration_of(device).
    SubStream(std::string camera, std::string host, Configuration configuration, GlanceParts parts);
    ~SubStream() { feed_.follow({}); }
    SubStream(const SubStream&) = delete;
    SubStream& operator=(const SubStream&) = delete;

    LiveFeed& feed() { return feed_; }
    /// Shows the stream whenever somebody looks, again and again with a growing pause when it fails, half an hour after a refused password. Ends
    /// by cancellation. Alive until then.
    Task<void> run();

    /// Of the worker that runs, or ran last.
    const std::optional<Opened>& picture() const { return picture_; }
    bool is_running() const { return is_running_; }

private:
    bool hear(Up& said);
    Task<void> pause(const Error& over, Duration lasted);

    std::string camera_, host_;
    Configuration configuration_;
    GlanceParts parts_;
    LiveFeed feed_;
    Event changed_;
    Backoff backoff_;
    Instant watched_{};
    std::optional<Opened> picture_;
    bool is_running_ = false;
};

} // namespace gatehouse::pipelines
