// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/cameras/rtsp/front.hpp"

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <functional>

namespace gatehouse::simulators::cameras {
namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::chrono::milliseconds drip_every{100};

// Another value of `name` in a Transport header; nothing happens where there is none.
void set_parameter(std::string& transport, std::string_view name, std::string_view value) {
    const std::size_t at = transport.find(std::string(name) + "=");
    if (at == std::string::npos) return;
    const std::size_t begin = at + name.size() + 1;
    transport.replace(begin, std::min(transport.find_first_of(";,", begin), transport.size()) - begin, value);
}

std::string text(Pair pair) { return std::to_string(pair.first) + "-" + std::to_string(pair.second); }

std::string_view first_word(std::string_view message) { return message.substr(0, message.find(' ')); }

std::string_view second_word(std::string_view message) {
    const std::size_t begin = message.find(' ') + 1;
    return message.substr(begin, message.find_first_of(" \r", begin) - begin);
}

// rtsp://HOST/main/stream=0: which stream, and whether it is its video.
std::pair<std::string, bool> stream_of(std::string_view url) {
    const std::size_t host = url.find("://");
    const std::size_t path = url.find('/', host == std::string_view::npos ? 0 : host + 3);
    if (path == std::string_view::npos) return {};
    const std::string_view rest = url.substr(path + 1);
    const std::string_view name = rest.substr(0, rest.find_first_of("/?"));
    return {std::string(name), rest.find("stream=1") == std::string_view::npos};
}

std::string http_date(control::RealTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[64];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text;
}

} // namespace

// A track over UDP: two sockets that stand between the server's pair of ports and the client's.
struct Front::Leg {
    explicit Leg(asio::io_context& io) : sockets{udp::socket(io), udp::socket(io)} {}

    std::array<udp::socket, 2> sockets; // RTP, RTCP
    std::array<udp::endpoint, 2> client, server;
    std::array<udp::endpoint, 2> from;
    std::array<std::array<char, 2048>, 2> datagram{};
    std::string stream;
    bool is_video = true;

    Pair bind() {
        for (int tries = 0; tries < 100; ++tries) {
            error_code error;
            udp::socket even(sockets[0].get_executor(), udp::v4()), odd(sockets[0].get_executor(), udp::v4());
            even.bind({udp::v4(), 0}, error);
            const auto port = even.local_endpoint().port();
            if (error || port % 2 != 0) continue;
            odd.bind({udp::v4(), static_cast<std::uint16_t>(port + 1)}, error);
            if (error) continue;
            sockets[0] = std::move(even), sockets[1] = std::move(odd);
            return {port, port + 1};
        }
        return {};
    }
};

class Front::Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(tcp::socket socket, Front& front, std::uint64_t number)
        : client_(std::move(socket)), server_(front.io_), drip_(front.io_), front_(front), number_(number) {
        error_code ignored;
        const auto from = client_.remote_endpoint(ignored);
        address_ = from.address().to_string() + ":" + std::to_string(from.port());
    }

    void begin() {
        is_mute_ = front_.faults_.is_set("half_open");
        server_.async_connect({asio::ip::address_v4::loopback(), front_.server_port_}, [self = shared_from_this()](error_code error) {
            if (error) return self->cut();
            error_code ignored;
            self->server_.set_option(tcp::no_delay(true), ignored);
            self->read_client();
            self->read_server();
        });
    }

    bool is_open() const { return client_.is_open(); }

    // What is queued goes out, then both sides end.
    void finish() {
        is_finishing_ = true;
        stop_legs();
        if (backlog_.empty()) cut();
    }

    void reset() {
        error_code ignored;
        client_.set_option(asio::socket_base::linger(true, 0), ignored);
        cut();
    }

    void cut() {
        if (!client_.is_open()) return;
        stop_legs();
        error_code ignored;
        client_.shutdown(tcp::socket::shutdown_send, ignored);
        client_.close(ignored);
        server_.close(ignored);
        drip_.cancel();
        for (const std::size_t each : records_) front_.served_[each].until = control::iso_utc_ms(control::real_now());
    }

    void faults_changed() {
        const bool was_mute = is_mute_;
        is_mute_ = front_.faults_.is_set("half_open");
        if (was_mute && !is_mute_) return cut(); // it has lost bytes: nobody could go on with it
        if (!is_writing_) write();
    }

    void inject(std::string bytes) {
        if (!tracks_.empty()) queue({std::move(bytes), nullptr, false});
    }

