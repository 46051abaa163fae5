// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/fake_broker.hpp"

#include <algorithm>

namespace gatehouse::fakes {

class FakeBroker::Connection final : public net::MqttConnection {
public:
    Connection(FakeBroker& broker, Loop& loop) : number_(++broker.made_), broker_(&broker), loop_(loop) { broker.connections_.insert(this); }
    ~Connection() override {
        if (broker_ == nullptr) return;
        if (connected_ && options_.will && !over_) broker_->keep(options_.client_id, *options_.will, true);
        end(Error(Fault::gone, "dropped"));
        broker_->connections_.erase(this);
    }

    Task<Result<net::MqttConnected>> connect(net::MqttOptions asked) override {
        ++broker_->connects;
        broker_->options.push_back(asked);
        options_ = std::move(asked);
        if (!broker_->answers_connect) {
            Event never;
            co_await never.wait();
        }
        if (!broker_->is_reachable) co_return Error(Fault::unreachable, "no broker there");
        // Taken over: who has the same id is thrown out.
        const auto others = broker_->connections_;
        for (auto* other : others)
            if (other != this && other->connected_ && !other->over_ && other->options_.client_id == options_.client_id) other->lose();
        connected_ = true;
        net::MqttConnected connected;
        connected.receive_max = std::min<std::uint16_t>(16, broker_->receive_max);
        connected.packet_bytes_max = broker_->packet_bytes_max;
        connected.keeps_retained = broker_->keeps_retained;
        co_return connected;
    }

    void publish(net::MqttMessage message, std::function<void(Result<net::MqttAcknowledged>)> acked) override {
        if (over_ || broker_ == nullptr) {
            loop_.post([acked = std::move(acked)] { acked(Error(Fault::gone, "over")); });
            return;
        }
        broker_->take(*this, std::move(message), std::move(acked));
    }

    Task<Done> subscribe(std::vector<std::string> filters) override {
        for (auto& filter : filters) {
            filters_.insert(filter);
            if (const auto kept = broker_->retained.find(filter); kept != broker_->retained.end()) arrive(kept->second);
        }
        co_return Done();
    }

    void on_message(std::function<void(net::MqttMessage)> handler) override { handler_ = std::move(handler); }

    Task<Error> until_lost() override {
        auto ended = ended_;
        co_await ended->wait();
        co_return why_ ? *why_ : Error(Fault::gone, "dropped");
    }

    Task<void> disconnect(bool with_will) override {
        if (connected_ && !over_ && with_will && options_.will) broker_->keep(options_.client_id, *options_.will, true);
        end(Error(Fault::gone, "disconnected"));
        co_return;
    }

    void lose() {
        if (over_) return;
        if (connected_ && options_.will) broker_->keep(options_.client_id, *options_.will, true);
        end(Error(Fault::unreachable, "the broker closed the connection"));
    }

    void arrive(net::MqttMessage message) {
        loop_.post([handler = handler_, alive = std::weak_ptr<Event>(ended_), message = std::move(message)]() mutable {
            if (!alive.expired() && handler) handler(std::move(message));
        });
    }

    void end(Error why) {
        if (over_) return;
        over_ = true;
        why_.emplace(std::move(why));
        std::erase_if(broker_->pending, [&](const Pending& one) {
            if (one.connection != this) return false;
            loop_.post([acked = one.acked] { acked(Error(Fault::gone, "over")); });
            --broker_->open_;
            return true;
        });
        ended_->set();
    }

    const std::uint64_t number_;
    FakeBroker* broker_;
    Loop& loop_;
    net::MqttOptions options_;
    bool connected_ = false, over_ = false;
    std::optional<Error> why_;
    std::shared_ptr<Event> ended_ = std::make_shared<Event>();
    std::set<std::string> filters_;
    std::function<void(net::MqttMessage)> handler_;
};

bool FakeBroker::Older::operator()(const Connection* one, const Connection* other) const { return one->number_ < other->number_; }

FakeBroker::~FakeBroker() {
    for (auto* connection : connections_) connection->broker_ = nullptr;
}

std::unique_ptr<net::MqttConnection> FakeBroker::make_connection() { return std::make_unique<Connection>(*this, loop_); }

void FakeBroker::keep(const std::string& client_id, const net::MqttMessage& message, bool is_will) {
    if (message.retain) retained[message.topic] = message;
    published.push_back({client_id, message, is_will});
    if (heard) heard(published.back());
    auto copy = message;
    copy.retain = false;
    for (auto* connection : connections_)
        if (connection->connected_ && !connection->over_ && connection->filters_.contains(copy.topic)) connection->arrive(copy);
}

void FakeBroker::take(Connection& from, net::MqttMessage message, std::function<void(Result<net::MqttAcknowledged>)> acked) {
    ++open_;
    open_most = std::max(open_most, open_);
    const int with = reason ? reason(message) : 0;
    Pending waiting{next_++, from.options_.client_id, message.topic, message.payload.size(), std::move(acked), &from};
    if (with < 0x80) keep(from.options_.client_id, message, false);
    if (acks == Acks::on_command) {
        pending.push_back(std::move(waiting));
        return;
    }
    loop_.post([this, waiting, with, twice = acks == Acks::doubled] {
        --open_;
        net::MqttAcknowledged answer;
        answer.reason = with;
        waiting.acked(answer);
        if (twice) waiting.acked(answer);
    });
}

void FakeBroker::acknowledge(std::size_t count, int with_reason) {
    while (count-- > 0 && !pending.empty()) acknowledge_number(pending.front().number, with_reason);
}

void FakeBroker::acknowledge_number(std::uint64_t number, int with_reason) {
    const auto found = std::find_if(pending.begin(), pending.end(), [&](const Pending& one) { return one.number == number; });
    if (found == pending.end()) return;
    auto waiting = std::move(*found);
    pending.erase(found);
    --open_;
    loop_.post([acked = waiting.acked, with_reason] {
        net::MqttAcknowledged answer;
        answer.reason = with_reason;
        acked(answer);
    });
}

void FakeBroker::deliver(net::MqttMessage message) {
    for (auto* connection : connections_)
        if (connection->connected_ && !connection->over_ && connection->filters_.contains(message.topic)) connection->arrive(message);
}

void FakeBroker::deliver(std::string topic, std::string payload) {
    net::MqttMessage message;
    message.topic = std::move(topic);
    message.payload = std::move(payload);
    deliver(std::move(message));
}

void FakeBroker::drop_all() {
    const auto all_of_them = connections_;
    for (auto* connection : all_of_them) connection->lose();
}

bool FakeBroker::is_connected(const std::string& client_id) const {
    return std::any_of(connections_.begin(), connections_.end(),
                       [&](const Connection* one) { return one->connected_ && !one->over_ && one->options_.client_id == client_id; });
}

std::vector<std::string> FakeBroker::payloads_on(const std::string& topic) const {
    std::vector<std::string> found;
    for (const auto& one : published)
        if (one.message.topic == topic) found.push_back(one.message.payload);
    return found;
}

} // namespace gatehouse::fakes
