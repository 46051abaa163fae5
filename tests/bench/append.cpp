// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/log_folder.hpp"
#include "tests/bench/rows.hpp"

#include <sqlite3.h>

#include <memory>
#include <stdexcept>

namespace gatehouse::bench {
namespace {

constexpr std::uint64_t records_a_run = 30'000;

struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    void operator()(sqlite3_value* value) const { sqlite3_value_free(value); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;
using Value = std::unique_ptr<sqlite3_value, Close>;

void must(sqlite3* database, int code) {
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database));
}

Database open(const std::filesystem::path& path) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open(path.c_str(), &opened);
    Database database(opened);
    must(opened, code);
    return database;
}

void run(const Database& database, const std::string& sql) {
    must(database.get(), sqlite3_exec(database.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

Statement prepare(const Database& database, const std::string& sql) {
    sqlite3_stmt* made = nullptr;
    must(database.get(), sqlite3_prepare_v2(database.get(), sql.c_str(), -1, &made, nullptr));
    return Statement(made);
}

/// What the product wrote: its schema, the rows of `record`, and how many of them each commit took.
struct Written {
    std::vector<std::string> schema;
    std::vector<std::vector<Value>> rows;
    std::vector<std::uint64_t> batches;
};

Written read_back(const std::filesystem::path& folder) {
    const auto database = open(folder / "gatehouse.db");
    Written written;
    const auto tables = prepare(database, "select sql from sqlite_schema where sql is not null order by type = 'trigger', type, name");
    while (sqlite3_step(tables.get()) == SQLITE_ROW) written.schema.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(tables.get(), 0)));
    const auto records = prepare(database, "select * from record order by position");
    while (sqlite3_step(records.get()) == SQLITE_ROW) {
        auto& row = written.rows.emplace_back();
        for (int column = 0; column < sqlite3_column_count(records.get()); ++column)
            row.emplace_back(sqlite3_value_dup(sqlite3_column_value(records.get(), column)));
    }
    const auto seals = prepare(database, "select last - first + 1 from seal order by last");
    while (sqlite3_step(seals.get()) == SQLITE_ROW) written.batches.push_back(static_cast<std::uint64_t>(sqlite3_column_int64(seals.get(), 0)));
    return written;
}

/// The bare loop: records a second.
double insert_bare(const std::filesystem::path& folder, const Written& written) {
    std::filesystem::create_directories(folder);
    const auto database = open(folder / "bare.db");
    run(database,
        "pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on; pragma cache_size = -8000; pragma temp_store = memory");
    for (const auto& sql : written.schema) run(database, sql);
    std::string places = "?";
    for (std::size_t column = 1; column < written.rows.front().size(); ++column) places += ", ?";
    const auto insert = prepare(database, "insert into record values (" + places + ")");
    const auto begin = prepare(database, "begin immediate"), commit = prepare(database, "commit");
    const auto step = [&database](const Statement& statement) {
        must(database.get(), sqlite3_step(statement.get()));
        must(database.get(), sqlite3_reset(statement.get()));
    };
    const double started = seconds_now();
    auto row = written.rows.begin();
    for (const auto batch : written.batches) {
        step(begin);
        for (std::uint64_t i = 0; i < batch && row != written.rows.end(); ++i, ++row) {
            for (std::size_t column = 0; column < row->size(); ++column)
                must(database.get(), sqlite3_bind_value(insert.get(), static_cast<int>(column) + 1, (*row)[column].get()));
            step(insert);
        }
        step(commit);
    }
    return static_cast<double>(written.rows.size()) / (seconds_now() - started);
}

/// 64 sources, one append in flight each: records a second.
double append_ours(const std::filesystem::path& path) {
    LogFolder folder(path);
    double took = 0;
    folder.run(append(folder, folder.log().head().position + 1, records_a_run, 1, took));
    return static_cast<double>(records_a_run) / took;
}

} // namespace

std::vector<Row> measure_append(const Plan& plan) {
    std::vector<double> ours, ratios, bares;
    double batch = 0;
    for (std::size_t pair = 0; pair < plan.pairs; ++pair) {
        const auto folder = plan.work / ("append-" + std::to_string(pair)), bare = plan.work / ("bare-" + std::to_string(pair));
        ours.push_back(append_ours(folder));
        const auto written = read_back(folder);
        batch = static_cast<double>(written.rows.size()) / static_cast<double>(written.batches.size());
        bares.push_back(insert_bare(bare, written));
        ratios.push_back(ours.back() / bares.back());
        std::filesystem::remove_all(folder);
        std::filesystem::remove_all(bare);
    }
    const double ratio = median(ratios);
    return {{"append", median(ours), "records/s", ratio, "≥ 0.8", ratio >= 0.8, ratios,
             "bare " + std::to_string(static_cast<int>(median(bares))) + ", " + std::to_string(static_cast<int>(batch)) + " a commit"}};
}

std::vector<Row> measure_append_large(const Plan& plan) {
    fill(plan.large, plan.large_records);
    std::vector<double> large, ratios;
    for (std::size_t pair = 0; pair < plan.pairs; ++pair) {
        const auto folder = plan.work / ("empty-" + std::to_string(pair));
        const double empty = append_ours(folder);
        large.push_back(append_ours(plan.large));
        ratios.push_back(large.back() / empty);
        std::filesystem::remove_all(folder);
    }
    const double ratio = median(ratios);
    return {{"append_10m", median(large), "records/s", ratio, "≥ 0.9", ratio >= 0.9, ratios, std::to_string(plan.large_records) + " records there"}};
}

} // namespace gatehouse::bench
