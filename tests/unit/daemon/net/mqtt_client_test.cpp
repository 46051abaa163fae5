// SPDX-License-Identifier: Apache-2.0
//
// The MQTT client against a real mosquitto on loopback.
#include "daemon/net/mqtt_client.hpp"

#include "tests/harness/broker.hpp"
#include "tests/unit/daemon/net/on_loop.hpp"

#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::net;
using namespace std::chrono_literals;
using harness::Broker;
using harness::BrokerOptions;
using harness::Certificates;
using harness::TempDir;

namespace {

struct World {
    OnLoop on;
    std::unique_ptr<MqttClient> client = make_paho_client(on.loop, on.clock, *on.network);
    ~World() {
        // What was dropped says goodbye at its next turns.
        for (int i = 0; i < 20; ++i) on.loop.poll();
    }
};

MqttOptions options_for(std::uint16_t port, std::string id) {
    MqttOptions options;
    options.broker = Endpoint{"127.0.0.1", port};
    options.client_id = std::move(id);
    return options;
}

MqttMessage message_of(std::string topic, std::string payload) {
    MqttMessage message;
    message.topic = std::move(topic);
    message.payload = std::move(payload);
    return message;
}

struct Got {
    std::vector<MqttMessage> messages;
    Event changed;
    std::function<void(MqttMessage)> handler() {
        return [this](MqttMessage message) {
            messages.push_back(std::move(message));
            changed.set();
        };
    }
    Task<bool> until(Clock& clock, std::size_t count, Duration limit = 10s) {
        auto work = wait_for(count);
        co_return co_await finish_within(clock, limit, std::move(work));
    }

private:
    Task<void> wait_for(std::size_t count) {
        while (messages.size() < count) {
            changed.reset();
            co_await changed.wait();
        }
    }
};

struct Acks {
    std::vector<Result<MqttAcknowledged>> all;
    Event changed;
    std::function<void(Result<MqttAcknowledged>)> handler() {
        return [this](Result<MqttAcknowledged> ack) {
            all.push_back(std::move(ack));
            changed.set();
        };
    }
    Task<bool> until(Clock& clock, std::size_t count, Duration limit = 10s) {
        auto work = wait_for(count);
        co_return co_await finish_within(clock, limit, std::move(work));
    }

private:
    Task<void> wait_for(std::size_t count) {
        while (all.size() < count) {
            changed.reset();
            co_await changed.wait();
        }
    }
};

Task<bool> goes_there_and_back(World& world, std::uint16_t port, MqttVersion version) {
    auto listener = world.client->make_connection();
    Got got;
    listener->on_message(got.handler());
    auto listening = options_for(port, "listener");
    listening.version = version;
    const auto heard = co_await listener->connect(listening);
    REQUIRE(heard.has_value());
    CHECK(heard->receive_max == 16);
    std::vector<std::string> filters{"up/#", "other"};
    const auto subscribed = co_await listener->subscribe(std::move(filters));
    REQUIRE(subscribed.has_value());

    auto speaker = world.client->make_connection();
    auto speaking = options_for(port, "speaker");
    speaking.version = version;
    const auto spoken = co_await speaker->connect(speaking);
    REQUIRE(spoken.has_value());
    auto message = message_of("up/records", std::string("a\0b", 3));
    message.content_type = "application/json";
    message.response_topic = "down/answers";
    message.correlation_data = std::string("\0\1\2", 3);
    message.user_properties = {{"sha256", "ab"}, {"role", "plate"}};
    message.expiry_s = 60;
    Acks acks;
    speaker->publish(std::move(message), acks.handler());
    CHECK(co_await acks.until(world.on.clock, 1));
    REQUIRE(acks.all.at(0).has_value());
    CHECK(acks.all.at(0)->reason == 0);
    CHECK(co_await got.until(world.on.clock, 1));
    const auto& arrived = got.messages.at(0);
    CHECK(arrived.topic == "up/records");
    CHECK(arrived.payload == std::string("a\0b", 3));
    if (version == MqttVersion::v5) {
        CHECK(arrived.content_type == "application/json");
        CHECK(arrived.response_topic == "down/answers");
        CHECK(arrived.correlation_data == std::string("\0\1\2", 3));
        REQUIRE(arrived.user_properties.size() == 2);
        CHECK(arrived.user_properties[1].second == "plate");
        CHECK(arrived.expiry_s.has_value());
    }
    co_await speaker->disconnect(false);
    co_await listener->disconnect(false);
    co_return true;
}

} // namespace

