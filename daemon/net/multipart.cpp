// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/multipart.hpp"

#include "daemon/base/text.hpp"

#include <algorithm>

namespace gatehouse::net {

namespace {

constexpr std::size_t boundary_bytes_max = 200;
constexpr std::size_t slice_bytes_max = 4096; ///< fed at once, so that a body of tiny parts is not moved as a whole for each
constexpr std::size_t blanks_max = 16;        ///< at the end of a boundary line
constexpr std::size_t padding_bytes_max = 64; ///< between a JPEG's end mark and its boundary line
constexpr std::size_t context_bytes = padding_bytes_max + 8;
constexpr std::string_view jpeg_begin = "\xff\xd8";
constexpr std::string_view jpeg_end = "\xff\xd9";
constexpr std::string_view first_words_of_headers = "content-";

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

std::string_view without_spaces(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

/// A parameter of a header value, e.g. name in `form-data; name="a"`.
std::string parameter(std::string_view value, std::string_view wanted) {
    std::size_t at = value.find(';');
    while (at < value.size()) {
        ++at;
        while (at < value.size() && (is_blank(value[at]) || value[at] == ';')) ++at;
        const auto name_from = at;
        while (at < value.size() && value[at] != '=' && value[at] != ';') ++at;
        const auto name = trimmed(value.substr(name_from, at - name_from));
        if (at >= value.size() || value[at] == ';') continue;
        ++at;
        while (at < value.size() && is_blank(value[at])) ++at;
        std::string text;
        if (at < value.size() && value[at] == '"') {
            for (++at; at < value.size() && value[at] != '"'; ++at) text += value[at];
            at = std::min(value.find(';', at), value.size());
        } else {
            const auto from = at;
            at = std::min(value.find(';', at), value.size());
            text = trimmed(value.substr(from, at - from));
        }
        if (same_but_case(name, wanted)) return text;
    }
    return {};
}

/// "</root>" stands at the end, for the root that stands at the beginning.
bool is_whole_xml(std::string_view text) {
    for (;;) {
        text = without_spaces(text);
        const bool is_prologue = text.starts_with("<?") || text.starts_with("<!");
        if (!is_prologue) break;
        const auto end = text.find('>');
        if (end == std::string_view::npos) return false;
        text.remove_prefix(end + 1);
    }
    if (!text.starts_with('<') || !text.ends_with('>')) return false;
    const auto root = text.substr(1, std::min(text.find_first_of(" \t\r\n/>"), text.size()) - 1);
    const auto last = text.rfind("</");
    if (root.empty() || last == std::string_view::npos) return false;
    return without_spaces(text.substr(last + 2, text.size() - last - 3)) == root;
}

/// One object or array that is closed at the end.
bool is_whole_json(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (in_string) {
            if (c == '\\') ++at;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (c == '}' || c == ']') {
            if (depth == 0) return false;
            if (--depth == 0) return at + 1 == text.size();
        }
    }
    return false;
}

bool is_whole_text(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    text = without_spaces(text);
    if (text.starts_with('<')) return is_whole_xml(text);
    if (text.starts_with('{') || text.starts_with('[')) return is_whole_json(text);
    return false;
}

bool ends_as_picture(std::string_view bytes) {
    for (std::size_t padding = 0; padding < padding_bytes_max && !bytes.empty() && (is_space(bytes.back()) || bytes.back() == '\0'); ++padding)
        bytes.remove_suffix(1);
    return bytes.ends_with(jpeg_end);
}

} // namespace

Result<std::string> boundary_of(std::string_view content_type) {
    std::string boundary = parameter(content_type, "boundary");
    if (boundary.empty() || boundary.size() > boundary_bytes_max) return Error(Fault::malformed, "Content-Type without a boundary");
    for (const char c : boundary)
        if (static_cast<unsigned char>(c) < 0x20) return Error(Fault::malformed, "Content-Type with a damaged boundary");
    return boundary;
}

MultipartReader::MultipartReader(std::string boundary, Limits limits) : limits_(limits) {
    delimiters_.push_back("--" + boundary);
    // Met in the field: a boundary declared with the dashes that belong to the line, and headers that name another one than the body.
    if (boundary.starts_with("--")) delimiters_.push_back(boundary);
    for (const char* usual : {"--boundary", "--MIME_boundary"})
        if (std::find(delimiters_.begin(), delimiters_.end(), usual) == delimiters_.end()) delimiters_.emplace_back(usual);
}

void MultipartReader::feed(ByteView bytes) {
    while (!bytes.empty() && !ended_) {
        const auto slice = bytes.first(std::min(bytes.size(), slice_bytes_max));
        bytes = bytes.subspan(slice.size());
        buffer_.append(as_text(slice));
        while (step()) {
        }
    }
}

void MultipartReader::finish() {
    if (ended_) return;
    ended_ = true;
    if (where_ == Where::searched_body) searched_ = 0;
    while (step()) {
    }
}

std::optional<Part> MultipartReader::next() {
    if (parts_.empty()) return {};
    std::optional<Part> part(std::move(parts_.front()));
    parts_.pop_front();
    return part;
}

// Each step is decided by the bytes of the stream alone, never by how many happen to be here: what can't be decided yet waits.
bool MultipartReader::step() {
    switch (where_) {
    case Where::before_boundary: return find_first_boundary();
    case Where::headers: return read_header_line();
    case Where::counted_body: return read_counted_body();
    case Where::after_body: return confirm_length();
    case Where::searched_body: return read_searched_body();
    case Where::skipping: return skip_body();
    }
    return false;
}

MultipartReader::Line MultipartReader::boundary_at(std::size_t at) const {
    const auto rest = std::string_view(buffer_).substr(at);
    Line line;
    line.begin = at;
    for (std::size_t i = 0; i < delimiters_.size(); ++i) {
        const std::string& delimiter = delimiters_[i];
        if (rest.size() < delimiter.size()) {
            if (!ended_ && std::string_view(delimiter).starts_with(rest)) line.kind = Line::Kind::undecided;
            continue;
        }
        if (!rest.starts_with(delimiter)) continue;
        std::size_t end = delimiter.size();
        line.is_closing = rest.substr(end).starts_with("--");
        if (line.is_closing) end += 2;
        for (std::size_t blanks = 0; end < rest.size() && is_blank(rest[end]) && blanks < blanks_max; ++blanks) ++end;
        const auto tail = rest.substr(end);
        const bool is_open_end = tail.empty() || tail == "\r" || (tail == "-" && !line.is_closing);
        if (tail.starts_with('\n') || tail.starts_with("\r\n") || (is_open_end && ended_)) {
            line.kind = Line::Kind::boundary;
            line.end = at + end + (tail.starts_with('\n') ? 1 : std::min<std::size_t>(tail.size(), 2));
            line.delimiter = i;
            return line;
        }
        if (is_open_end) line.kind = Line::Kind::undecided;
    }
    return line;
}

// From searched_ on; remembers how far there is none.
MultipartReader::Line MultipartReader::find_boundary(std::size_t until) {
    std::size_t at = searched_;
    const bool is_start = at == 0 ? at_line_start_ : buffer_[at - 1] == '\n';
    if (!is_start) {
        const auto newline = buffer_.find('\n', at);
        at = newline == std::string::npos ? until : newline + 1;
    }
    while (at < until) {
        const Line line = boundary_at(at);
        if (line.kind != Line::Kind::none) {
            searched_ = at;
            return line;
        }
        const auto newline = buffer_.find('\n', at);
        if (newline == std::string::npos) break;
        at = newline + 1;
    }
    searched_ = std::max(searched_, until);
    return {};
}

bool MultipartReader::find_first_boundary() {
    const Line line = find_boundary(buffer_.size());
    if (line.kind == Line::Kind::boundary) {
        if (delimiters_.size() > 1) {
            const auto seen = delimiters_[line.delimiter];
            delimiters_.assign(1, seen);
        }
        go_on_after(line);
        return true;
    }
    drop(line.kind == Line::Kind::undecided ? line.begin : buffer_.size());
    return false;
}

bool MultipartReader::read_header_line() {
    const Line boundary = boundary_at(0);
    if (boundary.kind == Line::Kind::boundary) {
        ++framing_errors_; // headers without a body
        go_on_after(boundary);
        return true;
    }
    if (boundary.kind == Line::Kind::undecided) return false;
    const auto newline = buffer_.find('\n');
    const auto line_bytes = newline == std::string::npos ? buffer_.size() : newline + 1;
    if (header_bytes_ + line_bytes > limits_.header_bytes_max) {
        ++oversize_parts_;
        content_ = Content::text;
        where_ = Where::skipping;
        return true;
    }
    if (newline == std::string::npos) {
        if (!ended_) return false;
        if (!part_.headers.empty() || !without_spaces(buffer_).empty()) ++framing_errors_;
        return end_of_all();
    }
    auto line = std::string_view(buffer_).substr(0, newline);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) {
        end_headers(line_bytes);
        return true;
    }
    if (line.starts_with('<') || line.starts_with('{')) {
        ++framing_errors_; // the body begins without an empty line
        is_mended_ = true;
        end_headers(0);
        return true;
    }
    take_header(line);
    header_bytes_ += line_bytes;
    drop(line_bytes);
    return true;
}

void MultipartReader::take_header(std::string_view line) {
    if (is_blank(line.front()) && !part_.headers.empty()) {
        auto& value = part_.headers.back().second;
        value += ' ';
        value += trimmed(line);
        return;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
        if (!is_mended_) ++framing_errors_;
        is_mended_ = true;
        return;
    }
    part_.headers.emplace_back(std::string(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1))));
}

