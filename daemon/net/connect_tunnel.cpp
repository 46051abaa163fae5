// SPDX-License-Identifier: Apache-2.0
#include "daemon/net/connect_tunnel.hpp"

#include "daemon/base/log.hpp"
#include "daemon/base/text.hpp"
#include "daemon/net/inside/mqtt_lengths.hpp"

#include <boost/asio.hpp>

#include <array>

namespace gatehouse::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t question_bytes_max = 4096;
constexpr std::size_t splice_bytes_max = 64 * 1024;
constexpr Duration look_every = std::chrono::seconds(1);
constexpr std::string_view answer = "HTTP/1.1 200 OK\r\n\r\n";

// The socket's errors are the end of the tunnel, nothing more; cancellation stays an exception.
Task<std::size_t> read_some(tcp::socket& socket, std::span<std::uint8_t> into) {
    boost::system::error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    const auto count = co_await socket.async_read_some(asio::buffer(into.data(), into.size()), token);
    if (failed == asio::error::operation_aborted && socket.is_open()) throw boost::system::system_error(failed);
    co_return failed ? 0 : count;
}

Task<bool> write_all(tcp::socket& socket, ByteView bytes) {
    boost::system::error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await asio::async_write(socket, asio::buffer(bytes.data(), bytes.size()), token);
    if (failed == asio::error::operation_aborted && socket.is_open()) throw boost::system::system_error(failed);
    co_return !failed;
}

bool shows_token(std::string_view question, std::string_view token) {
    const auto wanted = "basic " + to_base64(as_bytes("gatehouse:" + std::string(token)));
    for (auto line_end = question.find("\r\n"); line_end != std::string_view::npos; line_end = question.find("\r\n")) {
        const auto line = question.substr(0, line_end);
        question.remove_prefix(line_end + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || !same_but_case(line.substr(0, colon), "proxy-authorization")) continue;
        const auto value = trimmed(line.substr(colon + 1));
        const auto blank = value.find(' ');
        return blank != std::string_view::npos && lower(value.substr(0, blank + 1)) + std::string(value.substr(blank + 1)) == wanted;
    }
    return false;
}

} // namespace

struct ConnectTunnel::Inside {
    Inside(Loop& loop, Clock& c, std::unique_ptr<Stream> f, std::string t, std::uint32_t packet_bytes_max)
        : clock(c), acceptor(loop.context()), near(loop.context()), far(std::move(f)), token(std::move(t)), lengths(packet_bytes_max) {}
    Clock& clock;
    tcp::acceptor acceptor;
    tcp::socket near;
    std::unique_ptr<Stream> far;
    std::string token;
    inside::MqttLengths lengths;
    std::string proxy;
    std::optional<Error> fault;
    Bytes early; ///< what came behind the question
    Event answered;

    void close() {
        boost::system::error_code ignored;
        acceptor.close(ignored);
        near.close(ignored);
        if (far) far->close();
        answered.set();
    }

    // Somebody else on this machine may have found the port first: closed, and the next is heard.
    Task<bool> hear_question() {
        for (;;) {
            boost::system::error_code failed;
            auto done = asio::redirect_error(asio::use_awaitable, failed);
            near = co_await acceptor.async_accept(done);
            if (failed == asio::error::operation_aborted && acceptor.is_open()) throw boost::system::system_error(failed);
            if (failed) co_return false;
            near.set_option(tcp::no_delay(true), failed);
            const bool written = co_await write_all(near, as_bytes(answer));
            answered.set();
            if (!written) continue;
            std::string question;
            std::array<std::uint8_t, 1024> piece{};
            std::size_t end = std::string::npos;
            while ((end = question.find("\r\n\r\n")) == std::string::npos && question.size() < question_bytes_max) {
                const auto count = co_await read_some(near, piece);
                if (count == 0) break;
                question.append(as_text(ByteView(piece.data(), count)));
            }
            if (end != std::string::npos && question.starts_with("CONNECT ") && shows_token(std::string_view(question).substr(0, end + 2), token)) {
                const auto rest = as_bytes(std::string_view(question).substr(end + 4));
                early.assign(rest.begin(), rest.end());
                acceptor.close(failed);
                co_return true;
            }
            log::warning("mqtt", "a stranger on the loopback tunnel was turned away");
            near.close(failed);
        }
    }

