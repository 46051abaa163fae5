// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/vitals.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace gatehouse::harness {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double memory_factor = 6;
#else
constexpr double memory_factor = 1;
#endif

double of_status(const std::filesystem::path& process, const std::string& name) {
    std::ifstream status(process / "status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name)) return std::stod(line.substr(name.size()));
    return 0;
}

double count_of(const std::filesystem::path& folder) {
    std::error_code gone;
    double count = 0;
    for (std::filesystem::directory_iterator at(folder, gone), end; !gone && at != end; at.increment(gone)) ++count;
    return count;
}

void keep_worst(double& worst, double seen) { worst = std::max(worst, seen); }

} // namespace

std::map<std::string, double> Vitals::family(Gateway& gateway, const std::string& name) {
    std::map<std::string, double> values;
    std::istringstream lines(gateway.api().ask("GET", "/metrics").body);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(name)) continue;
        const auto value = line.rfind(' ');
        const char next = line[name.size()];
        if (next != ' ' && next != '{') continue; // a longer name
        const auto first = line.find('"'), last = line.find('"', first + 1);
        values[next == '{' ? line.substr(first + 1, last - first - 1) : std::string()] += std::stod(line.substr(value + 1));
    }
    return values;
}

void Vitals::look(Gateway& gateway) {
    if (!gateway.is_running()) return;
    const auto process = std::filesystem::path("/proc") / std::to_string(gateway.process().pid());
    keep_worst(worst_.resident_kib, of_status(process, "VmHWM:"));
    keep_worst(worst_.descriptors, count_of(process / "fd"));
    keep_worst(worst_.threads, of_status(process, "Threads:"));
    ask(gateway);
}

void Vitals::ask(Gateway& gateway) {
    for (const std::string question : {"/metrics", "/api/v1/status", "/api/v1/check", "/api/v1/records?limit=1"}) {
        bool is_good = false;
        try {
            is_good = gateway.api().ask("GET", question).status == 200;
        } catch (const Trouble&) {
            // What did not answer is told by the oracle.
        }
        const auto before = answers_.emplace(question, true).first;
        before->second = before->second && is_good;
    }
    if (!answers_.at("/metrics")) return;
    keep_worst(worst_.waiting_records, family(gateway, "gatehouse_log_waiting_records")[""]);
    for (const auto& [device, lost] : family(gateway, "gatehouse_device_lost_total")) shed_[device] = static_cast<std::uint64_t>(lost);
}

void Vitals::tell(oracle::Evidence& evidence) const {
    evidence.bounds = {{.what = "resident memory in KiB", .worst = worst_.resident_kib, .limit = limits.resident_kib * memory_factor},
                       {.what = "descriptors", .worst = worst_.descriptors, .limit = limits.descriptors},
                       {.what = "threads", .worst = worst_.threads, .limit = limits.threads},
                       {.what = "records before the writer", .worst = worst_.waiting_records, .limit = limits.waiting_records}};
    for (const auto& [question, is_good] : answers_) evidence.answers.push_back({.question = question, .is_good = is_good});
    evidence.shed = shed_;
}

} // namespace gatehouse::harness
