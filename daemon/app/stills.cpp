// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/stills.hpp"

#include <algorithm>
#include <optional>

namespace gatehouse::app {

namespace {

struct KeyFrame {
    const store::RecordedFootage* row = nullptr;
    const pipelines::Fragment* fragment = nullptr;
    Time at{};
};

/// When a fragment of it was recorded.
Time time_of(const store::RecordedSegment& segment, std::uint32_t timescale, const pipelines::Fragment& fragment) {
    const auto ticks_per_second = static_cast<std::int64_t>(std::max<std::uint32_t>(timescale, 1));
    const auto seconds = fragment.start_ticks / ticks_per_second, rest = fragment.start_ticks % ticks_per_second;
    return segment.started_at + std::chrono::seconds(seconds) + std::chrono::microseconds(rest * 1'000'000 / ticks_per_second);
}

std::optional<KeyFrame> last_key_frame(const std::vector<store::RecordedFootage>& rows, Time at) {
    std::optional<KeyFrame> found;
    for (const auto& row : rows)
        for (const auto& fragment : row.fragments) {
            if (!fragment.key) continue;
            const auto when = time_of(row.segment, row.segment.timescale, fragment);
            if (when <= at && (!found || when >= found->at)) found = KeyFrame{&row, &fragment, when};
        }
    return found;
}

} // namespace

void Stills::keep(const Place& place, const console::Still& still) {
    if (places_.contains(place)) return; // drawn twice at once
    kept_.push_front(Kept{place, still});
    places_.emplace(place, kept_.begin());
    kept_bytes_ += still.jpeg.size();
    while (kept_bytes_ > stills_kept_bytes_max && !kept_.empty()) {
        kept_bytes_ -= kept_.back().still.jpeg.size();
        places_.erase(kept_.back().place);
        kept_.pop_back();
    }
}

Task<Result<console::Still>> Stills::draw(std::string camera, std::string stream, Time at, std::uint16_t width_max) {
    auto rows = co_await recordings_.footage(camera, std::move(stream), at - still_before_max, at + std::chrono::microseconds(1));
    if (!rows) co_return std::move(rows).error();
    const auto key = last_key_frame(*rows, at);
    if (!key || at - key->at > still_before_max) co_return Error(Fault::gone, "nothing was recorded then");
    const Place place{key->row->segment.id, key->fragment->offset, width_max};
    if (const auto known = places_.find(place); known != places_.end()) {
        kept_.splice(kept_.begin(), kept_, known->second);
        co_return kept_.front().still;
    }
    std::function<Result<Bytes>()> work = [this, camera, file = key->row->segment.file, offset = key->fragment->offset,
                                           bytes = key->fragment->bytes] { return recordings_.read_file(camera, file, offset, bytes); };
    auto fragment = co_await run_on<Result<Bytes>>(loop_, pool_, std::move(work));
    if (!fragment) co_return std::move(fragment).error();
    pipelines::DrawStill asked;
    asked.film = *key->row->init;
    asked.film.insert(asked.film.end(), fragment->begin(), fragment->end());
    asked.width_max = width_max;
    auto drawn = co_await artist_.draw(std::move(asked));
    if (!drawn) co_return std::move(drawn).error();
    console::Still still;
    still.jpeg = std::string(as_text(drawn->jpeg));
    still.shown_at = key->at;
    still.width = drawn->width;
    still.height = drawn->height;
    keep(place, still);
    co_return still;
}

} // namespace gatehouse::app
