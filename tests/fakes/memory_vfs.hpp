// SPDX-License-Identifier: Apache-2.0
//
// A disk in memory, as SQLite's VFS and as the store's Files: what was written but not synced can be lost, at any operation, and an
// operation can be made to fail. Directory entries are lost too until their folder is synced. One thread or several (one lock).
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/store/files.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace gatehouse::fakes {

class MemoryDisk {
public:
    /// Registered with SQLite under `name` while it lives.
    explicit MemoryDisk(std::string name = "memory");
    ~MemoryDisk();
    MemoryDisk(const MemoryDisk&) = delete;
    MemoryDisk& operator=(const MemoryDisk&) = delete;

    const std::string& name() const { return name_; }
    store::Files& files() { return *files_; }

    /// How much of what was not synced survives a cut: nothing, all of it, sector by sector as `seed` draws, or so that a sector may also be
    /// torn (the beginning of the one content, the rest of the other) and a file have grown halfway. A truncation happened or did not: file
    /// systems journal it.
    enum class Keep { nothing, all, some, torn };
    /// The disk as a machine finds it after the power came back.
    std::map<std::string, Bytes> after_power_cut(Keep keep, std::uint64_t seed = 0) const;
    /// Puts files there, synced, in place of everything. No connection may be open.
    void load(const std::map<std::string, Bytes>& files);

    /// Creations, writes, truncations, syncs, removals and folder syncs so far.
    std::uint64_t operations() const { return operations_; }
    /// Called before operation `number` (counted from 1) takes effect; `kind` is "create", "write", "truncate", "sync", "remove", "folder".
    /// Answers whether it fails (with EIO).
    std::function<bool(std::uint64_t number, const std::string& kind, const std::string& path)> on_operation;
    /// Answers whether a read of `count` bytes from `at` fails (with EIO).
    std::function<bool(const std::string& path, std::size_t at, std::size_t count)> is_silent;
    /// No byte more than this, in all files together: then the disk is full.
    std::optional<std::uint64_t> bytes_max;
    /// Syncs answer well and do nothing: a drive that lies.
    bool lies = false;
    /// The same, for a single "sync" or "folder" operation: true leaves it out. What a program that forgets it would do.
    std::function<bool(const std::string& kind, const std::string& path)> leaves_out;
    /// SQLite is told that a write damages no bytes beside it, as it believes of real disks; false: it pads to whole sectors.
    bool is_powersafe = false;
    /// Bytes of all files together.
    std::uint64_t used_bytes() const;

    /// What is on it now, synced or not.
    std::map<std::string, Bytes> now() const;
    /// Flips bits of one byte, synced too.
    void damage(const std::string& path, std::size_t at, std::uint8_t bits);
    /// True when `text` stands anywhere in any file.
    bool holds(std::string_view text) const;

    struct File {
        Bytes bytes;
        std::map<std::size_t, Bytes> unsynced; ///< sector -> what it held at the last sync
        std::size_t synced_size = 0;
        std::optional<Bytes> untruncated; ///< what is found when a truncation since the last sync did not happen, nor what came after it
        bool entry_synced = false;
        // SQLite's locks and shared memory, since all connections are in this process.
        int shared = 0;
        bool reserved = false, pending = false, exclusive = false;
        std::vector<std::unique_ptr<std::array<std::uint8_t, 32768>>> regions;
        std::array<int, 8> shm_shared{};
        std::array<bool, 8> shm_exclusive{};
        int shm_users = 0;
    };

private:
    friend struct MemoryDiskVfs;
    friend class MemoryFiles;
    bool fails(const std::string& kind, const std::string& path);
    bool loses(const std::string& kind, const std::string& path) const { return lies || (leaves_out && leaves_out(kind, path)); }
    std::uint64_t total_bytes() const;
    static void note_before_write(File& file, std::size_t at, std::size_t count);
    void mark_folder_synced(const std::string& path);
    static void note_truncation(File& file, std::size_t to);
    static void mark_synced(File& file);

    std::string name_;
    mutable std::recursive_mutex mutex_;
    std::map<std::string, std::shared_ptr<File>> entries_;
    std::map<std::string, std::shared_ptr<File>> removed_; ///< removals that no folder sync has made durable
    std::map<std::string, bool> locked_;
    std::uint64_t operations_ = 0;
    std::uint64_t chance_ = 1; ///< what SQLite draws from
    std::unique_ptr<sqlite3_vfs> vfs_;
    std::unique_ptr<store::Files> files_;
};

} // namespace gatehouse::fakes
