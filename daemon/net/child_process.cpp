// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/child_process.hpp"

#include "daemon/net/inside/wire.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace gatehouse::net {

namespace asio = boost::asio;
using boost::system::error_code;
using inside::Wire;
using inside::WireStream;

namespace {

Error spawn_error(int number, const std::string& program) {
    Fault fault = Fault::full;
    if (number == ENOENT || number == ENOTDIR) fault = Fault::gone;
    if (number == EACCES || number == EPERM || number == ENOEXEC) fault = Fault::refused;
    return Error(fault, "starting " + program + ": " + std::strerror(number));
}

/// A child by its descriptor (Linux 5.3), which asio can wait on; the number of a process may be another's soon after.
struct Held {
    Held(asio::io_context& context, int number, int descriptor) : pid(number), watched(context, descriptor) {}
    int pid;
    asio::posix::stream_descriptor watched;
    bool reaped = false;

    ChildExit reap() {
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED);
        reaped = true;
        ChildExit exit;
        if (info.si_code == CLD_EXITED) {
            exit.code = info.si_status;
        } else {
            exit.signal = info.si_status;
        }
        return exit;
    }
};

class SystemChild final : public ChildProcess {
public:
    SystemChild(std::shared_ptr<Held> held, std::unique_ptr<Stream> stream) : held_(std::move(held)), stream_(std::move(stream)) {}
    ~SystemChild() override {
        stream_.reset();
        if (held_->reaped) return;
        kill();
        // The handler holds what it waits for; when the loop ends first, the kernel gives the child to somebody else to reap.
        held_->watched.async_wait(asio::posix::stream_descriptor::wait_read, [held = held_](error_code failed) {
            if (!failed && !held->reaped) held->reap();
        });
    }
    Stream& stream() override { return *stream_; }
    int pid() const override { return held_->pid; }
    void kill() override {
        if (!held_->reaped) ::kill(held_->pid, SIGKILL);
    }
    Task<ChildExit> wait() override {
        auto held = held_;
        error_code failed;
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        co_await held->watched.async_wait(asio::posix::stream_descriptor::wait_read, token);
        if (failed) throw boost::system::system_error(failed);
        co_return held->reap();
    }

private:
    std::shared_ptr<Held> held_;
    std::unique_ptr<Stream> stream_;
};

class Descriptors {
public:
    ~Descriptors() {
        for (const int each : both)
            if (each >= 0) ::close(each);
    }
    std::array<int, 2> both{-1, -1};
};

class SystemChildren final : public Children {
public:
    explicit SystemChildren(Loop& loop) : loop_(loop) {}

    Result<std::unique_ptr<ChildProcess>> start(const std::string& program) override {
        Descriptors pair;
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.both.data()) != 0) return spawn_error(errno, program);
        auto spawned = spawn(program, pair.both[1]);
        if (!spawned) return std::move(spawned).error();
        const int watched = static_cast<int>(::syscall(SYS_pidfd_open, *spawned, 0));
        if (watched < 0) {
            const int why = errno;
            ::kill(*spawned, SIGKILL);
            ::waitpid(*spawned, nullptr, 0);
            return spawn_error(why, program);
        }
        auto held = std::make_shared<Held>(loop_.context(), *spawned, watched);
        asio::local::stream_protocol::socket socket(loop_.context(), asio::local::stream_protocol(), pair.both[0]);
        pair.both[0] = -1;
        Endpoint there;
        there.host = program;
        auto stream = std::make_unique<WireStream>(Wire(Wire::Socket(std::move(socket))), std::move(there), std::string());
        return std::unique_ptr<ChildProcess>(std::make_unique<SystemChild>(std::move(held), std::move(stream)));
    }

private:
    // posix_spawn, not fork: the daemon has threads and a large memory, and a child must inherit neither locks nor descriptors.
    static Result<int> spawn(const std::string& program, int link) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, link, child_link_descriptor);
        ::posix_spawn_file_actions_addclosefrom_np(&actions, child_link_descriptor + 1);
        sigset_t none, all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        std::string word = program;
        std::array<char*, 2> words{word.data(), nullptr};
        std::array<char*, 1> environment{nullptr};
        pid_t pid = -1;
        const int failed = ::posix_spawn(&pid, program.c_str(), &actions, &attributes, words.data(), environment.data());
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
        if (failed != 0) return spawn_error(failed, program);
        return pid;
    }

    Loop& loop_;
};

} // namespace

std::string to_text(const ChildExit& exit) {
    if (exit.code >= 0) return "ended with " + std::to_string(exit.code);
    const char* name = ::sigdescr_np(exit.signal);
    return "killed by signal " + std::to_string(exit.signal) + (name == nullptr ? "" : " (" + std::string(name) + ")");
}

std::unique_ptr<Children> make_system_children(Loop& loop) { return std::make_unique<SystemChildren>(loop); }

} // namespace gatehouse::net
