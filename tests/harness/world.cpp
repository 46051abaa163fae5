// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/world.hpp"

#include "tests/harness/ports.hpp"
#include "tests/oracle/oracle.hpp"

#include <array>

namespace gatehouse::harness {
namespace {

std::string options_table(const std::map<std::string, std::string>& options) {
    if (options.empty()) return {};
    std::string text = "options = { ";
    for (const auto& [name, value] : options) text += (text.ends_with("{ ") ? "" : ", ") + name + " = \"" + value + "\"";
    return text + " }\n";
}

std::string device_table(const std::string& id, const std::string& driver, const std::string& model, const std::string& address, std::uint16_t port,
                         const std::string& interface) {
    return "[[device]]\nid = \"" + id + "\"\ndriver = \"" + driver + "\"\nmodel = \"" + model + "\"\nname = \"" + id + "\"\naddress = \"" + address +
           "\"\nport = " + std::to_string(port) + (interface.empty() ? "" : "\ninterface = \"" + interface + "\"") + "\n";
}

// A camera tells a plate and a direction; whether that is a car coming in is the gateway's to say, by its outlets.
std::string as_devices_say(const std::string& kind) { return kind.starts_with("vehicle.") ? "plate.read" : kind; }

} // namespace

World::World(GatewayOptions options) : gateway_(std::move(options), folder_.path()) {}

Platform& World::platform(const std::string& name, PlatformOptions options) {
    return platforms_.emplace_back(name, gateway_.options().id, std::move(options), folder_.path());
}

Platform& World::named(const std::string& name) {
    for (Platform& each : platforms_)
        if (each.name() == name) return each;
    return platform(name);
}

UhppoteDoors& World::uhppote(const std::string& name, UhppoteOptions options, std::map<std::string, std::string> driver_options) {
    driver_options.emplace("heartbeat_s", "5");
    auto made = std::make_unique<UhppoteDoors>(name, options, folder_.path());
    UhppoteDoors& doors = *made;
    simulators_.push_back(std::move(made));
    std::string text = device_table(name, "uhppote", "UT0311-L04", doors.address(), doors.udp_port(), options.interface) +
                       "serial = " + std::to_string(doors.serial()) + "\n" + options_table(driver_options);
    for (unsigned door = 1; door <= options.doors; ++door)
        text += "[[device.outlet]]\nnumber = " + std::to_string(door) + "\nname = \"" + name + "-" + std::to_string(door) + "\"\nforward = \"in\"\n";
    add_device(text);
    return doors;
}

PlateCamera& World::plate_camera(const std::string& name, IsapiOptions options, std::map<std::string, std::string> driver_options) {
    auto made = std::make_unique<PlateCamera>(name, std::move(options), folder_.path());
    PlateCamera& camera = *made;
    simulators_.push_back(std::move(made));
    const auto password = folder_ / (name + ".password");
    write_secret(password, camera.options().password);
    add_device(device_table(name, "isapi", "plate", camera.address(), camera.http_port(), camera.options().interface) + "username = \"" +
               camera.options().user + "\"\npassword_credential = \"" + password.string() + "\"\n" + options_table(driver_options) +
               "[[device.outlet]]\nnumber = 1\nname = \"" + name + "\"\nforward = \"in\"\n");
    return camera;
}

FaceTerminal& World::face_terminal(const std::string& name, IsapiOptions options, std::map<std::string, std::string> driver_options) {
    auto made = std::make_unique<FaceTerminal>(name, std::move(options), folder_.path());
    FaceTerminal& terminal = *made;
    simulators_.push_back(std::move(made));
    const auto password = folder_ / (name + ".password");
    write_secret(password, terminal.options().password);
    add_device(device_table(name, "isapi", "terminal", terminal.address(), terminal.http_port(), terminal.options().interface) + "username = \"" +
               terminal.options().user + "\"\npassword_credential = \"" + password.string() + "\"\n" + options_table(driver_options) +
               "[[device.outlet]]\nnumber = 1\nname = \"" + name + "\"\nforward = \"in\"\n");
    return terminal;
}

void World::start_platforms() {
    if (platforms_.empty()) platform("district");
    std::string upstreams;
    for (Platform& each : platforms_) {
        each.start();
        upstreams += each.settings();
    }
    gateway_.set_upstreams(upstreams);
    gateway_.set_devices(devices_);
}

void World::start() {
    start_platforms();
    gateway_.start();
}

std::vector<Made> World::all_made() const {
    std::vector<Made> all;
    for (const auto& each : simulators_) {
        auto made = each->ledger();
        all.insert(all.end(), made.begin(), made.end());
    }
    return all;
}

std::map<std::string, std::size_t> World::by_kind(const std::vector<Made>& made) {
    std::map<std::string, std::size_t> counts;
    for (const Made& each : made) ++counts[as_devices_say(each.kind)];
    return counts;
}

void World::wait_until_all_arrived(Platform& platform, std::chrono::milliseconds within) {
    platform.wait_for(
        "everything that the devices made",
        [this](Platform& self) {
            auto missing = by_kind(all_made());
            static constexpr std::array lanes{"routine", "urgent"};
            for (const char* lane : lanes)
                for (const Platform::Event& event : self.kept(lane))
                    if (const auto found = missing.find(as_devices_say(event.kind)); found != missing.end() && found->second > 0) --found->second;
            std::string still;
            for (const auto& [kind, count] : missing)
                if (count > 0) still += " " + std::to_string(count) + " " + kind;
            if (!still.empty()) throw Trouble("still missing:" + still);
            return true;
        },
        within);
    platform.wait_until_whole(within);
}

oracle::Evidence World::evidence() {
    oracle::Evidence evidence;
    // Platforms before the log: what they keep must be in it.
    for (const Platform& each : platforms_)
        if (auto judged = each.evidence()) evidence.platforms.push_back(std::move(*judged));
    for (const auto& other : others_) evidence.platforms.push_back(other());
    evidence.log = oracle::read_log(gateway_.state_folder() / "gatehouse.db");
    for (const auto& each : simulators_)
        evidence.devices.push_back({.id = each->name(),
                                    .known_by = dynamic_cast<PlateCamera*>(each.get()) ? oracle::KnownBy::subject : oracle::KnownBy::number,
                                    .made = oracle::read_ledger(folder_ / (each->name() + ".ledger")),
                                    .has_holes = holey_.contains(each->name())});
    vitals_.look(gateway_);
    vitals_.tell(evidence);
    return evidence;
}

void World::wait_until_sound(std::chrono::milliseconds within) {
    std::string words;
    auto next = std::chrono::steady_clock::now();
    eventually(
        "all invariants",
        [&] {
            // A long log takes the oracle seconds: the processes it judges get as much of the machine as it does.
            const auto begun = std::chrono::steady_clock::now();
            if (begun < next) return false;
            words = oracle::told(oracle::judge(evidence()));
            const auto ended = std::chrono::steady_clock::now();
            next = ended + (ended - begun);
            return words.empty();
        },
        within, [&] { return words.substr(0, 2000); });
}

} // namespace gatehouse::harness
