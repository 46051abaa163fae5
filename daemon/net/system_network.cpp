// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/system_network.hpp"

#include "daemon/net/inside/names.hpp"
#include "daemon/net/inside/tls.hpp"
#include "daemon/net/inside/wire.hpp"

namespace gatehouse::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;
using inside::Wire;

namespace {

struct OpenSocket {
    explicit OpenSocket(asio::io_context& context) : socket(context) {}
    udp::socket socket;
    bool closed = false;
};

Error judged(const OpenSocket& held, error_code failed, const std::string& doing) {
    if (held.closed) return Error(Fault::gone, doing + ": closed");
    if (failed == asio::error::operation_aborted) throw boost::system::system_error(failed);
    return Error(Fault::unreachable, doing + ": " + failed.message());
}

class SystemDatagrams final : public DatagramSocket {
public:
    SystemDatagrams(std::shared_ptr<OpenSocket> held, std::shared_ptr<inside::Names> names) : held_(std::move(held)), names_(std::move(names)) {}
    ~SystemDatagrams() override { close(); }

    Task<Result<Datagram>> receive() override {
        auto held = held_;
        if (held->closed) co_return Error(Fault::gone, "receiving datagrams: closed");
        Datagram datagram;
        datagram.bytes.resize(datagram_bytes_max);
        udp::endpoint from;
        error_code failed;
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        const auto buffer = asio::buffer(datagram.bytes);
        const std::size_t bytes = co_await held->socket.async_receive_from(buffer, from, token);
        if (failed) co_return judged(*held, failed, "receiving datagrams");
        datagram.bytes.resize(bytes);
        datagram.from.host = from.address().to_string();
        datagram.from.port = from.port();
        co_return datagram;
    }

    Task<Done> send(Endpoint to, Bytes bytes) override {
        auto held = held_;
        auto names = names_;
        const std::string doing = "sending to " + to_text(to);
        if (held->closed) co_return Error(Fault::gone, doing + ": closed");
        if (bytes.size() > datagram_bytes_max) co_return Error(Fault::full, doing + ": more than " + std::to_string(datagram_bytes_max) + " bytes");
        auto addresses = co_await names->addresses_of(to.host, std::chrono::seconds(2));
        if (!addresses) co_return std::move(addresses).error().during(doing);
        error_code failed;
        const auto address = asio::ip::make_address(addresses->front(), failed);
        if (failed) co_return Error(Fault::malformed, doing + ": no address");
        const udp::endpoint target(address, to.port);
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        const auto buffer = asio::buffer(bytes);
        co_await held->socket.async_send_to(buffer, target, token);
        if (failed) co_return judged(*held, failed, doing);
        co_return Done();
    }

    Endpoint local() const override {
        error_code failed;
        const auto at = held_->socket.local_endpoint(failed);
        if (failed) return {};
        return Endpoint{at.address().to_string(), at.port()};
    }

    void close() override {
        held_->closed = true;
        error_code ignored;
        held_->socket.close(ignored);
    }

private:
    std::shared_ptr<OpenSocket> held_;
    std::shared_ptr<inside::Names> names_;
};

class SystemNetwork final : public Network {
public:
    SystemNetwork(Loop& loop, Clock& clock, Executor& pool, NameLookUp look_up)
        : loop_(loop), clock_(clock), pool_(pool), names_(std::make_shared<inside::Names>(loop, clock, pool, std::move(look_up))) {}

    Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, Binding binding, std::optional<TlsOptions> tls, Duration limit) override {
        std::string doing = "connecting to " + to_text(to);
        auto work = connect_at_leisure(std::move(to), std::move(binding), std::move(tls), limit);
        auto connected = co_await within<std::unique_ptr<Stream>>(clock_, limit, doing, std::move(work));
        if (!connected && connected.error().fault() != Fault::timed_out) co_return std::move(connected).error().during(doing);
        co_return connected;
    }

    Task<Result<std::string>> address_of(std::string host, Duration limit) override {
        auto names = names_;
        auto addresses = co_await names->addresses_of(host, limit);
        if (!addresses) co_return std::move(addresses).error().during("looking up " + host);
        co_return addresses->front();
    }

