// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/target.hpp"
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/session.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/values.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace gatehouse::ctl {

namespace {

constexpr int pages_max = 100;
constexpr Duration tenths_below = std::chrono::seconds(10);

struct Sums {
    std::int64_t covered_s = 0, recovered_s = 0, unknown_s = 0;
    std::uint64_t lost = 0;
};

/// The codes of one span, joined by "; ", in words.
std::string causes_text(const json::object& span, bool zh) {
    const auto codes = text_at(span, "cause").value_or("");
    std::string text;
    for (std::size_t at = 0; at < codes.size();) {
        const auto end = std::min(codes.find("; ", at), codes.size());
        text += (text.empty() ? "" : "; ") + word_for(codes.substr(at, end - at), zh);
        at = end + 2;
    }
    return text.empty() ? "-" : text;
}

std::string length_of(const json::object& span, bool zh) {
    const auto from = time_at(span, "from"), to = time_at(span, "to");
    if (!from || !to) return "-";
    const auto length = std::chrono::round<std::chrono::milliseconds>(*to - *from);
    if (length < tenths_below && length >= Duration::zero()) {
        // A restart takes less than a second, and is not nothing.
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), zh ? "%.1f 秒" : "%.1f s", static_cast<double>(length.count()) / 1000);
        return text.data();
    }
    return length_text(std::chrono::round<std::chrono::seconds>(length).count(), zh);
}

void add_spans(const Session& session, const json::object& answer, Table& table, Sums& sums) {
    for (const auto* span : objects_at(answer, "spans")) {
        table.add({word_at(*span, "state", session.zh()), local_at(*span, "from"), local_at(*span, "to"), length_of(*span, session.zh()),
                   causes_text(*span, session.zh()), cell(*span, "lost")});
        sums.lost += count_at(*span, "lost");
    }
    sums.covered_s += number_at(answer, "covered_s").value_or(0);
    sums.recovered_s += number_at(answer, "recovered_s").value_or(0);
    sums.unknown_s += number_at(answer, "unknown_s").value_or(0);
}

void show_sums(const Session& session, const Sums& sums) {
    const auto zh = session.zh();
    auto text = session.say("合计  有记录 ", "in all  covered ") + length_text(sums.covered_s, zh) + session.say("，已补录 ", ", recovered ") +
                length_text(sums.recovered_s, zh) + session.say("，无记录 ", ", unknown ") + length_text(sums.unknown_s, zh);
    if (sums.lost > 0) text += session.say("；丢失 " + std::to_string(sums.lost) + " 条", "; " + std::to_string(sums.lost) + " events lost");
    session.around.out << text << "\n";
}

} // namespace

int coverage(const Session& session) {
    const auto& words = session.words;
    const auto now = session.around.now();
    std::vector<std::pair<std::string, std::string>> range;
    for (const auto* name : {"from", "to"}) {
        if (!words.has(name)) continue;
        const auto moment = read_moment(std::string("--") + name, words.option(name), now);
        if (!moment) return session.fail(exit_usage, moment.error());
        range.emplace_back(name, to_text(*moment));
    }
    const auto path = "/api/v1/devices/" + console::escaped(words.operands[0]) + "/coverage";
    Table table({session.say("状态", "STATE"), session.say("起", "FROM"), session.say("止", "TO"), session.say("时长", "LENGTH"),
                 session.say("原因", "CAUSE"), session.say("丢失条数", "LOST")});
    Sums sums;
    for (int page = 0; page < pages_max; ++page) {
        const auto answer = session.ask("GET", path + query_text(range));
        if (!answer) return answer.error().code;
        if (array_at(*answer, "spans") == nullptr) return session.fail_foreign("spans");
        if (words.json)
            session.show(*answer);
        else
            add_spans(session, *answer, table, sums);
        const auto next = text_at(*answer, "next").value_or("");
        if (next.empty()) break;
        const auto is_from = [](const auto& pair) { return pair.first == "from"; };
        std::erase_if(range, is_from);
        range.emplace_back("from", next);
    }
    if (words.json) return exit_ok;
    session.around.out << table.text();
    show_sums(session, sums);
    return exit_ok;
}

} // namespace gatehouse::ctl
