// SPDX-License-Identifier: Apache-2.0
#include "tests/demo/judgement.hpp"

#include "tests/oracle/log.hpp"

#include <algorithm>
#include <set>

namespace gatehouse::demo {

namespace {

bool fits(const std::vector<std::string>& patterns, const std::string& kind) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
        return pattern == "*" || pattern == kind || (pattern.ends_with(".*") && kind.starts_with(pattern.substr(0, pattern.size() - 1)));
    });
}

// What the log has of one device: numbered events by their number, plates by their text.
struct Recorded {
    std::set<std::uint64_t> keys;
    std::multiset<std::string> subjects;
    std::uint64_t in_gaps = 0;
};

void judge_devices(const oracle::Log& log, Compound& compound, Judgement& judgement) {
    std::map<std::string, Recorded> recorded;
    for (const auto& record : log.records) {
        if (record.device_key) {
            auto& device = recorded[record.source];
            device.keys.insert(*record.device_key);
            device.subjects.insert(record.subject);
        } else if (record.kind == "gap") {
            const auto facts = boost::json::parse(record.facts).as_object();
            const auto *of = facts.if_contains("of"), *count = facts.if_contains("count");
            if (of != nullptr && count != nullptr) recorded[std::string(of->as_string())].in_gaps += count->to_number<std::uint64_t>();
        }
    }
    for (const auto& [id, ledger] : compound.ledgers()) {
        auto& device = recorded[id];
        const bool by_subject = id.find("camera") != std::string::npos;
        std::uint64_t missing = 0;
        for (const auto& made : ledger) {
            ++judgement.heard;
            bool found = false;
            if (by_subject) {
                const auto at = device.subjects.find(made.subject);
                found = at != device.subjects.end();
                if (found) device.subjects.erase(at);
            } else {
                found = device.keys.contains(made.key);
            }
            if (found)
                ++judgement.recorded;
            else
                ++missing;
        }
        const auto excused = std::min(missing, device.in_gaps);
        judgement.in_gaps += excused;
        judgement.lost += missing - excused;
    }
}

std::uint64_t number(const boost::json::value& value, std::string_view key) { return value.at(key).to_number<std::uint64_t>(); }

void judge_platform(const oracle::Log& log, Platform& platform, PlatformJudgement& judgement) {
    std::map<std::string, std::uint64_t> newest; // lane -> last member
    for (const auto& record : log.records) {
        const bool always = record.kind == "gap" || record.kind == "digest";
        if (!always && !fits(platform.kinds, record.kind)) continue;
        ++judgement.entitled;
        newest[oracle::lane_of(record.kind)] = record.position;
        if (!platform.personal || record.pictures.find("\"plate\"") == std::string::npos) continue;
        ++judgement.entitled;
        newest["pictures"] = record.position;
    }
    for (const auto& [lane, position] : newest) {
        const auto cursor = log.cursors.find("upstream/" + platform.name + "/" + lane);
        if (cursor == log.cursors.end() || cursor->second.member < position) ++judgement.settled_behind;
    }

    const auto state = platform.application->state();
    judgement.kept_twice = number(state, "kept_twice");
    judgement.bad = number(state, "malformed") + number(state, "bad_heads") + number(state, "heads_rewound");
    for (const auto& [name, lane] : state.at("lanes").as_object()) {
        judgement.kept += number(lane, "kept");
        judgement.dropped += number(lane, "duplicates");
        judgement.holes += number(lane, "holes");
        judgement.bad += number(lane, "altered") + number(lane, "nonconforming") + number(lane, "bad_pictures") + number(lane, "bad_signatures") +
                         number(lane.at("digests"), "bad") + number(lane.at("digests"), "bad_signature");
    }
}

} // namespace

bool Judgement::is_complete() const {
    return lost == 0 && std::all_of(platforms.begin(), platforms.end(), [](const auto& platform) {
               const auto& [name, p] = platform;
               return p.kept == p.entitled && p.settled_behind == 0 && p.kept_twice == 0 && p.holes == 0 && p.bad == 0;
           });
}

std::uint64_t Judgement::resent() const {
    std::uint64_t sum = 0;
    for (const auto& [name, platform] : platforms) sum += platform.dropped;
    return sum;
}

std::uint64_t Judgement::duplicates() const {
    std::uint64_t sum = 0;
    for (const auto& [name, platform] : platforms) sum += platform.kept_twice;
    return sum;
}

std::uint64_t Judgement::holes() const {
    std::uint64_t sum = 0;
    for (const auto& [name, platform] : platforms) sum += platform.holes;
    return sum;
}

Judgement judge(Compound& compound) {
    const auto log = oracle::read_log(compound.database());
    Judgement judgement;
    judge_devices(log, compound, judgement);
    for (auto& platform : compound.platforms()) judge_platform(log, platform, judgement.platforms[platform.name]);
    return judgement;
}

} // namespace gatehouse::demo
