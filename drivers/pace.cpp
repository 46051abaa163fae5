// SPDX-License-Identifier: Apache-2.0
#include "drivers/pace.hpp"

namespace gatehouse::drivers {

/// A place in the line while it lives. Whoever leaves, leaves it to the next.
class Pace::Ticket {
public:
    Ticket(Pace& pace, Turn turn) : pace_(pace), place_(turn, pace.tickets_++) {
        const auto at = pace_.line_.emplace(place_, &moved_).first;
        if (at == pace_.line_.begin() && std::next(at) != pace_.line_.end()) std::next(at)->second->set(); // first no longer
    }
    ~Ticket() {
        const bool was_first = is_first();
        pace_.line_.erase(place_);
        if (was_first && !pace_.line_.empty()) pace_.line_.begin()->second->set();
    }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    bool is_first() const { return pace_.line_.begin()->first == place_; }
    Event& moved() { return moved_; }

private:
    Pace& pace_;
    Place place_;
    Event moved_;
};

Pace::Pace(Clock& clock, Entropy& entropy, std::int64_t conversations_per_s_max)
    : clock_(clock), entropy_(entropy), apart_(Duration(std::chrono::seconds(1)) / conversations_per_s_max), free_at_(clock.steady_now()) {
    expects(conversations_per_s_max > 0, "somebody may begin");
}

Task<void> Pace::wait(Turn turn) {
    Ticket ticket(*this, turn);
    for (;;) {
        ticket.moved().reset();
        const auto now = clock_.steady_now();
        if (!ticket.is_first()) {
            co_await ticket.moved().wait();
            continue;
        }
        if (now >= free_at_) break;
        auto free = clock_.sleep_until(free_at_);
        auto moved = ticket.moved().wait();
        co_await first_of(std::move(free), std::move(moved));
    }
    const auto quarter = static_cast<std::uint64_t>(apart_.count() / 4);
    free_at_ = clock_.steady_now() + apart_ + Duration(static_cast<std::int64_t>(entropy_.below(quarter + 1)));
}

} // namespace gatehouse::drivers
