// SPDX-License-Identifier: Apache-2.0
//
// MQTT by Paho's C library. Not by its C++ wrapper: the one in Debian 12 (1.2.0) loses or follows dangling connect properties, keeps
// raw listeners, and takes its own lock around the library's. What else was met in it, and is kept to here:
// - all clients of a process share one sending and one receiving thread, so callbacks do nothing but post to the loop;
// - a callback may come after its connection is gone, so what Paho carries for us is a number, looked up under our own lock;
// - above the window it drains 20 messages a second, so the window is ours (MqttConnected::receive_max), its own never filled;
// - its persistence, its offline buffer and its reconnect lose or delay messages: none of them is used, one handle is one connection;
// - a refused publish has return code 0: reason codes decide;
// - while it talks to a proxy it holds the lock that every call takes, so calls wait (Gate) until our tunnel has answered.
#include "daemon/net/mqtt_client.hpp"

#include "daemon/base/crypto.hpp"
#include "daemon/base/log.hpp"
#include "daemon/net/connect_tunnel.hpp"

#include <MQTTAsync.h>

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <unordered_map>

namespace gatehouse::net {

namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t in_flight_max = 16;
constexpr int paho_in_flight_max = 4 * in_flight_max; ///< never reached: acknowledgements of what we send hold it below
constexpr std::size_t arrived_waiting_max = 1024;
constexpr std::uint32_t arriving_packet_bytes_max = 1024 * 1024;
constexpr auto tunnel_answered_limit = 1s;
constexpr auto farewell_limit = 2s;
constexpr auto last_words_limit = 500ms; ///< a DISCONNECT's reason may still lie in Paho's buffers when the tunnel has ended

static_assert(sizeof(void*) == sizeof(std::uint64_t), "what Paho carries for us is a 64-bit number");

struct Session;

// Who is called when Paho's threads call. Never destroyed: those threads outlive main().
struct Directory {
    struct Entry {
        Loop* loop;
        std::weak_ptr<Session> session;
        std::size_t arrived_waiting = 0;
        std::uint64_t arrived_dropped = 0;
    };
    std::mutex lock;
    std::unordered_map<std::uint32_t, Entry> entries;
    std::uint32_t next = 1;
};

Directory& directory() {
    static auto* const only = new Directory;
    return *only;
}

/// A session's number and a publish's (or 0) in what Paho hands back to us.
void* carried(std::uint32_t session, std::uint32_t call) { return reinterpret_cast<void*>(std::uint64_t{session} << 32 | call); }
std::uint32_t session_of(void* context) { return static_cast<std::uint32_t>(reinterpret_cast<std::uint64_t>(context) >> 32); }
std::uint32_t call_of(void* context) { return static_cast<std::uint32_t>(reinterpret_cast<std::uint64_t>(context)); }

// On Paho's threads. The lock is held while posting, so that the loop cannot go in between.
void post_to_session(void* context, std::function<void(Session&)> work) noexcept {
    auto& all_sessions = directory();
    const std::lock_guard hold(all_sessions.lock);
    const auto found = all_sessions.entries.find(session_of(context));
    if (found == all_sessions.entries.end()) return;
    found->second.loop->post([session = found->second.session, work = std::move(work)] {
        if (const auto alive = session.lock()) work(*alive);
    });
}

/// How a call to the broker ended.
struct Outcome {
    bool fine = false;
    int reason = 0; ///< MQTT 5 reason code, or 3.1.1 return code
    int code = 0;   ///< Paho's
    std::string words;
};

// While closed nobody on the loop calls Paho.
class Gate {
public:
    void pass(std::function<void()> call) {
        if (closed_ || !waiting_.empty())
            waiting_.push_back(std::move(call));
        else
            call();
    }
    Task<void> close() {
        while (closed_) {
            opened_.reset();
            co_await opened_.wait();
        }
        closed_ = true;
    }
    void open() {
        closed_ = false;
        auto now = std::move(waiting_);
        waiting_.clear();
        for (auto& call : now) call();
        opened_.set();
    }

private:
    bool closed_ = false;
    std::deque<std::function<void()>> waiting_; ///< bounded by the windows of all connections
    Event opened_;
};

struct Session {
    using Ended = std::function<void(Outcome)>;

