// SPDX-License-Identifier: Apache-2.0
//
// What a client sends to our HTTP server, without a socket: the same bytes cut differently are the same requests with the same answers,
// and nothing over a limit or read in two ways reaches a handler.
#include "daemon/base/text.hpp"
#include "daemon/net/http.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/fuzz/memory_stream.hpp"
#include "tests/fuzz/pieces.hpp"

namespace gatehouse::fuzz {

namespace {

struct Heard {
    std::vector<net::HttpRequest> requests;
    std::string answers;
};

class Server {
public:
    Server() : server_(net::make_http_server(loop_, clock_, options(), [this](net::HttpRequest request) { return answer(std::move(request)); })) {}

    Heard hear(const std::vector<std::string_view>& pieces) {
        heard_ = {};
        Wire wire;
        wire.incoming.assign(pieces.begin(), pieces.end());
        bool has_ended = false;
        loop_.spawn("connection", serve(wire, has_ended));
        clock_.run_for(Duration(0));
        must_hold(has_ended, "a connection whose far side has ended ends");
        heard_.answers = std::move(wire.outgoing);
        return std::move(heard_);
    }

    static net::HttpServer::Options options() {
        net::HttpServer::Options options;
        options.header_bytes_max = 1024;
        options.body_bytes_max = 2048;
        return options;
    }

private:
    Task<net::HttpResponse> answer(net::HttpRequest request) {
        net::HttpResponse response;
        response.headers = {{"X-Target", request.target}};
        response.body = request.body;
        heard_.requests.push_back(std::move(request));
        co_return response;
    }
    Task<void> serve(Wire& wire, bool& has_ended) {
        auto stream = std::make_unique<MemoryStream>(wire);
        co_await server_->serve(std::move(stream));
        has_ended = true;
    }

    Loop loop_;
    fakes::SimClock clock_{loop_};
    std::unique_ptr<net::HttpServer> server_;
    Heard heard_;
};

std::size_t count(const net::Headers& headers, std::string_view name) {
    return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(), [&](const auto& each) { return same_but_case(each.first, name); }));
}

void check_request(const net::HttpRequest& request, std::string_view sent) {
    must_hold(request.body.size() <= Server::options().body_bytes_max, "a body is within its limit");
    std::size_t header_bytes = request.target.size();
    for (const auto& [name, value] : request.headers) {
        must_hold(name.find_first_of("\r\n:") == std::string::npos && value.find_first_of("\r\n") == std::string::npos, "a header is one line");
        header_bytes += name.size() + value.size();
    }
    must_hold(header_bytes <= Server::options().header_bytes_max, "headers are within their limit");
    must_hold(request.target.starts_with('/') && sent.find(request.target) != std::string_view::npos, "a target is a path as it was sent");
    must_hold(count(request.headers, "Content-Length") <= 1 && count(request.headers, "Host") <= 1, "no header that decides stands twice");
    const bool is_chunked = count(request.headers, "Transfer-Encoding") > 0;
    must_hold(!is_chunked || count(request.headers, "Content-Length") == 0, "no request is both chunked and counted");
    const auto length = to_number(trimmed(net::header(request.headers, "Content-Length")));
    must_hold(is_chunked || request.body.size() == static_cast<std::size_t>(length.value_or(0)), "a body is as long as it says");
}

bool is_same_request(const net::HttpRequest& one, const net::HttpRequest& other) {
    return one.method == other.method && one.target == other.target && one.headers == other.headers && one.body == other.body;
}

// A header that is damaged before it is whole is refused when it came in one piece; in several its end is waited for first, and a far side
// that leaves instead gets no word. So one refusal at the end may be missing, and nothing else.
bool is_same_but_refusal(std::string_view whole, std::string_view pieces) {
    if (!whole.starts_with(pieces)) return false;
    whole.remove_prefix(pieces.size());
    return whole.empty() || (whole.starts_with("HTTP/1.1 4") && whole.find("HTTP/1.1 ", 1) == std::string_view::npos);
}

} // namespace

void http_request(std::string_view bytes) {
    static Server server;
    const Heard whole = server.hear({bytes});
    for (const auto& request : whole.requests) check_request(request, bytes);
    must_hold(whole.answers.empty() || whole.answers.starts_with("HTTP/1.1 "), "an answer is one of HTTP/1.1");
    must_hold(whole.answers.size() <= 4 * bytes.size() + 1024 + whole.requests.size() * 256, "answers are bounded by what was sent");
    for (const std::size_t piece_bytes_max : {std::size_t(1), std::size_t(40)}) {
        const Heard pieces = server.hear(cut(bytes, piece_bytes_max));
        must_hold(std::equal(pieces.requests.begin(), pieces.requests.end(), whole.requests.begin(), whole.requests.end(), is_same_request),
                  "cutting changes no request");
        must_hold(is_same_but_refusal(whole.answers, pieces.answers), "cutting changes no answer");
    }
}

} // namespace gatehouse::fuzz
