// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/target.hpp"
#include "daemon/ctl/files.hpp"
#include "daemon/ctl/handlers.hpp"
#include "daemon/ctl/session.hpp"
#include "daemon/ctl/table.hpp"
#include "daemon/ctl/values.hpp"

#include <array>
#include <cstdio>

namespace gatehouse::ctl {

namespace {

constexpr int http_not_found = 404;
constexpr int http_needs_upgrade = 426;
/// Of PUT /api/v1/devices/{id}; a password that is not sent stays.
constexpr std::array<std::string_view, 26> device_members{"name",
                                                          "driver",
                                                          "model",
                                                          "address",
                                                          "port",
                                                          "place",
                                                          "tls",
                                                          "pinned_sha256",
                                                          "interface",
                                                          "serial",
                                                          "username",
                                                          "may_set_clock",
                                                          "may_set_listener",
                                                          "outlets",
                                                          "options",
                                                          "national_id",
                                                          "police_unit",
                                                          "area",
                                                          "address_code",
                                                          "longitude",
                                                          "latitude",
                                                          "datum",
                                                          "direction",
                                                          "indoor",
                                                          "installed_on",
                                                          "keeper"};
constexpr std::size_t word_bytes_max = 64 * 1024; ///< of the feed's texts

std::string path_of(const Session& session, const std::string& what) {
    return "/api/v1/cameras/" + console::escaped(session.words.operands[0]) + what;
}

std::string codec_text(const json::object& picture) {
    const auto codec = cell(picture, "codec");
    if (codec == "h264") return "H.264";
    return codec == "h265" ? "H.265" : codec;
}

std::string number_text(double number) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", number);
    return text.data();
}

/// "H.264 1920×1080"
std::string picture_text(const json::object& row) {
    const auto* picture = object_at(row, "picture");
    if (picture == nullptr) return "-";
    return codec_text(*picture) + " " + cell(*picture, "width") + "×" + cell(*picture, "height");
}

std::string fps_text(const json::object& object) {
    const auto fps = real_at(object, "fps").value_or(0);
    return fps > 0 ? number_text(fps) : "-";
}

std::string rate_text(const json::object& row) {
    const auto bits = count_at(row, "bits_per_s");
    return bits == 0 ? "-" : number_text(static_cast<double>(bits) / 1e6) + " Mbit/s";
}

/// Of who records always; of others it says nothing.
std::string missing_text(const Session& session, const json::object& row) {
    const auto missing = number_at(row, "missing_s");
    if (!missing || text_at(row, "policy").value_or("") != "always") return "-";
    return *missing == 0 ? session.say("无", "none") : length_text(*missing, session.zh());
}

std::string walls_text(const Session& session, const json::object& row) {
    const auto* walls = object_at(row, "walls");
    if (walls == nullptr) return "-";
    std::string lacking;
    for (const auto& [key, name] : {std::pair("limits", "rlimits"), std::pair("calls", "seccomp"), std::pair("files", "Landlock")})
        if (text_at(*walls, key).value_or("") != "stands") lacking += (lacking.empty() ? "" : ", ") + std::string(name);
    return lacking.empty() ? session.say("齐全", "all stand") : session.say("缺 ", "without ") + lacking;
}

std::string state_text(const Session& session, const json::object& row) {
    const auto* status = object_at(row, "status");
    return status == nullptr ? session.say("已注销", "removed") : word_at(*status, "state", session.zh());
}

// ---- streams

std::string browsers_text(const Session& session, const json::object& stream) {
    const auto browsers = text_at(stream, "browsers").value_or("");
    if (browsers == "all") return session.say("能", "all");
    return browsers == "some" ? session.say("部分浏览器能", "some") : session.say("不能", "none");
}

void show_streams(const Session& session, const std::vector<const json::object*>& streams) {
    Table table({session.say("号", "NO."), session.say("路径", "PATH"), session.say("画面", "PICTURE"), session.say("帧率", "FPS"),
                 session.say("声音", "SOUND"), session.say("浏览器播放", "BROWSERS"), session.say("现设为", "SET AS"), session.say("说明", "NOTE")});
    std::size_t number = 0;
    for (const auto* stream : streams) {
        const auto* picture = object_at(*stream, "picture");
        const auto sound = picture == nullptr ? "-" : cell(*picture, "audio");
        table.add({std::to_string(++number), cell(*stream, "path"), picture_text(*stream), picture == nullptr ? "-" : fps_text(*picture),
                   sound.empty() ? "-" : sound, browsers_text(session, *stream), cell(*stream, "set_as"), cell(*stream, "fault")});
    }
    session.around.out << table.text();
}

/// What would be gained by setting a second stream; 0: nothing.
std::size_t stream_to_set(const std::vector<const json::object*>& streams) {
    bool is_hard_to_play = false;
    std::size_t best = 0;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        const auto set_as = text_at(*streams[i], "set_as").value_or("");
        const bool plays = text_at(*streams[i], "browsers").value_or("") == "all";
        if (set_as == "sub" && plays) return 0;
        if (set_as == "main" && !plays) is_hard_to_play = true;
        if (set_as != "main" && plays && best == 0) best = i + 1;
    }
    return is_hard_to_play ? best : 0;
}

