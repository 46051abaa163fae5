// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/refused_events.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::store {

RefusedEvents::Missing& RefusedEvents::missing_of(const std::string& source, Time at) {
    const bool has_room = sources_.size() < refused_sources_max || sources_.contains(source);
    const auto [found, is_new] = sources_.try_emplace(has_room ? source : "gateway");
    auto& missing = found->second;
    if (is_new) missing.from = at;
    missing.from = std::min(missing.from, at);
    missing.to = std::max(missing.to, at);
    return missing;
}

void RefusedEvents::refused(const std::string& source, std::uint64_t event, bool has_number, Time at, Instant now) {
    auto& missing = missing_of(source, at);
    if (!first_) first_ = now;
    last_ = now;
    if (!has_number) missing.is_exact = false;
    if (missing.events.contains(event)) return;
    if (events_ < refused_events_max) {
        missing.events.insert(event);
        ++events_;
    } else {
        ++missing.more;
        missing.is_exact = false;
    }
}

void RefusedEvents::stored(const std::string& source, std::uint64_t event) {
    const auto found = sources_.find(source);
    if (found == sources_.end()) return;
    events_ -= found->second.events.erase(event);
}

void RefusedEvents::still_out(Instant now) {
    if (first_) first_ = last_ = now;
}

bool RefusedEvents::is_due(Instant now) const { return first_ && (now - *last_ >= refused_wait || now - *first_ >= refused_wait_max); }

std::vector<RefusedEvents::Of> RefusedEvents::take() {
    std::vector<Of> all;
    for (const auto& [source, missing] : std::exchange(sources_, {}))
        if (const auto count = missing.events.size() + missing.more; count > 0)
            all.push_back({source, count, missing.is_exact, missing.from, missing.to});
    events_ = 0;
    first_.reset();
    last_.reset();
    return all;
}

void RefusedEvents::put_back(std::vector<Of> untold, Instant now) {
    for (const auto& of : untold) {
        auto& missing = missing_of(of.source, of.from);
        missing.to = std::max(missing.to, of.to);
        missing.more += of.count;
        missing.is_exact = missing.is_exact && of.is_exact;
    }
    if (untold.empty()) return;
    if (!first_) first_ = now;
    last_ = now;
}

} // namespace gatehouse::store
