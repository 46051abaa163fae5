// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/run.hpp"

#include "tests/harness/child_process.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <thread>

namespace gatehouse::mutants {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int exit_skipped = 77;
constexpr milliseconds sound_limit = 300s; ///< of a test without a mutant, as ctest has it
constexpr milliseconds limit_least = 20s;
constexpr int limit_times = 5; ///< a mutant hangs when its test takes so many times as long, and the least

/// One test of one program; what is run once without a mutant.
using Test = std::pair<std::string, std::string>;

struct Outcome {
    harness::Exit exit;
    bool hung = false;
    int cases = -1;
    milliseconds took{0};

    bool is_sound() const { return exit.code == 0 && cases == 1; }
};

struct Job {
    Test test;
    std::string mutant; ///< empty: none
    bool is_alone = false;
    milliseconds limit = sound_limit;
    std::string log;
};

class Running {
public:
    Running(const MutatedTree& tree, Job job) : job_(std::move(job)), since_(steady_clock::now()) {
        std::vector<std::string> arguments{"-tc=" + as_filter(job_.test.second), "--no-skip"}; // long stories too
        std::vector<std::pair<std::string, std::string>> environment{{"GATEHOUSE_MUTANT", job_.mutant}};
        process_ = std::make_unique<harness::ChildProcess>(
            job_.log, harness::ChildProcess::Command{tree.program(job_.test.first).string(), arguments, environment, {}}, tree.logs());
    }

    const Job& job() const { return job_; }

    /// Nothing while it runs within its limit.
    std::optional<Outcome> look() {
        const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - since_);
        const bool hung = process_->is_running() && took >= job_.limit;
        if (process_->is_running() && !hung) return std::nullopt;
        const harness::Exit exit = hung ? process_->kill() : process_->wait();
        return Outcome{exit, hung, cases_run(process_->out()), took};
    }

private:
    Job job_;
    steady_clock::time_point since_;
    std::unique_ptr<harness::ChildProcess> process_;
};

/// Runs them all; `done` hears of each as it ends.
template <class Heard>
void run_jobs(const MutatedTree& tree, std::vector<Job> jobs, const Heard& done) {
    std::stable_partition(jobs.begin(), jobs.end(), [](const Job& job) { return !job.is_alone; });
    std::deque<Job> waiting(std::make_move_iterator(jobs.begin()), std::make_move_iterator(jobs.end()));
    const std::size_t side_by_side = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::unique_ptr<Running>> running;
    while (!waiting.empty() || !running.empty()) {
        while (!waiting.empty() && running.size() < side_by_side &&
               (running.empty() || !(waiting.front().is_alone || running.front()->job().is_alone))) {
            running.push_back(std::make_unique<Running>(tree, std::move(waiting.front())));
            waiting.pop_front();
        }
        std::erase_if(running, [&](const auto& each) {
            const auto outcome = each->look();
            if (outcome) done(each->job(), *outcome);
            return outcome.has_value();
        });
        std::this_thread::sleep_for(5ms);
    }
}

class Trial {
public:
    Trial(const MutatedTree& tree, const std::vector<Mutant>& all, const std::vector<Mutant>& chosen) : tree_(tree), all_(all), chosen_(chosen) {}

    Tally run() {
        try_sound();
        try_switched();
        for (const Mutant& mutant : chosen_)
            if (!is_switched(mutant.form)) try_planted(mutant);
        return tally_;
    }

private:
    void try_sound() {
        std::map<Test, Job> jobs;
        for (const Mutant& mutant : chosen_) {
            const Test test{mutant.program, mutant.test};
            jobs.emplace(test, Job{test, "", mutant.is_alone, sound_limit, "sound-" + std::to_string(jobs.size())});
        }
        std::vector<Job> list;
        for (auto& [test, job] : jobs)
            if (is_built(test.first)) list.push_back(job);
        std::fprintf(stderr, "== %zu tests without a mutant\n", list.size());
        run_jobs(tree_, std::move(list), [&](const Job& job, const Outcome& outcome) {
            sound_[job.test] = outcome;
            if (!outcome.is_sound() && outcome.exit.code != exit_skipped)
                std::printf("not green without a mutant: %s: %s (exit %d, signal %d, %d cases ran)\n", job.test.first.c_str(),
                            job.test.second.c_str(), outcome.exit.code, outcome.exit.signal, outcome.cases);
        });
    }

