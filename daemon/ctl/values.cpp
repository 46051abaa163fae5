// SPDX-License-Identifier: Apache-2.0
#include "daemon/ctl/values.hpp"

#include "daemon/base/text.hpp"
#include "daemon/console/target.hpp"
#include "daemon/ctl/table.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace gatehouse::ctl {

namespace {

struct Word {
    std::string_view code, zh, en;
};
constexpr std::array codes{
    // devices, upstreams
    Word{"connecting", "连接中", "connecting"},
    Word{"online", "在线", "online"},
    Word{"offline", "离线", "offline"},
    Word{"refused", "密码被拒", "refused"},
    Word{"conflict", "身份冲突", "conflict"},
    Word{"waiting", "等待批准", "waits for a yes or no"},
    Word{"approved", "已批准", "approved"},
    Word{"declined", "已拒绝", "declined"},
    // disk, clock
    Word{"sound", "正常", "sound"},
    Word{"suspect", "可疑", "suspect"},
    Word{"failed", "写入失败", "failed"},
    Word{"synced", "已同步", "synchronised"},
    Word{"unsynced", "未同步", "not synchronised"},
    // lanes
    Word{"urgent", "紧急", "urgent"},
    Word{"routine", "常规", "routine"},
    Word{"pictures", "图片", "pictures"},
    // check
    Word{"fine", "正常", "fine"},
    Word{"warning", "警告", "warning"},
    Word{"fault", "故障", "fault"},
    // coverage, with its causes
    Word{"covered", "有记录", "covered"},
    Word{"unknown", "无记录", "unknown"},
    Word{"recovered", "已补录", "recovered"},
    Word{"never_heard", "从未上线", "never heard of"},
    Word{"not_online", "未在线", "not online"},
    Word{"gateway_stopped", "网关停机", "the gateway was stopped"},
    Word{"gateway_killed", "网关意外中断", "the gateway was cut off"},
    Word{"changed", "设备登记被修改", "the device was changed"},
    Word{"removed", "设备已注销", "the device was removed"},
    Word{"disk", "磁盘故障", "the disk failed"},
    Word{"gap", "缺口", "gap"},
    // cameras
    Word{"always", "全天", "always"},
    Word{"on_event", "有事件时", "on events"},
    Word{"off", "不录", "off"},
};

constexpr std::int64_t minute_s = 60, hour_s = 3600, day_s = 86400;

std::string two_units(std::int64_t big, const std::string& big_unit, std::int64_t small, const std::string& small_unit) {
    auto text = std::to_string(big) + " " + big_unit;
    if (small > 0) text += " " + std::to_string(small) + " " + small_unit;
    return text;
}

std::optional<Time> local_moment(const std::string& text, const char* format, std::tm fields) {
    const char* end = ::strptime(text.c_str(), format, &fields);
    if (end == nullptr || *end != '\0') return std::nullopt;
    fields.tm_isdst = -1;
    const auto asked = fields;
    const auto seconds = std::mktime(&fields);
    // mktime makes 3 March of 31 February.
    if (fields.tm_mday != asked.tm_mday || fields.tm_mon != asked.tm_mon) return std::nullopt;
    return from_us(static_cast<std::int64_t>(seconds) * 1'000'000);
}

std::optional<Time> moments_ago(const std::string& text, Time now) {
    const auto number = text.size() > 1 && text.size() < 9 ? to_number(text.substr(0, text.size() - 1)) : std::nullopt;
    if (!number || *number < 0) return std::nullopt;
    switch (text.back()) {
    case 's': return now - std::chrono::seconds(*number);
    case 'm': return now - std::chrono::minutes(*number);
    case 'h': return now - std::chrono::hours(*number);
    case 'd': return now - std::chrono::days(*number);
    default: return std::nullopt;
    }
}

std::tm local_fields(Time time) {
    const auto seconds = static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count());
    std::tm fields{};
    ::localtime_r(&seconds, &fields);
    return fields;
}

} // namespace

