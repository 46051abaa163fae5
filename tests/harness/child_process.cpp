// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/child_process.hpp"

#include "tests/harness/temp_dir.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gatehouse::harness {
namespace {

int open_to_append(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) throw Trouble("can't write " + path.string() + ": " + std::strerror(errno));
    return file;
}

std::uintmax_t size_of(const std::filesystem::path& path) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(path, missing);
    return missing ? 0 : size;
}

std::string read_from(const std::filesystem::path& path, std::uintmax_t from) {
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(from));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> all;
    for (std::string& word : words) all.push_back(word.data());
    all.push_back(nullptr);
    return all;
}

std::vector<std::string> merged_environment(const std::vector<std::pair<std::string, std::string>>& added) {
    std::vector<std::string> all;
    for (char** each = environ; *each; ++each) {
        const std::string_view entry = *each;
        const auto name = entry.substr(0, entry.find('='));
        if (std::none_of(added.begin(), added.end(), [&](const auto& pair) { return pair.first == name; })) all.emplace_back(entry);
    }
    for (const auto& [name, value] : added) all.push_back(name + "=" + value);
    return all;
}

} // namespace

ChildProcess::ChildProcess(const std::string& name, const Command& command, const std::filesystem::path& output)
    : name_(name), out_(output / (name + ".out")), err_(output / (name + ".err")), out_from_(size_of(out_)), err_from_(size_of(err_)) {
    if (::access(command.program.c_str(), X_OK) != 0) throw Trouble("no program " + command.program);
    const int out = open_to_append(out_), err = open_to_append(err_);
    // Everything the child needs is made before the fork: after it only async-signal-safe calls are allowed.
    std::vector<std::string> words{command.program};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    std::vector<std::string> environment = merged_environment(command.environment);
    const auto argv = pointers(words), envp = pointers(environment);
    const std::string directory = command.directory.string();
    const pid_t parent = ::getpid();

    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::setpgid(0, 0); // Ctrl-C is the holder's alone
        if (::getppid() != parent) ::_exit(126);
        ::dup2(out, 1);
        ::dup2(err, 2);
        const int nothing = ::open("/dev/null", O_RDONLY);
        ::dup2(nothing, 0);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        ::signal(SIGPIPE, SIG_DFL);
        if (directory.empty() || ::chdir(directory.c_str()) == 0) ::execve(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    ::close(out);
    ::close(err);
    if (pid_ < 0) throw Trouble("can't fork for " + name);
}

ChildProcess::~ChildProcess() {
    if (!is_running()) return;
    send_signal(SIGCONT);
    send_signal(SIGTERM);
    try {
        wait(3s);
    } catch (const Trouble&) {
        kill();
    }
}

bool ChildProcess::is_running() {
    if (exit_) return false;
    int status = 0;
    const pid_t reaped = ::waitpid(pid_, &status, WNOHANG);
    if (reaped == 0) return true;
    exit_ = Exit{};
    if (reaped == pid_ && WIFEXITED(status)) exit_->code = WEXITSTATUS(status);
    if (reaped == pid_ && WIFSIGNALED(status)) exit_->signal = WTERMSIG(status);
    return false;
}

void ChildProcess::send_signal(int signal) {
    if (is_running()) ::kill(pid_, signal);
}

Exit ChildProcess::kill() {
    send_signal(SIGKILL);
    return wait();
}

Exit ChildProcess::terminate(std::chrono::milliseconds within) {
    send_signal(SIGTERM);
    return wait(within);
}

Exit ChildProcess::wait(std::chrono::milliseconds within) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (is_running()) {
        if (std::chrono::steady_clock::now() >= deadline) throw Trouble(name_ + " did not end within " + std::to_string(within.count()) + " ms");
        std::this_thread::sleep_for(2ms);
    }
    return *exit_;
}

void ChildProcess::freeze() { send_signal(SIGSTOP); }
void ChildProcess::thaw() { send_signal(SIGCONT); }

std::string ChildProcess::out() const { return read_from(out_, out_from_); }
std::string ChildProcess::err() const { return read_from(err_, err_from_); }

std::string ChildProcess::wait_for_line(const std::string& text, std::chrono::milliseconds within) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    for (;;) {
        // Asked before reading: what a process said before it ended must still be found.
        const bool was_running = is_running();
        std::istringstream lines(out());
        for (std::string line; std::getline(lines, line);)
            if (!lines.eof() && line.find(text) != std::string::npos) return line;
        if (!was_running) throw Trouble(name_ + " ended before it said '" + text + "'; it said last: " + last_words());
        if (std::chrono::steady_clock::now() >= deadline)
            throw Trouble(name_ + " did not say '" + text + "' within " + std::to_string(within.count()) + " ms; it said last: " + last_words());
        std::this_thread::sleep_for(5ms);
    }
}

std::string ChildProcess::last_words() const {
    constexpr std::size_t most = 800;
    const std::string all = err();
    return all.size() <= most ? all : all.substr(all.size() - most);
}

std::size_t ChildProcess::resident_kib() const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return static_cast<std::size_t>(std::stoul(line.substr(6)));
    return 0;
}

std::string run_to_end(const std::string& program, const std::vector<std::string>& arguments, std::chrono::milliseconds within) {
    const TempDir output("run");
    ChildProcess process("command", {.program = program, .arguments = arguments, .environment = {}, .directory = {}}, output.path());
    if (const Exit exit = process.wait(within); exit.code != 0)
        throw Trouble(program + " ended with " + std::to_string(exit.code) + ": " + process.last_words());
    return process.out();
}

} // namespace gatehouse::harness
