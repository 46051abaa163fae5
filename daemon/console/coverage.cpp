// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/coverage.hpp"

#include <algorithm>
#include <tuple>

namespace gatehouse::console {

namespace {

using What = Heard::What;
using State = CoverageSpan::State;

constexpr Duration gap_width_min = std::chrono::seconds(1); // a gap within one second is still seen
constexpr std::size_t causes_bytes_max = 400;

struct Stretch {
    Time from{}, to{};
};

struct Because {
    Time from{};
    std::string cause;
};

struct Lost {
    Stretch when;
    std::string cause;
    std::optional<std::uint64_t> count;
};

/// When the source was listened to, and why not when it was not.
struct Listening {
    std::vector<Stretch> live;
    std::vector<Because> causes;
};

void add(std::vector<Stretch>& to, Time from, Time until) {
    if (until > from) to.push_back({from, until});
}

/// Sorted, without overlaps.
std::vector<Stretch> joined(std::vector<Stretch> stretches) {
    std::sort(stretches.begin(), stretches.end(), [](const Stretch& one, const Stretch& other) { return one.from < other.from; });
    std::vector<Stretch> whole;
    for (const auto& stretch : stretches) {
        if (!whole.empty() && stretch.from <= whole.back().to)
            whole.back().to = std::max(whole.back().to, stretch.to);
        else
            whole.push_back(stretch);
    }
    return whole;
}

class Listener {
public:
    explicit Listener(Time beginning) { result_.causes.push_back({beginning, "never_heard"}); }

    void take(const Heard& heard) {
        switch (heard.what) {
        case What::online: begin(heard.heard_at); break;
        case What::event:
            // Where retention left no device.online, an event that was heard as it happened shows that somebody listened.
            if (!is_told_ && !heard.is_recovered) begin(heard.heard_at);
            break;
        case What::offline: end(std::min(heard.silent_since.value_or(heard.heard_at), heard.heard_at), "offline"); break;
        case What::stopped: end(heard.heard_at, "gateway_stopped"); break;
        case What::started:
            if (since_) end(std::min(heard.silent_since.value_or(*since_), heard.heard_at), "gateway_killed");
            is_told_ = true;
            break;
        case What::changed: end(heard.heard_at, heard.cause.empty() ? "changed" : heard.cause); break;
        case What::removed: end(heard.heard_at, "removed"); break;
        case What::gap: break;
        }
    }

    Listening finish(Time heard_until, const std::string& cause) {
        if (since_) end(heard_until, cause);
        return std::move(result_);
    }

private:
    void begin(Time at) {
        is_told_ = true;
        if (!since_) since_ = at;
    }
    void end(Time at, const std::string& cause) {
        is_told_ = true;
        if (since_) {
            add(result_.live, *since_, at);
            at = std::max(at, *since_);
        }
        since_.reset();
        result_.causes.push_back({at, cause});
    }

