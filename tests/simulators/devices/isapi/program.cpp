// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/devices/isapi/program.hpp"

#include "tests/simulators/control/server.hpp"

#include <boost/asio/io_context.hpp>

#include <array>
#include <cstdio>
#include <exception>
#include <vector>

namespace gatehouse::simulators::isapi {

int run_device(int argc, char** argv, Setup defaults, std::span<const control::Flag> further, const MakeDevice& make) try {
    using control::Flag;
    std::string streams = std::to_string(defaults.streams_max);
    std::vector<Flag> flags{
        Flag{"name", defaults.name, "how the ledger calls this device"},
        Flag{"listen", defaults.listen_address, "address of the web server"},
        Flag{"port", "0", "port of the web server; 0: any, see the ready line"},
        Flag{"user", defaults.gate.user, "account"},
        Flag{"password", defaults.gate.password, "its password"},
        Flag{"realm", defaults.gate.realm, "of the digest"},
        Flag{"nonce-life-s", "3600", "a nonce is stale after this"},
        Flag{"lock-s", "1800", "how long five wrong passwords lock the account"},
        Flag{"firmware", "", "which firmware to imitate, see README.md"},
        Flag{"serial-number", defaults.serial_number, "of the device"},
        Flag{"mac", defaults.mac, "of the device"},
        Flag{"shown-address", defaults.shown_address, "ipAddress inside events, decoration"},
        Flag{"heartbeat-s", "10", "between heartbeats on streams"},
        Flag{"reboot-s", "1", "a reboot takes"},
        Flag{"push-wait-s", "10", "a push waits this long for its answer"},
        Flag{"streams-max", streams, "armed clients; the next gets deployExceedMax"},
        Flag{"memory", "0", "events kept; 0: the device's own measure"},
        Flag{"picture-bytes", "3000", "about the size of a picture"},
        Flag{"push", "", "http://ADDRESS:PORT/PATH, fills slot 1 of httpHosts"},
        Flag{"clock-offset-s", "0", "how wrong the clock is at the start"},
    };
    flags.insert(flags.end(), further.begin(), further.end());
    control::Options options(argc, argv, flags);
    Setup setup = defaults;
    setup.name = options.text("name");
    setup.listen_address = options.text("listen");
    setup.port = static_cast<std::uint16_t>(options.number("port"));
    setup.gate.user = options.text("user");
    setup.gate.password = options.text("password");
    setup.gate.realm = options.text("realm");
    setup.gate.nonce_life_s = options.real("nonce-life-s");
    setup.gate.lock_s = options.real("lock-s");
    setup.firmware = options.text("firmware");
    setup.serial_number = options.text("serial-number");
    setup.mac = options.text("mac");
    setup.shown_address = options.text("shown-address");
    setup.heartbeat_s = options.real("heartbeat-s");
    setup.reboot_s = options.real("reboot-s");
    setup.push_wait_s = options.real("push-wait-s");
    setup.streams_max = static_cast<std::size_t>(options.number("streams-max"));
    setup.memory_max = static_cast<std::size_t>(options.number("memory"));
    setup.picture_bytes = static_cast<std::size_t>(options.number("picture-bytes"));
    setup.push_url = options.text("push");
    setup.seed = options.seed();

    boost::asio::io_context io;
    control::Ledger ledger(options.ledger_path());
    control::Faults faults(options.seed());
    auto device = make(io, setup, options, ledger, faults);
    if (auto offset_s = options.real("clock-offset-s"); offset_s != 0)
        device->set_clock(std::chrono::microseconds(static_cast<std::int64_t>(offset_s * 1e6)), std::nullopt);
    control::Server server(io, options.control_port(), options.seed(), *device, ledger, faults);
    device->start();
    control::serve(io, server, {{"http", device->port()}});
    return 0;
} catch (const std::exception& wrong) {
    std::fprintf(stderr, "%s\n", wrong.what());
    return 1;
}

} // namespace gatehouse::simulators::isapi
