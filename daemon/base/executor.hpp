// SPDX-License-Identifier: Apache-2.0
//
// The daemon's threads beside the loop: the store's one writer, the index's one writer, and the pool of four for queries, name
// look-ups, picture files and password hashing.
#pragma once

#include "daemon/base/task.hpp"

#include <memory>
#include <string>

namespace gatehouse {

/// A fixed number of named threads that run what is posted in order of arrival (with one thread: strictly one after another).
/// The destructor runs what was posted before it, then joins. post() after that is our mistake.
class Threads final : public Executor {
public:
    Threads(std::string name, std::size_t threads);
    ~Threads() override;
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;
    void post(std::function<void()> work) override;

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

} // namespace gatehouse
