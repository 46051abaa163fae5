// SPDX-License-Identifier: Apache-2.0
// sim-isapi-plate: a plate-reading camera with a barrier.
#include "tests/simulators/devices/isapi/plate_camera.hpp"
#include "tests/simulators/devices/isapi/program.hpp"

int main(int argc, char** argv) {
    using namespace gatehouse::simulators;
    isapi::Setup defaults;
    defaults.name = "plate-1";
    defaults.serial_number = "DS-TCG405-E20260101AACHF10203040";
    defaults.gate.realm = "IP Camera(F1234)";
    auto make = [](boost::asio::io_context& io, const isapi::Setup& setup, const control::Options&, control::Ledger& ledger,
                   control::Faults& faults) { return std::make_unique<isapi::PlateCamera>(io, setup, ledger, faults); };
    return isapi::run_device(argc, argv, defaults, {}, make);
}
