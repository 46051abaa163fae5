// SPDX-License-Identifier: Apache-2.0
//
// A box on which everything is wrong at once: `gatehousectl check` names each planted fault, in both languages, and nothing else. The
// networks are this process's own.
#include "tests/harness/ports.hpp"
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>

using namespace gatehouse::harness;
namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

[[noreturn]] void skip(const std::string& why) {
    std::printf("skipped: scenario_check: %s\n", why.c_str());
    std::fflush(stdout);
    std::_Exit(77);
}

void shell(const std::string& commands) { run_to_end("/bin/sh", {"-ec", commands}); }

/// No cable in ghdev, ghdown switched off, ghbare without an address, ghpol in ghdev's subnet, packets passed on.
void lay_faulty_networks() {
    if (::getuid() != 0) {
        const auto uid = std::to_string(::getuid()), gid = std::to_string(::getgid());
        if (::unshare(CLONE_NEWUSER) != 0) skip("this machine grants no user namespaces");
        write_file("/proc/self/setgroups", "deny");
        write_file("/proc/self/uid_map", "0 " + uid + " 1");
        write_file("/proc/self/gid_map", "0 " + gid + " 1");
    }
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) skip("this machine grants no namespaces");
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) skip("mounts can't be made private");
    try {
        shell("ip link set lo up; ip link add ghdev type veth peer name ghdown; ip addr add 10.1.1.1/24 dev ghdev; ip link set ghdev up; "
              "ip link add ghbare type veth peer name ghfar; ip link set ghbare up; ip link set ghfar up; "
              "ip link add ghpol type veth peer name ghfar2; ip addr add 10.1.1.9/24 dev ghpol; ip link set ghpol up; ip link set ghfar2 up; "
              "echo 1 > /proc/sys/net/ipv4/ip_forward");
    } catch (const Trouble& why) {
        skip(std::string("no network cards can be made here: ") + why.what());
    }
}

std::string device(const std::string& id, const std::string& driver, const std::string& address, std::uint16_t port, const std::string& more) {
    return "[[device]]\nid = \"" + id + "\"\ndriver = \"" + driver + "\"\nmodel = \"" + (driver == "isapi" ? "plate" : "UT0311-L04") +
           "\"\nname = \"" + id + "\"\naddress = \"" + address + "\"\nport = " + std::to_string(port) + "\n" + more;
}

std::string upstream(const std::string& name, const std::string& broker, const std::string& more) {
    return "\n[[upstream]]\nname = \"" + name + "\"\nbroker = \"" + broker + "\"\n" + more;
}

struct Said {
    std::string part, en, zh;
    friend bool operator<(const Said& one, const Said& other) { return one.part < other.part; }
};

std::multimap<std::string, Said> checked(const Gateway& gateway) {
    int code = 0;
    const auto answer = json::parse(gateway.ctl({"check", "--json"}, &code));
    std::multimap<std::string, Said> said;
    for (const auto& finding : answer.at("findings").as_array()) {
        const auto text = [&](const char* key) { return std::string(finding.at(key).as_string()); };
        if (text("severity") != "fine") said.emplace(text("code"), Said{text("part"), text("en"), text("zh")});
    }
    return said;
}

} // namespace

