// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/log.hpp"
#include "daemon/net/http.hpp"
#include "daemon/net/inside/http_conversation.hpp"
#include "daemon/net/inside/tls.hpp"
#include "daemon/net/inside/web_socket.hpp"
#include "daemon/net/inside/wire.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace gatehouse::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using inside::Peer;
using inside::Wire;

namespace {

constexpr int backlog_connections_max = 128;
constexpr std::size_t turned_away_max = 32; ///< who hear their 503 before they are closed; more are closed at once
constexpr int groups_max = 256;
constexpr std::size_t name_bytes_max = 16 * 1024;
constexpr Duration pause_after_failed_accept = std::chrono::milliseconds(100);

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

struct Listener {
    explicit Listener(asio::io_context& context) : acceptor(context) {}
    Acceptor acceptor;
    std::shared_ptr<asio::ssl::context> tls;
    std::string unix_path;
    Endpoint at;
};

Error failed_to(const std::string& doing, error_code failed) {
    const bool is_taken = failed == asio::error::address_in_use;
    return Error(is_taken                               ? Fault::busy
                 : failed == asio::error::access_denied ? Fault::refused
                                                        : Fault::unreachable,
                 doing + ": " + failed.message());
}

Endpoint endpoint_of(const asio::generic::stream_protocol::endpoint& raw) {
    if (raw.protocol().family() == AF_UNIX) return Endpoint{"unix", 0};
    tcp::endpoint at;
    if (raw.size() > at.capacity()) return {};
    std::memcpy(at.data(), raw.data(), raw.size());
    at.resize(raw.size());
    return Endpoint{at.address().to_string(), at.port()};
}

std::vector<std::uint32_t> groups_of(uid_t user, gid_t group) {
    std::string names(name_bytes_max, '\0');
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(user, &entry, names.data(), names.size(), &found) != 0 || !found) return {group};
    std::vector<gid_t> groups(groups_max);
    int size = groups_max;
    if (getgrouplist(found->pw_name, group, groups.data(), &size) < 0) size = groups_max;
    return {groups.begin(), groups.begin() + size};
}

Peer peer_of(const Wire& wire) {
    Peer peer;
    error_code failed;
    const auto raw = wire.socket().remote_endpoint(failed);
    if (!failed) peer.from = endpoint_of(raw);
    ucred who{};
    socklen_t size = sizeof(who);
    const bool is_unix = !failed && raw.protocol().family() == AF_UNIX;
    if (is_unix && getsockopt(wire.socket().native_handle(), SOL_SOCKET, SO_PEERCRED, &who, &size) == 0) {
        peer.uid = who.uid;
        peer.gid = who.gid;
        peer.groups = groups_of(who.uid, who.gid);
    }
    return peer;
}

/// Nobody answers at a socket file that a killed process left behind.
Done remove_dead_socket(const std::string& path) {
    struct stat there {};
    if (lstat(path.c_str(), &there) != 0) return {};
    if (!S_ISSOCK(there.st_mode)) return Error(Fault::busy, "'" + path + "' exists and is no socket");
    asio::io_context context;
    asio::local::stream_protocol::socket probe(context);
    error_code failed;
    probe.connect(asio::local::stream_protocol::endpoint(path), failed);
    if (failed != asio::error::connection_refused) return Error(Fault::busy, "somebody else serves '" + path + "'");
    std::remove(path.c_str());
    return {};
}

void give_to_group(const std::string& path, const std::string& group) {
    if (group.empty()) return;
    std::string names(name_bytes_max, '\0');
    ::group entry{};
    ::group* found = nullptr;
    if (getgrnam_r(group.c_str(), &entry, names.data(), names.size(), &found) != 0 || !found) return;
    struct stat there {};
    if (stat(path.c_str(), &there) == 0 && there.st_gid == found->gr_gid) return; // the service's sandbox holds no chown, and needs none
    if (chown(path.c_str(), static_cast<uid_t>(-1), found->gr_gid) != 0)
        log::warning("net", "the socket stays with its own group", {{"path", path}, {"group", group}});
}

HttpResponse too_many() {
    HttpResponse response;
    response.status = 503;
    response.headers.emplace_back("Retry-After", "5");
    return response;
}

