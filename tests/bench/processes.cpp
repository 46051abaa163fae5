// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/processes.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace gatehouse::bench {

namespace fs = std::filesystem;

namespace {

fs::path folder_of(pid_t process) { return fs::path("/proc") / std::to_string(process); }

/// The number behind `name` in a file of lines "name: number"; several of one name are added up.
std::uint64_t number_in(const fs::path& file, const std::string& name) {
    std::ifstream lines(file);
    std::uint64_t sum = 0;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name + ":")) sum += std::stoull(line.substr(name.size() + 1));
    return sum;
}

pid_t parent_of(pid_t process) {
    std::ifstream lines(folder_of(process) / "status");
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("PPid:")) return static_cast<pid_t>(std::stol(line.substr(5)));
    return 0;
}

} // namespace

std::vector<pid_t> tree_of(pid_t root) {
    std::multimap<pid_t, pid_t> children;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const auto name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != name.npos) continue;
        const auto process = static_cast<pid_t>(std::stol(name));
        children.emplace(parent_of(process), process);
    }
    std::vector<pid_t> tree{root};
    for (std::size_t i = 0; i < tree.size(); ++i)
        for (auto [at, end] = children.equal_range(tree[i]); at != end; ++at) tree.push_back(at->second);
    return tree;
}

double cpu_seconds(const std::vector<pid_t>& processes) {
    double sum_ns = 0;
    for (const auto process : processes) {
        std::error_code gone;
        for (const auto& thread : fs::directory_iterator(folder_of(process) / "task", gone)) {
            double ran_ns = 0;
            std::ifstream(thread.path() / "schedstat") >> ran_ns;
            sum_ns += ran_ns;
        }
    }
    return sum_ns / 1e9;
}

double private_mib(pid_t process) {
    const auto file = folder_of(process) / "smaps_rollup";
    return static_cast<double>(number_in(file, "Private_Clean") + number_in(file, "Private_Dirty")) / 1024;
}

std::uint64_t written_bytes(pid_t process) { return number_in(folder_of(process) / "io", "write_bytes"); }

} // namespace gatehouse::bench
