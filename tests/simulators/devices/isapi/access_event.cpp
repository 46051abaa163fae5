// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/access_event.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::simulators::isapi {
namespace {

// Writes one key a line, in the order given.
class Lines {
public:
    Lines(int depth, bool numbers_as_text) : depth_(depth), numbers_as_text_(numbers_as_text) { out_ = "{"; }

    void text(std::string_view key, std::string_view value) { add(key, quoted(value)); }
    void number(std::string_view key, std::string_view value) { add(key, numbers_as_text_ ? quoted(value) : std::string(value)); }
    void number(std::string_view key, std::uint64_t value) { number(key, std::to_string(value)); }
    void number(std::string_view key, int value) { number(key, std::to_string(value)); }
    void truth(std::string_view key, bool value) { add(key, value ? "true" : "false"); }
    void object(std::string_view key, const std::string& value) { add(key, value); }

    std::string end() const { return out_ + "\n" + std::string(static_cast<std::size_t>(depth_), '\t') + "}"; }

private:
    static std::string quoted(std::string_view value) {
        std::string out = "\"";
        for (char c : value) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        return out + "\"";
    }

    void add(std::string_view key, const std::string& value) {
        out_ += is_first_ ? "\n" : ",\n";
        is_first_ = false;
        out_ += std::string(static_cast<std::size_t>(depth_) + 1, '\t') + "\"" + std::string(key) + "\":\t" + value;
    }

    int depth_;
    bool numbers_as_text_;
    bool is_first_ = true;
    std::string out_;
};

constexpr std::array grants{1, 2, 16, 34, 38, 40, 43, 46, 54, 57, 60, 63, 66, 69, 72, 75, 77, 101, 105};
constexpr std::array denials{3,  4,  5,  6,  7,  8,  9,  10, 11, 39, 41, 42, 44, 45,  47,  48,  49,  55,  56,  58,  59,  61,
                             62, 64, 65, 67, 68, 70, 71, 73, 74, 76, 78, 79, 80, 102, 103, 104, 112, 113, 117, 130, 132, 151};

} // namespace

bool is_grant(int major, int minor) { return major == 5 && std::find(grants.begin(), grants.end(), minor) != grants.end(); }

std::string_view record_kind(int major, int minor) {
    if (is_grant(major, minor)) return "pass.granted";
    if (major == 5 && std::find(denials.begin(), denials.end(), minor) != denials.end()) return "pass.denied";
    if (major == 5) {
        switch (minor) {
        case 21:
        case 25: return "door.opened";
        case 22:
        case 26: return "door.closed";
        case 23: return "button.pressed";
        case 27: return "door.forced";
        case 28: return "door.held";
        default: break;
        }
    }
    if (major == 1 && (minor == 1028 || minor == 1030)) return "tamper.raised";
    if (major == 1 && minor == 1034) return "duress.raised";
    if (major == 2 && minor == 1029) return "power.lost";
    if (major == 2 && minor == 1030) return "power.restored";
    return "device.event";
}

std::string access_event_json(const AccessEvent& event, const TerminalFace& terminal, const AccessBends& bends) {
    Lines inner(1, bends.numbers_as_text);
    inner.text("deviceName", event.device_name);
    inner.number("majorEventType", event.major);
    inner.number("subEventType", event.minor);
    if (!event.card.empty()) {
        inner.text("cardNo", event.card);
        inner.number("cardType", 1);
    }
    if (!event.name.empty()) inner.text("name", event.name);
    if (event.reader > 0) {
        inner.number("cardReaderKind", 1);
        inner.number("cardReaderNo", event.reader);
    }
    if (event.door > 0 && !bends.no_door) inner.number("doorNo", event.door);
    if (event.names_person()) inner.number("verifyNo", event.verify_no);
    if (!event.employee.empty()) inner.text("employeeNoString", event.employee);
    inner.number("serialNo", event.serial);
    if (event.names_person()) inner.text("userType", "normal");
    inner.text("currentVerifyMode", event.verify_mode);
    if (!bends.no_current) inner.truth("currentEvent", !bends.is_replay);
    inner.number(bends.misspelt_front ? "fronSerialNo" : "frontSerialNo", event.front_serial);
    inner.text("attendanceStatus", "undefined");
    inner.text("label", "");
    inner.number("statusValue", 0);
    inner.text("mask", event.mask);
    inner.number("picturesNumber", event.has_picture ? 1 : 0);
    inner.truth("purePwdVerifyEnable", true);
    if (event.has_picture) {
        Lines rect(2, false);
        rect.number("height", std::string_view("0.287"));
        rect.number("width", std::string_view("0.164"));
        rect.number("x", std::string_view("0.402"));
        rect.number("y", std::string_view("0.31"));
        inner.object("FaceRect", rect.end());
    }
    Lines outer(0, bends.numbers_as_text);
    outer.text("ipAddress", terminal.address);
    outer.number("portNo", terminal.port);
    outer.text("protocol", terminal.protocol);
    outer.text("macAddress", terminal.mac);
    outer.number("channelID", 1);
    outer.text("dateTime", event.time_text);
    outer.number("activePostCount", 1);
    outer.text("eventType", "AccessControllerEvent");
    outer.text("eventState", "active");
    outer.text("eventDescription", "Access Controller Event");
    outer.object("AccessControllerEvent", inner.end());
    return outer.end() + "\n";
}

std::string search_row_json(const AccessEvent& event, std::string_view picture_url, const AccessBends& bends) {
    Lines row(3, bends.numbers_as_text);
    row.number("major", event.major);
    row.number("minor", event.minor);
    row.text("time", event.time_text);
    if (!event.card.empty()) row.text("cardNo", event.card);
    if (event.names_person()) row.number("cardType", 1);
    if (!event.name.empty()) row.text("name", event.name);
    if (event.reader > 0) row.number("cardReaderNo", event.reader);
    if (event.door > 0 && !bends.no_door) row.number("doorNo", event.door);
    if (!event.employee.empty()) row.text("employeeNoString", event.employee);
    row.number("serialNo", event.serial);
    if (event.names_person()) row.text("userType", "normal");
    row.text("currentVerifyMode", event.verify_mode);
    row.text("mask", event.mask);
    if (!picture_url.empty()) row.text("pictureURL", picture_url);
    return row.end();
}

} // namespace gatehouse::simulators::isapi
