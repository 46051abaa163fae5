// SPDX-License-Identifier: Apache-2.0
#include "tests/demo/compound.hpp"

#include "tests/harness/ports.hpp"

namespace gatehouse::demo {

using harness::Simulator;

namespace {

constexpr std::string_view gateway_id = "gw-demo";

struct Door {
    std::string id, place, name;
};
const std::vector<Door> plates{{"gate-north-camera", "gate-north", "北门"}, {"gate-south-camera", "gate-south", "南门"}};
const std::vector<Door> faces{
    {"terminal-1", "building-1-east", "1栋东门"}, {"terminal-2", "building-2-east", "2栋东门"}, {"terminal-3", "building-3-east", "3栋东门"}};
const std::vector<Door> controllers{{"controller-1", "garage", "地下车库"}, {"controller-2", "clubhouse", "会所"}};

/// Two gates by day and by night. The second one sends what many browsers can't play, and a second stream that they can. Small, so that both
/// are drawn in a few seconds, once.
harness::CameraOptions gate_camera(const std::string& scene, const std::string& codec, std::uint64_t seed) {
    harness::CameraOptions options;
    options.scene = scene;
    options.seconds = 12;
    options.size = "640x360";
    options.codec = codec;
    options.sub_size = codec == "h264" ? "none" : "320x180";
    options.seed = seed;
    return options;
}
const std::vector<Door> gate_cameras{{"gate-north-video", "gate-north", "北门监控"}, {"gate-south-video", "gate-south", "南门监控"}};

harness::BrokerOptions broker_options() {
    harness::BrokerOptions options;
    options.is_persistent = false;
    return options;
}

std::string quoted_list(const std::vector<std::string>& texts) {
    std::string list;
    for (const auto& text : texts) list += (list.empty() ? "\"" : ", \"") + text + "\"";
    return "[" + list + "]";
}

} // namespace

Compound::Compound()
    : folder_("demo"), broker_("mosquitto", folder_.path(), broker_options()), isapi_port_(harness::free_port()),
      uhppote_port_(harness::free_port()) {
    broker_.start();
    platforms_.push_back({"district", {"*"}, false, nullptr});
    platforms_.push_back({"police", {"pass.*", "vehicle.*", "plate.read", "door.forced", "duress.raised", "tamper.raised"}, true, nullptr});
    for (auto& platform : platforms_)
        platform.application = std::make_unique<Simulator>(
            platform.name, "sim-platform",
            std::vector<std::string>{"--broker", "127.0.0.1:" + std::to_string(broker_.port()), "--root",
                                     "gatehouse/v1/" + std::string(gateway_id) + "/" + platform.name, "--gateway", std::string(gateway_id),
                                     "--upstream", platform.name, "--state", (folder_ / (platform.name + ".jsonl")).string()},
            folder_.path());
    std::uint64_t seed = 1;
    for (const auto& camera : plates)
        devices_.emplace(camera.id,
                         std::make_unique<Simulator>(
                             camera.id, "sim-isapi-plate",
                             std::vector<std::string>{"--name", camera.id, "--seed", std::to_string(seed++), "--heartbeat-s", "2"}, folder_.path()));
    for (const auto& terminal : faces)
        devices_.emplace(terminal.id, std::make_unique<Simulator>(terminal.id, "sim-isapi-face",
                                                                  std::vector<std::string>{"--name", terminal.id, "--seed", std::to_string(seed++)},
                                                                  folder_.path()));
    for (std::size_t i = 0; i < controllers.size(); ++i)
        devices_.emplace(controllers[i].id,
                         std::make_unique<Simulator>(controllers[i].id, "sim-uhppote",
                                                     std::vector<std::string>{"--serial", std::to_string(425316788 + i), "--listen",
                                                                              "127.0.0.1:" + std::to_string(harness::free_port()), "--seed",
                                                                              std::to_string(seed++)},
                                                     folder_.path()));
    cameras_.emplace("gate-north-video",
                     std::make_unique<harness::IpCamera>("gate-north-video", gate_camera("gate_day", "h264", seed++), folder_.path()));
    cameras_.emplace("gate-south-video",
                     std::make_unique<harness::IpCamera>("gate-south-video", gate_camera("gate_night", "h265", seed++), folder_.path()));
    harness::write_secret(folder_ / "device-password", "Gate-2024!");
    write_settings();
    write_devices();
}

Compound::~Compound() {
    if (gateway_ && gateway_->is_running()) stop_gateway();
}

void Compound::write_settings() {
    std::string text = "[gateway]\nid = \"" + std::string(gateway_id) +
                       "\"\ncompound = \"compound-demo\"\nclock = \"trusted\"\n"
                       "[store]\ndirectory = \"" +
                       (folder_ / "state").string() +
                       "\"\nreserve_bytes = 16777216\n"
                       "[recording]\ndirectory = \"" +
                       (folder_ / "recordings").string() +
                       "\"\nsegment_s = 10\n"
                       "[control]\nsocket = \"" +
                       socket().string() +
                       "\"\n"
                       "[listeners.isapi]\naddress = \"127.0.0.1\"\nport = " +
                       std::to_string(isapi_port_) +
                       "\n"
                       "[listeners.uhppote]\naddress = \"127.0.0.1\"\nport = " +
                       std::to_string(uhppote_port_) +
                       "\n"
                       "[devices]\nimport_file = \"" +
                       (folder_ / "devices.toml").string() +
                       "\"\n"
                       "[log]\nlevel = \"info\"\n";
    for (const auto& platform : platforms_) {
        text += "[[upstream]]\nname = \"" + platform.name + "\"\nbroker = \"mqtt://127.0.0.1:" + std::to_string(broker_.port()) +
                "\"\n"
                "client_id = \"gatehouse-demo-" +
                platform.name +
                "\"\nroot = \"gatehouse/v1/{gateway}/{upstream}\"\nfrom = 1\nreceipt_wait_s = 5\n"
                "[[upstream.entitlement]]\nkinds = " +
                quoted_list(platform.kinds) + "\n";
        if (platform.personal)
            text += "subjects = true\npictures = [\"plate\"]\n[upstream.entitlement.basis]\ndocument = \"公安〔2026〕1号\"\nissuer = \"区公安分局\"\n"
                    "date = \"2026-01-01\"\nend = \"2099-12-31\"\nsort = \"regulation\"\n";
    }
    harness::write_file(folder_ / "gatehouse.toml", text);
}

void Compound::write_devices() {
    std::string text = "[[place]]\nid = \"compound\"\nkind = \"compound\"\nname = \"演示小区\"\n";
    const auto place = [&](const Door& door, const std::string& kind) {
        text += "[[place]]\nid = \"" + door.place + "\"\nkind = \"" + kind + "\"\nname = \"" + door.name + "\"\nparent = \"compound\"\n";
    };
    for (const auto& camera : plates) place(camera, "gate");
    for (const auto& terminal : faces) place(terminal, "door");
    for (const auto& controller : controllers) place(controller, "door");
    const auto device = [&](const Door& door, const std::string& driver, const std::string& model, const std::string& port) {
        text += "[[device]]\nid = \"" + door.id + "\"\ndriver = \"" + driver + "\"\nmodel = \"" + model +
                "\"\naddress = \"127.0.0.1\"\nport = " + std::to_string(devices_.at(door.id)->port(port)) + "\nplace = \"" + door.place + "\"\n";
    };
    const std::string account = "username = \"admin\"\npassword_credential = \"" + (folder_ / "device-password").string() + "\"\n";
    for (const auto& camera : plates) {
        device(camera, "isapi", "plate", "http");
        text += account + "[[device.outlet]]\nnumber = 1\nplace = \"" + camera.place + "\"\nforward = \"in\"\n";
    }
    for (const auto& terminal : faces) {
        device(terminal, "isapi", "terminal", "http");
        text += account + "[[device.outlet]]\nnumber = 1\nplace = \"" + terminal.place + "\"\nforward = \"in\"\n";
    }
    for (std::size_t i = 0; i < controllers.size(); ++i) {
        device(controllers[i], "uhppote", "UT0311-L04", "udp");
        text += "serial = " + std::to_string(425316788 + i) + "\n";
    }
    for (const auto& camera : gate_cameras) {
        const auto& pretended = *cameras_.at(camera.id);
        text += "[[device]]\nid = \"" + camera.id + "\"\ndriver = \"rtsp\"\nname = \"" + camera.name +
                "\"\naddress = \"127.0.0.1\"\nport = " + std::to_string(pretended.rtsp_port()) + "\nplace = \"" + camera.place + "\"\n" + account +
                "options = { path = \"/main\"" + (pretended.options().sub_size == "none" ? "" : ", sub_path = \"/sub\"") + " }\n";
    }
    harness::write_file(folder_ / "devices.toml", text);
}

void Compound::start_gateway() {
    harness::ChildProcess::Command command;
    command.program = harness::built("gatehoused").string();
    command.arguments = {"--config", (folder_ / "gatehouse.toml").string()};
    gateway_ = std::make_unique<harness::ChildProcess>("gatehoused", command, folder_.path());
    harness::eventually("the gateway to run", [&] {
        if (!gateway_->is_running()) throw harness::Trouble("gatehoused ended: " + gateway_->last_words());
        return gateway_->err().find("running") != std::string::npos;
    });
}

bool Compound::stop_gateway() {
    const auto ended = gateway_->terminate();
    return ended.code == 0;
}

void Compound::traffic(double per_s) {
    for (auto& [id, device] : devices_) device->traffic(per_s / static_cast<double>(devices_.size()));
}

void Compound::cut_device() { devices_.at("controller-1")->fault("mute"); }
void Compound::mend_device() { devices_.at("controller-1")->mend("mute"); }

std::map<std::string, std::uint64_t> Compound::recorded_segments() const {
    std::map<std::string, std::uint64_t> segments;
    for (const auto& camera : gate_cameras) {
        auto& count = segments[camera.id];
        std::error_code none;
        for (const auto& entry : std::filesystem::directory_iterator(folder_ / "recordings" / camera.id, none))
            count += entry.path().extension() == ".mp4" ? 1 : 0;
    }
    return segments;
}

std::map<std::string, std::vector<harness::Made>> Compound::ledgers() const {
    std::map<std::string, std::vector<harness::Made>> ledgers;
    for (const auto& [id, device] : devices_) ledgers.emplace(id, device->ledger());
    return ledgers;
}

} // namespace gatehouse::demo
