// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/http.hpp"

#include "daemon/base/text.hpp"

namespace gatehouse::net {

std::string_view header(const Headers& headers, std::string_view name) {
    for (const auto& [key, value] : headers)
        if (same_but_case(key, name)) return value;
    return {};
}

} // namespace gatehouse::net