    void try_switched() {
        std::vector<Job> jobs;
        std::map<std::string, const Mutant*> by_name;
        for (const Mutant& mutant : chosen_) {
            if (!is_switched(mutant.form)) continue;
            by_name[mutant.name] = &mutant;
            if (can_run(mutant)) jobs.push_back(job_of(mutant));
        }
        std::fprintf(stderr, "== %zu mutants of one build\n", jobs.size());
        run_jobs(tree_, std::move(jobs), [&](const Job& job, const Outcome& outcome) { judge(*by_name.at(job.mutant), outcome); });
    }

    void try_planted(const Mutant& mutant) {
        if (!can_run(mutant)) return;
        std::vector<Flaw> flaws;
        const bool is_planted = tree_.plant(mutant, flaws) && (mutant.form == Form::data || tree_.build({mutant.program}));
        if (is_planted)
            run_jobs(tree_, {job_of(mutant)}, [&](const Job&, const Outcome& outcome) { judge(mutant, outcome); });
        else
            tell(Fate::broken, mutant, "does not build");
        tree_.restore(mutant, all_);
        if (mutant.form == Form::build && !tree_.build({mutant.program})) std::fprintf(stderr, "the tree no longer builds\n");
    }

    bool is_built(const std::string& program) const { return std::filesystem::exists(tree_.program(program)); }

    bool can_run(const Mutant& mutant) {
        const auto sound = sound_.find({mutant.program, mutant.test});
        if (sound != sound_.end() && sound->second.is_sound()) return true;
        const bool is_skipped = sound != sound_.end() && sound->second.exit.code == exit_skipped;
        tell(is_skipped ? Fate::skipped : Fate::broken, mutant, is_skipped ? "its test can't run here" : "its test is not green without it");
        return false;
    }

    Job job_of(const Mutant& mutant) const {
        const auto took = sound_.at({mutant.program, mutant.test}).took;
        std::string log = mutant.name;
        std::replace(log.begin(), log.end(), '/', '-');
        return {{mutant.program, mutant.test}, mutant.name, mutant.is_alone, limit_least + limit_times * took, std::move(log)};
    }

    void judge(const Mutant& mutant, const Outcome& outcome) {
        if (outcome.exit.code == 0) return tell(Fate::survived, mutant, "");
        if (outcome.exit.code == exit_skipped) return tell(Fate::skipped, mutant, "its test found no way to run");
        tell(Fate::caught, mutant, outcome.hung ? "hung" : outcome.exit.signal != 0 ? "crashed" : "failed");
    }

    void tell(Fate fate, const Mutant& mutant, const std::string& why) {
        if (fate == Fate::caught) ++tally_.caught;
        if (fate == Fate::survived) ++tally_.survived;
        if (fate == Fate::broken) ++tally_.broken;
        if (fate == Fate::skipped) ++tally_.skipped;
        constexpr const char* words[] = {"caught", "SURVIVED", "broken", "skipped"};
        std::printf("%-9s %s | %s | %s%s%s\n", words[static_cast<int>(fate)], mutant.name.c_str(), mutant.program.c_str(), mutant.test.c_str(),
                    why.empty() ? "" : " | ", why.c_str());
        std::fflush(stdout);
    }

    const MutatedTree& tree_;
    const std::vector<Mutant>& all_;
    const std::vector<Mutant>& chosen_;
    std::map<Test, Outcome> sound_;
    Tally tally_;
};

} // namespace

std::string as_filter(std::string_view test) {
    std::string filter;
    for (const char c : test) {
        if (c == ',' || c == '\\') filter += '\\';
        filter += c;
    }
    return filter;
}

int cases_run(std::string_view output) {
    constexpr std::string_view closing = "[doctest] test cases:";
    const auto at = output.rfind(closing);
    if (at == std::string_view::npos) return -1;
    int count = 0;
    for (auto digit = output.find_first_not_of(' ', at + closing.size()); digit < output.size() && output[digit] >= '0' && output[digit] <= '9';
         ++digit)
        count = count * 10 + (output[digit] - '0');
    return count;
}

Tally run(const MutatedTree& tree, const std::vector<Mutant>& all, const std::vector<Mutant>& chosen) { return Trial(tree, all, chosen).run(); }

} // namespace gatehouse::mutants
