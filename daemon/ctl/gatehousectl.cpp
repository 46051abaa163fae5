// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/gatehousectl.hpp"

#include "config/settings.hpp"
#include "daemon/base/crypto.hpp"
#include "daemon/base/json.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/store/backup.hpp"
#include "daemon/store/site_keys.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <set>

namespace gatehouse::ctl {

namespace {

constexpr Duration answer_limit = std::chrono::minutes(10); // a backup or a verification takes its time
constexpr Duration tail_interval = std::chrono::milliseconds(500);

void wait(Duration howlong) {
    Loop loop;
    RealClock clock(loop);
    loop.spawn("wait", clock.sleep_for(howlong));
    loop.run();
}

/// What was typed, taken apart.
struct Words {
    std::vector<std::string> plain;
    std::map<std::string, std::string> options; ///< "--kind" -> value; flags -> "yes"
    std::string socket = "/run/gatehouse/control.sock";
    bool json = false;
    bool zh = false;

    const std::string& option(const std::string& name) const {
        static const std::string none;
        const auto found = options.find(name);
        return found == options.end() ? none : found->second;
    }
    bool has(const std::string& name) const { return options.contains(name); }
};

const std::set<std::string> valued{"--socket", "--lang",      "--kind",  "--source",  "--subject", "--from",   "--to",
                                   "--limit",  "--directory", "--order", "--address", "--file",    "--purpose"};
const std::set<std::string> flags{"--json", "--defaults", "--schema", "--personal", "--once", "--help"};

bool locale_is_chinese() {
    for (const auto* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return std::string_view(value).starts_with("zh");
    return false;
}

Result<Words> take_apart(const std::vector<std::string>& typed) {
    Words words;
    words.zh = locale_is_chinese();
    for (std::size_t i = 0; i < typed.size(); ++i) {
        const auto& word = typed[i];
        if (!word.starts_with("--"))
            words.plain.push_back(word);
        else if (flags.contains(word))
            words.options[word] = "yes";
        else if (valued.contains(word) && i + 1 < typed.size())
            words.options[word] = typed[++i];
        else
            return Error(Fault::malformed, "unknown or incomplete option " + word);
    }
    if (words.has("--socket")) words.socket = words.option("--socket");
    if (words.has("--lang")) words.zh = words.option("--lang") == "zh";
    words.json = words.has("--json");
    return words;
}

struct Session {
    const Words& words;
    Surroundings& around;

    std::string say(const char* zh, const char* en) const { return words.zh ? zh : en; }

    int fail(int code, const std::string& zh, const std::string& en) const {
        around.err << "gatehousectl: " << (words.zh ? zh : en) << "\n";
        return code;
    }

    /// The answer as JSON, or the exit code after it was said what is wrong.
    std::optional<json::value> ask(int& code, std::string method, std::string target, const json::value& body = nullptr) const {
        net::HttpRequest request;
        request.method = std::move(method);
        request.target = std::move(target);
        if (!body.is_null()) {
            request.body = json::serialize(body);
            request.headers.emplace_back("Content-Type", "application/json");
        }
        auto answer = around.ask(words.socket, request);
        if (!answer) {
            code = fail(exit_unavailable, "网关没有运行，或无权连接 " + words.socket + "（" + answer.error().what() + "）",
                        "the daemon does not run, or you may not connect to " + words.socket + " (" + answer.error().what() + ")");
            return std::nullopt;
        }
        auto parsed = parse_json(answer->body, 64 * 1024 * 1024);
        if (answer->status >= 200 && answer->status < 300) {
            if (parsed) return std::move(*parsed);
            return json::value(answer->body);
        }
        const auto detail = parsed && parsed->is_object() ? text_at(parsed->get_object(), "detail").value_or("") : std::string();
        code = answer->status == 401 || answer->status == 403 ? exit_no_permission
               : answer->status == 404                        ? exit_no_input
               : answer->status >= 500                        ? exit_unavailable
                                                              : exit_data;
        fail(code, "网关答复 " + std::to_string(answer->status) + "：" + printable(detail),
             "the daemon answered " + std::to_string(answer->status) + ": " + printable(detail));
        return std::nullopt;
    }

    int show(const json::value& value) const {
        around.out << json::serialize(value) << "\n";
        return exit_ok;
    }
};

std::string cell(const json::object& object, std::string_view key) {
    const auto found = object.find(key);
    if (found == object.end() || found->value().is_null()) return "-";
    if (found->value().is_string()) return printable(std::string_view(found->value().get_string()));
    return json::serialize(found->value());
}

std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~')
            out += c;
        else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

int show_devices(const Session& session, const json::object& answer) {
    Table table({session.say("设备", "DEVICE"), session.say("驱动", "DRIVER"), session.say("状态", "STATE"), session.say("事件", "EVENTS"),
                 session.say("最后消息", "HEARD"), session.say("故障", "FAULT")});
    if (const auto* devices = array_at(answer, "devices"))
        for (const auto& device : *devices) {
            const auto& object = device.as_object();
            const auto* status = object_at(object, "status");
            const auto& figures = status == nullptr ? object : *status;
            table.add({cell(object, "id"), cell(object, "driver"), cell(figures, "state"), cell(figures, "events"), cell(figures, "heard_at"),
                       cell(figures, "fault")});
        }
    session.around.out << table.text();
    return exit_ok;
}

int show_upstreams(const Session& session, const json::object& answer) {
    Table table({session.say("平台", "UPSTREAM"), session.say("状态", "STATE"), session.say("通道", "LANE"), session.say("待回执", "WAITING"),
                 session.say("最早", "OLDEST"), session.say("每秒", "PER S"), session.say("已回执", "RECEIPTED"), session.say("重发", "RESENT")});
    if (const auto* upstreams = array_at(answer, "upstreams"))
        for (const auto& upstream : *upstreams) {
            const auto& object = upstream.as_object();
            if (const auto* lanes = array_at(object, "lanes"))
                for (const auto& lane : *lanes) {
                    const auto& figures = lane.as_object();
                    table.add({cell(object, "name"), cell(object, "state"), cell(figures, "lane"), cell(figures, "waiting"), cell(figures, "oldest"),
                               cell(figures, "per_s"), cell(figures, "receipted"), cell(figures, "resent")});
                }
        }
    session.around.out << table.text();
    return exit_ok;
}

int status(const Session& session) {
    int code = exit_ok;
    const auto answer = session.ask(code, "GET", "/api/v1/status");
    if (!answer) return code;
    if (session.words.json) return session.show(*answer);
    const auto& object = answer->as_object();
    for (const auto& [key, value] : object)
        if (!value.is_array() && !value.is_object()) session.around.out << std::string_view(key) << "  " << cell(object, key) << "\n";
    for (const auto* part : {"log", "disk"})
        if (const auto* figures = object_at(object, part))
            for (const auto& [key, value] : *figures)
                session.around.out << part << "." << std::string_view(key) << "  " << cell(*figures, key) << "\n";
    session.around.out << "\n";
    show_devices(session, object);
    session.around.out << "\n";
    return show_upstreams(session, object);
}

int check(const Session& session) {
    int code = exit_ok;
    const auto answer = session.ask(code, "GET", "/api/v1/check");
    if (!answer) return code;
    const auto worst = cell(answer->as_object(), "worst");
    if (session.words.json)
        session.show(*answer);
    else if (const auto* findings = array_at(answer->as_object(), "findings"))
        for (const auto& finding : *findings) {
            const auto& object = finding.as_object();
            session.around.out << cell(object, "severity") << "  " << cell(object, "part") << ": " << cell(object, session.words.zh ? "zh" : "en")
                               << "\n";
        }
    return worst == "fine" ? 0 : worst == "warning" ? 1 : 2;
}

std::string records_query(const Words& words) {
    std::string query;
    for (const auto* name : {"kind", "source", "subject", "from", "to", "limit"})
        if (const auto& value = words.option(std::string("--") + name); !value.empty())
            query += (query.empty() ? "?" : "&") + std::string(name) + "=" + escaped(value);
    if (words.has("--personal")) query += (query.empty() ? "?" : "&") + std::string("personal=true");
    return query;
}

// New records by asking again: the live feed is not served yet. --once: the newest page, and that is all.
int tail(const Session& session) {
    std::uint64_t shown = 0;
    for (;;) {
        int code = exit_ok;
        const auto answer = session.ask(code, "GET", "/api/v1/records" + records_query(session.words));
        if (!answer) return code;
        std::vector<const json::object*> fresh;
        if (const auto* records = array_at(answer->as_object(), "records"))
            for (const auto& record : *records)
                if (const auto position = number_at(record.as_object(), "position"); position && static_cast<std::uint64_t>(*position) > shown)
                    fresh.push_back(&record.as_object());
        for (auto record = fresh.rbegin(); record != fresh.rend(); ++record) {
            const auto& object = **record;
            shown = std::max(shown, static_cast<std::uint64_t>(*number_at(object, "position")));
            if (session.words.json)
                session.around.out << json::serialize(object) << "\n";
            else
                session.around.out << cell(object, "position") << "  " << cell(object, "heard_at") << "  " << cell(object, "kind") << "  "
                                   << cell(object, "source") << "  " << cell(object, "facts") << "\n";
        }
        session.around.out.flush();
        if (session.words.has("--once") || !session.around.out) return exit_ok;
        wait(tail_interval);
    }
}

int plain_ask(const Session& session, const std::string& method, const std::string& target, const json::value& body = nullptr) {
    int code = exit_ok;
    const auto answer = session.ask(code, method, target, body);
    if (!answer) return code;
    if (answer->is_string()) {
        session.around.out << std::string_view(answer->get_string());
        return exit_ok;
    }
    return session.show(*answer);
}

int verify(const Session& session) {
    int code = exit_ok;
    const auto answer = session.ask(code, "POST", "/api/v1/log/verify");
    if (!answer) return code;
    session.show(*answer);
    if (bool_at(answer->as_object(), "whole").value_or(false)) return exit_ok;
    return session.fail(exit_data, "日志不完整：" + cell(answer->as_object(), "fault"),
                        "the log is not whole: " + cell(answer->as_object(), "fault"));
}

int device(const Session& session) {
    const auto& plain = session.words.plain;
    const auto verb = plain.size() > 1 ? plain[1] : std::string("list");
    int code = exit_ok;
    if (verb == "list") {
        const auto answer = session.ask(code, "GET", "/api/v1/devices");
        if (!answer) return code;
        return session.words.json ? session.show(*answer) : show_devices(session, answer->as_object());
    }
    if (verb == "discover") {
        json::object body;
        if (session.words.has("--address")) body["address"] = session.words.option("--address");
        return plain_ask(session, "POST", "/api/v1/discover", body);
    }
    if (verb == "add" && session.words.has("--file")) {
        std::ifstream file(session.words.option("--file"));
        auto parsed = parse_json(std::string(std::istreambuf_iterator<char>(file), {}));
        if (!parsed) return session.fail(exit_no_input, "文件不是 JSON 对象", "the file is no JSON object: " + parsed.error().what());
        return plain_ask(session, "POST", "/api/v1/devices", *parsed);
    }
    if (plain.size() < 3) return session.fail(exit_usage, "缺少设备编号", "a device's id is missing");
    const auto path = "/api/v1/devices/" + escaped(plain[2]);
    if (verb == "probe") return plain_ask(session, "GET", path + "/probe");
    if (verb == "remove") return plain_ask(session, "DELETE", path);
    if (verb == "open") {
        const auto door = plain.size() > 3 ? std::atoi(plain[3].c_str()) : 1;
        return plain_ask(session, "POST", path + "/open", json::object{{"door", door}});
    }
    return session.fail(exit_usage, "device 之后应为 list、add、probe、discover、open、remove",
                        "after device: list, add, probe, discover, open or remove");
}

int upstream(const Session& session) {
    const auto& plain = session.words.plain;
    const auto verb = plain.size() > 1 ? plain[1] : std::string("status");
    int code = exit_ok;
    if (verb == "status") {
        const auto answer = session.ask(code, "GET", "/api/v1/upstreams");
        if (!answer) return code;
        return session.words.json ? session.show(*answer) : show_upstreams(session, answer->as_object());
    }
    if (verb == "dead" && plain.size() > 2) return plain_ask(session, "GET", "/api/v1/upstreams/" + escaped(plain[2]) + "/dead");
    if (verb == "resend" && plain.size() > 5)
        return plain_ask(session, "POST", "/api/v1/upstreams/" + escaped(plain[2]) + "/resend",
                         json::object{{"lane", plain[3]}, {"first", std::atoll(plain[4].c_str())}, {"last", std::atoll(plain[5].c_str())}});
    return session.fail(exit_usage, "upstream status | dead 平台 | resend 平台 通道 首 末",
                        "upstream status | dead NAME | resend NAME LANE FIRST LAST");
}

int restore(const Session& session) {
    const auto& plain = session.words.plain;
    const auto& directory = session.words.option("--directory");
    if (plain.size() < 2 || directory.empty()) return session.fail(exit_usage, "restore 文件 --directory 目录", "restore FILE --directory DIRECTORY");
    start_crypto();
    SystemEntropy entropy;
    store::SystemFiles files;
    auto keys = store::load_or_make_site_keys(directory, entropy, files);
    if (!keys) return session.fail(exit_no_input, keys.error().what(), keys.error().what());
    store::StoreOptions options;
    options.directory = directory;
    options.machine = store::machine_identity(directory);
    Loop loop;
    const RealClock clock(loop);
    auto restored = store::restore_store(options, *keys, plain[1], clock.now(), entropy, files);
    if (!restored)
        return session.fail(restored.error().fault() == Fault::busy ? exit_try_later : exit_data, restored.error().what(), restored.error().what());
    return session.show(json::object{{"epoch", restored->epoch},
                                     {"previous_epoch", restored->previous_epoch},
                                     {"head", restored->head},
                                     {"erased_again", restored->erased_again}});
}

int settings(const Session& session) {
    if (session.words.has("--defaults"))
        session.around.out << config::default_settings();
    else if (session.words.has("--schema"))
        session.around.out << config::settings_schema();
    else
        return plain_ask(session, "GET", std::string("/api/v1/settings?language=") + (session.words.zh ? "zh" : "en"));
    return exit_ok;
}

int help(const Session& session) {
    session.around.out << "gatehousectl [--socket PATH] [--json] [--lang zh|en] COMMAND\n\n"
                          "  status                                  devices, log, each lane of each upstream\n"
                          "  check                                   what is wrong, in plain words; exit 0 fine, 1 warning, 2 fault\n"
                          "  tail [--kind K] [--source S] [--once]   records as they come\n"
                          "  log verify                              recompute every commitment, seal and signature\n"
                          "  device list|probe ID|open ID [N]|discover [--address A]|add --file F|remove ID\n"
                          "  upstream status|dead NAME|resend NAME LANE FIRST LAST\n"
                          "  identity [renew]                        gateway, epoch, head; a new epoch\n"
                          "  settings [--defaults|--schema]\n"
                          "  backup FILE | restore FILE --directory DIR (daemon stopped)\n"
                          "  erase SUBJECT --order DOCUMENT          empty a person's records\n"
                          "  bundle                                  support bundle, scrubbed\n";
    return exit_ok;
}

int dispatch(const Session& session) {
    const auto& plain = session.words.plain;
    if (plain.empty() || session.words.has("--help") || plain[0] == "help") return help(session);
    const auto& command = plain[0];
    if (command == "status") return status(session);
    if (command == "check") return check(session);
    if (command == "tail") return tail(session);
    if (command == "log" && plain.size() > 1 && plain[1] == "verify") return verify(session);
    if (command == "device") return device(session);
    if (command == "upstream") return upstream(session);
    if (command == "identity")
        return plain.size() > 1 && plain[1] == "renew" ? plain_ask(session, "POST", "/api/v1/identity/renew")
                                                       : plain_ask(session, "GET", "/api/v1/identity");
    if (command == "settings") return settings(session);
    if (command == "backup" && plain.size() > 1) return plain_ask(session, "POST", "/api/v1/backup", json::object{{"file", plain[1]}});
    if (command == "restore") return restore(session);
    if (command == "erase" && plain.size() > 1)
        return plain_ask(session, "POST", "/api/v1/erase", json::object{{"subject", plain[1]}, {"order", session.words.option("--order")}});
    if (command == "bundle") return plain_ask(session, "GET", "/api/v1/bundle");
    return session.fail(exit_usage, "没有这个命令：" + printable(command) + "（gatehousectl help）",
                        "no such command: " + printable(command) + " (gatehousectl help)");
}

} // namespace

Result<net::HttpResponse> ask_over_socket(const std::string& socket, const net::HttpRequest& request) {
    return net::request_over_unix_socket(socket, request, answer_limit);
}

Done follow_over_socket(const std::string& socket, const net::HttpRequest& upgrade, const std::function<bool(std::string_view)>& each) {
    return net::follow_over_unix_socket(socket, upgrade, each);
}

int run(std::vector<std::string> words, Surroundings surroundings) {
    const auto typed = take_apart(words);
    if (!typed) {
        surroundings.err << "gatehousectl: " << typed.error().what() << "\n";
        return exit_usage;
    }
    return dispatch(Session{*typed, surroundings});
}

} // namespace gatehouse::ctl
