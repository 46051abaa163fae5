// SPDX-License-Identifier: Apache-2.0
#include "tests/demo/judgement.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <set>

namespace gatehouse::demo {

namespace {

// A reader of the log beside the daemon: read-only, one statement at a time.
class Log {
public:
    explicit Log(const std::string& path) {
        if (sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK)
            throw harness::Trouble("the log can't be opened: " + path);
        sqlite3_busy_timeout(database_, 5000);
    }
    ~Log() { sqlite3_close(database_); }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void each(const std::string& sql, const std::function<void(sqlite3_stmt*)>& row) const {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
            throw harness::Trouble(std::string("the log: ") + sqlite3_errmsg(database_));
        while (sqlite3_step(statement) == SQLITE_ROW) row(statement);
        sqlite3_finalize(statement);
    }

private:
    sqlite3* database_ = nullptr;
};

std::string text(sqlite3_stmt* row, int column) {
    const auto* bytes = sqlite3_column_text(row, column);
    return bytes == nullptr ? "" : reinterpret_cast<const char*>(bytes);
}

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

void judge_devices(const Log& log, Compound& compound, Judgement& judgement) {
    std::map<std::string, Recorded> recorded;
    log.each("select source, device_key, ifnull(subject, ''), kind from record where device_key is not null", [&](sqlite3_stmt* row) {
        auto& device = recorded[text(row, 0)];
        device.keys.insert(static_cast<std::uint64_t>(sqlite3_column_int64(row, 1)));
        device.subjects.insert(text(row, 2));
    });
    log.each("select facts ->> 'of', facts ->> 'count' from record where kind = 'gap' and facts ->> 'of' is not null",
             [&](sqlite3_stmt* row) { recorded[text(row, 0)].in_gaps += static_cast<std::uint64_t>(sqlite3_column_int64(row, 1)); });
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

void judge_platform(const Log& log, Platform& platform, PlatformJudgement& judgement) {
    std::uint64_t last = 0;
    std::map<std::string, std::uint64_t> newest; // lane -> last member
    static const std::set<std::string> urgent_kinds = [] {
        return std::set<std::string>{"door.forced",   "door.held",     "camera.lost",   "camera.covered", "fire.alarm",    "fire.fault",
                                     "fire.restored", "gas.alarm",     "water.alarm",   "power.overload", "power.lost",    "power.restored",
                                     "alarm.raised",  "alarm.cleared", "tamper.raised", "panic.pressed",  "duress.raised", "perimeter.crossed",
                                     "object.thrown", "ebike.in_lift", "lift.trapped",  "device.offline"};
    }();
    log.each("select position, kind, ifnull(pictures, '') from record order by position", [&](sqlite3_stmt* row) {
        last = static_cast<std::uint64_t>(sqlite3_column_int64(row, 0));
        const auto kind = text(row, 1);
        const bool always = kind == "gap" || kind == "digest";
        if (!always && !fits(platform.kinds, kind)) return;
        ++judgement.entitled;
        newest[urgent_kinds.contains(kind) ? "urgent" : "routine"] = last;
        if (!platform.personal || text(row, 2).find("\"plate\"") == std::string::npos) return;
        ++judgement.entitled;
        newest["pictures"] = last;
    });
    std::map<std::string, std::uint64_t> members;
    log.each("select reader, member from cursor",
             [&](sqlite3_stmt* row) { members[text(row, 0)] = static_cast<std::uint64_t>(sqlite3_column_int64(row, 1)); });
    for (const auto& [lane, position] : newest)
        if (members["upstream/" + platform.name + "/" + lane] < position) ++judgement.settled_behind;

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
    const Log log(compound.database().string());
    Judgement judgement;
    judge_devices(log, compound, judgement);
    for (auto& platform : compound.platforms()) judge_platform(log, platform, judgement.platforms[platform.name]);
    return judgement;
}

} // namespace gatehouse::demo
