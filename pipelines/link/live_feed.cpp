// SPDX-License-Identifier: Apache-2.0
#include "pipelines/link/live_feed.hpp"

#include <algorithm>

namespace gatehouse::pipelines {

LiveViewer::~LiveViewer() {
    if (feed_ != nullptr) feed_->leave(this);
}

void LiveViewer::drop_waiting() {
    const auto is_fragment = [](const Piece& piece) { return piece.what == Piece::What::fragment; };
    dropped_ += static_cast<std::uint64_t>(std::count_if(waiting_.begin(), waiting_.end(), is_fragment));
    // The newest init part stays: without it nothing that follows can be played.
    std::optional<Piece> init;
    for (auto& piece : waiting_)
        if (!is_fragment(piece)) init = std::move(piece);
    waiting_.clear();
    waiting_bytes_ = 0;
    if (!init) return;
    waiting_bytes_ = init->bytes->size();
    waiting_.push_back(std::move(*init));
}

void LiveViewer::put(Piece piece, bool key) {
    if (piece.what == Piece::What::init) {
        waits_for_key_ = true;
    } else {
        if (waiting_bytes_ + piece.bytes->size() > viewer_bytes_max) {
            drop_waiting();
            waits_for_key_ = lost_ = true;
        }
        const bool fits = waiting_bytes_ + piece.bytes->size() <= viewer_bytes_max;
        if (!fits || (waits_for_key_ && !key)) {
            if (lost_) ++dropped_;
            return;
        }
        waits_for_key_ = false;
        piece.after_loss = std::exchange(lost_, false);
    }
    waiting_bytes_ += piece.bytes->size();
    waiting_.push_back(std::move(piece));
    filled_.set();
}

Task<Result<LiveViewer::Piece>> LiveViewer::next() {
    while (waiting_.empty()) {
        if (feed_ == nullptr) co_return Error(Fault::gone, "the camera is registered no more");
        filled_.reset();
        co_await filled_.wait();
    }
    Piece piece = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= piece.bytes->size();
    co_return piece;
}

LiveFeed::~LiveFeed() {
    for (auto* viewer : viewers_) {
        viewer->feed_ = nullptr;
        viewer->filled_.set();
    }
}

Result<std::unique_ptr<LiveViewer>> LiveFeed::view() {
    if (viewers_.size() == viewers_max) return Error(Fault::full, std::to_string(viewers_max) + " viewers look at this camera already");
    std::unique_ptr<LiveViewer> viewer(new LiveViewer(this));
    if (init_) viewer->put(*init_, false);
    viewers_.push_back(viewer.get());
    if (viewers_.size() == 1 && watched_) watched_();
    return viewer;
}

void LiveFeed::leave(LiveViewer* viewer) {
    std::erase(viewers_, viewer);
    if (viewers_.empty() && watched_) watched_();
}

void LiveFeed::publish(LiveInit init) {
    LiveViewer::Piece piece;
    piece.what = LiveViewer::Piece::What::init;
    piece.bytes = std::make_shared<const Bytes>(std::move(init.bytes));
    piece.codecs = std::move(init.codecs);
    piece.width = init.width;
    piece.height = init.height;
    for (auto* viewer : viewers_) viewer->put(piece, false);
    init_ = std::move(piece);
}

void LiveFeed::publish(FragmentMade made) {
    if (made.bytes.empty()) {
        // The link had no room for it. Whoever looks goes on at the next key frame.
        for (auto* viewer : viewers_)
            if (!viewer->waits_for_key_) viewer->waits_for_key_ = viewer->lost_ = true;
        return;
    }
    LiveViewer::Piece piece;
    piece.bytes = std::make_shared<const Bytes>(std::move(made.bytes));
    piece.arrived_at = made.arrived_at;
    for (auto* viewer : viewers_) viewer->put(piece, made.fragment.key);
}

void LiveFeed::interrupt() { init_.reset(); }

} // namespace gatehouse::pipelines
