// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/ups.hpp"

#include "tests/harness/ports.hpp"
#include "tests/harness/temp_dir.hpp"

namespace gatehouse::harness {

Ups::Ups(const std::filesystem::path& folder) : folder_(folder / "ups"), port_(free_port()) {
    std::filesystem::create_directories(folder_);
    write_file(folder_ / "ups.conf", "[room]\n  driver = dummy-ups\n  port = room.dev\n  desc = \"UPS of the control room\"\n");
    write_file(folder_ / "upsd.conf", "LISTEN 127.0.0.1 " + std::to_string(port_) + "\nSTATEPATH " + folder_.string() + "\n");
    write_file(folder_ / "upsd.users", "");
    status("OL");
    // Started by whoever runs the tests; by itself NUT changes to a user of its own, who may not read this folder.
    const auto start = [&](const std::string& program, std::vector<std::string> words) {
        words.insert(words.begin(), {"-u", run_to_end("/usr/bin/id", {"-un"}), "-D"});
        while (words[1].ends_with('\n')) words[1].pop_back();
        const auto here = folder_.string();
        return std::make_unique<ChildProcess>(
            program,
            ChildProcess::Command{.program = "/lib/nut/" + program,
                                  .arguments = std::move(words),
                                  .environment = {{"NUT_CONFPATH", here}, {"NUT_STATEPATH", here}, {"NUT_ALTPIDPATH", here}, {"NUT_PIDPATH", here}},
                                  .directory = folder_},
            folder_);
    };
    driver_ = start("dummy-ups", {"-a", "room"});
    eventually("the driver's socket", [&] { return std::filesystem::exists(folder_ / "dummy-ups-room"); });
    upsd_ = start("upsd", {});
}

void Ups::status(const std::string& words) {
    // In one breath: half a file would be read as half a UPS.
    write_file(folder_ / "room.new", "ups.status: " + words + "\nups.mfr: EATON\nups.model: 5P 1550\nbattery.charge: 97\nups.load: 23\n");
    std::filesystem::rename(folder_ / "room.new", folder_ / "room.dev");
}

std::string Ups::device(const std::string& id) const {
    return "[[device]]\nid = \"" + id + "\"\ndriver = \"nut\"\naddress = \"127.0.0.1\"\nport = " + std::to_string(port_) + "\n";
}

} // namespace gatehouse::harness
