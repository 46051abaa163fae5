// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/web/http_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <optional>

namespace gatehouse::simulators::web {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size()) {
            out += static_cast<char>(std::strtol(std::string(text.substr(at + 1, 2)).c_str(), nullptr, 16));
            at += 2;
        } else {
            out += text[at];
        }
    }
    return out;
}

void split_target(Request& request) {
    auto mark = request.target.find('?');
    request.path = request.target.substr(0, mark);
    while (request.path.size() > 1 && request.path.back() == '/') request.path.pop_back();
    std::string_view rest = mark == std::string::npos ? std::string_view{} : std::string_view(request.target).substr(mark + 1);
    while (!rest.empty()) {
        auto piece = rest.substr(0, rest.find('&'));
        auto equals = piece.find('=');
        request.query[percent_decoded(piece.substr(0, equals))] = equals == std::string_view::npos ? "" : percent_decoded(piece.substr(equals + 1));
        rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
    }
}

} // namespace

bool Request::wants_json() const {
    auto format = query.find("format");
    return format != query.end() && format->second == "json";
}

struct HttpServer::Acceptor {
    explicit Acceptor(asio::io_context& io) : socket(io) {}
    tcp::acceptor socket;
};

// One connection: requests until one of them opens a stream, then the stream until either side ends it.
class HttpServer::Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(tcp::socket socket, HttpServer& server) : socket_(std::move(socket)), timer_(socket_.get_executor()), server_(server) {}

    void read() {
        parser_.emplace();
        parser_->body_limit(request_body_bytes_max);
        http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
            if (!error && self->socket_.is_open()) self->take();
        });
    }

    void cut() {
        error_code ignored;
        socket_.close(ignored);
        timer_.cancel();
        if (stream_ != 0) server_.streams_.erase(stream_);
        stream_ = 0;
    }

    void cut_if_waiting() {
        if (waits_for_ever_) cut();
    }

    void queue(const std::string& bytes) {
        if (!socket_.is_open() || bytes.empty()) return;
        if (server_.chunked_) {
            char size[24];
            std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
            push(size + bytes + "\r\n");
        } else {
            push(bytes);
        }
    }

private:
    void take() {
        ++server_.requests_;
        if (server_.dead_) {
            waits_for_ever_ = true;
            return hold();
        }
        const auto& message = parser_->get();
        Request request;
        auto text = [](auto view) { return std::string(view.data(), view.size()); };
        request.method = text(message.method_string());
        request.target = text(message.target());
        request.authorization = text(message[http::field::authorization]);
        request.content_type = text(message[http::field::content_type]);
        request.body = message.body();
        keep_alive_ = message.keep_alive();
        version_ = message.version();
        split_target(request);
        reply_ = server_.answer_(request);
        if (reply_.later) {
            const auto later = std::move(reply_.later);
            return later([self = shared_from_this()](Reply reply) {
                if (!self->socket_.is_open()) return;
                self->reply_ = std::move(reply);
                self->give();
            });
        }
        if (reply_.delay_s <= 0) return give();
        timer_.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(reply_.delay_s * 1e6)));
        timer_.async_wait([self = shared_from_this()](error_code error) {
            if (!error && self->socket_.is_open()) self->give();
        });
    }

    // A read that never ends well keeps this connection alive until somebody cuts it.
    void hold() {
        socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
            error_code ignored;
            if (error || self->socket_.available(ignored) == 0) return self->cut();
            char waste[512];
            self->socket_.read_some(asio::buffer(waste), ignored);
            self->hold();
        });
    }

    void give() {
        if (reply_.opens_stream) return begin_stream();
        response_ = {};
        response_.version(version_);
        response_.result(reply_.status);
        if (!reply_.content_type.empty()) response_.set(http::field::content_type, reply_.content_type);
        for (auto& [name, value] : reply_.headers) response_.set(name, value);
        response_.keep_alive(keep_alive_);
        response_.body() = std::move(reply_.body);
        response_.prepare_payload();
        http::async_write(socket_, response_, [self = shared_from_this()](error_code error, std::size_t) {
            if (error) return;
            if (self->keep_alive_) return self->read();
            error_code ignored;
            self->socket_.shutdown(tcp::socket::shutdown_send, ignored);
        });
    }

    void begin_stream() {
        stream_ = server_.next_stream_++;
        server_.streams_[stream_] = weak_from_this();
        std::string head = "HTTP/1.1 200 OK\r\nMIME-Version: 1.0\r\nConnection: close\r\nContent-Type: " + reply_.content_type + "\r\n";
        if (server_.chunked_) head += "Transfer-Encoding: chunked\r\n";
        push(head + "\r\n");
        queue(reply_.body);
        hold();
        server_.stream_opened_(stream_);
    }

    void push(std::string bytes) {
        backlog_bytes_ += bytes.size();
        if (backlog_bytes_ > stream_backlog_bytes_max) return cut();
        backlog_.push_back(std::move(bytes));
        if (!writing_) write();
    }

    void write() {
        writing_ = !backlog_.empty() && socket_.is_open();
        if (!writing_) return;
        // Head first whole, then in the pieces that the pace allows.
        auto& front = backlog_.front();
        auto count = front.size() - written_;
        bool paced = server_.pace_bytes_ > 0;
        if (paced) count = std::min(count, server_.pace_bytes_);
        asio::async_write(socket_, asio::buffer(front.data() + written_, count),
                          [self = shared_from_this(), paced](error_code error, std::size_t bytes) {
                              if (error) return self->cut();
                              self->backlog_bytes_ -= bytes;
                              self->written_ += bytes;
                              if (self->written_ == self->backlog_.front().size()) {
                                  self->backlog_.pop_front();
                                  self->written_ = 0;
                              }
                              if (!paced || self->server_.pace_ms_ <= 0) return self->write();
                              self->timer_.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(self->server_.pace_ms_ * 1e3)));
                              self->timer_.async_wait([self](error_code stopped) {
                                  if (!stopped) self->write();
                              });
                          });
    }

    tcp::socket socket_;
    asio::steady_timer timer_;
    HttpServer& server_;
    boost::beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> response_;
    Reply reply_;
    bool keep_alive_ = false;
    unsigned version_ = 11;
    bool waits_for_ever_ = false;
    StreamId stream_ = 0;
    std::deque<std::string> backlog_;
    std::size_t backlog_bytes_ = 0;
    std::size_t written_ = 0;
    bool writing_ = false;
};

