// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/memory_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace gatehouse::fakes {

namespace {
constexpr std::size_t sector_bytes = 512;
std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::uint64_t next_random(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/// A size that a file has on its way from one to the other, in whole sectors.
std::size_t between(std::size_t one, std::size_t other, std::uint64_t drawn) {
    const auto [low, high] = std::minmax(one, other);
    return std::min(high, low + drawn % ((high - low) / sector_bytes + 1) * sector_bytes);
}
} // namespace

struct Handle {
    sqlite3_file base;
    MemoryDisk* disk;
    std::shared_ptr<MemoryDisk::File>* file;
    std::string* path;
    int lock;
    bool wants_folder_sync;
    bool has_shm;
    std::array<bool, 8> shm_shared;
    std::array<bool, 8> shm_exclusive;
};

struct MemoryDiskVfs {
    using Guard = std::lock_guard<std::recursive_mutex>;
    static Handle& of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
    static MemoryDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<MemoryDisk*>(vfs->pAppData); }

    static int close(sqlite3_file* f) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        unlock(f, SQLITE_LOCK_NONE);
        delete handle.file;
        delete handle.path;
        return SQLITE_OK;
    }

    static int read(sqlite3_file* f, void* to, int count, sqlite3_int64 at) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        const auto& bytes = (*handle.file)->bytes;
        const auto from = static_cast<std::size_t>(at);
        const auto wanted = static_cast<std::size_t>(count);
        if (handle.disk->is_silent && handle.disk->is_silent(*handle.path, from, wanted)) return SQLITE_IOERR_READ;
        const auto there = from >= bytes.size() ? 0 : std::min(wanted, bytes.size() - from);
        if (there > 0) std::memcpy(to, bytes.data() + from, there);
        if (there == wanted) return SQLITE_OK;
        std::memset(static_cast<char*>(to) + there, 0, wanted - there);
        return SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file* f, const void* from, int count, sqlite3_int64 at) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        if (handle.disk->fails("write", *handle.path)) return SQLITE_IOERR_WRITE;
        auto& file = **handle.file;
        const auto end = static_cast<std::size_t>(at) + static_cast<std::size_t>(count);
        if (handle.disk->bytes_max && end > file.bytes.size() && handle.disk->total_bytes() + end - file.bytes.size() > *handle.disk->bytes_max)
            return SQLITE_FULL;
        MemoryDisk::note_before_write(file, static_cast<std::size_t>(at), static_cast<std::size_t>(count));
        if (end > file.bytes.size()) file.bytes.resize(end);
        std::memcpy(file.bytes.data() + at, from, static_cast<std::size_t>(count));
        return SQLITE_OK;
    }

    static int truncate(sqlite3_file* f, sqlite3_int64 size) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        if (handle.disk->fails("truncate", *handle.path)) return SQLITE_IOERR_TRUNCATE;
        auto& file = **handle.file;
        const auto to = static_cast<std::size_t>(size);
        if (to < file.bytes.size()) MemoryDisk::note_truncation(file, to);
        file.bytes.resize(to);
        return SQLITE_OK;
    }

    static int sync(sqlite3_file* f, int) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        if (handle.disk->fails("sync", *handle.path)) return SQLITE_IOERR_FSYNC;
        if (!handle.disk->loses("sync", *handle.path)) MemoryDisk::mark_synced(**handle.file);
        // As SQLite's own VFS: the first sync of a new journal or WAL syncs its folder too, and a failure of that is swallowed.
        if (std::exchange(handle.wants_folder_sync, false)) {
            const auto folder = folder_of(*handle.path);
            if (!handle.disk->fails("folder", folder) && !handle.disk->loses("folder", folder)) handle.disk->mark_folder_synced(folder);
        }
        return SQLITE_OK;
    }

    static int file_size(sqlite3_file* f, sqlite3_int64* size) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        *size = static_cast<sqlite3_int64>((*handle.file)->bytes.size());
        return SQLITE_OK;
    }

    static int lock(sqlite3_file* f, int wanted) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        auto& file = **handle.file;
        if (wanted <= handle.lock) return SQLITE_OK;
        if (wanted == SQLITE_LOCK_SHARED) {
            if (file.pending || file.exclusive) return SQLITE_BUSY;
            ++file.shared;
        } else if (wanted == SQLITE_LOCK_RESERVED) {
            if (file.reserved) return SQLITE_BUSY;
            file.reserved = true;
        } else {
            if (handle.lock < SQLITE_LOCK_PENDING) {
                if (file.pending || (file.reserved && handle.lock < SQLITE_LOCK_RESERVED)) return SQLITE_BUSY;
                file.pending = true;
                handle.lock = SQLITE_LOCK_PENDING;
            }
            if (file.shared > 1) return SQLITE_BUSY;
            file.exclusive = true;
        }
        handle.lock = wanted;
        return SQLITE_OK;
    }

    static int unlock(sqlite3_file* f, int wanted) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        auto& file = **handle.file;
        if (handle.lock <= wanted) return SQLITE_OK;
        if (handle.lock >= SQLITE_LOCK_RESERVED && wanted < SQLITE_LOCK_RESERVED) {
            file.reserved = false;
            if (handle.lock >= SQLITE_LOCK_PENDING) file.pending = false;
            if (handle.lock >= SQLITE_LOCK_EXCLUSIVE) file.exclusive = false;
        }
        if (wanted == SQLITE_LOCK_NONE && handle.lock >= SQLITE_LOCK_SHARED) --file.shared;
        handle.lock = wanted;
        return SQLITE_OK;
    }

    static int check_reserved(sqlite3_file* f, int* out) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        *out = (*handle.file)->reserved ? 1 : 0;
        return SQLITE_OK;
    }

    static int control(sqlite3_file*, int operation, void* argument) {
        if (operation == SQLITE_FCNTL_PERSIST_WAL) return SQLITE_OK; // files stay here anyway, see remove()
        (void)argument;
        return SQLITE_NOTFOUND;
    }

    static int sector_size(sqlite3_file*) { return static_cast<int>(sector_bytes); }
    static int characteristics(sqlite3_file* f) { return of(f).disk->is_powersafe ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0; }

    static int shm_map(sqlite3_file* f, int region, int size, int extend, void volatile** out) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        auto& file = **handle.file;
        *out = nullptr;
        if (size > 32768) return SQLITE_IOERR_SHMMAP;
        if (!handle.has_shm) {
            handle.has_shm = true;
            // The first one to come finds it empty, as after a crash: the WAL's index is no state.
            if (file.shm_users++ == 0) file.regions.clear();
        }
        if (static_cast<std::size_t>(region) >= file.regions.size() && extend == 0) return SQLITE_OK;
        while (file.regions.size() <= static_cast<std::size_t>(region)) {
            file.regions.push_back(std::make_unique<std::array<std::uint8_t, 32768>>());
            file.regions.back()->fill(0);
        }
        *out = file.regions[static_cast<std::size_t>(region)]->data();
        return SQLITE_OK;
    }

    static int shm_lock(sqlite3_file* f, int offset, int count, int flags) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        auto& file = **handle.file;
        for (int i = offset; i < offset + count; ++i) {
            const auto n = static_cast<std::size_t>(i);
            if ((flags & SQLITE_SHM_UNLOCK) != 0) continue;
            if ((flags & SQLITE_SHM_SHARED) != 0 && file.shm_exclusive[n] && !handle.shm_exclusive[n]) return SQLITE_BUSY;
            if ((flags & SQLITE_SHM_EXCLUSIVE) != 0 &&
                ((file.shm_exclusive[n] && !handle.shm_exclusive[n]) || file.shm_shared[n] > (handle.shm_shared[n] ? 1 : 0)))
                return SQLITE_BUSY;
        }
        for (int i = offset; i < offset + count; ++i) {
            const auto n = static_cast<std::size_t>(i);
            if ((flags & SQLITE_SHM_UNLOCK) != 0) {
                if (handle.shm_shared[n]) --file.shm_shared[n];
                if (handle.shm_exclusive[n]) file.shm_exclusive[n] = false;
                handle.shm_shared[n] = handle.shm_exclusive[n] = false;
            } else if ((flags & SQLITE_SHM_SHARED) != 0) {
                if (!handle.shm_shared[n]) ++file.shm_shared[n];
                handle.shm_shared[n] = true;
            } else {
                file.shm_exclusive[n] = handle.shm_exclusive[n] = true;
            }
        }
        return SQLITE_OK;
    }

    static void shm_barrier(sqlite3_file*) {}

    static int shm_unmap(sqlite3_file* f, int) {
        auto& handle = of(f);
        const Guard guard(handle.disk->mutex_);
        if (!handle.has_shm) return SQLITE_OK;
        shm_lock(f, 0, 8, SQLITE_SHM_UNLOCK);
        handle.has_shm = false;
        --(*handle.file)->shm_users;
        return SQLITE_OK;
    }

    static const sqlite3_io_methods& methods() {
        static const sqlite3_io_methods table{.iVersion = 2,
                                              .xClose = close,
                                              .xRead = read,
                                              .xWrite = write,
                                              .xTruncate = truncate,
                                              .xSync = sync,
                                              .xFileSize = file_size,
                                              .xLock = lock,
                                              .xUnlock = unlock,
                                              .xCheckReservedLock = check_reserved,
                                              .xFileControl = control,
                                              .xSectorSize = sector_size,
                                              .xDeviceCharacteristics = characteristics,
                                              .xShmMap = shm_map,
                                              .xShmLock = shm_lock,
                                              .xShmBarrier = shm_barrier,
                                              .xShmUnmap = shm_unmap,
                                              .xFetch = nullptr,
                                              .xUnfetch = nullptr};
        return table;
    }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags, int* out_flags) {
        auto& disk = disk_of(vfs);
        const Guard guard(disk.mutex_);
        f->pMethods = nullptr;
        const std::string path = name == nullptr ? "/temporary" : name;
        bool is_new_journal = false;
        auto found = disk.entries_.find(path);
        if (found == disk.entries_.end() || name == nullptr) {
            if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
            if (disk.fails("create", path)) return SQLITE_CANTOPEN;
            is_new_journal = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
            found = disk.entries_.insert_or_assign(path, std::make_shared<MemoryDisk::File>()).first;
        }
        auto& handle = *new (f) Handle{};
        handle.disk = &disk;
        handle.file = new std::shared_ptr<MemoryDisk::File>(found->second);
        handle.path = new std::string(path);
        handle.wants_folder_sync = is_new_journal;
        f->pMethods = &methods();
        if (out_flags != nullptr) *out_flags = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs* vfs, const char* name, int) {
        auto& disk = disk_of(vfs);
        const Guard guard(disk.mutex_);
        // The WAL outlives its last connection, as SQLITE_FCNTL_PERSIST_WAL asks.
        if (std::string_view(name).ends_with("-wal")) return SQLITE_OK;
        if (disk.fails("remove", name)) return SQLITE_IOERR_DELETE;
        const auto found = disk.entries_.find(name);
        if (found == disk.entries_.end()) return SQLITE_IOERR_DELETE_NOENT;
        if (found->second->entry_synced) disk.removed_[name] = found->second;
        disk.entries_.erase(found);
        return SQLITE_OK;
    }

    static int access(sqlite3_vfs* vfs, const char* name, int, int* out) {
        auto& disk = disk_of(vfs);
        const Guard guard(disk.mutex_);
        *out = disk.entries_.contains(name) ? 1 : 0;
        return SQLITE_OK;
    }

    static int full_name(sqlite3_vfs*, const char* name, int room, char* out) {
        sqlite3_snprintf(room, out, "%s", name);
        return SQLITE_OK;
    }
    static int randomness(sqlite3_vfs* vfs, int count, char* out) {
        for (int i = 0; i < count; ++i) out[i] = static_cast<char>(next_random(disk_of(vfs).chance_));
        return count;
    }
    static int sleep(sqlite3_vfs*, int us) { return us; }
    static int time_now(sqlite3_vfs*, double* out) {
        *out = 2461000.5;
        return SQLITE_OK;
    }
    static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

