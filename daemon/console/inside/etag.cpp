// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/etag.hpp"

#include "daemon/base/sha256.hpp"
#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::console::inside {

namespace {

constexpr std::size_t etag_digits = 16;
constexpr std::size_t tags_max = 16;

struct Tag {
    std::string_view opaque; ///< with its quotes
    bool is_weak = false;
};

struct Tags {
    bool is_any = false;
    std::vector<Tag> list;
};

void skip_blanks(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

/// One entity tag off the front; none: there is none.
std::optional<Tag> take_tag(std::string_view& text) {
    Tag tag;
    if (text.starts_with("W/")) {
        tag.is_weak = true;
        text.remove_prefix(2);
    }
    if (text.empty() || text.front() != '"') return std::nullopt;
    const auto end = text.find('"', 1);
    if (end == std::string_view::npos) return std::nullopt;
    tag.opaque = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    return tag;
}

std::optional<Tags> read_tags(std::string_view text) {
    Tags tags;
    skip_blanks(text);
    if (text == "*") {
        tags.is_any = true;
        return tags;
    }
    for (;;) {
        skip_blanks(text);
        const auto tag = take_tag(text);
        if (!tag || tags.list.size() == tags_max) return std::nullopt;
        tags.list.push_back(*tag);
        skip_blanks(text);
        if (text.empty()) return tags;
        if (text.front() != ',') return std::nullopt;
        text.remove_prefix(1);
    }
}

} // namespace

std::string etag_of(std::string_view content) { return "\"" + to_hex(sha256(content)).substr(0, etag_digits) + "\""; }

std::optional<net::HttpResponse> refuse_outdated(const Asking& asking, std::string_view present) {
    const auto& headers = asking.request.headers;
    const auto is_said = [](const auto& header) { return same_but_case(header.first, "If-Match"); };
    if (std::none_of(headers.begin(), headers.end(), is_said)) return std::nullopt;
    const auto tags = read_tags(net::header(headers, "If-Match"));
    if (!tags) return problem("malformed", "If-Match: '*' or tags in quotes, as an ETag gave them, expected");
    if (tags->is_any) return std::nullopt;
    for (const auto& tag : tags->list)
        if (!tag.is_weak && tag.opaque == present) return std::nullopt;
    auto outdated = problem("outdated", "it was changed meanwhile (If-Match): read it again");
    outdated.headers.emplace_back("ETag", std::string(present));
    return outdated;
}

net::HttpResponse tagged(const Asking& asking, net::HttpResponse answer, std::string_view etag) {
    answer.headers.emplace_back("ETag", std::string(etag));
    const auto tags = read_tags(net::header(asking.request.headers, "If-None-Match"));
    if (!tags || answer.status != 200) return answer;
    bool is_held = tags->is_any;
    for (const auto& tag : tags->list) is_held = is_held || tag.opaque == etag; // weak comparison, 13.1.2
    if (!is_held) return answer;
    answer.status = 304;
    answer.body.clear();
    std::erase_if(answer.headers, [](const auto& header) { return header.first == "Content-Type"; });
    return answer;
}

} // namespace gatehouse::console::inside
