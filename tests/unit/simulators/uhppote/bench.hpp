// SPDX-License-Identifier: Apache-2.0
//
// A controller at a moment of our choosing, and datagrams written by hand as hexadecimal.
#pragma once

#include "tests/simulators/devices/uhppote/controller.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace gatehouse::simulators::uhppote {

/// "17 94 …" as 64 bytes; what is not written is zero.
inline Bytes hex(std::string_view text, std::size_t size = message_bytes) {
    Bytes bytes;
    unsigned digit_count = 0, value = 0;
    for (const char c : text) {
        const auto digit = std::string_view("0123456789abcdef").find(c);
        if (digit == std::string_view::npos) continue;
        value = value * 16 + static_cast<unsigned>(digit);
        if (++digit_count % 2 == 0) {
            bytes.push_back(static_cast<std::uint8_t>(value));
            value = 0;
        }
    }
    bytes.resize(size, 0);
    return bytes;
}

inline std::string shown(View bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        char two[4];
        std::snprintf(two, sizeof two, "%02x ", byte);
        text += two;
    }
    return text;
}

struct Bench {
    explicit Bench(Board board = {}, std::uint32_t first_index = 1) : controller(board, clock, ledger, faults) {
        controller.push = [this](Bytes datagram) { pushed.push_back(std::move(datagram)); };
        controller.memory().start_at(first_index);
    }

    // 2026-01-15 08:30:12 in Shanghai
    control::RealTime now{std::chrono::sys_days(std::chrono::year(2026) / 1 / 15) + std::chrono::minutes(30) + std::chrono::seconds(12)};
    control::DeviceClock clock{std::chrono::hours(8), [this] { return now; }};
    control::Ledger ledger;
    control::Faults faults{1};
    Controller controller;
    std::vector<Bytes> pushed;

    /// The reply as hexadecimal; empty where the controller stays silent.
    std::string ask(std::string_view request) {
        const auto reply = controller.answer(hex(request));
        return reply ? shown(*reply) : "";
    }
    Bytes reply(std::string_view request) {
        const auto answer = controller.answer(hex(request));
        REQUIRE(answer);
        return *answer;
    }
};

inline std::string want(std::string_view text) { return shown(hex(text)); }

} // namespace gatehouse::simulators::uhppote
