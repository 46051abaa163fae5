// SPDX-License-Identifier: Apache-2.0
//
// The unit files as systemd itself reads them: systemd-analyze, which needs no running systemd for this.
#include "tests/harness/child_process.hpp"
#include "tests/harness/temp_dir.hpp"
#include "tests/paths.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

using namespace gatehouse::harness;

namespace {

const std::string units = gatehouse::tests::source_path("systemd/");

/// What the daemon cannot do its work without; systemd/README.md says why of each. Everything else that systemd-analyze looks at is shut.
const std::set<std::string> doors_left_open{
    "DeviceAllow=",
    "IPAddressDeny=",
    "PrivateNetwork=",
    "PrivateUsers=",
    "ProcSubset=",
    "RestrictAddressFamilies=~AF_(INET|INET6)",
    "RootDirectory=/RootImage=",
    "RestrictAddressFamilies=~AF_NETLINK",
    "RestrictAddressFamilies=~AF_UNIX",
};

std::string analyze(std::vector<std::string> words) {
    words.insert(words.begin(), "--no-pager");
    return run_to_end("/usr/bin/systemd-analyze", words);
}

struct Exposure {
    double score = 10;
    std::set<std::string> open; ///< names of what it finds unprotected
};

Exposure exposure_of(const std::string& file) {
    Exposure exposure;
    std::istringstream lines(analyze({"security", "--offline=true", "--threshold=100", file}));
    for (std::string line; std::getline(lines, line);) {
        const std::string cross = "✗ ", closing = "Overall exposure level";
        if (line.rfind(cross, 0) == 0) exposure.open.insert(line.substr(cross.size(), line.find(' ', cross.size()) - cross.size()));
        if (line.find(closing) != std::string::npos) exposure.score = std::stod(line.substr(line.rfind(": ") + 2));
    }
    return exposure;
}

/// The unit without the lines that begin with `start`.
std::string without(const std::string& start) {
    std::istringstream lines(read_file(units + "gatehoused.service"));
    std::string weakened;
    for (std::string line; std::getline(lines, line);)
        if (line.rfind(start, 0) != 0) weakened += line + "\n";
    return weakened;
}

/// The calls of a set, sets within it opened.
std::set<std::string> calls_of(const std::string& name) {
    if (name.front() != '@') return {name};
    static std::map<std::string, std::set<std::string>> known;
    if (const auto found = known.find(name); found != known.end()) return found->second;
    std::set<std::string> calls;
    std::istringstream words(analyze({"syscall-filter", name}));
    std::string line;
    std::getline(words, line); // its own name
    while (std::getline(words, line)) {
        const auto first = line.find_first_not_of(' ');
        if (first == std::string::npos || line[first] == '#') continue;
        calls.merge(calls_of(line.substr(first)));
    }
    return known[name] = calls;
}

/// What SystemCallFilter= lets through: systemd.exec(5), the lines in order, those with ~ taken out.
std::set<std::string> allowed_calls(const std::string& unit) {
    std::set<std::string> allowed;
    std::istringstream lines(unit);
    const std::string key = "SystemCallFilter=";
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind(key, 0) != 0) continue;
        const bool takes_out = line[key.size()] == '~';
        std::istringstream names(line.substr(key.size() + (takes_out ? 1 : 0)));
        for (std::string name; names >> name;)
            for (const auto& call : calls_of(name)) {
                if (takes_out)
                    allowed.erase(call);
                else
                    allowed.insert(call);
            }
    }
    return allowed;
}

} // namespace

TEST_CASE("the service's exposure is at most 1.5, and no door is open but those that it needs") {
    const auto exposure = exposure_of(units + "gatehoused.service");
    CHECK(exposure.score <= 1.5);
    for (const auto& door : exposure.open) CHECK_MESSAGE(doors_left_open.count(door) == 1, door);
    CHECK(exposure_of(units + "gatehouse-clock.service").score <= 1.0);
    CHECK(exposure_of(units + "gatehouse-backup.service").score <= 1.0);
}

TEST_CASE("a sandbox with any one line taken out is found out") {
    const TempDir folder("unit");
    const auto file = folder / "gatehoused.service";
    for (const auto* line : {"User=",
                             "NoNewPrivileges=",
                             "CapabilityBoundingSet=",
                             "ProtectSystem=",
                             "ProtectHome=",
                             "PrivateTmp=",
                             "PrivateDevices=",
                             "ProtectHostname=",
                             "ProtectKernelTunables=",
                             "ProtectKernelModules=",
                             "ProtectKernelLogs=",
                             "ProtectControlGroups=",
                             "ProtectProc=",
                             "ProtectClock=",
                             "PrivateMounts=",
                             "RestrictAddressFamilies=",
                             "RestrictNamespaces=",
                             "RestrictRealtime=",
                             "RestrictSUIDSGID=",
                             "LockPersonality=",
                             "MemoryDenyWriteExecute=",
                             "SystemCallArchitectures=",
                             "SystemCallFilter=",
                             "UMask="}) {
        write_file(file, without(line));
        const auto exposure = exposure_of(file.string());
        const bool is_seen = exposure.score > 1.5 || std::any_of(exposure.open.begin(), exposure.open.end(),
                                                                 [](const auto& door) { return doors_left_open.count(door) == 0; });
        CHECK_MESSAGE(is_seen, line);
    }
}

TEST_CASE("the service's filter leaves a worker its own sandbox, and nothing of root's") {
    const auto allowed = allowed_calls(read_file(units + "gatehoused.service"));
    for (const auto* call :
         {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp", "read", "fdatasync", "execve", "clone"})
        CHECK_MESSAGE(allowed.count(call) == 1, call);
    for (const auto* call : {"adjtimex", "clock_settime", "mount", "setuid", "chown", "ptrace", "bpf", "init_module", "sched_setscheduler", "reboot"})
        CHECK_MESSAGE(allowed.count(call) == 0, call);
    CHECK(allowed_calls(read_file(units + "gatehouse-clock.service")).count("clock_adjtime") == 1);
}

TEST_CASE("systemd takes every line of the units") {
    const TempDir folder("units");
    std::vector<std::string> words{"verify", "--man=no"};
    for (const auto* name : {"gatehoused.service", "gatehouse-clock.service", "gatehouse-backup.service", "gatehouse-backup.timer"}) {
        auto text = read_file(units + name);
        // The programs are not installed here.
        for (const std::string program : {"/usr/sbin/gatehoused", "/usr/lib/gatehouse/gatehouse-backup"})
            for (auto at = text.find(program); at != std::string::npos; at = text.find(program)) text.replace(at, program.size(), "/bin/true");
        write_file(folder / name, text);
        words.push_back((folder / name).string());
    }
    ChildProcess verify("verify", {.program = "/usr/bin/systemd-analyze", .arguments = words, .environment = {}, .directory = {}}, folder.path());
    const bool is_clean = verify.wait().code == 0;
    CHECK_MESSAGE(is_clean, verify.err());
    CHECK_MESSAGE(verify.err().find("gatehouse") == std::string::npos, verify.err());
}

TEST_CASE("a daemon that stopped because the battery ends is neither started again nor called failed") {
    const auto unit = read_file(units + "gatehoused.service");
    CHECK(unit.find("\nRestartPreventExitStatus=64 75 78\n") != std::string::npos);
    CHECK(unit.find("\nSuccessExitStatus=75\n") != std::string::npos);
}
