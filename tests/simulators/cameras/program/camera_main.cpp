// SPDX-License-Identifier: Apache-2.0
// camera-simulator: an IP camera at the gate.
#include "tests/simulators/cameras/camera.hpp"
#include "tests/simulators/cameras/scene/film.hpp"
#include "tests/simulators/control/options.hpp"
#include "tests/simulators/control/server.hpp"

#include <array>
#include <cstdio>
#include <exception>

namespace {
using namespace gatehouse::simulators;
using control::Flag;

constexpr std::array flags{
    Flag{"name", "camera-1", "how the ledger calls this camera"},
    Flag{"listen", "127.0.0.1", "address that its ports are on"},
    Flag{"rtsp-port", "0", "0: any, see the ready line"},
    Flag{"login", "digest", "none, basic, digest"},
    Flag{"user", "admin", "account"},
    Flag{"password", "Gate-2024!", "its password"},
    Flag{"scene", "gate_day", "what it looks at (gatehouse-scene lists them)"},
    Flag{"seconds", "30", "length of the scene, which is looped"},
    Flag{"fps", "25", "frames a second"},
    Flag{"size", "1920x1080", "of the main stream"},
    Flag{"codec", "h264", "of the main stream: h264, h265"},
    Flag{"sub-size", "640x360", "of the sub stream; none: there is no sub stream"},
    Flag{"sub-codec", "h264", "of the sub stream"},
    Flag{"key-every-s", "1", "between key frames"},
    Flag{"other-size", "", "what the main stream can change to (fault other_size)"},
    Flag{"film", "", "FILE.mp4 as main stream instead of a scene"},
    Flag{"audio", "none", "none, pcma, aac"},
    Flag{"reboot-s", "1", "a reboot takes"},
    Flag{"http-port", "0", "of ONVIF; 0: any, see the ready line"},
    Flag{"discovery-port", "0", "UDP, for probes sent to this camera alone; 0: any"},
    Flag{"discovery-group", "off", "on: probes to 239.255.255.250:3702 are answered too"},
    Flag{"onvif-login", "either", "token, http, either"},
    Flag{"pull-points", "8", "at most at once"},
    Flag{"reference-parameters", "off", "on: pull points share one address and are told apart by a header"},
    Flag{"wrong-tries", "5", "wrong passwords lock the account"},
    Flag{"lock-s", "1800", "for so long"},
    Flag{"serial-number", "DS-2CD2T47G2-L20240115AAWRF00000001", "of the camera"},
    Flag{"mac", "44:19:b6:00:00:01", "of the camera; its identity in discovery"},
    Flag{"clock-offset-s", "0", "how wrong its clock is at the start"},
};

cameras::Footage filmed(const control::Options& options, const std::string& size, const std::string& codec) {
    cameras::FilmChoice film;
    film.scene.name = options.text("scene");
    if (std::sscanf(size.c_str(), "%dx%d", &film.scene.width, &film.scene.height) != 2) film.scene.width = 0;
    film.scene.fps = static_cast<int>(options.number("fps"));
    film.scene.seconds = options.real("seconds");
    film.scene.seed = options.seed();
    film.codec = codec;
    film.key_every_s = options.real("key-every-s");
    return cameras::read_footage(cameras::kept_film(film, cameras::films_folder()).video);
}

std::vector<std::unique_ptr<cameras::Lens>> lenses_of(const control::Options& options) {
    const std::string codec = options.text("codec");
    cameras::Footage main = options.text("film").empty() ? filmed(options, options.text("size"), codec) : cameras::read_footage(options.text("film"));
    std::optional<cameras::Footage> other;
    if (const std::string size = options.text("other-size"); !size.empty()) other = filmed(options, size, codec);
    std::vector<std::unique_ptr<cameras::Lens>> lenses;
    lenses.push_back(std::make_unique<cameras::Lens>("main", std::move(main), std::move(other), options.seed()));
    if (const std::string size = options.text("sub-size"); size != "none")
        lenses.push_back(std::make_unique<cameras::Lens>("sub", filmed(options, size, options.text("sub-codec")), std::nullopt, options.seed() + 1));
    return lenses;
}

cameras::LogIn log_in(const std::string& word) {
    if (word == "none") return cameras::LogIn::none;
    if (word == "basic") return cameras::LogIn::basic;
    if (word == "digest") return cameras::LogIn::digest;
    throw std::runtime_error("--login is none, basic or digest");
}

} // namespace

int main(int argc, char** argv) try {
    const control::Options options(argc, argv, flags);
    cameras::CameraChoice choice;
    choice.name = options.text("name");
    choice.listen_address = options.text("listen");
    choice.rtsp_port = static_cast<std::uint16_t>(options.number("rtsp-port"));
    choice.server.log_in = log_in(options.text("login"));
    choice.server.user = options.text("user");
    choice.server.password = options.text("password");
    choice.server.audio = options.text("audio");
    choice.reboot_s = options.real("reboot-s");
    choice.seed = options.seed();
    choice.onvif.http_port = static_cast<std::uint16_t>(options.number("http-port"));
    choice.onvif.discovery_port = static_cast<std::uint16_t>(options.number("discovery-port"));
    choice.onvif.joins_group = options.is_on("discovery-group");
    choice.onvif.log_in = options.text("onvif-login");
    choice.onvif.pull_points_max = static_cast<std::size_t>(options.number("pull-points"));
    choice.onvif.has_reference_parameters = options.is_on("reference-parameters");
    choice.onvif.accounts.wrong_tries_max = static_cast<int>(options.number("wrong-tries"));
    choice.onvif.accounts.lock_s = options.real("lock-s");
    choice.onvif.serial_number = options.text("serial-number");
    choice.onvif.mac = options.text("mac");

    boost::asio::io_context io;
    control::Ledger ledger(options.ledger_path());
    control::Faults faults(options.seed());
    cameras::Camera camera(io, choice, lenses_of(options), ledger, faults);
    camera.set_clock(std::chrono::microseconds(static_cast<std::int64_t>(options.real("clock-offset-s") * 1e6)), std::nullopt);
    control::Server server(io, options.control_port(), options.seed(), camera, ledger, faults);
    camera.start();
    control::serve(io, server, {{"rtsp", camera.rtsp_port()}, {"http", camera.onvif().http_port()}, {"discovery", camera.onvif().discovery_port()}});
    return 0;
} catch (const std::exception& wrong) {
    std::fprintf(stderr, "%s\n", wrong.what());
    return 1;
}
