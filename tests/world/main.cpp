// SPDX-License-Identifier: Apache-2.0
//
// world --days N [--seed S] [--jobs N] [--story]: lives the days of the seeds S, S + 1, …, each in a process of its own, on all cores. Prints
// what failed with what replays it, and the figures; ends with 1 where a day failed or died. --story: what was done to each day.
#include "daemon/base/log.hpp"
#include "tests/world/day.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace gatehouse::world;

namespace {

struct Wish {
    std::uint64_t days = 100, seed = 1, jobs = std::max(1u, std::thread::hardware_concurrency());
    bool has_story = false, is_bad = false;
};

Wish read(int argc, char** argv) {
    Wish wish;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--story") {
            wish.has_story = true;
            continue;
        }
        auto* into = word == "--days" ? &wish.days : word == "--seed" ? &wish.seed : word == "--jobs" ? &wish.jobs : nullptr;
        char* end = nullptr;
        if (into == nullptr || ++i == argc) {
            wish.is_bad = true;
            return wish;
        }
        *into = std::strtoull(argv[i], &end, 10);
        wish.is_bad = wish.is_bad || end == argv[i] || *end != '\0';
    }
    wish.is_bad = wish.is_bad || wish.days == 0 || wish.jobs == 0;
    return wish;
}

// What a day's process says on its pipe: one line of figures, then what was wrong.
void print_day(std::FILE* to, const Outcome& outcome) {
    const auto& t = outcome.tally;
    std::uint64_t faults = 0;
    for (const auto& [name, count] : t.faults) faults += count;
    std::fprintf(to, "%llu %llu %llu %llu %llu %llu\n%s", static_cast<unsigned long long>(t.events), static_cast<unsigned long long>(t.records),
                 static_cast<unsigned long long>(faults), static_cast<unsigned long long>(t.power_cuts), static_cast<unsigned long long>(t.lives),
                 static_cast<unsigned long long>(t.removed), outcome.wrong.c_str());
}

[[noreturn]] void live_alone(std::uint64_t seed, bool has_story, int pipe_end) {
    gatehouse::log::set_up(gatehouse::log::Level::error, gatehouse::log::Format::text);
    if (!has_story && std::freopen("/dev/null", "w", stderr) == nullptr) std::_Exit(2);
    const auto outcome = live_a_day(seed);
    if (has_story) {
        for (const auto& line : outcome.story) std::printf("%s\n", line.c_str());
        std::printf("trace %s\n", outcome.trace.c_str());
        std::fflush(stdout);
    }
    std::FILE* to = fdopen(pipe_end, "w");
    print_day(to, outcome);
    std::fclose(to);
    std::_Exit(outcome.wrong.empty() ? 0 : 1);
}

struct Running {
    std::uint64_t seed = 0;
    int pipe_end = -1;
};

Running start(std::uint64_t seed, bool has_story, pid_t& child) {
    int ends[2] = {-1, -1};
    if (pipe(ends) != 0) std::exit(2);
    std::fflush(stdout);
    child = fork();
    if (child < 0) std::exit(2);
    if (child == 0) {
        close(ends[0]);
        live_alone(seed, has_story, ends[1]);
    }
    close(ends[1]);
    return {seed, ends[0]};
}

std::string all_of(int pipe_end) {
    std::string text;
    char piece[4096];
    for (ssize_t bytes; (bytes = ::read(pipe_end, piece, sizeof piece)) > 0;) text.append(piece, static_cast<std::size_t>(bytes));
    close(pipe_end);
    return text;
}

struct Sum {
    unsigned long long days = 0, failed = 0, events = 0, records = 0, faults = 0, power_cuts = 0, lives = 0, removed = 0;
};

void take(const Running& done, int status, Sum& sum) {
    const auto text = all_of(done.pipe_end);
    unsigned long long events = 0, records = 0, faults = 0, power_cuts = 0, lives = 0, removed = 0;
    std::sscanf(text.c_str(), "%llu %llu %llu %llu %llu %llu", &events, &records, &faults, &power_cuts, &lives, &removed);
    ++sum.days;
    sum.events += events;
    sum.records += records;
    sum.faults += faults;
    sum.power_cuts += power_cuts;
    sum.lives += lives;
    sum.removed += removed;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    ++sum.failed;
    const auto wrong = text.find('\n') == std::string::npos ? std::string() : text.substr(text.find('\n') + 1);
    std::printf("replay with: ./dev bench world --days 1 --seed %llu\n%s", static_cast<unsigned long long>(done.seed), wrong.c_str());
    if (!WIFEXITED(status)) std::printf("  its process died of signal %d\n", WTERMSIG(status));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    const auto wish = read(argc, argv);
    if (wish.is_bad) {
        std::fputs("usage: world [--days N] [--seed S] [--jobs N] [--story]\n", stdout);
        return 2;
    }
    const auto started = std::chrono::steady_clock::now();
    std::map<pid_t, Running> running;
    Sum sum;
    std::uint64_t next = 0;
    while (next < wish.days || !running.empty()) {
        if (next < wish.days && running.size() < wish.jobs) {
            pid_t child = 0;
            const auto one = start(wish.seed + next++, wish.has_story, child);
            running.emplace(child, one);
            continue;
        }
        int status = 0;
        const auto child = wait(&status);
        const auto found = running.find(child);
        if (found == running.end()) return 2;
        take(found->second, status, sum);
        running.erase(found);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    std::printf("%llu simulated days, %llu failed; %.1f s, %.2f days/s; %llu events, %llu records, %llu faults, %llu power cuts, %llu lives of the "
                "gateway, %llu records gone by retention\n",
                sum.days, sum.failed, seconds, static_cast<double>(sum.days) / seconds, sum.events, sum.records, sum.faults, sum.power_cuts,
                sum.lives, sum.removed);
    return sum.failed == 0 ? 0 : 1;
}
