// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/oracle.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <tuple>

namespace gatehouse::oracle {
namespace json = boost::json;

namespace {

constexpr std::size_t findings_each_max = 100;

std::string text(std::uint64_t number) { return std::to_string(number); }

// What gap records say of one device.
struct Gaps {
    std::uint64_t counted = 0;
    bool is_open = false; ///< one without a count: it may stand for any number
};

std::map<std::string, Gaps> gaps_of(const Log& log) {
    std::map<std::string, Gaps> gaps;
    for (const auto& record : log.records) {
        if (record.kind != "gap") continue;
        const auto facts = json::parse(record.facts);
        const auto* of = facts.as_object().if_contains("of");
        if (of == nullptr || !of->is_string()) continue;
        auto& gap = gaps[std::string(of->get_string())];
        const auto* known = facts.as_object().if_contains("count_known");
        const auto* count = facts.as_object().if_contains("count");
        if (count != nullptr && known != nullptr && *known == true)
            gap.counted += count->to_number<std::uint64_t>();
        else
            gap.is_open = true;
    }
    return gaps;
}

bool fits(const std::vector<std::string>& patterns, const std::string& kind) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return pattern == "*" || pattern == kind || (pattern.ends_with(".*") && kind.starts_with(pattern.substr(0, pattern.size() - 1)));
    });
}

class Judge {
public:
    explicit Judge(const Evidence& evidence) : e_(evidence), gaps_(gaps_of(evidence.log)) {}

    std::vector<Finding> run() {
        for (const auto& device : e_.devices) judge_device(device);
        judge_positions();
        judge_order();
        for (const auto& platform : e_.platforms) judge_platform(platform);
        for (auto& finding : judge_seals(e_.log)) found(finding.invariant, std::move(finding.words));
        judge_measured();
        return std::move(findings_);
    }

private:
    void found(const std::string& invariant, std::string words) {
        if (++counts_[invariant] <= findings_each_max) findings_.push_back({invariant, std::move(words)});
    }

    // ---- I1, I2, I9: the devices' ledgers against the log ----

    // What an event is known by in the ledger and in the log alike.
    using Name = std::pair<std::uint64_t, std::string>;
    static Name name_of(const Device& device, std::uint64_t key, const std::string& subject) {
        return device.known_by == KnownBy::number ? Name(key, "") : Name(0, subject);
    }

    void judge_device(const Device& device) {
        std::map<Name, std::vector<const Made*>> made;
        for (const auto& each : device.made) made[name_of(device, each.key, each.subject)].push_back(&each);
        std::map<Name, std::size_t> stored;
        for (const auto& record : e_.log.records) {
            if (record.source != device.id || !record.device_key) continue;
            const auto name = name_of(device, *record.device_key, record.subject);
            const auto where = device.id + " " + text(*record.device_key) + " at position " + text(record.position);
            const auto origin = made.find(name);
            if (origin == made.end()) {
                if (record.salt) found("I2", where + ": no device made it");
                continue;
            }
            const auto is_it = [&](const Made* each) { return each->subject.empty() || record.subject.empty() || each->subject == record.subject; };
            if (std::none_of(origin->second.begin(), origin->second.end(), is_it)) found("I2", where + ": with the content of another event");
            if (++stored[name] > origin->second.size()) found("I2", where + ": stored once more than it was made");
        }
        std::uint64_t missing = 0;
        std::string first;
        for (const auto& [name, times] : made) {
            if (times.size() <= stored[name]) continue;
            if (missing == 0) first = text(times.front()->key);
            missing += times.size() - stored[name];
        }
        const auto& gap = gaps_[device.id];
        if (missing > gap.counted && !gap.is_open)
            found("I1", text(missing) + " events of " + device.id + " are not in the log, and gaps speak of " + text(gap.counted) +
                            "; the first is " + first);
        const auto shed = e_.shed.find(device.id);
        if (shed != e_.shed.end() && shed->second > gap.counted && !gap.is_open)
            found("I9", text(shed->second) + " events of " + device.id + " were shed, and gaps speak of " + text(gap.counted));
    }

    // ---- I3 ----

    void judge_positions() {
        std::set<std::string> epochs;
        std::string epoch;
        std::uint64_t position = 0;
        for (const auto& record : e_.log.records) {
            while (++position < record.position)
                if (!e_.log.removed.contains(position) && !is_condensed(position)) found("I3", "position " + text(position) + " is missing");
            if (record.epoch == epoch) continue;
            epoch = record.epoch;
            if (!epochs.insert(epoch).second) found("I3", "epoch " + epoch + " comes again at position " + text(record.position));
        }
    }

    // What retention has condensed has no row left, only a digest that ends right before the first seal.
    bool is_condensed(std::uint64_t position) const {
        if (e_.log.seals.empty() || position >= e_.log.seals.front().first) return false;
        return std::any_of(e_.log.digests.begin(), e_.log.digests.end(),
                           [&](const SignedDigest& digest) { return digest.last + 1 == e_.log.seals.front().first; });
    }

