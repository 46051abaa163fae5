// SPDX-License-Identifier: Apache-2.0
//
// A device that speaks HTTP on the simulated network: asks each connection for digest once, answers from a table, and holds its
// alertStream open. Requests are cut out of the stream by hand, so that nothing of ours judges itself.
#pragma once

#include "daemon/net/http.hpp"
#include "tests/fakes/sim_network.hpp"

#include <functional>
#include <map>
#include <string>

namespace gatehouse::simulation {

class IsapiDevice {
public:
    using Answer = std::function<net::HttpResponse(const net::HttpRequest&)>;

    IsapiDevice(fakes::SimNetwork& network, Entropy& chance, net::Endpoint at) : at_(std::move(at)), chance_(chance) {
        network.listen(at_, [this](std::unique_ptr<net::Stream> stream) { return serve(*this, std::move(stream)); });
    }

    /// By "METHOD target".
    std::map<std::string, Answer> answers;
    const net::Endpoint& at() const { return at_; }

    /// Onto the alertStream that is open now; else into the void.
    void send(const std::string& bytes) {
        if (!live_) return;
        live_->bytes += bytes;
        live_->more.set();
    }
    static std::string part(const std::string& body, const std::string& headers = "Content-Type: application/xml; charset=\"UTF-8\"") {
        return "--boundary\r\n" + headers + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body + "\r\n";
    }

private:
    struct Live {
        std::string bytes;
        Event more;
    };

    /// The next request's text, head and body; empty: the far side is gone.
    static Task<std::string> next_request(net::Stream& stream, std::string& held) {
        Bytes into(2000);
        for (;;) {
            const auto end = held.find("\r\n\r\n");
            if (end != std::string::npos) {
                const auto length_at = held.find("Content-Length: ");
                const std::size_t whole = end + 4 + (length_at < end ? std::stoul(held.substr(length_at + 16)) : 0);
                if (held.size() >= whole) {
                    std::string text = held.substr(0, whole);
                    held.erase(0, whole);
                    co_return text;
                }
            }
            auto read = co_await stream.read_some(into);
            if (!read || *read == 0) co_return std::string();
            held.append(as_text(ByteView(into).first(*read)));
        }
    }

    static Task<void> feed(IsapiDevice& self, net::Stream& stream) {
        auto live = std::make_shared<Live>();
        self.live_ = live;
        const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=boundary\r\nTransfer-Encoding: chunked\r\n\r\n";
        auto written = co_await stream.write(as_bytes(head));
        while (written) {
            while (live->bytes.empty()) {
                live->more.reset();
                co_await live->more.wait();
            }
            const std::string piece = live->bytes.substr(0, 1 + self.chance_.below(900));
            live->bytes.erase(0, piece.size());
            std::array<char, 16> size{};
            std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
            const std::string chunk = size.data() + piece + "\r\n";
            written = co_await stream.write(as_bytes(chunk));
        }
        if (self.live_ == live) self.live_.reset();
    }

    static Task<void> serve(IsapiDevice& self, std::unique_ptr<net::Stream> stream) {
        std::string held;
        for (;;) {
            const std::string text = co_await next_request(*stream, held);
            if (text.empty()) co_return;
            net::HttpRequest request;
            request.method = text.substr(0, text.find(' '));
            const auto after = request.method.size() + 1;
            request.target = text.substr(after, text.find(' ', after) - after);
            request.body = text.substr(text.find("\r\n\r\n") + 4);
            std::string out;
            if (text.find("Authorization: Digest") == std::string::npos) {
                out = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"DS-1\", nonce=\"" + std::to_string(self.chance_.number()) +
                      "\", qop=\"auth\"\r\nContent-Length: 0\r\n\r\n";
            } else if (request.target == "/ISAPI/Event/notification/alertStream") {
                co_await feed(self, *stream);
                co_return;
            } else {
                const auto found = self.answers.find(request.method + " " + request.target);
                net::HttpResponse answer;
                answer.status = 404;
                if (found != self.answers.end()) answer = found->second(request);
                out = "HTTP/1.1 " + std::to_string(answer.status) + " Said\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" +
                      answer.body;
            }
            auto written = co_await stream->write(as_bytes(out));
            if (!written) co_return;
        }
    }

    net::Endpoint at_;
    Entropy& chance_;
    std::shared_ptr<Live> live_;
};

} // namespace gatehouse::simulation
