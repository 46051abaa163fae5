// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/gateway.hpp"

#include "tests/harness/ports.hpp"
#include "tests/harness/simulator.hpp"
#include "tests/harness/temp_dir.hpp"
#include "tests/paths.hpp"

#include <signal.h>

namespace gatehouse::harness {

Gateway::Gateway(GatewayOptions options, const std::filesystem::path& folder)
    : options_(std::move(options)), folder_(folder / options_.id), isapi_port_(free_port()), uhppote_port_(free_port()) {
    std::filesystem::create_directories(folder_);
    // As systemd makes it: the daemon's alone.
    std::filesystem::create_directories(state_folder());
    std::filesystem::permissions(state_folder(), std::filesystem::perms::owner_all);
}

std::string Gateway::settings() const {
    const auto quoted = [](const std::string& text) { return "\"" + text + "\""; };
    const auto listener = "address = " + quoted(options_.listen) + "\ninterface = " + quoted(options_.listen_interface) + "\n";
    const bool has_recording = options_.more_settings.find("[recording]") != std::string::npos;
    const auto recording = has_recording ? std::string() : "[recording]\ndirectory = " + quoted((state_folder() / "recordings").string()) + "\n";
    // Groups of this machine are nobody's business in a test: root's own is everywhere, and root is admin.
    return "[gateway]\nid = " + quoted(options_.id) + "\ncompound = " + quoted(options_.compound) + "\nlanguage = " + quoted(options_.language) +
           "\nclock = " + quoted(options_.clock) + "\n[store]\ndirectory = " + quoted(state_folder().string()) +
           "\nreserve_bytes = 16777216\n[control]\nsocket = " + quoted(socket().string()) + "\ngroup = \"root\"\n[listeners.isapi]\n" + listener +
           "port = " + std::to_string(isapi_port_) + "\n[listeners.uhppote]\n" + listener + "port = " + std::to_string(uhppote_port_) +
           "\n[devices]\nimport_file = " + quoted((folder_ / "devices.toml").string()) +
           "\nevents_directory = " + quoted(tests::source_path("config/events")) +
           "\n[limits]\ndevice_records_per_s_max = " + std::to_string(options_.device_records_per_s_max) +
           "\ndevice_burst_records_max = " + std::to_string(options_.device_burst_records_max) + "\n[log]\nlevel = " + quoted(options_.log_level) +
           "\nformat = \"text\"\n" + recording + options_.more_settings + upstreams_;
}

void Gateway::write_files() {
    write_file(settings_file(), settings());
    write_file(folder_ / "devices.toml", devices_);
}

void Gateway::spawn() {
    process_.reset();
    process_ = std::make_unique<ChildProcess>("gatehoused",
                                              ChildProcess::Command{.program = built("gatehoused"),
                                                                    .arguments = {"--config", settings_file().string()},
                                                                    .environment = options_.environment,
                                                                    .directory = {}},
                                              folder_);
}

void Gateway::start() {
    write_files();
    spawn();
    wait_for_log(" running");
}

Exit Gateway::start_in_vain() {
    write_files();
    spawn();
    return process_->wait();
}

Exit Gateway::stop() { return process_->terminate(); }
void Gateway::kill() { process_->kill(); }

void Gateway::kill_and_start() {
    kill();
    start();
}

void Gateway::reload() { reload_with(settings()); }

void Gateway::reload_with(const std::string& settings) {
    write_file(settings_file(), settings);
    process_->send_signal(SIGHUP);
}

void Gateway::wait_for_log(const std::string& words, std::chrono::milliseconds within) {
    eventually(
        "'" + words + "' in the gateway's log",
        [&] {
            if (log().find(words) != std::string::npos) return true;
            if (!process_->is_running()) throw Hopeless("gatehoused ended: " + process_->last_words());
            return false;
        },
        within, [this] { return process_->last_words(); });
}

std::string Gateway::ctl(const std::vector<std::string>& words, int* code) const {
    std::vector<std::string> arguments{"--socket", socket().string()};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const TempDir output("ctl");
    ChildProcess process("gatehousectl", {.program = built("gatehousectl"), .arguments = std::move(arguments), .environment = {}, .directory = {}},
                         output.path());
    const Exit exit = process.wait();
    if (code)
        *code = exit.code;
    else if (exit.code != 0)
        throw Trouble("gatehousectl ended with " + std::to_string(exit.code) + ": " + process.last_words());
    return process.out();
}

} // namespace gatehouse::harness
