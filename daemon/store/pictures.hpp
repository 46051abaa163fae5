// SPDX-License-Identifier: Apache-2.0
//
// Pictures as files: one folder a day, named by their SHA-256, each encrypted with a key of its own. That key stands in the file's head,
// wrapped by the day's key; the day's key stands in the folder, wrapped by the site's. Destroying one of them makes what it wraps
// unreadable for good. Blocking, thread-safe; called from the pool. A restored log brings no destroyed key back: none is in it.
#pragma once

#include "daemon/base/crypto.hpp"
#include "daemon/base/sha256.hpp"
#include "daemon/store/files.hpp"
#include "daemon/store/store.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

namespace gatehouse::store {

class Pictures {
public:
    Pictures(std::string folder, const Key& site_key, Files& files, Entropy& entropy)
        : folder_(std::move(folder)), site_key_(site_key), files_(files), entropy_(entropy) {}
    ~Pictures();
    Pictures(const Pictures&) = delete;
    Pictures& operator=(const Pictures&) = delete;

    /// Hashed, encrypted, written, fsynced, its folder entry too. The same picture twice a day is one file.
    Result<PictureRef> put(Time now, PictureRole role, ByteView picture);
    /// Fault::gone: erased, expired or never there. Fault::damaged: the bytes are not those of this hash.
    Result<Bytes> read(const Digest& sha256);
    /// Destroys its key and its bytes, on every day it stands. Missing: fine.
    Done drop(const Digest& sha256);
    /// The same, of the days of these two times only: what a device sent again on another day stays.
    Done drop_of(const Digest& sha256, Time first, Time last);
    /// "2026-01-15". The day's key first: from then on none of its pictures can be read.
    Done drop_day(const std::string& day);
    Result<std::vector<std::string>> days();
    /// What a power cut left half written.
    Done sweep();

private:
    Result<Key> day_key(const std::string& day, bool make);
    std::string path_of(const std::string& day, const Digest& sha256) const { return folder_ + "/" + day + "/" + to_hex(sha256); }
    Done write(const std::string& path, const Digest& sha256, const Key& day, ByteView picture);

    std::string folder_;
    Key site_key_;
    Files& files_;
    Entropy& entropy_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Key> keys_;
    std::set<Digest> in_work_; ///< two threads never write the same file
};

} // namespace gatehouse::store
