// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/temp_dir.hpp"

#include "tests/harness/eventually.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

namespace gatehouse::harness {

TempDir::TempDir(const std::string& what) {
    std::string pattern = (std::filesystem::temp_directory_path() / ("gatehouse-" + what + "-XXXXXX")).string();
    if (!::mkdtemp(pattern.data())) throw Trouble("can't make a directory like " + pattern);
    path_ = pattern;
}

TempDir::~TempDir() {
    if (std::getenv("GATEHOUSE_KEEP")) {
        std::fprintf(stderr, "kept: %s\n", path_.c_str());
        return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) throw Trouble("can't write " + path.string());
}

void write_secret(const std::filesystem::path& path, const std::string& text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) throw Trouble("can't write " + path.string());
    const auto written = ::write(file, text.data(), text.size());
    ::close(file);
    if (written != static_cast<ssize_t>(text.size())) throw Trouble("can't write " + path.string());
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Trouble("can't read " + path.string());
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

} // namespace gatehouse::harness
