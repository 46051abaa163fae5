// SPDX-License-Identifier: Apache-2.0
#include "sync/mqtt/link.hpp"

#include "daemon/base/log.hpp"

#include <algorithm>

namespace gatehouse::sync::mqtt {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t control_max = 64;
constexpr std::size_t again_max = 4;
constexpr std::size_t worthwhile_batch_bytes = 16 * 1024;
constexpr auto look_every = 1s;
constexpr auto farewell_max = 3s;

std::size_t bytes_of(const net::MqttMessage& message) {
    std::size_t bytes =
        message.topic.size() + message.payload.size() + message.content_type.size() + message.response_topic.size() + message.correlation_data.size();
    for (const auto& [name, value] : message.user_properties) bytes += name.size() + value.size();
    return bytes;
}

Task<void> keep_error(net::MqttConnection& connection, std::optional<Error>& into) { into.emplace(co_await connection.until_lost()); }

} // namespace

Link::Link(Shared shared, std::string client_id, std::vector<Carried> carried, Hooks hooks)
    : shared_(shared), client_id_(std::move(client_id)), carried_(std::move(carried)), hooks_(std::move(hooks)),
      backoff_({.delay_min = shared.settings.reconnect_min, .delay_max = shared.settings.reconnect_max, .calms_after = 60s}, shared.around.entropy) {}

Link::~Link() = default;

Task<void> Link::run() {
    auto& clock = shared_.around.clock;
    for (;;) {
        if (hooks_.until_allowed) co_await hooks_.until_allowed();
        const auto begun = clock.steady_now();
        const auto why = co_await one_session();
        const auto lasted = clock.steady_now() - begun;
        fault_ = why.what();
        is_refused_ = why.fault() == Fault::refused;
        log::info("mqtt", "no connection", {{"upstream", shared_.settings.name}, {"client", client_id_}, {"fault", fault_}});
        const auto wait = backoff_.after(lasted);
        co_await clock.sleep_for(wait);
    }
}

Task<Error> Link::one_session() {
    const auto& settings = shared_.settings;
    net::MqttOptions options;
    options.broker = settings.broker;
    options.binding = settings.binding;
    options.tls = settings.tls;
    options.client_id = client_id_;
    options.username = settings.username;
    options.password = settings.password;
    options.version = settings.mqtt;
    options.session_expiry_s = settings.session_expiry_s;
    options.keep_alive_s = settings.keep_alive_s;
    options.connect_limit = settings.connect_limit;
    if (hooks_.will) options.will = hooks_.will();

    struct Over {
        Link& link;
        ~Over() {
            link.online_ = false;
            ++link.session_; // acknowledgements of this one find nobody
            link.since_ = link.shared_.around.clock.now();
            link.connection_.reset();
            link.window_.reset();
            link.control_.clear();
            link.again_.clear();
            link.parts_.clear();
            link.open_.clear();
            link.again_room_.set();
            for (const auto& carried : link.carried_) carried.feed->offline();
        }
    } over{*this};

    connection_ = shared_.around.client.make_connection();
    if (hooks_.arrived) connection_->on_message(hooks_.arrived);
    leave_.reset();
    last_words_.reset();
    const auto connected = co_await connection_->connect(std::move(options));
    if (!connected) co_return connected.error();
    ++session_;
    window_.emplace(connected->receive_max);
    packet_bytes_max_ = connected->packet_bytes_max;
    keeps_retained_ = connected->keeps_retained;
    if (hooks_.greet) {
        const auto greeted = co_await hooks_.greet(*connection_);
        if (!greeted) {
            // Nothing was said yet, so the Last Will has nothing to take back.
            auto farewell = connection_->disconnect(false);
            co_await finish_within(shared_.around.clock, farewell_max, std::move(farewell));
            co_return greeted.error();
        }
    }
    online_ = true;
    since_ = shared_.around.clock.now();
    fault_.clear();
    is_refused_ = false;
    log::info("mqtt", "connected", {{"upstream", settings.name}, {"client", client_id_}});
    for (const auto& carried : carried_) carried.feed->online(packet_bytes_max_);
    pump();

    std::optional<Error> why;
    auto lost = keep_error(*connection_, why);
    auto watched = watch();
    const auto ended = co_await first_of(std::move(lost), std::move(watched));
    online_ = false;
    if (ended == 1) {
        const bool leaving = leave_.is_set();
        if (leaving && last_words_) {
            Event said;
            connection_->publish(std::move(*last_words_), [&said](Result<net::MqttAcknowledged>) { said.set(); });
            auto waited = said.wait();
            co_await finish_within(shared_.around.clock, farewell_max, std::move(waited));
        }
        // Not answering: the connection is broken, so that the Last Will is sent and nothing is repeated within the session.
        auto farewell = connection_->disconnect(!leaving);
        co_await finish_within(shared_.around.clock, farewell_max, std::move(farewell));
        if (!why) why.emplace(leaving ? Fault::gone : Fault::timed_out, leaving ? "left" : "the broker takes messages and does not acknowledge them");
    }
    co_return std::move(*why);
}

// Ends when the broker has not acknowledged for ack_wait, or when we leave.
Task<void> Link::watch() {
    auto& clock = shared_.around.clock;
    for (;;) {
        auto left = leave_.wait();
        if (co_await finish_within(clock, look_every, std::move(left))) co_return;
        const auto now = clock.steady_now();
        for (const auto& carried : carried_) {
            carried.feed->go_back_if_due();
            carried.feed->close_digest_if_due();
            if (const auto oldest = carried.feed->oldest_open(); oldest && now - *oldest >= shared_.settings.ack_wait) co_return;
        }
        for (const auto& [number, at] : open_)
            if (now - at >= shared_.settings.ack_wait) co_return;
        pump();
    }
}

