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
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::net {

struct Part {
    Headers headers;
    std::string name;         ///< of Content-Disposition
    std::string filename;     ///< of Content-Disposition
    std::string content_type; ///< lower-case, without parameters; empty when absent
    std::string content_id;
    std::string body;
};

/// The boundary of a Content-Type value; Fault::malformed without one.
Result<std::string> boundary_of(std::string_view content_type);

/// How the bytes are cut into feed() calls never changes what comes out.
///
/// A part with a Content-Length is given out as soon as that many bytes are there, if they look whole (the XML root or JSON value is
/// closed, the JPEG has its end mark); else only when the bytes after them confirm the length. A wrong length is mended by the next
/// boundary line and counted. In a picture only a boundary line right after the JPEG's end mark, or one that part headers follow, is
/// believed: its bytes may look like boundaries.
class MultipartReader {
public:
    struct Limits {
        std::size_t part_bytes_max = 8 * 1024 * 1024;
        std::size_t header_bytes_max = 16 * 1024;
        std::size_t parts_waiting_max = 256; ///< not fetched by next(); more are dropped and counted as framing errors
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
    enum class Where { before_boundary, headers, counted_body, after_body, searched_body, skipping };
    enum class Content { text, picture, other };
    /// What stands at a place of the buffer; undecided: more bytes may make it a boundary line.
    struct Line {
        enum class Kind { none, undecided, boundary } kind = Kind::none;
        std::size_t begin = 0;
        std::size_t end = 0;
        std::size_t delimiter = 0; ///< which of delimiters_
        bool is_closing = false;
    };

    bool step();
    bool find_first_boundary();
    bool read_header_line();
    bool read_counted_body();
    bool confirm_length();
    bool read_searched_body();
    bool skip_body();
    bool end_of_all();

    Line boundary_at(std::size_t at) const;
    Line boundary_after_body(std::size_t at) const;
    Line find_boundary(std::size_t until);
    Line find_end_of_body();
    bool is_after_picture(const Line& line, bool& undecided) const;
    bool learn_content();

    void take_header(std::string_view line);
    void end_headers(std::size_t used);
    void search_instead();
    void give_out(std::size_t body_bytes);
    void go_on_after(const Line& line);
    void end_body(const Line& line);
    void drop(std::size_t bytes);

    std::vector<std::string> delimiters_; ///< one, once the first boundary has been seen
    Limits limits_;
    Where where_ = Where::before_boundary;
    std::string buffer_;        ///< not yet used
    bool at_line_start_ = true; ///< of the buffer's first byte
    Part part_;
    std::size_t header_bytes_ = 0;
    std::optional<std::size_t> declared_;
    std::optional<Content> content_;
    bool is_mended_ = false;   ///< this part's framing error is counted
    std::size_t searched_ = 0; ///< the buffer holds no boundary line before this
    bool ended_ = false;
    std::deque<Part> parts_;
    std::uint64_t framing_errors_ = 0;
    std::uint64_t oversize_parts_ = 0;
};

} // namespace gatehouse::net
