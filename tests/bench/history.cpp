// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/log_folder.hpp"
#include "tests/bench/rows.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>

namespace gatehouse::bench {
namespace {

constexpr std::size_t questions = 600;
constexpr std::uint64_t live_records_per_s = 1000, live_seconds = 10;

Task<void> ask(LogFolder& folder, std::vector<double>& took_ms) {
    for (std::size_t i = 0; i < questions; ++i) {
        store::HistoryQuery query;
        const auto number = i * 7919;
        query.subject = i % 2 == 0 ? plausible_card(number) : plausible_plate(number);
        query.look_alike = i % 4 == 3;
        const double started = seconds_now();
        auto page = co_await folder.log().history(std::move(query));
        took_ms.push_back((seconds_now() - started) * 1000);
        if (!page) throw std::runtime_error(page.error().what());
        if (page->records.size() != 100) throw std::runtime_error("a subject has less than 100 records");
    }
}

/// The index's own word of how far it has got.
class IndexProgress {
public:
    explicit IndexProgress(const std::filesystem::path& folder) {
        sqlite3_open_v2((folder / "history.db").c_str(), &database_, SQLITE_OPEN_READONLY, nullptr);
        sqlite3_prepare_v2(database_, "select through from progress", -1, &through_, nullptr);
    }
    ~IndexProgress() {
        sqlite3_finalize(through_);
        sqlite3_close(database_);
    }
    IndexProgress(const IndexProgress&) = delete;
    IndexProgress& operator=(const IndexProgress&) = delete;

    std::uint64_t through() {
        if (sqlite3_step(through_) != SQLITE_ROW) throw std::runtime_error("the index says nothing of how far it is");
        const auto through = static_cast<std::uint64_t>(sqlite3_column_int64(through_, 0));
        sqlite3_reset(through_);
        return through;
    }

private:
    sqlite3* database_ = nullptr;
    sqlite3_stmt* through_ = nullptr;
};

/// 1,000 records a second for ten seconds; each 10 ms how many records the index is behind.
Task<void> append_paced(LogFolder& folder, std::vector<double>& behind_s, IndexProgress& progress) {
    const auto first = folder.log().head().position + 1;
    const double started = seconds_now();
    std::uint64_t made = 0;
    while (made < live_records_per_s * live_seconds) {
        const auto due = std::min(static_cast<std::uint64_t>((seconds_now() - started) * live_records_per_s), live_records_per_s * live_seconds);
        if (due > made) {
            double took = 0;
            co_await append(folder, first + made, due - made, 1, took);
            made = due;
            const auto head = folder.log().head().position, through = progress.through();
            behind_s.push_back(static_cast<double>(head - std::min(head, through)) / live_records_per_s);
        }
        co_await folder.clock().sleep_for(std::chrono::milliseconds(10));
    }
}

Task<void> ask_and_append(LogFolder& folder, std::vector<double>& took_ms, std::vector<double>& behind_s, IndexProgress& progress) {
    co_await ask(folder, took_ms);
    co_await append_paced(folder, behind_s, progress);
}

} // namespace

std::vector<Row> measure_history(const Plan& plan) {
    fill(plan.large, plan.large_records);
    std::vector<double> took_ms, behind_s;
    {
        LogFolder folder(plan.large);
        IndexProgress progress(plan.large);
        folder.run(ask_and_append(folder, took_ms, behind_s, progress));
    }
    const double p99 = percentile(took_ms, 0.99), lag = *std::max_element(behind_s.begin(), behind_s.end());
    return {{"history_p99",
             p99,
             "ms",
             {},
             "≤ 20",
             p99 <= 20,
             {percentile(took_ms, 0.5), took_ms.empty() ? 0 : percentile(took_ms, 1)},
             "newest 100 of " + std::to_string(questions) + " persons and vehicles, from cold; spread: median and worst"},
            {"index_lag", lag, "s", {}, "≤ 1", lag <= 1, {}, "worst, at 1000 records/s"}};
}

} // namespace gatehouse::bench
