// SPDX-License-Identifier: Apache-2.0
//
// The real store on real files, in one thread and on simulated time, so that a run makes the same system calls each time. Both the program
// that is killed and the judge who opens what is left use it. One source, "door-1", numbers its events 1, 2, 3, …
#pragma once

#include "daemon/store/event_log.hpp"
#include "tests/fakes/sim_clock.hpp"

#include <optional>

namespace gatehouse::storage_faults {

template <class T>
Task<void> keep_answer(Task<T> task, std::optional<T>& kept) {
    kept.emplace(co_await std::move(task));
}

class Life {
public:
    explicit Life(std::string folder, std::uint64_t seed = 1);
    ~Life() { close(); }
    Life(const Life&) = delete;
    Life& operator=(const Life&) = delete;

    Done open();
    void close();
    bool is_open() const { return store_ != nullptr; }
    store::EventLog& store() { return *store_; }
    fakes::SimClock& clock() { return clock_; }

    /// Answers what the task answered; none: it did not end within a simulated minute.
    template <class T>
    Result<T> await(Task<Result<T>> task) {
        std::optional<Result<T>> kept;
        loop_.spawn("await", keep_answer<Result<T>>(std::move(task), kept));
        clock_.run_for(Duration(0));
        if (!kept) clock_.run_for(std::chrono::seconds(60));
        return kept ? std::move(*kept) : Result<T>(Error(Fault::timed_out, "no answer"));
    }
    Done await(Task<Done> task);

    /// Events first … last of the device offered together: one commit. An answer for each, in order.
    std::vector<Result<Appended>> offer(std::uint64_t first, std::uint64_t last);

    static Record event(std::uint64_t key, Time at);

private:
    std::string folder_;
    Loop loop_;
    fakes::SimClock clock_{loop_};
    SeededEntropy entropy_;
    store::SystemFiles files_;
    store::SiteKeys keys_;
    std::unique_ptr<store::EventLog> store_;
};

} // namespace gatehouse::storage_faults