class BeastHttpServer final : public HttpServer {
public:
    BeastHttpServer(Loop& loop, Clock& clock, Options options, HttpHandler handler, WebSocketHandler web_socket)
        : loop_(loop), clock_(clock), options_(std::move(options)), handler_(std::move(handler)), web_socket_(std::move(web_socket)), tasks_(loop) {}

    ~BeastHttpServer() override { close_listeners(); }

    Result<std::uint16_t> listen_tcp(Endpoint at, Binding binding) override { return listen_at(std::move(at), std::move(binding), nullptr); }

    Result<std::uint16_t> listen_tls(Endpoint at, Binding binding, Certificate certificate) override {
        auto context = inside::make_server_context(certificate.certificate_file, certificate.key_file);
        if (!context) return std::move(context).error();
        return listen_at(std::move(at), std::move(binding), std::move(*context));
    }

    Done listen_unix(std::string path, std::string group) override {
        const std::string doing = "listening at " + path;
        if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) return Error(Fault::malformed, doing + ": the path is empty or too long");
        if (auto removed = remove_dead_socket(path); !removed) return std::move(removed).error().during(doing);
        auto listener = std::make_unique<Listener>(loop_.context());
        const asio::local::stream_protocol::endpoint at(path);
        error_code failed;
        listener->acceptor.open(asio::generic::stream_protocol(AF_UNIX, 0), failed);
        // Before bind, so that the file never stands there with wider rights.
        if (!failed && fchmod(listener->acceptor.native_handle(), 0660) != 0) failed.assign(errno, boost::system::system_category());
        if (!failed) listener->acceptor.bind(at, failed);
        if (failed) return failed_to(doing, failed);
        listener->unix_path = path;
        listener->at.host = path;
        if (chmod(path.c_str(), 0660) != 0) failed.assign(errno, boost::system::system_category());
        give_to_group(path, group);
        if (!failed) listener->acceptor.listen(backlog_connections_max, failed);
        listeners_.push_back(std::move(listener));
        if (failed) return failed_to(doing, failed);
        return {};
    }

    Task<void> run() override {
        for (auto& listener : listeners_) tasks_.spawn("accepting at " + to_text(listener->at), accept(*listener));
        // Somebody cancels us; until then we stay, with or without listeners.
        Event never;
        bool was_cancelled = false;
        try {
            co_await never.wait();
        } catch (const boost::system::system_error&) {
            was_cancelled = true;
        }
        if (was_cancelled) {
            co_await asio::this_coro::reset_cancellation_state();
            close_listeners();
            tasks_.cancel();
            co_await tasks_.join();
        }
        throw boost::system::system_error(asio::error::operation_aborted);
    }

    Task<void> serve(std::unique_ptr<Stream> stream) override {
        Peer peer;
        peer.from = stream->remote();
        inside::HttpConversation conversation(*stream, clock_, options_, handler_, std::move(peer), false);
        co_await conversation.run();
    }

