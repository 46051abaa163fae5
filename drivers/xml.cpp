// SPDX-License-Identifier: Apache-2.0
#include "drivers/xml.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::drivers::xml {

namespace {

// Old Chinese firmware declares GB2312 or GBK; what is declared so is never tried as UTF-8, because short GB texts can look like it.
bool declares_gb(std::string_view bytes) {
    const auto end = bytes.find("?>");
    if (!bytes.starts_with("<?xml") || end == std::string_view::npos || end > 200) return false;
    const auto head = lower(bytes.substr(0, end));
    return head.find("\"gb") != std::string::npos || head.find("'gb") != std::string::npos;
}

Done check_shape(pugi::xml_node root) {
    std::size_t depth = 1, nodes = 0;
    for (auto at = root; at;) {
        if (depth > xml_depth_max) return Error(Fault::malformed, "XML deeper than " + std::to_string(xml_depth_max));
        if (++nodes > xml_nodes_max) return Error(Fault::full, "XML with too many nodes");
        if (!is_utf8(at.value())) return Error(Fault::malformed, "XML with a reference to no character"); // "&#xD800;"
        if (at.first_child()) {
            at = at.first_child();
            ++depth;
            continue;
        }
        while (at && at != root && !at.next_sibling()) {
            at = at.parent();
            --depth;
        }
        if (at == root) break;
        at = at.next_sibling();
    }
    return {};
}

bool holds(std::string_view text, std::string_view wanted) {
    return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(),
                       [](char a, char b) { return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 32) : a) == b; }) != text.end();
}

} // namespace

Result<Xml> Xml::parse(std::string_view bytes, std::size_t bytes_max) {
    if (bytes.size() > bytes_max) return Error(Fault::full, "XML of " + std::to_string(bytes.size()) + " bytes");
    while (!bytes.empty() && bytes.back() == '\0') bytes.remove_suffix(1); // some firmware sends its C string whole
    bytes = trimmed(bytes);
    Xml xml;
    ReadText read;
    if (declares_gb(bytes)) {
        auto converted = from_gb18030(bytes);
        read = converted ? ReadText{std::move(*converted), false} : read_text(bytes);
    } else {
        read = read_text(bytes);
    }
    xml.replaced_ = read.replaced;
    if (holds(read.text, "<!DOCTYPE") || holds(read.text, "<!ENTITY")) return Error(Fault::malformed, "XML with a document type");
    xml.document_ = std::make_unique<pugi::xml_document>();
    const auto result = xml.document_->load_buffer(read.text.data(), read.text.size(), pugi::parse_default, pugi::encoding_utf8);
    if (!result) return Error(Fault::malformed, std::string("no XML at byte ") + std::to_string(result.offset) + ": " + result.description());
    if (!xml.root()) return Error(Fault::malformed, "XML without a root");
    if (auto shape = check_shape(xml.root()); !shape) return std::move(shape).error();
    return xml;
}

std::string_view local_name(pugi::xml_node node) {
    std::string_view name = node.name();
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child_at(pugi::xml_node node, std::string_view path) {
    while (node && !path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        const auto name = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        pugi::xml_node found;
        for (auto child = node.first_child(); child && !found; child = child.next_sibling())
            if (local_name(child) == name) found = child;
        node = found;
    }
    return node;
}

std::vector<pugi::xml_node> children_at(pugi::xml_node node, std::string_view name) {
    std::vector<pugi::xml_node> found;
    for (auto child = node.first_child(); child; child = child.next_sibling())
        if (local_name(child) == name) found.push_back(child);
    return found;
}

std::string text_at(pugi::xml_node node, std::string_view path) {
    const auto found = child_at(node, path);
    return found ? std::string(trimmed(found.child_value())) : std::string();
}

std::optional<std::int64_t> number_at(pugi::xml_node node, std::string_view path) {
    const auto text = text_at(node, path);
    auto whole = std::string_view(text).substr(0, text.find('.'));
    return to_number(whole);
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    return out;
}

} // namespace gatehouse::drivers::xml
