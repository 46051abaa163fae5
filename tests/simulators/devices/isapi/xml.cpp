// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/xml.hpp"

#include <array>
#include <cerrno>
#include <iconv.h>
#include <utility>

namespace gatehouse::simulators::isapi {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> entities{
    {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}}};

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        bool found = false;
        for (auto& [entity, plain] : entities) {
            if (text.substr(at, entity.size()) == entity) {
                out += plain;
                at += entity.size();
                found = true;
                break;
            }
        }
        if (!found) out += text[at++];
    }
    return out;
}

// The span between start and end tag of the first element of this name at or after `from`; npos when there is none.
std::size_t find_element(std::string_view xml, std::string_view name, std::size_t from, std::string_view& inside) {
    for (auto open = xml.find('<', from); open != std::string_view::npos; open = xml.find('<', open + 1)) {
        auto close = xml.find('>', open);
        if (close == std::string_view::npos) break;
        auto tag = xml.substr(open + 1, close - open - 1);
        if (tag.empty() || tag[0] == '/' || tag[0] == '?' || tag[0] == '!') continue;
        bool empty_element = tag.back() == '/';
        if (empty_element) tag.remove_suffix(1);
        auto whole = tag.substr(0, tag.find_first_of(" \t\r\n"));
        auto colon = whole.find(':');
        if ((colon == std::string_view::npos ? whole : whole.substr(colon + 1)) != name) continue;
        if (empty_element) {
            inside = {};
            return close + 1;
        }
        auto end_tag = "</" + std::string(whole);
        auto end = xml.find(end_tag, close);
        if (end == std::string_view::npos) break;
        inside = xml.substr(close + 1, end - close - 1);
        return end + end_tag.size();
    }
    return std::string_view::npos;
}

} // namespace

std::string escape_xml(std::string_view text) {
    std::string out;
    for (char c : text) {
        switch (c) {
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '&': out += "&amp;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    }
    return out;
}

std::string element(std::string_view name, std::string_view text) {
    std::string out = "<";
    out.append(name).append(">").append(escape_xml(text)).append("</").append(name).append(">\n");
    return out;
}

std::optional<std::string> element_text(std::string_view xml, std::string_view local_name) {
    std::string_view inside;
    if (find_element(xml, local_name, 0, inside) == std::string_view::npos) return std::nullopt;
    return unescape(inside);
}

std::vector<std::string> elements(std::string_view xml, std::string_view local_name) {
    std::vector<std::string> out;
    std::string_view inside;
    for (std::size_t at = 0; (at = find_element(xml, local_name, at, inside)) != std::string_view::npos;) out.emplace_back(inside);
    return out;
}

std::string with_namespace(std::string_view xml, std::string_view variant) {
    std::string out(xml);
    auto begin = out.find(" xmlns=\"");
    auto end = begin == std::string::npos ? begin : out.find('"', begin + 8);
    if (end == std::string::npos) return out;
    std::string uri(variant);
    if (variant == "hikvision10") uri = "http://www.hikvision.com/ver10/XMLSchema";
    if (variant == "hikvision20") uri = "http://www.hikvision.com/ver20/XMLSchema";
    if (variant == "isapi" || variant == "prefixed") uri = "http://www.isapi.org/ver20/XMLSchema";
    if (variant == "stdcgi10") uri = "http://www.std-cgi.com/ver10/XMLSchema";
    if (variant == "stdcgi20") uri = "http://www.std-cgi.com/ver20/XMLSchema";
    if (variant == "psia") uri = "urn:psialliance-org";
    std::string attribute = variant == "none" ? "" : (variant == "prefixed" ? " xmlns:hik=\"" : " xmlns=\"") + uri + "\"";
    out.replace(begin, end + 1 - begin, attribute);
    if (variant == "psia") {
        // Version 1.0, and the event once more inside <eventPush>.
        if (auto at = out.find("version=\"2.0\""); at != std::string::npos) out.replace(at, 13, "version=\"1.0\"");
        auto root = out.find("<EventNotificationAlert");
        auto body = root == std::string::npos ? root : out.find('>', root);
        auto last = out.rfind("</EventNotificationAlert>");
        if (body != std::string::npos && last != std::string::npos) {
            auto inside = out.substr(body + 1, last - body - 1);
            out.insert(last, "<eventPush>" + inside + "</eventPush>\n");
        }
    }
    if (variant == "prefixed") {
        std::string prefixed;
        for (std::size_t at = 0; at < out.size(); ++at) {
            prefixed += out[at];
            if (out[at] != '<' || at + 1 >= out.size() || out[at + 1] == '?' || out[at + 1] == '!') continue;
            if (out[at + 1] == '/') prefixed += out[++at];
            prefixed += "hik:";
        }
        out = prefixed;
    }
    return out;
}

std::string without_declaration(std::string_view xml) {
    if (!xml.starts_with("<?xml")) return std::string(xml);
    auto end = xml.find("?>");
    if (end == std::string_view::npos) return std::string(xml);
    auto next = xml.find_first_not_of("\r\n", end + 2);
    return std::string(xml.substr(next == std::string_view::npos ? xml.size() : next));
}

std::string to_gb18030(std::string_view utf8) {
    auto converter = iconv_open("GB18030", "UTF-8");
    if (converter == reinterpret_cast<iconv_t>(-1)) return std::string(utf8);
    std::string in(utf8);
    std::string out(in.size() * 4 + 4, '\0');
    char* from = in.data();
    char* to = out.data();
    std::size_t from_left = in.size();
    std::size_t to_left = out.size();
    auto result = iconv(converter, &from, &from_left, &to, &to_left);
    iconv_close(converter);
    if (result == static_cast<std::size_t>(-1)) return in;
    out.resize(out.size() - to_left);
    return out;
}

} // namespace gatehouse::simulators::isapi