int set_sub(const Session& session, const json::object& stream) {
    const auto device_path = "/api/v1/devices/" + console::escaped(session.words.operands[0]);
    auto device = session.ask("GET", device_path);
    if (!device) return device.error().code;
    json::object wanted; // what can be changed of it, as it is; what was never said stays unsaid
    for (const auto member : device_members)
        if (const auto* value = device->if_contains(member); value != nullptr && !value->is_null()) wanted[member] = *value;
    auto& options = wanted["options"];
    if (!options.is_object()) options = json::object();
    options.get_object()["sub_path"] = text_at(stream, "path").value_or("");
    const auto changed = session.ask("PUT", device_path, wanted);
    if (!changed) return changed.error().code;
    session.note("已设子码流 " + cell(stream, "path") + "；录像中断几秒钟",
                 "the second stream is set to " + cell(stream, "path") + "; recording pauses for seconds");
    return exit_ok;
}

/// By its id, or by its address if no camera of that name is registered.
Answer<json::object> probed(const Session& session, bool& is_registered) {
    const auto answer = session.ask_any("GET", path_of(session, "/probe"));
    if (!answer) return answer.error();
    is_registered = answer->status != http_not_found;
    if (is_registered) {
        if (answer->status != 200) return session.fail_refused(*answer);
        auto parsed = parse_json(answer->body);
        if (!parsed || !parsed->is_object()) return Ended{session.fail_foreign("not a JSON object"), answer->status};
        return std::move(parsed->get_object());
    }
    const auto& words = session.words;
    json::object body{{"address", words.operands[0]}};
    if (words.has("username")) body["username"] = words.option("username");
    if (words.has("port")) {
        const auto port = session.whole("--port", words.option("port"), 1, 65535);
        if (!port) return Ended{session.fail(exit_usage, port.error()), 0};
        body["port"] = *port;
    }
    if (words.has("password-file")) {
        const auto password = read_secret(words.option("password-file"));
        if (!password) return Ended{session.fail(exit_no_input, password.error()), 0};
        body["password"] = *password;
    }
    return session.ask("POST", "/api/v1/cameras/probe", body);
}

// ---- the picture of now

class LivePipe {
public:
    explicit LivePipe(const Session& session) : session_(session) {}

    int run() {
        net::HttpRequest upgrade;
        upgrade.target = path_of(session_, "/live" + query_text({{"stream", session_.words.option("stream")}}));
        const auto done = session_.around.follow(session_.words.socket, upgrade, [this](std::string_view message) { return take(message); });
        if (ended_) return *ended_;
        if (!session_.around.out) return exit_ok; // the player was closed
        if (!done && done.error().fault() == Fault::refused) {
            const auto why = session_.ask_any("GET", upgrade.target);
            if (!why) return why.error().code;
            if (why->status != http_needs_upgrade) return session_.fail_refused(*why).code;
        }
        return session_.fail(exit_unavailable, "网关断开了画面", "the daemon ended the picture");
    }

private:
    /// A text is a JSON object; bytes begin with the length of a box, which is below 16 MiB.
    bool take(std::string_view message) {
        if (message.starts_with('{')) return take_word(message);
        session_.around.out.write(message.data(), static_cast<std::streamsize>(message.size()));
        session_.around.out.flush();
        return static_cast<bool>(session_.around.out);
    }

    bool take_word(std::string_view text) {
        const auto parsed = parse_json(text, word_bytes_max);
        const auto* word = parsed ? parsed->if_object() : nullptr;
        if (word == nullptr) return end(session_.fail_foreign("not a JSON object"));
        if (const auto* problem = object_at(*word, "problem")) {
            net::HttpResponse answer;
            answer.status = static_cast<int>(number_at(*problem, "status").value_or(500));
            answer.body = json::serialize(*problem);
            return end(session_.fail_refused(answer).code);
        }
        if (const auto* video = object_at(*word, "video"))
            session_.note(cell(*video, "stream") + " " + cell(*video, "codecs") + " " + cell(*video, "width") + "×" + cell(*video, "height"),
                          cell(*video, "stream") + " " + cell(*video, "codecs") + " " + cell(*video, "width") + "×" + cell(*video, "height"));
        const auto state = text_at(*word, "state").value_or("online");
        if (state != "online" && state != state_)
            session_.note("相机" + word_for(state, true) + "，等待画面", "the camera is " + word_for(state, false) + "; waiting for its picture");
        state_ = state;
        return true;
    }

