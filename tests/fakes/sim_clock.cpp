// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/sim_clock.hpp"

namespace gatehouse::fakes {

Task<void> SimClock::sleep_until(Instant when) {
    if (when <= steady_) {
        // Still a suspension point, as the real timer is.
        auto turn = std::make_shared<Event>();
        loop_.post([turn] { turn->set(); });
        co_await turn->wait();
        co_return;
    }
    Event rung;
    struct Place {
        std::multimap<Instant, Event*>& alarms;
        std::multimap<Instant, Event*>::iterator at;
        bool there = true;
        ~Place() {
            for (auto i = alarms.begin(); i != alarms.end(); ++i)
                if (i == at) {
                    alarms.erase(i);
                    return;
                }
        }
    } place{alarms_, alarms_.emplace(when, &rung)};
    co_await rung.wait();
}

void SimClock::run_for(Duration howlong) {
    const Instant end = steady_ + howlong;
    for (;;) {
        while (loop_.poll() > 0) {
        }
        if (alarms_.empty() || alarms_.begin()->first > end) break;
        const auto first = alarms_.begin();
        wall_ += first->first - steady_;
        steady_ = first->first;
        // Rung alarms leave the list when their sleeper runs; setting one twice does no harm.
        for (auto alarm = alarms_.begin(); alarm != alarms_.end() && alarm->first <= steady_; ++alarm) alarm->second->set();
    }
    wall_ += end - steady_;
    steady_ = end;
}

} // namespace gatehouse::fakes
