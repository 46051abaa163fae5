// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/sqlite.hpp"

#include "daemon/base/expects.hpp"

#include <sqlite3.h>

namespace gatehouse::store {

namespace {

constexpr int busy_wait_ms_max = 5000;

Fault fault_of(int code) {
    switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG: return Fault::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT: return Fault::busy;
    case SQLITE_CONSTRAINT: return Fault::refused;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Fault::damaged; // the disk answered, with bytes that are wrong
    default: return Fault::unreachable;        // IOERR, READONLY, PROTOCOL, ...: it does not answer, or takes nothing
    }
}

Error error_of(sqlite3* connection, int code) {
    const int extended = connection != nullptr ? sqlite3_extended_errcode(connection) : code;
    const std::string words = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
    // What the world can't cause: a wrong statement, a misuse of the interface.
    expects((code & 0xff) != SQLITE_MISUSE && (code & 0xff) != SQLITE_RANGE, "SQLite is used rightly");
    return Error(fault_of(code), "SQLite " + std::to_string(extended) + ": " + words);
}

void check_bound(int code) { expects(code == SQLITE_OK, "a value can be bound"); }

} // namespace

std::string_view sqlite_version() { return sqlite3_libversion(); }

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int place, std::int64_t value) {
    check_bound(sqlite3_bind_int64(statement_, place, value));
    return *this;
}

