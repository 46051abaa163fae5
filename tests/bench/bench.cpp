// SPDX-License-Identifier: Apache-2.0
//
// bench [--json FILE] [--records N] [--pairs N] [--folder PATH] [row …]: measures, prints the table; ends with 1 where a goal is missed.
#include "tests/bench/rows.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string_view>

using namespace gatehouse::bench;

namespace {

struct Measurement {
    std::string_view name;
    std::vector<Row> (*measure)(const Plan&);
};
constexpr std::array measurements{
    Measurement{"append", measure_append},
    Measurement{"drain", measure_drain},
    Measurement{"latency", measure_latency},
    Measurement{"catch_up", measure_catch_up},
    Measurement{"append_10m", measure_append_large},
    Measurement{"history", measure_history},
    Measurement{"daemon", measure_daemon},
    Measurement{"playback", measure_playback},
    Measurement{"watch", measure_watch},
    Measurement{"record", measure_recording},
    Measurement{"live", measure_live},
};

int usage() {
    std::fputs("usage: bench [--json FILE] [--records N] [--pairs N] [--folder PATH] [row …]; rows:", stderr);
    for (const auto& each : measurements) std::fprintf(stderr, " %s", each.name.data());
    std::fputs("\n", stderr);
    return 2;
}

const Measurement* named(std::string_view name) {
    for (const auto& each : measurements)
        if (each.name == name) return &each;
    return nullptr;
}

struct Asked {
    Plan plan;
    std::string json_file;
    std::vector<const Measurement*> rows;
};

bool read_words(int argc, char** argv, Asked& asked) {
    asked.plan.work = std::filesystem::temp_directory_path() / "gatehouse-bench";
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const bool is_option = word.starts_with("--");
        if (is_option && i + 1 == argc) return false;
        if (word == "--json")
            asked.json_file = argv[++i];
        else if (word == "--folder")
            asked.plan.work = argv[++i];
        else if (word == "--records")
            asked.plan.large_records = std::strtoull(argv[++i], nullptr, 10);
        else if (word == "--pairs")
            asked.plan.pairs = std::strtoull(argv[++i], nullptr, 10);
        else if (const auto* row = named(word); row != nullptr)
            asked.rows.push_back(row);
        else
            return false;
    }
    if (asked.rows.empty())
        for (const auto& each : measurements) asked.rows.push_back(&each);
    return asked.plan.large_records > 0 && asked.plan.pairs > 0;
}

} // namespace

int main(int argc, char** argv) try {
    Asked asked;
    if (!read_words(argc, argv, asked)) return usage();
    auto& plan = asked.plan;
    // The large log stays: filling it takes minutes.
    plan.large = plan.work / ("log-" + std::to_string(plan.large_records));
    plan.work /= "work";
    std::filesystem::remove_all(plan.work);
    std::filesystem::create_directories(plan.work);
    std::vector<Row> rows;
    std::fputs(heading().c_str(), stdout);
    bool all_hold = true;
    for (const auto* each : asked.rows) {
        for (auto& row : each->measure(plan)) {
            std::fputs(to_line(row).c_str(), stdout);
            std::fflush(stdout);
            all_hold = all_hold && row.holds.value_or(true);
            rows.push_back(std::move(row));
        }
    }
    std::filesystem::remove_all(plan.work);
    if (!asked.json_file.empty()) std::ofstream(asked.json_file) << to_json(rows) << '\n';
    return all_hold ? 0 : 1;
} catch (const std::exception& trouble) {
    std::fprintf(stderr, "bench: %s\n", trouble.what());
    return 2;
}
