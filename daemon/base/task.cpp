// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/task.hpp"

#include "daemon/base/clock.hpp"

#include <boost/asio.hpp>

#include <cstdio>
#include <list>
#include <map>

namespace gatehouse {

namespace asio = boost::asio;

namespace {

bool is_cancellation(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

std::string text_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "an exception that is no std::exception";
    }
}

void end_process_unless_cancelled(const std::string& name, const std::exception_ptr& thrown) {
    if (thrown && !is_cancellation(thrown)) broken_promise("task '" + name + "' threw: " + text_of(thrown), std::source_location::current());
}

} // namespace

struct Loop::Inside {
    asio::io_context context{1};
};

Loop::Loop() : inside_(std::make_unique<Inside>()) {}
Loop::~Loop() = default;
void Loop::post(std::function<void()> work) { asio::post(inside_->context, std::move(work)); }
void Loop::stop() { inside_->context.stop(); }
asio::io_context& Loop::context() { return inside_->context; }

void Loop::spawn(std::string name, Task<void> task) {
    asio::co_spawn(inside_->context, std::move(task),
                   [name = std::move(name)](std::exception_ptr thrown) { end_process_unless_cancelled(name, thrown); });
}

void Loop::run() { inside_->context.run(); }

std::size_t Loop::poll() {
    inside_->context.restart();
    return inside_->context.poll();
}

// A timer that never rings is Asio's condition variable: waiting costs no descriptor, and cancellation comes with it.
struct Event::Inside {
    bool is_set = false;
    std::uint64_t times_set = 0;
    std::list<asio::steady_timer*> waiting;
};

Event::Event() : inside_(std::make_shared<Inside>()) {}
Event::~Event() {
    if (inside_) set();
}

void Event::set() {
    inside_->is_set = true;
    ++inside_->times_set;
    for (auto* timer : inside_->waiting) timer->cancel();
}

void Event::reset() { inside_->is_set = false; }
bool Event::is_set() const { return inside_->is_set; }

Task<void> Event::wait() {
    auto inside = inside_; // outlives the Event
    if (inside->is_set) co_return;
    const auto times_set = inside->times_set;
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    struct Place {
        std::list<asio::steady_timer*>& list;
        std::list<asio::steady_timer*>::iterator at;
        ~Place() { list.erase(at); }
    } place{inside->waiting, inside->waiting.insert(inside->waiting.end(), &timer)};
    boost::system::error_code woken;
    auto token = asio::redirect_error(asio::use_awaitable, woken);
    co_await timer.async_wait(token);
    if (inside->times_set == times_set) throw boost::system::system_error(asio::error::operation_aborted);
}

namespace {

// Children that are spawned, cancelled and always waited for.
struct Brood {
    std::vector<std::unique_ptr<asio::cancellation_signal>> signals;
    std::size_t alive = 0;
    std::exception_ptr thrown;
    std::optional<std::size_t> first_ended;
    Event changed;

    void cancel() {
        for (auto& signal : signals) signal->emit(asio::cancellation_type::terminal);
    }
};

void hatch(const std::shared_ptr<Brood>& brood, const asio::any_io_executor& executor, Task<void> task) {
    auto& signal = *brood->signals.emplace_back(std::make_unique<asio::cancellation_signal>());
    const std::size_t number = brood->signals.size() - 1;
    ++brood->alive;
    asio::co_spawn(executor, std::move(task), asio::bind_cancellation_slot(signal.slot(), [brood, number](std::exception_ptr thrown) {
                       --brood->alive;
                       if (!brood->first_ended) brood->first_ended = number;
                       if (thrown && !brood->thrown && !is_cancellation(thrown)) brood->thrown = thrown;
                       brood->changed.set();
                   }));
}

// Waits until `over` holds; on our own cancellation, or once it holds, cancels the rest and waits for all. Answers whether we were
// cancelled. The state is reset after each cancellation instead of switched off: one that comes while we wait is not lost.
Task<bool> see_through(std::shared_ptr<Brood> brood, std::function<bool(const Brood&)> over) {
    bool cancelled = false;
    bool told = false;
    while (brood->alive > 0) {
        if ((cancelled || over(*brood)) && !told) {
            told = true;
            brood->cancel();
            continue;
        }
        brood->changed.reset();
        try {
            co_await brood->changed.wait();
        } catch (const boost::system::system_error&) {
            cancelled = true;
        }
        if (cancelled) co_await asio::this_coro::reset_cancellation_state();
    }
    co_return cancelled;
}

[[noreturn]] void throw_cancelled() { throw boost::system::system_error(asio::error::operation_aborted); }

} // namespace

