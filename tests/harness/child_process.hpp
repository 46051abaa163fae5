// SPDX-License-Identifier: Apache-2.0
//
// One process that a test started: its output goes to files, it is waited for by its own pid, and it never outlives the
// test (destructor; and should the test be killed, the kernel kills it: PR_SET_PDEATHSIG). Start from the main thread:
// the kernel ties the child to the thread that made it.
#pragma once

#include "tests/harness/eventually.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace gatehouse::harness {

struct Exit {
    int code = -1; // -1: ended by a signal
    int signal = 0;
    bool operator==(const Exit&) const = default;
};

class ChildProcess {
public:
    struct Command {
        std::string program; // a path
        std::vector<std::string> arguments{};
        std::vector<std::pair<std::string, std::string>> environment{}; // added to ours
        std::filesystem::path directory{};                              // where it stands; empty: where we stand
    };

    /// Starts it; stdout and stderr go to NAME.out and NAME.err in `output`, appended to where they exist. Throws Trouble
    /// where the program can't be run.
    ChildProcess(const std::string& name, const Command& command, const std::filesystem::path& output);
    /// SIGTERM, three seconds, SIGKILL; then it is reaped.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    pid_t pid() const { return pid_; }
    const std::string& name() const { return name_; }
    bool is_running();

    void send_signal(int signal);
    /// SIGKILL, and gone when this returns.
    Exit kill();
    /// SIGTERM, and gone when this returns; Trouble after the deadline.
    Exit terminate(std::chrono::milliseconds within = patience);
    Exit wait(std::chrono::milliseconds within = patience);
    /// SIGSTOP and SIGCONT: the process hangs, its sockets stay.
    void freeze();
    void thaw();

    const std::filesystem::path& out_path() const { return out_; }
    const std::filesystem::path& err_path() const { return err_; }
    /// All that this run has written to stdout so far.
    std::string out() const;
    std::string err() const;
    /// The first line on stdout (of this run) that contains `text`. Trouble when the process ends or time is up first.
    std::string wait_for_line(const std::string& text, std::chrono::milliseconds within = patience);
    /// The last few hundred bytes of stderr, for sentences about what went wrong.
    std::string last_words() const;

    /// Resident memory in KiB, from /proc.
    std::size_t resident_kib() const;

private:
    std::string name_;
    std::filesystem::path out_, err_;
    std::uintmax_t out_from_ = 0, err_from_ = 0;
    pid_t pid_ = -1;
    std::optional<Exit> exit_;
};

/// Runs a short command to its end and gives back its stdout. Trouble when it fails.
std::string run_to_end(const std::string& program, const std::vector<std::string>& arguments, std::chrono::milliseconds within = patience);

} // namespace gatehouse::harness
