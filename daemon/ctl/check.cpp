// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/session.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/values.hpp"

#include <algorithm>

namespace gatehouse::ctl {

namespace {

/// 0 fine, 1 warning, 2 fault. What this program does not know is no reason to be calm.
int severity_of(const json::object& finding) {
    const auto severity = text_at(finding, "severity").value_or("");
    return severity == "fine" ? 0 : severity == "warning" ? 1 : 2;
}

std::string part_of(const json::object& finding, bool zh) {
    auto part = cell(finding, "part");
    if (!zh) return part;
    for (const auto& [en, word] : {std::pair("device ", "设备 "), std::pair("upstream ", "平台 ")})
        if (part.starts_with(en)) return word + part.substr(std::string_view(en).size());
    for (const auto& [en, word] : {std::pair("clock", "时钟"), std::pair("disk", "磁盘"), std::pair("log", "日志"), std::pair("network", "网络"),
                                   std::pair("settings", "设置"), std::pair("devices", "设备")})
        if (part == en) return word;
    return part;
}

/// The sentence in the reader's language, else the other one. Whole: it says what to do.
std::string sentence_of(const json::object& finding, bool zh) {
    auto text = text_at(finding, zh ? "zh" : "en");
    if (!text) text = text_at(finding, zh ? "en" : "zh");
    return printable(text.value_or("-"));
}

void show(const Session& session, std::vector<const json::object*> findings) {
    std::stable_sort(findings.begin(), findings.end(),
                     [](const json::object* one, const json::object* other) { return severity_of(*one) > severity_of(*other); });
    std::size_t fine = 0;
    for (const auto* finding : findings) {
        if (severity_of(*finding) == 0) {
            ++fine;
            continue;
        }
        const auto word = word_for(severity_of(*finding) == 1 ? "warning" : "fault", session.zh());
        session.around.out << word << "  " << part_of(*finding, session.zh()) << session.say("：", ": ") << sentence_of(*finding, session.zh())
                           << "\n";
    }
    std::string names;
    for (const auto* finding : findings)
        if (severity_of(*finding) == 0) names += (names.empty() ? "" : session.say("、", ", ")) + part_of(*finding, session.zh());
    if (fine > 0) session.around.out << word_for("fine", session.zh()) << "  " << names << "\n";
}

} // namespace

int check(const Session& session) {
    const auto answer = session.ask("GET", "/api/v1/check");
    if (!answer) return answer.error().code;
    const auto worst = text_at(*answer, "worst").value_or("");
    if (array_at(*answer, "findings") == nullptr || (worst != "fine" && worst != "warning" && worst != "fault"))
        return session.fail_foreign("worst, findings");
    if (session.words.json)
        session.show(*answer);
    else
        show(session, objects_at(*answer, "findings"));
    return worst == "fine" ? 0 : worst == "warning" ? 1 : 2;
}

} // namespace gatehouse::ctl
