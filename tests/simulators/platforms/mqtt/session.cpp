// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/session.hpp"

#include <boost/asio/post.hpp>
#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace gatehouse::simulators::platform {

namespace {

constexpr int keepalive_s = 20;
constexpr auto retry_pause = std::chrono::milliseconds(200);

struct Properties {
    mosquitto_property* list = nullptr;
    ~Properties() { mosquitto_property_free_all(&list); }
};

std::string text_property(const mosquitto_property* properties, int identifier) {
    char* value = nullptr;
    if (mosquitto_property_read_string(properties, identifier, &value, false) == nullptr || value == nullptr) return {};
    std::string text(value);
    std::free(value);
    return text;
}

std::string binary_property(const mosquitto_property* properties, int identifier) {
    void* value = nullptr;
    std::uint16_t bytes = 0;
    if (mosquitto_property_read_binary(properties, identifier, &value, &bytes, false) == nullptr || value == nullptr) return {};
    std::string text(static_cast<const char*>(value), bytes);
    std::free(value);
    return text;
}

std::map<std::string, std::string> user_properties(const mosquitto_property* properties) {
    std::map<std::string, std::string> found;
    char* name = nullptr;
    char* value = nullptr;
    const auto* at = mosquitto_property_read_string_pair(properties, MQTT_PROP_USER_PROPERTY, &name, &value, false);
    while (at != nullptr) {
        found[name] = value;
        std::free(name);
        std::free(value);
        name = value = nullptr;
        at = mosquitto_property_read_string_pair(at, MQTT_PROP_USER_PROPERTY, &name, &value, true);
    }
    return found;
}

} // namespace

struct Session::Inside {
    Inside(boost::asio::io_context& context, Settings the_settings, Arrived on_message, Connected on_connection)
        : io(context), settings(std::move(the_settings)), arrived(std::move(on_message)), connected(std::move(on_connection)) {}

    boost::asio::io_context& io;
    Settings settings;
    Arrived arrived;
    Connected connected;
    mosquitto* client = nullptr;
    std::atomic<bool> over{false};
    std::thread thread;

    void tell(bool is_connected) {
        boost::asio::post(io, [this, is_connected] { connected(is_connected); });
    }

    static void on_connect(mosquitto* client, void* self, int code, int, const mosquitto_property*) {
        auto& in = *static_cast<Inside*>(self);
        if (code != 0) {
            std::fprintf(stderr, "sim-platform: the broker refuses us: %d\n", code);
            return;
        }
        for (const auto& topic : in.settings.topics) mosquitto_subscribe_v5(client, nullptr, topic.c_str(), 1, 0, nullptr);
    }
    static void on_subscribe(mosquitto*, void* self, int, int, const int*, const mosquitto_property*) { static_cast<Inside*>(self)->tell(true); }
    static void on_disconnect(mosquitto*, void* self, int, const mosquitto_property*) { static_cast<Inside*>(self)->tell(false); }
    static void on_message(mosquitto*, void* self, const mosquitto_message* message, const mosquitto_property* properties) {
        auto& in = *static_cast<Inside*>(self);
        Message got;
        got.topic = message->topic;
        got.payload.assign(static_cast<const char*>(message->payload), static_cast<std::size_t>(message->payloadlen));
        got.content_type = text_property(properties, MQTT_PROP_CONTENT_TYPE);
        got.correlation = binary_property(properties, MQTT_PROP_CORRELATION_DATA);
        got.user = user_properties(properties);
        boost::asio::post(in.io, [&in, got = std::move(got)]() mutable { in.arrived(std::move(got)); });
    }

    void run() {
        Properties properties;
        if (settings.is_version_5 && settings.session_expiry_s > 0)
            mosquitto_property_add_int32(&properties.list, MQTT_PROP_SESSION_EXPIRY_INTERVAL, settings.session_expiry_s);
        int code = mosquitto_connect_bind_v5(client, settings.host.c_str(), settings.port, keepalive_s, nullptr, properties.list);
        while (code != MOSQ_ERR_SUCCESS && !over) {
            std::this_thread::sleep_for(retry_pause);
            code = mosquitto_reconnect(client);
        }
        while (!over) {
            mosquitto_loop_forever(client, 100, 1);
            if (!over) std::this_thread::sleep_for(retry_pause);
        }
    }
};

Session::Session(boost::asio::io_context& io, Settings settings, Arrived arrived, Connected connected)
    : inside_(std::make_unique<Inside>(io, std::move(settings), std::move(arrived), std::move(connected))) {
    auto& in = *inside_;
    mosquitto_lib_init();
    const bool starts_clean = in.settings.session_expiry_s == 0;
    in.client = mosquitto_new(in.settings.client_id.empty() ? nullptr : in.settings.client_id.c_str(), starts_clean, &in);
    if (in.client == nullptr) throw std::runtime_error("libmosquitto gives no client");
    mosquitto_threaded_set(in.client, true);
    mosquitto_int_option(in.client, MOSQ_OPT_PROTOCOL_VERSION, in.settings.is_version_5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
    mosquitto_int_option(in.client, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_reconnect_delay_set(in.client, 1, 1, false);
    if (!in.settings.user.empty()) mosquitto_username_pw_set(in.client, in.settings.user.c_str(), in.settings.password.c_str());
    const auto given = [](const std::string& path) { return path.empty() ? nullptr : path.c_str(); };
    if (!in.settings.ca.empty() && mosquitto_tls_set(in.client, in.settings.ca.c_str(), nullptr, given(in.settings.certificate),
                                                     given(in.settings.key), nullptr) != MOSQ_ERR_SUCCESS)
        throw std::runtime_error("TLS files can't be used");
    mosquitto_connect_v5_callback_set(in.client, &Inside::on_connect);
    mosquitto_subscribe_v5_callback_set(in.client, &Inside::on_subscribe);
    mosquitto_disconnect_v5_callback_set(in.client, &Inside::on_disconnect);
    mosquitto_message_v5_callback_set(in.client, &Inside::on_message);
    in.thread = std::thread([&in] { in.run(); });
}

Session::~Session() {
    auto& in = *inside_;
    in.over = true;
    mosquitto_disconnect(in.client);
    in.thread.join();
    mosquitto_destroy(in.client);
    mosquitto_lib_cleanup();
}

void Session::publish(const Outgoing& message) {
    Properties properties;
    if (inside_->settings.is_version_5) {
        mosquitto_property_add_string(&properties.list, MQTT_PROP_CONTENT_TYPE, "application/json");
        if (!message.response_topic.empty())
            mosquitto_property_add_string(&properties.list, MQTT_PROP_RESPONSE_TOPIC, message.response_topic.c_str());
        if (!message.correlation.empty())
            mosquitto_property_add_binary(&properties.list, MQTT_PROP_CORRELATION_DATA, message.correlation.data(),
                                          static_cast<std::uint16_t>(message.correlation.size()));
    }
    mosquitto_publish_v5(inside_->client, nullptr, message.topic.c_str(), static_cast<int>(message.payload.size()), message.payload.data(), 1, false,
                         properties.list);
}

} // namespace gatehouse::simulators::platform