Statement& Statement::bind(int place, std::string_view text) {
    check_bound(sqlite3_bind_text64(statement_, place, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind(int place, ByteView blob) {
    if (blob.empty())
        check_bound(sqlite3_bind_zeroblob(statement_, place, 0));
    else
        check_bound(sqlite3_bind_blob64(statement_, place, blob.data(), blob.size(), SQLITE_STATIC));
    return *this;
}

Statement& Statement::bind_null(int place) {
    check_bound(sqlite3_bind_null(statement_, place));
    return *this;
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return error_of(sqlite3_db_handle(statement_), code);
}

Done Statement::run() {
    const Resetting resetting(*this);
    for (;;) {
        auto row = step();
        if (!row) return std::move(row).error();
        if (!*row) return {};
    }
}

void Statement::reset() {
    if (statement_ != nullptr) sqlite3_reset(statement_);
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

ByteView Statement::blob(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

namespace {

/// A path as a URI has it (https://sqlite.org/uri.html).
std::string percent_encoded(const std::string& path) {
    std::string encoded;
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#')
            encoded += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
        else
            encoded += c;
    }
    return encoded;
}

} // namespace

Result<Connection> Connection::open(const std::string& path, Access access, const std::string& vfs) {
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (access == Access::create) flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (access == Access::read_write) flags |= SQLITE_OPEN_READWRITE;
    if (access == Access::read_only) flags |= SQLITE_OPEN_READONLY;
    std::string name = path;
    if (access == Access::read_frozen) {
        flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
        name = "file:" + percent_encoded(path) + "?readonly_shm=1";
    }
    Connection made;
    const int code = sqlite3_open_v2(name.c_str(), &made.connection_, flags, vfs.empty() ? nullptr : vfs.c_str());
    if (code != SQLITE_OK) return error_of(made.connection_, code).during("opening " + path);
    sqlite3_busy_timeout(made.connection_, busy_wait_ms_max);
    for (const auto& [option, value] : {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                        std::pair{SQLITE_DBCONFIG_DQS_DDL, 0}, std::pair{SQLITE_DBCONFIG_DQS_DML, 0}}) {
        const int set = sqlite3_db_config(made.connection_, option, value, nullptr);
        expects(set == SQLITE_OK, "SQLite knows its own options");
    }
    return made;
}

Connection::~Connection() { close(); }

void Connection::close() {
    prepared_.clear();
    if (connection_ == nullptr) return;
    // sqlite3_close, not _v2: a statement left open is our mistake and must not keep a failed file open in secret.
    expects(sqlite3_close(connection_) == SQLITE_OK, "statements go before their connection");
    connection_ = nullptr;
}

Done Connection::run(std::string_view sql) {
    const std::string text(sql);
    const int code = sqlite3_exec(connection_, text.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error_of(connection_, code);
    return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return error_of(connection_, code).during("preparing '" + std::string(sql.substr(0, 60)) + "'");
    return Statement(statement);
}

Result<Use> Connection::use(std::string_view sql) {
    auto& kept = prepared_[sql.data()];
    if (!kept) {
        auto made = prepare(sql);
        if (!made) {
            prepared_.erase(sql.data());
            return std::move(made).error();
        }
        kept = std::make_unique<Statement>(std::move(*made));
    }
    return Use(*kept);
}

void Connection::take_over_checkpoints() {
    wal_pages_ = std::make_unique<int>(0);
    sqlite3_wal_hook(
        connection_,
        [](void* pages, sqlite3*, const char*, int in_wal) {
            *static_cast<int*>(pages) = in_wal;
            return SQLITE_OK;
        },
        wal_pages_.get());
}

Result<std::int64_t> Connection::number(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return std::move(statement).error();
    auto row = statement->step();
    if (!row) return std::move(row).error();
    if (!*row) return Error(Fault::gone, "no row");
    return statement->number(0);
}

Result<std::string> Connection::text(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return std::move(statement).error();
    auto row = statement->step();
    if (!row) return std::move(row).error();
    if (!*row) return Error(Fault::gone, "no row");
    return statement->string(0);
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(connection_) == 0; }

void Connection::roll_back() {
    // Whether it worked does not matter: a failed one leaves a connection that the caller closes.
    if (connection_ != nullptr && in_transaction()) sqlite3_exec(connection_, "rollback", nullptr, nullptr, nullptr);
}

Result<std::int64_t> Connection::checkpoint_passive() {
    int in_wal = 0;
    int moved = 0;
    const int code = sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_wal, &moved);
    if (code != SQLITE_OK) return error_of(connection_, code).during("checkpoint");
    return in_wal - moved;
}

Done Connection::checkpoint_truncate() {
    int in_wal = 0;
    int moved = 0;
    const int code = sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, &in_wal, &moved);
    if (code != SQLITE_OK) return error_of(connection_, code).during("truncating checkpoint");
    if (in_wal > 0) return Error(Fault::damaged, "truncating checkpoint left " + std::to_string(in_wal) + " pages");
    return {};
}

Done Connection::keep_wal() {
    int keep = 1;
    const int code = sqlite3_file_control(connection_, nullptr, SQLITE_FCNTL_PERSIST_WAL, &keep);
    if (code != SQLITE_OK) return error_of(connection_, code).during("keeping the WAL file");
    return {};
}

Result<OnlineCopy> OnlineCopy::begin(Connection& from, const std::string& path, const std::string& vfs) {
    auto to = Connection::open(path, Connection::Access::create, vfs);
    if (!to) return std::move(to).error();
    auto* copy = sqlite3_backup_init(to->raw(), "main", from.raw(), "main");
    if (copy == nullptr) return error_of(to->raw(), sqlite3_errcode(to->raw())).during("beginning the copy");
    return OnlineCopy(std::move(*to), copy);
}

OnlineCopy::OnlineCopy(OnlineCopy&& other) noexcept : to_(std::move(other.to_)), copy_(std::exchange(other.copy_, nullptr)) {}

OnlineCopy::~OnlineCopy() {
    if (copy_ != nullptr) sqlite3_backup_finish(copy_);
}

Result<bool> OnlineCopy::step(int pages_max) {
    const int code = sqlite3_backup_step(copy_, pages_max);
    if (code == SQLITE_DONE) return true;
    if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) return false;
    return Error(fault_of(code), std::string("copying: ") + sqlite3_errstr(code));
}

Done OnlineCopy::finish() {
    const int code = sqlite3_backup_finish(std::exchange(copy_, nullptr));
    if (code != SQLITE_OK) return Error(fault_of(code), std::string("ending the copy: ") + sqlite3_errstr(code));
    return {};
}

} // namespace gatehouse::store