    void judge_order() {
        std::map<std::string, std::size_t> ways;
        for (const auto& device : e_.devices)
            if (device.known_by == KnownBy::number) ways.emplace(device.id, device.has_holes ? 2 : 1);
        // An alarm overtakes its device's queue, and what is read back comes beside what is live: each of these runs has its own order. What
        // fills a hole at once is told as live, too: then a run is woven of two, the channel's and the memory's, each in its order.
        std::map<std::tuple<std::string, std::uint64_t, std::string, bool>, std::vector<std::uint64_t>> last;
        for (const auto& record : e_.log.records) {
            if (!record.device_key || record.conflicts_with || !ways.contains(record.source)) continue;
            const bool recovered = record.facts.find("\"recovered\":true") != std::string::npos;
            auto& ends = last[{record.source, record.generation, lane_of(record.kind), recovered}];
            ends.resize(ways.at(record.source));
            // It follows on the nearest end before it; if two runs can be had at all, that yields them.
            std::sort(ends.rbegin(), ends.rend());
            auto before = std::find_if(ends.begin(), ends.end(), [&](std::uint64_t end) { return end < *record.device_key; });
            if (before == ends.end()) {
                found("I3", record.source + " " + text(*record.device_key) + " stands after its " + text(ends.back()) + ", at position " +
                                text(record.position));
                before = std::prev(ends.end());
            }
            *before = *record.device_key;
        }
    }

    // ---- I4, I5: the log against the platforms ----

    void judge_platform(const Platform& platform) {
        for (const auto& [lane, kept] : platform.lanes) judge_kept(platform, lane, kept);
        for (const std::string lane : {"routine", "urgent"}) judge_lane(platform, lane);
    }

    const LogRecord* at(std::uint64_t position) const {
        const auto& records = e_.log.records;
        const auto found_at = std::lower_bound(records.begin(), records.end(), position,
                                               [](const LogRecord& record, std::uint64_t wanted) { return record.position < wanted; });
        return found_at == records.end() || found_at->position != position ? nullptr : &*found_at;
    }

    void judge_kept(const Platform& platform, const std::string& lane, const std::vector<Kept>& kept) {
        std::set<std::pair<std::string, std::uint64_t>> seen;
        std::map<std::string, std::uint64_t> ids;
        for (const auto& each : kept) {
            const auto where = platform.name + " " + lane + " " + text(each.sequence);
            if (!seen.emplace(each.epoch, each.sequence).second) found("I4", where + ": kept twice");
            if (!each.id.empty() && !ids.emplace(each.id, each.sequence).second) found("I4", where + ": kept already as " + text(ids[each.id]));
            const auto* record = at(each.sequence);
            if (record == nullptr) {
                if (!e_.log.removed.contains(each.sequence) && !is_condensed(each.sequence)) found("I1", where + ": the log has lost it");
                continue;
            }
            if (record->epoch != each.epoch || (!each.id.empty() && record->id != each.id)) found("I4", where + ": the log has another event there");
        }
    }

    void judge_lane(const Platform& platform, const std::string& lane) {
        std::map<std::uint64_t, const Kept*> kept;
        if (const auto there = platform.lanes.find(lane); there != platform.lanes.end())
            for (const auto& each : there->second) kept.emplace(each.sequence, &each);
        const auto reader = "upstream/" + platform.name + "/" + lane;
        const auto cursor = e_.log.cursors.find(reader);
        const auto settled = cursor == e_.log.cursors.end() ? 0 : cursor->second.settled;
        std::uint64_t previous = 0;
        for (const auto& record : e_.log.records) {
            const bool is_everyones = record.kind == "gap" || record.kind == "digest";
            if (record.position < platform.from || lane_of(record.kind) != lane || !(is_everyones || fits(platform.kinds, record.kind))) continue;
            const auto where = platform.name + " " + lane + " " + text(record.position);
            const auto there = kept.find(record.position);
            if (there == kept.end()) {
                if (platform.sends_receipts && record.position <= settled && !e_.log.dead_letters.contains({reader, record.position}))
                    found("I5", where + ": released, and no receipt can have named it");
                if (e_.is_drained) found("I4", where + ": a hole");
            } else if (there->second->previous != previous && !(platform.from > 1 && previous == 0)) {
                found("I4", where + ": previous says " + text(there->second->previous) + " and not " + text(previous));
            }
            previous = record.position;
        }
        if (e_.is_drained && previous > 0 && (cursor == e_.log.cursors.end() || cursor->second.member < previous))
            found("I10", reader + ": has everything up to " + text(previous) + ", and its cursor did not follow");
    }

    // ---- I7, I8, I10 ----

    void judge_measured() {
        for (const auto& bound : e_.bounds)
            if (bound.worst > bound.limit)
                found("I7", bound.what + ": " + std::to_string(bound.worst) + " of at most " + std::to_string(bound.limit));
        for (const auto& answer : e_.answers)
            if (!answer.is_good) found("I8", "no good answer to " + answer.question);
        for (const auto& recovery : e_.recoveries)
            if (recovery.took_s > recovery.within_s)
                found("I10", recovery.from + ": " + std::to_string(recovery.took_s) + " s and not " + std::to_string(recovery.within_s));
    }

    const Evidence& e_;
    std::map<std::string, Gaps> gaps_;
    std::map<std::string, std::size_t> counts_;
    std::vector<Finding> findings_;
};

} // namespace

std::vector<Finding> judge(const Evidence& evidence) { return Judge(evidence).run(); }

std::string told(const std::vector<Finding>& findings) {
    std::string lines;
    for (const auto& finding : findings) lines += finding.invariant + ": " + finding.words + "\n";
    return lines;
}

} // namespace gatehouse::oracle