    std::uint32_t number = 0;
    MQTTAsync handle = nullptr;
    MqttVersion version = MqttVersion::v5;
    std::unordered_map<std::uint32_t, Ended> calls;
    std::uint32_t next_call = 1;
    std::function<void(MqttMessage)> on_message;
    MqttConnected connected;
    std::optional<Error> over;
    Event lost;
    std::string server_said, tunnel_said;

    std::string why_lost(const char* otherwise) const { return !server_said.empty() ? server_said : !tunnel_said.empty() ? tunnel_said : otherwise; }

    std::uint32_t add(Ended ended) {
        const auto call = next_call++;
        if (next_call == 0) next_call = 1;
        calls.emplace(call, std::move(ended));
        return call;
    }

    // Exactly once: an answer that comes twice, or after the end, finds nobody.
    void end_call(std::uint32_t call, Outcome outcome) {
        const auto found = calls.find(call);
        if (found == calls.end()) return;
        auto ended = std::move(found->second);
        calls.erase(found);
        ended(std::move(outcome));
    }

    void connect_ended(std::uint32_t call, MqttConnected with) {
        connected = with;
        Outcome outcome;
        outcome.fine = true;
        end_call(call, std::move(outcome));
    }

    void lose(Error why) {
        if (over) return;
        over.emplace(std::move(why));
        auto open_calls = std::move(calls);
        calls.clear();
        for (auto& [call, ended] : open_calls) {
            Outcome gone;
            gone.words = over->what();
            ended(std::move(gone));
        }
        lost.set();
    }
};

Outcome outcome_of(MQTTAsync_failureData5* data) {
    Outcome outcome;
    if (data != nullptr) {
        outcome.reason = data->reasonCode;
        outcome.code = data->code;
        if (data->message != nullptr) outcome.words = data->message;
    }
    return outcome;
}

extern "C" {

void on_success_5(void* context, MQTTAsync_successData5* data) noexcept {
    Outcome outcome;
    outcome.fine = true;
    if (data != nullptr) outcome.reason = data->reasonCode;
    post_to_session(context, [call = call_of(context), outcome](Session& session) { session.end_call(call, outcome); });
}

void on_failure_5(void* context, MQTTAsync_failureData5* data) noexcept {
    post_to_session(context, [call = call_of(context), outcome = outcome_of(data)](Session& session) { session.end_call(call, outcome); });
}

void on_success_3(void* context, MQTTAsync_successData*) noexcept {
    Outcome outcome;
    outcome.fine = true;
    post_to_session(context, [call = call_of(context), outcome](Session& session) { session.end_call(call, outcome); });
}

void on_failure_3(void* context, MQTTAsync_failureData* data) noexcept {
    Outcome outcome;
    if (data != nullptr) {
        outcome.code = data->code;
        if (data->message != nullptr) outcome.words = data->message;
    }
    post_to_session(context, [call = call_of(context), outcome](Session& session) { session.end_call(call, outcome); });
}

void on_connected_5(void* context, MQTTAsync_successData5* data) noexcept {
    MqttConnected connected;
    connected.receive_max = in_flight_max;
    if (data != nullptr) {
        connected.session_present = data->alt.connect.sessionPresent != 0;
        if (MQTTProperties_hasProperty(&data->properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM))
            connected.receive_max = static_cast<std::uint16_t>(
                std::clamp<std::int64_t>(MQTTProperties_getNumericValue(&data->properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM), 1, in_flight_max));
        if (MQTTProperties_hasProperty(&data->properties, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE))
            connected.packet_bytes_max = static_cast<std::size_t>(
                static_cast<std::uint32_t>(MQTTProperties_getNumericValue(&data->properties, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE)));
        if (MQTTProperties_hasProperty(&data->properties, MQTTPROPERTY_CODE_RETAIN_AVAILABLE))
            connected.keeps_retained = MQTTProperties_getNumericValue(&data->properties, MQTTPROPERTY_CODE_RETAIN_AVAILABLE) != 0;
    }
    post_to_session(context, [call = call_of(context), connected](Session& session) { session.connect_ended(call, connected); });
}

void on_connected_3(void* context, MQTTAsync_successData* data) noexcept {
    MqttConnected connected;
    connected.receive_max = in_flight_max;
    if (data != nullptr) connected.session_present = data->alt.connect.sessionPresent != 0;
    post_to_session(context, [call = call_of(context), connected](Session& session) { session.connect_ended(call, connected); });
}

void on_connection_lost(void* context, char* cause) noexcept {
    post_to_session(context, [words = std::string(cause == nullptr ? "" : cause)](Session& session) {
        session.lose(Error(Fault::unreachable, session.why_lost("the broker closed the connection")));
    });
}

void on_server_disconnect(void* context, MQTTProperties*, MQTTReasonCodes reason) noexcept {
    post_to_session(context, [reason](Session& session) {
        const char* name = MQTTReasonCode_toString(reason);
        session.server_said = "the broker said DISCONNECT: " + std::string(name == nullptr ? "reason " + std::to_string(reason) : name);
        session.lose(Error(Fault::refused, session.server_said));
    });
}

int on_message_arrived(void* context, char* topic, int topic_bytes, MQTTAsync_message* arrived) noexcept {
    MqttMessage message;
    message.topic = topic_bytes > 0 ? std::string(topic, static_cast<std::size_t>(topic_bytes)) : std::string(topic);
    message.payload.assign(static_cast<const char*>(arrived->payload), static_cast<std::size_t>(arrived->payloadlen));
    message.qos = arrived->qos;
    message.retain = arrived->retained != 0;
    const auto text_of = [](const MQTTLenString& text) { return std::string(text.data, static_cast<std::size_t>(text.len)); };
    for (int i = 0; i < arrived->properties.count; ++i) {
        const auto& property = arrived->properties.array[i];
        switch (property.identifier) {
        case MQTTPROPERTY_CODE_CONTENT_TYPE: message.content_type = text_of(property.value.data); break;
        case MQTTPROPERTY_CODE_RESPONSE_TOPIC: message.response_topic = text_of(property.value.data); break;
        case MQTTPROPERTY_CODE_CORRELATION_DATA: message.correlation_data = text_of(property.value.data); break;
        case MQTTPROPERTY_CODE_USER_PROPERTY:
            message.user_properties.emplace_back(text_of(property.value.data), text_of(property.value.value));
            break;
        case MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL: message.expiry_s = property.value.integer4; break;
        default: break;
        }
    }
    MQTTAsync_freeMessage(&arrived);
    MQTTAsync_free(topic);

    auto& all_sessions = directory();
    const std::lock_guard hold(all_sessions.lock);
    const auto found = all_sessions.entries.find(session_of(context));
    if (found == all_sessions.entries.end()) return 1;
    auto& entry = found->second;
    if (entry.arrived_waiting >= arrived_waiting_max) {
        if (entry.arrived_dropped++ == 0) log::warning("mqtt", "messages arrive faster than they are read; dropping");
        return 1;
    }
    ++entry.arrived_waiting;
    entry.loop->post([number = found->first, session = entry.session, message = std::move(message)]() mutable {
        {
            auto& here = directory();
            const std::lock_guard hold_again(here.lock);
            if (const auto it = here.entries.find(number); it != here.entries.end()) --it->second.arrived_waiting;
        }
        if (const auto alive = session.lock(); alive && !alive->over && alive->on_message) alive->on_message(std::move(message));
    });
    return 1;
}

} // extern "C"

// Properties that Paho copies before the call returns.
class Properties {
public:
    Properties() = default;
    ~Properties() { MQTTProperties_free(&all_); }
    Properties(const Properties&) = delete;
    Properties& operator=(const Properties&) = delete;