HttpServer::HttpServer(asio::io_context& io, std::function<Reply(const Request&)> answer, std::function<void(StreamId)> stream_opened)
    : io_(io), answer_(std::move(answer)), stream_opened_(std::move(stream_opened)) {}

HttpServer::~HttpServer() = default;

void HttpServer::listen(const std::string& address, std::uint16_t port) {
    auto acceptor = std::make_unique<Acceptor>(io_);
    tcp::endpoint endpoint(asio::ip::make_address(address), port_ != 0 ? port_ : port);
    acceptor->socket.open(endpoint.protocol());
    acceptor->socket.set_option(tcp::acceptor::reuse_address(true));
    acceptor->socket.bind(endpoint);
    acceptor->socket.listen();
    port_ = acceptor->socket.local_endpoint().port();
    acceptor_ = std::move(acceptor);
    accept();
}

void HttpServer::close() {
    if (acceptor_) {
        error_code ignored;
        acceptor_->socket.close(ignored);
        acceptor_.reset();
    }
    auto connections = std::move(connections_);
    connections_.clear();
    for (auto& weak : connections) {
        if (auto connection = weak.lock()) connection->cut();
    }
    streams_.clear();
}

bool HttpServer::is_open() const { return acceptor_ != nullptr; }

void HttpServer::set_dead(bool on) {
    dead_ = on;
    if (on) return;
    for (auto& weak : connections_) {
        if (auto connection = weak.lock()) connection->cut_if_waiting();
    }
}

void HttpServer::accept() {
    acceptor_->socket.async_accept([this](error_code error, tcp::socket socket) {
        if (error == asio::error::operation_aborted || !acceptor_) return;
        std::erase_if(connections_, [](auto& weak) { return weak.expired(); });
        if (!error && connections_.size() < connections_max) {
            error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            auto connection = std::make_shared<Connection>(std::move(socket), *this);
            connections_.push_back(connection);
            connection->read();
        }
        accept();
    });
}

void HttpServer::send(const std::string& bytes) {
    if (mute_ || dead_) return;
    auto streams = streams_; // a slow one is dropped on the way
    for (auto& [id, weak] : streams) {
        if (auto connection = weak.lock()) connection->queue(bytes);
    }
}

void HttpServer::send_to(StreamId stream, const std::string& bytes) {
    if (mute_ || dead_) return;
    auto found = streams_.find(stream);
    if (found == streams_.end()) return;
    if (auto connection = found->second.lock()) connection->queue(bytes);
}

void HttpServer::drop_streams() {
    auto streams = std::move(streams_);
    streams_.clear();
    for (auto& [id, weak] : streams) {
        if (auto connection = weak.lock()) connection->cut();
    }
}

} // namespace gatehouse::simulators::web
