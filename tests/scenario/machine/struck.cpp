// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/machine/struck.hpp"

#include "tests/harness/temp_dir.hpp"

namespace gatehouse::harness {

namespace {

std::vector<std::string> words_for(pid_t pid, const std::vector<std::string>& what, const std::vector<std::filesystem::path>& files,
                                   const std::filesystem::path& trace) {
    std::vector<std::string> words{"-f", "-e", "signal=none", "-o", trace.string(), "-p", std::to_string(pid)};
    std::string calls;
    for (const auto& one : what) calls += (calls.empty() ? "" : ",") + one.substr(0, one.find(':'));
    words.insert(words.end(), {"-e", "trace=" + calls});
    for (const auto& one : what) words.insert(words.end(), {"-e", "inject=" + one});
    for (const auto& file : files) words.insert(words.end(), {"-P", file.string()});
    return words;
}

} // namespace

Struck::Struck(ChildProcess& process, const std::vector<std::string>& what, const std::vector<std::filesystem::path>& files,
               const std::filesystem::path& folder)
    : trace_(folder / "strace.trace"),
      strace_("strace",
              {.program = "/usr/bin/strace", .arguments = words_for(process.pid(), what, files, trace_), .environment = {}, .directory = {}},
              folder) {
    std::size_t threads = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/" + std::to_string(process.pid()) + "/task")) ++threads;
    eventually("strace at every thread", [&] {
        const auto said = strace_.err();
        std::size_t attached = 0;
        for (auto at = said.find(" attached"); at != std::string::npos; at = said.find(" attached", at + 1)) ++attached;
        return attached >= 1 && (attached >= threads || said.find("with " + std::to_string(threads) + " threads") != std::string::npos);
    });
}

std::size_t Struck::count() const {
    const auto text = std::filesystem::exists(trace_) ? read_file(trace_) : std::string();
    std::size_t found = 0;
    for (auto at = text.find("(INJECTED)"); at != std::string::npos; at = text.find("(INJECTED)", at + 1)) ++found;
    for (auto at = text.find("(DELAYED)"); at != std::string::npos; at = text.find("(DELAYED)", at + 1)) ++found;
    return found;
}

void Struck::heal() {
    if (strace_.is_running()) strace_.terminate();
}

std::string Struck::why_not() {
    try {
        run_to_end("/bin/sh", {"-ec", "strace -qqq -o /dev/null -e inject=getppid:error=EPERM true"});
    } catch (const Trouble&) {
        return "strace may not trace here (ptrace)";
    }
    return {};
}

} // namespace gatehouse::harness
