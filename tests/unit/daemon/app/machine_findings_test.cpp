// SPDX-License-Identifier: Apache-2.0
//
// Each fault of cabling, addresses, drives, rights and settings is planted alone: it is named, in both languages with a remedy, and nothing
// else is.
#include "daemon/app/findings.hpp"

#include "tests/harness/temp_dir.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <functional>

namespace gatehouse::app {

namespace {

using console::Finding;

/// A box as it should be: devices at eth0, the platform at eth1.
struct Sound {
    config::Settings settings;
    Networks networks;
    store::Medium medium;
    Sound() {
        settings.listeners.isapi = {"10.1.1.1", 8090, "eth0"};
        settings.listeners.uhppote = {"10.1.1.1", 60001, "eth0"};
        auto& upstream = settings.upstreams.emplace_back();
        upstream.name = "district";
        upstream.interface = "eth1";
        networks.interfaces = {{"eth0", true, true, false, {{"10.1.1.1", 24}}},
                               {"eth1", true, true, false, {{"10.2.2.1", 24}}},
                               {"lo", true, true, true, {{"127.0.0.1", 8}}}};
        networks.devices = {{"east-doors", "eth0"}};
        medium.mount_point = "/var";
        medium.file_system = "ext4";
        medium.options = {"rw"};
        medium.drives = {store::Drive{store::Drive::Sort::disk, "sda", "", false, true}};
        medium.is_encrypted = true;
    }
    net::Interface& eth0() { return networks.interfaces[0]; }
    net::Interface& eth1() { return networks.interfaces[1]; }
};

bool is_chinese(const std::string& text) { return text.find("：") != std::string::npos || text.find("，") != std::string::npos; }

/// `code` alone is found, with `words` in the English sentence.
void check_only(const Findings& findings, const std::string& code, Finding::Severity severity, const std::vector<std::string>& words) {
    CAPTURE(code);
    REQUIRE(findings.size() == 1);
    const auto& finding = findings.front();
    CHECK(finding.code == code);
    CHECK(finding.severity == severity);
    CHECK_MESSAGE(is_chinese(finding.zh), finding.zh);
    CHECK(finding.zh != finding.en);
    // What is wrong, a colon, what to do.
    CHECK_MESSAGE(finding.en.find(": ") != std::string::npos, finding.en);
    for (const auto& word : words) {
        CHECK_MESSAGE(finding.en.find(word) != std::string::npos, finding.en);
        if (word.find(' ') == std::string::npos) CHECK_MESSAGE(finding.zh.find(word) != std::string::npos, finding.zh);
    }
}

constexpr auto fault = Finding::Severity::fault;
constexpr auto warning = Finding::Severity::warning;

} // namespace

TEST_CASE("check: each planted fault of cable and address is named in both languages, and nothing else is") {
    CHECK(network_findings(Sound().settings, Sound().networks).empty());
    struct Row {
        const char* code;
        Finding::Severity severity;
        std::vector<std::string> words;
        std::function<void(Sound&)> plant;
    };
    const std::vector<Row> rows{
        {"network.no_cable", fault, {"eth1", "upstream district", "the cable"}, [](Sound& box) { box.eth1().has_carrier = false; }},
        {"network.no_interface", fault, {"eth9", "upstream district", "ip link"}, [](Sound& box) { box.settings.upstreams[0].interface = "eth9"; }},
        {"network.no_interface", fault, {"eth7", "device east-doors"}, [](Sound& box) { box.networks.devices["east-doors"] = "eth7"; }},
        {"network.interface_down", fault, {"eth1", "ip link set eth1 up"}, [](Sound& box) { box.eth1().is_up = box.eth1().has_carrier = false; }},
        {"network.no_address", fault, {"eth1", "DHCP"}, [](Sound& box) { box.eth1().addresses.clear(); }},
        {"network.shared_subnet",
         fault,
         {"eth0", "eth1", "10.1.1.0/24"},
         [](Sound& box) {
             box.eth1().addresses = {{"10.1.1.9", 24}};
         }},
        {"network.forwarding", fault, {"ipv4/eth0", "sysctl -w"}, [](Sound& box) { box.networks.forwarding = {"ipv4/eth0"}; }},
        {"network.listener_side",
         fault,
         {"listeners.isapi", "eth1", "upstream district"},
         [](Sound& box) {
             box.settings.listeners.isapi = {"10.2.2.1", 8090, "eth1"};
         }},
        {"network.listener_side",
         fault,
         {"listeners.uhppote", "eth0", "eth1"},
         [](Sound& box) {
             box.settings.listeners.uhppote = {"10.1.1.1", 60001, "eth1"};
         }},
        {"network.listener_address",
         fault,
         {"listeners.isapi.address", "10.1.1.99"},
         [](Sound& box) {
             box.settings.listeners.isapi = {"10.1.1.99", 8090, ""};
         }},
        {"network.listener_everywhere",
         warning,
         {"listeners.uhppote.interface"},
         [](Sound& box) {
             box.settings.listeners.uhppote = {"", 60001, ""};
         }},
    };
    for (const auto& row : rows) {
        Sound box;
        row.plant(box);
        check_only(network_findings(box.settings, box.networks), row.code, row.severity, row.words);
    }
    // A listener that is switched off stands nowhere, and one network has no wrong side.
    Sound box;
    box.settings.listeners.isapi = {"", 0, ""};
    CHECK(network_findings(box.settings, box.networks).empty());
    box.settings.listeners.isapi = {"", 8090, ""};
    box.settings.upstreams.clear();
    box.networks.interfaces.erase(box.networks.interfaces.begin() + 1);
    CHECK(network_findings(box.settings, box.networks).empty());
}

TEST_CASE("check: each planted fault of the drive is named in both languages, and nothing else is") {
    CHECK(medium_findings(Sound().medium).empty());
    struct Row {
        const char* code;
        Finding::Severity severity;
        std::vector<std::string> words;
        std::function<void(store::Medium&)> plant;
    };
    const std::vector<Row> rows{
        {"disk.read_only", fault, {"/var", "dmesg"}, [](auto& medium) { medium.options = {"ro"}; }},
        {"disk.memory", fault, {"tmpfs", "store.directory"}, [](auto& medium) { medium.file_system = "tmpfs"; }},
        {"disk.network", fault, {"nfs4", "store.directory"}, [](auto& medium) { medium.file_system = "nfs4"; }},
        {"disk.no_flush", fault, {"nobarrier", "/etc/fstab"}, [](auto& medium) { medium.options.emplace_back("nobarrier"); }},
        {"disk.not_encrypted", warning, {"LUKS"}, [](auto& medium) { medium.is_encrypted = false; }},
    };
    for (const auto& row : rows) {
        Sound box;
        row.plant(box.medium);
        check_only(medium_findings(box.medium), row.code, row.severity, row.words);
    }
    Sound box;
    box.medium.is_encrypted.reset(); // not known: nothing is claimed
    CHECK(medium_findings(box.medium).empty());
}

TEST_CASE("check: a data folder or key that others reach, or that is another user's, is named with its mode and owner") {
    const harness::TempDir place("rights");
    namespace fs = std::filesystem;
    const auto data = place / "data", key = place / "data/site.key";
    fs::create_directories(data);
    harness::write_file(key, "secret");
    const auto with = [&](fs::perms of_data, fs::perms of_key, std::uint32_t we) {
        fs::permissions(data, of_data);
        fs::permissions(key, of_key);
        return rights_findings({store::rights_of(data.string()).value()}, {store::rights_of(key.string()).value()}, we);
    };
    const auto own = fs::perms::owner_all, own_file = fs::perms::owner_read | fs::perms::owner_write;
    const auto us = store::rights_of(data.string()).value().owner;
    CHECK(with(own, own_file, us).empty());
    check_only(with(own | fs::perms::others_exec, own_file, us), "permission.open", fault, {"0701", "chmod 700 " + data.string()});
    check_only(with(own, own_file | fs::perms::group_read, us), "permission.open", fault, {"0640", "chmod 600 " + key.string()});
    fs::permissions(data, own);
    fs::permissions(key, own_file);
    check_only(rights_findings({store::rights_of(data.string()).value()}, {}, us + 1), "permission.owner", fault, {"chown -R gatehouse:"});
    CHECK(store::rights_of((place / "nothing").string()).error().fault() == Fault::gone);
}

TEST_CASE("check: flawed, changed and half-taken settings, and devices that were not imported, are named") {
    SettingsState state;
    state.file = "/etc/gatehouse/gatehouse.toml";
    CHECK(settings_findings(state).empty());
    auto flawed = state;
    flawed.is_changed = true;
    flawed.flaws = config::parse_settings("[gateway]\nid = 7\ncompound = \"c\"\ncompund = \"x\"\n", state.file).flaws;
    const auto found = settings_findings(flawed);
    check_only(found, "settings.flawed", fault, {"gatehouse.toml:2", "gatehoused --check-config"});
    CHECK(found[0].en.find("has " + std::to_string(flawed.flaws.size()) + " flaws") != std::string::npos);
    auto changed = state;
    changed.is_changed = true;
    check_only(settings_findings(changed), "settings.not_reloaded", warning, {"systemctl reload gatehoused"});
    auto restart = state;
    restart.needs_restart = true;
    CHECK(settings_findings(restart).at(0).code == "settings.needs_restart");
    auto import = state;
    import.import_file = "/etc/gatehouse/devices.toml";
    import.import_failed = "line 4: no such place";
    check_only(settings_findings(import), "settings.import", fault, {"devices.toml", "line 4: no such place"});
}

TEST_CASE("check: a restart is asked for by what a reload leaves as it is, and by nothing else") {
    const auto settings = config::parse_settings("[gateway]\nid = \"gw-1\"\ncompound = \"c-1\"\n", "t").settings.value();
    CHECK_FALSE(needs_restart(settings, settings));
    auto now = settings;
    now.log.level = config::LogLevel::debug;
    now.upstreams.emplace_back().name = "district";
    now.gateway.language = config::Language::en;
    CHECK_FALSE(needs_restart(settings, now));
    now.listeners.isapi.port = 8099;
    CHECK(needs_restart(settings, now));
}

} // namespace gatehouse::app
