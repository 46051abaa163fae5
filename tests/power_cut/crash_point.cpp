// SPDX-License-Identifier: Apache-2.0
#include "tests/power_cut/crash_point.hpp"

#include "tests/power_cut/oracle.hpp"

#include <algorithm>

namespace gatehouse::power_cut {

namespace {

using namespace std::chrono_literals;
using Keep = fakes::MemoryDisk::Keep;

constexpr std::uint64_t steps_max = 60;
constexpr std::uint64_t operation_max = 400; ///< a long script's last cut
constexpr std::uint64_t recovery_operation_max = 60;
constexpr int recoveries_max = 3; ///< cuts one after the other

struct Cut {
    std::uint64_t seed = 0, operation = 0;
    Keep keep = Keep::torn;
    Disk disk;
    Outside outside;
    bool is_made = false;
};

/// What a disk does wrong over a stretch of its operations (F10, F13).
struct DiskFault {
    enum class What { nothing, io_error, full } what = What::nothing;
    std::string kind; ///< of operation; empty: any
    std::uint64_t from = 0, until = 0;
};

DiskFault draw_fault(Entropy& chance) {
    DiskFault fault;
    if (chance.below(3) != 0) return fault;
    constexpr std::array kinds{"sync", "write", "folder", "truncate", ""};
    fault.what = chance.below(4) == 0 ? DiskFault::What::full : DiskFault::What::io_error;
    fault.kind = kinds[chance.below(kinds.size())];
    fault.from = 1 + chance.below(operation_max / 2);
    // Once, for a while, or for ever.
    constexpr std::array<std::uint64_t, 3> lengths{1, 25, UINT32_MAX};
    fault.until = fault.from + lengths[chance.below(lengths.size())];
    return fault;
}

/// Calls the cuts that are due before `number`, and answers whether the operation fails.
class DiskScript {
public:
    DiskScript(Gateway& gateway, Outside& outside, std::vector<Cut>& cuts, DiskFault fault)
        : gateway_(gateway), outside_(outside), cuts_(cuts), fault_(fault) {
        gateway_.disk.on_operation = [this](std::uint64_t number, const std::string& kind, const std::string&) { return before(number, kind); };
    }
    ~DiskScript() { gateway_.disk.on_operation = nullptr; }
    DiskScript(const DiskScript&) = delete;
    DiskScript& operator=(const DiskScript&) = delete;

