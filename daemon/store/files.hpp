// SPDX-License-Identifier: Apache-2.0
//
// The files that are not SQLite's: keys, pictures, the lock, the erasure list. An interface, so that a simulation keeps them in memory
// and can cut the power between two writes. Blocking; called from the pool, from the writer, or before the loop runs.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/sha256.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::store {

class FileLock {
public:
    virtual ~FileLock() = default;
};

class Files {
public:
    virtual ~Files() = default;

    /// Fault::gone when it does not exist; Fault::full beyond bytes_max.
    virtual Result<Bytes> read(const std::string& path, std::size_t bytes_max) = 0;
    /// At most `bytes` bytes from `offset` on: fewer only where the file ends.
    virtual Result<Bytes> read_at(const std::string& path, std::uint64_t offset, std::size_t bytes) = 0;
    /// SHA-256 of the whole file, read in pieces.
    virtual Result<Digest> hash(const std::string& path) = 0;
    /// Piece by piece, fsynced with its folder entry; `to` must not exist.
    virtual Done copy(const std::string& from, const std::string& to) = 0;
    /// Whole or not at all, and durable when it returns: beside it, fsync, rename, fsync of the folder. Mode 0600.
    virtual Done write(const std::string& path, ByteView bytes) = 0;
    /// At the end, fsynced. Made with mode 0600 when missing.
    virtual Done append(const std::string& path, ByteView bytes) = 0;
    /// The file ends there from now on, on disk when it returns.
    virtual Done cut(const std::string& path, std::uint64_t bytes) = 0;
    /// Its bytes are overwritten with zeros and fsynced first. Missing: fine.
    virtual Done destroy(const std::string& path) = 0;
    /// Without overwriting; not synced. Missing: fine.
    virtual Done remove(const std::string& path) = 0;
    virtual Done rename(const std::string& from, const std::string& to) = 0;
    /// With its parents, mode 0700, their entries fsynced. There already: fine.
    virtual Done make_folder(const std::string& path) = 0;
    virtual Done remove_empty_folder(const std::string& path) = 0;
    /// The entries of a folder are on disk when it returns.
    virtual Done sync_folder(const std::string& path) = 0;
    /// Names, sorted; a missing folder is an empty one.
    virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
    virtual bool exists(const std::string& path) = 0;
    virtual std::uint64_t size(const std::string& path) = 0;
    virtual std::uint64_t free_bytes(const std::string& path) = 0;
    /// Held until the value goes, or the process. Fault::busy: another process holds it.
    virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

/// The machine's. Stateless; thread-safe.
class SystemFiles final : public Files {
public:
    Result<Bytes> read(const std::string& path, std::size_t bytes_max) override;
    Result<Bytes> read_at(const std::string& path, std::uint64_t offset, std::size_t bytes) override;
    Result<Digest> hash(const std::string& path) override;
    Done copy(const std::string& from, const std::string& to) override;
    Done write(const std::string& path, ByteView bytes) override;
    Done append(const std::string& path, ByteView bytes) override;
    Done cut(const std::string& path, std::uint64_t bytes) override;
    Done destroy(const std::string& path) override;
    Done remove(const std::string& path) override;
    Done rename(const std::string& from, const std::string& to) override;
    Done make_folder(const std::string& path) override;
    Done remove_empty_folder(const std::string& path) override;
    Done sync_folder(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& path) override;
    bool exists(const std::string& path) override;
    std::uint64_t size(const std::string& path) override;
    std::uint64_t free_bytes(const std::string& path) override;
    Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
};

/// Which machine and which file system this is, as far as it can be said; empty: unknown. A cloned disk or a moved one differs (S2).
struct MachineIdentity {
    std::string machine_id;
    std::string file_system;
};
MachineIdentity machine_identity(const std::string& folder);

} // namespace gatehouse::store
