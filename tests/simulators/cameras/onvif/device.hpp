// SPDX-License-Identifier: Apache-2.0
//
// A camera's web server: ONVIF's device, media, event, PTZ and relay calls over SOAP, snapshots, and the one page of the vendor's own protocol by
// which a technician tells a camera that is not activated, or has ONVIF switched off, from nothing at all. io thread only; must outlive the
// io_context's run().
#pragma once

#include "tests/simulators/cameras/onvif/accounts.hpp"
#include "tests/simulators/cameras/onvif/discovery.hpp"
#include "tests/simulators/cameras/onvif/pull_points.hpp"
#include "tests/simulators/control/device_clock.hpp"
#include "tests/simulators/control/faults.hpp"
#include "tests/simulators/web/http_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::simulators::cameras::onvif {

struct DeviceChoice {
    std::string address = "127.0.0.1";
    std::uint16_t http_port = 0, discovery_port = 0;
    bool joins_group = false;      // answers multicast probes too
    std::string log_in = "either"; // token, http
    std::size_t pull_points_max = 8;
    bool has_reference_parameters = false; // one address for all pull points, told apart by a header
    std::string user = "admin", password = "Gate-2024!";
    Accounts::Rules accounts{};
    std::string name = "camera-1", manufacturer = "HIKVISION", model = "DS-2CD2T47G2-L", firmware = "V5.7.3 build 230101";
    std::string serial_number = "DS-2CD2T47G2-L20240115AAWRF00000001", mac = "44:19:b6:00:00:01";
    std::uint64_t seed = 1;
};

struct ShownStream {
    std::string name, codec; // main; h264, h265
    int width = 0, height = 0, fps = 0;
};

/// What the web server needs of the camera around it.
struct Surroundings {
    std::function<std::vector<ShownStream>()> streams;
    std::function<std::uint16_t()> rtsp_port;
    std::function<std::string(const std::string& stream)> snapshot; // JPEG; empty where there is none
    std::function<void(const std::string& password)> password_changed;
};

class OnvifDevice {
public:
    OnvifDevice(boost::asio::io_context& io, DeviceChoice choice, Surroundings around, control::Faults& faults, control::DeviceClock& clock);

    void listen();
    void close();
    std::uint16_t http_port() const { return server_.port(); }
    std::uint16_t discovery_port() const { return discovery_.port(); }
    std::string uuid() const;

    void notify(const Notice& notice);
    Accounts& accounts() { return accounts_; }
    /// Pull points, PTZ and relay are as after a start.
    void reboot();
    double now_s() const;
    boost::json::object state() const;

private:
    web::Reply answer(const web::Request& request);
    web::Reply vendor_page(const web::Request& request);
    web::Reply snapshot(const web::Request& request);
    web::Reply soap(const web::Request& request);
    web::Reply refusal(Accounts::Verdict verdict);
    web::Reply pull(const Call& call, int id);
    web::Reply by_point(const Call& call, const web::Request& request);
    std::string device_call(const Call& call, const std::string& operation);
    std::string media_call(const Call& call, const std::string& operation);
    std::string other_call(const Call& call, const std::string& operation);
    std::string create_point(const Call& call);
    std::string pulled(const std::vector<std::string>& messages, double life_s) const;
    std::string capabilities() const;
    std::string services() const;
    std::string profiles(bool is_media2) const;
    std::string base() const;

    boost::asio::io_context& io_;
    DeviceChoice choice_;
    Surroundings around_;
    control::Faults& faults_;
    control::DeviceClock& clock_;
    web::HttpServer server_;
    Discovery discovery_;
    Accounts accounts_;
    PullPoints points_;
    boost::json::object ptz_{{"moving", false}};
    bool relay_is_active_ = false;
    std::uint64_t probes_ = 0;
};

} // namespace gatehouse::simulators::cameras::onvif
