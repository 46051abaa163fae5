// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/inside/http_conversation.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"
#include "daemon/net/inside/http_parsing.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>

namespace gatehouse::net::inside {

namespace {

constexpr std::size_t read_bytes_max = 16 * 1024;
constexpr std::size_t written_at_once_bytes_max = 256 * 1024; ///< each piece has its own deadline, so that long answers may take long
constexpr std::size_t lingering_bytes_max = 1024 * 1024;
constexpr Duration lingering_max = std::chrono::seconds(1);

using RequestParser = Parser<true>;

Task<Result<std::size_t>> read_into(Stream& stream, std::string& held) {
    Bytes into(read_bytes_max);
    auto read = co_await stream.read_some(into);
    if (read) held.append(as_text(ByteView(into).first(*read)));
    co_return read;
}

bool is_named(const std::string& name, std::string_view wanted) { return same_but_case(name, wanted); }

std::size_t count(const Headers& headers, std::string_view name) {
    return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(), [&](const auto& each) { return is_named(each.first, name); }));
}

/// What two servers on the way could read differently; empty: nothing. Beast itself refuses length with chunked and unequal lengths.
std::string ambiguity(const HttpRequest& request, unsigned version) {
    const auto encodings = count(request.headers, "Transfer-Encoding");
    if (count(request.headers, "Content-Length") > 1) return "more than one Content-Length";
    if (header(request.headers, "Content-Length").find(',') != std::string_view::npos) return "more than one Content-Length";
    if (encodings > 1 || (encodings == 1 && !same_but_case(trimmed(header(request.headers, "Transfer-Encoding")), "chunked")))
        return "a Transfer-Encoding other than chunked";
    if (encodings == 1 && version < 11) return "Transfer-Encoding before HTTP/1.1";
    if (count(request.headers, "Host") > 1) return "more than one Host";
    if (!request.target.starts_with('/')) return "a target that is no path";
    return {};
}

int status_of(error_code failed) {
    if (failed == http::error::header_limit || failed == http::error::buffer_overflow) return 431;
    if (failed == http::error::body_limit) return 413;
    return 400;
}

HttpResponse problem(int status, const std::string& why) {
    HttpResponse response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "application/problem+json");
    // `why` is always a text of ours, without quotes.
    response.body = "{\"title\":\"" + std::string(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)))) +
                    "\",\"status\":" + std::to_string(status) + ",\"detail\":\"" + why + "\"}";
    return response;
}

Task<void> run_handler(const HttpHandler& handler, HttpRequest request, std::optional<HttpResponse>& into) {
    into.emplace(co_await handler(std::move(request)));
}

Task<Result<bool>> read_until_header(Stream& stream, std::string& held, RequestParser& parser, error_code& failed) {
    for (;;) {
        failed = feed_header(parser, held);
        if (failed || parser.is_header_done()) co_return true;
        auto read = co_await read_into(stream, held);
        if (!read) co_return std::move(read).error();
        if (*read == 0) co_return false;
    }
}

Task<Result<bool>> read_until_done(Stream& stream, std::string& held, RequestParser& parser, error_code& failed) {
    for (;;) {
        failed = feed(parser, held);
        if (failed || parser.is_done()) co_return true;
        auto read = co_await read_into(stream, held);
        if (!read) co_return std::move(read).error();
        if (*read == 0) co_return false;
    }
}

Task<Result<bool>> write_all(Stream& stream, ByteView bytes) {
    auto written = co_await stream.write(bytes);
    if (!written) co_return std::move(written).error();
    co_return true;
}

Task<Result<bool>> read_away(Stream& stream) {
    Bytes into(read_bytes_max);
    for (std::size_t bytes = 0; bytes < lingering_bytes_max;) {
        auto read = co_await stream.read_some(into);
        if (!read) co_return std::move(read).error();
        if (*read == 0) break;
        bytes += *read;
    }
    co_return true;
}

} // namespace

std::string response_text(const HttpResponse& response, bool is_head, bool goes_on) {
    const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status)));
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + ' ' + std::string(reason) + "\r\n";
    for (const auto& [name, value] : response.headers) {
        const bool is_ours = is_named(name, "Content-Length") || is_named(name, "Connection") || is_named(name, "Transfer-Encoding");
        if (!is_ours && !name.empty() && is_one_line(name) && is_one_line(value)) text += name + ": " + value + "\r\n";
    }
    const bool has_body = response.status != 204 && response.status != 304;
    const std::uint64_t bytes = response.source ? response.source->bytes() : response.body.size();
    if (has_body) text += "Content-Length: " + std::to_string(bytes) + "\r\n";
    text += goes_on ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    if (has_body && !is_head && !response.source) text += response.body;
    return text;
}

Task<void> linger(Stream& stream, Clock& clock) {
    auto work = read_away(stream);
    auto ignored = co_await within<bool>(clock, lingering_max, "closing", std::move(work));
}

struct HttpConversation::Request {
    HttpRequest request;
    bool is_head = false;
    bool goes_on = false;
    bool is_upgrade = false;
};

HttpConversation::HttpConversation(Stream& stream, Clock& clock, const HttpServer::Options& options, const HttpHandler& handler, Peer peer,
                                   bool may_upgrade)
    : stream_(stream), clock_(clock), options_(options), handler_(handler), peer_(std::move(peer)), may_upgrade_(may_upgrade) {}