/// The same disk for what is not SQLite's.
class MemoryFiles final : public store::Files {
public:
    explicit MemoryFiles(MemoryDisk& disk) : disk_(disk) {}
    using Guard = std::lock_guard<std::recursive_mutex>;

    Result<Bytes> read(const std::string& path, std::size_t bytes_max) override {
        const Guard guard(disk_.mutex_);
        const auto found = disk_.entries_.find(path);
        if (found == disk_.entries_.end()) return Error(Fault::gone, "no file " + path);
        if (found->second->bytes.size() > bytes_max) return Error(Fault::full, path + " is too long");
        return found->second->bytes;
    }
    Result<Bytes> read_at(const std::string& path, std::uint64_t offset, std::size_t bytes) override {
        const Guard guard(disk_.mutex_);
        const auto found = disk_.entries_.find(path);
        if (found == disk_.entries_.end()) return Error(Fault::gone, "no file " + path);
        const auto& all = found->second->bytes;
        const auto from = all.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(offset, all.size()));
        return Bytes(from, from + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(bytes, static_cast<std::uint64_t>(all.end() - from))));
    }
    Result<Digest> hash(const std::string& path) override {
        auto bytes = read(path, SIZE_MAX);
        if (!bytes) return std::move(bytes).error();
        return sha256(*bytes);
    }
    Done copy(const std::string& from, const std::string& to) override {
        if (exists(to)) return Error(Fault::refused, to + " exists");
        auto bytes = read(from, SIZE_MAX);
        if (!bytes) return std::move(bytes).error();
        return write(to, *bytes);
    }
    Done write(const std::string& path, ByteView bytes) override {
        const Guard guard(disk_.mutex_);
        if (disk_.fails("write", path) || disk_.fails("sync", path)) return Error(Fault::unreachable, "writing " + path);
        if (disk_.bytes_max && disk_.total_bytes() + bytes.size() > *disk_.bytes_max) return Error(Fault::full, "writing " + path);
        auto file = std::make_shared<MemoryDisk::File>();
        file->bytes.assign(bytes.begin(), bytes.end());
        MemoryDisk::mark_synced(*file);
        disk_.entries_[path] = std::move(file);
        return sync_folder(folder_of(path));
    }
    Done append(const std::string& path, ByteView bytes) override {
        const Guard guard(disk_.mutex_);
        if (disk_.fails("write", path) || disk_.fails("sync", path)) return Error(Fault::unreachable, "appending to " + path);
        auto& file = disk_.entries_[path];
        if (!file) file = std::make_shared<MemoryDisk::File>();
        file->bytes.insert(file->bytes.end(), bytes.begin(), bytes.end());
        MemoryDisk::mark_synced(*file);
        return sync_folder(folder_of(path));
    }
    Done cut(const std::string& path, std::uint64_t bytes) override {
        const Guard guard(disk_.mutex_);
        if (disk_.fails("truncate", path) || disk_.fails("sync", path)) return Error(Fault::damaged, "cutting " + path);
        const auto found = disk_.entries_.find(path);
        if (found == disk_.entries_.end()) return Error(Fault::gone, "no file " + path);
        found->second->bytes.resize(static_cast<std::size_t>(bytes));
        MemoryDisk::mark_synced(*found->second);
        return {};
    }
    Done destroy(const std::string& path) override {
        const Guard guard(disk_.mutex_);
        if (disk_.fails("remove", path)) return Error(Fault::unreachable, "removing " + path);
        disk_.entries_.erase(path);
        return sync_folder(folder_of(path));
    }
    Done remove(const std::string& path) override {
        const Guard guard(disk_.mutex_);
        const auto found = disk_.entries_.find(path);
        if (found == disk_.entries_.end()) return {};
        if (disk_.fails("remove", path)) return Error(Fault::damaged, "removing " + path);
        if (found->second->entry_synced) disk_.removed_[path] = found->second; // comes back after a power cut
        disk_.entries_.erase(found);
        return {};
    }
    Done rename(const std::string& from, const std::string& to) override {
        const Guard guard(disk_.mutex_);
        const auto found = disk_.entries_.find(from);
        if (found == disk_.entries_.end()) return Error(Fault::gone, "no file " + from);
        disk_.entries_[to] = found->second;
        disk_.entries_.erase(from);
        return sync_folder(folder_of(to));
    }
    Done make_folder(const std::string&) override { return {}; }
    Done remove_empty_folder(const std::string&) override { return {}; }
    Done sync_folder(const std::string& path) override {
        const Guard guard(disk_.mutex_);
        if (disk_.fails("folder", path)) return Error(Fault::unreachable, "syncing " + path);
        if (disk_.loses("folder", path)) return {};
        disk_.mark_folder_synced(path);
        return {};
    }
    Result<std::vector<std::string>> list(const std::string& path) override {
        const Guard guard(disk_.mutex_);
        std::vector<std::string> names;
        const auto start = path + "/";
        for (const auto& [name, file] : disk_.entries_) {
            if (!name.starts_with(start)) continue;
            auto rest = name.substr(start.size());
            rest = rest.substr(0, rest.find('/'));
            if (names.empty() || names.back() != rest) names.push_back(rest);
        }
        return names;
    }
    bool exists(const std::string& path) override {
        const Guard guard(disk_.mutex_);
        return disk_.entries_.contains(path);
    }
    std::uint64_t size(const std::string& path) override {
        const Guard guard(disk_.mutex_);
        const auto found = disk_.entries_.find(path);
        return found == disk_.entries_.end() ? 0 : found->second->bytes.size();
    }
    std::uint64_t free_bytes(const std::string&) override {
        const Guard guard(disk_.mutex_);
        constexpr std::uint64_t roomy = 1ull << 40;
        const auto used = disk_.total_bytes();
        if (!disk_.bytes_max) return roomy;
        return *disk_.bytes_max > used ? *disk_.bytes_max - used : 0;
    }
    Result<std::unique_ptr<store::FileLock>> lock(const std::string& path) override {
        const Guard guard(disk_.mutex_);
        if (std::exchange(disk_.locked_[path], true)) return Error(Fault::busy, path + ": another process holds this log");
        struct Held final : store::FileLock {
            Held(MemoryDisk& d, MemoryFiles& f, std::string p) : disk(d), files(f), path(std::move(p)) {}
            ~Held() override { files.release(path); }
            MemoryDisk& disk;
            MemoryFiles& files;
            std::string path;
        };
        return std::unique_ptr<store::FileLock>(std::make_unique<Held>(disk_, *this, path));
    }
    void release(const std::string& path) {
        const Guard guard(disk_.mutex_);
        disk_.locked_[path] = false;
    }

