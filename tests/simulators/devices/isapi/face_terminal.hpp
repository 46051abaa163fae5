// SPDX-License-Identifier: Apache-2.0
// A face terminal or access controller: numbered events with a memory that can be searched, pushed and streamed, doors,
// persons, cards and faces. io thread only.
#pragma once

#include "tests/simulators/devices/isapi/access_event.hpp"
#include "tests/simulators/devices/isapi/isapi_device.hpp"

#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace gatehouse::simulators::isapi {

// What differs between the firmwares that are imitated.
struct TerminalFirmware {
    std::string_view name;
    std::string_view model;
    std::string_view version;
    std::string_view part_name;  // of the event in a push
    bool has_part_type;          // Content-Type on it
    std::size_t page_events_max; // AcsEvent answers no more than this at once
    bool honours_begin_serial;
    bool replays_log; // each new stream gets the whole memory first
    bool has_face;    // else a controller: cards, no pictures, bare JSON pushes
    int doors;
};

std::span<const TerminalFirmware> terminal_firmwares();

class FaceTerminal final : public IsapiDevice {
public:
    static constexpr std::size_t memory_events_max = 100'000;
    static constexpr int people_count = 40;

    struct Habits {
        std::uint64_t first_serial = 1;
        std::uint64_t serial_wrap = 3'000'000'000; // the number after this one is 1
        double relock_s = 5;                       // 5/22 comes so much after 5/21
        bool follows_up = true;                    // a pass brings 5/21 and 5/22, each an event of its own
    };

    // Throws std::runtime_error where setup.firmware names none.
    FaceTerminal(boost::asio::io_context& io, Setup setup, Habits habits, control::Ledger& ledger, control::Faults& faults);

    control::LedgerRow event(const boost::json::object& what) override;
    control::LedgerRow random_event(std::mt19937_64& random) override;
    std::span<const control::FaultName> faults() const override;

protected:
    std::string model() const override { return std::string(firmware_.model); }
    std::string firmware_version() const override { return std::string(firmware_.version); }
    std::string device_type() const override { return "ACS"; }
    Framing stream_framing() const override;
    Framing push_framing() const override;
    bool pushes_bare() const override { return true; }
    bool takes_subscribe_event() const override { return true; }
    bool is_json() const override { return true; }
    std::optional<Reply> answer_own(const Request& request) override;
    boost::json::object own_state() override;
    bool own_fault(std::string_view name, const boost::json::object& arguments) override;
    void stream_opened(HttpServer::StreamId stream) override;
    void clock_was_set(bool by_ntp) override;
    void came_up() override;

private:
    struct Door {
        bool is_unlocked = false;
        int mode = 4; // 2 always open, 3 always closed, 4 normal
        std::uint64_t release = 0;
    };

    control::LedgerRow add(AccessEvent event);
    control::LedgerRow add_plain(int major, int minor, int door);
    control::LedgerRow pass(AccessEvent event, bool opens_first);
    void unlock(int door);
    Alert alert_of(const AccessEvent& event, bool is_replay);
    AccessBends draw_bends();
    std::string picture_of(std::uint64_t serial) const;
    std::string picture_path(const AccessEvent& event) const;
    Reply search(const Request& request);
    std::optional<Reply> answer_door(const Request& request);
    std::optional<Reply> answer_people(const Request& request);
    Reply answer_picture(const Request& request);
    void replay(HttpServer::StreamId stream, std::size_t from);

    TerminalFirmware firmware_;
    Habits habits_;
    std::deque<AccessEvent> memory_;
    std::uint64_t next_serial_;
    std::uint64_t last_serial_ = 0;
    int next_verify_no_ = 1;
    std::uint64_t next_canary_ = 1;
    std::uint64_t searches_ = 0;
    std::uint64_t pictures_served_ = 0;
    std::vector<Door> doors_;
    std::map<std::string, boost::json::object> users_; // by employeeNo
    std::map<std::string, boost::json::object> cards_; // by cardNo
    std::map<std::string, std::size_t> faces_;         // FPID -> bytes
};

} // namespace gatehouse::simulators::isapi
