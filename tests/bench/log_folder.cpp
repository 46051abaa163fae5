// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/log_folder.hpp"

#include "daemon/base/crypto.hpp"
#include "daemon/store/site_keys.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace gatehouse::bench {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().what());
    return std::move(*result);
}

Task<void> append_run(LogFolder& folder, std::size_t source, std::uint64_t first, std::uint64_t end, std::uint64_t step) {
    for (std::uint64_t number = first; number < end; number += step) {
        auto record = plausible(number, source, folder.clock().now());
        SourceMark mark;
        mark.number = number;
        auto appended = co_await folder.log().append(std::move(record), std::move(mark));
        if (!appended) throw std::runtime_error(appended.error().what());
    }
}

constexpr std::uint64_t piece_records = 500'000;

Task<void> fill_up(LogFolder& folder, std::uint64_t records) {
    bool was_short = false;
    while (folder.log().head().position < records) {
        was_short = true;
        const auto there = folder.log().head().position;
        const auto piece = std::min(piece_records, records - there);
        // Keys count on from the head, so that a second filling repeats none.
        double took = 0;
        co_await append(folder, there + 1, piece, 32, took);
        std::fprintf(stderr, "filling the log: %s of %s records, %.0f a second\n", std::to_string(there + piece).c_str(),
                     std::to_string(records).c_str(), static_cast<double>(piece) / took);
    }
    const double started = seconds_now();
    auto indexed = co_await folder.log().index_all();
    if (!indexed) throw std::runtime_error(indexed.error().what());
    if (was_short) std::fprintf(stderr, "… and its index %.0f s later\n", seconds_now() - started);
}

} // namespace

double seconds_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

LogFolder::LogFolder(const std::filesystem::path& folder) {
    start_crypto();
    std::filesystem::create_directories(folder);
    clock_.trust_outside();
    store::StoreOptions options;
    options.directory = folder.string();
    options.compound = "compound-0001";
    options.machine = store::machine_identity(folder.string());
    options.reserve_bytes = 16 * 1024 * 1024;
    const auto keys = must(store::load_or_make_site_keys(folder.string(), entropy_, files_));
    store_ = must(store::open_store(std::move(options), keys, {loop_, clock_, entropy_, files_, writer_, indexer_, pool_}));
}

LogFolder::~LogFolder() = default;

Task<void> LogFolder::live(Task<void> work) {
    co_await first_of(std::move(work), store_->run());
    loop_.stop();
}

void LogFolder::run(Task<void> work) {
    loop_.spawn("bench", live(std::move(work)));
    loop_.run();
}

std::string source_named(std::size_t number) {
    const auto text = std::to_string(number + 1);
    return "device-" + std::string(text.size() < 2 ? 1 : 0, '0') + text;
}

// A multiplicative hash: spread evenly, the same in every run.
std::string plausible_card(std::uint64_t number) { return "card:" + std::to_string(8'100'000 + (number * 2'654'435'761u) % cards); }
std::string plausible_plate(std::uint64_t number) {
    auto digits = std::to_string((number * 2'654'435'761u) % plates);
    digits.insert(0, 4 - std::min<std::size_t>(4, digits.size()), '0');
    return "plate:浙A" + digits + "K";
}

Record plausible(std::uint64_t number, std::size_t source, Time at) {
    Record record;
    record.heard_at = at;
    record.happened_at = at - std::chrono::milliseconds(40);
    record.source = source_named(source);
    record.place = "gate-east";
    record.device_key = DeviceKey{number, 0};
    if (source % 4 == 3) {
        record.kind = Kind::vehicle_entered;
        record.subject = plausible_plate(number);
        record.facts = {{"lane", 1}, {"direction", "in"}, {"plate_colour", "blue"}, {"confidence", 97}};
    } else {
        record.kind = Kind::pass_granted;
        record.subject = plausible_card(number);
        record.facts = {{"door", static_cast<std::int64_t>(source % 4 + 1)}, {"direction", number % 2 == 0 ? "in" : "out"}, {"method", "card"}};
    }
    record.same_as = "event|" + std::to_string(number) + "|" + record.subject;
    return record;
}

Task<void> append(LogFolder& folder, std::uint64_t first, std::uint64_t count, std::size_t in_flight, double& took) {
    const double started = seconds_now();
    std::vector<Task<void>> all_of_them;
    const auto runs = sources * in_flight;
    for (std::size_t run = 0; run < runs; ++run) all_of_them.push_back(append_run(folder, run % sources, first + run, first + count, runs));
    co_await all(std::move(all_of_them));
    took = seconds_now() - started;
}

void fill(const std::filesystem::path& path, std::uint64_t records) {
    LogFolder folder(path);
    folder.run(fill_up(folder, records));
}

} // namespace gatehouse::bench