    bool is_over() const {
        return std::all_of(cuts_.begin(), cuts_.end(), [](const Cut& cut) { return cut.is_made; });
    }
    /// What was not reached is cut now.
    void make_all() {
        for (auto& cut : cuts_) make(cut);
    }
    bool dies_at_cut = false; ///< nothing reaches the disk after the last cut

private:
    void make(Cut& cut) {
        if (cut.is_made) return;
        cut.disk = gateway_.disk.after_power_cut(cut.keep, cut.seed);
        cut.outside = outside_;
        cut.is_made = true;
    }
    bool before(std::uint64_t number, const std::string& kind) {
        for (auto& cut : cuts_)
            if (cut.operation <= number) make(cut);
        if (dies_at_cut && is_over()) return true;
        const bool strikes = fault_.what != DiskFault::What::nothing && number >= fault_.from && number < fault_.until;
        if (fault_.what == DiskFault::What::full) {
            if (strikes && !gateway_.disk.bytes_max) gateway_.disk.bytes_max = gateway_.disk.used_bytes();
            if (!strikes) gateway_.disk.bytes_max.reset();
            return false;
        }
        return strikes && (fault_.kind.empty() || fault_.kind == kind);
    }
    Gateway& gateway_;
    Outside& outside_;
    std::vector<Cut>& cuts_;
    DiskFault fault_;
};

void one_step(Gateway& gateway, Outside& outside, Entropy& chance) {
    if (!gateway.is_running()) {
        if (gateway.open())
            gateway.run();
        else
            gateway.run_for(1s);
        return;
    }
    switch (chance.below(12)) {
    case 0: gateway.run_for(40s); break; // long enough for a lane to go back for what was not receipted
    case 1: gateway.stop(); break;
    case 2: gateway.erase("card:" + std::to_string(chance.below(7))); break;
    case 3:
    case 4:
    case 5: gateway.receipt(); break;
    case 6:
    case 7: gateway.run_for(std::chrono::milliseconds(chance.below(900))); break;
    default: gateway.offer(outside.devices[chance.below(2)], 1 + chance.below(6), chance.below(4) == 0);
    }
}

/// The world until all cuts are made.
void live(std::uint64_t script, std::uint64_t steps, DiskFault fault, std::vector<Cut>& cuts, Plant plant) {
    SeededEntropy chance(script * 3 + 1);
    Outside outside;
    Gateway gateway(outside, {}, script, plant);
    gateway.loses_one_message_in = chance.below(2) == 0 ? 0 : 6;
    DiskScript disk(gateway, outside, cuts, fault);
    for (std::uint64_t step = 0; step < steps && !disk.is_over(); ++step) one_step(gateway, outside, chance);
    disk.make_all();
}

/// Starts from what survived, judges, lets it report, judges again. When the power goes again on the way, `next` is what then survived.
std::string recover(Cut& cut, std::optional<Cut>& next, Tally& tally, Plant plant) {
    SeededEntropy chance(cut.seed ^ 0x5eed);
    auto& outside = cut.outside;
    std::vector<Cut> again;
    if (chance.below(4) == 0) {
        again.emplace_back();
        again.back().seed = cut.seed + 0x9e3779b97f4a7c15u;
        again.back().operation = 1 + chance.below(recovery_operation_max);
    }
    Gateway gateway(outside, cut.disk, cut.seed, plant);
    DiskScript disk(gateway, outside, again, {});
    disk.dies_at_cut = !again.empty();
    const auto is_cut = [&] {
        if (again.empty() || !again.front().is_made) return false;
        next = std::move(again.front());
        return true;
    };
    const auto opened = gateway.open();
    if (is_cut()) return {};
    if (!opened) return "I10: does not start: " + opened.error().what();
    auto wrong = judge_restart(gateway, outside);
    if (is_cut()) return {};
    if (!wrong.empty()) return wrong;
    gateway.run();
    for (auto& device : outside.devices) gateway.offer(device, device.offered + 3 - device.next, true);
    if (is_cut()) return {};
    for (const auto& device : outside.devices)
        if (device.next <= device.offered) return "I10: a new event is refused";
    for (int turn = 0; turn < 150 && !is_drained(gateway, outside); ++turn) {
        gateway.run_for(500ms);
        gateway.receipt();
        if (is_cut()) return {};
    }
    wrong = judge_drained(gateway, outside);
    if (is_cut()) return {};
    tally.acknowledged += outside.acknowledged();
    tally.delivered += outside.twin.events();
    return wrong;
}

void finish(Cut& cut, Tally& tally, Plant plant, const OnFailure& failed) {
    ++tally.points;
    const auto seed = cut.seed;
    std::string wrong;
    Cut now = std::move(cut);
    for (int i = 0; i < recoveries_max; ++i) {
        ++tally.cuts;
        std::optional<Cut> next;
        wrong = recover(now, next, tally, plant);
        if (!next || !wrong.empty()) break;
        now = std::move(*next);
    }
    if (wrong.empty()) return;
    ++tally.failed;
    failed(seed, wrong);
}

Keep draw_keep(Entropy& chance) {
    constexpr std::array ways{Keep::nothing, Keep::all, Keep::some, Keep::torn, Keep::torn, Keep::torn};
    return ways[chance.below(ways.size())];
}

} // namespace

Tally live_through(std::uint64_t first, std::uint64_t count, Plant plant, const OnFailure& failed) {
    Tally tally;
    for (auto seed = first; seed < first + count;) {
        const auto script = seed / points_per_script;
        std::vector<Cut> cuts;
        for (; seed < first + count && seed / points_per_script == script; ++seed) {
            SeededEntropy chance(seed);
            Cut cut;
            cut.seed = seed;
            cut.operation = 1 + chance.below(operation_max);
            cut.keep = draw_keep(chance);
            cuts.push_back(std::move(cut));
        }
        SeededEntropy chance(script * 7 + 5);
        const auto fault = draw_fault(chance);
        tally.faults += fault.what == DiskFault::What::nothing ? 0u : 1u;
        live(script, steps_max, fault, cuts, plant);
        for (auto& cut : cuts) finish(cut, tally, plant, failed);
    }
    return tally;
}

Tally live_through_each_operation(std::uint64_t script, Plant plant, const OnFailure& failed) {
    Tally tally;
    std::vector<Cut> cuts;
    constexpr std::uint64_t short_operations = 90;
    for (std::uint64_t operation = 1; operation <= short_operations; ++operation)
        for (const auto keep : {Keep::nothing, Keep::all, Keep::torn}) {
            Cut cut;
            cut.seed = script + operation;
            cut.operation = operation;
            cut.keep = keep;
            cuts.push_back(std::move(cut));
        }
    live(script, steps_max, {}, cuts, plant);
    for (auto& cut : cuts) finish(cut, tally, plant, failed);
    return tally;
}

} // namespace gatehouse::power_cut