private:
    Result<std::uint16_t> listen_at(Endpoint at, Binding binding, std::shared_ptr<asio::ssl::context> tls) {
        const std::string doing = "listening at " + to_text(at);
        error_code failed;
        auto address = asio::ip::address(asio::ip::address_v4::any());
        if (!at.host.empty()) address = asio::ip::make_address(at.host, failed);
        if (failed) return Error(Fault::malformed, doing + ": no address");
        auto listener = std::make_unique<Listener>(loop_.context());
        listener->tls = std::move(tls);
        const tcp::endpoint wanted(address, at.port);
        listener->acceptor.open(wanted.protocol(), failed);
        if (!failed) listener->acceptor.set_option(asio::socket_base::reuse_address(true), failed);
        if (failed) return failed_to(doing, failed);
        if (auto bound = inside::bind_to_interface(listener->acceptor.native_handle(), binding.interface); !bound)
            return std::move(bound).error().during(doing);
        listener->acceptor.bind(wanted, failed);
        if (!failed) listener->acceptor.listen(backlog_connections_max, failed);
        if (failed) return failed_to(doing, failed);
        listener->at = endpoint_of(listener->acceptor.local_endpoint(failed));
        const auto port = listener->at.port;
        listeners_.push_back(std::move(listener));
        return port;
    }

    Task<void> accept(Listener& listener) {
        for (;;) {
            error_code failed;
            auto token = asio::redirect_error(asio::use_awaitable, failed);
            Wire::Socket socket = co_await listener.acceptor.async_accept(token);
            if (failed == asio::error::operation_aborted) throw boost::system::system_error(failed);
            if (failed) {
                // Out of descriptors, most likely: connections that end give some back.
                log::warning("net", "a connection could not be accepted", {{"at", to_text(listener.at)}, {"why", failed.message()}});
                co_await clock_.sleep_for(pause_after_failed_accept);
                continue;
            }
            Wire wire(std::move(socket));
            if (listener.unix_path.empty()) inside::watch_peer(wire.socket().native_handle());
            take(std::move(wire), listener.tls);
        }
    }

    void take(Wire wire, std::shared_ptr<asio::ssl::context> tls) {
        if (connections_ < options_.connections_max) {
            ++connections_;
            tasks_.spawn("connection", converse(std::move(wire), std::move(tls)), [this] { --connections_; });
        } else if (!tls && turned_away_ < turned_away_max) {
            ++turned_away_;
            tasks_.spawn("turned away", turn_away(std::move(wire)), [this] { --turned_away_; });
        } else {
            wire.close();
        }
    }

    Task<void> turn_away(Wire wire) {
        inside::WireStream stream(wire, Endpoint(), std::string());
        const std::string text = inside::response_text(too_many(), false, false);
        auto written = co_await stream.write(as_bytes(text));
        if (written) co_await inside::linger(stream, clock_);
    }

    Task<void> converse(Wire wire, std::shared_ptr<asio::ssl::context> tls) {
        Peer peer = peer_of(wire);
        inside::WireStream stream(wire, peer.from, std::string());
        if (tls) {
            auto greeting = greet(wire, std::move(tls));
            auto greeted = co_await within<bool>(clock_, options_.header_limit, "TLS", std::move(greeting));
            if (!greeted) co_return;
        }
        // Nobody to judge upgrades: none is taken.
        const bool may_upgrade = web_socket_ && options_.refuse_upgrade;
        inside::HttpConversation conversation(stream, clock_, options_, handler_, std::move(peer), may_upgrade);
        auto upgrade = co_await conversation.run();
        if (!upgrade) co_return;
        HttpRequest asked = *upgrade;
        auto refusal = co_await options_.refuse_upgrade(std::move(asked));
        if (refusal) {
            co_await conversation.write_last(std::move(*refusal));
            co_return;
        }
        auto answering = inside::accept_web_socket(loop_, clock_, wire, *upgrade);
        auto socket = co_await within<std::unique_ptr<WebSocket>>(clock_, options_.header_limit, "WebSocket", std::move(answering));
        if (!socket) co_return;
        auto handling = web_socket_(std::move(*upgrade), std::move(*socket));
        co_await std::move(handling);
        // What is left to say is the farewell, which closes the wire itself.
        co_await stay_until_closed(wire);
    }

    static Task<Result<bool>> greet(Wire wire, std::shared_ptr<asio::ssl::context> tls) {
        auto greeted = co_await inside::greet_as_server(std::move(wire), std::move(tls));
        if (!greeted) co_return std::move(greeted).error();
        co_return true;
    }

    // The farewell is over within a second.
    Task<void> stay_until_closed(Wire wire) {
        for (int tries = 0; tries < 30 && !wire.is_closed(); ++tries) co_await clock_.sleep_for(std::chrono::milliseconds(50));
    }

    void close_listeners() {
        for (auto& listener : listeners_) {
            error_code ignored;
            listener->acceptor.close(ignored);
            if (!listener->unix_path.empty()) std::remove(listener->unix_path.c_str());
            listener->unix_path.clear();
        }
    }

    Loop& loop_;
    Clock& clock_;
    Options options_;
    HttpHandler handler_;
    WebSocketHandler web_socket_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::size_t connections_ = 0;
    std::size_t turned_away_ = 0;
    TaskGroup tasks_;
};

} // namespace

std::unique_ptr<HttpServer> make_http_server(Loop& loop, Clock& clock, HttpServer::Options options, HttpHandler handler,
                                             WebSocketHandler web_socket) {
    return std::make_unique<BeastHttpServer>(loop, clock, std::move(options), std::move(handler), std::move(web_socket));
}

} // namespace gatehouse::net
