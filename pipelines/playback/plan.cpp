// SPDX-License-Identifier: Apache-2.0
#include "pipelines/playback/plan.hpp"

#include "daemon/base/expects.hpp"

#include <algorithm>

namespace gatehouse::pipelines::playback {

namespace {

constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::uint64_t reference_bytes_max = 0x7fffffff; // 31 bits, 8.16.3.2

std::int64_t ticks_of(Duration time, std::uint32_t timescale) { return time.count() * static_cast<std::int64_t>(timescale) / us_per_second; }
Duration time_of(std::int64_t ticks, std::uint32_t timescale) { return Duration(ticks * us_per_second / static_cast<std::int64_t>(timescale)); }

} // namespace

/// Puts one segment after another until the span, or what one init can play, is at its end.
class Plan::Builder {
public:
    Builder(Plan& plan, Time from, Time to) : plan_(plan), from_(from), to_(to) {}

    /// False: nothing more goes in.
    Result<bool> add(const std::shared_ptr<const Footage>& footage) {
        if (auto read = read_init(footage->init); !read) return std::move(read).error();
        const auto timescale = init_movie_.video_track().timescale;
        if (!is_within_a_day(*footage, timescale)) return Error(Fault::malformed, "fragments that are no segment's");
        const auto first = first_fragment(*footage, timescale);
        if (first == footage->fragments.size()) return true;
        const Time started_at = footage->started_at + time_of(footage->fragments[first].start_ticks, timescale);
        if (started_at >= to_) return false;
        if (plan_.placed_.empty()) {
            plan_.movie_ = init_movie_;
            plan_.begins_at_ = started_at;
        } else if (!may_follow_) {
            plan_.next_at_ = started_at;
            return false;
        }
        return place(footage, first, started_at);
    }

    std::int64_t length() const { return end_; }

private:
    /// Segments of one camera share their init as a rule: it is read once.
    Done read_init(const std::shared_ptr<const Bytes>& init) {
        if (init == init_) return {};
        auto movie = read_movie(*init);
        if (!movie) return std::move(movie).error();
        init_ = init;
        init_movie_ = std::move(*movie);
        may_follow_ = plan_.placed_.empty() || may_follow(plan_.movie_, init_movie_);
        return {};
    }

    static bool is_within_a_day(const Footage& footage, std::uint32_t timescale) {
        const auto ticks_max = segment_seconds_max * static_cast<std::int64_t>(timescale);
        return std::all_of(footage.fragments.begin(), footage.fragments.end(), [&](const Fragment& one) {
            return one.start_ticks >= 0 && one.start_ticks <= ticks_max && one.duration_ticks <= ticks_max && one.bytes > 0;
        });
    }

    /// Decoding begins with a key frame, at the span's beginning and after each seam.
    std::size_t first_fragment(const Footage& footage, std::uint32_t timescale) const {
        const auto& fragments = footage.fragments;
        std::size_t first = fragments.size();
        for (std::size_t i = 0; i < fragments.size(); ++i) {
            if (!fragments[i].key) continue;
            const bool is_late = footage.started_at + time_of(fragments[i].start_ticks, timescale) > from_;
            if (first == fragments.size() || !is_late) first = i;
            if (is_late || !plan_.placed_.empty()) break;
        }
        // Over before the span begins.
        if (first < fragments.size() && plan_.placed_.empty()) {
            const auto end = fragments.back().start_ticks + fragments.back().duration_ticks;
            if (footage.started_at + time_of(end, timescale) <= from_) return fragments.size();
        }
        return first;
    }

