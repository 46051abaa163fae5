// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/executor.hpp"

#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace gatehouse {

struct Threads::Inside {
    std::mutex mutex;
    std::condition_variable more;
    std::deque<std::function<void()>> waiting;
    bool closing = false;
    std::vector<std::thread> threads;

    void work() {
        for (;;) {
            std::function<void()> next;
            {
                std::unique_lock lock(mutex);
                more.wait(lock, [this] { return closing || !waiting.empty(); });
                if (waiting.empty()) return;
                next = std::move(waiting.front());
                waiting.pop_front();
            }
            next();
        }
    }
};

Threads::Threads(std::string name, std::size_t threads) : inside_(std::make_unique<Inside>()) {
    for (std::size_t i = 0; i < threads; ++i) {
        inside_->threads.emplace_back([inside = inside_.get()] { inside->work(); });
        pthread_setname_np(inside_->threads.back().native_handle(), name.substr(0, 15).c_str());
    }
}

Threads::~Threads() {
    {
        const std::lock_guard lock(inside_->mutex);
        inside_->closing = true;
    }
    inside_->more.notify_all();
    for (auto& thread : inside_->threads) thread.join();
}

void Threads::post(std::function<void()> work) {
    {
        const std::lock_guard lock(inside_->mutex);
        expects(!inside_->closing, "nothing is posted to threads that are going");
        inside_->waiting.push_back(std::move(work));
    }
    inside_->more.notify_one();
}

} // namespace gatehouse
