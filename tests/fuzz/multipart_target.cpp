// SPDX-License-Identifier: Apache-2.0
//
// daemon/net/multipart: the same bytes cut differently give the same parts and counts; no part is over its limit.
#include "daemon/net/multipart.hpp"
#include "tests/fuzz/pieces.hpp"

namespace gatehouse::fuzz {

namespace {

constexpr net::MultipartReader::Limits part_limits{.part_bytes_max = 2048, .header_bytes_max = 512, .parts_waiting_max = 1 << 20};

struct Read {
    std::vector<net::Part> parts;
    std::uint64_t framing_errors = 0, oversize_parts = 0;
};

Read read_parts(const std::string& boundary, std::string_view body, std::size_t piece_bytes_max) {
    net::MultipartReader reader(boundary, part_limits);
    Read read;
    const auto fetch = [&] {
        while (auto part = reader.next()) read.parts.push_back(std::move(*part));
    };
    for (const auto piece : cut(body, piece_bytes_max)) {
        reader.feed(as_bytes(piece));
        fetch();
    }
    reader.finish();
    fetch();
    read.framing_errors = reader.framing_errors();
    read.oversize_parts = reader.oversize_parts();
    return read;
}

bool is_same_part(const net::Part& one, const net::Part& other) {
    return one.headers == other.headers && one.name == other.name && one.filename == other.filename && one.content_type == other.content_type &&
           one.content_id == other.content_id && one.body == other.body;
}

} // namespace

void multipart(std::string_view bytes) {
    const auto type = first_line(bytes);
    auto boundary = net::boundary_of(type);
    if (boundary) must_hold(!boundary->empty() && boundary->size() <= 200, "a boundary is neither empty nor long");
    const std::string name = boundary ? *boundary : std::string("boundary");

    const Read whole = read_parts(name, bytes, bytes.size() + 1);
    std::size_t total = 0;
    for (const auto& part : whole.parts) {
        std::size_t header_bytes = 0;
        for (const auto& [key, value] : part.headers) header_bytes += key.size() + value.size();
        must_hold(part.body.size() <= part_limits.part_bytes_max, "a part is within its limit");
        must_hold(header_bytes <= part_limits.header_bytes_max, "a part's headers are within their limit");
        total += part.body.size() + header_bytes;
    }
    must_hold(total <= bytes.size(), "no byte is given out twice");
    for (const std::size_t piece_bytes_max : {std::size_t(1), std::size_t(7), std::size_t(200)}) {
        const Read pieces = read_parts(name, bytes, piece_bytes_max);
        must_hold(pieces.parts.size() == whole.parts.size(), "cutting changes no number of parts");
        must_hold(std::equal(pieces.parts.begin(), pieces.parts.end(), whole.parts.begin(), is_same_part), "cutting changes no part");
        must_hold(pieces.framing_errors == whole.framing_errors, "cutting changes no count of framing errors");
        must_hold(pieces.oversize_parts == whole.oversize_parts, "cutting changes no count of oversize parts");
    }
}

} // namespace gatehouse::fuzz
