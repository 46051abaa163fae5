// SPDX-License-Identifier: Apache-2.0
//
// For tests with real sockets on loopback: a loop with the machine's clock and a pool; run() drives one coroutine to its end.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/executor.hpp"
#include "daemon/net/system_network.hpp"

#include <optional>

namespace gatehouse::net {

struct OnLoop {
    Loop loop;
    RealClock clock{loop};
    Threads pool{"test-pool", 2};
    std::unique_ptr<Network> network = make_system_network(loop, clock, pool);

    template <class T>
    T run(Task<T> task) {
        std::optional<T> got;
        loop.spawn("test", keep(std::move(task), got, loop));
        // The pool posts here, so that an empty queue is no end.
        while (!got) {
            loop.run();
            if (!got) loop.poll();
        }
        return std::move(*got);
    }

private:
    template <class T>
    static Task<void> keep(Task<T> task, std::optional<T>& got, Loop& loop) {
        got.emplace(co_await std::move(task));
        loop.stop();
    }
};

} // namespace gatehouse::net
