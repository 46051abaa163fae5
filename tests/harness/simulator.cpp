// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/simulator.hpp"

#include "tests/harness/ports.hpp"

#include <cstdlib>
#include <utility>

namespace gatehouse::harness {
namespace json = boost::json;
namespace {

Made made(const json::value& row) {
    const auto text = [&](const char* name) { return std::string(row.at(name).as_string()); };
    return {text("device"), row.at("key").to_number<std::uint64_t>(), text("kind"), text("subject"), text("at"), text("made_at")};
}

std::vector<Made> all_made(const json::value& rows) {
    std::vector<Made> all;
    for (const json::value& row : rows.as_array()) all.push_back(made(row));
    return all;
}

} // namespace

std::filesystem::path built(const std::string& program) {
    if (const char* folder = std::getenv("GATEHOUSE_BIN")) return std::filesystem::path(folder) / program;
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / program;
}

Simulator::Simulator(std::string name, std::string program, std::vector<std::string> arguments, std::filesystem::path folder,
                     std::chrono::milliseconds ready_within)
    : name_(std::move(name)), program_(std::move(program)), arguments_(std::move(arguments)), folder_(std::move(folder)), ready_within_(ready_within),
      control_port_(free_port()) {
    start();
}

void Simulator::start() {
    std::vector<std::string> arguments = arguments_;
    arguments.insert(arguments.end(), {"--control", std::to_string(control_port_), "--ledger", (folder_ / (name_ + ".ledger")).string()});
    process_ = std::make_unique<ChildProcess>(
        name_, ChildProcess::Command{.program = built(program_), .arguments = std::move(arguments), .environment = {}, .directory = {}}, folder_);
    const json::value ready = json::parse(process_->wait_for_line("\"ready\"", ready_within_));
    ports_ = ready.at("ports").as_object();
}

void Simulator::kill() { process_->kill(); }

std::uint16_t Simulator::port(const std::string& what) const { return ports_.at(what).to_number<std::uint16_t>(); }

std::vector<Made> Simulator::ledger() const { return all_made(control().get("/ledger")); }

Made Simulator::event(const json::object& what) { return made(control().post("/event", what)); }

std::vector<Made> Simulator::burst(std::size_t count) { return all_made(control().post("/burst", json::object{{"count", count}})); }

void Simulator::traffic(double per_s) { control().post("/traffic", json::object{{"per_s", per_s}}); }

void Simulator::fault(const std::string& name, json::object arguments) {
    arguments["name"] = name;
    control().post("/fault", arguments);
}

void Simulator::set_clock(double offset_s, double drift_ppm) {
    control().post("/clock", json::object{{"offset_s", offset_s}, {"drift_ppm", drift_ppm}});
}

} // namespace gatehouse::harness
