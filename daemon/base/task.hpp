// SPDX-License-Identifier: Apache-2.0
//
// Coroutines as the rest of the house sees them: Task, Loop, Event, all(), within(), TaskGroup, run_on(). Only this header's sources
// and daemon/net include boost/asio.hpp (5.6 s a file); awaitable.hpp alone costs 1.5 s.
//
// Cancellation: it arrives as an exception (boost::system::system_error, operation_aborted) at the next co_await. Nobody swallows it;
// destructors run; all(), within() and TaskGroup turn it into the end of their children, which they always wait for.
// g++ 12.2: no braces inside a co_await statement. Name the value, then move it.
#pragma once

#include "daemon/base/expects.hpp"
#include "daemon/base/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace gatehouse {

class Clock;
using Duration = std::chrono::microseconds;

template <class T = void>
using Task = boost::asio::awaitable<T>;

/// Where functions are run: a thread, a pool, or in a simulation the loop itself. post() is safe from every thread and never runs
/// `work` inside the call. `work` must not throw.
class Executor {
public:
    virtual ~Executor() = default;
    virtual void post(std::function<void()> work) = 0;
};

/// The one io_context thread that runs all coroutines of a process.
class Loop final : public Executor {
public:
    Loop();
    ~Loop() override;
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Safe from every thread.
    void post(std::function<void()> work) override;

    /// Starts a top-level coroutine. An exception other than cancellation that leaves it ends the process, naming it.
    void spawn(std::string name, Task<void> task);

    /// Runs until stop() or until nothing is left to do.
    void run();

    /// Runs what is ready without waiting; answers how many handlers ran. For simulations.
    std::size_t poll();

    /// Safe from every thread.
    void stop();

    /// For daemon/net, daemon/base and daemon/app sources only.
    boost::asio::io_context& context();

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// A flag that coroutines of one loop can wait for. Not thread-safe: other threads post to the loop. Any number of waiters.
/// May be destroyed while somebody waits: they are woken as if set.
class Event {
public:
    Event();
    ~Event();
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    /// Wakes all who wait now and lets later ones through until reset().
    void set();
    void reset();
    bool is_set() const;

    /// Returns at once when set, else at the next set(), even if reset() follows before this coroutine runs.
    Task<void> wait();

private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
};

/// Runs all tasks at once; returns when every one has ended. When one throws, or we are cancelled, the others are cancelled and
/// waited for, then the first exception goes on.
Task<void> all(std::vector<Task<void>> tasks);

/// Runs both; when the first ends the other is cancelled and waited for. Answers 0 or 1: which ended first.
Task<std::size_t> first_of(Task<void> one, Task<void> other);

/// Runs `body`; when it is cancelled, `last` still runs to its end, and then the cancellation goes on. Other exceptions of `body` skip it.
Task<void> then_at_cancellation(Task<void> body, std::function<Task<void>()> last);

/// Runs `work` for at most `limit` on `clock`; false: it was cancelled because time was up. Exceptions go through.
Task<bool> finish_within(Clock& clock, Duration limit, Task<void> work);

namespace inside {
template <class T>
Task<void> keep_result(Task<Result<T>> work, std::optional<Result<T>>& kept) {
    kept.emplace(co_await std::move(work));
}
template <class T>
struct Carried {
    std::optional<T> value;
    std::exception_ptr thrown;
    Event ended;
};
} // namespace inside

/// `work`, or Fault::timed_out naming `doing` after `limit`.
template <class T>
Task<Result<T>> within(Clock& clock, Duration limit, std::string doing, Task<Result<T>> work) {
    std::optional<Result<T>> kept;
    auto body = inside::keep_result<T>(std::move(work), kept);
    const bool in_time = co_await finish_within(clock, limit, std::move(body));
    if (!in_time || !kept) co_return Error(Fault::timed_out, doing + ": no answer within " + std::to_string(limit.count() / 1000) + " ms");
    co_return std::move(*kept);
}

/// Coroutines that come and go at run time (one per device, per connection). Lives on the loop. Before its destructor runs it must
/// be empty: cancel(), then co_await join().
class TaskGroup {
public:
    explicit TaskGroup(Loop& loop);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// An exception other than cancellation ends the process, naming the task. `ended`, if given, runs on the loop afterwards.
    /// Answers a handle for cancel(handle).
    std::uint64_t spawn(std::string name, Task<void> task, std::function<void()> ended = {});
    void cancel();
    void cancel(std::uint64_t handle);
    std::size_t size() const;

    /// Runs `body`; when it ends, throws or is cancelled, the children are cancelled and waited for. What it threw goes on.
    Task<void> around(Task<void> body);

    /// Until nothing is left. When the waiting coroutine is cancelled, the children are cancelled and still waited for.
    Task<void> join();

private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
};

/// Runs `work` on `there` (another thread) and comes back to this loop with its value; what it throws is thrown here. If the caller
/// is cancelled the work still runs to its end and its value is dropped: so `work` owns what it touches.
template <class T>
Task<T> run_on(Loop& here, Executor& there, std::function<T()> work) {
    auto carried = std::make_shared<inside::Carried<T>>();
    there.post([carried, &here, work = std::move(work)]() mutable {
        try {
            carried->value.emplace(work());
        } catch (...) {
            carried->thrown = std::current_exception();
        }
        work = nullptr; // what it owns dies on its own thread
        here.post([carried = std::move(carried)] { carried->ended.set(); });
    });
    co_await carried->ended.wait();
    if (carried->thrown) std::rethrow_exception(carried->thrown);
    expects(carried->value.has_value(), "run_on's work has a value or an exception");
    co_return std::move(*carried->value);
}

/// A bounded queue between coroutines of one loop. push() waits while full: that is how a flooding device is slowed.
template <class T>
class Channel {
public:
    explicit Channel(std::size_t items_max) : items_max_(items_max) {}

    Task<void> push(T item) {
        while (items_.size() >= items_max_) {
            room_.reset();
            co_await room_.wait();
        }
        items_.push_back(std::move(item));
        filled_.set();
    }

    /// False when full; the item is then dropped by the caller's choice, who counts it.
    bool try_push(T item) {
        if (items_.size() >= items_max_) return false;
        items_.push_back(std::move(item));
        filled_.set();
        return true;
    }

    Task<T> pop() {
        while (items_.empty()) {
            filled_.reset();
            co_await filled_.wait();
        }
        T item = std::move(items_.front());
        items_.pop_front();
        room_.set();
        co_return item;
    }

    std::size_t size() const { return items_.size(); }

private:
    std::size_t items_max_;
    std::deque<T> items_;
    Event filled_;
    Event room_;
};

} // namespace gatehouse
