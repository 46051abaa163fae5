// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/inside/web_socket.hpp"

#include "daemon/net/inside/places.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace gatehouse::net::inside {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

// How Beast ends the connection beneath; found by argument-dependent look-up.
void teardown(beast::role_type, Wire& wire, error_code& failed) {
    wire.close();
    failed = {};
}

template <class Handler>
void async_teardown(beast::role_type, Wire& wire, Handler&& handler) {
    wire.close();
    asio::post(wire.get_executor(), beast::bind_handler(std::forward<Handler>(handler), error_code()));
}

void beast_close_socket(Wire& wire) { wire.close(); }

namespace {

constexpr std::size_t message_bytes_max = 1024 * 1024;          ///< from those whom we serve
constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024 + 16; ///< from the gateway: pictures that move
constexpr Duration farewell_max = std::chrono::seconds(1);

struct Held {
    Held(Loop& l, Clock& c, Wire w) : loop(l), clock(c), wire(w), socket(std::move(w)) { socket.read_message_max(message_bytes_max); }
    Loop& loop;
    Clock& clock;
    Wire wire;
    websocket::stream<Wire, false> socket;
    Places writers;
    bool is_over = false;
};

Error ended(const Held& held, error_code failed, const std::string& doing) {
    const bool was_cancelled = failed == asio::error::operation_aborted && !held.wire.is_closed() && !held.is_over;
    held.wire.close();
    if (was_cancelled) throw boost::system::system_error(failed);
    if (failed == websocket::error::message_too_big) return Error(Fault::full, doing + ": " + failed.message());
    return Error(Fault::gone, doing + ": " + failed.message());
}

Task<void> say_farewell(std::shared_ptr<Held> held) {
    error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    const websocket::close_reason reason(websocket::close_code::normal);
    co_await held->socket.async_close(reason, token);
}

// The socket is closed, not only the farewell cancelled: Beast, busy with a far side that sends without pause, misses a cancellation.
Task<void> lose_patience(std::shared_ptr<Held> held) {
    co_await held->clock.sleep_for(farewell_max);
    held->wire.close();
}

Task<void> close_politely(std::shared_ptr<Held> held) {
    auto farewell = say_farewell(held);
    auto patience = lose_patience(held);
    co_await first_of(std::move(farewell), std::move(patience));
    held->wire.close();
}

class BeastWebSocket final : public WebSocket {
public:
    explicit BeastWebSocket(std::shared_ptr<Held> held) : held_(std::move(held)) {}
    ~BeastWebSocket() override { close(); }

    Task<Done> send(std::string text) override {
        auto held = held_; // outlives this object while somebody waits
        Place place(held->writers);
        co_await place.until_first();
        if (held->is_over) co_return Error(Fault::gone, "sending: closed");
        held->socket.text(true);
        const auto buffer = asio::buffer(text);
        co_return co_await write(*held, buffer);
    }

    Task<Done> send_bytes(std::shared_ptr<const Bytes> bytes) override {
        auto held = held_;
        Place place(held->writers);
        co_await place.until_first();
        if (held->is_over) co_return Error(Fault::gone, "sending: closed");
        held->socket.binary(true);
        const auto buffer = asio::buffer(*bytes);
        co_return co_await write(*held, buffer);
    }

    Task<Result<std::string>> receive() override {
        auto held = held_;
        if (held->is_over) co_return Error(Fault::gone, "receiving: closed");
        beast::flat_buffer buffer;
        error_code failed;
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        co_await held->socket.async_read(buffer, token);
        if (failed) co_return ended(*held, failed, "receiving");
        co_return std::string(static_cast<const char*>(buffer.data().data()), buffer.size());
    }

    void close() override {
        if (std::exchange(held_->is_over, true)) return;
        // A far side that does not read would hold the farewell behind the message before it.
        if (held_->wire.is_closed() || !held_->writers.empty()) {
            held_->wire.close();
            return;
        }
        held_->loop.spawn("closing a WebSocket", close_politely(held_));
    }

private:
    static Task<Done> write(Held& held, asio::const_buffer buffer) {
        error_code failed;
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        co_await held.socket.async_write(buffer, token);
        if (failed) co_return ended(held, failed, "sending");
        co_return Done();
    }

    std::shared_ptr<Held> held_;
};

} // namespace

Task<Result<std::unique_ptr<WebSocket>>> accept_web_socket(Loop& loop, Clock& clock, Wire wire, const HttpRequest& upgrade) {
    auto held = std::make_shared<Held>(loop, clock, std::move(wire));
    beast::http::request<beast::http::empty_body> request;
    request.method(beast::http::verb::get);
    request.target(upgrade.target);
    request.version(11);
    for (const auto& [name, value] : upgrade.headers) request.insert(name, value);
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await held->socket.async_accept(request, token);
    if (failed == asio::error::operation_aborted && !held->wire.is_closed()) throw boost::system::system_error(failed);
    if (failed) co_return Error(Fault::malformed, "WebSocket: " + failed.message());
    co_return std::unique_ptr<WebSocket>(std::make_unique<BeastWebSocket>(std::move(held)));
}

Task<Result<std::unique_ptr<WebSocket>>> ask_for_web_socket(Loop& loop, Clock& clock, Wire wire, const HttpRequest& upgrade) {
    auto held = std::make_shared<Held>(loop, clock, std::move(wire));
    held->socket.read_message_max(answer_bytes_max);
    held->socket.set_option(websocket::stream_base::decorator([headers = upgrade.headers](websocket::request_type& request) {
        for (const auto& [name, value] : headers) request.set(name, value);
    }));
    websocket::response_type response;
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await held->socket.async_handshake(response, "gatehouse", upgrade.target, token);
    if (failed == websocket::error::upgrade_declined)
        co_return Error(Fault::refused, "the server answered " + std::to_string(response.result_int()) + " " + response.body().substr(0, 500));
    if (failed == asio::error::operation_aborted && !held->wire.is_closed()) throw boost::system::system_error(failed);
    if (failed) co_return Error(Fault::unreachable, "WebSocket: " + failed.message());
    co_return std::unique_ptr<WebSocket>(std::make_unique<BeastWebSocket>(std::move(held)));
}

} // namespace gatehouse::net::inside
