// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/session.hpp"

#include "daemon/base/text.hpp"
#include "daemon/ctl/table.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::ctl {

namespace {

/// What to do about a problem of the console's table, by the last part of its type.
struct Remedy {
    std::string_view problem;
    int code;
    std::string_view title_zh, zh, en;
};
constexpr std::array remedies{
    Remedy{"malformed", exit_data, "值有误", "核对命令中的值", "check the values on the command line"},
    Remedy{"unknown-caller", exit_no_permission, "无法确认您的身份", "用 sudo，或请管理员把您加入 gatehouse 组后重新登录",
           "use sudo, or have yourself added to the group gatehouse and log in again"},
    Remedy{"not-allowed", exit_no_permission, "无此权限", "换用有此权限的账号，或用 sudo", "use an account that has the right, or sudo"},
    Remedy{"not-found", exit_no_input, "未找到", "核对名称：gatehousectl device list、gatehousectl upstream status",
           "check the name: gatehousectl device list, gatehousectl upstream status"},
    Remedy{"refused", exit_unavailable, "被拒绝", "按原因处理后再试", "see to the cause, then try again"},
    Remedy{"too-large", exit_data, "内容过大", "缩小后再试", "make it smaller"},
    Remedy{"too-many", exit_try_later, "已达上限", "稍后再试", "try again later"},
    Remedy{"damaged", exit_data, "存储数据损坏", "先另存一份数据目录，再执行 gatehousectl log verify",
           "set a copy of the data directory aside, then run gatehousectl log verify"},
    Remedy{"unsupported", exit_unavailable, "不支持此功能", "该设备或该版本没有此功能", "this device or version does not have it"},
    Remedy{"unreachable", exit_unavailable, "设备、平台或磁盘不可达", "检查电源、网线和磁盘：gatehousectl check",
           "check power, cable and disk: gatehousectl check"},
    Remedy{"busy", exit_try_later, "暂时繁忙", "稍后再试；若一直如此：gatehousectl check", "try again later; if it stays so: gatehousectl check"},
    Remedy{"timed-out", exit_unavailable, "对方未按时应答", "检查网络：gatehousectl check", "check the network: gatehousectl check"},
};

const Remedy* remedy_for(std::string_view type) {
    const auto name = type.substr(type.rfind(':') + 1);
    const auto found = std::find_if(remedies.begin(), remedies.end(), [&](const Remedy& remedy) { return remedy.problem == name; });
    return found == remedies.end() ? nullptr : &*found;
}

/// What the daemon says most often, in English alone, as people here read it.
struct Detail {
    std::string_view en, zh;
};
constexpr std::array details{
    Detail{"no such device", "没有这台设备"},
    Detail{"no such upstream", "没有这个平台"},
    Detail{"no such record", "没有这条记录"},
    Detail{"kind: no such kind of record", "没有这一类记录"},
    Detail{"a device of this id is registered already", "该编号的设备已登记"},
    Detail{"a backup is written to a new file", "文件已存在，备份只写入新文件"},
};

std::string in_chinese(const std::string& detail) {
    const auto found = std::find_if(details.begin(), details.end(), [&](const Detail& one) { return one.en == detail; });
    return found == details.end() ? detail : std::string(found->zh);
}

int code_of(int status) {
    if (status == 401 || status == 403) return exit_no_permission;
    if (status == 404) return exit_no_input;
    if (status == 429 || status == 503) return exit_try_later;
    if (status >= 500 || status == 405 || status == 409) return exit_unavailable;
    return status >= 400 ? exit_data : exit_software;
}

Sentence silence(const std::string& socket, const Error& error) {
    const auto cause = printable(error.what());
    switch (error.fault()) {
    case Fault::refused:
        return {"无权连接 " + socket + "：用 sudo，或请管理员把您加入 gatehouse 组后重新登录（" + cause + "）",
                "you may not connect to " + socket + ": use sudo, or have yourself added to the group gatehouse and log in again (" + cause + ")"};
    case Fault::timed_out:
        return {"网关没有按时应答：稍后再试；若一直如此：journalctl -u gatehoused（" + cause + "）",
                "the daemon did not answer in time: try again later; if it stays so: journalctl -u gatehoused (" + cause + ")"};
    case Fault::unreachable:
        return {"网关没有运行（" + socket + "）：systemctl start gatehoused；看原因：journalctl -u gatehoused（" + cause + "）",
                "the daemon does not run (" + socket + "): systemctl start gatehoused; why: journalctl -u gatehoused (" + cause + ")"};
    default:
        return {"与网关的通信出错：核对套接字 " + socket + "（" + cause + "）",
                "speaking with the daemon failed: check the socket " + socket + " (" + cause + ")"};
    }
}

int code_of(Fault fault) {
    if (fault == Fault::refused) return exit_no_permission;
    return fault == Fault::timed_out ? exit_try_later : exit_unavailable;
}

} // namespace

