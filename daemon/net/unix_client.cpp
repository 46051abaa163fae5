// SPDX-License-Identifier: Apache-2.0
//
// Blocking calls for command-line programs: each runs a loop of its own to the end of one conversation.
#include "daemon/net/http.hpp"
#include "daemon/net/inside/http_exchange.hpp"
#include "daemon/net/inside/web_socket.hpp"
#include "daemon/net/inside/wire.hpp"

#include <sys/un.h>

namespace gatehouse::net {

namespace asio = boost::asio;
using boost::system::error_code;
using inside::Wire;

namespace {

constexpr inside::HttpBounds answer_bounds{64 * 1024, 256 * 1024 * 1024};

Task<Result<Wire>> connect_to(Loop& loop, const std::string& path) {
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) co_return Error(Fault::malformed, "'" + path + "' is no path of a socket");
    asio::local::stream_protocol::socket socket(loop.context());
    const asio::local::stream_protocol::endpoint at(path);
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await socket.async_connect(at, token);
    if (failed == asio::error::operation_aborted) throw boost::system::system_error(failed);
    if (failed == boost::system::errc::no_such_file_or_directory || failed == asio::error::connection_refused)
        co_return Error(Fault::unreachable, "nobody serves '" + path + "'");
    if (failed == asio::error::access_denied) co_return Error(Fault::refused, "no right to use '" + path + "'");
    if (failed) co_return Error(Fault::unreachable, "'" + path + "': " + failed.message());
    co_return Wire(Wire::Socket(std::move(socket)));
}

Task<Result<HttpResponse>> ask(Loop& loop, const std::string& path, const HttpRequest& request) {
    auto text = inside::request_text(request, "gatehouse", std::string());
    if (!text) co_return std::move(text).error();
    auto wire = co_await connect_to(loop, path);
    if (!wire) co_return std::move(wire).error();
    Endpoint there;
    there.host = path;
    inside::HttpConnection connection(std::make_unique<inside::WireStream>(std::move(*wire), std::move(there), std::string()));
    co_return co_await inside::exchange(connection, *text, request.method == "HEAD", answer_bounds);
}

Task<void> ask_in_time(Loop& loop, const std::string& path, const HttpRequest& request, Duration limit, std::optional<Result<HttpResponse>>& answer) {
    RealClock clock(loop);
    auto work = ask(loop, path, request);
    std::string doing = request.method + " " + request.target;
    answer.emplace(co_await within<HttpResponse>(clock, limit, std::move(doing), std::move(work)));
    loop.stop();
}

Task<void> follow(Loop& loop, Clock& clock, const std::string& path, const HttpRequest& upgrade, const std::function<bool(std::string_view)>& each,
                  std::optional<Error>& failed) {
    auto wire = co_await connect_to(loop, path);
    if (!wire) {
        failed = std::move(wire).error();
        co_return;
    }
    auto socket = co_await inside::ask_for_web_socket(loop, clock, *wire, upgrade);
    if (!socket) {
        failed = std::move(socket).error().during("following " + upgrade.target);
        co_return;
    }
    for (;;) {
        auto text = co_await (*socket)->receive();
        if (!text) {
            if (text.error().fault() != Fault::gone) failed = std::move(text).error().during("following " + upgrade.target);
            co_return;
        }
        if (!each(*text)) co_return;
    }
}

} // namespace

Result<HttpResponse> request_over_unix_socket(const std::string& path, const HttpRequest& request, Duration limit) {
    Loop loop;
    std::optional<Result<HttpResponse>> answer;
    loop.spawn("asking", ask_in_time(loop, path, request, limit, answer));
    loop.run();
    expects(answer.has_value(), "a request has an answer or an error");
    return std::move(*answer);
}

Done follow_over_unix_socket(const std::string& path, const HttpRequest& upgrade, const std::function<bool(std::string_view)>& each) {
    Loop loop;
    RealClock clock(loop);
    std::optional<Error> failed;
    loop.spawn("following", follow(loop, clock, path, upgrade, each, failed));
    loop.run();
    if (failed) return std::move(*failed);
    return {};
}

} // namespace gatehouse::net