Task<void> all(std::vector<Task<void>> tasks) {
    const auto executor = co_await asio::this_coro::executor;
    auto brood = std::make_shared<Brood>();
    for (auto& task : tasks) hatch(brood, executor, std::move(task));
    std::function<bool(const Brood&)> over = [](const Brood& b) { return b.alive == 0 || b.thrown; };
    const bool cancelled = co_await see_through(brood, std::move(over));
    if (brood->thrown) std::rethrow_exception(brood->thrown);
    if (cancelled) throw_cancelled();
}

Task<std::size_t> first_of(Task<void> one, Task<void> other) {
    const auto executor = co_await asio::this_coro::executor;
    auto brood = std::make_shared<Brood>();
    hatch(brood, executor, std::move(one));
    hatch(brood, executor, std::move(other));
    std::function<bool(const Brood&)> over = [](const Brood& b) { return b.first_ended.has_value(); };
    const bool cancelled = co_await see_through(brood, std::move(over));
    if (brood->thrown) std::rethrow_exception(brood->thrown);
    if (cancelled || !brood->first_ended) throw_cancelled();
    co_return *brood->first_ended;
}

Task<void> then_at_cancellation(Task<void> body, std::function<Task<void>()> last) {
    bool cancelled = false;
    try {
        co_await std::move(body);
    } catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::operation_aborted) throw;
        cancelled = true;
    }
    if (!cancelled) co_return;
    co_await asio::this_coro::reset_cancellation_state();
    co_await last();
    throw_cancelled();
}

Task<bool> finish_within(Clock& clock, Duration limit, Task<void> work) {
    auto alarm = clock.sleep_for(limit);
    const std::size_t ended = co_await first_of(std::move(work), std::move(alarm));
    co_return ended == 0;
}

struct TaskGroup::Inside {
    explicit Inside(Loop& l) : loop(l) {}
    struct Child {
        std::string name;
        asio::cancellation_signal signal;
    };
    Loop& loop;
    std::uint64_t next = 1;
    std::map<std::uint64_t, std::unique_ptr<Child>> children;
    Event changed;
};

TaskGroup::TaskGroup(Loop& loop) : inside_(std::make_shared<Inside>(loop)) {}

TaskGroup::~TaskGroup() { expects(inside_->children.empty(), "a TaskGroup is joined before it goes"); }

std::uint64_t TaskGroup::spawn(std::string name, Task<void> task, std::function<void()> ended) {
    const auto handle = inside_->next++;
    auto child = std::make_unique<Inside::Child>();
    child->name = std::move(name);
    auto slot = child->signal.slot();
    inside_->children.emplace(handle, std::move(child));
    asio::co_spawn(inside_->loop.context(), std::move(task),
                   asio::bind_cancellation_slot(slot, [inside = inside_, handle, ended = std::move(ended)](std::exception_ptr thrown) {
                       const auto found = inside->children.find(handle);
                       end_process_unless_cancelled(found->second->name, thrown);
                       // The signal must outlive this handler, which runs inside its slot's operation.
                       auto last = std::move(found->second);
                       inside->children.erase(found);
                       asio::post(inside->loop.context(), [last = std::shared_ptr<Inside::Child>(std::move(last))] {});
                       if (ended) ended();
                       inside->changed.set();
                   }));
    return handle;
}

void TaskGroup::cancel() {
    std::vector<std::uint64_t> handles;
    for (const auto& [handle, child] : inside_->children) handles.push_back(handle);
    for (const auto handle : handles) cancel(handle);
}

void TaskGroup::cancel(std::uint64_t handle) {
    const auto found = inside_->children.find(handle);
    if (found != inside_->children.end()) found->second->signal.emit(asio::cancellation_type::terminal);
}

std::size_t TaskGroup::size() const { return inside_->children.size(); }

Task<void> TaskGroup::around(Task<void> body) {
    auto inside = inside_;
    std::exception_ptr thrown;
    try {
        co_await std::move(body);
    } catch (...) {
        thrown = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state();
    cancel();
    while (!inside->children.empty()) {
        bool cancelled = false;
        inside->changed.reset();
        try {
            co_await inside->changed.wait();
        } catch (const boost::system::system_error&) {
            cancelled = true; // told already; they are on their way out
        }
        if (cancelled) co_await asio::this_coro::reset_cancellation_state();
    }
    if (thrown) std::rethrow_exception(thrown);
}

Task<void> TaskGroup::join() {
    auto inside = inside_;
    bool cancelled = false;
    while (!inside->children.empty()) {
        inside->changed.reset();
        try {
            co_await inside->changed.wait();
        } catch (const boost::system::system_error&) {
            cancelled = true;
        }
        if (cancelled) {
            co_await asio::this_coro::reset_cancellation_state();
            cancel();
        }
    }
    if (cancelled) throw_cancelled();
}

} // namespace gatehouse