Task<std::optional<HttpRequest>> HttpConversation::run() {
    Duration patience = options_.header_limit;
    for (;;) {
        auto request = co_await read_request(patience);
        if (!request) break;
        if (request->is_upgrade) {
            if (held_.empty()) co_return std::move(request->request);
            co_await refuse(400, "bytes before the upgrade was answered");
            break;
        }
        const bool goes_on = co_await answer(std::move(*request));
        if (!goes_on) break;
        patience = options_.idle_limit;
    }
    co_return std::nullopt;
}

Task<std::optional<HttpConversation::Request>> HttpConversation::read_request(Duration patience) {
    if (held_.empty()) {
        auto first = read_into(stream_, held_);
        auto read = co_await within<std::size_t>(clock_, patience, "waiting for a request", std::move(first));
        if (!read || *read == 0) co_return std::nullopt;
    }
    RequestParser parser;
    parser.header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
    parser.body_limit(options_.body_bytes_max);
    error_code failed;

    auto reading = read_until_header(stream_, held_, parser, failed);
    auto came = co_await within<bool>(clock_, options_.header_limit, "reading a request", std::move(reading));
    if (!came && came.error().fault() == Fault::timed_out) co_await refuse(408, "the request came too slowly");
    if (!came || !*came) co_return std::nullopt;
    if (failed) {
        co_await refuse(status_of(failed), "the request is damaged or too large");
        co_return std::nullopt;
    }

    Request got;
    got.request.method = parser.get().method_string();
    got.request.target = parser.get().target();
    got.request.headers = headers_of(parser.get());
    if (const auto why = ambiguity(got.request, parser.get().version()); !why.empty()) {
        co_await refuse(400, why);
        co_return std::nullopt;
    }
    const bool waits_for_word = same_but_case(header(got.request.headers, "Expect"), "100-continue");
    if (waits_for_word && !parser.is_done()) {
        const std::string word = "HTTP/1.1 100 Continue\r\n\r\n";
        auto writing = write_all(stream_, as_bytes(word));
        auto written = co_await within<bool>(clock_, options_.body_limit, "answering", std::move(writing));
        if (!written) co_return std::nullopt;
    }

    auto rest = read_until_done(stream_, held_, parser, failed);
    came = co_await within<bool>(clock_, options_.body_limit, "reading a body", std::move(rest));
    if (!came && came.error().fault() == Fault::timed_out) co_await refuse(408, "the body came too slowly");
    if (!came || !*came) co_return std::nullopt;
    if (failed) {
        co_await refuse(status_of(failed), "the body is damaged or too large");
        co_return std::nullopt;
    }

    got.request.body = std::move(parser.get().body());
    got.request.from = peer_.from;
    got.request.peer_uid = peer_.uid;
    got.request.peer_gid = peer_.gid;
    got.request.peer_groups = peer_.groups;
    got.is_head = got.request.method == "HEAD";
    if (got.is_head) got.request.method = "GET";
    got.goes_on = parser.keep_alive();
    got.is_upgrade =
        may_upgrade_ && parser.upgrade() && got.request.method == "GET" && same_but_case(header(got.request.headers, "Upgrade"), "websocket");
    co_return got;
}

Task<bool> HttpConversation::answer(Request request) {
    std::optional<HttpResponse> response;
    auto work = run_handler(handler_, std::move(request.request), response);
    const bool in_time = co_await finish_within(clock_, options_.handler_limit, std::move(work));
    if (!in_time || !response) {
        response = problem(503, "the answer took too long");
        request.goes_on = false;
    }
    const bool is_last = same_but_case(header(response->headers, "Connection"), "close");
    co_return co_await write(std::move(*response), request.is_head, request.goes_on && !is_last);
}

Task<bool> HttpConversation::write(HttpResponse response, bool is_head, bool goes_on) {
    const std::string text = response_text(response, is_head, goes_on);
    response.body = {};
    const bool written = co_await write_pieces(as_bytes(text));
    if (!written) co_return false;
    const bool has_source = response.source && !is_head && response.status != 204 && response.status != 304;
    if (has_source) {
        const bool is_whole = co_await write_from(*response.source);
        if (!is_whole) co_return false;
    }
    co_return goes_on;
}

Task<bool> HttpConversation::write_pieces(ByteView bytes) {
    while (!bytes.empty()) {
        const auto piece = bytes.first(std::min(bytes.size(), written_at_once_bytes_max));
        bytes = bytes.subspan(piece.size());
        auto writing = write_all(stream_, piece);
        auto written = co_await within<bool>(clock_, options_.body_limit, "answering", std::move(writing));
        if (!written) co_return false;
    }
    co_return true;
}

/// The next piece is made when the one before is on its way: a slow reader holds one, and hurries nobody.
Task<bool> HttpConversation::write_from(BodySource& source) {
    for (std::uint64_t left = source.bytes(); left > 0;) {
        auto making = source.next();
        auto piece = co_await within<Bytes>(clock_, options_.handler_limit, "making a piece of the answer", std::move(making));
        if (!piece) {
            log::warning("net", "an answer ends before its end", {{"why", piece.error().what()}});
            co_return false;
        }
        expects(!piece->empty() && piece->size() <= left && piece->size() <= body_piece_bytes_max, "a body gives what it said");
        left -= piece->size();
        const bool written = co_await write_pieces(*piece);
        if (!written) co_return false;
    }
    co_return true;
}

Task<void> HttpConversation::write_last(HttpResponse response) {
    co_await write(std::move(response), false, false);
    co_await linger(stream_, clock_);
}

Task<void> HttpConversation::refuse(int status, std::string why) {
    auto response = problem(status, why);
    co_await write_last(std::move(response));
}

} // namespace gatehouse::net::inside