private:
    MemoryDisk& disk_;
};

MemoryDisk::MemoryDisk(std::string name)
    : name_(std::move(name)), vfs_(std::make_unique<sqlite3_vfs>()), files_(std::make_unique<MemoryFiles>(*this)) {
    auto& vfs = *vfs_;
    vfs = {};
    vfs.iVersion = 1;
    vfs.szOsFile = static_cast<int>(sizeof(Handle));
    vfs.mxPathname = 512;
    vfs.zName = name_.c_str();
    vfs.pAppData = this;
    vfs.xOpen = MemoryDiskVfs::open;
    vfs.xDelete = MemoryDiskVfs::remove;
    vfs.xAccess = MemoryDiskVfs::access;
    vfs.xFullPathname = MemoryDiskVfs::full_name;
    vfs.xRandomness = MemoryDiskVfs::randomness;
    vfs.xSleep = MemoryDiskVfs::sleep;
    vfs.xCurrentTime = MemoryDiskVfs::time_now;
    vfs.xGetLastError = MemoryDiskVfs::last_error;
    sqlite3_vfs_register(vfs_.get(), 0);
}

MemoryDisk::~MemoryDisk() { sqlite3_vfs_unregister(vfs_.get()); }

bool MemoryDisk::fails(const std::string& kind, const std::string& path) {
    ++operations_;
    return on_operation && on_operation(operations_, kind, path);
}

