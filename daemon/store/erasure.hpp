// SPDX-License-Identifier: Apache-2.0
//
// Erasing a subject (S13): the list of what was ordered, which lives beside the database so that a restored one can be told again, and
// the two steps on the log: find, empty.
#pragma once

#include "daemon/store/files.hpp"
#include "daemon/store/log_writer.hpp"

#include <mutex>

namespace gatehouse::store {

constexpr std::size_t order_bytes_max = 256;

/// One order. It names its subject by a keyed hash alone. Records of its own epoch and earlier ones up to `through` are meant: what the
/// subject does later is a new matter, also after a restore.
struct Erasure {
    std::uint64_t number = 0;
    std::uint64_t subject_key = 0;
    std::string epoch;
    std::uint64_t through = 0;
    std::string order;
    Time at{};
};

/// `erasures` in the log's folder: lines of JSON, each appended and fsynced. Blocking; thread-safe.
class ErasureList {
public:
    ErasureList(std::string path, Files& files) : path_(std::move(path)), files_(files) {}
    /// Durable before the first row is emptied, so that a cut in between is made good at the next start.
    Result<Erasure> add(Erasure erasure);
    Done mark_done(std::uint64_t number);
    /// After a restore: all of them again.
    Done mark_restored(std::string_view epoch);
    Result<std::vector<Erasure>> pending();

private:
    Result<std::vector<std::pair<Erasure, bool>>> read();
    std::string path_;
    Files& files_;
    std::mutex mutex_;
};

struct ErasureMatch {
    std::uint64_t position = 0;
    std::string subject;
    std::vector<PictureRef> pictures;
};

/// Records of the erasure's subject among the next positions after `after`; moves `after` on; it is `through` when all is read.
Result<std::vector<ErasureMatch>> find_matches(Connection& connection, Damage& damage, const Erasure& erasure, const HashKeys& hashes,
                                               std::uint64_t& after);

/// At most this many in one commit, so that the positions fit into subject.erased.
constexpr std::size_t emptied_records_max = 1000;

/// Within begin() and commit(): empties them and appends subject.erased; answers its position.
Result<std::uint64_t> empty_records(LogWriter& log, const Erasure& erasure, const std::vector<ErasureMatch>& matches, const HashKeys& hashes,
                                    Time now, Entropy& entropy);

} // namespace gatehouse::store
