// SPDX-License-Identifier: Apache-2.0
//
// One calm screen, drawn over itself: records, lanes, receipts, devices. On a pipe, one line now and then; quiet: nothing.
#pragma once

#include "tests/demo/judgement.hpp"

#include <chrono>

namespace gatehouse::demo {

class Screen {
public:
    explicit Screen(bool quiet);
    void draw(Compound& compound, std::chrono::seconds since, const std::string& news);

private:
    bool quiet_;
    bool is_terminal_;
};

/// What the screen shows of the gateway's own status (GET /api/v1/status): its devices, and each lane of each upstream.
std::string tables_of(const boost::json::object& status);
/// The same of its cameras (GET /api/v1/cameras).
std::string cameras_of(const boost::json::object& answer);

} // namespace gatehouse::demo
