// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/small_disk.hpp"

#include "tests/harness/child_process.hpp"
#include "tests/harness/temp_dir.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace gatehouse::harness {

namespace {

/// Once a process; whoever is not root becomes it in a user namespace.
void enter_namespace() {
    static bool is_done = false;
    if (is_done) return;
    if (::getuid() != 0) {
        const auto uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
        if (::unshare(CLONE_NEWUSER) != 0) throw NoDisk{"this machine grants no user namespaces"};
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", "0 " + uid + " 1");
        write_file("/proc/self/gid_map", "0 " + gid + " 1");
    }
    if (::unshare(CLONE_NEWNS) != 0) throw NoDisk{"this machine grants no mount namespaces"};
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) throw NoDisk{"mounts can't be made private"};
    is_done = true;
}

bool mount_ext4(const std::filesystem::path& image, const std::filesystem::path& at, std::uint64_t bytes) {
    write_file(image, "");
    std::filesystem::resize_file(image, bytes);
    try {
        // No blocks kept for root, who is who fills it; blocks as large disks have them: in smaller ones a mapped page of SQLite's wal-index can be
        // without a place on a full disk, which ends the process (daemon/store/README.md, Limits).
        run_to_end("/bin/sh", {"-ec", "PATH=$PATH:/usr/sbin:/sbin; mkfs.ext4 -q -m 0 -b 4096 " + image.string() + "; mount -o loop " +
                                          image.string() + " " + at.string() + " 2>/dev/null"});
    } catch (const Trouble&) {
        return false;
    }
    return true;
}

} // namespace

SmallDisk::SmallDisk(const std::filesystem::path& folder, std::uint64_t bytes)
    : path_(folder / "disk"), filler_(path_ / "filler"), image_(folder / "disk.ext4"), kind_("ext4") {
    enter_namespace();
    std::filesystem::create_directories(path_);
    if (mount_ext4(image_, path_, bytes)) return;
    kind_ = "tmpfs";
    if (::mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + std::to_string(bytes)).c_str()) != 0)
        throw NoDisk{std::string("nothing can be mounted: ") + std::strerror(errno)};
}

SmallDisk::~SmallDisk() {
    if (is_frozen_) thaw();
    ::umount2(path_.c_str(), MNT_DETACH);
}

std::uint64_t SmallDisk::free_bytes() const {
    struct statvfs state {};
    if (::statvfs(path_.c_str(), &state) != 0) throw Trouble("can't look at " + path_.string());
    return static_cast<std::uint64_t>(state.f_bavail) * state.f_frsize;
}

void SmallDisk::fill_down_to(std::uint64_t left) {
    const int file = ::open(filler_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) throw Trouble("can't fill " + path_.string());
    const std::vector<char> much(1 << 16, 'x');
    for (auto size = much.size(); size > 0;) {
        const auto room = free_bytes();
        if (room <= left) break;
        if (left > 0) size = std::min<std::size_t>(size, room - left);
        if (::write(file, much.data(), size) < 0) size = size > 4096 ? 4096 : size / 2; // to the last byte
    }
    ::fsync(file);
    ::close(file);
}

void SmallDisk::make_room() { std::filesystem::remove(filler_); }

void SmallDisk::abort() { run_to_end("/bin/sh", {"-ec", "mount -o remount,abort " + path_.string()}); }

// By util-linux' program: linux/fs.h, which has the two calls, cannot stand beside sys/mount.h.
void SmallDisk::freeze() {
    run_to_end("/bin/sh", {"-ec", "PATH=$PATH:/usr/sbin:/sbin; fsfreeze --freeze " + path_.string()});
    is_frozen_ = true;
}

void SmallDisk::thaw() {
    run_to_end("/bin/sh", {"-ec", "PATH=$PATH:/usr/sbin:/sbin; fsfreeze --unfreeze " + path_.string()});
    is_frozen_ = false;
}

void SmallDisk::repair() {
    // e2fsck answers 1 where it mended something.
    run_to_end("/bin/sh", {"-ec", "PATH=$PATH:/usr/sbin:/sbin; umount " + path_.string() + "; e2fsck -y " + image_.string() +
                                      " >&2 || test $? = 1; mount -o loop " + image_.string() + " " + path_.string()});
}

} // namespace gatehouse::harness
