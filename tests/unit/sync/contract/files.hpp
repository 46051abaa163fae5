// SPDX-License-Identifier: Apache-2.0
//
// The committed files of sync/. GATEHOUSE_PRINT=1 writes them anew, on purpose, from what the code prints.
#pragma once

#include "daemon/base/json.hpp"
#include "tests/paths.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace gatehouse::golden {

inline std::filesystem::path path_of(std::string_view file) { return std::filesystem::path(tests::source_path("sync")) / file; }

inline std::string read_whole(std::string_view file) {
    std::ifstream in(path_of(file), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline bool is_printing() { return std::getenv("GATEHOUSE_PRINT") != nullptr; }

inline void check_file(const std::string& file, const std::string& printed) {
    if (is_printing()) {
        std::filesystem::create_directories(path_of(file).parent_path());
        std::ofstream(path_of(file), std::ios::binary) << printed;
    }
    INFO("after a change on purpose: GATEHOUSE_PRINT=1 build/dev/bin/golden_sync");
    CHECK_MESSAGE(read_whole(file) == printed, file);
}

inline json::object read_object(std::string_view file) {
    auto parsed = parse_json(read_whole(file), 4 * 1024 * 1024);
    REQUIRE_MESSAGE(parsed.has_value(), file);
    return std::move(parsed->get_object());
}

} // namespace gatehouse::golden