    void number(MQTTPropertyCodes code, std::uint32_t value) {
        MQTTProperty property{};
        property.identifier = code;
        property.value.integer4 = value;
        MQTTProperties_add(&all_, &property);
    }
    void small_number(MQTTPropertyCodes code, std::uint16_t value) {
        MQTTProperty property{};
        property.identifier = code;
        property.value.integer2 = value;
        MQTTProperties_add(&all_, &property);
    }
    void text(MQTTPropertyCodes code, std::string_view value) {
        if (value.empty()) return;
        MQTTProperty property{};
        property.identifier = code;
        property.value.data = of(value);
        MQTTProperties_add(&all_, &property);
    }
    void pair(std::string_view name, std::string_view value) {
        MQTTProperty property{};
        property.identifier = MQTTPROPERTY_CODE_USER_PROPERTY;
        property.value.data = of(name);
        property.value.value = of(value);
        MQTTProperties_add(&all_, &property);
    }
    void of_message(const MqttMessage& message) {
        text(MQTTPROPERTY_CODE_CONTENT_TYPE, message.content_type);
        text(MQTTPROPERTY_CODE_RESPONSE_TOPIC, message.response_topic);
        text(MQTTPROPERTY_CODE_CORRELATION_DATA, message.correlation_data);
        if (message.expiry_s) number(MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL, *message.expiry_s);
        for (const auto& [name, value] : message.user_properties) pair(name, value);
    }
    MQTTProperties* get() { return &all_; }

private:
    static MQTTLenString of(std::string_view text) { return MQTTLenString{static_cast<int>(text.size()), const_cast<char*>(text.data())}; }
    MQTTProperties all_ = MQTTProperties_initializer;
};

// CONNACK: 3.1.1's five return codes and MQTT 5's reasons say what the broker refused; everything else is the network's.
Error why_not_connected(const Outcome& outcome) {
    const int answer = outcome.reason >= 0x80 ? outcome.reason : outcome.code;
    if (answer >= 0x80) {
        const char* name = MQTTReasonCode_toString(static_cast<MQTTReasonCodes>(answer));
        const auto fault = answer == MQTTREASONCODE_SERVER_UNAVAILABLE || answer == MQTTREASONCODE_SERVER_BUSY ? Fault::unreachable : Fault::refused;
        if (answer == MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD || answer == MQTTREASONCODE_NOT_AUTHORIZED)
            return Error(fault, "the broker refused name or password (" + std::string(name == nullptr ? "" : name) + ")");
        return Error(fault, "the broker refused the connection: " + std::string(name == nullptr ? "reason " + std::to_string(answer) : name));
    }
    switch (answer) {
    case 1: return Error(Fault::unsupported, "the broker does not speak this version of MQTT");
    case 2: return Error(Fault::refused, "the broker refused the client id");
    case 3: return Error(Fault::unreachable, "the broker is unavailable");
    case 4: return Error(Fault::refused, "the broker refused name or password");
    case 5: return Error(Fault::refused, "the broker says: not authorised");
    default: return Error(Fault::unreachable, outcome.words.empty() ? "the broker did not answer" : outcome.words);
    }
}

// A CONNACK came, so it was not the handshake that failed.
bool is_the_brokers_word(const Outcome& outcome) { return outcome.reason >= 0x80 || outcome.code > 0; }

Error why_not_done(const Outcome& outcome, std::string_view doing) {
    if (outcome.reason >= 0x80 || outcome.code >= 0x80) return Error(Fault::refused, std::string(doing) + ": the broker refused");
    return Error(Fault::gone, std::string(doing) + ": " + (outcome.words.empty() ? "the connection ended" : outcome.words));
}

std::string server_name_of(const MqttOptions& options) {
    return options.tls && !options.tls->server_name.empty() ? options.tls->server_name : options.broker.host;
}

struct Waiting {
    Event ended;
    Outcome outcome;
};

class PahoConnection final : public MqttConnection {
public:
    PahoConnection(Loop& loop, Clock& clock, Network& network, std::shared_ptr<Gate> gate)
        : loop_(loop), clock_(clock), network_(network), gate_(std::move(gate)), session_(std::make_shared<Session>()) {
        auto& all_sessions = directory();
        const std::lock_guard hold(all_sessions.lock);
        session_->number = all_sessions.next++;
        all_sessions.entries.emplace(session_->number, Directory::Entry{&loop, session_, 0, 0});
    }

