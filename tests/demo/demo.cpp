// SPDX-License-Identifier: Apache-2.0
//
// gatehouse-demo [--for 60s] [--json] [--rate 12]: see README.md here.
#include "tests/demo/judgement.hpp"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <thread>

#include <unistd.h>

using namespace gatehouse::demo;
using namespace std::chrono_literals;

namespace {

volatile std::sig_atomic_t told_to_stop = 0;

struct Arguments {
    std::chrono::seconds length{0}; ///< 0: until Ctrl-C
    bool json = false;
    double per_s = 12;
};

Arguments read_arguments(int count, char** words) {
    Arguments arguments;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--for" && i + 1 < count)
            arguments.length = std::chrono::seconds(std::stoi(words[++i]));
        else if (word == "--rate" && i + 1 < count)
            arguments.per_s = std::stod(words[++i]);
        else if (word == "--json")
            arguments.json = true;
        else
            throw std::invalid_argument(word);
    }
    return arguments;
}

// One calm screen, drawn over itself; on a pipe, one line now and then.
class Screen {
public:
    explicit Screen(bool quiet) : quiet_(quiet), is_terminal_(isatty(STDOUT_FILENO) == 1) {}

    void draw(Compound& compound, std::chrono::seconds since, const std::string& news) {
        if (quiet_) return;
        Judgement now;
        try {
            now = judge(compound);
        } catch (const gatehouse::harness::Trouble&) {
            return; // a process is being broken just now
        }
        if (!is_terminal_) {
            if (since.count() % 5 == 0)
                std::printf("%4lld s  heard %llu  recorded %llu  %s\n", static_cast<long long>(since.count()),
                            static_cast<unsigned long long>(now.heard), static_cast<unsigned long long>(now.recorded), news.c_str());
            std::fflush(stdout);
            return;
        }
        std::printf("\033[H\033[2JGatehouse 演示小区 · demo compound                      %lld s\n\n", static_cast<long long>(since.count()));
        std::printf("  devices 设备      2 gates, 3 face terminals, 2 door controllers\n");
        std::printf("  heard 发生        %llu events\n", static_cast<unsigned long long>(now.heard));
        std::printf("  recorded 已落盘   %llu   waiting 等待 %llu\n\n", static_cast<unsigned long long>(now.recorded),
                    static_cast<unsigned long long>(now.heard - now.recorded - now.in_gaps));
        std::printf("  platform 平台      entitled 应报   receipted 已回执   sent again 重发   holes 缺口\n");
        for (const auto& [name, platform] : now.platforms)
            std::printf("  %-16s %12llu %16llu %17llu %12llu\n", name.c_str(), static_cast<unsigned long long>(platform.entitled),
                        static_cast<unsigned long long>(platform.kept), static_cast<unsigned long long>(platform.dropped),
                        static_cast<unsigned long long>(platform.holes));
        std::printf("\n  broker 消息服务器 %s\n", compound.broker_runs() ? "running 运行" : "KILLED 已断开");
        std::printf("  %s\n\n", news.c_str());
        std::printf("  In another window 在另一个窗口：\n    build/release/bin/gatehousectl --socket %s status\n", compound.socket().c_str());
        std::printf("    build/release/bin/gatehousectl --socket %s tail\n\n  Ctrl-C ends it 结束\n", compound.socket().c_str());
        std::fflush(stdout);
    }

private:
    bool quiet_;
    bool is_terminal_;
};

// When what breaks and is mended, as fractions of the run: the broker for a tenth, then a controller for a tenth.
struct Step {
    double at;
    void (*act)(Compound&);
    const char* news;
};
constexpr Step story[] = {
    {0.25, [](Compound& c) { c.cut_broker(); }, "the broker was killed 消息服务器已断开"},
    {0.35, [](Compound& c) { c.mend_broker(); }, "the broker is back 消息服务器已恢复"},
    {0.55, [](Compound& c) { c.cut_device(); }, "controller-1 was unplugged 控制器1已断开"},
    {0.65, [](Compound& c) { c.mend_device(); }, "controller-1 is plugged in 控制器1已恢复"},
};

void print_json(const Judgement& judgement) {
    boost::json::object receipted;
    for (const auto& [name, platform] : judgement.platforms) receipted[name] = platform.kept;
    boost::json::object line{{"heard", judgement.heard},     {"recorded", judgement.recorded}, {"receipted", receipted},
                             {"resent", judgement.resent()}, {"lost", judgement.lost},         {"duplicates", judgement.duplicates()},
                             {"holes", judgement.holes()}};
    std::cout << boost::json::serialize(line) << std::endl;
}

void explain(const Judgement& judgement) {
    std::cerr << "heard " << judgement.heard << ", recorded " << judgement.recorded << ", in gaps " << judgement.in_gaps << ", lost "
              << judgement.lost << "\n";
    for (const auto& [name, p] : judgement.platforms)
        std::cerr << name << ": entitled " << p.entitled << ", kept " << p.kept << ", lanes without their last receipt " << p.settled_behind
                  << ", kept twice " << p.kept_twice << ", holes " << p.holes << ", bad " << p.bad << "\n";
}

int run(const Arguments& arguments) {
    Compound compound;
    compound.start_gateway();
    Screen screen(arguments.json);
    compound.traffic(arguments.per_s);
    const auto begun = std::chrono::steady_clock::now();
    const auto length = arguments.length.count() > 0 ? std::chrono::duration<double>(arguments.length) : std::chrono::duration<double>(120.0);
    std::size_t next = 0;
    std::string news = "all is well 一切正常";
    for (;;) {
        const auto passed = std::chrono::steady_clock::now() - begun;
        if (told_to_stop != 0 || (arguments.length.count() > 0 && passed >= arguments.length)) break;
        if (next < std::size(story) && passed >= length * story[next].at) {
            story[next].act(compound);
            news = story[next++].news;
        }
        screen.draw(compound, std::chrono::duration_cast<std::chrono::seconds>(passed), news);
        std::this_thread::sleep_for(std::chrono::milliseconds(arguments.json ? 100 : 1000));
    }
    while (next < std::size(story)) story[next++].act(compound); // nothing is left broken
    compound.traffic(0);
    Judgement judgement;
    try {
        // Complete twice, two seconds apart: the last events may still be on their way from the devices.
        int complete = 0;
        gatehouse::harness::eventually(
            "every platform to receipt what it is entitled to",
            [&] {
                judgement = judge(compound);
                complete = judgement.is_complete() && judgement.heard == judgement.recorded + judgement.in_gaps ? complete + 1 : 0;
                if (complete == 0 || complete > 1) return complete > 1;
                std::this_thread::sleep_for(2s);
                return false;
            },
            60s);
    } catch (const gatehouse::harness::Trouble& trouble) {
        std::cerr << trouble.what() << "\n";
    }
    const bool ended_well = compound.stop_gateway();
    const bool is_good = judgement.is_complete() && ended_well;
    if (!is_good || !arguments.json) explain(judgement);
    print_json(judgement);
    return is_good ? 0 : 1;
}

} // namespace

int main(int count, char** words) {
    std::signal(SIGINT, [](int) { told_to_stop = 1; });
    std::signal(SIGTERM, [](int) { told_to_stop = 1; });
    try {
        return run(read_arguments(count, words));
    } catch (const std::invalid_argument&) {
        std::cerr << "usage: ./dev demo [--for 60s] [--json] [--rate EVENTS_PER_SECOND]\n";
        return 64;
    } catch (const std::exception& trouble) {
        std::cerr << "demo: " << trouble.what() << "\n";
        return 1;
    }
}