void Session::note(const std::string& zh, const std::string& en) const { around.err << "gatehousectl: " << (around.zh ? zh : en) << "\n"; }

int Session::fail(int code, const std::string& zh, const std::string& en) const {
    note(zh, en);
    return code;
}

int Session::fail_foreign(const std::string& what) const {
    return fail(exit_software, "看不懂网关的答复（" + what + "）：gatehousectl 与网关的版本是否一致？",
                "the daemon's answer cannot be understood (" + what + "): are gatehousectl and the daemon of one version?");
}

std::string Session::what() const {
    std::string what(words.command->words);
    for (const auto& operand : words.operands) what += " " + printable(operand);
    return what;
}

Answer<net::HttpResponse> Session::ask_any(const std::string& method, const std::string& target, const json::value& body) const {
    net::HttpRequest request;
    request.method = method;
    request.target = target;
    if (!body.is_null()) {
        request.body = json::serialize(body);
        request.headers.emplace_back("Content-Type", "application/json");
    }
    auto answer = around.ask(words.socket, request);
    if (!answer) return Ended{fail(code_of(answer.error().fault()), silence(words.socket, answer.error())), 0};
    return std::move(*answer);
}

Answer<json::object> Session::ask(const std::string& method, const std::string& target, const json::value& body) const {
    auto answer = ask_any(method, target, body);
    if (!answer) return answer.error();
    if (answer->status < 200 || answer->status >= 300) return fail_refused(*answer);
    if (answer->body.empty()) return json::object();
    auto parsed = parse_json(answer->body, answer_bytes_max);
    if (!parsed) return Ended{fail_foreign(printable(parsed.error().what())), answer->status};
    auto* object = parsed->if_object();
    if (object == nullptr) return Ended{fail_foreign("not a JSON object"), answer->status};
    return std::move(*object);
}

Answer<std::string> Session::ask_text(const std::string& method, const std::string& target) const {
    auto answer = ask_any(method, target);
    if (!answer) return answer.error();
    if (answer->status < 200 || answer->status >= 300) return fail_refused(*answer);
    return std::move(answer->body);
}

Ended Session::fail_refused(const net::HttpResponse& answer) const {
    const auto parsed = parse_json(answer.body);
    const auto* problem = parsed ? parsed->if_object() : nullptr;
    const auto number = std::to_string(answer.status);
    if (problem == nullptr)
        return {fail(code_of(answer.status), what() + "：网关答复 " + number, what() + ": the daemon answered " + number), answer.status};
    const auto detail = printable(text_at(*problem, "detail").value_or(""));
    const auto* remedy = remedy_for(text_at(*problem, "type").value_or(""));
    if (remedy != nullptr)
        return {fail(remedy->code, what() + "：" + std::string(remedy->title_zh) + "（" + in_chinese(detail) + "）。" + std::string(remedy->zh),
                     what() + ": " + detail + "; " + std::string(remedy->en)),
                answer.status};
    const auto title_en = printable(text_at(*problem, "title").value_or(""));
    const auto title_zh = printable(text_at(*problem, "title_zh").value_or(title_en));
    return {fail(code_of(answer.status), what() + "：网关答复 " + number + " " + title_zh + "（" + detail + "）",
                 what() + ": the daemon answered " + number + " " + title_en + " (" + detail + ")"),
            answer.status};
}

int Session::show(const json::object& object) const {
    around.out << json::serialize(object) << "\n";
    return exit_ok;
}

OrSentence<std::int64_t> Session::whole(const std::string& name, const std::string& text, std::int64_t least, std::int64_t most) const {
    const auto number = to_number(text);
    if (number && *number >= least && *number <= most) return *number;
    const auto range = std::to_string(least) + " – " + std::to_string(most);
    return Sentence{name + "：应为 " + range + " 的整数，而不是 " + printable(text),
                    name + ": a whole number expected, " + range + ", not " + printable(text)};
}

} // namespace gatehouse::ctl
