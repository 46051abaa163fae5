// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/task.hpp"

#include <utility>

namespace gatehouse::console::inside {

/// One at a time: who looks and then writes, with a wait for the disk in between, holds the turn from the look to the write.
class Turn {
public:
    class Held {
    public:
        explicit Held(Turn& turn) : turn_(&turn) {}
        Held(Held&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
        Held& operator=(Held&&) = delete;
        ~Held() {
            if (turn_ != nullptr) turn_->give_back();
        }

    private:
        Turn* turn_;
    };

    Task<Held> take() {
        while (is_taken_) {
            freed_.reset();
            co_await freed_.wait();
        }
        is_taken_ = true;
        co_return Held(*this);
    }

private:
    void give_back() {
        is_taken_ = false;
        freed_.set();
    }
    bool is_taken_ = false;
    Event freed_;
};

} // namespace gatehouse::console::inside
