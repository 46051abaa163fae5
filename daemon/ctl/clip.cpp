// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/target.hpp"
#include "daemon/ctl/figures.hpp"
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/table.hpp"

namespace gatehouse::ctl {

namespace {

constexpr std::string_view clips_path = "/api/v1/clips";

std::string officers_of(const json::object& clip) {
    std::string names;
    if (const auto* officers = array_at(clip, "officers"))
        for (const auto& one : *officers)
            if (one.is_string()) names += (names.empty() ? "" : ", ") + printable(std::string_view(one.get_string()));
    return names;
}

int decide(const Session& session, std::string_view verb, const json::value& body, const std::string& zh, const std::string& en) {
    const auto target = std::string(clips_path) + "/" + console::escaped(session.words.operands[0]) + "/" + std::string(verb);
    const auto answer = session.ask("POST", target, body);
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    session.around.out << session.say(zh, en) << "\n";
    return exit_ok;
}

} // namespace

int clip_list(const Session& session) {
    const auto answer = session.ask("GET", std::string(clips_path));
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto clips = objects_at(*answer, "clips");
    if (clips.empty()) {
        session.around.out << session.say("没有平台请求调取录像", "no platform asks for a clip") << "\n";
        return exit_ok;
    }
    Table table({session.say("编号", "ID"), session.say("状态", "STATE"), session.say("平台", "PLATFORM"), session.say("案号", "CASE"),
                 session.say("警官", "OFFICERS"), session.say("相机", "CAMERA"), session.say("起", "FROM"), session.say("止", "TO")});
    for (const auto* clip : clips)
        table.add({cell(*clip, "clip"), word_at(*clip, "state", session.zh()), cell(*clip, "upstream"), cell(*clip, "case"), officers_of(*clip),
                   cell(*clip, "camera"), local_at(*clip, "from"), local_at(*clip, "to")});
    session.around.out << table.text();
    return exit_ok;
}

int clip_approve(const Session& session) {
    return decide(session, "approve", nullptr, "已批准；平台七天内可以取走。谁批准、取走什么，都已留痕",
                  "approved; the platform may fetch it for seven days. Who said so and what was fetched is in the audit trail");
}

int clip_refuse(const Session& session) {
    if (!session.words.has("reason")) return session.fail(exit_usage, "缺少 --reason：为什么拒绝", "--reason is missing: why not");
    return decide(session, "refuse", json::object{{"reason", session.words.option("reason")}}, "已拒绝", "refused");
}

} // namespace gatehouse::ctl
