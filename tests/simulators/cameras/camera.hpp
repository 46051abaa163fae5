// SPDX-License-Identifier: Apache-2.0
//
// A whole camera: its lenses, GStreamer's server, the front that clients see, ONVIF, its clock, and the faults on command.
#pragma once

#include "tests/simulators/cameras/onvif/device.hpp"
#include "tests/simulators/cameras/rtsp/front.hpp"
#include "tests/simulators/cameras/rtsp/lens.hpp"
#include "tests/simulators/cameras/rtsp/stream_server.hpp"
#include "tests/simulators/control/device.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

namespace gatehouse::simulators::cameras {

struct CameraChoice {
    std::string name = "camera-1";
    std::string listen_address = "127.0.0.1";
    std::uint16_t rtsp_port = 0;
    StreamServerChoice server{};
    onvif::DeviceChoice onvif{}; // address, account and name are taken from the above
    double reboot_s = 1;
    std::uint64_t seed = 1;
};

class Camera final : public control::Device {
public:
    Camera(boost::asio::io_context& io, CameraChoice choice, std::vector<std::unique_ptr<Lens>> lenses, control::Ledger& ledger,
           control::Faults& faults);

    /// Opens its ports; frame 0 is due now.
    void start();
    std::uint16_t rtsp_port() const { return front_.port(); }
    const onvif::OnvifDevice& onvif() const { return onvif_; }

    boost::json::object state() override;
    control::LedgerRow event(const boost::json::object& what) override;
    control::LedgerRow random_event(std::mt19937_64& random) override;
    std::span<const control::FaultName> faults() const override;
    bool fault_was_set(std::string_view name, const boost::json::object& arguments) override;
    void fault_was_cleared(std::string_view name) override;
    void set_clock(std::chrono::microseconds offset, std::optional<double> drift_ppm) override;
    void reboot() override;
    std::optional<boost::json::value> request(std::string_view verb, std::string_view target, const boost::json::object& body) override;

private:
    void wait_for_frame();
    void open();
    void close();
    std::vector<onvif::ShownStream> shown_streams() const;
    std::string snapshot(const std::string& stream) const;
    Lens::Harm harm(const Lens& lens, bool is_key);
    bool strikes(std::string_view fault, const Lens& lens);

    boost::asio::io_context& io_;
    CameraChoice choice_;
    std::vector<std::unique_ptr<Lens>> lenses_;
    control::Ledger& ledger_;
    control::Faults& faults_;
    control::DeviceClock clock_;
    StreamServer server_;
    Front front_;
    onvif::OnvifDevice onvif_;
    std::uint64_t next_key_ = 1;
    boost::asio::steady_timer frame_, boot_;
    bool is_booting_ = false;
};

} // namespace gatehouse::simulators::cameras
