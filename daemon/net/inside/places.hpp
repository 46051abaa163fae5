// SPDX-License-Identifier: Apache-2.0
//
// A queue of coroutines: who holds the first place works, the others wait in order of arrival. Cancelled waiters leave it.
#pragma once

#include "daemon/base/task.hpp"

#include <list>

namespace gatehouse::net::inside {

class Places {
public:
    bool empty() const { return all_.empty(); }

private:
    friend class Place;
    std::list<Event> all_;
};

/// A place for as long as it lives; the queue lives longer.
class Place {
public:
    explicit Place(Places& queue) : all_(queue.all_), here_(all_.emplace(all_.end())) {
        if (here_ == all_.begin()) here_->set();
    }
    ~Place() {
        all_.erase(here_);
        if (!all_.empty()) all_.front().set();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    Task<void> until_first() { return here_->wait(); }

private:
    std::list<Event>& all_;
    std::list<Event>::iterator here_;
};

} // namespace gatehouse::net::inside