private:
    struct Track {
        std::string stream;
        bool is_video = true;
        std::size_t record = 0;
    };
    struct Asked {
        std::string method, url;
        std::shared_ptr<Leg> leg;
        Pair client_ports;
        bool has_password = false;
    };
    struct Queued {
        std::string bytes;
        Track* track = nullptr; // of an RTP packet
        bool ends_frame = false;
    };

    // Client to server.
    void read_client() {
        client_.async_read_some(asio::buffer(from_client_), [self = shared_from_this()](error_code error, std::size_t count) {
            if (error) return self->cut();
            self->take_from_client(std::string_view(self->from_client_.data(), count));
        });
    }

    void take_from_client(std::string_view bytes) {
        if (is_mute_) return read_client();
        std::vector<Unit> units;
        if (!client_units_.feed(bytes, units)) return cut();
        auto up = std::make_shared<std::string>();
        for (Unit& unit : units) *up += unit.is_packet ? std::move(unit.bytes) : asked(std::move(unit.bytes));
        asio::async_write(server_, asio::buffer(*up), [self = shared_from_this(), up](error_code error, std::size_t) {
            if (error) return self->finish();
            self->read_client();
        });
    }

    std::string asked(std::string request) {
        Asked asked{.method = std::string(first_word(request)), .url = std::string(second_word(request)), .leg = nullptr, .client_ports = {}};
        asked.has_password = !header(request, "Authorization").empty();
        if (front_.faults_.is_set("refuse_login") || front_.log_in_refused_()) request = with_header(request, "Authorization", "");
        if (asked.method == "SETUP") {
            std::string transport = header(request, "Transport");
            if (const auto ports = transport_pair(transport, "client_port")) {
                asked.client_ports = *ports;
                asked.leg = std::make_shared<Leg>(front_.io_);
                std::tie(asked.leg->stream, asked.leg->is_video) = stream_of(asked.url);
                set_parameter(transport, "client_port", text(asked.leg->bind()));
                request = with_header(request, "Transport", transport);
            }
        }
        asked_[header(request, "CSeq")] = std::move(asked);
        return request;
    }

    // Server to client.
    void read_server() {
        server_.async_read_some(asio::buffer(from_server_), [self = shared_from_this()](error_code error, std::size_t count) {
            if (error) return self->finish();
            self->take_from_server(std::string_view(self->from_server_.data(), count));
        });
    }

    void take_from_server(std::string_view bytes) {
        std::vector<Unit> units;
        if (!server_units_.feed(bytes, units)) return cut();
        for (Unit& unit : units) {
            if (unit.is_packet)
                packet(std::move(unit));
            else
                queue({answered(std::move(unit.bytes)), nullptr, false});
        }
        read_server();
    }

    std::string answered(std::string answer) {
        const auto found = asked_.find(header(answer, "CSeq"));
        if (found != asked_.end()) {
            const Asked asked = std::move(found->second);
            asked_.erase(found);
            if (asked.has_password && asked.method == "DESCRIBE") front_.log_in_told_(second_word(answer) != "401");
            if (asked.method == "SETUP" && second_word(answer) == "200") answer = set_up(asked, std::move(answer));
        }
        if (!header(answer, "Date").empty()) answer = with_header(answer, "Date", http_date(front_.clock_.utc()));
        if (header(answer, "Content-Type") == "application/sdp" && front_.faults_.strikes("wrong_sdp"))
            answer = with_body(answer, front_.spoiled_sdp(std::string(body(answer))));
        return answer;
    }

    std::string set_up(const Asked& asked, std::string answer) {
        std::string transport = header(answer, "Transport");
        auto [stream, is_video] = stream_of(asked.url);
        auto track = std::make_unique<Track>(Track{stream, is_video, record_of(stream, asked.leg ? "udp" : "tcp")});
        if (const auto channels = transport_pair(transport, "interleaved")) {
            rtp_[channels->first] = track.get();
            rtcp_[channels->second] = track.get();
        }
        const auto server_ports = transport_pair(transport, "server_port");
        if (asked.leg && server_ports) {
            Leg& leg = *asked.leg;
            error_code ignored;
            const auto client = client_.remote_endpoint(ignored).address();
            const auto server = asio::ip::address_v4::loopback();
            leg.client = {udp::endpoint(client, static_cast<std::uint16_t>(asked.client_ports.first)),
                          udp::endpoint(client, static_cast<std::uint16_t>(asked.client_ports.second))};
            leg.server = {udp::endpoint(server, static_cast<std::uint16_t>(server_ports->first)),
                          udp::endpoint(server, static_cast<std::uint16_t>(server_ports->second))};
            const auto own = leg.sockets[0].local_endpoint().port();
            set_parameter(transport, "client_port", text(asked.client_ports));
            set_parameter(transport, "server_port", text({own, own + 1}));
            set_parameter(transport, "source", client_.local_endpoint(ignored).address().to_string());
            answer = with_header(answer, "Transport", transport);
            legs_.push_back(asked.leg);
            for (const int which : {0, 1}) relay(asked.leg, *track, which);
        }
        tracks_.push_back(std::move(track));
        return answer;
    }

    std::size_t record_of(const std::string& stream, const char* transport) {
        for (const std::size_t each : records_)
            if (front_.served_[each].stream == stream) return each;
        if (front_.served_.size() >= served_max) return front_.served_.size() - 1;
        front_.served_.push_back({.client = number_,
                                  .address = address_,
                                  .stream = stream,
                                  .transport = transport,
                                  .since = control::iso_utc_ms(control::real_now()),
                                  .until = {}});
        records_.push_back(front_.served_.size() - 1);
        return records_.back();
    }

    // Whether it is sent at all; spoils it where told.
    bool passes(const Track& track, bool is_rtcp, char* bytes, std::size_t size) {
        if (is_mute_ || is_finishing_ || front_.is_frozen(track.stream)) return false;
        if (is_rtcp) {
            if (front_.faults_.is_set("no_sender_reports")) return false;
            move_report_clock(bytes, size, front_.clock_.offset());
            move_report_rtp_time(bytes, size, front_.rtp_shift_);
            return true;
        }
        if (front_.faults_.strikes("lose_packets")) return false;
        move_rtp_time(bytes, size, front_.rtp_shift_);
        return true;
    }

    void count(const Track& track, std::size_t bytes, bool ends_frame) {
        Served& served = front_.served_[track.record];
        ++served.packets;
        served.bytes += bytes;
        if (ends_frame) ++served.frames;
    }

    void packet(Unit unit) {
        const bool is_rtcp = rtcp_.contains(unit.channel);
        const auto found = is_rtcp ? rtcp_.find(unit.channel) : rtp_.find(unit.channel);
        if (found == (is_rtcp ? rtcp_.end() : rtp_.end())) return;
        Track& track = *found->second;
        if (!passes(track, is_rtcp, unit.bytes.data() + 4, unit.bytes.size() - 4)) return;
        const bool ends_frame = !is_rtcp && track.is_video && has_marker(unit.payload());
        queue({std::move(unit.bytes), is_rtcp ? nullptr : &track, ends_frame});
    }

    void relay(const std::shared_ptr<Leg>& leg, Track& track, int which) {
        const auto at = static_cast<std::size_t>(which);
        leg->sockets[at].async_receive_from(asio::buffer(leg->datagram[at]), leg->from[at],
                                            [self = shared_from_this(), leg, &track, which, at](error_code error, std::size_t size) {
                                                if (error == asio::error::operation_aborted || !leg->sockets[at].is_open()) return;
                                                if (!error) self->pass_on(*leg, track, which, size);
                                                self->relay(leg, track, which);
                                            });
    }

    void pass_on(Leg& leg, Track& track, int which, std::size_t size) {
        const auto at = static_cast<std::size_t>(which);
        char* bytes = leg.datagram[at].data();
        error_code ignored;
        const bool is_from_server = leg.from[at].address().is_loopback() && leg.from[at].port() == leg.server[at].port();
        if (!is_from_server) {
            if (!is_mute_) leg.sockets[at].send_to(asio::buffer(bytes, size), leg.server[at], 0, ignored);
            return;
        }
        if (!passes(track, which == 1, bytes, size)) return;
        leg.sockets[at].send_to(asio::buffer(bytes, size), leg.client[at], 0, ignored);
        if (which == 0) count(track, size, track.is_video && has_marker({bytes, size}));
    }

    void queue(Queued what) {
        if (is_mute_ || is_finishing_ || !client_.is_open() || what.bytes.empty()) return;
        backlog_bytes_ += what.bytes.size();
        if (backlog_bytes_ > backlog_bytes_max) return cut();
        backlog_.push_back(std::move(what));
        if (!is_writing_) write();
    }

    void write() {
        is_writing_ = !backlog_.empty() && client_.is_open() && !is_mute_;
        if (!is_writing_) return;
        const std::string& front = backlog_.front().bytes;
        std::size_t size = front.size() - written_;
        const bool drips = front_.faults_.is_set("slow_loris");
        if (drips) size = std::clamp<std::size_t>(static_cast<std::size_t>(front_.faults_.number("slow_loris", "bytes_per_s", 50) / 10), 1, size);
        asio::async_write(client_, asio::buffer(front.data() + written_, size),
                          [self = shared_from_this(), drips](error_code error, std::size_t sent) {
                              if (error) return self->cut();
                              self->wrote(sent);
                              if (!drips) return self->write();
                              self->drip_.expires_after(drip_every);
                              self->drip_.async_wait([self](error_code stopped) {
                                  if (!stopped) self->write();
                              });
                          });
    }

    void wrote(std::size_t sent) {
        written_ += sent;
        backlog_bytes_ -= sent;
        Queued& front = backlog_.front();
        if (written_ < front.bytes.size()) return;
        if (front.track) count(*front.track, front.bytes.size() - 4, front.ends_frame);
        backlog_.pop_front();
        written_ = 0;
        if (is_finishing_ && backlog_.empty()) cut();
    }

    void stop_legs() {
        error_code ignored;
        for (auto& leg : legs_)
            for (udp::socket& socket : leg->sockets) socket.close(ignored);
        legs_.clear();
    }

    tcp::socket client_, server_;
    asio::steady_timer drip_;
    Front& front_;
    std::uint64_t number_;
    std::string address_;
    std::array<char, read_bytes> from_client_{}, from_server_{};
    Units client_units_, server_units_;
    std::map<std::string, Asked> asked_; // by CSeq
    std::vector<std::unique_ptr<Track>> tracks_;
    std::map<int, Track*> rtp_, rtcp_; // by channel
    std::vector<std::shared_ptr<Leg>> legs_;
    std::vector<std::size_t> records_;
    std::deque<Queued> backlog_;
    std::size_t backlog_bytes_ = 0, written_ = 0;
    bool is_writing_ = false, is_finishing_ = false, is_mute_ = false;
};

