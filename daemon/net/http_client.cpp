// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/bytes.hpp"
#include "daemon/net/digest.hpp"
#include "daemon/net/http.hpp"
#include "daemon/net/inside/http_exchange.hpp"
#include "daemon/net/inside/places.hpp"

#include <array>
#include <limits>

namespace gatehouse::net {

namespace {

using inside::HttpConnection;

/// A kept connection that has been silent for longer is not trusted with a request that may act only once.
constexpr Duration trusted_idle_max = std::chrono::seconds(1);
constexpr Duration kept_idle_max = std::chrono::seconds(60);

bool may_be_sent_twice(const std::string& method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

/// What is known of the server's digest challenge, shared by all connections of a client.
class DigestSession {
public:
    explicit DigestSession(Entropy& entropy) : entropy_(entropy) {}

    bool is_known() const { return challenge_.has_value(); }

    std::string authorization(const Credentials& credentials, const HttpRequest& request) {
        if (!challenge_) return {};
        std::array<std::uint8_t, 8> chance{};
        entropy_.fill(chance);
        return digest_authorization(*challenge_, credentials, request.method, request.target, ++uses_, to_hex(chance));
    }

    /// Whether a 401 is worth one more try: `answered` says that it came upon an answer of ours. What was refused for its password is
    /// forgotten, so that the next request asks for a challenge instead of spending another of the few tries.
    bool is_worth_answering(const HttpResponse& refusal, bool answered) {
        auto offered = digest_challenge(refusal.headers);
        const bool is_another = offered && (!answered || offered->stale || !challenge_ || offered->nonce != challenge_->nonce);
        challenge_ = is_another ? std::move(offered) : std::nullopt;
        uses_ = 0;
        return is_another;
    }

    void forget() { challenge_.reset(); }

private:
    Entropy& entropy_;
    std::optional<DigestChallenge> challenge_;
    std::uint32_t uses_ = 0;
};

class StreamHttpClient final : public HttpClient {
public:
    StreamHttpClient(Network& network, Clock& clock, Entropy& entropy, Options options)
        : network_(network), clock_(clock), options_(std::move(options)), digest_(entropy) {
        const bool is_usual = options_.server.port == (options_.tls ? 443 : 80);
        const bool is_v6 = options_.server.host.find(':') != std::string::npos;
        host_ = !is_usual ? to_text(options_.server) : is_v6 ? "[" + options_.server.host + "]" : options_.server.host;
    }

    Task<Result<HttpResponse>> request(HttpRequest request) override {
        inside::Place place(places_);
        co_await place.until_first();
        const bool answered = options_.credentials && digest_.is_known();
        auto response = co_await send(request);
        if (!response || response->status != 401 || !options_.credentials) co_return response;
        if (!digest_.is_worth_answering(*response, answered)) co_return response;
        response = co_await send(request);
        if (response && response->status == 401) digest_.forget();
        co_return response;
    }

    Task<Result<std::unique_ptr<HttpBody>>> open(HttpRequest request) override {
        const bool answered = options_.credentials && digest_.is_known();
        auto body = co_await send_for_stream(request);
        if (!body || (*body)->head().status != 401 || !options_.credentials) co_return body;
        if (!digest_.is_worth_answering((*body)->head(), answered)) co_return body;
        body = co_await send_for_stream(request);
        if (body && (*body)->head().status == 401) digest_.forget();
        co_return body;
    }

private:
    std::string doing(const HttpRequest& request) const { return request.method + " " + request.target + " at " + host_; }

    inside::HttpBounds bounds() const { return inside::HttpBounds{options_.header_bytes_max, options_.body_bytes_max}; }

    Result<std::string> text_of(const HttpRequest& request) {
        return inside::request_text(request, host_, options_.credentials ? digest_.authorization(*options_.credentials, request) : std::string());
    }

    Task<Result<std::unique_ptr<HttpConnection>>> connect() {
        Endpoint to = options_.server;
        Binding binding = options_.binding;
        auto tls = options_.tls;
        auto stream = co_await network_.connect(std::move(to), std::move(binding), std::move(tls), options_.connect_limit);
        if (!stream) co_return std::move(stream).error();
        co_return std::make_unique<HttpConnection>(std::move(*stream));
    }

    /// The kept connection if it may carry this request, else none.
    std::unique_ptr<HttpConnection> take_kept(const HttpRequest& request) {
        auto kept = std::move(kept_);
        if (!kept) return nullptr;
        const Duration idle = clock_.steady_now() - kept->idle_since;
        return idle <= (may_be_sent_twice(request.method) ? kept_idle_max : trusted_idle_max) ? std::move(kept) : nullptr;
    }

    Task<Result<HttpResponse>> send(const HttpRequest& request) {
        auto text = text_of(request);
        if (!text) co_return std::move(text).error().during(doing(request));
        if (auto kept = take_kept(request)) {
            auto response = co_await send_on(*kept, request, *text);
            if (response) {
                keep(std::move(kept));
                co_return response;
            }
            const bool was_dead = !kept->heard_something && response.error().fault() == Fault::unreachable;
            if (!was_dead || !may_be_sent_twice(request.method)) co_return response;
        }
        auto connection = co_await connect();
        if (!connection) co_return std::move(connection).error();
        auto response = co_await send_on(**connection, request, *text);
        if (response) keep(std::move(*connection));
        co_return response;
    }

    Task<Result<HttpResponse>> send_on(HttpConnection& connection, const HttpRequest& request, const std::string& text) {
        auto work = inside::exchange(connection, text, request.method == "HEAD", bounds());
        auto response = co_await within<HttpResponse>(clock_, options_.answer_limit, doing(request), std::move(work));
        if (!response && response.error().fault() != Fault::timed_out) co_return std::move(response).error().during(doing(request));
        co_return response;
    }

    void keep(std::unique_ptr<HttpConnection> connection) {
        if (!connection->may_go_on) return;
        connection->idle_since = clock_.steady_now();
        kept_ = std::move(connection);
    }

    Task<Result<std::unique_ptr<HttpBody>>> send_for_stream(const HttpRequest& request) {
        auto text = text_of(request);
        if (!text) co_return std::move(text).error().during(doing(request));
        auto connection = co_await connect();
        if (!connection) co_return std::move(connection).error();
        // A stream has no end, so its bytes have no bound in sum; what waits in memory has.
        inside::HttpBounds endless = bounds();
        endless.body_bytes_max = std::numeric_limits<std::size_t>::max();
        auto work = inside::exchange_head(std::move(*connection), *text, endless);
        auto body = co_await within<std::unique_ptr<HttpBody>>(clock_, options_.answer_limit, doing(request), std::move(work));
        if (!body && body.error().fault() != Fault::timed_out) co_return std::move(body).error().during(doing(request));
        co_return body;
    }

    Network& network_;
    Clock& clock_;
    Options options_;
    std::string host_;
    DigestSession digest_;
    inside::Places places_;
    std::unique_ptr<HttpConnection> kept_;
};

} // namespace

std::unique_ptr<HttpClient> make_http_client(Network& network, Clock& clock, Entropy& entropy, HttpClient::Options options) {
    return std::make_unique<StreamHttpClient>(network, clock, entropy, std::move(options));
}

} // namespace gatehouse::net
