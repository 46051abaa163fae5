// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/task.hpp"

#include "daemon/base/executor.hpp"
#include "tests/fakes/sim_clock.hpp"

#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

Task<void> sleep_and_count(Clock& clock, Duration howlong, int& ended, int& cancelled) {
    try {
        co_await clock.sleep_for(howlong);
        ++ended;
    } catch (const boost::system::system_error&) {
        ++cancelled;
        throw;
    }
}

Task<Result<int>> slow_answer(Clock& clock, Duration after) {
    co_await clock.sleep_for(after);
    co_return 7;
}

Task<void> ask(Clock& clock, Duration limit, std::optional<Result<int>>& got) {
    auto work = slow_answer(clock, 1s);
    std::string doing = "asking";
    got.emplace(co_await within<int>(clock, limit, std::move(doing), std::move(work)));
}

} // namespace

TEST_CASE("within gives the answer in time and timed_out after it") {
    Loop loop;
    fakes::SimClock clock(loop);
    std::optional<Result<int>> in_time, late;
    loop.spawn("in time", ask(clock, 2s, in_time));
    loop.spawn("late", ask(clock, 500ms, late));
    clock.run_for(3s);
    REQUIRE(in_time);
    CHECK(in_time->value() == 7);
    REQUIRE(late);
    REQUIRE(late->has_error());
    CHECK(late->error().fault() == Fault::timed_out);
    CHECK(late->error().what() == "asking: no answer within 500 ms");
}

TEST_CASE("the loser of first_of is cancelled and waited for, and its parent can still be cancelled later") {
    Loop loop;
    fakes::SimClock clock(loop);
    int ended = 0, cancelled = 0, after = 0;
    TaskGroup group(loop);
    auto parent = [](fakes::SimClock& c, int& e, int& x, int& a) -> Task<void> {
        auto quick = sleep_and_count(c, 1s, e, x);
        auto slow = sleep_and_count(c, 100s, e, x);
        const auto first = co_await first_of(std::move(quick), std::move(slow));
        CHECK(first == 0);
        CHECK(x == 1);
        co_await sleep_and_count(c, 1h, a, x);
    };
    group.spawn("parent", parent(clock, ended, cancelled, after));
    clock.run_for(2s);
    CHECK(ended == 1);
    CHECK(cancelled == 1);
    group.cancel();
    clock.run_for(1s);
    CHECK(cancelled == 2);
    CHECK(after == 0);
    CHECK(group.size() == 0);
}

TEST_CASE("all() cancels the others when one throws, and gives its exception on") {
    Loop loop;
    fakes::SimClock clock(loop);
    int ended = 0, cancelled = 0;
    std::string said;
    auto failing = [](fakes::SimClock& c) -> Task<void> {
        co_await c.sleep_for(1s);
        throw std::runtime_error("out of paper");
    };
    auto parent = [&failing](fakes::SimClock& c, int& e, int& x, std::string& s) -> Task<void> {
        std::vector<Task<void>> tasks;
        tasks.push_back(sleep_and_count(c, 1h, e, x));
        tasks.push_back(failing(c));
        try {
            co_await all(std::move(tasks));
        } catch (const std::runtime_error& error) {
            s = error.what();
        }
    };
    loop.spawn("parent", parent(clock, ended, cancelled, said));
    clock.run_for(2s);
    CHECK(said == "out of paper");
    CHECK(cancelled == 1);
    CHECK(ended == 0);
}

TEST_CASE("an event's pulse is seen by who waited, even if it is reset before they run") {
    Loop loop;
    Event event;
    int woken = 0;
    auto waiter = [](Event& e, int& w) -> Task<void> {
        co_await e.wait();
        ++w;
    };
    loop.spawn("waiter", waiter(event, woken));
    loop.poll();
    event.set();
    event.reset();
    loop.poll();
    CHECK(woken == 1);
    loop.spawn("late waiter", waiter(event, woken));
    loop.poll();
    CHECK(woken == 1);
    event.set();
    loop.poll();
    CHECK(woken == 2);
}

TEST_CASE("run_on brings values and exceptions back to the loop") {
    Loop loop;
    Threads threads("test", 1);
    int got = 0;
    std::string said;
    auto asker = [](Loop& l, Threads& t, int& g, std::string& s) -> Task<void> {
        std::function<int()> work = [] { return 42; };
        g = co_await run_on<int>(l, t, std::move(work));
        std::function<int()> failing = []() -> int { throw std::runtime_error("no"); };
        try {
            co_await run_on<int>(l, t, std::move(failing));
        } catch (const std::runtime_error& error) {
            s = error.what();
        }
        l.stop();
    };
    loop.spawn("asker", asker(loop, threads, got, said));
    while (said.empty()) loop.poll(); // run() would end while the other thread is busy
    CHECK(got == 42);
    CHECK(said == "no");
}

TEST_CASE("a full channel makes its writer wait") {
    Loop loop;
    Channel<int> channel(2);
    int written = 0;
    auto writer = [](Channel<int>& c, int& w) -> Task<void> {
        for (int i = 0; i < 4; ++i) {
            co_await c.push(i);
            ++w;
        }
    };
    int sum = 0;
    auto reader = [](Channel<int>& c, int& s) -> Task<void> {
        for (int i = 0; i < 4; ++i) s += co_await c.pop();
    };
    loop.spawn("writer", writer(channel, written));
    loop.poll();
    CHECK(written == 2);
    loop.spawn("reader", reader(channel, sum));
    loop.poll();
    CHECK(written == 4);
    CHECK(sum == 6);
}

TEST_CASE("around() waits for the children it cancels, even when it is cancelled itself") {
    Loop loop;
    fakes::SimClock clock(loop);
    TaskGroup outer(loop);
    TaskGroup children(loop);
    int ended = 0, cancelled = 0;
    auto parent = [](TaskGroup& group, fakes::SimClock& c, int& e, int& x) -> Task<void> {
        group.spawn("child", sleep_and_count(c, 1h, e, x));
        auto body = c.sleep_for(2h);
        co_await group.around(std::move(body));
    };
    outer.spawn("parent", parent(children, clock, ended, cancelled));
    clock.run_for(1s);
    CHECK(children.size() == 1);
    outer.cancel();
    clock.run_for(1s);
    CHECK(cancelled == 1);
    CHECK(children.size() == 0);
    CHECK(outer.size() == 0);
}
