// SPDX-License-Identifier: Apache-2.0
//
// The log as a whole: is it as it was written, whose is it, and the one change that an order makes.
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/session.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/values.hpp"

namespace gatehouse::ctl {

namespace {

void show_report(const Session& session, const json::object& report) {
    const auto range = cell(report, "first") + " – " + cell(report, "last");
    session.around.out << session.say("检查了位置 ", "looked at positions ") << range << "\n"
                       << session.say("  完整的记录 ", "  records whole ") << cell(report, "records") << "\n"
                       << session.say("  依文号清空个人信息 ", "  emptied by order ") << cell(report, "emptied") << "\n"
                       << session.say("  按保留期删除 ", "  removed by retention ") << cell(report, "removed")
                       << session.say("，其中只剩签名摘要 ", ", standing as digests only ") << cell(report, "condensed") << "\n"
                       << session.say("  封印 ", "  seals ") << cell(report, "seals") << session.say("，签名摘要 ", ", signed digests ")
                       << cell(report, "digests") << "\n";
}

int show_identity(const Session& session, const json::object& identity) {
    if (session.words.json) return session.show(identity);
    session.around.out << session.say("网关 ", "gateway ") << cell(identity, "gateway") << session.say("  小区 ", "  compound ")
                       << cell(identity, "compound") << "\n"
                       << session.say("纪元 ", "epoch ") << cell(identity, "epoch") << session.say("，自位置 ", ", from position ")
                       << cell(identity, "epoch_first") << session.say(" 起", " on") << "\n"
                       << session.say("末位 ", "head ") << cell(identity, "head") << session.say("  封印 ", "  seal ") << cell(identity, "seal")
                       << "\n";
    return exit_ok;
}

} // namespace

int log_verify(const Session& session) {
    const auto report = session.ask("POST", "/api/v1/log/verify");
    if (!report) return report.error().code;
    const auto is_whole = bool_at(*report, "whole");
    if (!is_whole) return session.fail_foreign("whole");
    if (session.words.json)
        session.show(*report);
    else
        show_report(session, *report);
    if (!*is_whole) {
        const auto where = cell(*report, "first_bad"), fault = cell(*report, "fault");
        return session.fail(exit_data, "日志不完整：第一个坏位置 " + where + "（" + fault + "）。先另存数据目录，再联系支持",
                            "the log is not whole: first bad position " + where + " (" + fault + "); set a copy of the data directory aside first");
    }
    if (!session.words.json) session.around.out << session.say("日志完整，未被改动", "the log is whole and unchanged") << "\n";
    return exit_ok;
}

int identity(const Session& session) {
    const auto answer = session.ask("GET", "/api/v1/identity");
    return answer ? show_identity(session, *answer) : answer.error().code;
}

int identity_renew(const Session& session) {
    const auto answer = session.ask("POST", "/api/v1/identity/renew");
    return answer ? show_identity(session, *answer) : answer.error().code;
}

int erase(const Session& session) {
    if (!session.words.has("order"))
        return session.fail(exit_usage, "缺少 --order：删除所依据的文号", "--order is missing: the document that the erasure rests on");
    const auto answer =
        session.ask("POST", "/api/v1/erase", json::object{{"subject", session.words.operands[0]}, {"order", session.words.option("order")}});
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto records = cell(*answer, "records"), pictures = cell(*answer, "pictures"), position = cell(*answer, "position");
    session.around.out << session.say("已清空 " + records + " 条记录的个人信息，删除 " + pictures + " 张图片；见位置 " + position,
                                      records + " records emptied, " + pictures + " pictures deleted; position " + position + " says so")
                       << "\n";
    return exit_ok;
}

} // namespace gatehouse::ctl