TEST_CASE("MQTT 5: a message goes there and back with its properties, in a window of 16") {
    TempDir folder("mqtt");
    Broker broker("broker", folder.path());
    broker.start();
    World world;
    world.on.run(goes_there_and_back(world, broker.port(), MqttVersion::v5));
}

TEST_CASE("MQTT 3.1.1: a message goes there and back") {
    TempDir folder("mqtt");
    Broker broker("broker", folder.path());
    broker.start();
    World world;
    world.on.run(goes_there_and_back(world, broker.port(), MqttVersion::v3_1_1));
}

namespace {

Task<double> seconds_for(World& world, std::uint16_t port, std::size_t count) {
    auto connection = world.client->make_connection();
    const auto connected = co_await connection->connect(options_for(port, "window"));
    REQUIRE(connected.has_value());
    const auto begun = world.on.clock.steady_now();
    std::size_t sent = 0, acked = 0, in_flight = 0;
    Event changed;
    while (acked < count) {
        while (sent < count && in_flight < connected->receive_max) {
            ++sent;
            ++in_flight;
            connection->publish(message_of("t", std::to_string(sent)), [&](Result<MqttAcknowledged> ack) {
                CHECK(ack.has_value());
                ++acked;
                --in_flight;
                changed.set();
            });
        }
        changed.reset();
        co_await changed.wait();
    }
    const auto took = world.on.clock.steady_now() - begun;
    co_await connection->disconnect(false);
    co_return static_cast<double>(took.count()) / 1e6;
}

} // namespace

TEST_CASE("a backlog drains from acknowledgement to acknowledgement, not 20 messages a second") {
    TempDir folder("mqtt");
    Broker broker("broker", folder.path());
    broker.start();
    World world;
    const auto seconds = world.on.run(seconds_for(world, broker.port(), 2000));
    CHECK(seconds < 5.0);
}

namespace {

Task<Result<MqttConnected>> connect_once(World& world, MqttOptions options) {
    auto connection = world.client->make_connection();
    auto connected = co_await connection->connect(std::move(options));
    if (connected) co_await connection->disconnect(false);
    co_return connected;
}

} // namespace

TEST_CASE("a wrong password is refused, by name, in both versions") {
    TempDir folder("mqtt");
    BrokerOptions with;
    with.users = {{"gw-7", "right"}};
    Broker broker("broker", folder.path(), with);
    broker.start();
    World world;
    for (const auto version : {MqttVersion::v5, MqttVersion::v3_1_1}) {
        auto options = options_for(broker.port(), "gw-7");
        options.version = version;
        options.username = "gw-7";
        options.password = "right";
        CHECK(world.on.run(connect_once(world, options)).has_value());
        options.password = "wrong";
        const auto refused = world.on.run(connect_once(world, options));
        REQUIRE(refused.has_error());
        CHECK(refused.error().fault() == Fault::refused);
    }
}

namespace {

Task<int> reason_of_refused_publish(World& world, std::uint16_t port) {
    auto connection = world.client->make_connection();
    auto options = options_for(port, "gw-7");
    options.username = "gw-7";
    options.password = "right";
    const auto connected = co_await connection->connect(std::move(options));
    REQUIRE(connected.has_value());
    Acks acks;
    connection->publish(message_of("forbidden", "x"), acks.handler());
    CHECK(co_await acks.until(world.on.clock, 1));
    REQUIRE(acks.all.at(0).has_value());
    const int reason = acks.all.at(0)->reason;
    co_await connection->disconnect(false);
    co_return reason;
}

} // namespace

