// SPDX-License-Identifier: Apache-2.0
//
// A gateway's log as it lies on the disk, read beside the daemon or after it: read-only, by SQLite itself, without a line of the store. The
// format is that of daemon/store/README.md (S1 to S12) and schema.sql. Values; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::oracle {

using Hash = std::array<std::uint8_t, 32>;

struct LogRecord {
    std::uint64_t position = 0;
    std::string epoch, id, kind; ///< epoch and id as text
    std::optional<std::int64_t> happened_at;
    std::int64_t heard_at = 0;
    std::int64_t clock = 0; ///< 0 synced, 1 unsynced, 2 skewed
    std::int64_t clock_offset = 0;
    std::string compound, source, place;
    std::optional<std::uint64_t> device_key;
    std::uint64_t generation = 0;
    std::optional<std::uint64_t> sameness, conflicts_with;
    std::string facts, subject, details, pictures;
    std::optional<std::string> salt; ///< none: erased
    Hash personal{}, commitment{};
};

struct Seal {
    std::uint64_t first = 0, last = 0;
    Hash seal{};
};

struct SignedDigest {
    std::uint64_t first = 0, last = 0;
    std::string epoch, at;
    Hash seal{}, previous{}, key{};
    std::array<std::uint8_t, 64> signature{};
};

struct Cursor {
    std::uint64_t settled = 0, member = 0;
};

struct Log {
    std::vector<LogRecord> records; ///< by position
    std::map<std::uint64_t, Hash> removed;
    std::vector<Seal> seals;
    std::vector<SignedDigest> digests;
    std::map<std::string, Cursor> cursors;
    std::set<std::pair<std::string, std::uint64_t>> dead_letters; ///< reader and position
};

/// One snapshot of the whole database. Throws std::runtime_error where it can't be read, or a row has no sense.
Log read_log(const std::filesystem::path& database);

/// urgent or routine, as the list of kinds says; pictures have a lane of their own.
std::string lane_of(const std::string& kind);

} // namespace gatehouse::oracle
