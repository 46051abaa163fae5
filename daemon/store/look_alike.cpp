// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/look_alike.hpp"

namespace gatehouse::store {

namespace {

char folded(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    switch (c) {
    case 'O':
    case 'Q':
    case 'D': return '0';
    case 'I':
    case 'L': return '1';
    case 'Z': return '2';
    case 'S': return '5';
    case 'G': return '6';
    case 'B': return '8';
    case 'U': return 'V';
    default: return c;
    }
}

} // namespace

std::string look_of(std::string_view subject) {
    constexpr std::string_view middle_dot = "\xc2\xb7";
    const auto colon = subject.find(':');
    const auto start = colon == std::string_view::npos ? 0 : colon + 1;
    std::string look(subject.substr(0, start));
    for (auto at = start; at < subject.size(); ++at) {
        const char c = subject[at];
        if (c == ' ' || c == '-' || c == '.') continue;
        if (subject.substr(at).starts_with(middle_dot)) {
            ++at;
            continue;
        }
        look += folded(c);
    }
    return look;
}

} // namespace gatehouse::store
