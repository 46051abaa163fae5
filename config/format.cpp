// SPDX-License-Identifier: Apache-2.0
#include "config/format.hpp"

#include "daemon/base/bytes.hpp"
#include "daemon/base/text.hpp"
#include "daemon/record/kind.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace gatehouse::config {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_id_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '.' || c == '_' || c == '-'; }
bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }
bool is_visible(std::string_view text) {
    return is_utf8(text) && std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

constexpr std::size_t name_bytes_max = 128;
bool fits_optional_name(std::string_view text) { return text.size() <= name_bytes_max && is_visible(text); }
bool fits_name(std::string_view text) { return !text.empty() && fits_optional_name(text); }
bool fits_identifier(std::string_view text) {
    return !text.empty() && text.size() <= 64 && text[0] != '.' && text[0] != '-' && std::all_of(text.begin(), text.end(), is_id_char);
}
bool fits_path(std::string_view text) { return text.starts_with('/') && text.size() <= 4095 && is_visible(text) && text.find("/../") == text.npos; }

bool fits_ipv4(std::string_view text) {
    int parts = 0;
    while (true) {
        const auto dot = text.find('.');
        const auto part = text.substr(0, dot);
        const auto number = to_number(part);
        if (part.empty() || part.size() > 3 || !all_digits(part) || !number || *number > 255) return false;
        ++parts;
        if (dot == text.npos) return parts == 4;
        text.remove_prefix(dot + 1);
    }
}

/// Groups of up to four hexadecimal digits, eight of them or fewer with one "::".
bool fits_ipv6(std::string_view text) {
    int groups = 0;
    std::size_t run = 0;
    bool shortened = false;
    if (text.size() < 2 || text.size() > 39) return false;
    if (text[0] == ':' && text[1] != ':') return false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != ':') {
            if (std::string_view("0123456789abcdefABCDEF").find(text[at]) == std::string_view::npos || ++run > 4) return false;
            if (run == 1) ++groups;
            continue;
        }
        run = 0;
        if (at + 1 < text.size() && text[at + 1] == ':') {
            if (shortened) return false;
            shortened = true;
            ++at;
            if (at + 1 < text.size() && text[at + 1] == ':') return false;
        } else if (at + 1 == text.size()) {
            return false;
        }
    }
    return shortened ? groups <= 7 : groups == 8;
}

bool fits_address(std::string_view text) { return text.empty() || fits_ipv4(text) || fits_ipv6(text); }

bool fits_host(std::string_view text) {
    if (text.empty() || text.size() > 253) return false;
    if (fits_ipv6(text)) return true;
    if (text.front() == '-' || text.front() == '.' || text.back() == '.') return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return is_id_char(c); });
}

bool fits_network(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == text.npos) return false;
    const auto address = text.substr(0, slash), length = text.substr(slash + 1);
    const bool is_ipv6 = fits_ipv6(address);
    const auto bits = to_number(length);
    if (length.empty() || !all_digits(length) || !bits || *bits < 1 || *bits > (is_ipv6 ? 128 : 32)) return false;
    if (is_ipv6) return true;
    if (!fits_ipv4(address)) return false;
    std::uint32_t number = 0;
    for (auto rest = address; !rest.empty();) {
        const auto part = rest.substr(0, rest.find('.'));
        number = number << 8 | static_cast<std::uint32_t>(to_number(part).value_or(0));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
    return (static_cast<std::uint64_t>(number) << *bits & 0xffffffffu) == 0;
}

bool fits_interface(std::string_view text) {
    return text.size() <= 15 && text != "." && text != ".." &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != '/' && c != ':' && c < 0x7f; });
}

bool fits_port(std::string_view text) {
    const auto port = to_number(text);
    return !text.empty() && all_digits(text) && port && *port >= 1 && *port <= 65535;
}

bool fits_broker(std::string_view text) {
    if (text.starts_with("mqtt://")) {
        text.remove_prefix(7);
    } else if (text.starts_with("mqtts://")) {
        text.remove_prefix(8);
    } else {
        return false;
    }
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == text.npos || !fits_ipv6(text.substr(1, close - 1))) return false;
        const auto rest = text.substr(close + 1);
        return rest.empty() || (rest[0] == ':' && fits_port(rest.substr(1)));
    }
    const auto colon = text.find(':');
    return fits_host(text.substr(0, colon)) && (colon == text.npos || fits_port(text.substr(colon + 1)));
}

bool fits_topic(std::string_view text) {
    if (text.empty() || text.size() > 512 || !is_visible(text) || text.starts_with('/') || text.ends_with('/') || text.find("//") != text.npos)
        return false;
    if (text.find_first_of("+#") != text.npos || text.starts_with('$')) return false;
    while (true) {
        const auto open = text.find_first_of("{}");
        if (open == text.npos) return true;
        const auto close = text.find('}', open);
        if (text[open] == '}' || close == text.npos) return false;
        const auto name = text.substr(open + 1, close - open - 1);
        if (name != "gateway" && name != "root" && name != "upstream") return false;
        text.remove_prefix(close + 1);
    }
}

bool fits_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const auto year = text.substr(0, 4), month = text.substr(5, 2), day = text.substr(8, 2);
    if (!all_digits(year) || !all_digits(month) || !all_digits(day)) return false;
    const auto number = [](std::string_view digits) { return static_cast<int>(to_number(digits).value_or(0)); };
    const std::chrono::year_month_day when{std::chrono::year(number(year)), std::chrono::month(static_cast<unsigned>(number(month))),
                                           std::chrono::day(static_cast<unsigned>(number(day)))};
    return when.ok() && number(year) >= 1900;
}

