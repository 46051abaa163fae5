// SPDX-License-Identifier: Apache-2.0
// sim-isapi-face: a face terminal or access controller.
#include "tests/simulators/devices/isapi/face_terminal.hpp"
#include "tests/simulators/devices/isapi/program.hpp"

#include <array>

int main(int argc, char** argv) {
    using namespace gatehouse::simulators;
    isapi::Setup defaults;
    defaults.name = "face-1";
    defaults.serial_number = "DS-K1T671M20260101V030230ENF10203041";
    defaults.mac = "a4:d5:c2:10:20:30";
    defaults.shown_address = "192.168.50.41";
    defaults.gate.realm = "DS-6E392E44";
    static constexpr std::array further{
        control::Flag{"serial-start", "1", "serialNo of the first event"},
        control::Flag{"serial-wrap", "3000000000", "the serialNo after this one is 1"},
        control::Flag{"relock-s", "5", "the lock closes so long after it opened"},
        control::Flag{"follow-ups", "on", "a pass brings 5/21 and 5/22 with it"},
    };
    auto make = [](boost::asio::io_context& io, const isapi::Setup& setup, const control::Options& options, control::Ledger& ledger,
                   control::Faults& faults) {
        isapi::FaceTerminal::Habits habits;
        habits.first_serial = static_cast<std::uint64_t>(options.number("serial-start"));
        habits.serial_wrap = static_cast<std::uint64_t>(options.number("serial-wrap"));
        habits.relock_s = options.real("relock-s");
        habits.follows_up = options.is_on("follow-ups");
        return std::make_unique<isapi::FaceTerminal>(io, setup, habits, ledger, faults);
    };
    return isapi::run_device(argc, argv, defaults, further, make);
}