    ~PahoConnection() override {
        {
            auto& all_sessions = directory();
            const std::lock_guard hold(all_sessions.lock);
            all_sessions.entries.erase(session_->number);
        }
        // Cut before Paho can say goodbye: who goes without disconnect() has its Last Will sent.
        if (tunnel_) tunnel_->cut(); // its coroutine, which owns it too, ends at its next turn
        session_->lose(Error(Fault::gone, "the connection was dropped"));
        destroy_handle();
    }

    Task<Result<MqttConnected>> connect(MqttOptions options) override {
        std::optional<MqttConnected> connected;
        std::optional<Error> failed;
        const auto limit = options.connect_limit;
        auto work = connect_within(std::move(options), connected, failed);
        const bool in_time = co_await finish_within(clock_, limit, std::move(work));
        if (connected) co_return *connected;
        if (tunnel_) tunnel_->cut();
        if (!in_time) failed.emplace(Fault::timed_out, "the broker did not answer in time");
        session_->lose(*failed);
        co_return std::move(*failed);
    }

    void publish(MqttMessage message, std::function<void(Result<MqttAcknowledged>)> acked) override {
        const auto call = session_->add([acked = std::move(acked)](Outcome outcome) {
            if (outcome.fine || outcome.reason >= 0x80)
                acked(MqttAcknowledged{outcome.reason});
            else
                acked(why_not_done(outcome, "publishing"));
        });
        if (session_->over) {
            loop_.post([session = session_, call] { session->end_call(call, {}); });
            return;
        }
        gate_->pass([this_session = session_, &loop = loop_, call, message = std::move(message)] {
            if (this_session->over || this_session->handle == nullptr) {
                loop.post([this_session, call] { this_session->end_call(call, {}); });
                return;
            }
            MQTTAsync_message out = MQTTAsync_message_initializer;
            out.payload = const_cast<char*>(message.payload.data());
            out.payloadlen = static_cast<int>(message.payload.size());
            out.qos = message.qos;
            out.retained = message.retain ? 1 : 0;
            Properties properties;
            MQTTAsync_responseOptions answer = MQTTAsync_responseOptions_initializer;
            answer.context = carried(this_session->number, call);
            if (this_session->version == MqttVersion::v5) {
                properties.of_message(message);
                out.properties = *properties.get();
                answer.onSuccess5 = on_success_5;
                answer.onFailure5 = on_failure_5;
            } else {
                answer.onSuccess = on_success_3;
                answer.onFailure = on_failure_3;
            }
            const int taken = MQTTAsync_sendMessage(this_session->handle, message.topic.c_str(), &out, &answer);
            if (taken != MQTTASYNC_SUCCESS) {
                Outcome outcome;
                outcome.code = taken;
                outcome.words = "Paho did not take it (" + std::to_string(taken) + ")";
                loop.post([this_session, call, outcome] { this_session->end_call(call, outcome); });
            }
        });
    }