Front::Front(asio::io_context& io, control::Faults& faults, const control::DeviceClock& clock, std::uint64_t seed)
    : io_(io), faults_(faults), clock_(clock), random_(seed) {}

Front::~Front() = default;

void Front::listen(const std::string& address, std::uint16_t port, std::uint16_t server_port) {
    const tcp::endpoint endpoint(asio::ip::make_address(address), port_ != 0 ? port_ : port);
    tcp::acceptor acceptor(io_);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
    acceptor_.emplace(std::move(acceptor));
    port_ = acceptor_->local_endpoint().port();
    server_port_ = server_port;
    accept();
}

void Front::close() {
    acceptor_.reset();
    drop(true);
}

void Front::accept() {
    acceptor_->async_accept([this](error_code error, tcp::socket socket) {
        if (error == asio::error::operation_aborted || !acceptor_) return;
        std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
        if (!error && connections_.size() < connections_max) {
            error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            auto connection = std::make_shared<Connection>(std::move(socket), *this, next_client_++);
            connections_.push_back(connection);
            connection->begin();
        }
        accept();
    });
}

void Front::drop(bool is_abrupt) {
    for (const auto& weak : std::exchange(connections_, {})) {
        const auto connection = weak.lock();
        if (!connection) continue;
        if (is_abrupt)
            connection->reset();
        else
            connection->finish();
    }
}

