// SPDX-License-Identifier: Apache-2.0
//
// SQLite, thin: a connection, a statement, and its errors as Faults. The only place that knows sqlite3.h. One connection is used by one
// thread at a time; its statements go before it. No SQL is ever built from values.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

struct sqlite3;
struct sqlite3_stmt;
struct sqlite3_backup;

namespace gatehouse::store {

/// A prepared statement. Texts and blobs bound must live until reset(): they are not copied.
class Statement {
public:
    Statement() = default;
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    ~Statement();
    Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Statement& operator=(Statement&& other) noexcept {
        std::swap(statement_, other.statement_);
        return *this;
    }

    /// Places count from 1.
    Statement& bind(int place, std::int64_t value);
    Statement& bind(int place, int value) { return bind(place, static_cast<std::int64_t>(value)); }
    Statement& bind(int place, std::uint64_t value) { return bind(place, static_cast<std::int64_t>(value)); }
    Statement& bind(int place, std::uint32_t value) { return bind(place, static_cast<std::int64_t>(value)); }
    Statement& bind(int place, std::string_view text);
    Statement& bind(int place, const std::string& text) { return bind(place, std::string_view(text)); }
    Statement& bind(int place, const char* text) { return bind(place, std::string_view(text)); }
    Statement& bind(int place, ByteView blob);
    Statement& bind_null(int place);

    /// True: a row stands ready. After false or an error: reset() before the next use.
    Result<bool> step();
    /// step() to the end, then reset(); for what gives no rows.
    Done run();
    void reset();

    // Columns count from 0; texts and blobs are valid until the next step() or reset().
    bool is_null(int column) const;
    std::int64_t number(int column) const;
    std::uint64_t unsigned_number(int column) const { return static_cast<std::uint64_t>(number(column)); }
    std::string_view text(int column) const;
    ByteView blob(int column) const;
    std::string string(int column) const { return std::string(text(column)); }

private:
    sqlite3_stmt* statement_ = nullptr;
};

/// Resets a statement when its scope ends, so that no read transaction is left open.
class Resetting {
public:
    explicit Resetting(Statement& statement) : statement_(statement) {}
    ~Resetting() { statement_.reset(); }
    Resetting(const Resetting&) = delete;
    Resetting& operator=(const Resetting&) = delete;

private:
    Statement& statement_;
};

/// A statement out of its connection's store of prepared ones, for one use.
class Use {
public:
    explicit Use(Statement& statement) : statement_(&statement) {}
    ~Use() {
        if (statement_ != nullptr) statement_->reset();
    }
    Use(Use&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
    Use& operator=(Use&&) = delete;
    Statement* operator->() const { return statement_; }
    Statement& operator*() const { return *statement_; }

private:
    Statement* statement_;
};

class Connection {
public:
    /// read_frozen: writes nothing at all, not even -shm: for a WAL whose writer is gone and whose disk takes nothing.
    enum class Access { create, read_write, read_only, read_frozen };
    /// `vfs`: the disk to use, empty for the system's. Defensive, without trusted schema and double-quoted strings, extended codes on.
    static Result<Connection> open(const std::string& path, Access access, const std::string& vfs);

    Connection() = default;
    ~Connection();
    Connection(Connection&& other) noexcept
        : connection_(std::exchange(other.connection_, nullptr)), prepared_(std::move(other.prepared_)), wal_pages_(std::move(other.wal_pages_)) {}
    Connection& operator=(Connection&& other) noexcept {
        std::swap(connection_, other.connection_);
        std::swap(prepared_, other.prepared_);
        std::swap(wal_pages_, other.wal_pages_);
        return *this;
    }
    bool is_open() const { return connection_ != nullptr; }
    /// Statements of prepare() first; those of use() go with it.
    void close();

    /// Texts of ours only, one or more statements; rows are thrown away.
    Done run(std::string_view sql);
    Result<Statement> prepare(std::string_view sql);
    /// Prepared once and kept. `sql` is a literal: it is remembered by its address. Not while the same text is in use.
    Result<Use> use(std::string_view sql);
    /// The first column of the first row; Fault::gone without a row.
    Result<std::int64_t> number(std::string_view sql);
    Result<std::string> text(std::string_view sql);
    bool in_transaction() const;
    void roll_back();

    /// Moves what it can into the database file; answers the pages that remain in the WAL.
    Result<std::int64_t> checkpoint_passive();
    /// All of it, and the WAL is empty afterwards. Fault::busy when a reader is in the way.
    Done checkpoint_truncate();
    /// The WAL file stays when the last connection closes.
    Done keep_wal();
    /// From now on: no checkpoint but ours, and wal_pages() counts what the last commit left in the WAL.
    void take_over_checkpoints();
    int wal_pages() const { return wal_pages_ ? *wal_pages_ : 0; }

    sqlite3* raw() const { return connection_; }

private:
    sqlite3* connection_ = nullptr;
    std::unordered_map<const char*, std::unique_ptr<Statement>> prepared_;
    std::unique_ptr<int> wal_pages_;
};

/// An online copy, some pages at a time, by the connection that writes: from any other it starts over at each commit.
class OnlineCopy {
public:
    static Result<OnlineCopy> begin(Connection& from, const std::string& path, const std::string& vfs);
    OnlineCopy(OnlineCopy&& other) noexcept;
    OnlineCopy& operator=(OnlineCopy&&) = delete;
    ~OnlineCopy();
    /// True: complete. At most `pages_max` pages are copied.
    Result<bool> step(int pages_max);
    Done finish();

private:
    OnlineCopy(Connection to, sqlite3_backup* copy) : to_(std::move(to)), copy_(copy) {}
    Connection to_;
    sqlite3_backup* copy_ = nullptr;
};

/// "3.40.1"
std::string_view sqlite_version();

} // namespace gatehouse::store