bool fits_credential(std::string_view text) { return text.empty() || fits_identifier(text) || fits_path(text); }

bool fits_kind(std::string_view text) {
    if (text == "*" || kind_named(text)) return true;
    if (!text.ends_with(".*")) return false;
    const auto family = text.substr(0, text.size() - 1);
    const auto kinds = all_kinds();
    return std::any_of(kinds.begin(), kinds.end(), [&](const KindSpec& spec) { return spec.name.starts_with(family); });
}

bool fits_field(std::string_view text) {
    return text == "*" || (!text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '.';
           }));
}

bool fits_public_key(std::string_view text) {
    const auto bytes = from_base64(text);
    return bytes && bytes->size() == 32;
}

bool fits_fingerprint(std::string_view text) { return text.empty() || (text.size() == 64 && from_hex(text)); }

} // namespace

const Format any_name{fits_name, {"不含控制字符的文字", "a text without control characters"}, "^[^\\x00-\\x1f]+$"};
const Format optional_name{fits_optional_name, {"不含控制字符的文字，或空", "a text without control characters, or empty"}, "^[^\\x00-\\x1f]*$"};
const Format identifier{fits_identifier,
                        {"字母、数字、点、下划线或连字符，最多 64 个", "letters, digits, dots, underscores or hyphens, at most 64"},
                        "^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$"};
const Format optional_identifier{[](std::string_view text) { return text.empty() || fits_identifier(text); },
                                 {"字母、数字、点、下划线或连字符，或空", "letters, digits, dots, underscores or hyphens, or empty"},
                                 "^([A-Za-z0-9_][A-Za-z0-9._-]{0,63})?$"};
const Format absolute_path{fits_path, {"以 / 开头的路径", "a path that begins with /"}, "^/"};
const Format optional_absolute_path{[](std::string_view text) { return text.empty() || fits_path(text); },
                                    {"以 / 开头的路径，或空", "a path that begins with /, or empty"},
                                    "^(/.*)?$"};
const Format socket_path{[](std::string_view text) { return fits_path(text) && text.size() <= 107; },
                         {"以 / 开头、不超过 107 字节的路径", "a path that begins with /, at most 107 bytes"},
                         "^/"};
const Format bind_address{fits_address, {"IPv4 或 IPv6 地址，空表示全部", "an IPv4 or IPv6 address; empty: all of them"}, ""};
const Format host{fits_host, {"主机名或 IP 地址", "a host name or an IP address"}, "^[^\\s/]+$"};
const Format network{fits_network,
                     {"网段，如 192.168.50.0/24", "a network such as 192.168.50.0/24, with no bit set beyond its prefix"},
                     "^[0-9a-fA-F.:]+/[0-9]{1,3}$"};
const Format interface_name{
    fits_interface, {"网卡名（最多 15 个字符），空表示不限", "a network interface's name (at most 15 characters); empty: any"}, "^[^\\s/:]{0,15}$"};
const Format broker_url{fits_broker, {"mqtt://主机[:端口] 或 mqtts://主机[:端口]", "mqtt://host[:port] or mqtts://host[:port]"}, "^mqtts?://"};
const Format topic_template{
    fits_topic,
    {"主题：不含通配符 + 和 #，可用 {gateway}、{root}、{upstream}", "a topic without + and #; {gateway}, {root} and {upstream} are filled in"},
    "^[^+#]+$"};
const Format date{fits_date, {"日期，如 2026-01-31", "a date such as 2026-01-31"}, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"};
const Format optional_date{[](std::string_view text) { return text.empty() || fits_date(text); },
                           {"日期，如 2026-01-31，或空", "a date such as 2026-01-31, or empty"},
                           "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"};
const Format credential{fits_credential,
                        {"凭据名称，或权限为 0600 的文件的绝对路径", "a credential's name, or the absolute path of a file of mode 0600"},
                        "^([A-Za-z0-9_][A-Za-z0-9._-]*|/.*)?$"};
const Format kind_pattern{fits_kind,
                          {"记录种类，如 pass.granted，或 door.*、*", "a kind of record such as pass.granted, or door.*, or *"},
                          "^(\\*|[a-z_]+\\.(\\*|[a-z_]+)|[a-z]+)$"};
const Format field_name{fits_field, {"字段名，或 *", "a field's name, or *"}, "^(\\*|[a-z0-9_.]+)$"};
const Format picture_role{[](std::string_view text) { return text == "scene" || text == "face" || text == "plate"; },
                          {"scene、face 或 plate", "scene, face or plate"},
                          "^(scene|face|plate)$"};
const Format public_key{
    fits_public_key, {"base64 编码的 Ed25519 公钥（32 字节）", "an Ed25519 public key (32 bytes) in base64"}, "^[A-Za-z0-9+/]{43}=$"};
const Format fingerprint{fits_fingerprint, {"64 位十六进制的 SHA-256，或空", "a SHA-256 in 64 hexadecimal digits, or empty"}, "^([0-9a-fA-F]{64})?$"};
const Format national_id{[](std::string_view text) { return text.empty() || (text.size() == 20 && all_digits(text)); },
                         {"20 位国标编码，或空", "a 20-digit national id, or empty"},
                         "^([0-9]{20})?$"};
const Format area_code{[](std::string_view text) { return text.empty() || (text.size() == 6 && all_digits(text)); },
                       {"GB/T 2260 六位行政区划代码，或空", "a six-digit GB/T 2260 code, or empty"},
                       "^([0-9]{6})?$"};

} // namespace gatehouse::config
