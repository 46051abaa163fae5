// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/target.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::console {

namespace {

int digit_of(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
    if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
    return -1;
}

bool is_unreserved(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '-' ||
           letter == '.' || letter == '_' || letter == '~';
}

Done check_segment(std::string_view raw) {
    if (raw.empty()) return Error(Fault::malformed, "the path has an empty segment");
    auto plain = unescaped(raw);
    if (!plain) return std::move(plain).error();
    if (*plain == "." || *plain == "..") return Error(Fault::malformed, "the path has a dot segment");
    if (plain->find_first_of("/\\;") != std::string::npos) return Error(Fault::malformed, "the path has '/', '\\' or ';' inside a segment");
    return {};
}

Result<std::vector<std::string>> parse_path(std::string_view path) {
    if (path.size() > path_bytes_max) return Error(Fault::malformed, "the path is longer than " + std::to_string(path_bytes_max) + " bytes");
    if (path.empty() || path.front() != '/') return Error(Fault::malformed, "the path begins with '/'");
    path.remove_prefix(1);
    std::vector<std::string> segments;
    for (;;) {
        const auto end = std::min(path.find('/'), path.size());
        const auto raw = path.substr(0, end);
        if (auto good = check_segment(raw); !good) return std::move(good).error();
        segments.emplace_back(raw);
        if (end == path.size()) return segments;
        path.remove_prefix(end + 1);
    }
}

Result<std::map<std::string, std::string>> parse_query(std::string_view text) {
    std::map<std::string, std::string> query;
    if (text.size() > query_bytes_max) return Error(Fault::malformed, "the query is longer than " + std::to_string(query_bytes_max) + " bytes");
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = unescaped(pair.substr(0, equals));
        auto value = unescaped(pair.substr(std::min(equals + 1, pair.size())));
        if (!name) return std::move(name).error();
        if (!value) return std::move(value).error();
        if (name->empty()) return Error(Fault::malformed, "the query has a value without a name");
        if (query.size() == query_pairs_max) return Error(Fault::malformed, "the query has more than " + std::to_string(query_pairs_max) + " values");
        if (!query.emplace(std::move(*name), std::move(*value)).second) return Error(Fault::malformed, "a name stands twice in the query");
    }
    return query;
}

} // namespace

Result<std::string> unescaped(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain.push_back(text[i]);
            continue;
        }
        const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
        const int low = high >= 0 ? digit_of(text[i + 2]) : -1;
        if (low < 0) return Error(Fault::malformed, "'%' without two hexadecimal digits");
        plain.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    const auto is_control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; };
    if (std::any_of(plain.begin(), plain.end(), is_control)) return Error(Fault::malformed, "a control character");
    if (!is_utf8(plain)) return Error(Fault::malformed, "not UTF-8");
    return plain;
}

std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string safe;
    for (const char letter : text) {
        if (is_unreserved(letter)) {
            safe.push_back(letter);
            continue;
        }
        const auto byte = static_cast<unsigned char>(letter);
        safe.push_back('%');
        safe.push_back(digits[byte >> 4]);
        safe.push_back(digits[byte & 15]);
    }
    return safe;
}

Result<Target> parse_target(std::string_view target) {
    const auto is_foreign = [](char letter) { return letter <= 0x20 || letter >= 0x7f || letter == '#' || letter == '\\'; };
    if (std::any_of(target.begin(), target.end(), is_foreign)) return Error(Fault::malformed, "the target has a character that must be escaped");
    const auto question = std::min(target.find('?'), target.size());
    auto segments = parse_path(target.substr(0, question));
    if (!segments) return std::move(segments).error();
    auto query = parse_query(target.substr(std::min(question + 1, target.size())));
    if (!query) return std::move(query).error();
    return Target{std::move(*segments), std::move(*query)};
}

} // namespace gatehouse::console