TEST_CASE("a publish that the broker's rules forbid comes back with the reason code, not as success") {
    TempDir folder("mqtt");
    BrokerOptions with;
    with.users = {{"gw-7", "right"}};
    with.acl = "user gw-7\ntopic write allowed/#\n";
    Broker broker("broker", folder.path(), with);
    broker.start();
    World world;
    CHECK(world.on.run(reason_of_refused_publish(world, broker.port())) == 0x87);
}

TEST_CASE("TLS: the client's certificate is shown, the broker's name and authority are checked through the tunnel") {
    TempDir folder("mqtt");
    Certificates ours(folder / "ca"), strangers(folder / "strangers", "Somebody Else");
    BrokerOptions with;
    with.certificates = &ours;
    Broker broker("broker", folder.path(), with);
    broker.start();
    World world;
    const auto pair = ours.client("gw-7");
    auto options = options_for(broker.tls_port(), "gw-7");
    options.tls.emplace();
    options.tls->ca_file = ours.authority();
    options.tls->certificate_file = pair.certificate;
    options.tls->key_file = pair.key;

    SUBCASE("an address of the certificate") { CHECK(world.on.run(connect_once(world, options)).has_value()); }
    SUBCASE("a name of the certificate") {
        options.tls->server_name = "broker";
        CHECK(world.on.run(connect_once(world, options)).has_value());
    }
    SUBCASE("another name") {
        options.tls->server_name = "mqtt.example";
        const auto refused = world.on.run(connect_once(world, options));
        REQUIRE(refused.has_error());
        CHECK(refused.error().what().find("hostname mismatch") != std::string::npos);
    }
    SUBCASE("another authority") {
        options.tls->ca_file = strangers.authority();
        const auto refused = world.on.run(connect_once(world, options));
        REQUIRE(refused.has_error());
        CHECK(refused.error().fault() == Fault::refused);
        CHECK(refused.error().what().find("its certificate does not do") != std::string::npos);
    }
    SUBCASE("no certificate of ours") {
        options.tls->certificate_file.clear();
        options.tls->key_file.clear();
        const auto refused = world.on.run(connect_once(world, options));
        CHECK(refused.has_error());
    }
}

namespace {

Task<std::string> will_after(World& world, std::uint16_t port, MqttVersion version, bool with_will) {
    auto listener = world.client->make_connection();
    Got got;
    listener->on_message(got.handler());
    const auto heard = co_await listener->connect(options_for(port, "listener"));
    REQUIRE(heard.has_value());
    std::vector<std::string> filters{"status", "end"};
    const auto subscribed = co_await listener->subscribe(std::move(filters));
    REQUIRE(subscribed.has_value());
    auto speaker = world.client->make_connection();
    auto options = options_for(port, "speaker");
    options.version = version;
    options.will = message_of("status", "offline");
    const auto spoken = co_await speaker->connect(std::move(options));
    REQUIRE(spoken.has_value());
    co_await speaker->disconnect(with_will);
    if (with_will) CHECK(co_await got.until(world.on.clock, 1));
    Acks acks;
    listener->publish(message_of("end", "end"), acks.handler());
    CHECK(co_await got.until(world.on.clock, with_will ? 2 : 1));
    co_await listener->disconnect(false);
    co_return got.messages.at(0).payload;
}

} // namespace

TEST_CASE("the last will is sent when asked for, and not at a plain goodbye") {
    TempDir folder("mqtt");
    Broker broker("broker", folder.path());
    broker.start();
    World world;
    for (const auto version : {MqttVersion::v5, MqttVersion::v3_1_1}) {
        CHECK(world.on.run(will_after(world, broker.port(), version, true)) == "offline");
        CHECK(world.on.run(will_after(world, broker.port(), version, false)) == "end");
    }
}