std::uint64_t MemoryDisk::used_bytes() const {
    const std::lock_guard guard(mutex_);
    return total_bytes();
}

std::uint64_t MemoryDisk::total_bytes() const {
    std::uint64_t total = 0;
    for (const auto& [name, file] : entries_) total += file->bytes.size();
    return total;
}

void MemoryDisk::note_before_write(File& file, std::size_t at, std::size_t count) {
    for (auto sector = at / sector_bytes; sector * sector_bytes < at + count; ++sector) {
        if (file.unsynced.contains(sector)) continue;
        const auto from = sector * sector_bytes;
        const auto there = from >= file.bytes.size() ? 0 : std::min(sector_bytes, file.bytes.size() - from);
        const auto start = file.bytes.begin() + static_cast<std::ptrdiff_t>(std::min(from, file.bytes.size()));
        file.unsynced.emplace(sector, Bytes(start, start + static_cast<std::ptrdiff_t>(there)));
    }
}

void MemoryDisk::mark_folder_synced(const std::string& path) {
    for (auto& [name, file] : entries_)
        if (folder_of(name) == path) file->entry_synced = true;
    std::erase_if(removed_, [&](const auto& entry) { return folder_of(entry.first) == path; });
}

void MemoryDisk::note_truncation(File& file, std::size_t to) {
    if (!file.untruncated) {
        file.untruncated = file.bytes;
        file.untruncated->resize(file.synced_size);
        for (const auto& [sector, before] : file.unsynced)
            for (std::size_t i = 0, at = sector * sector_bytes; i < before.size() && at + i < file.synced_size; ++i)
                (*file.untruncated)[at + i] = before[i];
    }
    file.unsynced.erase(file.unsynced.lower_bound((to + sector_bytes - 1) / sector_bytes), file.unsynced.end());
    file.synced_size = std::min(file.synced_size, to);
}

