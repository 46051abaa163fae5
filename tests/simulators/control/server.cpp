// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/control/server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>
#include <utility>

namespace gatehouse::simulators::control {
namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;
using asio::ip::tcp;

namespace {

// Makes events by itself, with the gaps of a Poisson process, for a device's ordinary traffic and for a flood alike.
class Traffic {
public:
    Traffic(asio::io_context& io, std::uint64_t seed, Device& device) : timer_(io), random_(seed), device_(device) {}

    void run(double per_s, std::optional<std::uint64_t> count) {
        timer_.cancel();
        ++run_;
        per_s_ = per_s;
        left_ = count.value_or(std::numeric_limits<std::uint64_t>::max());
        due_ = std::chrono::steady_clock::now();
        if (per_s_ > 0) wait();
    }
    double per_s() const { return left_ > 0 ? per_s_ : 0; }
    std::uint64_t made() const { return made_; }

private:
    void wait() {
        if (left_ == 0) return;
        const double gap_s = std::exponential_distribution<>(per_s_)(random_);
        due_ += std::chrono::microseconds(static_cast<std::int64_t>(gap_s * 1e6));
        timer_.expires_at(due_);
        timer_.async_wait([this, run = run_](boost::system::error_code error) {
            // One that ran out before it was cancelled comes here without an error.
            if (error || run != run_) return;
            device_.random_event(random_);
            ++made_;
            --left_;
            wait();
        });
    }

    asio::steady_timer timer_;
    std::mt19937_64 random_;
    Device& device_;
    std::chrono::steady_clock::time_point due_;
    double per_s_ = 0;
    std::uint64_t left_ = 0;
    std::uint64_t made_ = 0;
    std::uint64_t run_ = 0;
};

constexpr double burst_events_max = 500'000;

double number_or(const json::object& body, std::string_view name, double otherwise) {
    const auto* value = body.if_contains(name);
    return value && value->is_number() ? value->to_number<double>() : otherwise;
}

} // namespace

struct Server::Inside {
    Inside(asio::io_context& context, std::uint16_t port, std::uint64_t seed, Device& a_device, Ledger& a_ledger, Faults& some_faults)
        : io(context), acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), port)), device(a_device), ledger(a_ledger),
          faults(some_faults), traffic(context, seed, a_device), flood(context, seed + 1, a_device), burst(seed + 2) {}

    asio::io_context& io;
    tcp::acceptor acceptor;
    Device& device;
    Ledger& ledger;
    Faults& faults;
    Traffic traffic;
    Traffic flood;
    std::mt19937_64 burst;
};

namespace {

// One control connection: requests in turn until the other side closes. It keeps itself alive through its handlers.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(tcp::socket socket, Server& server) : socket_(std::move(socket)), server_(server) {}

    void read() {
        parser_.emplace();
        parser_->body_limit(control_body_bytes_max);
        http::async_read(socket_, buffer_, *parser_, [self = shared_from_this()](boost::system::error_code error, std::size_t) {
            if (!error) self->answer();
        });
    }

private:
    void answer() {
        const auto& request = parser_->get();
        const std::string_view target(request.target().data(), request.target().size());
        const std::string_view verb(request.method_string().data(), request.method_string().size());
        const Server::Answer answer = server_.handle(verb, target, request.body());
        response_ = {};
        response_.version(request.version());
        response_.result(answer.status);
        response_.set(http::field::content_type, "application/json");
        response_.keep_alive(request.keep_alive());
        response_.body() = json::serialize(answer.body);
        response_.prepare_payload();
        http::async_write(socket_, response_, [self = shared_from_this()](boost::system::error_code error, std::size_t) {
            if (!error && self->response_.keep_alive()) self->read();
        });
    }

    tcp::socket socket_;
    Server& server_;
    boost::beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    http::response<http::string_body> response_;
};

void accept(tcp::acceptor& acceptor, Server& server) {
    acceptor.async_accept([&acceptor, &server](boost::system::error_code error, tcp::socket socket) {
        if (!acceptor.is_open()) return;
        if (!error) std::make_shared<Connection>(std::move(socket), server)->read();
        accept(acceptor, server);
    });
}

} // namespace

Server::Server(asio::io_context& io, std::uint16_t port, std::uint64_t seed, Device& device, Ledger& ledger, Faults& faults)
    : inside_(std::make_unique<Inside>(io, port, seed, device, ledger, faults)) {
    accept(inside_->acceptor, *this);
}

Server::~Server() = default;

std::uint16_t Server::port() const { return inside_->acceptor.local_endpoint().port(); }

