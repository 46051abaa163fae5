// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/target.hpp"
#include "daemon/ctl/figures.hpp"
#include "daemon/ctl/files.hpp"
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/table.hpp"

#include <unistd.h>

#include <array>
#include <cctype>

namespace gatehouse::ctl {

namespace {

constexpr std::string_view devices_path = "/api/v1/devices";
constexpr int uhppote_port = 60000;                   // the factory's
constexpr int nut_port = 3493;                        // IANA's
constexpr std::string_view camera_username = "admin"; // of every maker's factory

std::string path_of(const Session& session) { return std::string(devices_path) + "/" + console::escaped(session.words.operands[0]); }

Answer<json::object> described_in(const Session& session, const std::string& file) {
    const auto text = read_whole(file);
    if (!text) return Ended{session.fail(exit_no_input, text.error()), 0};
    auto parsed = parse_json(*text);
    if (parsed && parsed->is_object()) return std::move(parsed->get_object());
    const auto cause = parsed ? session.say("应为 JSON 对象", "a JSON object expected") : printable(parsed.error().what());
    return Ended{session.fail(exit_data, printable(file) + "：" + cause, printable(file) + ": " + cause), 0};
}

/// "camera-192-168-50-61": what registry ids may hold of an address.
std::string camera_id(const std::string& address) {
    std::string id = "camera-";
    for (const char c : address) id += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
    return id;
}

/// What the options say, over what the file said.
Answer<json::object> described(const Session& session) {
    const auto& words = session.words;
    json::object device;
    if (words.has("file")) {
        auto read = described_in(session, words.option("file"));
        if (!read) return read;
        device = std::move(*read);
    }
    if (!words.operands.empty()) device["id"] = words.operands[0];
    // A camera needs no more than its address and its password.
    if (words.has("address") && words.has("password-file") && !device.contains("driver") && !words.has("driver") && !words.has("serial")) {
        device["driver"] = "onvif";
        if (!device.contains("id")) device["id"] = camera_id(words.option("address"));
        if (!device.contains("username")) device["username"] = camera_username;
    }
    for (const auto* name : {"driver", "address", "name", "model", "place", "interface", "username"})
        if (words.has(name)) device[name] = words.option(name);
    if (words.has("tls")) device["tls"] = true;
    for (const auto& [name, most] : {std::pair("port", std::int64_t{65535}), std::pair("serial", std::int64_t{0xffffffff})}) {
        if (!words.has(name)) continue;
        const auto number = session.whole(std::string("--") + name, words.option(name), 1, most);
        if (!number) return Ended{session.fail(exit_usage, number.error()), 0};
        device[name] = *number;
    }
    if (words.has("password-file")) {
        const auto password = read_secret(words.option("password-file"));
        if (!password) return Ended{session.fail(exit_no_input, password.error()), 0};
        device["password"] = *password;
    }
    return device;
}

std::optional<Sentence> missing_in(const json::object& device) {
    if (text_at(device, "id").value_or("").empty())
        return Sentence{"缺少设备编号。用法：gatehousectl device add 编号 --driver … --address …",
                        "the device's id is missing; usage: gatehousectl device add ID --driver … --address …"};
    for (const auto* name : {"driver", "address"})
        if (!device.contains(name))
            return Sentence{std::string("缺少 --") + name + "。说明：gatehousectl help device add",
                            std::string("--") + name + " is missing; see gatehousectl help device add"};
    return std::nullopt;
}

void fill_port(json::object& device) {
    if (device.contains("port")) return;
    const auto driver = text_at(device, "driver").value_or("");
    const int web_port = bool_at(device, "tls").value_or(false) ? 443 : 80;
    device["port"] = driver == "uhppote" ? uhppote_port : driver == "nut" ? nut_port : web_port;
}

} // namespace

int device_list(const Session& session) {
    const auto answer = session.ask("GET", std::string(devices_path));
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    show_devices(session, *answer, session.around.now());
    return exit_ok;
}

int device_add(const Session& session) {
    auto device = described(session);
    if (!device) return device.error().code;
    if (const auto missing = missing_in(*device)) return session.fail(exit_usage, *missing);
    fill_port(*device);
    const auto answer = session.ask("POST", std::string(devices_path), *device);
    if (!answer) {
        if (answer.error().status != http_refused) return answer.error().code;
        const auto id = cell(*device, "id");
        return session.fail(exit_cannot_create, "要修改：先 gatehousectl device remove " + id + "（其记录保留），再 device add",
                            "to change it: gatehousectl device remove " + id + " (its records stay), then device add");
    }
    if (session.words.json) return session.show(*answer);
    const auto id = cell(*device, "id");
    session.around.out << session.say("已登记 " + id + "。看是否连上：gatehousectl device probe " + id,
                                      id + " is registered; see whether it answers: gatehousectl device probe " + id)
                       << "\n";
    return exit_ok;
}

int device_remove(const Session& session) {
    const auto answer = session.ask("DELETE", path_of(session));
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto id = printable(session.words.operands[0]);
    session.around.out << session.say("已注销 " + id + "，其记录保留", id + " is removed; its records stay") << "\n";
    return exit_ok;
}

int device_probe(const Session& session) {
    const auto answer = session.ask("GET", path_of(session) + "/probe");
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto* status = object_at(*answer, "status");
    const auto* diagnosis = object_at(*answer, "diagnosis");
    if (status == nullptr || diagnosis == nullptr) return session.fail_foreign("status, diagnosis");
    auto& out = session.around.out;
    const auto zh = session.zh();
    const auto now = session.around.now();
    out << cell(*answer, "id") << "  " << cell(*answer, "address") << "  " << word_at(*status, "state", zh) << "\n"
        << word_at(*diagnosis, "severity", zh) << session.say("：", ": ") << printable(text_at(*diagnosis, zh ? "zh" : "en").value_or("-")) << "\n"
        << session.say("最后消息 ", "heard ") << age_at(*status, "heard_at", now, zh) << session.say("，固件 ", ", firmware ")
        << cell(*status, "firmware") << "\n"
        << session.say("事件 ", "events ") << cell(*status, "events") << session.say("，重复 ", ", repeated ") << cell(*status, "repeats")
        << session.say("，补录 ", ", recovered ") << cell(*status, "recovered") << session.say("，丢失 ", ", lost ") << cell(*status, "lost")
        << session.say("，看不懂 ", ", malformed ") << cell(*status, "malformed") << session.say("，过大 ", ", too large ")
        << cell(*status, "oversize") << "\n";
    return exit_ok;
}

int device_discover(const Session& session) {
    json::object body;
    if (session.words.has("address")) {
        auto address = session.words.option("address");
        const bool is_range = address.find_first_of("/-") != std::string::npos &&
                              address.find_first_not_of("0123456789./-") == std::string::npos; // of cameras, over HTTP
        if (!is_range && address.find(':') == std::string::npos) address += ":" + std::to_string(uhppote_port);
        body["address"] = address;
    }
    const auto answer = session.ask("POST", "/api/v1/discover", body);
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto found = objects_at(*answer, "found");
    if (found.empty()) {
        session.around.out << session.say("没有设备应答：检查网线和网卡，或用 --address 指定广播地址",
                                          "nobody answered: check cable and interface, or name the broadcast address with --address")
                           << "\n";
        return exit_ok;
    }
    Table table({session.say("驱动", "DRIVER"), session.say("地址", "ADDRESS"), session.say("型号", "MODEL"), session.say("序列号", "SERIAL"),
                 session.say("已登记为", "REGISTERED AS"), session.say("说明", "NOTE")});
    for (const auto* one : found)
        table.add({cell(*one, "driver"), cell(*one, "address"), cell(*one, "model"), cell(*one, "serial"), cell(*one, "registered_as"),
                   cell(*one, "note")});
    session.around.out << table.text();
    return exit_ok;
}

int device_open(const Session& session) {
    const auto& operands = session.words.operands;
    const auto door = session.whole("DOOR", operands.size() > 1 ? operands[1] : "1", 1, 255);
    if (!door) return session.fail(exit_usage, door.error());
    const auto answer = session.ask("POST", path_of(session) + "/open", json::object{{"door", *door}});
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto id = printable(operands[0]);
    const auto number = std::to_string(*door);
    const auto by = "uid:" + std::to_string(::getuid());
    session.around.out << session.say("已开门：" + id + " " + number + " 号门；操作人 " + by + "，已记入日志",
                                      "opened: " + id + ", door " + number + "; by " + by + ", as the log says")
                       << "\n";
    return exit_ok;
}

int device_password(const Session& session) {
    const auto& operands = session.words.operands;
    if (operands[0] != "rotate")
        return session.fail(exit_usage, "应为 rotate。用法：gatehousectl device password rotate 编号",
                            "rotate expected; usage: gatehousectl device password rotate ID");
    const auto answer = session.ask("POST", std::string(devices_path) + "/" + console::escaped(operands[1]) + "/password");
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto id = printable(operands[1]);
    session.around.out << session.say(id + " 的密码已更换并验证；旧密码已弃用。新密码只有网关知道",
                                      id +
                                          " has a new password, proved by a log-in; the old one is forgotten, and only the gateway knows the new one")
                       << "\n";
    return exit_ok;
}

} // namespace gatehouse::ctl
