// SPDX-License-Identifier: Apache-2.0
// The device's web server: requests in turn on each connection, and the alertStreams that never end. Knows nothing of
// ISAPI; passwords and paths are the answerer's. io thread only; must outlive the io_context's run().
#pragma once

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::simulators::web {

struct Request {
    std::string method;
    std::string target; // as sent: path and query
    std::string path;
    std::map<std::string, std::string, std::less<>> query;
    std::string authorization;
    std::string content_type;
    std::string body;

    bool wants_json() const;
};

struct Reply {
    unsigned status = 200;
    std::string content_type = "application/xml; charset=\"UTF-8\"";
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};
    double delay_s = 0;
    bool opens_stream = false; // content_type is that of the stream, body its first bytes
    // Instead of all the above: called once, and the answer is what it hands over, now or later (a long poll). Handed over once at most.
    std::function<void(std::function<void(Reply)>)> later{};
};

class HttpServer {
public:
    static constexpr std::size_t connections_max = 256;
    static constexpr std::size_t request_body_bytes_max = 8 * 1024 * 1024;
    static constexpr std::size_t stream_backlog_bytes_max = 64 * 1024 * 1024; // a slower reader is dropped

    using StreamId = std::uint64_t;

    HttpServer(boost::asio::io_context& io, std::function<Reply(const Request&)> answer, std::function<void(StreamId)> stream_opened);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // Port 0: any, then the same at every later listen. Throws boost::system::system_error where the port is taken.
    void listen(const std::string& address, std::uint16_t port);
    // Nothing listens any more and every connection is cut.
    void close();
    bool is_open() const;
    std::uint16_t port() const { return port_; }

    // On: connections are taken and requests read, nothing is ever answered. Off again: those that wait are cut.
    void set_dead(bool on);
    // On: what is sent to streams vanishes while their connections stay.
    void set_mute(bool on) { mute_ = on; }
    // Streams are written in pieces of `bytes`, `every_ms` apart; 0: as they come.
    void set_pace(std::size_t bytes, double every_ms) { pace_bytes_ = bytes, pace_ms_ = every_ms; }
    void set_chunked(bool on) { chunked_ = on; }

    void send(const std::string& bytes);
    void send_to(StreamId stream, const std::string& bytes);
    void drop_streams();

    std::size_t streams() const { return streams_.size(); }
    std::uint64_t streams_opened() const { return next_stream_ - 1; }
    std::uint64_t requests() const { return requests_; }

private:
    class Connection;
    struct Acceptor;
    void accept();

    boost::asio::io_context& io_;
    std::function<Reply(const Request&)> answer_;
    std::function<void(StreamId)> stream_opened_;
    std::unique_ptr<Acceptor> acceptor_;
    std::vector<std::weak_ptr<Connection>> connections_;
    std::map<StreamId, std::weak_ptr<Connection>> streams_;
    std::uint16_t port_ = 0;
    StreamId next_stream_ = 1;
    std::uint64_t requests_ = 0;
    bool dead_ = false;
    bool mute_ = false;
    bool chunked_ = false;
    std::size_t pace_bytes_ = 0;
    double pace_ms_ = 0;
};

} // namespace gatehouse::simulators::web
