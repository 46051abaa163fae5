// SPDX-License-Identifier: Apache-2.0
//
// The server on real loopback and Unix sockets: TLS, peers, WebSockets, the cap, the end.
#include "daemon/net/http.hpp"

#include "daemon/base/text.hpp"
#include "tests/unit/daemon/net/certificates.hpp"
#include "tests/unit/daemon/net/on_loop.hpp"

#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

using namespace gatehouse;
using namespace gatehouse::net;
using namespace std::chrono_literals;

namespace {

struct TempFolder {
    std::filesystem::path path;
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "gatehouse-net-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        path = name;
    }
    ~TempFolder() { std::filesystem::remove_all(path); }
};

/// A server on a loop and thread of its own, as clients of other processes see it.
struct ServerThread {
    Loop loop;
    RealClock clock{loop};
    std::unique_ptr<HttpServer> server;
    std::unique_ptr<TaskGroup> group = std::make_unique<TaskGroup>(loop);
    std::thread thread;
    std::atomic<bool> ended = false;

    explicit ServerThread(HttpServer::Options options = {}, HttpHandler handler = echo, WebSocketHandler web_socket = {}) {
        server = make_http_server(loop, clock, std::move(options), std::move(handler), std::move(web_socket));
    }
    void start() {
        group->spawn("server", server->run(), [this] { ended = true; });
        thread = std::thread([this] { loop.run(); });
    }
    void stop() {
        loop.post([this] { group->cancel(); });
        thread.join();
    }
    ~ServerThread() {
        if (thread.joinable()) stop();
    }

    static Task<HttpResponse> echo(HttpRequest request) {
        HttpResponse response;
        response.body = request.method + " " + request.target + " from " + request.from.host;
        if (request.peer_uid) {
            response.body += " uid " + std::to_string(*request.peer_uid) + " gid " + std::to_string(*request.peer_gid);
            bool has_own = false;
            for (const auto group : request.peer_groups) has_own = has_own || group == *request.peer_gid;
            response.body += has_own ? " in its groups" : " not in its groups";
        }
        response.body += " " + request.body;
        co_return response;
    }
};

Task<void> send_back(HttpRequest upgrade, std::unique_ptr<WebSocket> socket) {
    auto greeted = co_await socket->send("hello " + upgrade.target);
    for (;;) {
        auto text = co_await socket->receive();
        if (!text) co_return;
        auto sent = co_await socket->send("you said " + *text);
        if (!sent) co_return;
    }
}

Task<std::optional<HttpResponse>> refuse_none(HttpRequest) { co_return std::optional<HttpResponse>(); }

HttpRequest get(std::string target) {
    HttpRequest request;
    request.target = std::move(target);
    return request;
}

Task<Result<HttpResponse>> ask(HttpClient& client, std::string target) {
    HttpRequest request = get(std::move(target));
    co_return co_await client.request(std::move(request));
}

std::unique_ptr<HttpClient> client_at(OnLoop& on, Entropy& entropy, std::uint16_t port, std::optional<TlsOptions> tls = {}) {
    HttpClient::Options options;
    options.server.host = "127.0.0.1";
    options.server.port = port;
    options.tls = std::move(tls);
    options.answer_limit = 5s;
    return make_http_client(*on.network, on.clock, entropy, std::move(options));
}

} // namespace

TEST_CASE("the server answers on TCP, and ends all when it is cancelled") {
    OnLoop on;
    SeededEntropy entropy(1);
    ServerThread there;
    const auto port = there.server->listen_tcp(Endpoint{"127.0.0.1", 0}, Binding{}).value();
    CHECK(there.server->listen_tcp(Endpoint{"127.0.0.1", port}, Binding{}).error().fault() == Fault::busy);
    CHECK(there.server->listen_tcp(Endpoint{"127.0.0.1", 0}, Binding{"ghx9"}).error().what().find("'ghx9'") != std::string::npos);
    there.start();
    auto client = client_at(on, entropy, port);
    CHECK(on.run(ask(*client, "/x")).value().body == "GET /x from 127.0.0.1 ");
    there.stop();
    CHECK(there.ended);
    CHECK(on.run(ask(*client, "/x")).error().fault() == Fault::unreachable);
}