    Task<Done> subscribe(std::vector<std::string> filters) override {
        for (auto& filter : filters) {
            auto waiting = std::make_shared<Waiting>();
            const auto call = add_waiting(waiting);
            gate_->pass([session = session_, call, filter] {
                if (session->over || session->handle == nullptr) return session->end_call(call, {});
                MQTTAsync_responseOptions answer = MQTTAsync_responseOptions_initializer;
                answer.context = carried(session->number, call);
                if (session->version == MqttVersion::v5) {
                    answer.onSuccess5 = on_success_5;
                    answer.onFailure5 = on_failure_5;
                } else {
                    answer.onSuccess = on_success_3;
                    answer.onFailure = on_failure_3;
                }
                if (MQTTAsync_subscribe(session->handle, filter.c_str(), 1, &answer) != MQTTASYNC_SUCCESS) session->end_call(call, {});
            });
            co_await waiting->ended.wait();
            if (!waiting->outcome.fine || waiting->outcome.reason >= 0x80) co_return why_not_done(waiting->outcome, "subscribing to " + filter);
        }
        co_return Done();
    }

    void on_message(std::function<void(MqttMessage)> handler) override { session_->on_message = std::move(handler); }

    Task<Error> until_lost() override {
        auto session = session_;
        co_await session->lost.wait();
        co_return session->over ? *session->over : Error(Fault::gone, "the connection was dropped");
    }

