// SPDX-License-Identifier: Apache-2.0
// What every pretend ISAPI device has: web server with digest, identity, clock, alertStreams with heartbeats, push to
// httpHosts, and the faults of transport and framing. PlateCamera and FaceTerminal add their events and their memory.
// io thread only; must outlive the io_context's run().
#pragma once

#include "tests/simulators/control/device.hpp"
#include "tests/simulators/control/device_clock.hpp"
#include "tests/simulators/control/faults.hpp"
#include "tests/simulators/devices/isapi/alert.hpp"
#include "tests/simulators/devices/isapi/pusher.hpp"
#include "tests/simulators/devices/isapi/response_status.hpp"
#include "tests/simulators/devices/isapi/time_text.hpp"
#include "tests/simulators/web/digest.hpp"
#include "tests/simulators/web/http_server.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::simulators::isapi {

using web::DigestGate;
using web::HttpServer;
using web::md5_hex;
using web::Reply;
using web::Request;

struct Setup {
    std::string name = "isapi-1"; // how the ledger calls the device
    std::string serial_number = "DS-SIM20260101AACHF10203040";
    std::string mac = "24:32:ae:10:20:30";
    std::string shown_address = "192.168.50.31"; // decoration in events
    std::string listen_address = "127.0.0.1";
    std::uint16_t port = 0;
    DigestGate::Rules gate;
    std::string firmware; // empty: the first of the device's table
    double heartbeat_s = 10;
    double reboot_s = 1;
    double push_wait_s = 10;
    std::size_t streams_max = 2; // deployExceedMax beyond
    std::size_t memory_max = 0;  // events kept; 0: the device's own measure
    std::size_t picture_bytes = 3000;
    std::string push_url; // http://ADDRESS:PORT/PATH fills slot 1 of httpHosts at the start
    std::uint64_t seed = 1;
};

// One slot of httpHosts.
struct HostSlot {
    int id = 0;
    std::string xml; // as it was put, without declaration
    Listener listener;
    double heartbeat_s = 0;
    bool is_used() const { return listener.port != 0 && listener.host != "0.0.0.0" && listener.path != "/" && !listener.path.empty(); }
};

// "http://127.0.0.1:8085/hik/1" and nothing else.
std::optional<Listener> parse_listener(std::string_view url);

// A name that nobody may find behind the gateway; every event carries one in every name field.
std::string canary(std::uint64_t number);

class IsapiDevice : public control::Device {
public:
    static constexpr std::size_t slots_max = 3;
    static constexpr std::size_t recent_alerts_max = 64;

    IsapiDevice(boost::asio::io_context& io, Setup setup, control::Ledger& ledger, control::Faults& faults);
    IsapiDevice(const IsapiDevice&) = delete;
    IsapiDevice& operator=(const IsapiDevice&) = delete;

    // Opens the web server and starts the heartbeat.
    void start();
    std::uint16_t port() const { return server_.port(); }

    boost::json::object state() override;
    bool fault_was_set(std::string_view name, const boost::json::object& arguments) override;
    void fault_was_cleared(std::string_view name) override;
    void set_clock(std::chrono::microseconds offset, std::optional<double> drift_ppm) override;
    void reboot() override;

protected:
    // -- for the devices to fill in
    virtual std::string model() const = 0;
    virtual std::string firmware_version() const = 0;
    virtual std::string device_type() const = 0;
    virtual Framing stream_framing() const = 0;
    virtual Framing push_framing() const = 0;
    virtual bool pushes_bare() const = 0;
    virtual bool takes_subscribe_event() const = 0;
    virtual bool is_json() const = 0;
    virtual std::optional<Reply> answer_own(const Request& request) = 0;
    virtual boost::json::object own_state() = 0;
    virtual bool own_fault(std::string_view name, const boost::json::object& arguments) = 0;
    virtual void own_fault_cleared(std::string_view) {}
    virtual void stream_opened(HttpServer::StreamId) {}
    virtual void clock_was_set(bool /*by_ntp*/) {}
    virtual void came_up() {}

    // -- for the devices to use
    // Out on every stream and to every listener; kept for `duplicate`.
    void emit(const Alert& alert);
    // The same without keeping, drawn with the faults of framing.
    void emit_again(const Alert& alert);
    void emit_damaged(const Alert& alert, const Damage& damage);
    void send_to(HttpServer::StreamId stream, const Alert& alert);
    void later(double s, std::function<void()> what);

    // How many events a fault that names `count` is about.
    static std::size_t count_of(const boost::json::object& arguments, std::size_t otherwise);

    Micros now() const { return micros(clock_.utc()); }
    int zone_minutes() const { return static_cast<int>(clock_.zone().count()); }
    std::string time_text(Micros at);
    control::LedgerRow add_row(std::uint64_t key, std::string kind, std::string subject, Micros at);

    Reply say(const ResponseStatus& status, const Request& request) const;
    static Reply xml_reply(std::string body);
    static Reply json_reply(std::string body);

    boost::asio::io_context& io_;
    Setup setup_;
    control::Ledger& ledger_;
    control::Faults& faults_;
    control::DeviceClock clock_;
    DigestGate gate_;
    HttpServer server_;

private:
    Reply answer(const Request& request);
    Reply refuse_entry(DigestGate::Verdict verdict);
    std::optional<Reply> answer_system(const Request& request);
    std::optional<Reply> answer_hosts(const Request& request);
    Reply open_stream(const Request& request);
    bool path_hit(std::string_view fault, const Request& request);
    Framing framed(Framing framing);
    Alert heartbeat_alert();
    Alert poison(std::string_view name, const boost::json::object& arguments, Damage& damage);
    void beat();
    void beat_pushes();
    void go_offline();
    void come_back();
    void arm_dropper();
    HostSlot* slot(int id);
    std::string put_slot(HostSlot& slot, std::string_view xml);

    std::list<Pusher> pushers_; // one per slot
    std::vector<HostSlot> slots_;
    std::deque<Alert> recent_;
    std::list<boost::asio::steady_timer> timers_;
    boost::asio::steady_timer heartbeat_timer_;
    boost::asio::steady_timer push_heartbeat_timer_;
    boost::asio::steady_timer drop_timer_;
    std::string time_mode_ = "NTP";
    std::string ntp_server_ = "time.example.cn";
    int ntp_port_ = 123;
    int ntp_interval_min_ = 60;
    bool push_asleep_ = false;
    std::uint64_t clock_sets_ = 0;
    std::uint64_t pushes_made_ = 0;
};

// The faults that both devices know; a device's own come in front of them.
std::span<const control::FaultName> common_faults();

} // namespace gatehouse::simulators::isapi
