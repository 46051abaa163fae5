// SPDX-License-Identifier: Apache-2.0
// One entry of an access controller's log, and the two shapes in which it says so: AccessControllerEvent (pushes and
// streams) and a row of an AcsEvent search, whose field names differ. JSON as the devices write it: a TAB behind each
// colon, one key a line. Plain values, no I/O. Source: isapi AccessControllerEvent, DS-K1T341/671 family.
#pragma once

#include "tests/simulators/devices/isapi/time_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::simulators::isapi {

struct AccessEvent {
    std::uint64_t serial = 0;
    std::uint64_t front_serial = 0; // the one before it in this device's log
    int major = 5;
    int minor = 75;
    Micros at = 0;
    std::string time_text; // as it was written then
    int door = 1;          // 0: none
    int reader = 1;        // 0: none
    std::string card;      // leading zeros kept; empty: none
    std::string employee;  // empty: none
    std::string name;      // of the person
    std::string device_name;
    int verify_no = 0;
    std::string verify_mode = "cardOrFace";
    std::string mask = "unknown";
    bool has_picture = false;

    bool names_person() const { return !employee.empty() || !card.empty(); }
};

// Bends of single fields, drawn once per writing.
struct AccessBends {
    bool numbers_as_text = false;
    bool no_door = false;
    bool no_current = false; // currentEvent is left out
    bool is_replay = false;  // currentEvent false
    bool misspelt_front = false;
};

struct TerminalFace {
    std::string address = "192.168.50.41";
    int port = 443;
    std::string protocol = "HTTPS";
    std::string mac = "a4:d5:c2:10:20:30";
};

std::string access_event_json(const AccessEvent& event, const TerminalFace& terminal, const AccessBends& bends);

// An object of InfoList, indented to stand there. `picture_url` empty: none.
std::string search_row_json(const AccessEvent& event, std::string_view picture_url, const AccessBends& bends);

// The kind of record that a gateway should make of the pair, such as pass.granted; device.event where there is none.
std::string_view record_kind(int major, int minor);
bool is_grant(int major, int minor);

} // namespace gatehouse::simulators::isapi
