// SPDX-License-Identifier: Apache-2.0
// A plate-reading camera at a lane with a barrier: ANPR events by stream and push, a short memory for searches, barrier,
// alarm output, plate list. io thread only.
#pragma once

#include "tests/simulators/devices/isapi/anpr.hpp"
#include "tests/simulators/devices/isapi/isapi_device.hpp"

#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::simulators::isapi {

// What differs between the firmwares that are imitated.
struct PlateFirmware {
    std::string_view name;
    std::string_view model;
    std::string_view version;
    std::string_view push_boundary;
    std::string_view xml_type;
    std::string_view scene_name;
    std::string_view scene_type;
    bool has_blanks;                    // in Content-Disposition
    bool odd_file_names;                // filename is a time stamp, not the name
    bool has_barrier;                   // else only the alarm output lifts the gate
    bool zulu_captures;                 // captureTime with Z
    bool searches_by_get;               // POST of vehicleDetect/plates is refused
    std::string_view namespace_variant; // empty: isapi.org
};

std::span<const PlateFirmware> plate_firmwares();

class PlateCamera final : public IsapiDevice {
public:
    static constexpr std::size_t memory_captures_max = 300;
    static constexpr double gate_open_s = 5;

    enum class Gate { closed = 1, open = 2 };

    // Throws std::runtime_error where setup.firmware names none.
    PlateCamera(boost::asio::io_context& io, Setup setup, control::Ledger& ledger, control::Faults& faults);

    control::LedgerRow event(const boost::json::object& what) override;
    control::LedgerRow random_event(std::mt19937_64& random) override;
    std::span<const control::FaultName> faults() const override;

protected:
    std::string model() const override { return std::string(firmware_.model); }
    std::string firmware_version() const override { return std::string(firmware_.version); }
    std::string device_type() const override { return "IPCamera"; }
    Framing stream_framing() const override;
    Framing push_framing() const override;
    bool pushes_bare() const override { return true; }
    bool takes_subscribe_event() const override { return false; }
    bool is_json() const override { return false; }
    std::optional<Reply> answer_own(const Request& request) override;
    boost::json::object own_state() override;
    bool own_fault(std::string_view name, const boost::json::object& arguments) override;

private:
    control::LedgerRow take(Capture capture);
    Alert alert_of(const Capture& capture);
    std::optional<Reply> answer_list(const Request& request);
    void lift();
    bool is_listed(const std::string& plate) const;

    PlateFirmware firmware_;
    std::deque<Capture> memory_;
    std::uint64_t next_number_ = 1;
    Gate gate_state_ = Gate::closed;
    bool gate_locked_ = false;
    std::uint64_t gate_lifts_ = 0;
    std::uint64_t gate_orders_ = 0;
    std::string output_ = "low";
    std::map<std::string, boost::json::object> list_; // by plate
    std::uint64_t next_list_id_ = 1;
};

} // namespace gatehouse::simulators::isapi
