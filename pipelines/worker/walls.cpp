// SPDX-License-Identifier: Apache-2.0
#include "pipelines/worker/walls.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

namespace gatehouse::pipelines {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t our_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t our_architecture = AUDIT_ARCH_AARCH64;
#else
#error "the walls know the system calls of amd64 and arm64"
#endif

// ---- limits

Wall limit() {
    bool stands = true;
    const auto set = [&](auto resource, std::uint64_t most) {
        const rlimit limits{most, most};
        stands = ::setrlimit(resource, &limits) == 0 && stands;
    };
    set(RLIMIT_CORE, 0);
    set(RLIMIT_NOFILE, open_files_max);
    set(RLIMIT_FSIZE, file_bytes_max);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // their shadow is terabytes of address space
    set(RLIMIT_AS, memory_bytes_max);
#endif
    ::prctl(PR_SET_DUMPABLE, 0); // nobody of our own user reads the password in our memory
    return stands ? Wall::stands : Wall::refused;
}

// ---- Landlock (Documentation/userspace-api/landlock.rst). By numbers of our own: the headers of Debian 12 end at the second ABI.

#ifndef SYS_landlock_create_ruleset
constexpr long SYS_landlock_create_ruleset = 444, SYS_landlock_add_rule = 445, SYS_landlock_restrict_self = 446;
#endif
constexpr int version_flag = 1;
constexpr auto randomness = "/dev/urandom";
constexpr int path_beneath = 1;

struct Ruleset {
    std::uint64_t files = 0, net = 0, scoped = 0;
};
struct [[gnu::packed]] PathBeneath {
    std::uint64_t allowed = 0;
    std::int32_t parent = -1;
};

namespace right {
constexpr std::uint64_t write_file = 1 << 1, read_file = 1 << 2, read_dir = 1 << 3, remove_file = 1 << 5, make_reg = 1 << 8, truncate = 1 << 14;
constexpr std::uint64_t bind_tcp = 1 << 0;
constexpr std::uint64_t abstract_sockets = 1 << 0, signals = 1 << 1;
} // namespace right

/// All rights over files that this ABI knows; what is not handled would be allowed.
std::uint64_t rights_of(long abi) {
    if (abi >= 5) return (1 << 16) - 1;
    if (abi >= 3) return (1 << 15) - 1;
    if (abi >= 2) return (1 << 14) - 1;
    return (1 << 13) - 1;
}

bool allow(int ruleset, const std::string& path, std::uint64_t rights) {
    const int parent = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (parent < 0) return false;
    const PathBeneath rule{rights, parent};
    const bool done = ::syscall(SYS_landlock_add_rule, ruleset, path_beneath, &rule, 0) == 0;
    ::close(parent);
    return done;
}

Wall shut_files(const Within& within, std::uint32_t& abi_of_kernel) {
    const auto abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, version_flag);
    if (abi < 1) return errno == ENOSYS || errno == EOPNOTSUPP ? Wall::absent : Wall::refused;
    abi_of_kernel = static_cast<std::uint32_t>(abi);
    Ruleset rules;
    rules.files = rights_of(abi);
    // What is sent to a camera goes by connect(); nothing of ours is ever bound over TCP.
    if (abi >= 4) rules.net = right::bind_tcp;
    if (abi >= 6) rules.scoped = right::abstract_sockets | right::signals;
    const auto size = abi >= 6 ? sizeof(Ruleset) : abi >= 4 ? offsetof(Ruleset, scoped) : offsetof(Ruleset, net);
    const auto ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, size, 0));
    if (ruleset < 0) return Wall::refused;
    const auto own = (right::write_file | right::read_file | right::read_dir | right::remove_file | right::make_reg | right::truncate) & rules.files;
    bool stands = within.folder.empty() || allow(ruleset, within.folder, own);
    if (!within.readable_file.empty()) stands = allow(ruleset, within.readable_file, right::read_file) && stands;
    // libav makes its random numbers of it. Without, it makes them of a clock that it asks thousands of times, at each request.
    allow(ruleset, randomness, right::read_file);
    stands = stands && ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    ::close(ruleset);
    return stands ? Wall::stands : Wall::refused;
}

// ---- seccomp. Calls that a worker never makes are refused with EPERM: what tries one fails, and is seen by it.

constexpr std::array refused_calls {
    SYS_execve, SYS_execveat, SYS_listen, SYS_accept, SYS_accept4, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kill, SYS_tkill,
        SYS_pidfd_send_signal, SYS_pidfd_getfd,
        // other ways to the same
        SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register, SYS_open_by_handle_at, SYS_userfaultfd, SYS_bpf, SYS_perf_event_open,
        // the machine
        SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare, SYS_init_module, SYS_finit_module, SYS_delete_module,
        SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_settimeofday, SYS_clock_settime, SYS_add_key, SYS_request_key, SYS_keyctl,
#if defined(__x86_64__)
        SYS_fork, SYS_vfork,
#endif
};

