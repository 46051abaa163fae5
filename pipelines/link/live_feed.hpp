// SPDX-License-Identifier: Apache-2.0
//
// One camera's live picture for any number of viewers. Each has a queue of its own, with a bound: who is slow loses what waits for him and
// goes on at the next key frame. Nobody slows the camera, and no viewer another.
#pragma once

#include "daemon/base/task.hpp"
#include "pipelines/link/message.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace gatehouse::pipelines {

constexpr std::size_t viewer_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t viewers_max = 64; ///< of one camera

/// Bytes that many viewers share.
using Shared = std::shared_ptr<const Bytes>;

class LiveFeed;

/// Lives on the loop. The feed may end first: next() then answers Fault::gone.
class LiveViewer {
public:
    ~LiveViewer();
    LiveViewer(const LiveViewer&) = delete;
    LiveViewer& operator=(const LiveViewer&) = delete;

    struct Piece {
        enum class What { init, fragment } what = What::fragment;
        Shared bytes;
        std::string codecs; ///< of an init part, as the size of its pictures
        std::uint16_t width = 0, height = 0;
        Time arrived_at{};       ///< of a fragment
        bool after_loss = false; ///< fragments before it were left out for this viewer
    };
    /// First an init part, then fragments from a key frame on; an init part again when the stream begins anew.
    Task<Result<Piece>> next();

    std::uint64_t dropped() const { return dropped_; }

private:
    friend class LiveFeed;
    explicit LiveViewer(LiveFeed* feed) : feed_(feed) {}
    void put(Piece piece, bool key);
    void drop_waiting();

    LiveFeed* feed_;
    std::deque<Piece> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool waits_for_key_ = true, lost_ = false;
    std::uint64_t dropped_ = 0;
    Event filled_;
};

/// Lives on the loop, as long as the camera is registered.
class LiveFeed {
public:
    LiveFeed() = default;
    ~LiveFeed();
    LiveFeed(const LiveFeed&) = delete;
    LiveFeed& operator=(const LiveFeed&) = delete;

    /// Fault::full: viewers_max look already.
    Result<std::unique_ptr<LiveViewer>> view();
    bool is_watched() const { return !viewers_.empty(); }
    std::size_t viewers() const { return viewers_.size(); }
    /// `watched` is called when the first viewer comes and when the last one has left; empty: nobody wants to know any more.
    void follow(std::function<void()> watched) { watched_ = std::move(watched); }

    void publish(LiveInit init);
    void publish(FragmentMade made);
    /// The worker has ended, or was told that nobody looks: what it sent last is no picture of now.
    void interrupt();

private:
    friend class LiveViewer;
    void leave(LiveViewer* viewer);
    std::function<void()> watched_;
    std::vector<LiveViewer*> viewers_;
    std::optional<LiveViewer::Piece> init_;
};

} // namespace gatehouse::pipelines
