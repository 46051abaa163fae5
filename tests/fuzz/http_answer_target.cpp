// SPDX-License-Identifier: Apache-2.0
//
// What a device answers to our HTTP client, without a socket: as a whole, and as a stream. The same bytes cut differently are the same
// answer; a challenge is answered once and never with Basic; nothing that the device said adds lines to our request.
#include "daemon/net/http.hpp"
#include "tests/fakes/sim_clock.hpp"
#include "tests/fuzz/memory_stream.hpp"
#include "tests/fuzz/pieces.hpp"

#include <list>

namespace gatehouse::fuzz {

namespace {

constexpr std::size_t body_bytes_max = 4096;
constexpr std::size_t header_bytes_max = 1024;

/// Each connection hears the same bytes.
class AnsweringDevice final : public net::Network {
public:
    explicit AnsweringDevice(std::vector<std::string_view> pieces) : pieces_(std::move(pieces)) {}
    Task<Result<std::unique_ptr<net::Stream>>> connect(net::Endpoint, net::Binding, std::optional<net::TlsOptions>, Duration) override {
        auto& wire = wires.emplace_back();
        wire.incoming.assign(pieces_.begin(), pieces_.end());
        std::unique_ptr<net::Stream> stream = std::make_unique<MemoryStream>(wire);
        co_return stream;
    }
    Result<std::unique_ptr<net::DatagramSocket>> open_datagrams(net::Endpoint, net::Binding) override { return Error(Fault::unsupported, "none"); }
    std::list<Wire> wires;

private:
    std::vector<std::string_view> pieces_;
};

struct Answered {
    std::string answer; ///< of request(): status, headers and body, or the fault
    std::string stream; ///< of open(): status, headers and body
    std::string ended;  ///< the fault of open() or of what came after; empty: it ended whole
    std::size_t connections = 0;
};

void check_head(const net::HttpResponse& head) {
    std::size_t bytes = 0;
    for (const auto& [name, value] : head.headers) {
        must_hold(name.find_first_of("\r\n") == std::string::npos && value.find_first_of("\r\n") == std::string::npos, "a header is one line");
        bytes += name.size() + value.size();
    }
    must_hold(bytes <= header_bytes_max, "headers are within their limit");
}

std::string told(const net::HttpResponse& response) {
    std::string text = std::to_string(response.status) + '\n';
    for (const auto& [name, value] : response.headers) text += name + ": " + value + '\n';
    return text + response.body;
}

Task<void> ask(net::HttpClient& client, Answered& heard) {
    net::HttpRequest request;
    request.target = "/ISAPI/System/deviceInfo";
    auto response = co_await client.request(std::move(request));
    if (response) {
        check_head(*response);
        must_hold(response->body.size() <= body_bytes_max, "a body is within its limit");
        heard.answer = told(*response);
    } else {
        heard.answer = name_of(response.error().fault());
    }
    net::HttpRequest streamed;
    streamed.target = "/ISAPI/Event/notification/alertStream";
    auto body = co_await client.open(std::move(streamed));
    if (!body) {
        heard.ended = name_of(body.error().fault());
        co_return;
    }
    check_head((*body)->head());
    heard.stream = told((*body)->head());
    for (;;) {
        auto more = co_await (*body)->read();
        if (!more) {
            heard.ended = name_of(more.error().fault());
            co_return;
        }
        if (more->empty()) co_return;
        heard.stream += as_text(*more);
    }
}

void check_said(const Wire& wire) {
    std::string_view said = wire.outgoing;
    while (!said.empty()) {
        const auto end = said.find("\r\n\r\n");
        must_hold(end != std::string_view::npos && said.starts_with("GET /ISAPI/"), "each request of ours is whole");
        auto head = said.substr(0, end);
        said.remove_prefix(end + 4);
        std::size_t authorizations = 0;
        for (first_line(head); !head.empty();) {
            const auto line = first_line(head);
            must_hold(line.find(": ") != std::string_view::npos, "each line of ours is a header");
            if (!line.starts_with("Authorization: ")) continue;
            ++authorizations;
            must_hold(line.starts_with("Authorization: Digest "), "a password is never sent in the clear");
        }
        must_hold(authorizations <= 1, "at most one challenge is answered");
    }
}

Answered converse(std::vector<std::string_view> pieces) {
    static Loop loop;
    static fakes::SimClock clock(loop);
    SeededEntropy entropy(1);
    AnsweringDevice device(std::move(pieces));
    net::HttpClient::Options options;
    options.server = {"192.0.2.7", 80};
    options.credentials = net::Credentials{"admin", "Gate-2024!"};
    options.body_bytes_max = body_bytes_max;
    options.header_bytes_max = header_bytes_max;
    const auto client = net::make_http_client(device, clock, entropy, std::move(options));
    Answered heard;
    loop.spawn("client", ask(*client, heard));
    clock.run_for(Duration(0));
    must_hold(!heard.answer.empty() && !(heard.stream.empty() && heard.ended.empty()), "a device that has ended keeps nobody waiting");
    must_hold(device.wires.size() <= 4, "a challenge is answered once");
    for (const auto& wire : device.wires) check_said(wire);
    heard.connections = device.wires.size();
    return heard;
}

} // namespace

void http_answer(std::string_view bytes) {
    const Answered whole = converse({bytes});
    must_hold(whole.stream.size() <= bytes.size() + 64, "a stream gives no more than it was sent");
    for (const std::size_t piece_bytes_max : {std::size_t(1), std::size_t(50)}) {
        const Answered pieces = converse(cut(bytes, piece_bytes_max));
        must_hold(pieces.ended == whole.ended, "cutting changes no end of a stream");
        // Of a damaged one, what came before the damage in a piece of its own has been handed on already.
        must_hold(whole.ended.empty() ? pieces.stream == whole.stream : pieces.stream.starts_with(whole.stream), "cutting changes no stream");
        // Bytes that are there before we asked for them close a connection that would have been kept; the next one begins anew.
        must_hold(pieces.answer == whole.answer || pieces.connections != whole.connections, "cutting changes no answer");
    }
}

} // namespace gatehouse::fuzz
