// SPDX-License-Identifier: Apache-2.0
#include "config/chrony.hpp"

#include "daemon/base/text.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace gatehouse;
using namespace gatehouse::config;

namespace {

constexpr auto settings_text = R"([gateway]
id = "gw-7"
compound = "compound-1"
[time]
sources = ["10.0.0.1", "ntp.example"]
source_interface = "eth1"
serve_interface = "eth0"
serve_networks = ["192.168.50.0/24", "fd00:50::/64"]
)";

/// The directives, without comments.
std::string directives(const std::string& text) {
    std::string kept;
    for (std::string_view rest = text; !rest.empty();) {
        const auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (!line.empty() && line.front() != '#') kept += std::string(line) + "\n";
    }
    return kept;
}

std::vector<Flaw> flaws_of(const std::string& time) {
    return parse_settings("[gateway]\nid = \"gw-7\"\ncompound = \"compound-1\"\n[time]\n" + time, "gatehouse.toml").flaws;
}

} // namespace

TEST_CASE("chrony: sources by their interface alone, time for the device networks alone, on theirs alone") {
    const auto read = parse_settings(settings_text, "gatehouse.toml");
    REQUIRE(read.settings.has_value());
    CHECK(directives(chrony_fragment(*read.settings)) == "bindacqdevice eth1\nserver 10.0.0.1 iburst\nserver ntp.example iburst\n"
                                                         "binddevice eth0\nallow 192.168.50.0/24\nallow fd00:50::/64\nlocal stratum 10 orphan\n");
    const auto none = parse_settings("[gateway]\nid = \"gw-7\"\ncompound = \"compound-1\"\n", "gatehouse.toml");
    REQUIRE(none.settings.has_value());
    CHECK(directives(chrony_fragment(*none.settings)).empty());
}

TEST_CASE("chrony itself takes the fragment" * doctest::skip(!std::filesystem::exists("/usr/sbin/chronyd"))) {
    const auto read = parse_settings(settings_text, "gatehouse.toml");
    REQUIRE(read.settings.has_value());
    const auto file =
        std::filesystem::temp_directory_path() / ("gatehouse-chrony-" + std::to_string(std::hash<std::string>()(settings_text)) + ".conf");
    std::ofstream(file) << chrony_fragment(*read.settings);
    // -p reads and prints the configuration, and starts nothing.
    CHECK(std::system(("/usr/sbin/chronyd -p -f " + file.string() + " >/dev/null 2>&1").c_str()) == 0);
    std::ofstream(file) << "allow everybody\n";
    CHECK(std::system(("/usr/sbin/chronyd -p -f " + file.string() + " >/dev/null 2>&1").c_str()) != 0);
    std::filesystem::remove(file);
}

TEST_CASE("chrony: time is served on an interface to networks, never on the upstream one; nothing else gets into a directive") {
    CHECK(flaws_of("serve_interface = \"eth0\"\n").at(0).key == "time.serve_interface");
    CHECK(flaws_of("serve_networks = [\"192.168.50.0/24\"]\n").at(0).key == "time.serve_networks");
    CHECK(flaws_of("source_interface = \"eth0\"\nserve_interface = \"eth0\"\nserve_networks = [\"192.168.50.0/24\"]\n").at(0).key ==
          "time.serve_interface");
    for (const auto* network :
         {"192.168.50.0", "192.168.50.1/24", "192.168.50.0/33", "0.0.0.0/0", "all", "192.168.50.0/24\\nallow", "fd00::/129", "/24"})
        CHECK_MESSAGE(!flaws_of("serve_interface = \"eth0\"\nserve_networks = [\"" + std::string(network) + "\"]\n").empty(), network);
    CHECK(!flaws_of("sources = [\"a b\"]\n").empty());
    CHECK(!flaws_of("sources = [\"10.0.0.1\\ncmdallow all\"]\n").empty());
    CHECK(flaws_of("serve_interface = \"eth0\"\nserve_networks = [\"10.0.0.0/8\"]\n").empty());
}