void MultipartReader::end_headers(std::size_t used) {
    drop(used);
    at_line_start_ = true;
    searched_ = 0;
    const auto type = header(part_.headers, "Content-Type");
    part_.content_type = lower(trimmed(type.substr(0, type.find(';'))));
    part_.content_id = header(part_.headers, "Content-ID");
    const auto disposition = header(part_.headers, "Content-Disposition");
    part_.name = parameter(disposition, "name");
    part_.filename = parameter(disposition, "filename");
    const auto length_text = header(part_.headers, "Content-Length");
    const auto length = to_number(trimmed(length_text));
    where_ = Where::searched_body;
    if (length && *length >= 0) {
        declared_ = static_cast<std::size_t>(*length);
        where_ = Where::counted_body;
        if (*declared_ > limits_.part_bytes_max) {
            ++oversize_parts_;
            where_ = Where::skipping;
        }
    } else if (!length_text.empty() && !is_mended_) {
        ++framing_errors_;
        is_mended_ = true;
    }
}

// Declared type first, first bytes then. False: the first bytes are not here yet.
bool MultipartReader::learn_content() {
    if (content_) return true;
    const auto& type = part_.content_type;
    const auto names = [&](std::string_view word) { return type.find(word) != std::string::npos; };
    if (type.starts_with("image/")) {
        content_ = Content::picture;
    } else if (names("xml") || names("json") || type.starts_with("text/")) {
        content_ = Content::text;
    } else {
        if (buffer_.size() < 2 && !ended_) return false;
        content_ = buffer_.starts_with(jpeg_begin) ? Content::picture : type.empty() ? Content::text : Content::other;
    }
    return true;
}