void Server::print_ready(const json::object& ports) const {
    const json::object ready{{"ready", true}, {"control", port()}, {"ports", ports}};
    std::printf("%s\n", json::serialize(ready).c_str());
    std::fflush(stdout);
}

Server::Answer Server::handle(std::string_view verb, std::string_view target, std::string_view text) try {
    Inside& in = *inside_;
    json::object body;
    if (!text.empty()) {
        boost::system::error_code error;
        json::value parsed = json::parse(json::string_view(text.data(), text.size()), error);
        if (error || !parsed.is_object()) throw Refused("the body is not a JSON object");
        body = std::move(parsed.get_object());
    }

    if (verb == "GET" && target == "/state") {
        json::object state = in.device.state();
        state["faults"] = in.faults.to_json();
        state["events_made"] = in.ledger.size();
        state["traffic_per_s"] = in.traffic.per_s();
        return {200, std::move(state)};
    }
    if (verb == "GET" && (target == "/ledger" || target.starts_with("/ledger?after="))) {
        std::size_t first = 0;
        if (const auto digits = target.substr(std::min(target.size(), std::string_view("/ledger?after=").size())); !digits.empty())
            std::from_chars(digits.data(), digits.data() + digits.size(), first);
        return {200, in.ledger.to_json(first)};
    }
    if (verb == "GET" && target == "/faults") {
        json::object known{{"flood", "events of its own choosing, per_s of them a second"}};
        for (const FaultName& fault : in.device.faults()) known[fault.name] = fault.meaning;
        return {200, std::move(known)};
    }
    if (verb == "POST" && target == "/event") return {200, to_json(in.device.event(body))};
    if (verb == "POST" && target == "/traffic") {
        const auto* count = body.if_contains("count");
        std::optional<std::uint64_t> left;
        if (count && count->is_number()) left = count->to_number<std::uint64_t>();
        in.traffic.run(number_or(body, "per_s", 0), left);
        return {200, json::object{{"per_s", in.traffic.per_s()}}};
    }
    if (verb == "POST" && target == "/burst") {
        json::array rows;
        for (double left = std::min(number_or(body, "count", 1), burst_events_max); left >= 1; --left)
            rows.push_back(to_json(in.device.random_event(in.burst)));
        return {200, std::move(rows)};
    }
    if (verb == "POST" && target == "/fault") {
        const auto* given = body.if_contains("name");
        if (!given || !given->is_string()) throw Refused("a fault needs its name");
        const std::string name(given->get_string());
        const auto known = in.device.faults();
        const bool is_known = std::any_of(known.begin(), known.end(), [&](const FaultName& fault) { return fault.name == name; });
        if (name == "flood")
            in.flood.run(number_or(body, "per_s", 1000), std::nullopt);
        else if (!is_known)
            throw Refused("this device knows no fault named " + name);
        in.faults.set(name, body);
        if (name != "flood" && in.device.fault_was_set(name, body)) in.faults.clear(name);
        return {200, in.faults.to_json()};
    }
    if (verb == "DELETE" && target.starts_with("/fault/")) {
        const std::string name(target.substr(7));
        if (name == "flood") in.flood.run(0, std::nullopt);
        in.faults.clear(name);
        in.device.fault_was_cleared(name);
        return {200, in.faults.to_json()};
    }
    if (verb == "POST" && target == "/clock") {
        const auto offset = std::chrono::microseconds(static_cast<std::int64_t>(number_or(body, "offset_s", 0) * 1e6));
        std::optional<double> drift;
        if (body.contains("drift_ppm")) drift = number_or(body, "drift_ppm", 0);
        in.device.set_clock(offset, drift);
        return {200, in.device.state()};
    }
    if (verb == "POST" && target == "/reboot") {
        in.device.reboot();
        return {200, in.device.state()};
    }
    if (verb == "POST" && target == "/shutdown") {
        // After the answer has left: a client that asks for the end wants to hear that it was heard.
        auto timer = std::make_shared<asio::steady_timer>(in.io, std::chrono::milliseconds(20));
        timer->async_wait([timer, &io = in.io](boost::system::error_code) { io.stop(); });
        return {200, json::object{{"stopping", true}}};
    }
    if (auto answer = in.device.request(verb, target, body)) return {200, std::move(*answer)};
    return {404, json::object{{"error", "no such route"}}};
} catch (const Refused& refused) {
    return {400, json::object{{"error", refused.what()}}};
} catch (const std::exception& wrong) {
    return {400, json::object{{"error", wrong.what()}}};
}

void serve(asio::io_context& io, Server& server, const json::object& ports) {
    asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([&io](boost::system::error_code error, int) {
        if (!error) io.stop();
    });
    server.print_ready(ports);
    io.run();
}

} // namespace gatehouse::simulators::control