void Link::leave(std::optional<net::MqttMessage> last) {
    last_words_ = std::move(last);
    leave_.set();
}

bool Link::say(net::MqttMessage message) {
    if (!online_ || control_.size() >= control_max) return false;
    Waiting waiting;
    waiting.bytes = bytes_of(message);
    waiting.message = std::move(message);
    control_.push_back(std::move(waiting));
    pump();
    return true;
}

Task<void> Link::publish_again(std::string topic, Outgoing out) {
    const auto session = session_;
    for (auto& payload : out.payloads) {
        while (online_ && session == session_ && again_.size() >= again_max) {
            again_room_.reset();
            co_await again_room_.wait();
        }
        if (!online_ || session != session_) co_return;
        Waiting waiting;
        waiting.message = message_of(topic, std::move(payload));
        waiting.bytes = bytes_of(waiting.message);
        again_.push_back(std::move(waiting));
        pump();
    }
}

net::MqttMessage Link::message_of(const std::string& topic, Payload payload) {
    net::MqttMessage message;
    message.topic = topic;
    message.payload = std::move(payload.bytes);
    message.content_type = std::move(payload.content_type);
    message.user_properties = std::move(payload.user_properties);
    return message;
}

// Sends what the window lets through. Acknowledgements may come from within publish() in a simulation: one loop at a time.
void Link::pump() {
    if (pumping_ || !online_) return;
    pumping_ = true;
    while (online_ && pump_one()) {
    }
    pumping_ = false;
}

bool Link::pump_one() {
    const auto now = shared_.around.clock.steady_now();
    if (!control_.empty() && window_->room(true, now) > 0) {
        auto waiting = std::move(control_.front());
        control_.pop_front();
        send(std::move(waiting.message), waiting.bytes, true, {});
        return true;
    }
    if (!parts_.empty()) {
        if (window_->room(parts_.front().urgent, now) == 0) return false;
        auto part = std::move(parts_.front());
        parts_.pop_front();
        send(std::move(part.waiting.message), part.waiting.bytes, part.urgent, std::move(part.acknowledged));
        return true;
    }
    for (const auto& carried : carried_) {
        if (!carried.urgent || !carried.feed->is_ready(now)) continue;
        if (const auto room = window_->room(true, now); room > 0)
            if (const auto before = window_->open(); send_lane(carried, room), window_->open() != before) return true;
    }
    if (!again_.empty()) {
        if (const auto room = window_->room(false, now); room >= again_.front().bytes) {
            auto waiting = std::move(again_.front());
            again_.pop_front();
            again_room_.set();
            send(std::move(waiting.message), waiting.bytes, false, {});
            return true;
        }
        return false;
    }
    for (const auto& carried : carried_) {
        if (carried.urgent || !carried.feed->is_ready(now)) continue;
        const auto room = window_->room(false, now);
        if (room < std::min(carried.feed->ready_bytes() + 2, worthwhile_batch_bytes)) continue;
        if (const auto before = window_->open(); send_lane(carried, room), window_->open() != before) return true;
    }
    return false;
}

void Link::send_lane(const Carried& carried, std::size_t room) {
    auto next = carried.feed->next(room);
    if (!next) return;
    auto& [id, out] = *next;
    for (auto& payload : out.payloads) {
        Part part;
        part.waiting.message = message_of(carried.topic, std::move(payload));
        part.waiting.bytes = bytes_of(part.waiting.message);
        part.urgent = carried.urgent;
        part.acknowledged = [feed = carried.feed, message_id = id](int reason) {
            if (reason < 0x80)
                feed->acknowledged(message_id);
            else
                feed->rejected(message_id, reason);
        };
        parts_.push_back(std::move(part));
    }
    // The first goes on what the window has room for; a record's further pictures wait for theirs.
    auto first = std::move(parts_.front());
    parts_.pop_front();
    send(std::move(first.waiting.message), first.waiting.bytes, first.urgent, std::move(first.acknowledged));
}

void Link::send(net::MqttMessage message, std::size_t bytes, bool urgent, std::function<void(int reason)> acknowledged) {
    window_->sent(bytes, urgent);
    const auto number = acknowledged ? 0 : next_open_++;
    if (number != 0) open_.emplace(number, shared_.around.clock.steady_now());
    const auto lane_message = static_cast<bool>(acknowledged);
    connection_->publish(std::move(message), [this, alive = std::weak_ptr<int>(alive_), session = session_, bytes, urgent, number, lane_message,
                                              acknowledged = std::move(acknowledged), heard = false](Result<net::MqttAcknowledged> ack) mutable {
        // An acknowledgement of a session that is over moves nothing: its messages are read and sent again. A doubled one counts once.
        if (alive.expired() || session != session_ || !window_ || !ack || std::exchange(heard, true)) return;
        window_->acknowledged(bytes, urgent, shared_.around.clock.steady_now());
        if (number != 0) open_.erase(number);
        if (ack->reason >= 0x80) {
            fault_ = "the broker refuses a message (reason " + std::to_string(ack->reason) + ")";
            log::warning("mqtt", fault_, {{"upstream", shared_.settings.name}});
        } else if (lane_message) {
            fault_.clear();
        }
        if (acknowledged) acknowledged(ack->reason);
        pump();
    });
}

} // namespace gatehouse::sync::mqtt
