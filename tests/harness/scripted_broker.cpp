// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/scripted_broker.hpp"

#include "tests/harness/eventually.hpp"
#include "tests/harness/ports.hpp"

#include <boost/json.hpp>

#include <atomic>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gatehouse::harness {
namespace json = boost::json;

namespace {

// Control packets, MQTT 5.0 section 2.1.2.
enum Packet : unsigned { connect = 1, connack = 2, publish = 3, puback = 4, subscribe = 8, suback = 9, pingreq = 12, pingresp = 13, disconnect = 14 };

std::string two(std::size_t number) { return {static_cast<char>(number >> 8 & 0xff), static_cast<char>(number & 0xff)}; }
std::string text(std::string_view words) { return two(words.size()) + std::string(words); }

std::string varint(std::size_t number) {
    std::string bytes;
    do {
        auto digit = number & 0x7f;
        number >>= 7;
        if (number > 0) digit |= 0x80;
        bytes += static_cast<char>(digit);
    } while (number > 0);
    return bytes;
}

std::string framed(unsigned type, unsigned flags, const std::string& body) {
    return static_cast<char>(type << 4 | flags) + varint(body.size()) + body;
}

/// Reads along one packet's body; what is not there is zero.
class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    unsigned byte() {
        if (bytes_.empty()) return 0;
        const auto first = static_cast<unsigned char>(bytes_.front());
        bytes_.remove_prefix(1);
        return first;
    }
    unsigned two_bytes() {
        const auto high = byte();
        return high << 8 | byte();
    }
    std::string_view take(std::size_t size) {
        const auto part = bytes_.substr(0, size);
        bytes_.remove_prefix(part.size());
        return part;
    }
    std::string_view string() { return take(two_bytes()); }
    std::size_t variable() {
        std::size_t number = 0;
        for (unsigned shift = 0; shift < 28; shift += 7) {
            const auto digit = byte();
            number |= static_cast<std::size_t>(digit & 0x7f) << shift;
            if ((digit & 0x80) == 0) break;
        }
        return number;
    }
    void properties() { take(variable()); }
    std::string_view rest() const { return bytes_; }

private:
    std::string_view bytes_;
};

struct Client {
    int socket = -1;
    std::uint64_t session = 0;
    std::string in;
    std::map<std::uint16_t, std::pair<std::string, oracle::Kept>> open; // packet id -> lane and event
    std::set<std::pair<std::string, std::uint64_t>> seen;               // epoch and sequence
    bool hears_receipts = false;
    bool is_gone = false;
};

} // namespace

