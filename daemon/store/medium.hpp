// SPDX-License-Identifier: Apache-2.0
//
// What the log lies on: file system, mount options, the drives beneath with what they say of their write caches, and how long they take
// to make a block durable. Then what can be said of it without pulling the plug (F03). Reading blocks for a moment; any thread.
#pragma once

#include "daemon/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::store {

/// A whole drive under a file system, found through partitions, LVM, RAID and encryption.
struct Drive {
    enum class Sort { disk, nvme, card, usb, controller, virtual_disk, loop, memory } sort = Sort::disk;
    std::string name;  ///< "sda"
    std::string model; ///< may be empty
    bool is_rotational = false;
    /// What the kernel believes: true: a volatile cache, so it sends flushes; false: none, so it sends none; none: not told.
    std::optional<bool> has_volatile_cache;
    friend bool operator==(const Drive&, const Drive&) = default;
};

struct Medium {
    std::string mount_point, file_system, source; ///< "/var", "ext4", "/dev/sda2"
    std::vector<std::string> options;             ///< of the mount and of the file system
    std::vector<Drive> drives;                    ///< none: it lies on no drive that this machine shows
    std::optional<bool> is_encrypted;             ///< by dm-crypt, above every drive; none: no drive
    bool has(std::string_view option) const;
};

/// Where the kernel tells. Other ones in tests.
struct KernelFiles {
    std::string mounts = "/proc/self/mountinfo"; ///< proc(5)
    std::string sys = "/sys";                    ///< dev/block, block, as in the kernel's sysfs-block
};

/// Fault::gone: no such folder; Fault::unsupported: the kernel tells nothing.
Result<Medium> medium_of(const std::string& folder, const KernelFiles& kernel = {});

constexpr std::size_t syncs_max = 256;
constexpr std::size_t syncs_min = 8;
constexpr Duration sync_time_max = std::chrono::seconds(2);
constexpr std::size_t sync_block_bytes = 4096;

struct SyncTimes {
    std::size_t count = 0;
    Duration fastest{}, median{}, slowest{};
};

/// Writes one block of a nameless file in `folder` over and over, each time with fdatasync: at most syncs_max times and for sync_time_max,
/// but at least syncs_min times. Nothing is left behind, whatever happens. Fault::full, damaged, refused: the folder takes nothing.
Result<SyncTimes> measure_syncs(const std::string& folder, const Clock& clock);

/// A revolution at 15,000 a minute is 4 ms; the same block cannot be written twice within one.
constexpr Duration revolution_min = std::chrono::milliseconds(3);
/// To program a page takes flash 200 µs in its fastest mode (one bit a cell). What answers sooner has written to memory.
constexpr Duration page_program_min = std::chrono::microseconds(150);

struct StorageVerdict {
    enum class Flush {
        plausible,    ///< takes as long as its medium needs
        declared,     ///< the drive says that it has no volatile cache, and is as fast as one with capacitors
        unproven,     ///< faster than its medium: capacitors, or a lie
        cannot_tell,  ///< somebody else's drive: a host, a controller, a file beneath
        not_sent,     ///< the file system or the kernel sends no flush
        lies,         ///< faster than it can be
        over_network, ///< no place for a log
        lost,         ///< memory: gone when the power is
    } flush = Flush::cannot_tell;
    std::string drive;  ///< of which that is said; empty: of the file system
    std::string zh, en; ///< why, and what to do
};
/// "plausible", "not_sent"
std::string_view name_of(StorageVerdict::Flush flush);
/// 0: nothing to do; 1: ask, or look it up; 2: do not keep the log there.
int severity_of(StorageVerdict::Flush flush);

/// A pure function. Of several drives the worst counts. Without times only what needs none is said.
StorageVerdict judge_storage(const Medium& medium, const std::optional<SyncTimes>& times);

bool is_memory(const Medium& medium);
bool is_network(const Medium& medium);
/// The mount option by which the file system sends no flushes, or none.
std::optional<std::string> flushless_option(const Medium& medium);

struct Rights {
    std::string path;
    unsigned mode = 0; ///< the nine bits and the sticky ones
    std::uint32_t owner = 0;
};
/// Fault::gone: not there.
Result<Rights> rights_of(const std::string& path);

} // namespace gatehouse::store
