// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/damage.hpp"

#include "daemon/base/json.hpp"

#include <algorithm>

namespace gatehouse::store {

namespace {

constexpr std::size_t why_bytes_max = 64;
constexpr std::size_t note_text_bytes_max = 64 * 1024;
constexpr std::size_t unanswered_max = 64;
constexpr Duration unanswered_kept = std::chrono::minutes(5);

std::string cut(std::string text) {
    // Of SQLite's words and ours, which are ASCII.
    if (text.size() > why_bytes_max) text.resize(why_bytes_max);
    return text;
}

/// The next row at or behind `position` (at or before it, going down), with all of its columns.
Result<bool> can_read_from(Connection& connection, std::uint64_t position, Walk::Way way) {
    auto row = way == Walk::Way::up ? connection.use(GATEHOUSE_SELECT_RECORD "where r.position >= ? order by r.position limit 1")
                                    : connection.use(GATEHOUSE_SELECT_RECORD "where r.position <= ? order by r.position desc limit 1");
    if (!row) return std::move(row).error();
    (*row)->bind(1, position);
    return (*row)->step();
}

bool is_unread(const Error& error) { return error.fault() == Fault::damaged || error.fault() == Fault::unreachable; }

} // namespace

// --- What is known ---------------------------------------------------------------------------------------------------------------

std::string damage_text(const std::vector<DamagedRange>& ranges) {
    json::array array;
    for (const auto& range : ranges) array.push_back(json::array{range.first, range.last, range.why});
    return ranges.empty() ? std::string() : json::serialize(array);
}

Result<std::vector<DamagedRange>> parse_damage(std::string_view text) {
    std::vector<DamagedRange> ranges;
    if (text.empty()) return ranges;
    auto parsed = parse_json(text, note_text_bytes_max);
    if (!parsed) return Error(Fault::damaged, "the list of damaged records: " + parsed.error().what());
    const Error wrong(Fault::damaged, "the list of damaged records is none");
    if (!parsed->is_array()) return wrong;
    for (const auto& item : parsed->get_array()) {
        if (!item.is_array() || item.get_array().size() != 3) return wrong;
        const auto& three = item.get_array();
        if (!three[0].is_int64() || !three[1].is_int64() || !three[2].is_string()) return wrong;
        const auto first = three[0].get_int64(), last = three[1].get_int64();
        if (first < 1 || last < first) return wrong;
        ranges.push_back({static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(last), std::string(three[2].get_string())});
    }
    return ranges;
}

Joined join_damage(std::vector<DamagedRange> known, const std::vector<DamagedRange>& met) {
    Joined joined;
    const auto by_first = [](const DamagedRange& one, const DamagedRange& other) { return one.first < other.first; };
    auto& all = joined.all;
    all = std::move(known);
    const auto add = [&](DamagedRange range) {
        // What of it is new lies between the known ones.
        std::vector<DamagedRange> pieces;
        auto at = range.first;
        for (const auto& one : all) {
            if (one.last < at) continue;
            if (one.first > range.last) break;
            if (one.first > at) pieces.push_back({at, one.first - 1, range.why});
            at = one.last + 1;
        }
        if (at <= range.last) pieces.push_back({at, range.last, range.why});
        for (auto& piece : pieces) {
            all.push_back(piece);
            joined.added.push_back(std::move(piece));
        }
        std::sort(all.begin(), all.end(), by_first);
    };
    for (const auto& range : met) add({range.first, range.last, cut(range.why)});
    // Neighbours for the same reason are one.
    const auto join_neighbours = [&] {
        std::vector<DamagedRange> fewer;
        for (auto& range : all) {
            if (!fewer.empty() && fewer.back().last + 1 == range.first && fewer.back().why == range.why)
                fewer.back().last = range.last;
            else
                fewer.push_back(std::move(range));
        }
        all = std::move(fewer);
    };
    join_neighbours();
    while (all.size() > damaged_ranges_max) {
        std::size_t nearest = 1;
        for (std::size_t i = 2; i < all.size(); ++i)
            if (all[i].first - all[i - 1].last < all[nearest].first - all[nearest - 1].last) nearest = i;
        all[nearest].why = all[nearest - 1].why;
        add({all[nearest - 1].last + 1, all[nearest].first - 1, all[nearest].why});
        join_neighbours();
    }
    return joined;
}

Done Damage::load(std::string_view text) {
    auto ranges = parse_damage(text);
    if (!ranges) return std::move(ranges).error();
    replace(std::move(*ranges));
    return {};
}

void Damage::replace(std::vector<DamagedRange> ranges) {
    const std::lock_guard guard(mutex_);
    ranges_.clear();
    for (auto& range : ranges) ranges_.emplace(range.last, std::move(range));
    std::erase_if(met_, [&](const DamagedRange& one) {
        const auto held = holding_unlocked(one.first);
        return held && held->last >= one.last;
    });
}

std::vector<DamagedRange> Damage::ranges() const {
    const std::lock_guard guard(mutex_);
    std::vector<DamagedRange> all;
    for (const auto& [last, range] : ranges_) all.push_back(range);
    return all;
}

std::optional<DamagedRange> Damage::holding_unlocked(std::uint64_t position) const {
    const auto found = ranges_.lower_bound(position);
    if (found == ranges_.end() || found->second.first > position) return std::nullopt;
    return found->second;
}

std::optional<DamagedRange> Damage::holding(std::uint64_t position) const {
    const std::lock_guard guard(mutex_);
    return holding_unlocked(position);
}

std::optional<DamagedRange> Damage::next_behind(std::uint64_t after) const {
    const std::lock_guard guard(mutex_);
    const auto found = ranges_.upper_bound(after);
    return found == ranges_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<DamagedRange> Damage::next_before(std::uint64_t before) const {
    const std::lock_guard guard(mutex_);
    auto found = ranges_.lower_bound(before);
    if (found != ranges_.end() && found->second.first < before) return found->second;
    if (found == ranges_.begin()) return std::nullopt;
    return std::prev(found)->second;
}

void Damage::meet(DamagedRange range) {
    const std::lock_guard guard(mutex_);
    if (met_.size() >= damaged_ranges_max) return; // met again when these are set aside
    for (const auto& one : met_)
        if (one.first <= range.first && one.last >= range.last) return;
    met_.push_back(std::move(range));
}

std::vector<DamagedRange> Damage::take_met() {
    const std::lock_guard guard(mutex_);
    return std::exchange(met_, {});
}

bool Damage::has_met() const {
    const std::lock_guard guard(mutex_);
    return !met_.empty();
}

bool Damage::is_damage(const Error& error, std::uint64_t edge) {
    if (error.fault() == Fault::damaged) return true;
    if (error.fault() != Fault::unreachable) return false;
    const auto now = steady_now_();
    const std::lock_guard guard(mutex_);
    std::erase_if(unanswered_, [&](const auto& one) { return now - one.second > unanswered_kept; });
    if (unanswered_.size() >= unanswered_max) unanswered_.clear();
    const auto since = unanswered_.try_emplace(edge, now).first->second;
    return now - since >= unanswered_wait;
}

// --- Going through the log -------------------------------------------------------------------------------------------------------

Result<bool> is_accounted(Connection& connection, std::uint64_t first, std::uint64_t last) {
    auto row = connection.use("select (select count(*) from removed where position between max(?1, first) and ?2), first from "
                              "(select coalesce((select first from seal order by last limit 1), 1) as first)");
    if (!row) return std::move(row).error();
    (*row)->bind(1, first).bind(2, last);
    auto there = (*row)->step();
    if (!there) return std::move(there).error();
    const auto sealed_from = (*row)->unsigned_number(1);
    if (last < sealed_from) return true;
    return (*row)->unsigned_number(0) == last - std::max(first, sealed_from) + 1;
}

Result<DamagedRange> find_damage(Connection& connection, std::uint64_t edge, Walk::Way way, const std::string& why) {
    const bool is_up = way == Walk::Way::up;
    std::uint64_t end = 0; // the last position to try
    {
        auto head = connection.number("select coalesce(max(last), 0) from seal");
        if (!head) return std::move(head).error();
        end = is_up ? static_cast<std::uint64_t>(*head) : 1;
    }
    const Error all_of_it(Fault::unreachable, "nothing can be read behind record " + std::to_string(edge) + ": " + why);
    if (is_up ? edge >= end : edge <= 1) return all_of_it;
    const auto room = is_up ? end - edge : edge - end; // positions there are to try
    const auto at = [&](std::uint64_t step) { return is_up ? edge + step : edge - step; };
    std::uint64_t silent = 0, answered = 0; // in steps from the edge
    for (std::uint64_t step = 1; answered == 0;) {
        if (step > room) return all_of_it;
        auto row = can_read_from(connection, at(step), way);
        if (!row && !is_unread(row.error())) return std::move(row).error();
        if (row) {
            answered = step;
        } else {
            silent = step;
            const auto next = step < probed_rows_max ? step + 1 : step + (step - probed_rows_max + 1) * 2;
            step = step < room ? std::min(next, room) : next;
        }
    }
    while (answered - silent > 1) {
        const auto middle = silent + (answered - silent) / 2;
        auto row = can_read_from(connection, at(middle), way);
        if (!row && !is_unread(row.error())) return std::move(row).error();
        (row ? answered : silent) = middle;
    }
    // The row beside the edge answers now: it was no damage.
    if (silent == 0) return Error(Fault::busy, "record " + std::to_string(at(1)) + " could not be read just now: " + why);
    return is_up ? DamagedRange{at(1), at(silent), cut(why)} : DamagedRange{at(silent), at(1), cut(why)};
}

Walk::Walk(Connection& connection, Damage& damage, std::string_view sql, std::uint64_t after, std::uint64_t before, Options options)
    : connection_(connection), damage_(damage), sql_(sql), after_(after), before_(before), options_(std::move(options)) {}

// False: nothing is left.
bool Walk::pass_over() {
    if (options_.way == Way::up) {
        while (const auto aside = damage_.holding(after_ + 1)) after_ = aside->last;
        const auto next = damage_.next_behind(after_);
        edge_ = next ? std::min(next->first, before_) : before_;
        return after_ + 1 < before_;
    }
    while (before_ > 1) {
        const auto aside = damage_.holding(before_ - 1);
        if (!aside) break;
        before_ = aside->first;
    }
    const auto next = damage_.next_before(before_);
    edge_ = next ? std::max(next->last, after_) : after_;
    return before_ > after_ + 1;
}

Done Walk::begin_stretch() {
    auto statement = connection_.use(sql_);
    if (!statement) return std::move(statement).error();
    const bool is_up = options_.way == Way::up;
    (*statement)->bind(1, (is_up ? after_ : edge_) + 1).bind(2, (is_up ? edge_ : before_) - 1);
    if (options_.bind_more) options_.bind_more(**statement);
    statement_.emplace(std::move(*statement));
    return {};
}

// True: it ended at what is set aside already. Otherwise the damage is found and noted, and passed over where that is wanted.
Result<bool> Walk::meet_at_edge(Error error) {
    const bool is_up = options_.way == Way::up;
    const auto edge = is_up ? after_ : before_;
    if (!is_unread(error)) return error;
    statement_.reset();
    const bool is_at_aside = is_up ? edge_ < before_ : edge_ > after_;
    if (is_at_aside) {
        // Going to the next page, SQLite reads it before it sees that the stretch ends in front of it.
        const auto first = is_up ? after_ + 1 : edge_ + 1, last = is_up ? edge_ - 1 : before_ - 1;
        if (first > last) return true;
        auto accounted = is_accounted(connection_, first, last);
        if (accounted && *accounted) return true;
    }
    if (!damage_.is_damage(error, edge)) return error;
    auto found = find_damage(connection_, edge, options_.way, error.what());
    if (!found) return std::move(found).error();
    damage_.meet(*found);
    if (!options_.goes_on)
        return Error(Fault::damaged, "records " + std::to_string(found->first) + " to " + std::to_string(found->last)).during(error.what());
    (is_up ? after_ : before_) = is_up ? found->last : found->first;
    return false;
}

// Nothing from after_ to `next`: retention's, or the rows are gone without a trace.
Done Walk::look_at_hole(std::uint64_t next) {
    if (!options_.tells_holes || options_.way == Way::down || next <= after_ + 1) return {};
    const auto last = next - 1;
    const auto first = std::max(after_ + 1, last >= hole_positions_max ? last - hole_positions_max + 1 : 1);
    auto accounted = is_accounted(connection_, first, last);
    if (!accounted) return std::move(accounted).error();
    if (*accounted) return {};
    damage_.meet({first, last, "missing under their seal"});
    return Error(Fault::damaged, "records " + std::to_string(first) + " to " + std::to_string(last) + " are missing under their seal");
}

Result<bool> Walk::next() {
    const bool is_up = options_.way == Way::up;
    for (;;) {
        if (!statement_) {
            if (!pass_over()) return false;
            if (auto begun = begin_stretch(); !begun) return std::move(begun).error();
        }
        auto row = (*statement_)->step();
        if (row && *row) {
            position_ = this->row().unsigned_number(0);
            if (auto looked = look_at_hole(position_); !looked) return std::move(looked).error();
            (is_up ? after_ : before_) = position_;
            return true;
        }
        if (!row) {
            auto ended = meet_at_edge(std::move(row).error());
            if (!ended) return std::move(ended).error();
            if (!*ended) continue;
        }
        statement_.reset();
        if (is_up ? edge_ >= before_ : edge_ <= after_) return false;
        if (auto looked = look_at_hole(edge_); !looked) return std::move(looked).error();
        (is_up ? after_ : before_) = is_up ? edge_ - 1 : edge_ + 1;
    }
}

Error Walk::is_bad(Error why) {
    damage_.meet({position_, position_, cut(why.what())});
    return why;
}

} // namespace gatehouse::store