TEST_CASE("check: thirty faults planted at once on a real box are each named in both languages, and nothing else is") {
    lay_faulty_networks();
    World world;
    const auto& folder = world.folder();
    auto& gateway = world.gateway();

    // Devices.
    UhppoteOptions other, stolen;
    other.address = "127.0.0.2";
    stolen.address = "127.0.0.3";
    UhppoteDoors other_doors("other", other, folder), stolen_doors("stolen", stolen, folder);
    stolen_doors.fault("listener_stolen", {{"address", "10.1.1.7"}, {"port", 60001}});
    IsapiOptions late;
    late.clock_offset_s = 300;
    PlateCamera wrong("wrong", {}, folder), locked("locked", {}, folder), skewed("skewed", late, folder), plain("plain", {}, folder);
    wrong.fault("wrong_password");
    locked.fault("lock");
    write_secret(folder / "camera-password", "Gate-2024!");
    const auto account = "username = \"admin\"\npassword_credential = \"" + (folder / "camera-password").string() + "\"\n";
    const auto closed = free_port();
    gateway.set_devices(device("d-other", "uhppote", "127.0.0.2", other_doors.udp_port(), "serial = 425316789\n") +
                        device("d-silent", "uhppote", "127.0.0.77", 60000, "serial = 425316790\n") +
                        device("d-stolen", "uhppote", "127.0.0.3", stolen_doors.udp_port(), "serial = 425316788\n") +
                        device("d-bare", "uhppote", "10.9.9.9", 60000, "serial = 425316791\ninterface = \"ghbare\"\n") +
                        device("d-down", "uhppote", "10.9.9.8", 60000, "serial = 425316792\ninterface = \"ghdown\"\n") +
                        device("c-wrong", "isapi", "127.0.0.1", wrong.http_port(), account) +
                        device("c-locked", "isapi", "127.0.0.1", locked.http_port(), account) +
                        device("c-skewed", "isapi", "127.0.0.1", skewed.http_port(), account + "may_set_clock = false\n") +
                        device("c-plain", "isapi", "127.0.0.1", plain.http_port(), account + "tls = true\n") +
                        device("c-closed", "isapi", "127.0.0.1", closed, account) + device("c-twin", "isapi", "127.0.0.1", closed, account) +
                        device("c-nowhere", "isapi", "127.0.0.1", free_port(), account + "place = \"no-such-place\"\n"));

    // Platforms.
    BrokerOptions with_users, with_rules, with_small_packets, without_retain;
    with_users.users = {{"gateway", "right"}};
    with_rules.acl = "topic read #\n";
    with_small_packets.packet_bytes_max = 16 * 1024;
    without_retain.more = "retain_available false\n";
    Broker users("users", folder, with_users), rules("rules", folder, with_rules), small("small", folder, with_small_packets),
        forgetful("forgetful", folder, without_retain);
    for (auto* broker : {&users, &rules, &small, &forgetful}) broker->start();
    write_secret(folder / "wrong-password", "wrong");
    write_file(folder / "open-password", "everybody's");
    fs::permissions(folder / "open-password", fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read | fs::perms::others_read);
    Certificates authority(folder / "ca");
    const auto expired = authority.client("gw-0001", -1), another = authority.client("gw-0002");
    const auto at = [](std::uint16_t port) { return "mqtt://127.0.0.1:" + std::to_string(port); };
    const auto credential = [&](const std::string& file) {
        return "username = \"gateway\"\npassword_credential = \"" + (folder / file).string() + "\"\n";
    };
    gateway.set_upstreams(upstream("u-password", at(users.port()), credential("wrong-password")) + upstream("u-rules", at(rules.port()), "") +
                          upstream("u-small", at(small.port()), "") + upstream("u-retain", at(forgetful.port()), "") +
                          upstream("u-closed", at(closed), "[[upstream.entitlement]]\nkinds = [\"*\"]\nfields = [\"*\"]\nsubjects = true\n") +
                          upstream("u-secret", at(closed), credential("open-password")) + // is not spoken to without its secret
                          upstream("u-cable", "mqtt://10.1.1.50:1883", "interface = \"ghdev\"\n") +
                          upstream("u-card", at(closed), "interface = \"nosuch0\"\n") +
                          upstream("u-tls", "mqtts://127.0.0.1:" + std::to_string(closed),
                                   "ca_file = \"" + (folder / "nothing.pem").string() + "\"\ncertificate_file = \"" + expired.certificate.string() +
                                       "\"\nkey_file = \"" + another.key.string() + "\"\n"));

    // The machine.
    if (::mount("tmpfs", gateway.state_folder().c_str(), "tmpfs", 0, "size=64m,mode=0700") != 0) skip("nothing can be mounted");
    gateway.start();
    fs::permissions(gateway.state_folder(), fs::perms::owner_all | fs::perms::others_exec);
    fs::permissions(gateway.state_folder() / "site.key", fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
    std::ofstream(gateway.settings_file(), std::ios::app) << "\n[log]\nlevel = \"loud\"\n";

    const std::multimap<std::string, std::pair<std::string, std::string>> planted{
        {"network.no_cable", {"ghdev", "网线"}},
        {"network.no_interface", {"nosuch0", "网卡名"}},
        {"network.interface_down", {"ghdown", "未启用"}},
        {"network.no_address", {"ghbare", "IP 地址"}},
        {"network.shared_subnet", {"10.1.1.0/24", "同一网段"}},
        {"network.forwarding", {"sysctl", "IP 转发"}},
        {"device.other_device", {"serial 425316788", "序列号"}},
        {"device.no_answer", {"127.0.0.77", "电源"}},
        {"device.push_taken", {"another program", "推送"}},
        {"device.no_answer", {"10.9.9.9", "电源"}},
        {"device.no_route", {"10.9.9.8", "路由"}},
        {"device.refused", {"password", "密码"}},
        {"device.locked", {"locked", "锁定"}},
        {"device.clock_skewed", {"s off", "NTP"}},
        {"device.no_tls", {"HTTPS", "HTTPS"}},
        {"device.port_closed", {"closed", "端口"}},
        {"device.port_closed", {"closed", "端口"}},
        {"device.same_address", {"c-closed", "同一地址"}},
        {"upstream.password", {"password_credential", "密码"}},
        {"upstream.not_authorised", {"root", "主题"}},
        {"upstream.small_packets", {"16384", "Maximum Packet Size"}},
        {"upstream.no_retain", {"retain", "保留消息"}},
        {"upstream.port_closed", {"port", "端口"}},
        {"upstream.port_closed", {"port", "端口"}},
        {"upstream.no_basis", {"basis", "依据"}},
        {"upstream.offline", {"cable", "网线"}},
        {"upstream.no_interface", {"ip link", "网卡"}},
        {"certificate.unreadable", {"nothing.pem", "不存在"}},
        {"certificate.expired", {"gw-0001", "到期"}},
        {"certificate.key", {"gw-0002", "不匹配"}},
        {"settings.secret", {"0644", "凭据"}},
        {"settings.import", {"no-such-place", "未导入"}},
        {"settings.flawed", {"--check-config", "错误"}},
        {"permission.open", {"chmod 700", "权限"}},
        {"permission.open", {"chmod 600", "权限"}},
        {"disk.memory", {"tmpfs", "内存"}},
    };
    std::set<std::string> codes;
    for (const auto& row : planted) codes.insert(row.first);
    CHECK(codes.size() >= 30);

    const auto missing_or_more = [&] {
        std::string words;
        const auto said = checked(gateway);
        for (const auto& code : codes)
            if (said.count(code) < planted.count(code)) words += code + " is missing\n";
        for (const auto& [code, one] : said)
            if (said.count(code) > planted.count(code)) words += code + ": " + one.part + ": " + one.en + "\n";
        return words;
    };
    eventually(
        "each planted fault and nothing else", [&] { return missing_or_more().empty(); }, 60s, missing_or_more);
    const auto said = checked(gateway);
    for (const auto& [code, words] : planted) {
        bool is_said = false;
        for (auto [one, end] = said.equal_range(code); one != end; ++one)
            is_said = is_said || (one->second.en.find(words.first) != std::string::npos && one->second.zh.find(words.second) != std::string::npos);
        CHECK_MESSAGE(is_said, code << ": " << said.find(code)->second.en << " / " << said.find(code)->second.zh);
    }

    // In words, by language; the exit code is the worst's.
    int code = 0;
    const auto zh = gateway.ctl({"check", "--lang", "zh"}, &code), en = gateway.ctl({"check", "--lang", "en"}, &code);
    CHECK(code == 2);
    for (const auto& [one, finding] : said) {
        CHECK_MESSAGE(zh.find(finding.zh) != std::string::npos, one);
        CHECK_MESSAGE(en.find(finding.en) != std::string::npos, one);
    }

    // The drive is memory, and what these devices need is reckoned by their kinds.
    CHECK(gateway.ctl({"check", "--storage", "--lang", "en"}, &code).find("gone when the power is") != std::string::npos);
    CHECK(code == 2);
    const auto plan = gateway.ctl({"check", "--plan", "--lang", "zh"}, &code);
    CHECK(code == 1); // 64 MiB hold no month of pictures
    CHECK(plan.find("平台 u-small 上行需要") != std::string::npos);
    CHECK(plan.find("不够") != std::string::npos);
}
