// SPDX-License-Identifier: Apache-2.0
//
// The store as the loop sees it: a bounded queue before the writer, group commit, and read-only looks on the pool. Every member is
// called on the loop. Values cross to the executors inside jobs, which own what they touch.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/store/admin.hpp"
#include "daemon/store/files.hpp"
#include "daemon/store/library.hpp"

#include <functional>

namespace gatehouse::store {

constexpr std::size_t queue_records_max = 4096;
constexpr std::size_t queue_bytes_max = 8 * 1024 * 1024;
constexpr std::size_t group_jobs_max = 1024; ///< changes in one commit: bounds the time a single one waits
constexpr std::size_t read_records_max = 10'000;

/// How long a class of records is kept, in days of effective time.
struct Kept {
    int floor_days = 30;
    int ceiling_days = 90;
};
std::map<RetentionClass, Kept> default_retention();
std::map<PictureRole, Kept> default_picture_retention();

struct StoreOptions {
    std::string directory; ///< made when missing; one process at a time
    std::string compound;  ///< stands in every record
    std::string vfs;       ///< SQLite's disk; empty: the machine's
    MachineIdentity machine;
    std::string backups;       ///< folder of copies; when the log's head is damaged, it goes on from the newest good one. Empty: from none
    bool starts_afresh = true; ///< a log whose head is damaged is set aside; false: refused
    std::map<RetentionClass, Kept> kept = default_retention();
    /// Of pictures, counted from when they were heard. A picture goes with its record at the latest.
    std::map<PictureRole, Kept> pictures_kept = default_picture_retention();
    std::uint64_t reserve_bytes = 2ull * 1024 * 1024 * 1024; ///< of the disk; below it retention goes down to the floors
    Duration digest_every = std::chrono::hours(1);
    Duration retention_every = std::chrono::hours(1);
};

/// What the store runs on; all of it outlives the store.
struct StoreParts {
    Loop& loop;
    Clock& clock;
    Entropy& entropy;
    Files& files;
    Executor& writer;  ///< one thread
    Executor& indexer; ///< one thread
    Executor& pool;
};

class EventLog final : public Store, public StoreAdmin, public LibraryStore {
public:
    ~EventLog() override;

    Task<Result<Appended>> append(Record record, std::optional<SourceMark> mark) override;
    Task<Result<std::optional<SourceMark>>> last_mark(std::string source) override;
    void hand_over(Record record) override;

    Head head() const override;
    Task<Result<std::vector<StoredRecord>>> read_after(std::uint64_t after, std::size_t records_max, std::size_t bytes_max) override;
    Task<Result<std::optional<StoredRecord>>> read_at(std::uint64_t position) override;
    Task<void> until_beyond(std::uint64_t position) override;
    bool is_damaged_between(std::uint64_t after, std::uint64_t before) const override;
    Task<Result<std::optional<std::pair<std::uint64_t, std::uint64_t>>>> epoch_span(std::string epoch) override;

    Task<Result<std::optional<Cursor>>> cursor(std::string reader) override;
    Task<Done> move_cursor(std::string reader, Cursor to) override;
    Task<Done> retire_reader(std::string reader) override;
    Task<Result<std::map<std::string, Cursor>>> cursors() override;

    Task<Result<std::vector<EntitlementVersion>>> entitlements(std::string upstream) override;
    Task<Result<EntitlementVersion>> add_entitlement(std::string upstream, std::string rules) override;
    Task<Done> add_dead_letter(DeadLetter letter) override;
    Task<Result<std::vector<DeadLetter>>> dead_letters(std::string reader, std::size_t letters_max) override;
    Task<Result<std::string>> note(std::string key) override;
    Task<Done> set_note(std::string key, std::string value) override;

    Task<Result<RegistryRow>> put_registry_row(std::string row_class, std::string id, std::string body, Record record) override;
    Task<Done> close_registry_row(std::string row_class, std::string id, Record record) override;
    Task<Result<std::vector<RegistryRow>>> registry_rows(std::string row_class, std::optional<std::uint64_t> as_of) override;

    Task<Result<std::vector<LibraryRow>>> change_library(std::vector<LibraryChange> changes) override;
    Task<Result<std::vector<LibraryRow>>> library_rows(LibraryQuery query) override;
    Task<Result<std::vector<LibraryRow>>> library_versions(std::string row_class, std::string id) override;
    Task<Result<std::vector<LibraryRow>>> library_with_key(std::string row_class, std::uint64_t key) override;
    Task<Result<std::vector<LibraryRow>>> library_about(std::string person) override;
    Task<Result<std::vector<LibraryRow>>> library_of_import(std::string import) override;

    Task<Result<Bytes>> read_picture(Digest sha256) override;
    StoreStatus status() const override;
    /// The wall clock is ground enough for deleting: synchronised, and not set by a lot within a day.
    bool may_delete_by_time() const;
    Task<void> run() override;

    Task<Result<Erased>> erase_subject(std::string subject, std::string order) override;
    Task<Result<VerifyReport>> verify() override;
    Task<Result<BackupReport>> backup(std::string file) override;
    Task<Result<Head>> renew_epoch(std::string cause) override;
    Task<Result<HistoryPage>> history(HistoryQuery query) override;
    Task<Result<RetentionReport>> retention_report() override;

    /// One pass of retention now; run() does it each hour. Answers how many records went.
    Task<Result<std::uint64_t>> keep_retention();
    /// The same for pictures alone: what run() does every hour.
    Task<Result<std::uint64_t>> keep_picture_retention();
    /// The signed digest of now; run() does it each hour.
    Task<Done> write_digest();
    /// Until the history index has everything that is in the log now.
    Task<Done> index_all();

    struct Inside;

private:
    friend Result<std::unique_ptr<EventLog>> open_store(StoreOptions options, SiteKeys keys, StoreParts parts);
    explicit EventLog(std::shared_ptr<Inside> inside);
    std::shared_ptr<Inside> inside_;
};

/// Blocks; before the loop runs. A log whose head is damaged is set aside for a new one (fresh_start.hpp). Fault::busy: another process holds
/// it. Fault::unsupported: a newer version's. Fault::damaged, full, unreachable: the disk; nothing was acknowledged.
Result<std::unique_ptr<EventLog>> open_store(StoreOptions options, SiteKeys keys, StoreParts parts);

} // namespace gatehouse::store
