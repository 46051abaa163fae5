// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/base/clock.hpp"
#include "tests/paths.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace gatehouse::drivers::onvif::testing {

/// Without the last line's end.
inline std::string golden(const std::string& name) {
    std::ifstream file(tests::source_path("tests/golden/onvif/") + name, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    std::string text = all.str();
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    return text;
}
inline Time at(const std::string& text) { return parse_time(text).value(); }

} // namespace gatehouse::drivers::onvif::testing