    Result<bool> place(const std::shared_ptr<const Footage>& footage, std::size_t first, Time started_at) {
        const auto timescale = plan_.movie_.video_track().timescale;
        auto at = ticks_of(started_at - plan_.begins_at_, timescale);
        const auto seam = at - end_;
        // Two clocks measured the two ends: what is nearly one run is one. Going back is never possible, whatever the clock did.
        if (seam < ticks_of(joint_max, timescale)) at = end_;
        const auto number = static_cast<std::uint32_t>(plan_.footage_.size());
        const auto& fragments = footage->fragments;
        const auto shift = at - fragments[first].start_ticks;
        bool is_in = false;
        for (std::size_t i = first; i < fragments.size(); ++i) {
            const auto start = std::max(end_, fragments[i].start_ticks + shift);
            const Time wall = plan_.begins_at_ + time_of(start, timescale);
            const bool is_full = plan_.placed_.size() >= plan_fragments_max;
            if (is_full && wall < to_) plan_.next_at_ = wall;
            if (is_full || wall >= to_) {
                if (is_in) plan_.footage_.push_back(footage);
                return false;
            }
            if (start - end_ >= ticks_of(joint_max, timescale)) {
                // What one reference of the index cannot hold, no player could cross.
                if (start - last_start_ > static_cast<std::int64_t>(UINT32_MAX)) {
                    plan_.next_at_ = wall;
                    if (is_in) plan_.footage_.push_back(footage);
                    return false;
                }
                plan_.holes_.push_back({plan_.begins_at_ + time_of(end_, timescale), wall});
            }
            is_in = true;
            plan_.placed_.push_back({number, static_cast<std::uint32_t>(i), 0, start});
            last_start_ = start;
            end_ = start + fragments[i].duration_ticks;
        }
        plan_.footage_.push_back(footage);
        return true;
    }

