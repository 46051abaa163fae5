// SPDX-License-Identifier: Apache-2.0
//
// The store's writer on a disk that takes its time (F12): jobs run in order, each after a wait. Everything on the loop.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/entropy.hpp"

#include <deque>
#include <utility>

namespace gatehouse::world {

class SlowDisk final : public Executor {
public:
    SlowDisk(Loop& loop, Clock& clock, Entropy& chance) : loop_(loop), clock_(clock), chance_(chance) {}

    /// A job takes up to this long; zero: none.
    void take(Duration most) { most_ = most; }
    void post(std::function<void()> work) override {
        jobs_.push_back(std::move(work));
        if (!std::exchange(is_running_, true)) loop_.post([this] { go_on(); });
    }

private:
    void go_on() {
        while (!jobs_.empty()) {
            if (most_ > Duration(0)) {
                loop_.spawn("disk", run_one_later(*this));
                return;
            }
            run_one();
        }
        is_running_ = false;
    }
    void run_one() {
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        job();
    }
    static Task<void> run_one_later(SlowDisk& self) {
        const auto wait = Duration(static_cast<std::int64_t>(self.chance_.below(static_cast<std::uint64_t>(self.most_.count() + 1))));
        co_await self.clock_.sleep_for(wait);
        self.run_one();
        self.go_on();
    }
    Loop& loop_;
    Clock& clock_;
    Entropy& chance_;
    Duration most_{0};
    std::deque<std::function<void()>> jobs_;
    bool is_running_ = false;
};

} // namespace gatehouse::world
