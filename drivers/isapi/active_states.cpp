// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/active_states.hpp"

namespace gatehouse::drivers::isapi {

ActiveStates::Change ActiveStates::on(const std::string& key, bool active, Instant now) {
    const auto found = last_.find(key);
    if (!active) return found == last_.end() ? Change::nothing : (last_.erase(found), Change::ended);
    if (found != last_.end()) {
        found->second = now;
        return Change::goes_on;
    }
    if (last_.size() < states_max) last_.emplace(key, now);
    return Change::began;
}

std::vector<std::string> ActiveStates::expire(Instant now) {
    std::vector<std::string> over;
    for (auto at = last_.begin(); at != last_.end();) {
        if (now - at->second < state_lasts_max) {
            ++at;
            continue;
        }
        over.push_back(at->first);
        at = last_.erase(at);
    }
    return over;
}

} // namespace gatehouse::drivers::isapi