namespace {

Task<bool> keeps_session(World& world, std::uint16_t port) {
    auto first = world.client->make_connection();
    auto options = options_for(port, "kept");
    const auto once = co_await first->connect(options);
    REQUIRE(once.has_value());
    CHECK_FALSE(once->session_present);
    co_await first->disconnect(false);
    first.reset();
    auto second = world.client->make_connection();
    const auto again = co_await second->connect(options);
    REQUIRE(again.has_value());
    co_await second->disconnect(false);
    co_return again->session_present;
}

Task<bool> loses(World& world, Broker& broker) {
    auto connection = world.client->make_connection();
    const auto connected = co_await connection->connect(options_for(broker.port(), "loser"));
    REQUIRE(connected.has_value());
    broker.freeze();
    Acks acks;
    for (int i = 0; i < 3; ++i) connection->publish(message_of("t", "x"), acks.handler());
    broker.kill();
    const auto why = co_await connection->until_lost();
    CHECK(why.fault() == Fault::unreachable);
    CHECK(co_await acks.until(world.on.clock, 3));
    for (const auto& ack : acks.all) {
        REQUIRE(ack.has_error());
        CHECK(ack.error().fault() == Fault::gone);
    }
    connection->publish(message_of("t", "late"), acks.handler());
    CHECK(co_await acks.until(world.on.clock, 4));
    CHECK(acks.all.at(3).has_error());
    co_return acks.all.size() == 4;
}

Task<double> connects_beside_a_frozen_one(World& world, Broker& frozen, Broker& sound) {
    auto working = world.client->make_connection();
    const auto connected = co_await working->connect(options_for(sound.port(), "working"));
    REQUIRE(connected.has_value());
    auto hanging = options_for(frozen.port(), "hanging");
    hanging.connect_limit = 2s;
    std::optional<Result<MqttConnected>> hung;
    Event over;
    struct Body {
        static Task<void> run(World& w, MqttOptions o, std::optional<Result<MqttConnected>>& into, Event& done) {
            into.emplace(co_await connect_once(w, std::move(o)));
            done.set();
        }
    };
    world.on.loop.spawn("hanging", Body::run(world, hanging, hung, over));
    double slowest = 0;
    while (!over.is_set()) {
        Acks acks;
        const auto begun = world.on.clock.steady_now();
        working->publish(message_of("t", "x"), acks.handler());
        CHECK(co_await acks.until(world.on.clock, 1));
        slowest = std::max(slowest, static_cast<double>((world.on.clock.steady_now() - begun).count()) / 1e6);
        co_await world.on.clock.sleep_for(1ms);
    }
    REQUIRE(hung->has_error());
    CHECK(hung->error().fault() == Fault::timed_out);
    co_await working->disconnect(false);
    co_return slowest;
}

} // namespace

TEST_CASE("a session is kept over a reconnect") {
    TempDir folder("mqtt");
    Broker broker("broker", folder.path());
    broker.start();
    World world;
    CHECK(world.on.run(keeps_session(world, broker.port())));
}

TEST_CASE("a broker that dies ends every open publish once, and says so") {
    TempDir folder("mqtt");
    Broker broker("broker", folder.path());
    broker.start();
    World world;
    CHECK(world.on.run(loses(world, broker)));
}

TEST_CASE("a broker that hangs at CONNECT stalls no other connection") {
    TempDir folder("mqtt");
    Broker frozen("frozen", folder.path()), sound("sound", folder.path());
    frozen.start();
    sound.start();
    frozen.freeze();
    World world;
    const auto slowest = world.on.run(connects_beside_a_frozen_one(world, frozen, sound));
    MESSAGE("slowest acknowledgement ", slowest, " s");
    CHECK(slowest < 0.5);
}
