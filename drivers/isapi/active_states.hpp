// SPDX-License-Identifier: Apache-2.0
//
// Smart events repeat about once a second while they last, and many cameras never send their end. No I/O.
#pragma once

#include "daemon/base/clock.hpp"

#include <map>
#include <string>
#include <vector>

namespace gatehouse::drivers::isapi {

constexpr Duration state_lasts_max = std::chrono::seconds(10); ///< without a repeat it is over
constexpr std::size_t states_max = 256;

class ActiveStates {
public:
    enum class Change { began, goes_on, ended, nothing };
    /// `key` names event and channel. Beyond states_max keys each event counts as a beginning.
    Change on(const std::string& key, bool active, Instant now);
    /// Those whose time is up; they are forgotten.
    std::vector<std::string> expire(Instant now);

private:
    std::map<std::string, Instant> last_;
};

} // namespace gatehouse::drivers::isapi
