// SPDX-License-Identifier: Apache-2.0
//
// The conversation with all its deadlines, on simulated time and network.
#include "tests/unit/daemon/net/sim_world.hpp"

#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::net;
using namespace std::chrono_literals;

namespace {

const Endpoint here{"10.0.0.1", 8080};

struct Served {
    SimWorld world;
    std::vector<HttpRequest> heard;
    Duration handler_takes{};
    bool handler_was_cancelled = false;
    HttpResponse answer;
    HttpServer::Options options;
    std::unique_ptr<HttpServer> server;

    Served() {
        options.header_bytes_max = 1000;
        options.body_bytes_max = 100'000;
        answer.body = "fine";
    }

    void start() {
        server = make_http_server(world.loop, world.clock, options, [this](HttpRequest request) { return handle(std::move(request)); });
        world.network.listen(here, [this](std::unique_ptr<Stream> stream) { return server->serve(std::move(stream)); });
    }

    Task<HttpResponse> handle(HttpRequest request) {
        heard.push_back(std::move(request));
        try {
            if (handler_takes > Duration::zero()) co_await world.clock.sleep_for(handler_takes);
        } catch (const boost::system::system_error&) {
            handler_was_cancelled = true;
            throw;
        }
        co_return answer;
    }

    static Task<std::string> talk(Network& network, Clock& clock, std::vector<std::string> pieces, Duration between) {
        std::optional<TlsOptions> tls;
        Binding binding;
        Endpoint to = here;
        auto stream = co_await network.connect(std::move(to), std::move(binding), std::move(tls), 1s);
        if (!stream) co_return "no connection";
        std::string heard;
        for (const auto& piece : pieces) {
            auto written = co_await (*stream)->write(as_bytes(piece));
            if (between > Duration::zero()) co_await clock.sleep_for(between);
        }
        Bytes into(1000);
        for (;;) {
            auto read = co_await (*stream)->read_some(into);
            if (!read || *read == 0) co_return heard;
            heard.append(as_text(ByteView(into).first(*read)));
        }
    }

