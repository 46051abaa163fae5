// SPDX-License-Identifier: Apache-2.0
//
// The daemon's own pulse. The service manager restarts us when it hears nothing for WatchdogSec; this says something only after a look
// at what a restart can heal: a loop that comes late to what is due, a store's thread that does not answer, records that wait although
// the disk is sound. A disk that failed is no reason: no restart heals it, and doors and live alarms go on without it.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/store/store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace gatehouse::app {

/// How long the store's thread may be silent. The kernel gives a disk 30 s for a command and tries it five times again; when it gives up
/// the store hears an error and mends itself. Killed before that, a process that waits for its disk only hangs there, doors and all.
constexpr Duration store_silence_max = std::chrono::minutes(3);

/// How often the pulse is felt where no manager asked for it.
constexpr Duration pulse_unasked = std::chrono::seconds(5);

/// What one look finds.
struct Signs {
    Duration loop_delay{};     ///< how late the loop came to a timer
    Duration writer_silence{}; ///< since the store's thread last gave a sign of life
    Duration commit_stall{};   ///< since when records wait, the disk is sound, and nothing was committed
};

/// Empty: alive. Else what is wrong, in plain words. `watchdog`: the manager's interval; zero: it has none.
std::string what_ails(const Signs& signs, Duration watchdog);

class Watchdog {
public:
    struct Parts {
        Loop& loop;
        Clock& clock;
        const store::Store& store;
        Executor& writer;                             ///< the store's thread
        Duration interval;                            ///< WatchdogSec, or zero
        std::function<std::string()> state;           ///< one line for `systemctl status`
        std::function<void(const std::string&)> tell; ///< to the manager
    };
    explicit Watchdog(Parts parts);

    /// Feels the pulse four times an interval for ever, on the loop; ends by cancellation.
    Task<void> run();

private:
    /// Outlives a run() that was cancelled while the store's thread had yet to answer.
    struct Asked {
        bool is_answered = true;
    };
    void ask_writer();
    Signs look(Duration loop_delay);
    void report(const std::string& ailment);

    Parts parts_;
    std::shared_ptr<Asked> asked_ = std::make_shared<Asked>();
    std::uint64_t commits_ = 0;
    Instant writer_heard_at_{}, committed_at_{};
    std::string said_, ailment_;
};

} // namespace gatehouse::app