    Task<void> outward() {
        if (!early.empty()) {
            const auto sent = co_await far->write(early);
            if (!sent) co_return;
        }
        Bytes buffer(splice_bytes_max);
        for (;;) {
            const auto count = co_await read_some(near, buffer);
            if (count == 0) co_return;
            const auto sent = co_await far->write(ByteView(buffer.data(), count));
            if (!sent) co_return;
        }
    }

    Task<void> inward() {
        Bytes buffer(splice_bytes_max);
        for (;;) {
            const auto count = co_await far->read_some(buffer);
            if (!count) fault.emplace(count.error());
            if (!count || *count == 0) co_return;
            const ByteView bytes(buffer.data(), *count);
            if (!lengths.admit(bytes)) {
                fault.emplace(Fault::malformed, to_text(far->remote()) + " sends a larger packet than was agreed");
                co_return;
            }
            if (!co_await write_all(near, bytes)) co_return;
        }
    }

    Task<void> both_ways() {
        auto one = outward();
        auto other = inward();
        co_await first_of(std::move(one), std::move(other));
    }

    Task<void> watch() {
        auto last = far->taken();
        auto moved = clock.steady_now();
        for (;;) {
            co_await clock.sleep_for(look_every);
            const auto now = far->taken();
            if (!now.is_waiting || now.bytes != last.bytes) moved = clock.steady_now();
            last = now;
            if (clock.steady_now() - moved < nothing_taken_max) continue;
            fault.emplace(Fault::timed_out, to_text(far->remote()) + " has acknowledged nothing for " +
                                                std::to_string(nothing_taken_max / std::chrono::seconds(1)) + " s");
            co_return;
        }
    }
};

ConnectTunnel::ConnectTunnel(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

ConnectTunnel::~ConnectTunnel() { inside_->close(); }

Result<std::unique_ptr<ConnectTunnel>> ConnectTunnel::open(Loop& loop, Clock& clock, std::unique_ptr<Stream> far, std::string token,
                                                           std::uint32_t packet_bytes_max) {
    auto inside = std::make_unique<Inside>(loop, clock, std::move(far), std::move(token), packet_bytes_max);
    boost::system::error_code failed;
    const tcp::endpoint anywhere(asio::ip::address_v4::loopback(), 0);
    inside->acceptor.open(tcp::v4(), failed);
    if (!failed) inside->acceptor.bind(anywhere, failed);
    if (!failed) inside->acceptor.listen(1, failed);
    if (failed) return Error(Fault::unreachable, "loopback tunnel: " + failed.message());
    inside->proxy = "gatehouse:" + inside->token + "@127.0.0.1:" + std::to_string(inside->acceptor.local_endpoint().port());
    return std::unique_ptr<ConnectTunnel>(new ConnectTunnel(std::move(inside)));
}

std::string ConnectTunnel::proxy() const { return inside_->proxy; }
Event& ConnectTunnel::answered() { return inside_->answered; }
const std::optional<Error>& ConnectTunnel::fault() const { return inside_->fault; }
void ConnectTunnel::cut() { inside_->close(); }

Task<void> ConnectTunnel::run() {
    struct Closing {
        Inside& inside;
        ~Closing() { inside.close(); }
    } closing{*inside_};
    if (!co_await inside_->hear_question()) co_return;
    auto carried = inside_->both_ways();
    auto watched = inside_->watch();
    co_await first_of(std::move(carried), std::move(watched));
}

} // namespace gatehouse::net
