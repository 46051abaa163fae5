// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/inside/http_exchange.hpp"

#include "daemon/base/text.hpp"
#include "daemon/net/inside/http_parsing.hpp"

namespace gatehouse::net::inside {

namespace {

constexpr std::size_t answer_read_bytes_max = 16 * 1024;
constexpr int interim_answers_max = 8;

using ResponseParser = Parser<false>;

std::unique_ptr<ResponseParser> make_parser(HttpBounds bounds) {
    auto parser = std::make_unique<ResponseParser>();
    parser->header_limit(static_cast<std::uint32_t>(bounds.header_bytes_max));
    parser->body_limit(bounds.body_bytes_max);
    return parser;
}

Error ended_early() { return Error(Fault::unreachable, "HTTP: the connection ended before the answer did"); }

/// Reads once and feeds the parser; false: the stream has ended, and the message with it.
Task<Result<bool>> read_more(HttpConnection& connection, ResponseParser& parser) {
    Bytes into(answer_read_bytes_max);
    auto read = co_await connection.stream->read_some(into);
    if (!read) co_return std::move(read).error();
    if (*read == 0) {
        if (!parser.got_some()) co_return ended_early();
        error_code failed;
        parser.put_eof(failed);
        if (failed) co_return ended_early();
        co_return false;
    }
    connection.heard_something = true;
    connection.held.append(as_text(ByteView(into).first(*read)));
    co_return true;
}

bool is_interim(const ResponseParser& parser) {
    const unsigned status = parser.get().result_int();
    return status >= 100 && status < 200 && status != 101;
}

/// Until the final answer's header is there. Interim answers (100 Continue) are passed over.
Task<Result<std::unique_ptr<ResponseParser>>> read_head(HttpConnection& connection, bool is_head, HttpBounds bounds) {
    for (int interim = 0; interim < interim_answers_max; ++interim) {
        auto parser = make_parser(bounds);
        parser->skip(is_head);
        for (;;) {
            if (const auto failed = feed_header(*parser, connection.held)) co_return parse_error(failed);
            if (parser->is_header_done()) break;
            auto more = co_await read_more(connection, *parser);
            if (!more) co_return std::move(more).error();
            if (!*more) co_return ended_early();
        }
        if (!is_interim(*parser)) co_return parser;
    }
    co_return Error(Fault::malformed, "HTTP: interim answers without end");
}

HttpResponse head_of(const ResponseParser& parser) {
    HttpResponse response;
    response.status = static_cast<int>(parser.get().result_int());
    response.headers = headers_of(parser.get());
    return response;
}

class StreamedBody final : public HttpBody {
public:
    StreamedBody(std::unique_ptr<HttpConnection> connection, std::unique_ptr<ResponseParser> parser)
        : head_(head_of(*parser)), held_(std::make_shared<Held>(Held{std::move(connection), std::move(parser)})) {}
    ~StreamedBody() override { held_->connection->stream->close(); }

    const HttpResponse& head() const override { return head_; }

    Task<Result<Bytes>> read() override {
        auto held = held_; // outlives this object while somebody waits
        auto& body = held->parser->get().body();
        for (;;) {
            if (const auto failed = feed(*held->parser, held->connection->held)) co_return parse_error(failed);
            if (!body.empty()) {
                const auto bytes = as_bytes(body);
                Bytes got(bytes.begin(), bytes.end());
                body.clear();
                co_return got;
            }
            if (held->parser->is_done()) co_return Bytes();
            auto more = co_await read_more(*held->connection, *held->parser);
            if (!more) co_return std::move(more).error();
        }
    }

private:
    struct Held {
        std::unique_ptr<HttpConnection> connection;
        std::unique_ptr<ResponseParser> parser;
    };
    HttpResponse head_;
    std::shared_ptr<Held> held_;
};

} // namespace

Result<std::string> request_text(const HttpRequest& request, const std::string& host, const std::string& authorization) {
    const bool is_sound = !request.method.empty() && request.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos &&
                          request.target.starts_with('/') && is_one_line(request.target) && request.target.find(' ') == std::string::npos;
    if (!is_sound) return Error(Fault::malformed, "HTTP request line does not do");
    std::string text = request.method + ' ' + request.target + " HTTP/1.1\r\nHost: " + host + "\r\n";
    for (const auto& [name, value] : request.headers) {
        if (name.empty() || !is_one_line(name) || !is_one_line(value) || name.find_first_of(": \t") != std::string::npos)
            return Error(Fault::malformed, "HTTP header does not do");
        text += name + ": " + value + "\r\n";
    }
    if (!authorization.empty()) text += "Authorization: " + authorization + "\r\n";
    const bool has_body = !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (has_body) text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    text += "\r\n";
    text += request.body;
    return text;
}

Task<Result<HttpResponse>> exchange(HttpConnection& connection, const std::string& text, bool is_head, HttpBounds bounds) {
    connection.heard_something = false;
    connection.may_go_on = false;
    auto written = co_await connection.stream->write(as_bytes(text));
    // A far side that has answered early and closed is heard all the same.
    auto head = co_await read_head(connection, is_head, bounds);
    if (!head) co_return written ? std::move(head).error() : std::move(written).error();
    auto& parser = **head;
    HttpResponse response = head_of(parser);
    for (;;) {
        if (const auto failed = feed(parser, connection.held)) co_return parse_error(failed);
        if (parser.is_done()) break;
        auto more = co_await read_more(connection, parser);
        if (!more) co_return std::move(more).error();
        if (!*more) break;
    }
    response.body = std::move(parser.get().body());
    connection.may_go_on = written.has_value() && parser.keep_alive() && connection.held.empty();
    co_return response;
}

Task<Result<std::unique_ptr<HttpBody>>> exchange_head(std::unique_ptr<HttpConnection> connection, const std::string& text, HttpBounds bounds) {
    auto written = co_await connection->stream->write(as_bytes(text));
    if (!written) co_return std::move(written).error();
    auto head = co_await read_head(*connection, false, bounds);
    if (!head) co_return std::move(head).error();
    co_return std::unique_ptr<HttpBody>(std::make_unique<StreamedBody>(std::move(connection), std::move(*head)));
}

} // namespace gatehouse::net::inside