    Result<std::unique_ptr<DatagramSocket>> open_datagrams(Endpoint bind_to, Binding binding) override {
        const std::string doing = "opening UDP at " + to_text(bind_to);
        error_code failed;
        auto address = asio::ip::address(asio::ip::address_v4::any());
        if (!bind_to.host.empty()) address = asio::ip::make_address(bind_to.host, failed);
        if (failed) return Error(Fault::malformed, doing + ": no address");
        auto held = std::make_shared<OpenSocket>(loop_.context());
        const udp::endpoint at(address, bind_to.port);
        held->socket.open(at.protocol(), failed);
        if (failed) return Error(Fault::unreachable, doing + ": " + failed.message());
        held->socket.set_option(asio::socket_base::broadcast(true), failed);
        if (auto bound = inside::bind_to_interface(held->socket.native_handle(), binding.interface); !bound)
            return std::move(bound).error().during(doing);
        held->socket.bind(at, failed);
        if (failed) return Error(failed == asio::error::address_in_use ? Fault::busy : Fault::unreachable, doing + ": " + failed.message());
        return std::unique_ptr<DatagramSocket>(std::make_unique<SystemDatagrams>(std::move(held), names_));
    }

private:
    Task<Result<std::unique_ptr<Stream>>> connect_at_leisure(Endpoint to, Binding binding, std::optional<TlsOptions> tls, Duration limit) {
        const Instant end = clock_.steady_now() + limit;
        auto names = names_;
        auto addresses = co_await names->addresses_of(to.host, limit / 2);
        if (!addresses) co_return std::move(addresses).error();
        Error last(Fault::unreachable, "no address");
        for (std::size_t i = 0; i < addresses->size(); ++i) {
            // A dead first address must leave time for the living second one.
            const Duration share = (end - clock_.steady_now()) / static_cast<std::int64_t>(addresses->size() - i);
            Endpoint at(to);
            at.host = (*addresses)[i];
            auto work = open(at, binding);
            auto opened = co_await within<Wire>(clock_, share, "no connection to " + to_text(at), std::move(work));
            if (!opened) {
                last = std::move(opened).error();
                continue;
            }
            std::string peer;
            if (tls) {
                auto greeted = co_await greet(*opened, *tls, to.host);
                if (!greeted) co_return std::move(greeted).error();
                peer = std::move(*greeted);
            }
            co_return std::unique_ptr<Stream>(std::make_unique<inside::WireStream>(std::move(*opened), std::move(at), std::move(peer)));
        }
        co_return last;
    }

    Task<Result<Wire>> open(Endpoint to, Binding binding) {
        error_code failed;
        const auto address = asio::ip::make_address(to.host, failed);
        if (failed) co_return Error(Fault::malformed, "no address: '" + to.host + "'");
        const tcp::endpoint target(address, to.port);
        tcp::socket socket(loop_.context());
        socket.open(target.protocol(), failed);
        if (failed) co_return Error(Fault::unreachable, failed.message());
        if (auto bound = inside::bind_to_interface(socket.native_handle(), binding.interface); !bound) co_return std::move(bound).error();
        inside::watch_peer(socket.native_handle());
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        co_await socket.async_connect(target, token);
        if (failed == asio::error::operation_aborted) throw boost::system::system_error(failed);
        if (failed) co_return Error(Fault::unreachable, to_text(to) + ": " + failed.message());
        co_return Wire(Wire::Socket(std::move(socket)));
    }

    Task<Result<std::string>> greet(Wire wire, TlsOptions options, std::string host) {
        using Made = Result<std::shared_ptr<asio::ssl::context>>;
        std::function<Made()> make = [options, host] { return inside::make_client_context(options, host); };
        auto context = co_await run_on<Made>(loop_, pool_, std::move(make));
        if (!context) co_return std::move(context).error();
        co_return co_await inside::greet_as_client(std::move(wire), std::move(*context), std::move(options), std::move(host));
    }

    Loop& loop_;
    Clock& clock_;
    Executor& pool_;
    std::shared_ptr<inside::Names> names_;
};

} // namespace

std::unique_ptr<Network> make_system_network(Loop& loop, Clock& clock, Executor& pool, NameLookUp look_up) {
    return std::make_unique<SystemNetwork>(loop, clock, pool, std::move(look_up));
}

} // namespace gatehouse::net
