// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/log.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>

namespace gatehouse::oracle {

namespace {

class Row {
public:
    explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
    bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
    std::int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
    std::uint64_t size(int column) const { return static_cast<std::uint64_t>(number(column)); }
    std::optional<std::uint64_t> maybe(int column) const { return is_null(column) ? std::nullopt : std::optional(size(column)); }
    std::string bytes(int column) const {
        const auto* at = static_cast<const char*>(sqlite3_column_blob(statement_, column));
        return at == nullptr ? std::string() : std::string(at, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
    }
    template <std::size_t bytes_wanted>
    std::array<std::uint8_t, bytes_wanted> exactly(int column) const {
        const auto found = bytes(column);
        if (found.size() != bytes_wanted) throw std::runtime_error("the log: a blob of " + std::to_string(found.size()) + " bytes");
        std::array<std::uint8_t, bytes_wanted> array{};
        std::transform(found.begin(), found.end(), array.begin(), [](char each) { return static_cast<std::uint8_t>(each); });
        return array;
    }

private:
    sqlite3_stmt* statement_;
};

class Database {
public:
    explicit Database(const std::filesystem::path& path) {
        if (sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK) {
            sqlite3_close(database_);
            throw std::runtime_error("the log can't be opened: " + path.string());
        }
        sqlite3_busy_timeout(database_, 5000);
        sqlite3_exec(database_, "begin", nullptr, nullptr, nullptr); // all tables as of one moment
    }
    ~Database() { sqlite3_close(database_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void each(const char* sql, const std::function<void(const Row&)>& take) const {
        sqlite3_stmt* statement = nullptr;
        int result = sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr);
        const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owned(statement, sqlite3_finalize);
        if (result == SQLITE_OK)
            while ((result = sqlite3_step(statement)) == SQLITE_ROW) take(Row(statement));
        if (result != SQLITE_DONE) throw std::runtime_error(std::string("the log: ") + sqlite3_errmsg(database_));
    }

private:
    sqlite3* database_ = nullptr;
};

std::string uuid_text(const std::string& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

LogRecord record_of(const Row& row) {
    LogRecord record;
    record.position = row.size(0);
    record.epoch = row.bytes(1);
    record.id = uuid_text(row.bytes(2));
    record.kind = row.bytes(3);
    if (!row.is_null(4)) record.happened_at = row.number(4);
    record.heard_at = row.number(5);
    record.clock = row.number(6);
    record.clock_offset = row.number(7);
    record.compound = row.bytes(8);
    record.source = row.bytes(9);
    record.place = row.bytes(10);
    record.device_key = row.maybe(11);
    record.generation = row.size(12);
    record.sameness = row.maybe(13);
    record.conflicts_with = row.maybe(14);
    record.facts = row.bytes(15);
    record.personal = row.exactly<32>(16);
    record.commitment = row.exactly<32>(17);
    record.subject = row.bytes(18);
    record.details = row.bytes(19);
    record.pictures = row.bytes(20);
    if (!row.is_null(21)) record.salt = row.bytes(21);
    return record;
}

} // namespace

Log read_log(const std::filesystem::path& path) {
    const Database database(path);
    Log log;
    database.each(
        "select position, e.id, r.id, kind, happened_at, heard_at, clock, clock_offset_us, compound, source, place, device_key, generation, "
        "sameness, conflicts_with, facts, personal_commitment, commitment, subject, details, pictures, salt from record r join epoch e on "
        "e.number = r.epoch order by position",
        [&](const Row& row) { log.records.push_back(record_of(row)); });
    database.each("select position, commitment from removed", [&](const Row& row) { log.removed.emplace(row.size(0), row.exactly<32>(1)); });
    database.each("select first, last, seal from seal order by last",
                  [&](const Row& row) { log.seals.push_back({.first = row.size(0), .last = row.size(1), .seal = row.exactly<32>(2)}); });
    database.each("select first, last, epoch, at, seal, previous, key, signature from signed_digest order by last", [&](const Row& row) {
        log.digests.push_back({.first = row.size(0),
                               .last = row.size(1),
                               .epoch = row.bytes(2),
                               .at = row.bytes(3),
                               .seal = row.exactly<32>(4),
                               .previous = row.exactly<32>(5),
                               .key = row.exactly<32>(6),
                               .signature = row.exactly<64>(7)});
    });
    database.each("select reader, settled, member from cursor",
                  [&](const Row& row) { log.cursors[row.bytes(0)] = {.settled = row.size(1), .member = row.size(2)}; });
    database.each("select reader, position from dead_letter", [&](const Row& row) { log.dead_letters.emplace(row.bytes(0), row.size(1)); });
    return log;
}

std::string lane_of(const std::string& kind) {
    static const std::set<std::string> urgent{
        "door.forced",   "door.held",         "camera.lost",   "camera.covered", "fire.alarm",   "fire.fault",    "fire.restored", "gas.alarm",
        "water.alarm",   "power.overload",    "power.lost",    "power.restored", "alarm.raised", "alarm.cleared", "tamper.raised", "panic.pressed",
        "duress.raised", "perimeter.crossed", "object.thrown", "ebike.in_lift",  "lift.trapped", "device.offline"};
    return urgent.contains(kind) ? "urgent" : "routine";
}

} // namespace gatehouse::oracle
