// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/text_file.hpp"

#include <fstream>
#include <iterator>

namespace gatehouse::mutants {

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool write_text(const std::filesystem::path& path, const std::string& text) {
    if (std::filesystem::exists(path) && text_of(path) == text) return true;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    return static_cast<bool>(file.flush());
}

} // namespace gatehouse::mutants
