// SPDX-License-Identifier: Apache-2.0
//
// daemon/base's small readers: UTF-8 and GB18030 beside the C library's iconv, base64 beside the platform's, and what can be written is
// read back as it was.
#include "daemon/base/bytes.hpp"
#include "daemon/base/clock.hpp"
#include "daemon/base/text.hpp"
#include "daemon/base/uuid.hpp"
#include "daemon/net/network.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/simulators/platforms/mqtt/event.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iconv.h>

namespace gatehouse::fuzz {

namespace {

std::optional<std::string> converted(const char* to, const char* from, std::string_view text) {
    const iconv_t by = iconv_open(to, from);
    std::string out(text.size() * 4 + 16, '\0');
    std::string in(text);
    char* read = in.data();
    char* written = out.data();
    std::size_t in_bytes = in.size(), out_bytes = out.size();
    const auto failed = iconv(by, &read, &in_bytes, &written, &out_bytes) == static_cast<std::size_t>(-1);
    iconv_close(by);
    if (failed || in_bytes != 0) return std::nullopt;
    out.resize(out.size() - out_bytes);
    return out;
}

void check_encodings(std::string_view bytes) {
    must_hold(is_utf8(bytes) == converted("UTF-32LE", "UTF-8", bytes).has_value(), "both say whether it is UTF-8");
    const auto ours = from_gb18030(bytes);
    if (ours) must_hold(is_utf8(*ours), "what is converted is UTF-8");
    const auto theirs = converted("UTF-8", "GB18030", bytes);
    if (ours && theirs) must_hold(*ours == *theirs, "both read the same GB18030");
    const auto read = read_text(bytes);
    must_hold(is_utf8(read.text), "what is read is UTF-8");
    must_hold(read.text.size() <= 3 * bytes.size(), "what is read is bounded");
    if (is_utf8(bytes)) must_hold(read.text == bytes && !read.replaced, "UTF-8 stays");
    for (const std::size_t bytes_max : {std::size_t(0), std::size_t(1), std::size_t(5), std::size_t(40)}) {
        const auto short_text = cut_utf8(read.text, bytes_max);
        must_hold(short_text.size() <= bytes_max && is_utf8(short_text) && read.text.starts_with(short_text), "a cut text is short and UTF-8");
    }
}

void check_numbers(std::string_view bytes) {
    if (const auto number = to_number(bytes)) {
        errno = 0;
        must_hold(std::strtoll(std::string(bytes).c_str(), nullptr, 10) == *number && errno == 0, "both read the same number");
    }
    if (const auto hex = from_hex(bytes)) must_hold(to_hex(*hex) == lower(bytes), "hex is read back as it was");
    const auto base64 = from_base64(bytes);
    const bool is_ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) { return c > 0; }); // libsodium takes some bytes beyond for letters
    if (is_ascii) {
        const auto theirs = simulators::platform::from_base64(bytes);
        must_hold(base64.has_value() == theirs.has_value() && (!base64 || as_text(*base64) == *theirs), "both take the same base64");
    }
    if (base64) must_hold(to_base64(*base64) == bytes, "base64 is read back as it was");
    must_hold(from_base64(to_base64(as_bytes(bytes))).value() == Bytes(bytes.begin(), bytes.end()), "any bytes can be written as base64");
}

void check_values(std::string_view bytes) {
    if (const auto time = parse_time(bytes)) {
        const auto again = parse_time(to_text(*time));
        must_hold(again && *again == *time, "a time is read back as it was");
    }
    if (const auto uuid = parse_uuid(bytes)) must_hold(to_text(*uuid) == lower(bytes), "an id is read back as it was");
    if (const auto endpoint = net::parse_endpoint(bytes)) {
        const auto again = net::parse_endpoint(net::to_text(*endpoint));
        must_hold(again && *again == *endpoint, "an endpoint is read back as it was");
    }
    const auto inner = trimmed(bytes);
    must_hold(inner.size() <= bytes.size() && trimmed(inner) == inner && same_but_case(lower(bytes), bytes), "trimming and lowering come to rest");
}

} // namespace

void text(std::string_view bytes) {
    check_encodings(bytes);
    check_numbers(bytes);
    check_values(bytes);
}

} // namespace gatehouse::fuzz
