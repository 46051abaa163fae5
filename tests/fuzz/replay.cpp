// SPDX-License-Identifier: Apache-2.0
//
// fuzz_replay NAME: every file of corpus/NAME through its target, once, in the order of their names. With files after the name: those
// instead. The last line printed before an end names the input at fault.
#include "tests/fuzz/targets.hpp"
#include "tests/paths.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr std::size_t corpus_files_max = 60;
constexpr std::uintmax_t corpus_bytes_max = 100 * 1024;

std::vector<fs::path> corpus_of(std::string_view name) {
    std::vector<fs::path> files;
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(gatehouse::tests::source_path("tests/fuzz/corpus")) / name)) {
        files.push_back(entry.path());
        bytes += entry.file_size();
    }
    gatehouse::fuzz::must_hold(!files.empty() && files.size() <= corpus_files_max && bytes <= corpus_bytes_max, "a corpus is small and not empty");
    std::sort(files.begin(), files.end());
    return files;
}

std::string read(const fs::path& file) {
    std::ifstream from(file, std::ios::binary);
    gatehouse::fuzz::must_hold(from.good(), "the file can be read");
    return {std::istreambuf_iterator<char>(from), {}};
}

} // namespace

int main(int count, char** words) {
    const std::vector<std::string> given(words + 1, words + count);
    const auto* target = given.empty() ? gatehouse::fuzz::targets.end()
                                       : std::find_if(gatehouse::fuzz::targets.begin(), gatehouse::fuzz::targets.end(),
                                                      [&](const auto& one) { return one.name == given.front(); });
    if (target == gatehouse::fuzz::targets.end()) {
        std::fprintf(stderr, "usage: fuzz_replay TARGET [FILE...]\n");
        return 2;
    }
    std::vector<fs::path> files(given.begin() + 1, given.end());
    if (files.empty()) files = corpus_of(target->name);
    for (const auto& file : files) {
        std::printf("%s\n", file.filename().c_str());
        std::fflush(stdout);
        target->take(read(file));
    }
    std::printf("%zu inputs\n", files.size());
    return 0;
}
