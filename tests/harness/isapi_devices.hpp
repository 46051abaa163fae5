// SPDX-License-Identifier: Apache-2.0
//
// A plate camera and a face terminal (sim-isapi-plate, sim-isapi-face) in a story.
#pragma once

#include "tests/harness/simulator.hpp"

namespace gatehouse::harness {

struct IsapiOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0; // 0: one that is free
    std::string user = "admin", password = "Gate-2024!";
    std::string firmware{};
    std::size_t events_max = 0; // 0: the device's own measure
    double heartbeat_s = 5;
    double clock_offset_s = 0;
    std::uint64_t seed = 1;
    std::string interface {}; // that the gateway reaches it by
    std::vector<std::string> more{};
};

class IsapiDevice : public Simulator {
public:
    const std::string& address() const { return options_.address; }
    std::uint16_t http_port() const { return port("http"); }
    const IsapiOptions& options() const { return options_; }

protected:
    IsapiDevice(const std::string& name, const std::string& program, IsapiOptions options, const std::filesystem::path& folder);
    IsapiOptions options_;
};

class PlateCamera : public IsapiDevice {
public:
    PlateCamera(const std::string& name, IsapiOptions options, const std::filesystem::path& folder)
        : IsapiDevice(name, "sim-isapi-plate", std::move(options), folder) {}
    Made drive(const std::string& plate, const std::string& direction = "forward");
};

class FaceTerminal : public IsapiDevice {
public:
    FaceTerminal(const std::string& name, IsapiOptions options, const std::filesystem::path& folder)
        : IsapiDevice(name, "sim-isapi-face", std::move(options), folder) {}
    /// By face; `employee` is the number that the terminal knows the person by.
    Made show_face(const std::string& employee, unsigned door = 1);
    Made show_stranger(unsigned door = 1);
    Made swipe(const std::string& card, const std::string& employee, unsigned door = 1);
};

} // namespace gatehouse::harness