    Task<void> disconnect(bool with_will) override {
        if (!session_->over && session_->handle != nullptr) {
            if (with_will && session_->version == MqttVersion::v3_1_1) {
                // 3.1.1 has no reason code: only a connection that breaks has its will sent.
                if (tunnel_) tunnel_->cut();
            } else {
                auto waiting = std::make_shared<Waiting>();
                const auto call = add_waiting(waiting);
                gate_->pass([session = session_, call, with_will] {
                    if (session->over || session->handle == nullptr) return session->end_call(call, {});
                    MQTTAsync_disconnectOptions farewell = MQTTAsync_disconnectOptions_initializer;
                    farewell.struct_version = 1;
                    farewell.timeout = 1000;
                    farewell.context = carried(session->number, call);
                    if (session->version == MqttVersion::v5) {
                        farewell.reasonCode = with_will ? MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE : MQTTREASONCODE_NORMAL_DISCONNECTION;
                        farewell.onSuccess5 = on_success_5;
                        farewell.onFailure5 = on_failure_5;
                    } else {
                        farewell.onSuccess = on_success_3;
                        farewell.onFailure = on_failure_3;
                    }
                    if (MQTTAsync_disconnect(session->handle, &farewell) != MQTTASYNC_SUCCESS) session->end_call(call, {});
                });
                auto said = waiting->ended.wait();
                co_await finish_within(clock_, farewell_limit, std::move(said));
            }
        }
        session_->lose(Error(Fault::gone, "disconnected"));
    }

private:
    // Takes what it uses by value: the connection may be gone before it ends.
    static Task<void> carry(std::shared_ptr<ConnectTunnel> tunnel, std::shared_ptr<Session> session, Clock& clock) {
        co_await tunnel->run();
        if (tunnel->fault()) session->tunnel_said = tunnel->fault()->what(); // before Paho, which is told by a closed socket alone
        if (session->over) co_return;
        co_await clock.sleep_for(last_words_limit);
        session->lose(Error(Fault::unreachable, session->why_lost("the connection was closed")));
    }

    std::uint32_t add_waiting(const std::shared_ptr<Waiting>& waiting) {
        return session_->add([waiting](Outcome outcome) {
            waiting->outcome = std::move(outcome);
            waiting->ended.set();
        });
    }

    void destroy_handle() {
        if (session_->handle == nullptr) return;
        auto handle = session_->handle;
        session_->handle = nullptr;
        gate_->pass([handle]() mutable { MQTTAsync_destroy(&handle); });
    }

    Task<void> connect_within(MqttOptions options, std::optional<MqttConnected>& connected, std::optional<Error>& failed) {
        auto stream = co_await network_.connect(options.broker, options.binding, options.tls, options.connect_limit);
        if (!stream) {
            failed.emplace(std::move(stream).error());
            co_return;
        }
        SystemEntropy entropy;
        std::array<std::uint8_t, 16> chance{};
        entropy.fill(chance);
        auto tunnel = ConnectTunnel::open(loop_, clock_, std::move(*stream), to_hex(chance), arriving_packet_bytes_max);
        if (!tunnel) {
            failed.emplace(std::move(tunnel).error());
            co_return;
        }
        tunnel_ = std::move(*tunnel);

        auto waiting = std::make_shared<Waiting>();
        co_await gate_->close();
        struct Opening {
            Gate& gate;
            bool done = false;
            void now() {
                if (!std::exchange(done, true)) gate.open();
            }
            ~Opening() { now(); }
        } opening{*gate_};
        loop_.spawn("mqtt tunnel", carry(tunnel_, session_, clock_));
        if (auto begun = begin(options, waiting); !begun) {
            failed.emplace(std::move(begun).error());
            co_return;
        }
        auto answered = tunnel_->answered().wait();
        co_await finish_within(clock_, tunnel_answered_limit, std::move(answered));
        opening.now();
        co_await waiting->ended.wait();
        if (waiting->outcome.fine)
            connected = session_->connected;
        else
            failed.emplace(why_not_connected(waiting->outcome, options).during("connecting to " + to_text(options.broker)));
    }

    // With TLS 1.3 a broker says only after the handshake that it wants another certificate, or one at all.
    Error why_not_connected(const Outcome& outcome, const MqttOptions& options) const {
        auto why = net::why_not_connected(outcome);
        if (is_the_brokers_word(outcome)) return why;
        if (tunnel_->fault()) why = *tunnel_->fault();
        if (!options.tls || !options.tls->certificate_file.empty()) return why;
        return std::move(why).during("the broker may want a client certificate, and none is set");
    }