std::string cell_of(const json::value& value) {
    if (value.is_null()) return "-";
    if (value.is_string()) {
        auto text = clipped(printable(std::string_view(value.get_string())), cell_columns_max);
        return text.empty() ? "-" : text;
    }
    return clipped(printable(json::serialize(value)), cell_columns_max);
}

std::string cell(const json::object& object, std::string_view key) {
    const auto found = object.find(key);
    return found == object.end() ? "-" : cell_of(found->value());
}

std::vector<const json::object*> objects_at(const json::object& object, std::string_view key) {
    std::vector<const json::object*> objects;
    if (const auto* array = array_at(object, key))
        for (const auto& item : *array)
            if (const auto* one = item.if_object()) objects.push_back(one);
    return objects;
}

std::uint64_t count_at(const json::object& object, std::string_view key) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number_at(object, key).value_or(0), 0));
}

std::optional<Time> time_at(const json::object& object, std::string_view key) {
    const auto text = text_at(object, key);
    if (!text) return std::nullopt;
    const auto time = parse_time(*text);
    if (!time) return std::nullopt;
    return *time;
}

std::string word_for(const std::string& code, bool zh) {
    const auto found = std::find_if(codes.begin(), codes.end(), [&](const Word& word) { return word.code == code; });
    if (found == codes.end()) return clipped(printable(code), cell_columns_max);
    return std::string(zh ? found->zh : found->en);
}

std::string word_at(const json::object& object, std::string_view key, bool zh) {
    const auto code = text_at(object, key);
    return code && !code->empty() ? word_for(*code, zh) : "-";
}

std::string local_text(Time time) {
    const auto fields = local_fields(time);
    std::array<char, 64> text{};
    if (std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &fields) == 0) return "-";
    return text.data();
}

std::string local_at(const json::object& object, std::string_view key) {
    const auto time = time_at(object, key);
    return time ? local_text(*time) : "-";
}

std::string length_text(std::int64_t seconds, bool zh) {
    seconds = std::max<std::int64_t>(seconds, 0);
    const std::string s = zh ? "秒" : "s", min = zh ? "分" : "min", h = zh ? "小时" : "h", d = zh ? "天" : "d";
    if (seconds < minute_s) return std::to_string(seconds) + " " + s;
    if (seconds < hour_s) return two_units(seconds / minute_s, min, seconds % minute_s, s);
    if (seconds < day_s) return two_units(seconds / hour_s, h, seconds % hour_s / minute_s, min);
    return two_units(seconds / day_s, d, seconds % day_s / hour_s, h);
}

std::string age_at(const json::object& object, std::string_view key, Time now, bool zh) {
    const auto time = time_at(object, key);
    if (!time) return "-";
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - *time).count();
    if (seconds < 1) return zh ? "刚刚" : "now";
    return length_text(seconds, zh) + (zh ? "前" : " ago");
}

OrSentence<Time> read_moment(const std::string& option, const std::string& text, Time now) {
    const std::tm midnight{};
    auto today = local_fields(now);
    today.tm_sec = 0;
    if (const auto time = moments_ago(text, now)) return *time;
    for (const auto* format : {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"})
        if (const auto time = local_moment(text, format, midnight)) return *time;
    for (const auto* format : {"%H:%M", "%H:%M:%S"})
        if (const auto time = local_moment(text, format, today)) return *time;
    if (const auto time = parse_time(text)) return *time;
    const auto shown = printable(text);
    return Sentence{option + "：看不懂时间 " + shown + "。写法：2026-01-15、\"2026-01-15 08:30\"、08:30、2h、7d",
                    option + ": " + shown + " is no time; write 2026-01-15, \"2026-01-15 08:30\", 08:30, 2h or 7d"};
}

std::string query_text(const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::string query;
    for (const auto& [name, value] : pairs)
        if (!value.empty()) query += (query.empty() ? "?" : "&") + name + "=" + console::escaped(value);
    return query;
}

} // namespace gatehouse::ctl
