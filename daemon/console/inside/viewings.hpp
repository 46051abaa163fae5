// SPDX-License-Identifier: Apache-2.0
//
// Who is watching what. A player asks for one film in dozens of ranges; the audit trail shall hold one viewing, not dozens. Lives on the loop.
#pragma once

#include "daemon/base/clock.hpp"

#include <map>
#include <string>

namespace gatehouse::console::inside {

class Viewings {
public:
    static constexpr std::size_t viewings_max = 1024;
    static constexpr Duration viewing_lasts = std::chrono::hours(1); ///< then it is noted again

    /// Whether it is in the audit trail already, within the hour.
    bool is_noted(const std::string& viewing, Instant now) const {
        const auto found = noted_.find(viewing);
        return found != noted_.end() && now - found->second < viewing_lasts;
    }
    /// It is on disk. Beyond the bound it is noted each time, which is too often and never too seldom.
    void noted(const std::string& viewing, Instant now) {
        if (noted_.size() >= viewings_max) std::erase_if(noted_, [&](const auto& one) { return now - one.second >= viewing_lasts; });
        if (noted_.size() < viewings_max || noted_.contains(viewing)) noted_[viewing] = now;
    }

private:
    std::map<std::string, Instant> noted_;
};

} // namespace gatehouse::console::inside