using Program = std::vector<sock_filter>;

void load(Program& program, std::size_t offset) { program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset))); }
void answer(Program& program, std::uint32_t action) { program.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }
void unless_equal_skip(Program& program, std::uint32_t value, std::uint8_t steps) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, steps));
}

constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;

Program filter(bool may_bind) {
    Program program;
    load(program, offsetof(seccomp_data, arch));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, our_architecture, 1, 0));
    answer(program, SECCOMP_RET_KILL_PROCESS);
    load(program, offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    constexpr std::uint32_t x32_bit = 0x40000000; // the same calls under other numbers
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, x32_bit, 0, 1));
    answer(program, SECCOMP_RET_KILL_PROCESS);
#endif
    for (const long call : refused_calls) {
        unless_equal_skip(program, static_cast<std::uint32_t>(call), 1);
        answer(program, refuse);
    }
    if (!may_bind) {
        unless_equal_skip(program, SYS_bind, 1);
        answer(program, refuse);
    }
    // A thread may be made, a process may not. The flags of clone3 stand behind a pointer: glibc takes clone when there is no clone3.
    unless_equal_skip(program, SYS_clone3, 1);
    answer(program, SECCOMP_RET_ERRNO | ENOSYS);
    unless_equal_skip(program, SYS_clone, 3);
    load(program, offsetof(seccomp_data, args));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0));
    answer(program, refuse);
    answer(program, SECCOMP_RET_ALLOW);
    return program;
}

Wall shut_calls(bool may_bind) {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Wall::refused;
    auto rules = filter(may_bind);
    const sock_fprog program{static_cast<unsigned short>(rules.size()), rules.data()};
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0) return Wall::stands;
    return errno == ENOSYS || errno == EINVAL ? Wall::absent : Wall::refused;
}

// ---- attempts

// The sockets are made by bare calls: a worker has no other use for them.
constexpr int internet = 2, stream = 1, datagrams = 2; // AF_INET, SOCK_STREAM, SOCK_DGRAM
struct Loopback {
    std::uint16_t family = internet, port = 0;
    std::uint32_t address = 0x0100007f;
    std::array<std::uint8_t, 8> zero{};
};

Attempt attempt(std::string name, long result) {
    Attempt made;
    made.name = std::move(name);
    made.got_out = result >= 0;
    made.answer = made.got_out ? "done" : std::strerror(errno);
    return made;
}

} // namespace

Ready shut_in(const Within& within) {
    Ready ready;
    ready.limits = limit();
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); // Landlock asks for it too
    ready.files = shut_files(within, ready.landlock_abi);
    ready.calls = shut_calls(within.may_bind);
    return ready;
}

std::vector<Attempt> try_walls(const std::string& folder, const std::string& outside) {
    std::vector<Attempt> made;
    const auto own = folder + "/walls";
    const int mine = ::open(own.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    made.push_back(attempt("open a file inside", mine));
    made.push_back(attempt("open the machine's randomness", ::open(randomness, O_RDONLY | O_CLOEXEC)));
    made.push_back(attempt("open a file outside", ::open(outside.c_str(), O_RDONLY | O_CLOEXEC)));
    made.push_back(attempt("make a file outside", ::open((outside + ".made").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
    made.push_back(
        attempt("climb out of the folder", ::open((folder + "/../" + outside.substr(outside.rfind('/') + 1)).c_str(), O_RDONLY | O_CLOEXEC)));
    std::string program = "/bin/true";
    char* words[] = {program.data(), nullptr};
    char* nothing[] = {nullptr};
    made.push_back(attempt("run a program", ::execve(program.c_str(), words, nothing)));
    const auto child = ::fork();
    if (child == 0) ::_exit(0);
    made.push_back(attempt("make a process", child));
    const Loopback any;
    const auto tcp = ::syscall(SYS_socket, internet, stream, 0);
    made.push_back(attempt("bind a TCP port", ::syscall(SYS_bind, tcp, &any, sizeof any)));
    made.push_back(attempt("listen", ::syscall(SYS_listen, tcp, 1)));
    made.push_back(attempt("accept", ::syscall(SYS_accept, tcp, nullptr, nullptr)));
    const auto udp = ::syscall(SYS_socket, internet, datagrams, 0);
    made.push_back(attempt("bind a UDP port", ::syscall(SYS_bind, udp, &any, sizeof any)));
    made.push_back(attempt("look into another process", ::ptrace(PTRACE_SEIZE, ::getppid(), nullptr, nullptr)));
    made.push_back(attempt("signal another process", ::kill(::getppid(), 0)));
    ::unlink(own.c_str());
    return made;
}

} // namespace gatehouse::pipelines
