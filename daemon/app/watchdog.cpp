// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/watchdog.hpp"

#include "daemon/base/log.hpp"

namespace gatehouse::app {

namespace {

std::string in_seconds(Duration time) { return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s"; }

} // namespace

std::string what_ails(const Signs& signs, Duration watchdog) {
    // Half an interval late each time is never fed in time twice running.
    if (watchdog > Duration::zero() && signs.loop_delay > watchdog / 2) return "the loop is " + in_seconds(signs.loop_delay) + " late";
    if (signs.writer_silence > store_silence_max) return "the store's thread has been silent for " + in_seconds(signs.writer_silence);
    if (signs.commit_stall > store_silence_max) return "records have waited for a commit for " + in_seconds(signs.commit_stall);
    return {};
}

Watchdog::Watchdog(Parts parts) : parts_(std::move(parts)) {}

void Watchdog::ask_writer() {
    if (!asked_->is_answered) return;
    asked_->is_answered = false;
    parts_.writer.post([asked = asked_, &loop = parts_.loop] { loop.post([asked] { asked->is_answered = true; }); });
}

Signs Watchdog::look(Duration loop_delay) {
    const auto now = parts_.clock.steady_now();
    const auto status = parts_.store.status();
    const bool has_committed = status.commits != commits_;
    commits_ = status.commits;
    // Under load its thread goes from commit to commit and comes to no question: a commit is an answer too.
    if (asked_->is_answered || has_committed) writer_heard_at_ = now;
    if (has_committed || status.waiting_records == 0 || status.disk != store::DiskState::sound) committed_at_ = now;
    return {loop_delay, now - writer_heard_at_, now - committed_at_};
}

void Watchdog::report(const std::string& ailment) {
    if (ailment.empty()) parts_.tell("WATCHDOG=1");
    if (ailment_.empty() && !ailment.empty()) log::error("gatehoused", "the watchdog is not fed", {{"what", ailment}});
    ailment_ = ailment;
    auto line = ailment.empty() ? parts_.state() : ailment;
    if (line == said_) return;
    parts_.tell("STATUS=" + line);
    said_ = std::move(line);
}

Task<void> Watchdog::run() {
    const auto pulse = parts_.interval > Duration::zero() ? parts_.interval / 4 : pulse_unasked;
    commits_ = parts_.store.status().commits;
    writer_heard_at_ = committed_at_ = parts_.clock.steady_now();
    Duration delay{};
    for (;;) {
        report(what_ails(look(delay), parts_.interval));
        ask_writer();
        const auto due = parts_.clock.steady_now() + pulse;
        co_await parts_.clock.sleep_until(due);
        delay = parts_.clock.steady_now() - due;
    }
}

} // namespace gatehouse::app
