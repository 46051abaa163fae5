// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/net/sim_world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::net;
using namespace std::chrono_literals;

namespace {

const Endpoint camera{"192.168.50.31", 80};

std::unique_ptr<HttpClient> client_of(SimWorld& world, std::optional<Credentials> who = {}) {
    HttpClient::Options options;
    options.server = camera;
    options.credentials = std::move(who);
    options.body_bytes_max = 1000;
    options.header_bytes_max = 500;
    return make_http_client(world.network, world.clock, world.entropy, std::move(options));
}

HttpRequest get(std::string target) {
    HttpRequest request;
    request.target = std::move(target);
    return request;
}

HttpRequest put(std::string target, std::string body, std::string method = "PUT") {
    HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    return request;
}

std::string ok(const std::string& body, const std::string& more = {}) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}

std::string unauthorized(const std::string& nonce, const std::string& more = {}) {
    return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", qop=\"auth\", nonce=\"" + nonce + "\"" + more +
           "\r\nContent-Length: 4\r\n\r\nnono";
}

using Answer = Result<HttpResponse>;

} // namespace

TEST_CASE("requests share one kept connection and bodies come by length, by chunks and by the connection's end") {
    SimWorld world;
    const auto server = script(
        world.network, camera,
        {ok("one", "X-A: b\r\n"),
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: t\r\n\r\n",
         "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nto the end\a", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", ok("six")});
    auto client = client_of(world);
    const auto one = world.run(client->request(get("/a"))).value().value();
    CHECK(one.status == 200);
    CHECK(one.body == "one");
    CHECK(header(one.headers, "x-a") == "b");
    const auto two = world.run(client->request(put("/b", "body", "POST"))).value().value();
    CHECK(two.status == 201);
    CHECK(two.body == "abcde");
    CHECK(header(two.headers, "T").empty()); // a trailer
    CHECK(world.run(client->request(get("/c"))).value()->status == 204);
    CHECK(world.run(client->request(get("/d"))).value()->body == "to the end");
    CHECK(world.network.connections_made() == 1);
    HttpRequest head = get("/e");
    head.method = "HEAD";
    CHECK(world.run(client->request(head)).value()->body.empty());
    CHECK(world.run(client->request(get("/f"))).value()->body == "six");
    CHECK(world.network.connections_made() == 2);
    CHECK(server->heard[0] == "GET /a HTTP/1.1\r\nHost: 192.168.50.31\r\n\r\n");
    CHECK(server->heard[1] == "POST /b HTTP/1.1\r\nHost: 192.168.50.31\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_CASE("a kept connection found dead is replaced silently for a GET, never for what acts") {
    SimWorld world;
    const auto server = script(world.network, camera, {ok("1"), "", ok("2"), "", "HTTP/1.1 200 OK\r\nContent-Le\a", ok("3"), "HTTP/1.1\a"});
    auto client = client_of(world);
    CHECK(world.run(client->request(get("/1"))).value().has_value());
    CHECK(world.run(client->request(get("/2"))).value()->body == "2");
    CHECK(server->heard.size() == 3);
    const auto acted = world.run(client->request(put("/open", "x"))).value();
    REQUIRE(acted.has_error());
    CHECK(acted.error().fault() == Fault::unreachable);
    CHECK(acted.error().what().find("PUT /open at 192.168.50.31") != std::string::npos);
    CHECK(server->heard.size() == 4);
    // A fresh connection that dies is an answer, and so is one that dies in the middle of one.
    CHECK(world.run(client->request(get("/3"))).value().has_error());
    CHECK(world.run(client->request(get("/4"))).value().has_value());
    CHECK(world.run(client->request(get("/5"))).value().has_error());
    CHECK(server->heard.size() == 7);
}

TEST_CASE("what acts is not trusted to a connection that has been idle") {
    SimWorld world;
    script(world.network, camera, {ok("1"), ok("2"), ok("3"), ok("4")});
    auto client = client_of(world);
    CHECK(world.run(client->request(get("/1"))).value().has_value());
    CHECK(world.run(client->request(put("/2", ""))).value().has_value());
    CHECK(world.network.connections_made() == 1);
    world.clock.run_for(5s);
    CHECK(world.run(client->request(get("/3"))).value().has_value());
    CHECK(world.network.connections_made() == 1);
    world.clock.run_for(5s);
    CHECK(world.run(client->request(put("/4", ""))).value().has_value());
    CHECK(world.network.connections_made() == 2);
}

TEST_CASE("a digest challenge is answered once, then beforehand with a rising count") {
    SimWorld world;
    const auto server = script(world.network, camera, {unauthorized("n1"), ok("1"), ok("2"), unauthorized("n2", ", stale=true"), ok("3")});
    auto client = client_of(world, Credentials{"gate", "secret"});
    CHECK(world.run(client->request(put("/1", "body"))).value()->body == "1");
    CHECK(world.run(client->request(get("/2"))).value()->body == "2");
    CHECK(world.run(client->request(get("/3"))).value()->body == "3");
    REQUIRE(server->heard.size() == 5);
    const auto holds = [&](std::size_t i, const char* text) { return server->heard[i].find(text) != std::string::npos; };
    CHECK_FALSE(holds(0, "Authorization"));
    CHECK(holds(1, "username=\"gate\""));
    CHECK(holds(1, "nc=00000001"));
    CHECK(holds(1, "\r\n\r\nbody"));
    CHECK(holds(2, "nc=00000002"));
    CHECK(holds(3, "nc=00000003"));
    CHECK(holds(4, "nonce=\"n2\""));
    CHECK(holds(4, "nc=00000001"));
    for (const auto& each : server->heard) CHECK(each.find("secret") == std::string::npos);
}

TEST_CASE("a device that renews its nonce without saying stale is answered once more") {
    SimWorld world;
    const auto server =
        script(world.network, camera, {unauthorized("n1"), ok("1"), unauthorized("n2"), ok("2"), unauthorized("n2"), unauthorized("n3")});
    auto client = client_of(world, Credentials{"gate", "secret"});
    CHECK(world.run(client->request(get("/1"))).value()->body == "1");
    CHECK(world.run(client->request(get("/2"))).value()->body == "2");
    // The same nonce again is a refusal of the password.
    CHECK(world.run(client->request(get("/3"))).value()->status == 401);
    CHECK(server->heard.size() == 5);
}

TEST_CASE("a wrong password costs one try a request, and Basic none") {
    SimWorld world;
    const auto server = script(world.network, camera,
                               {unauthorized("n1"), unauthorized("n2"), unauthorized("n3"), unauthorized("n4"),
                                "HTTP/1.1 401 U\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"});
    auto client = client_of(world, Credentials{"gate", "wrong"});
    for (int tries = 1; tries <= 2; ++tries) {
        const auto refused = world.run(client->request(get("/"))).value().value();
        CHECK(refused.status == 401);
        CHECK(refused.body == "nono");
        CHECK(server->heard.size() == static_cast<std::size_t>(tries * 2));
    }
    CHECK(world.run(client->request(get("/"))).value()->status == 401);
    CHECK(server->heard.size() == 5);
    std::size_t with_password = 0;
    for (const auto& each : server->heard) with_password += each.find("Authorization") != std::string::npos ? 1 : 0;
    CHECK(with_password == 2);
}

TEST_CASE("deadlines run on the clock, and a late connection is not used again") {
    SimWorld world;
    const auto server = script(world.network, camera, {ok("1")});
    auto client = client_of(world);
    CHECK(world.run(client->request(get("/1"))).value().has_value());
    const auto from = world.clock.steady_now();
    const auto late = world.run(client->request(get("/2"))).value();
    REQUIRE(late.has_error());
    CHECK(late.error().fault() == Fault::timed_out);
    CHECK(late.error().what() == "GET /2 at 192.168.50.31: no answer within 10000 ms");
    CHECK(world.clock.steady_now() - from <= 10'100ms);
    server->answers.push_back(ok("3"));
    CHECK(world.run(client->request(get("/3"))).value()->body == "3");
    CHECK(world.network.connections_made() == 2);
    world.network.cut(camera.host);
    world.network.reset(camera.host);
    const auto unplugged = world.run(client->request(get("/4"))).value();
    CHECK(unplugged.error().fault() == Fault::timed_out);
}

TEST_CASE("answers over a bound are full, damaged ones malformed, and neither connection is kept") {
    SimWorld world;
    script(world.network, camera,
           {ok(std::string(1001, 'x')), ok("1", "X: " + std::string(600, 'h') + "\r\n"), "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x') + "\a",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n", "what?\r\n\r\n", ok("2") + "junk", ok("3")});
    auto client = client_of(world);
    for (const auto fault : {Fault::full, Fault::full, Fault::full, Fault::full, Fault::malformed}) {
        const auto bad = world.run(client->request(get("/"))).value();
        REQUIRE(bad.has_error());
        CHECK(bad.error().fault() == fault);
    }
    CHECK(world.run(client->request(get("/"))).value()->body == "2");
    CHECK(world.run(client->request(get("/"))).value()->body == "3");
    CHECK(world.network.connections_made() == 7);
}

TEST_CASE("line breaks in targets and headers are refused before anything is sent") {
    SimWorld world;
    script(world.network, camera, {});
    auto client = client_of(world);
    CHECK(world.run(client->request(get("/a\r\nX: y"))).value().error().fault() == Fault::malformed);
    HttpRequest request = get("/");
    request.headers.emplace_back("X", "a\r\nY: b");
    CHECK(world.run(client->request(request)).value().error().fault() == Fault::malformed);
    CHECK(world.network.connections_made() == 0);
}

TEST_CASE("requests of one client wait their turn in order, and one that is cancelled leaves the queue") {
    SimWorld world;
    const auto server = script(world.network, camera, {ok("1"), ok("2"), ok("3")});
    world.network.set_delay(50ms);
    auto client = client_of(world);
    std::vector<std::string> came;
    struct Ask {
        static Task<void> one(HttpClient& c, std::string target, std::vector<std::string>& into) {
            HttpRequest request;
            request.target = std::move(target);
            auto answer = co_await c.request(std::move(request));
            if (answer) into.push_back(answer->body);
        }
    };
    TaskGroup group(world.loop);
    group.spawn("a", Ask::one(*client, "/a", came));
    const auto impatient = group.spawn("b", Ask::one(*client, "/b", came));
    group.spawn("c", Ask::one(*client, "/c", came));
    world.clock.run_for(10ms);
    group.cancel(impatient);
    world.clock.run_for(5s);
    CHECK(came == std::vector<std::string>{"1", "2"});
    CHECK(server->heard.size() == 2);
    CHECK(server->heard.at(1).starts_with("GET /c "));
    CHECK(world.network.connections_made() == 1);
}

TEST_CASE("a streamed body is read as it comes, on a connection of its own, after the digest") {
    SimWorld world;
    const auto server =
        script(world.network, camera,
               {unauthorized("n1"),
                "HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary=boundary\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n6\r\nsec",
                ok("beside")});
    auto client = client_of(world, Credentials{"gate", "secret"});
    auto body = world.run(client->open(get("/alertStream"))).value().value();
    CHECK(body->head().status == 200);
    CHECK(header(body->head().headers, "content-type") == "multipart/mixed; boundary=boundary");
    const auto first = world.run(body->read()).value().value();
    const auto text = std::string(as_text(first));
    CHECK(text.starts_with("first"));
    CHECK(world.run(client->request(get("/beside"))).value()->body == "beside");
    CHECK_FALSE(world.run(body->read(), 1s).has_value());
    world.network.reset(camera.host);
}

TEST_CASE("a streamed body tells its end, and an end that comes too early") {
    SimWorld world;
    script(world.network, camera,
           {"HTTP/1.1 200 OK\r\n\r\nall\a", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n9\r\nd\a",
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"});
    auto client = client_of(world);
    auto whole = world.run(client->open(get("/"))).value().value();
    CHECK(as_text(world.run(whole->read()).value().value()) == "all");
    CHECK(world.run(whole->read()).value()->empty());
    auto cut = world.run(client->open(get("/"))).value().value();
    Result<Bytes> last = Bytes();
    for (int i = 0; i < 5 && last; ++i) last = world.run(cut->read()).value();
    REQUIRE(last.has_error());
    CHECK(last.error().fault() == Fault::unreachable);
    auto refused = world.run(client->open(get("/"))).value().value();
    CHECK(refused->head().status == 403);
    CHECK(as_text(world.run(refused->read()).value().value()) == "no");
}

TEST_CASE("destroying a streamed body ends its waiting reader with gone") {
    SimWorld world;
    script(world.network, camera, {"HTTP/1.1 200 OK\r\n\r\n"});
    auto client = client_of(world);
    auto body = world.run(client->open(get("/"))).value().value();
    std::optional<Result<Bytes>> got;
    struct Read {
        static Task<void> once(HttpBody& from, std::optional<Result<Bytes>>& into) { into.emplace(co_await from.read()); }
    };
    world.loop.spawn("reading", Read::once(*body, got));
    world.clock.run_for(1s);
    CHECK_FALSE(got);
    body.reset();
    world.clock.run_for(1s);
    REQUIRE(got);
    CHECK(got->error().fault() == Fault::gone);
}
