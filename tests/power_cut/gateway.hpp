// SPDX-License-Identifier: Apache-2.0
//
// The gateway's durable core on a disk in memory, one thread, simulated time: the real store and the real upstream (lanes, cursors,
// receipts) between the devices and a broker in memory. It dies without a word, as a machine without power does.
#pragma once

#include "daemon/store/event_log.hpp"
#include "sync/mqtt/upstream.hpp"
#include "tests/fakes/fake_broker.hpp"
#include "tests/fakes/memory_vfs.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/power_cut/outside.hpp"

#include <optional>

namespace gatehouse::power_cut {

/// Bugs that the oracle must find; none of them exists in what is shipped.
enum class Plant {
    none,
    lying_drive,      ///< F03: syncs do nothing
    no_commit_sync,   ///< what synchronous=NORMAL does: the WAL is not synced at a commit
    no_folder_sync,   ///< the WAL's directory entry is never made durable
    release_on_puback ///< L1 broken: the broker's PUBACK moves the cursor
};

using Disk = std::map<std::string, Bytes>;

class Gateway {
public:
    Gateway(Outside& outside, const Disk& disk, std::uint64_t seed, Plant plant);
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    /// Opens the store; again after stop(). Nothing moves yet.
    Done open();
    /// Then, once: retention, digests, index, and the upstream.
    void run();
    void stop();
    bool is_running() const { return store_ != nullptr; }
    void run_for(Duration howlong) { clock_.run_for(howlong); }

    /// The device offers its next `count` events at once; with `again`, one that was acknowledged before comes first (a device that
    /// did not hear it).
    void offer(Device& device, std::uint64_t count, bool again);
    void erase(const std::string& subject);
    /// The platform's receipts leave.
    void receipt();

    fakes::MemoryDisk disk;
    store::EventLog& store() { return *store_; }
    std::uint64_t loses_one_message_in = 0; ///< the broker acknowledges and forgets (F28); 0: never

    template <class T>
    std::optional<T> ask(Task<T> task, Duration howlong = std::chrono::seconds(5)) {
        auto kept = std::make_shared<std::optional<T>>();
        loop_.spawn("ask", keep<T>(std::move(task), kept));
        clock_.run_for(Duration(0));
        if (!*kept) clock_.run_for(howlong);
        return std::move(*kept);
    }

private:
    template <class T>
    static Task<void> keep(Task<T> task, std::shared_ptr<std::optional<T>> kept) {
        kept->emplace(co_await std::move(task));
    }
    Outside& outside_;
    Plant plant_;
    SeededEntropy entropy_, chance_;
    Loop loop_;
    fakes::SimClock clock_{loop_};
    fakes::FakeBroker broker_{loop_};
    store::SiteKeys keys_;
    std::unique_ptr<store::EventLog> store_;
    std::unique_ptr<sync::mqtt::MqttUpstream> upstream_;
    std::unique_ptr<TaskGroup> group_;
};

} // namespace gatehouse::power_cut