void MemoryDisk::mark_synced(File& file) {
    file.untruncated.reset();
    file.unsynced.clear();
    file.synced_size = file.bytes.size();
}

std::map<std::string, Bytes> MemoryDisk::after_power_cut(Keep keep, std::uint64_t seed) const {
    const std::lock_guard guard(mutex_);
    std::uint64_t state = seed;
    std::map<std::string, Bytes> survived;
    const auto keeps = [&] { return keep == Keep::all || (keep >= Keep::some && next_random(state) % 2 == 0); };
    const auto tears = [&] { return keep == Keep::torn && next_random(state) % 4 == 0; };
    for (const auto& [name, file] : entries_) {
        if (!file->entry_synced && !keeps()) continue;
        if (file->untruncated && !keeps()) {
            survived.emplace(name, *file->untruncated);
            continue;
        }
        Bytes bytes = file->bytes;
        // Growth that was not synced may or may not have happened.
        if (bytes.size() != file->synced_size && tears())
            bytes.resize(between(bytes.size(), file->synced_size, next_random(state)));
        else if (bytes.size() != file->synced_size && !keeps())
            bytes.resize(file->synced_size);
        for (const auto& [sector, before] : file->unsynced) {
            std::size_t old_from = 0, old_to = sector_bytes;
            if (tears()) {
                auto& end = next_random(state) % 2 == 0 ? old_from : old_to;
                end = next_random(state) % sector_bytes;
            } else if (keeps()) {
                continue;
            }
            const auto from = sector * sector_bytes;
            for (std::size_t i = old_from; i < old_to && from + i < bytes.size(); ++i) bytes[from + i] = i < before.size() ? before[i] : 0;
        }
        survived.emplace(name, std::move(bytes));
    }
    for (const auto& [name, file] : removed_)
        if (!survived.contains(name) && keeps()) survived.emplace(name, file->bytes);
    return survived;
}