    bool end(int code) {
        ended_ = code;
        return false;
    }

    const Session& session_;
    std::string state_ = "online";
    std::optional<int> ended_;
};

} // namespace

int camera_list(const Session& session) {
    const auto midnight = read_moment("from", "00:00", session.around.now());
    const auto from = midnight && *midnight < session.around.now() ? to_text(*midnight) : std::string();
    const auto answer = session.ask("GET", "/api/v1/cameras" + query_text({{"from", from}}));
    if (!answer) return answer.error().code;
    if (session.words.json) return session.show(*answer);
    const auto cameras = objects_at(*answer, "cameras");
    if (cameras.empty()) {
        session.around.out << session.say("还没有登记相机：gatehousectl device discover、gatehousectl device add",
                                          "no camera is registered: gatehousectl device discover, gatehousectl device add")
                           << "\n";
        return exit_ok;
    }
    Table table({session.say("相机", "CAMERA"), session.say("状态", "STATE"), session.say("画面", "PICTURE"), session.say("帧率", "FPS"),
                 session.say("码率", "BIT RATE"), session.say("录像", "RECORDS"), session.say("最近片段", "LAST FRAGMENT"),
                 session.say("今日缺失", "MISSING TODAY"), session.say("沙箱", "WALLS"), session.say("观看", "VIEWERS")});
    for (const auto* camera : cameras)
        table.add({cell(*camera, "id"), state_text(session, *camera), picture_text(*camera), fps_text(*camera), rate_text(*camera),
                   word_at(*camera, "policy", session.zh()), age_at(*camera, "last_fragment_at", session.around.now(), session.zh()),
                   missing_text(session, *camera), walls_text(session, *camera), cell(*camera, "viewers")});
    session.around.out << table.text();
    return exit_ok;
}

int camera_probe(const Session& session) {
    bool is_registered = false;
    const auto answer = probed(session, is_registered);
    if (!answer) return answer.error().code;
    const auto streams = objects_at(*answer, "streams");
    if (session.words.json) {
        session.show(*answer);
    } else {
        show_streams(session, streams);
    }
    if (session.words.has("set-sub")) {
        const auto number = session.whole("--set-sub", session.words.option("set-sub"), 1, static_cast<std::int64_t>(streams.size()));
        if (!number) return session.fail(exit_usage, number.error());
        if (!is_registered)
            return session.fail(exit_usage, "--set-sub 只用于已登记的相机：先 gatehousectl device add",
                                "--set-sub is for a registered camera: gatehousectl device add first");
        return set_sub(session, *streams[static_cast<std::size_t>(*number - 1)]);
    }
    const auto better = stream_to_set(streams);
    if (!is_registered || better == 0) return exit_ok;
    const auto command = "gatehousectl camera probe " + printable(session.words.operands[0]) + " --set-sub " + std::to_string(better);
    session.note("很多浏览器不能播放主码流；设子码流：" + command, "many browsers can't play the main stream; set a second one: " + command);
    return exit_ok;
}

int camera_snapshot(const Session& session) {
    const auto answer = session.ask_text("GET", path_of(session, "/snapshot.jpg"));
    if (!answer) return answer.error().code;
    const auto& file = session.words.operands[1];
    if (const auto written = write_new(file, *answer); !written) return session.fail(exit_cannot_create, written.error());
    session.note("已存 " + printable(file) + "（" + bytes_text(answer->size()) + "）",
                 printable(file) + " is written (" + bytes_text(answer->size()) + ")");
    return exit_ok;
}

int camera_live(const Session& session) {
    if (session.around.out_is_terminal)
        return session.fail(exit_usage, "画面不能写到终端：gatehousectl camera live … | ffplay -",
                            "a terminal shows no pictures: gatehousectl camera live … | ffplay -");
    const auto& stream = session.words.option("stream");
    if (!stream.empty() && stream != "main" && stream != "sub")
        return session.fail(exit_usage, "--stream：应为 main 或 sub", "--stream: main or sub expected");
    return LivePipe(session).run();
}

} // namespace gatehouse::ctl
