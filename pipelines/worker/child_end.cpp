// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/child_end.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace gatehouse::pipelines {

ChildEnd::ChildEnd(int descriptor) : descriptor_(descriptor) {
    ::fcntl(descriptor_, F_SETFL, ::fcntl(descriptor_, F_GETFL) | O_NONBLOCK);
    ::fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
}

void ChildEnd::put(Bytes frame) {
    if (over_) return;
    outbox_bytes_ += frame.size();
    if (outbox_bytes_ > outbox_bytes_max) over_ = true;
    outbox_.push_back(std::move(frame));
    send_waiting();
}

void ChildEnd::send(const Up& message) { put(frame_of(message)); }

// Left out are whole groups: a viewer can begin again at a key frame only.
bool ChildEnd::send_live(FragmentMade made) {
    waits_for_key_ = outbox_bytes_ + made.bytes.size() > outbox_live_bytes_max || (waits_for_key_ && !made.fragment.key);
    const bool goes = !waits_for_key_;
    if (!goes) made.bytes.clear();
    put(frame_of(Up(std::move(made))));
    return goes;
}

void ChildEnd::send_waiting() {
    while (!outbox_.empty() && !over_) {
        const auto& first = outbox_.front();
        const auto sent = ::write(descriptor_, first.data() + sent_of_first_, first.size() - sent_of_first_);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) {
            over_ = errno != EAGAIN;
            break;
        }
        sent_of_first_ += static_cast<std::size_t>(sent);
        outbox_bytes_ -= static_cast<std::size_t>(sent);
        if (sent_of_first_ < first.size()) continue;
        outbox_.pop_front();
        sent_of_first_ = 0;
    }
}

void ChildEnd::move() {
    send_waiting();
    std::array<std::uint8_t, 4096> bytes{};
    while (!over_) {
        const auto got = ::read(descriptor_, bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) {
            over_ = true;
            return;
        }
        reader_.add(ByteView(bytes).first(static_cast<std::size_t>(got)));
    }
}

std::optional<Down> ChildEnd::next() {
    auto frame = reader_.next();
    if (frame && !*frame) return std::nullopt;
    auto message = frame ? decode_down(**frame) : Result<Down>(frame.error());
    if (message) return std::move(*message);
    over_ = true;
    return std::nullopt;
}

void ChildEnd::wait(int limit_ms) {
    pollfd watched{descriptor_, static_cast<short>(POLLIN | (outbox_.empty() ? 0 : POLLOUT)), 0};
    ::poll(&watched, 1, limit_ms);
    move();
}

void ChildEnd::drain(int tries) {
    for (int i = 0; i < tries && !outbox_.empty() && !over_; ++i) wait(100);
}

} // namespace gatehouse::pipelines
