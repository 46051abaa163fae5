// SPDX-License-Identifier: Apache-2.0
//
// Multipart bodies as cameras really send them (protocols: Hikvision ISAPI alertStream and httpHosts push): bytes in, parts out, no
// I/O. Tolerates LF for CRLF, quotes, odd header spacing, missing Content-Type, wrong Content-Length (resynchronises at the next
// boundary and counts it).
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/net/http.hpp"

#include <cstdint>
#include <deque>
#include <string>

namespace gatehouse::net {

struct Part {
    Headers headers;
    std::string name;     ///< of Content-Disposition
    std::string filename; ///< of Content-Disposition
    std::string content_type; ///< lower-case, without parameters; empty when absent
    std::string content_id;
    std::string body;
};

/// The boundary of a Content-Type value; Fault::malformed without one.
Result<std::string> boundary_of(std::string_view content_type);

class MultipartReader {
public:
    struct Limits {
        std::size_t part_bytes_max = 8 * 1024 * 1024;
        std::size_t header_bytes_max = 16 * 1024;
    };
    MultipartReader(std::string boundary, Limits limits);

    /// Takes the next bytes of the body. A part over a limit is skipped to the next boundary and counted: neighbours are not lost.
    void feed(ByteView bytes);
    /// The body has ended: a part without an end is counted as cut off.
    void finish();
    /// The next whole part, in order.
    std::optional<Part> next();

    std::uint64_t framing_errors() const { return framing_errors_; }
    std::uint64_t oversize_parts() const { return oversize_parts_; }

private:
    enum class Where { before_boundary, headers, counted_body, searched_body, skipping };
    bool step();
    void close_part();
    std::string boundary_;
    Limits limits_;
    Where where_ = Where::before_boundary;
    std::string buffer_;
    Part part_;
    std::size_t body_left_ = 0;
    std::size_t searched_ = 0;
    bool ended_ = false;
    std::deque<Part> parts_;
    std::uint64_t framing_errors_ = 0;
    std::uint64_t oversize_parts_ = 0;
};

} // namespace gatehouse::net