TEST_CASE("a Unix socket tells who asks, has mode 0660, and replaces a dead file but no living server") {
    TempFolder folder;
    const auto path = (folder.path / "ctl.sock").string();
    const auto dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.copy(at.sun_path, sizeof(at.sun_path) - 1);
    REQUIRE(::bind(dead, reinterpret_cast<sockaddr*>(&at), sizeof(at)) == 0);
    ::close(dead);
    ServerThread there;
    REQUIRE(there.server->listen_unix(path, "").has_value());
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0660);
    ServerThread second;
    CHECK(second.server->listen_unix(path, "").error().fault() == Fault::busy);
    const auto file = (folder.path / "file").string();
    std::filesystem::create_directory(file);
    CHECK(second.server->listen_unix(file, "").error().fault() == Fault::busy);
    there.start();
    HttpRequest request = get("/who");
    request.body = std::string(300'000, 'x');
    request.method = "POST";
    const auto got = request_over_unix_socket(path, request, 5s).value();
    CHECK(got.body.substr(0, 60).starts_with("POST /who from unix uid " + std::to_string(::getuid()) + " gid " + std::to_string(::getgid()) +
                                             " in its groups x"));
    CHECK(got.body.size() > 300'000);
    there.stop();
    there.server.reset();
    CHECK_FALSE(std::filesystem::exists(path));
    const auto nobody = request_over_unix_socket(path, request, 5s);
    CHECK(nobody.error().fault() == Fault::unreachable);
    CHECK(nobody.error().what() == "nobody serves '" + path + "'");
}

TEST_CASE("a slow answer over a Unix socket is timed out") {
    TempFolder folder;
    const auto path = (folder.path / "ctl.sock").string();
    ServerThread there({}, [](HttpRequest) -> Task<HttpResponse> {
        Event never;
        co_await never.wait();
        co_return HttpResponse{};
    });
    REQUIRE(there.server->listen_unix(path, "").has_value());
    there.start();
    CHECK(request_over_unix_socket(path, get("/"), 50ms).error().fault() == Fault::timed_out);
}

TEST_CASE("a WebSocket is followed over a Unix socket until the follower has enough; refusals carry their status") {
    TempFolder folder;
    const auto path = (folder.path / "ctl.sock").string();
    HttpServer::Options options;
    options.refuse_upgrade = [](HttpRequest request) -> Task<std::optional<HttpResponse>> {
        HttpResponse refusal;
        refusal.status = 403;
        refusal.body = "not you";
        co_return request.target == "/live" && header(request.headers, "x-token") == "t" ? std::nullopt : std::optional<HttpResponse>(refusal);
    };
    ServerThread there(std::move(options), ServerThread::echo, [](HttpRequest upgrade, std::unique_ptr<WebSocket> socket) -> Task<void> {
        for (int i = 0;; ++i) {
            auto sent = co_await socket->send(upgrade.target + " " + std::to_string(i) + std::string(i == 1 ? 200'000 : 0, '.'));
            if (!sent) co_return;
        }
    });
    REQUIRE(there.server->listen_unix(path, "").has_value());
    there.start();
    HttpRequest live = get("/live");
    live.headers.emplace_back("X-Token", "t");
    std::vector<std::string> got;
    const auto done = follow_over_unix_socket(path, live, [&](std::string_view text) {
        got.emplace_back(text);
        return got.size() < 3;
    });
    CHECK(done.has_value());
    REQUIRE(got.size() == 3);
    CHECK(got[0] == "/live 0");
    CHECK(got[1].size() == 200'007);
    CHECK(got[2] == "/live 2");
    const auto refused = follow_over_unix_socket(path, get("/live"), [](std::string_view) { return true; });
    REQUIRE(refused.has_error());
    CHECK(refused.error().fault() == Fault::refused);
    CHECK(refused.error().what().find("403 not you") != std::string::npos);
    CHECK(request_over_unix_socket(path, get("/live"), 5s)->status == 200);
}

TEST_CASE("text and bytes of a WebSocket come out whole and in order, bytes also beyond what a client may send") {
    TempFolder folder;
    const auto path = (folder.path / "ctl.sock").string();
    HttpServer::Options options;
    options.refuse_upgrade = refuse_none;
    ServerThread there(std::move(options), ServerThread::echo, [](HttpRequest, std::unique_ptr<WebSocket> socket) -> Task<void> {
        auto bytes = std::make_shared<const Bytes>(3 * 1024 * 1024, std::uint8_t{0});
        auto said = co_await socket->send("{}");
        auto sent = co_await socket->send_bytes(bytes);
        if (said && sent) said = co_await socket->send("{1}");
        auto more = co_await socket->receive();
    });
    REQUIRE(there.server->listen_unix(path, "").has_value());
    there.start();
    std::vector<std::string> got;
    const auto done = follow_over_unix_socket(path, get("/live"), [&](std::string_view message) {
        got.emplace_back(message);
        return got.size() < 3;
    });
    CHECK(done.has_value());
    REQUIRE(got.size() == 3);
    CHECK(got[0] == "{}");
    CHECK(got[1] == std::string(3 * 1024 * 1024, '\0'));
    CHECK(got[2] == "{1}");
}

TEST_CASE("a server that nobody told whom to refuse takes no WebSocket") {
    TempFolder folder;
    const auto path = (folder.path / "ctl.sock").string();
    bool was_taken = false;
    ServerThread there({}, ServerThread::echo, [&](HttpRequest, std::unique_ptr<WebSocket>) -> Task<void> {
        was_taken = true;
        co_return;
    });
    REQUIRE(there.server->listen_unix(path, "").has_value());
    there.start();
    const auto refused = follow_over_unix_socket(path, get("/live"), [](std::string_view) { return true; });
    REQUIRE(refused.has_error());
    CHECK(refused.error().fault() == Fault::refused);
    there.stop();
    CHECK_FALSE(was_taken);
}

TEST_CASE("a follower is told nothing wrong when the server ends") {
    TempFolder folder;
    const auto path = (folder.path / "ctl.sock").string();
    HttpServer::Options options;
    options.refuse_upgrade = refuse_none;
    ServerThread there(std::move(options), ServerThread::echo, send_back);
    REQUIRE(there.server->listen_unix(path, "").has_value());
    there.start();
    std::vector<std::string> got;
    const auto done = follow_over_unix_socket(path, get("/live"), [&](std::string_view text) {
        got.emplace_back(text);
        there.stop();
        return true;
    });
    CHECK(done.has_value());
    CHECK(got == std::vector<std::string>{"hello /live"});
    CHECK(there.ended);
}

TEST_CASE("connections over the cap hear 503; those within it are served on") {
    OnLoop on;
    SeededEntropy entropy(1);
    HttpServer::Options options;
    options.connections_max = 2;
    ServerThread there(options);
    const auto port = there.server->listen_tcp(Endpoint{"127.0.0.1", 0}, Binding{}).value();
    there.start();
    auto one = client_at(on, entropy, port), two = client_at(on, entropy, port), three = client_at(on, entropy, port);
    CHECK(on.run(ask(*one, "/1"))->status == 200);
    CHECK(on.run(ask(*two, "/2"))->status == 200);
    const auto turned_away = on.run(ask(*three, "/3"));
    REQUIRE(turned_away.has_value());
    CHECK(turned_away->status == 503);
    CHECK(header(turned_away->headers, "retry-after") == "5");
    CHECK(on.run(ask(*one, "/1"))->status == 200);
    two.reset();
    // The server sees the end soon.
    Result<HttpResponse> again = Error(Fault::busy, "not asked");
    for (int tries = 0; tries < 200 && (!again || again->status != 200); ++tries) again = on.run(ask(*three, "/3"));
    CHECK(again->status == 200);
}

TEST_CASE("TLS checks the authority and the name, or the one pinned certificate, and tells which it met") {
    OnLoop on;
    SeededEntropy entropy(1);
    TempFolder folder;
    const Certificates made(folder.path.string());
    ServerThread there;
    const auto port =
        there.server->listen_tls(Endpoint{"127.0.0.1", 0}, Binding{}, HttpServer::Certificate{made.server_certificate, made.server_key}).value();
    CHECK(there.server->listen_tls(Endpoint{"127.0.0.1", 0}, Binding{}, HttpServer::Certificate{made.server_certificate, made.other_key})
              .error()
              .fault() == Fault::refused);
    there.start();
    const auto with = [&](TlsOptions tls) {
        auto client = client_at(on, entropy, port, std::move(tls));
        return on.run(ask(*client, "/x"));
    };
    TlsOptions good;
    good.ca_file = made.ca_certificate;
    good.server_name = "gate.example";
    const auto answered = with(good);
    REQUIRE_MESSAGE(answered.has_value(), answered.error().what());
    CHECK(answered->status == 200);

    TlsOptions other_name = good;
    other_name.server_name = "other.example";
    CHECK(with(other_name).error().fault() == Fault::refused);
    TlsOptions no_authority;
    no_authority.server_name = "gate.example";
    const auto unknown = with(no_authority);
    CHECK(unknown.error().fault() == Fault::refused);
    CHECK(unknown.error().what().find("certificate") != std::string::npos);
    TlsOptions no_file;
    no_file.ca_file = "/nonexistent/ca.pem";
    CHECK(with(no_file).error().what().find("/nonexistent/ca.pem") != std::string::npos);

    TlsOptions pinned;
    pinned.pinned_sha256 = made.server_sha256;
    CHECK(with(pinned).has_value());
    pinned.pinned_sha256[5] = pinned.pinned_sha256[5] == '0' ? '1' : '0';
    const auto another = with(pinned);
    CHECK(another.error().fault() == Fault::refused);
    CHECK(another.error().what().find("not the pinned one") != std::string::npos);

    TlsOptions first_use;
    first_use.pin_on_first_use = true;
    struct Connect {
        static Task<Result<std::unique_ptr<Stream>>> to(Network& network, std::uint16_t port, TlsOptions tls) {
            Endpoint at{"127.0.0.1", port};
            Binding binding;
            std::optional<TlsOptions> options(std::move(tls));
            co_return co_await network.connect(std::move(at), std::move(binding), std::move(options), 5s);
        }
    };
    auto stream = on.run(Connect::to(*on.network, port, first_use));
    REQUIRE(stream.has_value());
    CHECK((*stream)->peer_sha256() == made.server_sha256);
}
