// SPDX-License-Identifier: Apache-2.0
//
// One run of store_script under strace, and what it leaves: which system call is struck, and how. strace counts a call's occurrences per
// thread, and the script has one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gatehouse::storage_faults {

/// Empty: strace works here. Otherwise why not (no ptrace, no strace).
std::string why_no_strace();

/// The script's log before it starts: nothing, or the text of an old log under tests/golden/store.
struct Start {
    std::string script;
    std::filesystem::path old_log{};
};
std::vector<Start> all_starts();

/// The `when`-th call of this name in a run.
struct Call {
    std::string name;
    std::size_t when = 1;
};

struct Left {
    bool is_killed = false;
    std::vector<std::string> told;  ///< the script's lines
    std::vector<std::string> trace; ///< strace's lines, with paths in place of file descriptors
    bool was_struck() const;        ///< the fault was injected at least once
};

class Sweep {
public:
    /// `folder` is made and emptied for each run; the log is in its folder "log".
    explicit Sweep(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Every system call of an undisturbed run.
    std::vector<Call> calls_of(const Start& start);
    /// Killed before this one.
    Left kill_at(const Start& start, const Call& call);
    /// `call` on the log's files (database, WAL, shm, folder) fails with `error` the `when`-th time, or from then on.
    Left fail_at(const Start& start, const std::string& call, const std::string& error, std::size_t when, bool for_ever);

    std::filesystem::path log() const { return folder_ / "log"; }
    /// Opens what is left, and names each promise that does not hold. Empty: all do.
    std::string judge(const Left& left);

private:
    Left run(const Start& start, std::vector<std::string> strace_words);
    std::filesystem::path folder_;
};

/// S14, seen from outside: after a call on one of the log's files failed nothing is acknowledged before the database was opened anew, and
/// nothing before a sync of the folder has succeeded since the database and its WAL were made. Empty: so it was.
std::string acknowledged_too_early(const Left& left, const std::filesystem::path& log);

} // namespace gatehouse::storage_faults
