// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/serial_run.hpp"

#include "daemon/base/sha256.hpp"

#include <algorithm>

namespace gatehouse::drivers::isapi {

namespace {

constexpr std::size_t fingerprint_digits = 16;
// Two events of one second come in either order; a restart is later than that.
constexpr Duration later_than_a_repeat = std::chrono::seconds(5);

std::string mark_text(const std::string& fingerprint, std::optional<Time> second) { return fingerprint + (second ? "|" + to_text(*second) : "|"); }

} // namespace

std::string fingerprint_of(const std::string& same_as) { return to_hex(sha256(same_as)).substr(0, fingerprint_digits); }

void SerialRun::start(const std::optional<SourceMark>& mark) {
    *this = SerialRun();
    if (!mark) return;
    known_ = true;
    generation_ = mark->generation;
    number_ = mark->number;
    const auto bar = mark->text.find('|');
    fingerprint_ = mark->text.substr(0, bar);
    if (bar == std::string::npos) return;
    if (auto second = parse_time(mark->text.substr(bar + 1))) second_ = *second;
}

void SerialRun::begin_after(std::uint64_t number) {
    known_ = true;
    number_ = number;
    fingerprint_.clear();
    join();
}

// What stands beyond the end and now follows it without a hole belongs to the run.
void SerialRun::join() {
    while (known_ && !ahead_.empty() && ahead_.begin()->first <= number_ + 1) {
        auto first = ahead_.extract(ahead_.begin());
        if (first.key() <= number_) continue;
        number_ = first.key();
        fingerprint_ = first.mapped().fingerprint;
        if (first.mapped().second) second_ = first.mapped().second;
        recent_[number_] = fingerprint_;
    }
    while (recent_.size() > recent_max) recent_.erase(recent_.begin());
}

SerialRun::Place SerialRun::place_of(std::uint64_t serial) const {
    if (!known_) return Place::ahead;
    if (serial <= number_) return Place::behind;
    return serial == number_ + 1 ? Place::next : Place::ahead;
}

bool SerialRun::is_stored(std::uint64_t serial, const std::string& fingerprint) const {
    if (const auto ahead = ahead_.find(serial); ahead != ahead_.end()) return ahead->second.fingerprint == fingerprint;
    if (!known_ || serial > number_) return false;
    if (serial == number_ && !fingerprint_.empty()) return fingerprint == fingerprint_;
    const auto found = recent_.find(serial);
    return found != recent_.end() && found->second == fingerprint;
}

bool SerialRun::looks_restarted(std::uint64_t serial, const std::string& fingerprint, std::optional<Time> second) const {
    if (!known_ || serial > number_) return false;
    if (serial == number_ && !fingerprint_.empty()) return fingerprint != fingerprint_;
    if (const auto found = recent_.find(serial); found != recent_.end()) return found->second != fingerprint;
    return second && second_ && *second > *second_ + later_than_a_repeat;
}

std::optional<SourceMark> SerialRun::mark_with(std::uint64_t serial, const std::string& fingerprint, std::optional<Time> second) const {
    if (place_of(serial) != Place::next) return std::nullopt;
    std::uint64_t end = serial;
    const Known here{fingerprint, second};
    const Known* last = &here;
    for (auto at = ahead_.find(end + 1); at != ahead_.end() && at->first == end + 1; ++at) {
        end = at->first;
        last = &at->second;
    }
    return SourceMark{generation_, end, mark_text(last->fingerprint, last->second ? last->second : second_)};
}

void SerialRun::stored(std::uint64_t serial, const std::string& fingerprint, std::optional<Time> second) {
    if (place_of(serial) == Place::behind) return;
    ahead_[serial] = Known{fingerprint, second};
    join();
    // Beyond the bound the farthest are forgotten: catch-up meets them again and the store drops them by their key.
    while (ahead_.size() > ahead_max) ahead_.erase(std::prev(ahead_.end()));
}

std::vector<SerialRun::Hole> SerialRun::holes_up_to(std::uint64_t last) const {
    std::vector<Hole> holes;
    std::uint64_t next = number_ + 1;
    for (const auto& [serial, known] : ahead_) {
        if (serial > last) break;
        if (serial > next) holes.push_back(Hole{next, serial - 1});
        next = serial + 1;
    }
    if (next <= last) holes.push_back(Hole{next, last});
    return holes;
}

SourceMark SerialRun::mark_past(std::uint64_t last) const {
    SerialRun after = *this;
    after.pass_over(last);
    return after.mark();
}

void SerialRun::pass_over(std::uint64_t last) {
    if (!known_ || last <= number_) return;
    for (std::uint64_t at = number_; !ahead_.empty() && ahead_.begin()->first <= std::max(last, at) + 1;) {
        auto first = ahead_.extract(ahead_.begin());
        at = first.key();
        number_ = at;
        fingerprint_ = first.mapped().fingerprint;
        if (first.mapped().second) second_ = first.mapped().second;
        recent_[at] = fingerprint_;
    }
    if (last > number_) {
        number_ = last;
        fingerprint_.clear(); // nothing is known of the event that bore this number
    }
    while (recent_.size() > recent_max) recent_.erase(recent_.begin());
}

void SerialRun::restart() {
    const auto generation = generation_ + 1;
    *this = SerialRun(); // where the new run begins says the oldest event that the device has
    generation_ = generation;
}

SourceMark SerialRun::mark() const { return SourceMark{generation_, number_, mark_text(fingerprint_, second_)}; }

} // namespace gatehouse::drivers::isapi