bool MultipartReader::read_counted_body() {
    if (!learn_content()) return false;
    if (*content_ == Content::text) {
        // A length that swallows the next boundary line is wrong. Pictures may hold what looks like one, texts don't.
        const Line inside = find_boundary(std::min(buffer_.size(), *declared_));
        if (inside.kind == Line::Kind::boundary) {
            search_instead();
            return true;
        }
    }
    if (buffer_.size() < *declared_) {
        if (!ended_) return false;
        search_instead();
        return true;
    }
    const auto body = std::string_view(buffer_).substr(0, *declared_);
    const bool is_whole = *content_ == Content::picture ? body.ends_with(jpeg_end) : *content_ == Content::text && is_whole_text(body);
    const Line after = boundary_after_body(*declared_);
    if (!is_whole) {
        const bool is_confirmed =
            after.kind == Line::Kind::boundary || (ended_ && without_spaces(std::string_view(buffer_).substr(*declared_)).empty());
        if (!is_confirmed) {
            if (after.kind == Line::Kind::undecided) return false;
            search_instead();
            return true;
        }
    }
    give_out(*declared_);
    drop(*declared_);
    at_line_start_ = true;
    where_ = Where::after_body;
    return true;
}

// At most two line ends, then a boundary line.
MultipartReader::Line MultipartReader::boundary_after_body(std::size_t at) const {
    for (int newlines = 0;; ++newlines) {
        const Line line = boundary_at(at);
        if (line.kind != Line::Kind::none || newlines == 2) return line;
        const auto rest = std::string_view(buffer_).substr(at);
        if (rest.starts_with('\n')) {
            at += 1;
        } else if (rest.starts_with("\r\n")) {
            at += 2;
        } else {
            Line other;
            if (rest == "\r" && !ended_) other.kind = Line::Kind::undecided;
            return other;
        }
    }
}

