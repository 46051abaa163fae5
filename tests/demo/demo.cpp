// SPDX-License-Identifier: Apache-2.0
//
// gatehouse-demo [--for 60s] [--json] [--rate 12]: see README.md here.
#include "tests/demo/screen.hpp"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <thread>

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
    if (arguments.length.count() < 0 || !(arguments.per_s > 0)) throw std::invalid_argument("--for and --rate are above nought");
    return arguments;
}

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

void print_json(const Judgement& judgement, const std::map<std::string, std::uint64_t>& segments) {
    boost::json::object receipted;
    for (const auto& [name, platform] : judgement.platforms) receipted[name] = platform.kept;
    boost::json::object line{{"heard", judgement.heard},     {"recorded", judgement.recorded}, {"receipted", receipted},
                             {"resent", judgement.resent()}, {"lost", judgement.lost},         {"duplicates", judgement.duplicates()},
                             {"holes", judgement.holes()}};
    boost::json::object recorded;
    for (const auto& [camera, count] : segments) recorded[camera] = count;
    line["segments"] = std::move(recorded);
    std::cout << boost::json::serialize(line) << std::endl;
}

void explain(const Judgement& judgement) {
    std::cerr << "heard 发生 " << judgement.heard << ", recorded 已落盘 " << judgement.recorded << ", in gaps 计入缺口 " << judgement.in_gaps
              << ", lost 丢失 " << judgement.lost << "\n";
    for (const auto& [name, p] : judgement.platforms)
        std::cerr << name << ": entitled 应得 " << p.entitled << ", kept 已收 " << p.kept << ", lanes without their last receipt 未回执通道 "
                  << p.settled_behind << ", kept twice 重复 " << p.kept_twice << ", holes 漏洞 " << p.holes << ", bad 有误 " << p.bad << "\n";
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
    if (!arguments.json)
        std::cerr << "\nending: waiting for the last receipts, a minute at most; Ctrl-C again: at once\n正在结束：等待最后的回执，最多一分钟；再按 "
                     "Ctrl-C 立即结束\n";
    while (next < std::size(story)) story[next++].act(compound); // nothing is left broken
    compound.traffic(0);
    Judgement judgement;
    try {
        // Complete twice, two seconds apart: the last events may still be on their way from the devices.
        int complete = 0;
        gatehouse::harness::eventually(
            "every platform to receipt what it is entitled to",
            [&] {
                if (told_to_stop > 1) throw gatehouse::harness::Hopeless("not waited for the last receipts 未等最后的回执");
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
    if (arguments.json)
        print_json(judgement, compound.recorded_segments());
    else if (is_good)
        std::cerr << "everything arrived, once 全部到达，无一重复\n";
    return is_good ? 0 : 1;
}

} // namespace

int main(int count, char** words) {
    std::signal(SIGINT, [](int) { told_to_stop = told_to_stop + 1; });
    std::signal(SIGTERM, [](int) { told_to_stop = told_to_stop + 1; });
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