    // Creates the handle and has Paho connect it. What Paho only keeps pointers to lives in this object or until the call returns.
    Done begin(const MqttOptions& options, const std::shared_ptr<Waiting>& waiting) {
        const bool is_5 = options.version == MqttVersion::v5;
        session_->version = options.version;
        auto host = server_name_of(options);
        if (host.find(':') != std::string::npos) host = "[" + host + "]";
        const auto uri = "tcp://" + host + ":" + std::to_string(options.broker.port);

        MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
        create.sendWhileDisconnected = 0;
        create.maxBufferedMessages = 1024; // also the bound while connected; far above the window
        create.MQTTVersion = is_5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
        MQTTAsync handle = nullptr;
        int fine = MQTTAsync_createWithOptions(&handle, uri.c_str(), options.client_id.c_str(), MQTTCLIENT_PERSISTENCE_NONE, nullptr, &create);
        if (fine != MQTTASYNC_SUCCESS) return Error(Fault::malformed, "Paho did not take " + uri + " (" + std::to_string(fine) + ")");
        session_->handle = handle;
        void* const context = carried(session_->number, 0);
        MQTTAsync_setCallbacks(handle, context, on_connection_lost, on_message_arrived, nullptr);
        if (is_5) MQTTAsync_setDisconnected(handle, context, on_server_disconnect);

        MQTTAsync_connectOptions connect =
            is_5 ? MQTTAsync_connectOptions MQTTAsync_connectOptions_initializer5 : MQTTAsync_connectOptions MQTTAsync_connectOptions_initializer;
        connect.keepAliveInterval = options.keep_alive_s;
        connect.maxInflight = paho_in_flight_max;
        connect.connectTimeout = static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(options.connect_limit).count()) + 1;
        connect.automaticReconnect = 0;
        connect.retryInterval = 0;
        if (!options.username.empty()) connect.username = options.username.c_str();
        if (!options.password.empty()) connect.password = options.password.c_str();
        proxy_ = tunnel_->proxy();
        connect.httpProxy = proxy_.c_str();

        Properties properties;
        Properties will_properties;
        const auto call = add_waiting(waiting);
        connect.context = carried(session_->number, call);
        if (is_5) {
            connect.cleansession = 0;
            connect.cleanstart = options.clean_start ? 1 : 0;
            properties.number(MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, options.session_expiry_s);
            properties.number(MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, arriving_packet_bytes_max);
            connect.connectProperties = properties.get();
            connect.onSuccess5 = on_connected_5;
            connect.onFailure5 = on_failure_5;
        } else {
            connect.cleansession = options.clean_start ? 1 : 0;
            connect.MQTTVersion = MQTTVERSION_3_1_1;
            connect.onSuccess = on_connected_3;
            connect.onFailure = on_failure_3;
        }

        MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
        if (options.will) {
            will.topicName = options.will->topic.c_str();
            will.payload.data = options.will->payload.data();
            will.payload.len = static_cast<int>(options.will->payload.size());
            will.retained = options.will->retain ? 1 : 0;
            will.qos = options.will->qos;
            connect.will = &will;
            if (is_5) {
                will_properties.of_message(*options.will);
                connect.willProperties = will_properties.get();
            }
        }
        fine = MQTTAsync_connect(handle, &connect);
        if (fine != MQTTASYNC_SUCCESS) return Error(Fault::malformed, "Paho did not begin to connect (" + std::to_string(fine) + ")");
        return {};
    }

    Loop& loop_;
    Clock& clock_;
    Network& network_;
    std::shared_ptr<Gate> gate_;
    std::shared_ptr<Session> session_;
    std::shared_ptr<ConnectTunnel> tunnel_;
    std::string proxy_;
};

class PahoClient final : public MqttClient {
public:
    PahoClient(Loop& loop, Clock& clock, Network& network) : loop_(loop), clock_(clock), network_(network) {
        // With its last handle gone Paho stops its threads and waits for them inside that call, on our loop. So one handle always stays.
        static const bool kept = [] {
            MQTTAsync never_connected = nullptr;
            MQTTAsync_create(&never_connected, "tcp://127.0.0.1:1", "gatehouse", MQTTCLIENT_PERSISTENCE_NONE, nullptr);
            return true;
        }();
        static_cast<void>(kept);
    }
    std::unique_ptr<MqttConnection> make_connection() override { return std::make_unique<PahoConnection>(loop_, clock_, network_, gate_); }

private:
    Loop& loop_;
    Clock& clock_;
    Network& network_;
    std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
};

} // namespace

std::unique_ptr<MqttClient> make_paho_client(Loop& loop, Clock& clock, Network& network) {
    return std::make_unique<PahoClient>(loop, clock, network);
}

} // namespace gatehouse::net