bool MultipartReader::confirm_length() {
    const Line line = boundary_after_body(0);
    if (line.kind == Line::Kind::boundary) {
        go_on_after(line);
        return true;
    }
    if (line.kind == Line::Kind::undecided) return false;
    if (ended_ && without_spaces(buffer_).empty()) return end_of_all();
    if (!is_mended_) ++framing_errors_;
    where_ = Where::before_boundary;
    searched_ = 0;
    return true;
}

void MultipartReader::search_instead() {
    if (!is_mended_) ++framing_errors_;
    is_mended_ = true;
    where_ = Where::searched_body;
    searched_ = 0;
}

// In a picture not every boundary line is one.
MultipartReader::Line MultipartReader::find_end_of_body() {
    for (;;) {
        Line line = find_boundary(buffer_.size());
        if (line.kind != Line::Kind::boundary || *content_ != Content::picture) return line;
        bool undecided = false;
        if (is_after_picture(line, undecided)) return line;
        if (undecided) {
            line.kind = Line::Kind::undecided;
            return line;
        }
        searched_ = line.begin + 1;
    }
}

bool MultipartReader::is_after_picture(const Line& line, bool& undecided) const {
    if (ends_as_picture(std::string_view(buffer_).substr(0, line.begin))) return true;
    const auto after = std::string_view(buffer_).substr(line.end, first_words_of_headers.size());
    if (ended_ && after.empty()) return true;
    const bool fits = same_but_case(after, first_words_of_headers.substr(0, after.size()));
    undecided = fits && after.size() < first_words_of_headers.size() && !ended_;
    return fits && after.size() == first_words_of_headers.size();
}

bool MultipartReader::read_searched_body() {
    if (!learn_content()) return false;
    const Line line = find_end_of_body();
    if (line.kind == Line::Kind::boundary) {
        end_body(line);
        return true;
    }
    // The line end before a boundary is not the body's.
    const std::size_t body_bytes_min = searched_ < 2 ? 0 : searched_ - 2;
    if (body_bytes_min > limits_.part_bytes_max) {
        ++oversize_parts_;
        where_ = Where::skipping;
        return true;
    }
    if (!ended_) return false;
    const auto body = without_spaces(buffer_);
    if (*content_ == Content::picture ? body.ends_with(jpeg_end) : is_whole_text(body)) {
        give_out(static_cast<std::size_t>(body.data() - buffer_.data()) + body.size());
    } else if (!is_mended_) {
        ++framing_errors_;
    }
    return end_of_all();
}

bool MultipartReader::skip_body() {
    if (!learn_content()) return false;
    const Line line = find_end_of_body();
    if (line.kind == Line::Kind::boundary) {
        go_on_after(line);
        return true;
    }
    if (searched_ > context_bytes) drop(searched_ - context_bytes);
    return ended_ && end_of_all();
}

void MultipartReader::end_body(const Line& line) {
    std::size_t body_bytes = line.begin;
    if (body_bytes > 0 && buffer_[body_bytes - 1] == '\n') --body_bytes;
    if (body_bytes > 0 && body_bytes < line.begin && buffer_[body_bytes - 1] == '\r') --body_bytes;
    if (body_bytes > limits_.part_bytes_max) {
        ++oversize_parts_;
    } else {
        give_out(body_bytes);
    }
    go_on_after(line);
}

void MultipartReader::give_out(std::size_t body_bytes) {
    if (parts_.size() >= limits_.parts_waiting_max) {
        ++framing_errors_;
        return;
    }
    part_.body.assign(buffer_, 0, body_bytes);
    parts_.push_back(std::move(part_));
}

void MultipartReader::go_on_after(const Line& line) {
    drop(line.end);
    at_line_start_ = true;
    searched_ = 0;
    part_ = Part{};
    header_bytes_ = 0;
    declared_.reset();
    content_.reset();
    is_mended_ = false;
    where_ = line.is_closing ? Where::before_boundary : Where::headers;
}

bool MultipartReader::end_of_all() {
    buffer_.clear();
    searched_ = 0;
    where_ = Where::before_boundary;
    return false;
}

void MultipartReader::drop(std::size_t bytes) {
    if (bytes == 0) return;
    at_line_start_ = buffer_[bytes - 1] == '\n';
    buffer_.erase(0, bytes);
    searched_ = searched_ > bytes ? searched_ - bytes : 0;
}

} // namespace gatehouse::net
