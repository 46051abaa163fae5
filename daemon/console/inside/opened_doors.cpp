// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/opened_doors.hpp"

#include <algorithm>

namespace gatehouse::console::inside {

bool is_idempotency_key(std::string_view key) {
    const auto is_printable = [](char letter) { return letter > 0x20 && letter < 0x7f; };
    return !key.empty() && key.size() <= idempotency_key_bytes_max && std::all_of(key.begin(), key.end(), is_printable);
}

OpenedDoors::Meeting OpenedDoors::meet(const std::string& who, const std::string& key, const std::string& what, Instant now) {
    Meeting meeting;
    std::erase_if(opened_, [&](const auto& entry) { return now - entry.second.at >= opened_remembered; });
    const auto known = opened_.find({who, key});
    if (known == opened_.end()) {
        if (opened_.size() >= opened_keys_max) {
            meeting.met = Met::full;
            return meeting;
        }
        Opened opened;
        opened.what = what;
        opened.at = now;
        opened_.emplace(std::pair(who, key), std::move(opened));
        return meeting;
    }
    if (known->second.what != what) {
        meeting.met = Met::other;
    } else if (!known->second.answer) {
        meeting.met = Met::under_way;
    } else {
        meeting.met = Met::repeated;
        meeting.answer = *known->second.answer;
    }
    return meeting;
}

void OpenedDoors::answered(const std::string& who, const std::string& key, const net::HttpResponse& answer) {
    const auto known = opened_.find({who, key});
    if (known != opened_.end()) known->second.answer = answer;
}

} // namespace gatehouse::console::inside