    /// Everything the server says until it closes.
    std::string hear(std::vector<std::string> pieces, Duration between = {}) {
        if (!server) start();
        auto got = world.run(talk(world.network, world.clock, std::move(pieces), between), 1000s);
        return got ? *got : "the server never closed";
    }
};

std::string get(const std::string& target, const std::string& more = {}) { return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n"; }
const std::string last = "Connection: close\r\n";

std::size_t answers_in(const std::string& text) {
    std::size_t count = 0;
    for (auto at = text.find("HTTP/1.1 "); at != std::string::npos; at = text.find("HTTP/1.1 ", at + 1)) ++count;
    return count;
}

} // namespace

TEST_CASE("requests of one connection are answered in order, pipelined or not, and HEAD without a body") {
    Served served;
    served.answer.headers.emplace_back("Content-Type", "text/plain");
    served.answer.headers.emplace_back("X-Bad", "a\r\nSet-Cookie: stolen");
    const auto heard =
        served.hear({"POST /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nX-Y: z\r\n\r\nbody" + get("/2"), "HEAD /3 HTTP/1.1\r\n\r\n",
                     "POST /4 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "1\r\nc\r\n0\r\n\r\n", get("/5", last), get("/6")});
    CHECK(answers_in(heard) == 5);
    REQUIRE(served.heard.size() == 5);
    CHECK(served.heard[0].method == "POST");
    CHECK(served.heard[0].target == "/a?b=c");
    CHECK(served.heard[0].body == "body");
    CHECK(header(served.heard[0].headers, "x-y") == "z");
    CHECK(served.heard[0].from.host == "10.0.0.1");
    CHECK(served.heard[2].method == "GET");
    CHECK(served.heard[3].body == "abc");
    CHECK(heard.find("stolen") == std::string::npos);
    CHECK(heard.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\nfine"));
    CHECK(heard.find("Content-Length: 4\r\nConnection: keep-alive\r\n\r\nHTTP/1.1") != std::string::npos);
    CHECK(heard.ends_with("Connection: close\r\n\r\nfine"));
}

TEST_CASE("what two servers could read differently is refused with 400 and the connection closed") {
    const std::string evil = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const std::string& request : std::vector<std::string>{
             "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n" + evil,
             "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n" + evil, "POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n" + evil,
             "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + evil,
             "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + evil,
             "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + evil,
             "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n" + evil, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n" + evil,
             "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" + evil,
             "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + evil, "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n" + evil,
             "POST / HTTP/1.1\r\nContent-Length : 5\r\n\r\n" + evil, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + evil,
             "GET http://other/ HTTP/1.1\r\n\r\n" + evil, "GET / HTTP/3.7\r\n\r\n" + evil, "GET /\r\n\r\n" + evil, "\x16\x03\x01\x02" + evil,
             "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + evil}) {
        Served served;
        const auto heard = served.hear({request});
        CHECK_MESSAGE(heard.starts_with("HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n"), request);
        CHECK(answers_in(heard) == 1);
        CHECK(served.heard.empty());
    }
}

TEST_CASE("a trailer never joins the headers, whether it comes with them or later") {
    const std::string head = "POST /a HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string rest = "2\r\nab\r\n0\r\nX-Late: 1\r\nHost: b\r\n\r\n";
    for (const auto& pieces : {std::vector<std::string>{head + rest}, std::vector<std::string>{head, rest}}) {
        Served served;
        CHECK(answers_in(served.hear(pieces, 1ms)) == 1);
        REQUIRE(served.heard.size() == 1);
        CHECK(served.heard[0].body == "ab");
        CHECK(header(served.heard[0].headers, "X-Late").empty());
        CHECK(header(served.heard[0].headers, "Host").empty());
    }
}

TEST_CASE("headers and bodies over a bound are refused, whatever length they claim") {
    Served served;
    CHECK(served.hear({get("/", "X: " + std::string(2000, 'x') + "\r\n")}).starts_with("HTTP/1.1 431"));
    CHECK(served.hear({"GET /" + std::string(200'000, 'x')}).starts_with("HTTP/1.1 431"));
    CHECK(served.hear({"POST / HTTP/1.1\r\nContent-Length: 100001\r\n\r\n"}).starts_with("HTTP/1.1 413"));
    CHECK(served.hear({"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"}).starts_with("HTTP/1.1 400"));
    CHECK(served.hear({"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n", std::string(0x20000, 'x')}).starts_with("HTTP/1.1 413"));
    CHECK(served.heard.empty());
    CHECK(served.hear({"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n", std::string(100'000, 'x')})
              .starts_with("HTTP/1.1 200"));
}

TEST_CASE("a drip-feeder meets its deadline in the header, in the body and while idle") {
    Served served;
    const std::vector<std::string> drops(100, "X: y\r\n");
    std::vector<std::string> header_drops{"GET / HTTP/1.1\r\n"};
    header_drops.insert(header_drops.end(), drops.begin(), drops.end());
    auto from = served.world.clock.steady_now();
    CHECK(served.hear({"GET / HT"}).starts_with("HTTP/1.1 408"));
    CHECK(served.world.clock.steady_now() - from < 12s);
    CHECK(served.hear(header_drops, 1s).starts_with("HTTP/1.1 408"));
    CHECK(served.hear({"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"}).starts_with("HTTP/1.1 408"));
    from = served.world.clock.steady_now();
    CHECK(served.hear({}).empty());
    CHECK(served.world.clock.steady_now() - from < 11s);
    from = served.world.clock.steady_now();
    CHECK(answers_in(served.hear({get("/")})) == 1);
    CHECK(served.world.clock.steady_now() - from >= 75s);
    CHECK(served.world.clock.steady_now() - from < 76s);
    CHECK(served.heard.size() == 1);
}

TEST_CASE("a handler that takes too long is cancelled and answered for with 503") {
    Served served;
    served.handler_takes = 100s;
    const auto heard = served.hear({get("/slow"), get("/next")});
    CHECK(heard.starts_with("HTTP/1.1 503"));
    CHECK(heard.find("Connection: close") != std::string::npos);
    CHECK(served.handler_was_cancelled);
    CHECK(served.heard.size() == 1);
}

TEST_CASE("who waits for 100 Continue gets it before the body, and 413 instead of it") {
    Served served;
    const auto heard = served.hear({"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n", "body"}, 1s);
    CHECK(heard.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
    CHECK(served.heard.at(0).body == "body");
    CHECK(served.hear({"POST / HTTP/1.1\r\nContent-Length: 400000\r\nExpect: 100-continue\r\n\r\n"}, 1s).starts_with("HTTP/1.1 413"));
}

TEST_CASE("HTTP/1.0 closes unless asked to stay, and a handler may close") {
    Served served;
    CHECK(answers_in(served.hear({"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"})) == 1);
    served.answer.headers.emplace_back("connection", "Close");
    CHECK(answers_in(served.hear({get("/") + get("/")})) == 1);
    served.answer.status = 204;
    const auto heard = served.hear({get("/")});
    CHECK(heard == "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST_CASE("the client and the server understand each other over the simulated network") {
    Served served;
    served.start();
    served.world.network.set_delay(20ms);
    HttpClient::Options options;
    options.server = here;
    auto client = make_http_client(served.world.network, served.world.clock, served.world.entropy, options);
    for (int i = 0; i < 3; ++i) {
        HttpRequest request;
        request.method = "POST";
        request.target = "/x";
        request.body = std::string(90'000, 'b');
        const auto got = served.world.run(client->request(std::move(request))).value().value();
        CHECK(got.body == "fine");
    }
    CHECK(served.heard.size() == 3);
    CHECK(served.heard[2].body.size() == 90'000);
    CHECK(served.world.network.connections_made() == 1);
}

namespace {

/// Numbers in a row, in pieces of `piece` bytes; may break off, or take its time.
class CountingSource final : public BodySource {
public:
    CountingSource(std::uint64_t bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}
    std::uint64_t bytes() const override { return bytes_; }
    Task<Result<Bytes>> next() override {
        if (clock != nullptr) co_await clock->sleep_for(takes);
        if (at_ >= breaks_at) co_return Error(Fault::damaged, "the disk is gone");
        ++pieces;
        Bytes made(static_cast<std::size_t>(std::min<std::uint64_t>(piece_, bytes_ - at_)));
        for (auto& byte : made) byte = static_cast<std::uint8_t>('a' + at_++ % 26);
        co_return made;
    }
    std::uint64_t breaks_at = UINT64_MAX;
    std::size_t pieces = 0;
    Clock* clock = nullptr;
    Duration takes{};

private:
    std::uint64_t bytes_, at_ = 0;
    std::size_t piece_;
};

std::string body_of(const std::string& heard) { return heard.substr(heard.find("\r\n\r\n") + 4); }

} // namespace

TEST_CASE("a body that is made while it is sent is whole, has its length before it, and the connection goes on") {
    Served served;
    const auto source = std::make_shared<CountingSource>(100'000, 3'000);
    served.answer.source = source;
    const auto heard = served.hear({"HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n", get("/2", last)});
    CHECK(answers_in(heard) == 2);
    const auto second = heard.substr(heard.find("HTTP/1.1 ", 1));
    CHECK(second.find("Content-Length: 100000\r\n") != std::string::npos);
    const auto body = body_of(second);
    REQUIRE(body.size() == 100'000);
    CHECK(body.starts_with("abcdefghijklmnopqrstuvwxyzabc"));
    CHECK(body[99'999] == static_cast<char>('a' + 99'999 % 26));
    CHECK(source->pieces == 34); // none of them for HEAD
}

TEST_CASE("a body that breaks off, or whose next piece never comes, ends the connection short of its length") {
    Served served;
    const auto broken = std::make_shared<CountingSource>(100'000, 1'000);
    broken->breaks_at = 5'000;
    served.answer.source = broken;
    const auto heard = served.hear({get("/1"), get("/2")});
    CHECK(answers_in(heard) == 1);
    CHECK(heard.find("Content-Length: 100000\r\n") != std::string::npos);
    CHECK(body_of(heard).size() == 5'000);

    Served slow;
    const auto stuck = std::make_shared<CountingSource>(100'000, 1'000);
    stuck->clock = &slow.world.clock;
    stuck->takes = 31s;
    slow.answer.source = stuck;
    CHECK(body_of(slow.hear({get("/1"), get("/2")})).empty());
}
