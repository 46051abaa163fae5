// SPDX-License-Identifier: Apache-2.0
#include "tests/storage_faults/sweep.hpp"
#include "tests/paths.hpp"

#include "daemon/store/sqlite.hpp"
#include "tests/harness/simulator.hpp"
#include "tests/harness/temp_dir.hpp"
#include "tests/storage_faults/life.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <set>
#include <sstream>

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

namespace gatehouse::storage_faults {

namespace {

namespace files = std::filesystem;

constexpr int strace_missing = 127;

/// Its wait status.
int run_to_its_end(std::vector<std::string> words) {
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_t child = -1;
    if (::posix_spawnp(&child, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0) return W_EXITCODE(strace_missing, 0);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

std::vector<std::string> lines_of(const files::path& file) {
    std::vector<std::string> lines;
    if (!files::exists(file)) return lines;
    std::istringstream text(harness::read_file(file));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

void restore(const files::path& old_log, const files::path& folder) {
    auto database = store::Connection::open((folder / "gatehouse.db").string(), store::Connection::Access::create, "");
    if (!database) throw harness::Trouble(database.error().what());
    for (const auto& sql : {std::string("pragma journal_mode = wal; begin;"), harness::read_file(old_log), std::string("commit;")})
        if (const auto done = database->run(sql); !done) throw harness::Trouble(done.error().what());
}

/// What the script was told, as numbers.
struct Told {
    std::map<std::uint64_t, std::uint64_t> positions; ///< by key
    std::set<std::uint64_t> erased;
    store::Cursor cursor;
};

Told read_told(const std::vector<std::string>& lines) {
    Told told;
    for (const auto& line : lines) {
        std::istringstream words(line);
        std::string what;
        std::uint64_t one = 0, two = 0;
        words >> what >> one >> two;
        if (what == "ack") told.positions[one] = two;
        if (what == "erased") told.erased.insert(one);
        if (what == "cursor") told.cursor = {one, two};
    }
    return told;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace

std::string why_no_strace() {
    const int status = run_to_its_end({"strace", "-f", "-qqq", "-o", "/dev/null", "-e", "inject=getppid:error=EPERM", "true"});
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
    return WIFEXITED(status) && WEXITSTATUS(status) == strace_missing ? "no strace" : "strace may not trace here (ptrace)";
}

std::vector<Start> all_starts() {
    std::vector<Start> starts{{"commit", {}}, {"receipt", {}}, {"checkpoint", {}}};
    for (const auto& entry : files::directory_iterator(files::path(tests::source_path("tests/golden/store"))))
        if (entry.path().extension() == ".sql") starts.push_back({"migration", entry.path()});
    return starts;
}

bool Left::was_struck() const {
    return std::any_of(trace.begin(), trace.end(), [](const std::string& line) { return has(line, "(INJECTED)"); });
}

Left Sweep::run(const Start& start, std::vector<std::string> strace_words) {
    files::remove_all(folder_);
    files::create_directories(log());
    if (!start.old_log.empty()) restore(start.old_log, log());
    std::vector<std::string> words{"strace", "-f", "-qqq", "-y", "-e", "signal=none", "-o", (folder_ / "trace").string()};
    words.insert(words.end(), strace_words.begin(), strace_words.end());
    words.insert(words.end(), {harness::built("store_script").string(), start.script, log().string(), (folder_ / "told").string()});
    const int status = run_to_its_end(std::move(words));
    Left left;
    left.is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    if (!left.is_killed && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        throw harness::Trouble("store_script " + start.script + " ended with status " + std::to_string(status));
    left.told = lines_of(folder_ / "told");
    left.trace = lines_of(folder_ / "trace");
    return left;
}

std::vector<Call> Sweep::calls_of(const Start& start) {
    std::map<std::string, std::size_t> counts;
    for (const auto& line : run(start, {"-e", "trace=all"}).trace) { // "4711  fdatasync(6</…>) = 0"
        const auto from = line.find_first_not_of("0123456789 ");
        const auto to = line.find('(');
        if (to != std::string::npos && from < to) ++counts[line.substr(from, to - from)];
    }
    std::vector<Call> calls;
    for (const auto& [name, count] : counts)
        for (std::size_t when = 1; name != "execve" && when <= count; ++when) calls.push_back({name, when});
    return calls;
}

Left Sweep::kill_at(const Start& start, const Call& call) {
    return run(start, {"-e", "trace=" + call.name, "-e", "inject=" + call.name + ":signal=SIGKILL:when=" + std::to_string(call.when)});
}

Left Sweep::fail_at(const Start& start, const std::string& call, const std::string& error, std::size_t when, bool for_ever) {
    const auto database = (log() / "gatehouse.db").string();
    const auto occurrence = std::to_string(when) + (for_ever ? "+" : "");
    // --seccomp-bpf: other calls run at full speed. Signals can't be injected with it.
    return run(start, {"--seccomp-bpf", "-P", database, "-P", database + "-wal", "-P", database + "-shm", "-P", log().string(), "-P",
                       (folder_ / "told").string(), "-e", "trace=openat,writev,fsync,fdatasync," + call, "-e",
                       "inject=" + call + ":error=" + error + ":when=" + occurrence});
}

std::string Sweep::judge(const Left& left) {
    const auto told = read_told(left.told);
    Life life(log().string(), 2);
    if (const auto opened = life.open(); !opened) return "I10: does not open: " + opened.error().what();
    auto report = life.await<store::VerifyReport>(life.store().verify());
    if (!report) return "I6: " + report.error().what();
    if (report->first_bad) return "I6: position " + std::to_string(*report->first_bad) + ": " + report->fault;
    const auto records = life.await<std::vector<store::StoredRecord>>(life.store().read_after(0, 1000, 1 << 24));
    if (!records) return "I1: " + records.error().what();
    std::map<std::uint64_t, std::uint64_t> stored; // by key, of the script's own events
    std::uint64_t last = 0;
    for (const auto& record : *records) {
        if (record.position != last + 1) return "I3: a hole before " + std::to_string(record.position);
        last = record.position;
        if (record.source != "door-1" || record.generation != 0 || !record.device_key) continue;
        if (told.erased.contains(*record.device_key) && !record.erased) return "S13: key " + std::to_string(*record.device_key) + " is not erased";
        // An old log may have two under one key: those are not the script's.
        if (!record.conflicts_with && !stored.emplace(*record.device_key, record.position).second)
            return "I2: key " + std::to_string(*record.device_key) + " is there twice";
    }
    for (const auto& [key, position] : told.positions)
        if (!stored.contains(key) || stored[key] != position)
            return "I1: key " + std::to_string(key) + " was acknowledged at " + std::to_string(position);
    const auto cursor = life.await<std::optional<store::Cursor>>(life.store().cursor("upstream/district/routine"));
    if (!cursor) return cursor.error().what();
    const auto settled = *cursor ? (*cursor)->settled : 0;
    if (settled < told.cursor.settled) return "L1: the cursor stands at " + std::to_string(settled);
    const auto mark = life.await<std::optional<SourceMark>>(life.store().last_mark("door-1"));
    if (!mark) return mark.error().what();
    if (*mark && (*mark)->generation == 0 && (*mark)->number > 0 && !stored.contains((*mark)->number))
        return "S11: the mark stands beyond what is there";
    // It goes on: what the device offers again is known, what is new is taken.
    for (const auto& [key, position] : told.positions) {
        const auto again = life.offer(key, key).front();
        if (told.erased.contains(key)) continue;
        if (!again || !again->repeated || again->position != position) return "S9: key " + std::to_string(key) + " is stored again";
    }
    const auto fresh = life.offer(1000, 1000).front();
    if (!fresh || fresh->repeated) return "I10: a new event is refused";
    return {};
}

std::string acknowledged_too_early(const Left& left, const std::filesystem::path& log) {
    const auto folder = "<" + log.string() + ">";
    const std::array names{log.string() + "/gatehouse.db\"", log.string() + "/gatehouse.db-wal\""};
    std::set<std::string> made;
    bool is_failed = false, is_name_durable = true;
    for (const auto& line : left.trace) {
        const bool is_good = !has(line, " = -1 ");
        if (has(line, "(INJECTED)") && !has(line, folder)) is_failed = true;
        if (has(line, "sync(") && has(line, folder) && is_good) is_name_durable = true;
        // Readers open without O_CREAT.
        if (has(line, "openat(") && has(line, "O_CREAT") && is_good)
            for (const auto& name : names)
                if (has(line, name)) {
                    if (name == names.front()) is_failed = false;
                    if (made.insert(name).second) is_name_durable = false;
                }
        const bool is_acknowledgement = has(line, "writev(") && (has(line, "\"ack ") || has(line, "\"cursor ") || has(line, "\"erased "));
        if (is_acknowledgement && is_failed) return "S14: told on a handle that had failed: " + line;
        if (is_acknowledgement && !is_name_durable) return "S14: told before the folder was synced: " + line;
    }
    return {};
}

} // namespace gatehouse::storage_faults
