// SPDX-License-Identifier: Apache-2.0
//
// Names to addresses. Look-ups run in the pool, one per name at a time; last good addresses are kept for the day the name server dies.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/net/system_network.hpp"

#include <map>
#include <memory>

namespace gatehouse::net::inside {

class Names {
public:
    Names(Loop& loop, Clock& clock, Executor& pool, NameLookUp look_up);
    ~Names();

    /// A literal address answers itself. `patience`: how long a look-up is waited for before last good addresses are used.
    Task<Result<std::vector<std::string>>> addresses_of(std::string name, Duration patience);

private:
    struct Inside;
    std::shared_ptr<Inside> inside_;
    Clock& clock_;
};

} // namespace gatehouse::net::inside