    Plan& plan_;
    Time from_, to_;
    std::shared_ptr<const Bytes> init_; ///< the one read last
    Movie init_movie_;
    bool may_follow_ = true;
    std::int64_t end_ = 0, last_start_ = 0;
};

Result<Plan> Plan::make(const std::vector<std::shared_ptr<const Footage>>& footage, Time from, Time to) {
    if (from >= to) return Error(Fault::malformed, "a span that ends before it begins");
    if (to - from > plan_span_max) return Error(Fault::unsupported, "a span of more than 24 hours");
    Plan plan;
    Builder builder(plan, from, to);
    for (const auto& one : footage) {
        auto more = builder.add(one);
        if (!more) return std::move(more).error().during("segment " + std::to_string(one->segment));
        if (!*more) break;
    }
    if (plan.placed_.empty()) return Error(Fault::gone, "nothing was recorded in this span");
    const auto& video = plan.movie_.video_track();
    plan.codecs_ = plan.movie_.codecs();
    plan.ends_at_ = plan.begins_at_ + time_of(builder.length(), video.timescale);
    plan.make_head(builder.length());
    return plan;
}

/// 8.16.3: one reference a fragment, or as many fragments together, from key frame to key frame, as keep them within references_max.
std::uint64_t Plan::put_references(Bytes& into, std::int64_t length) const {
    const std::size_t together = (placed_.size() + references_max - 1) / references_max;
    std::uint64_t count = 0;
    for (std::size_t from = 0; from < placed_.size();) {
        std::uint64_t bytes = fragment_of(placed_[from]).bytes;
        std::size_t next = from + 1;
        const auto length_of = [&](std::size_t end) { return (end < placed_.size() ? placed_[end].start : length) - placed_[from].start; };
        while (next < placed_.size() && (next - from < together || !fragment_of(placed_[next]).key)) {
            const auto more = bytes + fragment_of(placed_[next]).bytes;
            if (more > reference_bytes_max || length_of(next + 1) > static_cast<std::int64_t>(UINT32_MAX)) break;
            bytes = more;
            ++next;
        }
        put_number(into, bytes, 4); // reference_type 0: media
        put_number(into, static_cast<std::uint64_t>(length_of(next)), 4);
        put_number(into, fragment_of(placed_[from]).key ? 0x90000000 : 0, 4); // starts_with_SAP, SAP_type 1
        ++count;
        from = next;
    }
    return count;
}

void Plan::make_head(std::int64_t length) {
    const auto& video = movie_.video_track();
    const auto movie_length = static_cast<std::uint64_t>(length) * movie_.timescale / video.timescale;
    head_ = with_duration(*footage_.front()->init, movie_length);
    const auto sidx = box_begins(head_, four("sidx"));
    put_number(head_, 1, 1);
    put_number(head_, 0, 3);
    put_number(head_, video.id, 4);
    put_number(head_, video.timescale, 4);
    put_number(head_, 0, 8); // earliest presentation time
    put_number(head_, 0, 8); // the first fragment follows at once
    put_number(head_, 0, 2);
    const auto count_at = head_.size();
    put_number(head_, 0, 2);
    const auto count = put_references(head_, length);
    expects(count <= UINT16_MAX, "the index counts its references in 16 bits");
    set_number(std::span(head_).subspan(count_at, 2), count);
    box_ends(head_, sidx);

    Sha256 tag;
    tag.add(head_);
    bytes_ = head_.size();
    for (auto& placed : placed_) {
        const auto& fragment = fragment_of(placed);
        placed.at = bytes_;
        bytes_ += fragment.bytes;
        Bytes row;
        for (const auto number : {footage_[placed.footage]->segment, fragment.offset, static_cast<std::uint64_t>(placed.start)})
            put_number(row, number, 8);
        tag.add(row);
    }
    tag_ = tag.finish();
}

Result<Bytes> Plan::read(std::uint64_t offset, std::size_t bytes_max, const ReadSegment& read) const {
    expects(offset < bytes_ && bytes_max > 0, "a plan is read where it has bytes");
    bytes_max = std::min(bytes_max, piece_bytes_max);
    if (offset < head_.size()) {
        const auto from = head_.begin() + static_cast<std::ptrdiff_t>(offset);
        const auto size = std::min<std::uint64_t>(bytes_max, head_.size() - offset);
        return Bytes(from, from + static_cast<std::ptrdiff_t>(size));
    }
    const auto after =
        std::upper_bound(placed_.begin(), placed_.end(), offset, [](std::uint64_t at, const Placed& placed) { return at < placed.at; });
    const auto number = static_cast<std::size_t>(after - placed_.begin()) - 1;
    return read_fragment(number, offset - placed_[number].at, bytes_max, read);
}

Result<Bytes> Plan::read_fragment(std::size_t number, std::uint64_t offset, std::size_t bytes_max, const ReadSegment& read) const {
    const auto& placed = placed_[number];
    const auto& fragment = fragment_of(placed);
    const auto segment = footage_[placed.footage]->segment;
    const auto damaged = [&](const std::string& why) { return Error(Fault::damaged, "segment " + std::to_string(segment) + ": " + why); };
    const auto want = [&](std::uint64_t from, std::size_t size) -> Result<Bytes> {
        auto bytes = read(segment, fragment.offset + from, size);
        if (bytes && bytes->size() != size) return damaged("its file is shorter than the index says");
        return bytes;
    };
    // Behind the moof nothing changes; where it ends is known once it is read.
    if (offset >= moof_bytes_max) return want(offset, static_cast<std::size_t>(std::min<std::uint64_t>(bytes_max, fragment.bytes - offset)));
    auto bytes = want(0, std::min<std::size_t>(fragment.bytes, piece_bytes_max));
    if (!bytes) return std::move(bytes).error();
    auto header = read_box_header(*bytes, fragment.bytes);
    if (!header || header->type != four("moof") || header->bytes > bytes->size()) return damaged("no moof stands where the index says");
    const auto moof_bytes = std::span(*bytes).first(static_cast<std::size_t>(header->bytes));
    auto moof = read_moof(moof_bytes, movie_);
    if (!moof) return damaged(moof.error().what());
    const auto* video = moof->part_of(movie_.video_track().id);
    if (video == nullptr) return damaged("a fragment without video");
    const Move move{static_cast<std::uint32_t>(number + 1), fragment.offset, placed.at, placed.start - static_cast<std::int64_t>(video->decode_time)};
    if (auto moved = move_fragment(moof_bytes, *moof, movie_, move); !moved) return std::move(moved).error();
    const auto from = bytes->begin() + static_cast<std::ptrdiff_t>(offset);
    const auto size = std::min<std::uint64_t>(bytes_max, bytes->size() - offset);
    return Bytes(from, from + static_cast<std::ptrdiff_t>(size));
}

} // namespace gatehouse::pipelines::playback
