// SPDX-License-Identifier: Apache-2.0
#include "tests/paths.hpp"

namespace gatehouse::tests {

std::string source_path(std::string_view file) { return std::string(GATEHOUSE_SOURCE_DIR "/").append(file); }

std::string program_path(std::string_view name) { return std::string(GATEHOUSE_BIN_DIR "/").append(name); }

} // namespace gatehouse::tests