void MemoryDisk::load(const std::map<std::string, Bytes>& files) {
    const std::lock_guard guard(mutex_);
    entries_.clear();
    removed_.clear();
    locked_.clear();
    for (const auto& [name, bytes] : files) {
        auto file = std::make_shared<File>();
        file->bytes = bytes;
        file->entry_synced = true;
        mark_synced(*file);
        entries_.emplace(name, std::move(file));
    }
}

std::map<std::string, Bytes> MemoryDisk::now() const {
    const std::lock_guard guard(mutex_);
    std::map<std::string, Bytes> all;
    for (const auto& [name, file] : entries_) all.emplace(name, file->bytes);
    return all;
}

void MemoryDisk::damage(const std::string& path, std::size_t at, std::uint8_t bits) {
    const std::lock_guard guard(mutex_);
    auto& bytes = entries_.at(path)->bytes;
    bytes.at(at) = static_cast<std::uint8_t>(bytes.at(at) ^ bits);
}

bool MemoryDisk::holds(std::string_view text) const {
    const std::lock_guard guard(mutex_);
    return std::any_of(entries_.begin(), entries_.end(),
                       [&](const auto& entry) { return as_text(entry.second->bytes).find(text) != std::string_view::npos; });
}

} // namespace gatehouse::fakes
