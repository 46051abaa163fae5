// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong, as RFC 9457 problem details. The type URIs are stable: programs branch on them, people read title and detail.
#pragma once

#include "daemon/base/result.hpp"
#include "daemon/net/http.hpp"

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::console {

struct Problem {
    std::string_view name; ///< the last part of "urn:gatehouse:problem:NAME"
    int status;
    std::string_view title_zh, title_en;
};

std::span<const Problem> all_problems();

/// `name` stands in the table. `detail` says what exactly, in English, and never repeats personal data.
net::HttpResponse problem(std::string_view name, std::string_view detail);

/// An error of the parts below as a problem of its own kind.
net::HttpResponse problem_of(const Error& error);

} // namespace gatehouse::console
