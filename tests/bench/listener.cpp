// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/listener.hpp"

#include "tests/bench/log_folder.hpp"

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace gatehouse::bench {

struct Listener::Inside {
    mosquitto* client = nullptr;
    std::string topic;
    mutable std::mutex mutex;
    mutable std::condition_variable changed;
    std::vector<Arrived> arrived;
    bool is_subscribed = false;

    static void on_connect(mosquitto* client, void* self, int, int, const mosquitto_property*) {
        mosquitto_subscribe_v5(client, nullptr, static_cast<Inside*>(self)->topic.c_str(), 1, 0, nullptr);
    }
    static void on_subscribe(mosquitto*, void* self, int, int, const int*, const mosquitto_property*) {
        auto& inside = *static_cast<Inside*>(self);
        const std::lock_guard lock(inside.mutex);
        inside.is_subscribed = true;
        inside.changed.notify_all();
    }
    static void on_message(mosquitto*, void* self, const mosquitto_message* message, const mosquitto_property*) {
        auto& inside = *static_cast<Inside*>(self);
        const double now = unix_now();
        const std::lock_guard lock(inside.mutex);
        inside.arrived.push_back({now, std::string(static_cast<const char*>(message->payload), static_cast<std::size_t>(message->payloadlen))});
        inside.changed.notify_all();
    }
    template <class Is>
    void wait(Is is_so, double within_s, const char* what) const {
        std::unique_lock lock(mutex);
        if (!changed.wait_for(lock, std::chrono::duration<double>(within_s), is_so))
            throw std::runtime_error(std::string("waited in vain for ") + what);
    }
};

double unix_now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

Listener::Listener(std::uint16_t port, const std::string& topic) : inside_(std::make_unique<Inside>()) {
    mosquitto_lib_init();
    auto& inside = *inside_;
    inside.topic = topic;
    inside.client = mosquitto_new(nullptr, true, &inside);
    mosquitto_int_option(inside.client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(inside.client, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_connect_v5_callback_set(inside.client, &Inside::on_connect);
    mosquitto_subscribe_v5_callback_set(inside.client, &Inside::on_subscribe);
    mosquitto_message_v5_callback_set(inside.client, &Inside::on_message);
    if (mosquitto_connect(inside.client, "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS) throw std::runtime_error("no broker to listen at");
    mosquitto_loop_start(inside.client);
    inside.wait([&inside] { return inside.is_subscribed; }, 10, "a subscription");
}

Listener::~Listener() {
    mosquitto_disconnect(inside_->client);
    mosquitto_loop_stop(inside_->client, true);
    mosquitto_destroy(inside_->client);
    mosquitto_lib_cleanup();
}

std::size_t Listener::count() const {
    const std::lock_guard lock(inside_->mutex);
    return inside_->arrived.size();
}

std::vector<Arrived> Listener::arrived() const {
    const std::lock_guard lock(inside_->mutex);
    return inside_->arrived;
}

void Listener::wait_for(std::size_t count, double within_s) const {
    const auto& inside = *inside_;
    inside.wait([&inside, count] { return inside.arrived.size() >= count; }, within_s, "messages at the subscriber");
}

void Listener::publish(const std::string& topic, std::string_view payload) {
    if (mosquitto_publish(inside_->client, nullptr, topic.c_str(), static_cast<int>(payload.size()), payload.data(), 1, false) != MOSQ_ERR_SUCCESS)
        throw std::runtime_error("the yardstick cannot publish");
}

} // namespace gatehouse::bench