void Front::faults_changed() {
    for (const auto& weak : connections_)
        if (const auto connection = weak.lock()) connection->faults_changed();
}

void Front::inject(std::size_t bytes) {
    std::string noise(bytes, '\0');
    for (char& each : noise) each = static_cast<char>(random_());
    if (!noise.empty() && noise.front() == '$') noise.front() = '#';
    for (const auto& weak : connections_)
        if (const auto connection = weak.lock()) connection->inject(noise);
}

bool Front::is_frozen(const std::string& stream) const {
    if (!faults_.is_set("freeze")) return false;
    const std::string only = faults_.text("freeze", "stream", "");
    return only.empty() || only == stream;
}

std::string Front::spoiled_sdp(std::string sdp) {
    const std::string what = faults_.text("wrong_sdp", "what", "no_parameter_sets");
    const auto replace_all = [&sdp](std::string_view old, std::string_view other) {
        for (std::size_t at = sdp.find(old); at != std::string::npos; at = sdp.find(old, at + other.size())) sdp.replace(at, old.size(), other);
    };
    if (what == "no_parameter_sets" || what == "bad_parameter_sets") {
        for (const std::string_view name : {"sprop-parameter-sets=", "sprop-vps=", "sprop-sps=", "sprop-pps="}) {
            const std::size_t at = sdp.find(name);
            if (at == std::string::npos) continue;
            const std::size_t value = at + name.size(), end = sdp.find_first_of(";\r\n", value);
            if (what == "bad_parameter_sets")
                sdp.replace(value, end - value, "Z00AKpY1QPAET8s3AQEBAg==,!!!!");
            else
                sdp.erase(at, sdp[end] == ';' ? end + 1 - at : end - at);
        }
    } else if (what == "wrong_codec") {
        replace_all(sdp.find("H265/") != std::string::npos ? "H265/" : "H264/", sdp.find("H265/") != std::string::npos ? "H264/" : "H265/");
    } else if (what == "no_video") {
        if (const std::size_t at = sdp.find("m=video"); at != std::string::npos) {
            const std::size_t next = sdp.find("m=", at + 2);
            sdp.erase(at, next == std::string::npos ? std::string::npos : next - at);
        }
    } else if (what == "garbage") {
        for (char& each : sdp) each = static_cast<char>(32 + random_() % 95);
    }
    return sdp;
}

boost::json::array Front::served() const {
    boost::json::array all;
    for (const Served& each : served_)
        all.push_back(boost::json::object{{"client", each.client},
                                          {"address", each.address},
                                          {"stream", each.stream},
                                          {"transport", each.transport},
                                          {"since", each.since},
                                          {"until", each.until},
                                          {"frames", each.frames},
                                          {"packets", each.packets},
                                          {"bytes", each.bytes}});
    return all;
}

std::size_t Front::connections() const {
    return static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(), [](const auto& weak) {
        const auto connection = weak.lock();
        return connection && connection->is_open();
    }));
}

} // namespace gatehouse::simulators::cameras
