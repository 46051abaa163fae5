// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/isapi_devices.hpp"

#include "tests/harness/ports.hpp"

namespace gatehouse::harness {
namespace {

IsapiOptions with_port(IsapiOptions options) {
    if (options.port == 0) options.port = free_port();
    return options;
}

std::vector<std::string> arguments(const std::string& name, const IsapiOptions& options) {
    std::vector<std::string> all{"--name",           name,
                                 "--listen",         options.address,
                                 "--port",           std::to_string(options.port),
                                 "--user",           options.user,
                                 "--password",       options.password,
                                 "--memory",         std::to_string(options.events_max),
                                 "--heartbeat-s",    std::to_string(options.heartbeat_s),
                                 "--clock-offset-s", std::to_string(options.clock_offset_s),
                                 "--seed",           std::to_string(options.seed)};
    if (!options.firmware.empty()) all.insert(all.end(), {"--firmware", options.firmware});
    all.insert(all.end(), options.more.begin(), options.more.end());
    return all;
}

} // namespace

// The port is drawn once, so that the device stands at the same place after kill() and start().
IsapiDevice::IsapiDevice(const std::string& name, const std::string& program, IsapiOptions options, const std::filesystem::path& folder)
    : Simulator(name, program, arguments(name, options = with_port(std::move(options))), folder), options_(std::move(options)) {}

Made PlateCamera::drive(const std::string& plate, const std::string& direction) { return event({{"plate", plate}, {"direction", direction}}); }

Made FaceTerminal::show_face(const std::string& employee, unsigned door) { return event({{"minor", 75}, {"employee", employee}, {"door", door}}); }
Made FaceTerminal::show_stranger(unsigned door) { return event({{"minor", 76}, {"employee", ""}, {"door", door}}); }
Made FaceTerminal::swipe(const std::string& card, const std::string& employee, unsigned door) {
    return event({{"minor", 1}, {"card", card}, {"employee", employee}, {"door", door}});
}

} // namespace gatehouse::harness