struct ScriptedBroker::Inside {
    Inside(std::string name_given, std::string receipts_given)
        : name(std::move(name_given)), receipts(std::move(receipts_given)), root("gatehouse/scripted/" + name), port(free_port()) {
        listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        const int yes = 1;
        ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 16) != 0)
            throw Trouble("a scripted broker can't listen on port " + std::to_string(port));
        thread = std::thread([this] { run(); });
    }
    ~Inside() {
        is_over = true;
        thread.join();
        for (auto& client : clients) ::close(client.socket);
        ::close(listener);
    }

    void run() {
        while (!is_over) {
            std::vector<pollfd> watched{{.fd = listener, .events = POLLIN, .revents = 0}};
            for (const auto& client : clients) watched.push_back({.fd = client.socket, .events = POLLIN, .revents = 0});
            const int ready = ::poll(watched.data(), watched.size(), 50);
            const std::lock_guard lock(mutex);
            if (std::exchange(is_dropping, false))
                for (auto& client : clients) client.is_gone = true;
            std::size_t at = 1;
            for (auto& client : clients)
                if (watched.at(at++).revents != 0 && !client.is_gone) read(client);
            if (watched.front().revents != 0)
                if (const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC); socket >= 0)
                    clients.push_back({.socket = socket, .in = {}, .open = {}, .seen = {}});
            if (ready == 0)
                for (auto& client : clients) follow(client, nullptr);
            clients.remove_if([](const Client& client) {
                if (!client.is_gone) return false;
                const linger now{.l_onoff = 1, .l_linger = 0};
                ::setsockopt(client.socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
                ::close(client.socket);
                return true;
            });
        }
    }

    void send(Client& client, const std::string& bytes) {
        for (std::size_t sent = 0; sent < bytes.size() && !client.is_gone;) {
            const auto part = ::send(client.socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
            if (part <= 0)
                client.is_gone = true;
            else
                sent += static_cast<std::size_t>(part);
        }
    }

    void read(Client& client) {
        char piece[64 * 1024];
        const auto got = ::recv(client.socket, piece, sizeof piece, 0);
        if (got <= 0) {
            client.is_gone = true;
            return;
        }
        client.in.append(piece, static_cast<std::size_t>(got));
        while (!client.is_gone) {
            std::size_t length = 0, head = 1;
            for (unsigned shift = 0; head < client.in.size() && head <= 4; shift += 7) {
                const auto digit = static_cast<unsigned char>(client.in[head++]);
                length |= static_cast<std::size_t>(digit & 0x7f) << shift;
                if ((digit & 0x80) == 0) break;
                if (head == client.in.size()) return;
            }
            if (client.in.size() < 2 || client.in.size() < head + length) return;
            const auto packet = client.in.substr(0, head + length);
            client.in.erase(0, head + length);
            take(client, static_cast<unsigned char>(packet[0]), std::string_view(packet).substr(head));
        }
    }

    void take(Client& client, unsigned first, std::string_view body) {
        Reader reader(body);
        switch (first >> 4) {
        case connect:
            // No session is ever present; what is open at a time is bounded by Receive Maximum (0x21).
            send(client, framed(connack, 0, std::string("\0\0\3\x21", 4) + two(receive_max)));
            client.session = ++sessions;
            follow(client, nullptr);
            break;
        case subscribe: {
            const auto packet = reader.two_bytes();
            reader.properties();
            std::string granted;
            while (!reader.rest().empty()) {
                if (reader.string() == root + "/receipts") client.hears_receipts = true;
                reader.byte();
                granted += '\1';
            }
            send(client, framed(suback, 0, two(packet) + '\0' + granted));
            break;
        }
        case publish: take_publish(client, (first >> 1 & 3) > 0, reader); break;
        case pingreq: send(client, framed(pingresp, 0, "")); break;
        case disconnect: client.is_gone = true; break;
        default: break;
        }
    }

    void take_publish(Client& client, bool wants_ack, Reader& reader) {
        const std::string topic(reader.string());
        const auto packet = static_cast<std::uint16_t>(wants_ack ? reader.two_bytes() : 0);
        reader.properties();
        const bool is_urgent = topic == root + "/urgent";
        if (!is_urgent && topic != root + "/records") {
            if (wants_ack) send(client, framed(puback, 0, two(packet)));
            return;
        }
        const auto event = json::parse(std::string(reader.rest())).as_object();
        const auto of = [&](const char* member) { return std::string(event.at(member).as_string()); };
        const Taken taken_now{
            .session = client.session, .sequence = std::stoull(of("sequence")), .packet = packet, .lane = is_urgent ? "urgent" : "routine"};
        oracle::Kept kept{
            .epoch = of("epoch"), .id = of("id"), .kind = of("type"), .sequence = taken_now.sequence, .previous = std::stoull(of("previous"))};
        ++taken;
        if (!client.seen.emplace(kept.epoch, kept.sequence).second) ++repeats;
        client.open[packet] = {taken_now.lane, std::move(kept)};
        open_most = std::max(open_most, client.open.size());
        follow(client, &taken_now);
    }

    void follow(Client& client, const Taken* event) {
        if (client.session == 0) return;
        const auto acks = script ? script(event) : event == nullptr ? std::vector<Ack>() : std::vector<Ack>{{.packet = event->packet}};
        for (const auto& ack : acks) {
            const auto reason = ack.reason == 0 ? std::string() : std::string(1, static_cast<char>(ack.reason)) + '\0';
            send(client, framed(puback, 0, two(ack.packet) + reason));
            const auto open = client.open.find(ack.packet);
            if (open == client.open.end()) continue;
            if (ack.reason < 0x80) keep(open->second.first, open->second.second);
            client.open.erase(open);
        }
    }

    void keep(const std::string& lane, const oracle::Kept& event) {
        if (known.emplace(lane, event.epoch, event.sequence).second) lanes[lane].push_back(event);
        if (receipts != "ranges") return;
        json::array held;
        held.push_back(json::array{event.sequence, event.sequence});
        const auto receipt = json::serialize(json::object{{"epoch", event.epoch}, {"lane", lane}, {"held", held}});
        for (auto& client : clients)
            if (client.hears_receipts) send(client, framed(publish, 0, text(root + "/receipts") + '\0' + receipt));
    }

    const std::string name, receipts, root;
    const std::uint16_t port;
    const std::size_t receive_max = 64;
    int listener = -1;
    std::atomic<bool> is_over{false};
    mutable std::mutex mutex; // all below
    Script script;
    bool is_dropping = false;
    std::list<Client> clients;
    std::map<std::string, std::vector<oracle::Kept>> lanes;
    std::set<std::tuple<std::string, std::string, std::uint64_t>> known;
    std::uint64_t sessions = 0, repeats = 0, taken = 0;
    std::size_t open_most = 0;
    std::thread thread;
};

ScriptedBroker::ScriptedBroker(std::string name, std::string receipts) : inside_(std::make_unique<Inside>(std::move(name), std::move(receipts))) {}
ScriptedBroker::~ScriptedBroker() = default;

void ScriptedBroker::follow(Script script) {
    const std::lock_guard lock(inside_->mutex);
    inside_->script = std::move(script);
}

void ScriptedBroker::drop() {
    const std::lock_guard lock(inside_->mutex);
    inside_->is_dropping = true;
}

std::string ScriptedBroker::settings() const {
    return "\n[[upstream]]\nname = \"" + inside_->name + "\"\nbroker = \"mqtt://127.0.0.1:" + std::to_string(inside_->port) + "\"\nroot = \"" +
           inside_->root + "\"\nreceipts = \"" + inside_->receipts +
           "\"\nreceipt_wait_s = 2\nbatch_records_max = 1\nfrom = 1\n[[upstream.entitlement]]\nkinds = [\"*\"]\nfields = [\"*\"]\n";
}

oracle::Platform ScriptedBroker::evidence() const {
    const std::lock_guard lock(inside_->mutex);
    // Where there are no receipts, a good acknowledgement is what a release needs: the application keeps what had one.
    return {.name = inside_->name, .kinds = {"*"}, .from = 1, .sends_receipts = true, .lanes = inside_->lanes};
}

std::uint64_t ScriptedBroker::sessions() const {
    const std::lock_guard lock(inside_->mutex);
    return inside_->sessions;
}
std::uint64_t ScriptedBroker::repeats() const {
    const std::lock_guard lock(inside_->mutex);
    return inside_->repeats;
}
std::size_t ScriptedBroker::open_most() const {
    const std::lock_guard lock(inside_->mutex);
    return inside_->open_most;
}
std::uint64_t ScriptedBroker::taken() const {
    const std::lock_guard lock(inside_->mutex);
    return inside_->taken;
}

} // namespace gatehouse::harness
