// SPDX-License-Identifier: Apache-2.0
//
// The machine's own surroundings: real requests and a real feed over a Unix socket, and a server that goes and comes again.
#include "daemon/ctl/gatehousectl.hpp"

#include <doctest/doctest.h>

#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <sstream>
#include <thread>

using namespace gatehouse;

namespace {

/// A log of five records whose reader is cut off after every second one.
class Feeder {
public:
    explicit Feeder(const std::string& path) {
        net::HttpServer::Options options;
        options.refuse_upgrade = refuse_none;
        server_ = net::make_http_server(loop_, clock_, std::move(options), answer, feed);
        REQUIRE(server_->listen_unix(path, "").has_value());
        group_.spawn("server", server_->run());
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~Feeder() {
        loop_.post([this] { group_.cancel(); });
        thread_.join();
    }

    static inline std::atomic<int> fed = 0; ///< feeds that were opened

private:
    static Task<net::HttpResponse> answer(net::HttpRequest) {
        net::HttpResponse response;
        response.body = R"({"epoch":"e","epoch_first":1,"head":5})";
        co_return response;
    }
    static Task<std::optional<net::HttpResponse>> refuse_none(net::HttpRequest) { co_return std::optional<net::HttpResponse>(); }
    static Task<void> feed(net::HttpRequest upgrade, std::unique_ptr<net::WebSocket> socket) {
        ++fed;
        const int after = std::stoi(upgrade.target.substr(upgrade.target.rfind('=') + 1));
        for (int position = after + 1; position <= 5 && position <= after + 2; ++position) {
            auto text = R"({"record":{"position":)" + std::to_string(position) + "}}";
            auto sent = co_await socket->send(std::move(text));
        }
        std::string last = R"({"problem":{"status":403,"type":"urn:gatehouse:problem:not-allowed","detail":"the end"}})";
        if (after + 2 >= 5) auto sent = co_await socket->send(std::move(last));
    }

    Loop loop_;
    RealClock clock_{loop_};
    std::unique_ptr<net::HttpServer> server_;
    TaskGroup group_{loop_};
    std::thread thread_;
};

} // namespace

TEST_CASE("a real feed over a Unix socket is followed through cuts and a server that goes and comes again") {
    std::string folder = (std::filesystem::temp_directory_path() / "gatehouse-ctl-XXXXXX").string();
    REQUIRE(::mkdtemp(folder.data()));
    const auto path = folder + "/control.sock";
    std::ostringstream out, err;
    auto first = std::make_unique<Feeder>(path);
    auto tail = std::async(std::launch::async, [&] {
        return ctl::run({"tail", "--json", "--socket", path, "--after", "0", "--lang", "en"}, ctl::machine_surroundings(out, err));
    });
    while (Feeder::fed == 0 && tail.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout) {
    }
    first.reset();
    const Feeder second(path);
    CHECK(tail.get() == ctl::exit_no_permission);
    CHECK(out.str() == "{\"position\":1}\n{\"position\":2}\n{\"position\":3}\n{\"position\":4}\n{\"position\":5}\n");
    CHECK(err.str().find("the end") != std::string::npos);
    std::ostringstream nothing, complaint;
    auto around = ctl::machine_surroundings(nothing, complaint);
    CHECK(ctl::run({"status", "--socket", folder + "/no.sock", "--lang", "en"}, around) == ctl::exit_unavailable);
    CHECK(complaint.str().find("systemctl start gatehoused") != std::string::npos);
    std::filesystem::remove_all(folder);
}
