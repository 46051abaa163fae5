// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/target.hpp"
#include "daemon/ctl/figures.hpp"
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/table.hpp"

#include <algorithm>
#include <limits>

namespace gatehouse::ctl {

namespace {

constexpr std::int64_t position_max = std::numeric_limits<std::int64_t>::max();

std::string path_of(const Session& session) { return "/api/v1/upstreams/" + console::escaped(session.words.operands[0]); }

} // namespace

int upstream_status(const Session& session) {
    const auto answer = session.ask("GET", "/api/v1/upstreams");
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    show_lanes(session, *answer, session.around.now());
    return exit_ok;
}

int upstream_dead(const Session& session) {
    const auto& limit = session.words.option("limit");
    if (!limit.empty())
        if (const auto good = session.whole("--limit", limit, 1, 500); !good) return session.fail(exit_usage, good.error());
    const auto answer = session.ask("GET", path_of(session) + "/dead" + query_text({{"limit", limit}}));
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto letters = objects_at(*answer, "dead");
    const auto name = printable(session.words.operands[0]);
    if (letters.empty()) {
        session.around.out << session.say(name + " 没有拒收任何记录", name + " has refused no record") << "\n";
        return exit_ok;
    }
    Table table({session.say("通道", "LANE"), session.say("位置", "POSITION"), session.say("时间", "AT"), session.say("理由", "REASON")});
    for (const auto* letter : letters)
        table.add({word_at(*letter, "lane", session.zh()), cell(*letter, "position"), local_at(*letter, "at"), cell(*letter, "reason")});
    session.around.out << table.text();
    return exit_ok;
}

int upstream_resend(const Session& session) {
    const auto& operands = session.words.operands;
    const auto lanes = values_of("LANE");
    if (std::find(lanes.begin(), lanes.end(), operands[1]) == lanes.end())
        return session.fail(exit_usage, "LANE：应为 urgent（紧急）、routine（常规）或 pictures（图片）",
                            "LANE: urgent, routine or pictures expected");
    const auto first = session.whole("FIRST", operands[2], 1, position_max);
    if (!first) return session.fail(exit_usage, first.error());
    const auto last = session.whole("LAST", operands[3], *first, position_max);
    if (!last) return session.fail(exit_usage, last.error());
    const auto answer = session.ask("POST", path_of(session) + "/resend", json::object{{"lane", operands[1]}, {"first", *first}, {"last", *last}});
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto count = cell(*answer, "resent");
    const auto to = printable(operands[0]) + " / " + word_for(operands[1], session.zh());
    session.around.out << session.say("向 " + to + " 重发 " + count + " 条。看进度：gatehousectl upstream status",
                                      count + " records go to " + to + " again; see gatehousectl upstream status")
                       << "\n";
    return exit_ok;
}

} // namespace gatehouse::ctl
