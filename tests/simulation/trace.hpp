// SPDX-License-Identifier: Apache-2.0
//
// What happened, as one hash: whoever sees bytes pass adds them with the simulated time. And a network that adds all that passes it.
#pragma once

#include "daemon/base/clock.hpp"
#include "daemon/base/sha256.hpp"
#include "daemon/net/network.hpp"

#include <map>
#include <string>

namespace gatehouse::simulation {

class Trace {
public:
    enum class Keep { lines, hash }; ///< a day's lines are many
    explicit Trace(Clock& clock, Keep keep = Keep::lines) : clock_(clock), keep_(keep) {}
    void add(const std::string& what, ByteView bytes) {
        const auto head =
            what + " at " + std::to_string(clock_.steady_now().time_since_epoch().count()) + " us, " + std::to_string(bytes.size()) + " bytes ";
        hash_.add(head).add(bytes);
        if (keep_ == Keep::hash) return;
        lines_.push_back(head + to_hex(ByteView(sha256(bytes)).first(8)));
        ++counts_[what.substr(0, what.find(' '))];
    }
    void add(const std::string& what, std::string_view text) { add(what, as_bytes(text)); }
    /// How often anything with this first word was added.
    std::size_t count(const std::string& what) const {
        const auto found = counts_.find(what);
        return found == counts_.end() ? 0 : found->second;
    }
    /// To say where two traces part.
    const std::vector<std::string>& lines() const { return lines_; }
    /// Once.
    std::string finish() { return to_hex(hash_.finish()); }

private:
    Clock& clock_;
    Keep keep_;
    Sha256 hash_;
    std::vector<std::string> lines_;
    std::map<std::string, std::size_t> counts_;
};

/// Another network, with all bytes in the trace. Both outlive it and what it opens.
class TracedNetwork final : public net::Network {
public:
    TracedNetwork(net::Network& network, Trace& trace) : network_(network), trace_(trace) {}

    Task<Result<std::unique_ptr<net::Stream>>> connect(net::Endpoint to, net::Binding binding, std::optional<net::TlsOptions> tls,
                                                       Duration limit) override {
        trace_.add("connect", net::to_text(to));
        auto opened = co_await network_.connect(std::move(to), std::move(binding), std::move(tls), limit);
        if (!opened) co_return std::move(opened).error();
        std::unique_ptr<net::Stream> stream = std::make_unique<Stream>(std::move(*opened), trace_);
        co_return std::move(stream);
    }
    Result<std::unique_ptr<net::DatagramSocket>> open_datagrams(net::Endpoint bind_to, net::Binding binding) override {
        auto opened = network_.open_datagrams(std::move(bind_to), std::move(binding));
        if (!opened) return std::move(opened).error();
        return std::unique_ptr<net::DatagramSocket>(std::make_unique<Datagrams>(std::move(*opened), trace_));
    }

private:
    class Stream final : public net::Stream {
    public:
        Stream(std::unique_ptr<net::Stream> stream, Trace& trace) : stream_(std::move(stream)), trace_(trace) {}
        Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) override {
            auto read = co_await stream_->read_some(into);
            if (read) trace_.add("read " + net::to_text(stream_->remote()), into.first(*read));
            co_return read;
        }
        Task<Done> write(ByteView bytes) override {
            trace_.add("written " + net::to_text(stream_->remote()), bytes);
            co_return co_await stream_->write(bytes);
        }
        void close() override { stream_->close(); }
        net::Endpoint remote() const override { return stream_->remote(); }
        std::string peer_sha256() const override { return stream_->peer_sha256(); }

    private:
        std::unique_ptr<net::Stream> stream_;
        Trace& trace_;
    };
    class Datagrams final : public net::DatagramSocket {
    public:
        Datagrams(std::unique_ptr<net::DatagramSocket> socket, Trace& trace) : socket_(std::move(socket)), trace_(trace) {}
        Task<Result<net::Datagram>> receive() override {
            auto datagram = co_await socket_->receive();
            if (datagram) trace_.add("received " + net::to_text(datagram->from), datagram->bytes);
            co_return datagram;
        }
        Task<Done> send(net::Endpoint to, Bytes bytes) override {
            trace_.add("sent " + net::to_text(to), bytes);
            co_return co_await socket_->send(std::move(to), std::move(bytes));
        }
        net::Endpoint local() const override { return socket_->local(); }
        void close() override { socket_->close(); }

    private:
        std::unique_ptr<net::DatagramSocket> socket_;
        Trace& trace_;
    };
    net::Network& network_;
    Trace& trace_;
};

} // namespace gatehouse::simulation
