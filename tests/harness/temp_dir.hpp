// SPDX-License-Identifier: Apache-2.0
//
// A directory of its own for one test, removed at the end; kept, and named on stderr, when GATEHOUSE_KEEP is set.
#pragma once

#include <filesystem>
#include <string>

namespace gatehouse::harness {

class TempDir {
public:
    explicit TempDir(const std::string& what);
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

void write_file(const std::filesystem::path& path, const std::string& text);
/// Readable by its owner alone from the first moment: keys, passwords.
void write_secret(const std::filesystem::path& path, const std::string& text);
std::string read_file(const std::filesystem::path& path);

} // namespace gatehouse::harness
