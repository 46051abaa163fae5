// SPDX-License-Identifier: Apache-2.0
//
// history.db: who, what, where and which event, as a reader of the log writes it down, never in the append path. It holds keyed hashes
// and positions, no text, is in no backup, and is rebuilt from the log whenever it is missing, damaged or of another log.
#pragma once

#include "daemon/store/admin.hpp"
#include "daemon/store/connections.hpp"
#include "daemon/store/files.hpp"
#include "daemon/store/log_writer.hpp"
#include "daemon/store/record_row.hpp"

#include <atomic>
#include <optional>

namespace gatehouse::store {

constexpr std::size_t index_batch_records_max = 20'000;

class HistoryIndex final : public OlderKeys {
public:
    /// Reads the log through `log`'s connections.
    HistoryIndex(std::string directory, std::string vfs, const HashKeys& hashes, Files& files, Connections& log, Damage& damage);

    /// Indexer's thread (or before the loop runs): opens or begins anew.
    Done open();
    /// Indexer's thread: writes down the next batch. True: it was a full one, there may be more. On an Error the next call begins with
    /// opening anew.
    Result<bool> catch_up();
    /// Indexer's thread: the subject's rows of these positions go.
    Done forget(std::uint64_t subject_hash, std::uint64_t look_hash, const std::vector<std::uint64_t>& positions);
    /// Indexer's thread: everything about these positions goes, as far as it can be told from what is left of the records; `below`: and
    /// the hours that ended before this position.
    Done forget_removed(const std::vector<StoredRecord>& records);

    std::uint64_t indexed() const override { return indexed_; }
    Result<std::vector<std::uint64_t>> positions_of(std::uint64_t event_hash) override;

    /// Pool thread.
    Result<HistoryPage> find(const HistoryQuery& query);

    std::uint64_t rebuilds() const { return rebuilds_; }

private:
    std::string path() const { return directory_ + "/history.db"; }
    Done open_file();
    Done begin_anew();
    Result<bool> fits_log();
    struct Row;
    Result<std::vector<Row>> read_batch();
    Done write_batch(const std::vector<Row>& rows);
    struct Search;
    Done search_log(Search& search, std::uint64_t above, std::uint64_t below);
    Done search_index(Search& search, std::uint64_t below);

    std::string directory_, vfs_;
    const HashKeys& hashes_;
    Files& files_;
    Connections& log_;
    Damage& damage_;
    Connections readers_;
    Connection connection_; ///< indexer's
    int failures_ = 0;      ///< indexer's
    std::atomic<std::uint64_t> indexed_{0};
    std::atomic<std::uint64_t> file_number_{0}; ///< another file stands there since
    std::atomic<std::uint64_t> rebuilds_{0};
    Connection for_writer_; ///< writer's
    std::uint64_t for_writer_file_ = 0;
};

} // namespace gatehouse::store
