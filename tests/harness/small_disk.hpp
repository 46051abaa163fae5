// SPDX-License-Identifier: Apache-2.0
//
// A file system of its own for a story: small, real, to be filled up or to fail. ext4 on a loop device where this machine has them, else
// tmpfs. It is mounted in a mount namespace of this process, so that it goes with the process, whatever becomes of the test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace gatehouse::harness {

class SmallDisk {
public:
    /// Mounted at `folder`/disk. Main thread, before other threads run: the process moves to a mount namespace. Throws NoDisk.
    SmallDisk(const std::filesystem::path& folder, std::uint64_t bytes);
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    const std::filesystem::path& path() const { return path_; }
    const std::string& kind() const { return kind_; } // ext4 or tmpfs
    std::uint64_t free_bytes() const;

    /// Somebody else's file takes what is free, down to `free_bytes` (0: to the last block).
    void fill_down_to(std::uint64_t free_bytes);
    void make_room();
    /// ext4 only: as the kernel does on an error with errors=remount-ro: nothing is written from now on, whoever has it open. (An ordinary
    /// remount is refused while somebody writes.)
    void abort();
    /// ext4 only: from now on whoever writes hangs, as over a dead drive or controller, and cannot even be killed. Thaw before it goes.
    void freeze();
    void thaw();
    /// What a technician does then: unmounted, checked, mounted. Nobody has a file open on it.
    void repair();

private:
    std::filesystem::path path_, filler_, image_;
    std::string kind_;
    bool is_frozen_ = false;
};

/// This machine grants no mounts.
struct NoDisk {
    std::string why;
};

} // namespace gatehouse::harness