    Listening result_;
    std::optional<Time> since_;
    bool is_told_ = false;
};

/// One numbered event, or the numbers of a gap.
struct Numbered {
    std::uint32_t generation = 0;
    std::uint64_t first = 0, last = 0;
    Heard* heard = nullptr;
};

std::vector<Numbered> numbered_of(std::vector<Heard>& heard) {
    std::vector<Numbered> numbers;
    for (auto& one : heard) {
        if (one.what == What::event && one.key) numbers.push_back({one.generation, *one.key, *one.key, &one});
        if (one.what == What::gap && one.first && one.last && *one.last >= *one.first)
            numbers.push_back({one.generation, *one.first, *one.last, &one});
    }
    std::sort(numbers.begin(), numbers.end(), [](const Numbered& one, const Numbered& other) {
        return std::tie(one.generation, one.first, one.last) < std::tie(other.generation, other.first, other.last);
    });
    return numbers;
}

/// What unbroken runs of numbers prove. Gaps that do not say when they were are told by their neighbours.
std::vector<Stretch> known_by_numbers(std::vector<Heard>& heard) {
    std::vector<Stretch> known;
    std::optional<Time> reached; // the run's time so far; a clock that jumped back does not take it back
    std::vector<Heard*> open;    // gaps that wait for the next event's time
    std::uint32_t generation = 0;
    std::uint64_t next = 0;
    for (const auto& number : numbered_of(heard)) {
        const bool goes_on = number.generation == generation && next != 0 && number.first <= next;
        if (!goes_on) {
            reached.reset();
            open.clear();
            next = 0;
        }
        generation = number.generation;
        next = std::max(next, number.last + 1);
        auto& one = *number.heard;
        if (one.what == What::gap) {
            if (!one.from) one.from = reached;
            if (!one.to) open.push_back(&one);
        } else if (one.at) {
            if (reached) add(known, *reached, *one.at);
            reached = std::max(reached.value_or(*one.at), *one.at);
            for (auto* gap : open) gap->to = *reached;
            open.clear();
        }
    }
    return known;
}

/// What was read back of devices that do not number. `live` is sorted.
std::vector<Stretch> known_by_reading(const std::vector<Heard>& heard, const std::vector<Stretch>& live, Time to) {
    std::vector<Time> read;
    for (const auto& one : heard)
        if (one.what == What::event && one.is_recovered && !one.key && one.at) read.push_back(*one.at);
    std::sort(read.begin(), read.end());
    std::vector<Stretch> known;
    const auto within = [&](Time from, Time until) {
        return std::pair(std::lower_bound(read.begin(), read.end(), from), std::lower_bound(read.begin(), read.end(), until));
    };
    std::optional<Time> lost_from; // none: before the first conversation
    for (std::size_t i = 0; i <= live.size(); ++i) {
        const auto lost_to = i < live.size() ? live[i].from : to;
        const auto listened_to = i < live.size() ? live[i].to : to;
        if (lost_from && *lost_from >= lost_to) break; // listened to beyond what is asked
        const auto [first, past] = within(lost_from.value_or(Time::min()), lost_to);
        const auto [after, past_after] = within(lost_to, listened_to);
        const bool was_read_to_its_end = after != past_after;
        if (lost_from && was_read_to_its_end)
            add(known, *lost_from, lost_to);
        else if (first != past)
            add(known, lost_from.value_or(*first), was_read_to_its_end ? lost_to : *std::prev(past));
        lost_from = listened_to;
    }
    return known;
}

void join(Lost& one, const Lost& other) {
    one.when.to = std::max(one.when.to, other.when.to);
    if (one.count && other.count)
        *one.count += *other.count;
    else
        one.count.reset();
    if (one.cause.find(other.cause) == std::string::npos && one.cause.size() + other.cause.size() < causes_bytes_max) one.cause += "; " + other.cause;
}

std::vector<Lost> lost_of(const std::vector<Heard>& heard, Time beginning) {
    std::vector<Lost> lost;
    for (const auto& one : heard) {
        if (one.what != What::gap) continue;
        auto from = one.from.value_or(beginning), to = one.to.value_or(one.heard_at);
        if (to < from) std::swap(from, to);
        lost.push_back({{from, std::max(to, from + gap_width_min)}, one.cause, one.lost});
    }
    std::sort(lost.begin(), lost.end(), [](const Lost& one, const Lost& other) { return one.when.from < other.when.from; });
    std::vector<Lost> whole;
    for (const auto& one : lost) {
        if (!whole.empty() && one.when.from < whole.back().when.to)
            join(whole.back(), one);
        else
            whole.push_back(one);
    }
    return whole;
}

/// What holds at a time, asked for times that only grow.
template <class Row, class When>
class Layer {
public:
    Layer(const std::vector<Row>& rows, When when) : rows_(rows), when_(when) {}
    const Row* at(Time time) {
        while (next_ < rows_.size() && when_(rows_[next_]).to <= time) ++next_;
        if (next_ == rows_.size() || when_(rows_[next_]).from > time) return nullptr;
        return &rows_[next_];
    }

private:
    const std::vector<Row>& rows_;
    When when_;
    std::size_t next_ = 0;
};

/// Every time at which something may change, within the question.
std::vector<Time> cuts_of(const CoverageQuestion& question, const std::vector<Stretch>& live, const std::vector<Stretch>& known,
                          const std::vector<Lost>& lost, const std::vector<Because>& causes) {
    std::vector<Time> cuts{question.from, question.to};
    const auto cut = [&](Time at) {
        if (at > question.from && at < question.to) cuts.push_back(at);
    };
    for (const auto* stretches : {&live, &known})
        for (const auto& stretch : *stretches) cut(stretch.from), cut(stretch.to);
    for (const auto& one : lost) cut(one.when.from), cut(one.when.to);
    for (const auto& because : causes) cut(because.from);
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    return cuts;
}

} // namespace

std::string_view name_of(CoverageSpan::State state) {
    switch (state) {
    case State::covered: return "covered";
    case State::unknown: return "unknown";
    case State::recovered: return "recovered";
    }
    return "unknown";
}

std::vector<CoverageSpan> coverage_of(std::vector<Heard> heard, const CoverageQuestion& question) {
    std::sort(heard.begin(), heard.end(), [](const Heard& one, const Heard& other) { return one.position < other.position; });
    Listener listener(Time::min());
    for (const auto& one : heard) listener.take(one);
    auto [live, causes] = listener.finish(question.heard_until, question.end_cause);
    live = joined(std::move(live));
    std::stable_sort(causes.begin(), causes.end(), [](const Because& one, const Because& other) { return one.from < other.from; });
    auto known = known_by_numbers(heard);
    for (const auto& stretch : known_by_reading(heard, live, question.to)) known.push_back(stretch);
    known = joined(std::move(known));
    const auto lost = lost_of(heard, question.from);

    const auto itself = [](const Stretch& stretch) { return stretch; };
    const auto when = [](const Lost& one) { return one.when; };
    Layer covered(live, itself), recovered(known, itself);
    Layer missing(lost, when);
    std::size_t because = 0;
    std::vector<CoverageSpan> spans;
    const Lost* last_gap = nullptr;
    const auto cuts = cuts_of(question, live, known, lost, causes);
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
        const auto at = cuts[i];
        while (because + 1 < causes.size() && causes[because + 1].from <= at) ++because;
        CoverageSpan span{State::unknown, at, cuts[i + 1], {}, {}};
        const auto* gap = missing.at(at);
        const bool is_live = covered.at(at) != nullptr, is_known = recovered.at(at) != nullptr;
        if (gap != nullptr) {
            span.cause = gap->cause;
            span.lost = gap->count;
        } else if (is_live) {
            span.state = State::covered;
        } else if (is_known) {
            span.state = State::recovered;
        } else {
            span.cause = causes[because].cause;
        }
        const bool goes_on = !spans.empty() && spans.back().state == span.state && spans.back().cause == span.cause && last_gap == gap;
        if (goes_on)
            spans.back().to = span.to;
        else
            spans.push_back(std::move(span));
        last_gap = gap;
    }
    return spans;
}

} // namespace gatehouse::console
