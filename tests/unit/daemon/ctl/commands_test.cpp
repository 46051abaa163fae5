// SPDX-License-Identifier: Apache-2.0
//
// What each command asks, what it says in both languages, and its exit code.
#include "daemon/base/json.hpp"
#include "daemon/ctl/port_holder.hpp"
#include "tests/unit/daemon/ctl/script.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

using namespace gatehouse;
using namespace gatehouse::ctl;

namespace {

struct TempFolder {
    std::filesystem::path path;
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "gatehouse-ctl-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()));
        path = name;
    }
    ~TempFolder() { std::filesystem::remove_all(path); }
    std::string file(const std::string& name, const std::string& text, int mode = 0600) const {
        const auto at = path / name;
        std::ofstream(at) << text;
        ::chmod(at.c_str(), static_cast<mode_t>(mode));
        return at.string();
    }
};

const std::string status = R"({"gateway":"gh-1","compound":"C7","version":"0.1","instance":"i","epoch":"e-1","epoch_first":1,"head":12345,
 "at":"2026-01-15T00:30:00Z","started_at":"2026-01-11T00:00:00Z","uptime_s":347400,"clock":"unsynced",
 "disk":{"state":"sound","fault":"","database_bytes":1073741824,"free_bytes":2147483648,"hours_left":100,"floor_breaks_at":"2026-03-01T00:00:00Z"},
 "log":{"records":12000,"waiting_records":3},
 "devices":[{"id":"east-doors","name":"东门","driver":"uhppote","state":"offline","heard_at":"2026-01-14T21:10:00Z","events":7,"recovered":1,
  "lost":2,"clock_offset_ms":-1500,"fault":"no route"}],
 "upstreams":[{"name":"district","state":"online","fault":"","warnings":[{"code":"basis_ends","zh":"依据快到期","en":"basis ends"}],"lanes":[
  {"lane":"urgent","waiting":0,"oldest":null,"per_s":0,"receipted":5,"resent":0,"refused":0},
  {"lane":"routine","waiting":1200,"oldest":"2026-01-15T00:20:00Z","per_s":10,"receipted":99,"resent":4,"refused":3},
  {"lane":"pictures","waiting":7,"oldest":"2026-01-14T23:00:00Z","per_s":0,"receipted":1,"resent":0,"refused":0}]}]})";

void in_shanghai() {
    ::setenv("TZ", "CST-8", 1);
    ::tzset();
}

/// The lines of which the first word is this.
std::string line_of(const std::string& text, const std::string& beginning) {
    const auto at = text.starts_with(beginning) ? 0 : text.find("\n" + beginning);
    if (at == std::string::npos) return {};
    const auto begin = at == 0 ? 0 : at + 1;
    return text.substr(begin, text.find('\n', begin) - begin);
}

} // namespace

TEST_CASE("status: local time and ages, hours that the disk holds, each lane with how long it needs, in both languages") {
    in_shanghai();
    Script script;
    script.answer("GET /api/v1/status", status);
    const auto en = script.run({"status"});
    CAPTURE(en.out);
    CHECK(en.code == exit_ok);
    CHECK(has(en.out, "gh-1"));
    CHECK(has(en.out, "2026-01-11 08:00:00  (4 d)"));
    CHECK(has(en.out, "head 12345  epoch e-1  records 12000  waiting for the disk 3"));
    CHECK(has(en.out, "database 1.0 GiB  free 2.0 GiB  holds 100 more hours (4 d 4 h)"));
    CHECK(has(en.out, "breaks at 2026-03-01 08:00:00"));
    CHECK(has(en.out, "not synchronised"));
    CHECK(line_of(en.out, "east-doors") == "east-doors  东门  uhppote  offline  3 h 20 min ago  7       1          2     -1.5 s  no route");
    CHECK(has(en.out, "routine   1200     10 min ago      10.0   2 min 1 s   99         4       3"));
    CHECK(has(en.out, "pictures  7        1 h 30 min ago  0.0    stalled"));
    CHECK(has(en.out, "district: basis ends"));
    const auto zh = script.run({"status"}, true);
    CAPTURE(zh.out);
    for (const auto* part : {"离线", "3 小时 20 分前", "还能存 100 小时 (4 天 4 小时)", "紧急", "常规", "停滞", "未同步", "2 分 1 秒"})
        CHECK_MESSAGE(has(zh.out, part), part);
    const auto raw = script.run({"status", "--json"});
    CHECK(parse_json(raw.out).value() == parse_json(status).value());
}

TEST_CASE("status without devices and upstreams says what to do") {
    Script script;
    script.answer("GET /api/v1/status", R"({"devices":[],"upstreams":[]})");
    const auto ran = script.run({"status"});
    CHECK(ran.code == exit_ok);
    CHECK(has(ran.out, "gatehousectl device add"));
    CHECK(has(ran.out, "[[upstream]]"));
}

TEST_CASE("check: worst first, in words; exit code by severity") {
    const std::string findings =
        R"("findings":[{"severity":"fine","part":"clock","zh":"好","en":"good"},{"severity":"warning","part":"device a","zh":"慢","en":"slow"},)"
        R"({"severity":"fault","part":"upstream district","zh":"断","en":"cut"},{"severity":"fine","part":"disk","zh":"好","en":"good"}])";
    Script script;
    script.answer("GET /api/v1/check", R"({"worst":"fault",)" + findings + "}");
    const auto en = script.run({"check"});
    CHECK(en.code == 2);
    CHECK(en.out == "fault  upstream district: cut\nwarning  device a: slow\nfine  clock, disk\n");
    CHECK(script.run({"check"}, true).out == "故障  平台 district：断\n警告  设备 a：慢\n正常  时钟、磁盘\n");
    CHECK(script.run({"check", "--json"}).code == 2);
    for (const auto& [worst, code] : {std::pair("fine", 0), std::pair("warning", 1), std::pair("fault", 2), std::pair("odd", exit_software)}) {
        Script other;
        other.answer("GET /api/v1/check", std::string(R"({"worst":")") + worst + R"(","findings":[]})");
        CHECK(other.run({"check"}).code == code);
    }
}

TEST_CASE("check: while the daemon does not run, that and every flaw of its settings are named") {
    const TempFolder folder;
    const auto flawed = folder.file("flawed.toml", "[gateway]\nid = 7\ncompound = \"c\"\n[store]\nreserve_bytes = \"much\"\n");
    const auto sound = folder.file("sound.toml", "[gateway]\nid = \"gw-1\"\ncompound = \"c-1\"\n");
    Script script;
    script.silent("GET /api/v1/check", Fault::unreachable);
    const auto en = script.run({"check", "--config", flawed});
    CHECK(en.code == 2);
    CHECK(has(en.out, "fault  gateway: the daemon does not run: systemctl start gatehoused"));
    CHECK(has(en.out, "flawed.toml:2:"));
    CHECK(has(en.out, "flawed.toml:5:"));
    const auto zh = script.run({"check", "--config", flawed}, true);
    CHECK(has(zh.out, "故障  网关：网关没有运行"));
    CHECK(has(zh.out, "故障  设置："));
    CHECK_FALSE(has(script.run({"check", "--config", sound}).out, "settings"));
    CHECK(has(script.run({"check", "--config", flawed, "--json"}).out, R"("code":"settings.flawed")"));
    const auto none = (folder.path / "none.toml").string();
    CHECK(has(script.run({"check", "--config", none}).out, "settings: there is no settings file " + none + ": gatehousectl settings --defaults"));
    CHECK(has(script.run({"check", "--config", none}, true).out, "设置：没有设置文件 " + none));
    // A caller without the right is told so, and nothing else.
    Script barred;
    barred.silent("GET /api/v1/check", Fault::refused);
    CHECK(barred.run({"check", "--config", flawed}).code == exit_no_permission);
}

TEST_CASE("check: while the daemon does not run, the program that holds one of its ports is named") {
    // Of ours: a port that the kernel chose, held by this very program.
    const auto held = [](int sort, const char* address) {
        const int socket = ::socket(AF_INET, sort | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        REQUIRE(::inet_pton(AF_INET, address, &at.sin_addr) == 1);
        socklen_t bytes = sizeof(at);
        REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0);
        REQUIRE((sort == SOCK_DGRAM || ::listen(socket, 1) == 0));
        REQUIRE(::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &bytes) == 0);
        return std::pair(socket, std::to_string(ntohs(at.sin_port)));
    };
    const auto tcp = held(SOCK_STREAM, "0.0.0.0"), udp = held(SOCK_DGRAM, "127.0.0.1");
    const TempFolder folder;
    const auto settings = [&](const std::string& uhppote_address) {
        return folder.file("taken.toml",
                           "[gateway]\nid = \"gw-1\"\ncompound = \"c-1\"\n[listeners.isapi]\naddress = \"127.0.0.1\"\nport = " + tcp.second +
                               "\n[listeners.uhppote]\naddress = \"" + uhppote_address + "\"\nport = " + udp.second + "\n");
    };
    Script script;
    script.silent("GET /api/v1/check", Fault::unreachable);
    const auto pid = std::to_string(::getpid());
    const auto both = script.run({"check", "--config", settings("127.0.0.1")});
    CHECK(has(both.out, "fault  network: port " + tcp.second + "/TCP (listeners.isapi.port) is held by unit_ctl (process " + pid + ")"));
    CHECK(has(both.out, "fault  network: port " + udp.second + "/UDP (listeners.uhppote.port) is held by unit_ctl (process " + pid + ")"));
    CHECK(has(script.run({"check", "--config", settings("127.0.0.1")}, true).out,
              "故障  网络：端口 " + tcp.second + "/TCP（listeners.isapi.port）已被程序 unit_ctl（进程号 " + pid + "）占用"));
    // Held at another address than ours: nothing in the way.
    CHECK_FALSE(has(script.run({"check", "--config", settings("127.0.0.2")}).out, "/UDP"));
    ::close(tcp.first);
    ::close(udp.first);
    CHECK_FALSE(has(script.run({"check", "--config", settings("127.0.0.1")}).out, "is held by"));
}

TEST_CASE("check: who holds a port is read from what the kernel prints, and what is not ours to see is no one's") {
    const TempFolder folder;
    std::filesystem::create_directories(folder.path / "net");
    std::filesystem::create_directories(folder.path / "77" / "fd");
    const std::string heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    folder.file("net/tcp", heading + "   0: 0100007F:1F9A 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 11 1\n"
                                     "garbage\n   2: 0100007F:1F9B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1\n");
    folder.file("net/tcp6", heading +
                                "   0: 0000000000000000FFFF00000101010A:1F9C 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 "
                                "00000000     0        0 13 1\n");
    folder.file("77/comm", "ngi\033nx\n");
    std::filesystem::create_symlink("socket:[12]", folder.path / "77" / "fd" / "5");
    CHECK_FALSE(port_holder(true, "", 8090, folder.path)); // a connection, no listener
    const auto holder = port_holder(true, "127.0.0.1", 8091, folder.path);
    REQUIRE(holder);
    CHECK(holder->pid == 77);
    CHECK(holder->program == "ngi?nx");
    CHECK_FALSE(port_holder(true, "10.1.1.1", 8091, folder.path));
    const auto unseen = port_holder(true, "10.1.1.1", 8092, folder.path);
    REQUIRE(unseen);
    CHECK(unseen->pid == 0);
    CHECK_FALSE(port_holder(false, "", 8091, folder.path));
}

TEST_CASE("check --plan: devices with their basis, disk and lines in words; exit code 1 where the disk is too small") {
    const auto plan = [](const std::string& enough) {
        return R"({"days":30,"devices":[{"id":"a","driver":"isapi","model":"plate","events_per_day":1500,"pictures_per_day":3000,)"
               R"("bytes_per_day":492544000,"measured":true},{"id":"b","driver":"uhppote","model":"","events_per_day":1200,"measured":false}],)"
               R"("disk":{"records_bytes":1048576,"index_bytes":1024,"pictures_bytes":2147483648,"reserve_bytes":1073741824,)"
               R"("needed_bytes":3221225472,"free_bytes":1073741824,"used_bytes":1073741824,"enough":)" +
               enough +
               R"(},"upstreams":[{"name":"district","mean_kbit_s":46,"busy_hour_kbit_s":132,"catch_up_kbit_s":2400,"needed_kbit_s":2400}],)"
               R"("assumptions":[{"zh":"按类型估计","en":"taken by their kind"}]})";
    };
    Script script;
    script.answer("GET /api/v1/check/plan", plan("false"));
    const auto en = script.run({"check", "--plan"});
    CHECK(en.code == 1);
    CHECK(has(en.out, "disk for 30 days: 3.0 GiB (records 1.0 MiB, index 1.0 KiB, pictures 2.0 GiB, reserve 1.0 GiB), there is 2.0 GiB: too little"));
    CHECK(has(en.out, "upstream district needs 2.4 Mbit/s upward (on average 46 kbit/s, in the busiest hour 132 kbit/s"));
    CHECK(has(en.out, "the log\n"));
    CHECK(has(en.out, "its kind\n"));
    CHECK(has(en.out, "* taken by their kind\n"));
    const auto zh = script.run({"check", "--plan"}, true);
    CHECK(has(zh.out, "磁盘 30 天需要 3.0 GiB"));
    CHECK(has(zh.out, "不够，请扩容"));
    CHECK(has(zh.out, "平台 district 上行需要 2.4 Mbit/s"));
    CHECK(has(zh.out, "* 按类型估计\n"));
    Script enough;
    enough.answer("GET /api/v1/check/plan", plan("true"));
    CHECK(enough.run({"check", "--plan"}).code == 0);
    CHECK(has(enough.run({"check", "--plan", "--json"}).out, R"("needed_kbit_s":2400)"));
    Script odd;
    odd.answer("GET /api/v1/check/plan", "{}");
    CHECK(odd.run({"check", "--plan"}).code == exit_software);
    CHECK(script.run({"check", "--plan", "--storage"}).code == exit_usage);
}

TEST_CASE("check --storage: drive, times and verdict in words, with the exit code by severity") {
    for (const auto& [severity, code] : {std::pair("fine", 0), std::pair("warning", 1), std::pair("fault", 2)}) {
        Script script;
        script.answer("POST /api/v1/check/storage",
                      R"({"mount_point":"/var","file_system":"ext4","source":"/dev/sda2","drives":[{"name":"sda","model":"WDC","sort":"disk",)"
                      R"("rotational":true,"volatile_cache":true}],"times":{"count":256,"fastest_us":90,"median_us":100,"slowest_us":4000},)"
                      R"("verdict":"lies","severity":")" +
                          std::string(severity) + R"(","zh":"sda 撒谎","en":"sda lies"})");
        const auto en = script.run({"check", "--storage"});
        CHECK(en.code == code);
        CHECK(has(en.out, "/var  ext4  /dev/sda2\nsda  WDC  disk  rotating  volatile cache: yes\n"));
        CHECK(has(en.out, "256 flushes, median 100 µs"));
        CHECK(has(en.out, "sda lies\n"));
        CHECK(has(script.run({"check", "--storage"}, true).out, "sda 撒谎\n"));
        CHECK(script.run({"check", "--storage", "--json"}).code == code);
    }
    Script script;
    script.answer("POST /api/v1/check/storage",
                  R"({"verdict":"cannot_tell","severity":"warning","times":null,"not_measured":"no space","zh":"z","en":"e"})");
    CHECK(has(script.run({"check", "--storage"}).out, "not measured: no space\n"));
    Script odd;
    odd.answer("POST /api/v1/check/storage", "{}");
    CHECK(odd.run({"check", "--storage"}).code == exit_software);
}

TEST_CASE("coverage: spans with length and cause, paged, summed, times of the question in UTC") {
    in_shanghai();
    Script script;
    script.answer("GET /api/v1/devices/east%2Fdoors/coverage?from=2026-01-14T16%3A00%3A00.000000Z&to=2026-01-15T00%3A30%3A12.000000Z",
                  R"({"spans":[{"state":"covered","from":"2026-01-14T16:00:00Z","to":"2026-01-14T18:00:00Z"},
                      {"state":"unknown","from":"2026-01-14T18:00:00Z","to":"2026-01-14T18:05:30Z","cause":"offline; memory wrapped","lost":12}],
                      "covered_s":7200,"recovered_s":0,"unknown_s":330,"next":"2026-01-14T18:05:30Z"})");
    script.answer("GET /api/v1/devices/east%2Fdoors/coverage?to=2026-01-15T00%3A30%3A12.000000Z&from=2026-01-14T18%3A05%3A30Z",
                  R"({"spans":[{"state":"recovered","from":"2026-01-14T18:05:30Z","to":"2026-01-14T19:05:29.6Z"},
                      {"state":"covered","from":"2026-01-14T19:05:29.6Z","to":"2026-01-14T19:05:30Z"}],"covered_s":0,"recovered_s":3600,
                      "unknown_s":0,"next":null})");
    const std::vector<std::string> typed{"coverage", "east/doors", "--from", "2026-01-15", "--to", "0s"};
    const auto en = script.run(typed);
    CAPTURE(en.err);
    CHECK(en.code == exit_ok);
    CHECK(has(en.out, "unknown    2026-01-15 02:00:00  2026-01-15 02:05:30  5 min 30 s  offline; memory wrapped  12\n"));
    CHECK(has(en.out, "in all  covered 2 h, recovered 1 h, unknown 5 min 30 s; 12 events lost\n"));
    CHECK(has(en.out, "03:05:30  0.4 s "));
    const auto zh = script.run(typed, true);
    CHECK(has(zh.out, "无记录"));
    CHECK(has(zh.out, "离线; memory wrapped"));
    CHECK(has(zh.out, "合计  有记录 2 小时，已补录 1 小时，无记录 5 分 30 秒；丢失 12 条"));
}

TEST_CASE("device add: options become the device, the password comes from a file that only its owner reads") {
    const TempFolder folder;
    const auto secret = folder.file("secret", "pass word\nsecond line\n");
    const auto open_file = folder.file("open", "x\n", 0644);
    Script script;
    script.answer("POST /api/v1/devices", 201, R"({"id":"east"})");
    const auto ran = script.run({"device", "add", "east", "--driver", "uhppote", "--address", "10.0.0.2", "--serial", "423187757", "--name", "东门",
                                 "--place", "gate", "--username", "admin", "--password-file", secret});
    CAPTURE(ran.err);
    CHECK(ran.code == exit_ok);
    CHECK(has(ran.out, "gatehousectl device probe east"));
    CHECK(parse_json(script.asked.back().body).value() ==
          parse_json(R"({"id":"east","driver":"uhppote","address":"10.0.0.2","name":"东门","place":"gate","username":"admin","serial":423187757,
                         "password":"pass word","port":60000})")
              .value());
    CHECK(net::header(script.asked.back().headers, "Content-Type") == "application/json");
    const auto refused = script.run({"device", "add", "e", "--driver", "isapi", "--address", "x", "--password-file", open_file});
    CHECK(refused.code == exit_no_input);
    CHECK(has(refused.err, "chmod 600"));
    CHECK(script.asked.size() == 1);
    CHECK(script.run({"device", "add", "e", "--driver", "isapi", "--address", "x", "--password-file", "/no/such"}).code == exit_no_input);
    script.run({"device", "add", "e", "--driver", "isapi", "--address", "x", "--tls"});
    CHECK(has(script.asked.back().body, R"("tls":true,"port":443)"));
}

TEST_CASE("device add: a JSON file, options over it; what is wrong with the file is told") {
    const TempFolder folder;
    const auto file = folder.file("device.json", R"({"id":"a","driver":"isapi","address":"10.0.0.3","port":8000,"outlets":[{"number":1}]})");
    Script script;
    script.answer("POST /api/v1/devices", 201, "{}");
    CHECK(script.run({"device", "add", "--file", file, "--address", "10.0.0.4"}).code == exit_ok);
    CHECK(has(script.asked.back().body, R"("address":"10.0.0.4","port":8000,"outlets":[{"number":1}])"));
    CHECK(script.run({"device", "add", "--file", folder.file("bad", "{")}).code == exit_data);
    CHECK(script.run({"device", "add", "--file", folder.file("list", "[]")}).code == exit_data);
    const auto missing = script.run({"device", "add", "--file", "/no/such/file"});
    CHECK(missing.code == exit_no_input);
    CHECK(has(missing.err, "/no/such/file: no such file"));
}

TEST_CASE("device add: a camera needs its address and its password, nothing else") {
    const TempFolder folder;
    const auto secret = folder.file("secret", "Gate-2024!\n");
    Script script;
    script.answer("POST /api/v1/devices", 201, "{}");
    CHECK(script.run({"device", "add", "--address", "192.168.50.61", "--password-file", secret}).code == exit_ok);
    CHECK(
        parse_json(script.asked.back().body).value() ==
        parse_json(R"({"driver":"onvif","id":"camera-192-168-50-61","username":"admin","address":"192.168.50.61","password":"Gate-2024!","port":80})")
            .value());
    CHECK(script.run({"device", "add", "gate", "--address", "192.168.50.61", "--username", "op", "--password-file", secret}).code == exit_ok);
    CHECK(has(script.asked.back().body, R"("id":"gate")"));
    CHECK(has(script.asked.back().body, R"("username":"op")"));
    CHECK(script.run({"device", "add", "gate", "--address", "192.168.50.61"}).code == exit_usage); // no password: whatever it is, it is no camera
}

TEST_CASE("device password rotate: asked for, told, and neither password stands anywhere") {
    Script script;
    script.answer("POST /api/v1/devices/gate/password", R"({"device":"gate","outcome":"done"})");
    const auto ran = script.run({"device", "password", "rotate", "gate"});
    CHECK(ran.code == exit_ok);
    CHECK(has(ran.out, "gate has a new password"));
    CHECK(script.asked.back().body.empty());
    CHECK(script.run({"device", "password", "show", "gate"}).code == exit_usage);
    CHECK(script.run({"device", "password", "rotate"}).code == exit_usage);
}

TEST_CASE("clip: who asks for what, yes, and no with a reason") {
    Script script;
    script.answer("GET /api/v1/clips", R"({"clips":[{"clip":"c-1","state":"waiting","upstream":"district","case":"17","officers":["A","B"],
        "camera":"gate","from":"2026-01-15T00:30:00Z","to":"2026-01-15T00:31:00Z"}]})");
    const auto listed = script.run({"clip", "list"}, true);
    CHECK(has(listed.out, "等待批准"));
    CHECK(has(listed.out, "A, B"));
    script.answer("POST /api/v1/clips/c-1/approve", R"({"clip":"c-1","state":"approved"})");
    CHECK(script.run({"clip", "approve", "c-1"}).code == exit_ok);
    script.answer("POST /api/v1/clips/c-1/refuse", R"({"clip":"c-1","state":"declined"})");
    CHECK(script.run({"clip", "refuse", "c-1"}).code == exit_usage);
    CHECK(script.run({"clip", "refuse", "c-1", "--reason", "no such case"}).code == exit_ok);
    CHECK(has(script.asked.back().body, "no such case"));
    Script nobody;
    nobody.answer("GET /api/v1/clips", R"({"clips":[]})");
    CHECK(has(nobody.run({"clip", "list"}).out, "no platform asks"));
}

TEST_CASE("device add: one that is registered already is exit 73") {
    Script script;
    script.answer("POST /api/v1/devices", 409, R"({"type":"urn:gatehouse:problem:refused","detail":"a device of this id is registered already"})");
    const auto en = script.run({"device", "add", "a", "--driver", "isapi", "--address", "x"});
    CHECK(en.code == exit_cannot_create);
    CHECK(has(en.err, "to change it: gatehousectl device remove a (its records stay), then device add"));
    const auto zh = script.run({"device", "add", "a", "--driver", "isapi", "--address", "x"}, true);
    CHECK(has(zh.err, "该编号的设备已登记"));
    CHECK(has(zh.err, "要修改：先 gatehousectl device remove a（其记录保留），再 device add"));
}

TEST_CASE("what the daemon says most often is said in Chinese to who reads Chinese") {
    Script script;
    script.answer("GET /api/v1/devices/a/probe", 404, R"({"type":"urn:gatehouse:problem:not-found","detail":"no such device"})");
    CHECK(has(script.run({"device", "probe", "a"}, true).err, "device probe a：未找到（没有这台设备）"));
    CHECK(has(script.run({"device", "probe", "a"}).err, "device probe a: no such device; check the name"));
}

TEST_CASE("backup: onto a file that exists is exit 73") {
    Script script;
    script.answer("POST /api/v1/backup", 409, R"({"type":"urn:gatehouse:problem:refused","detail":"a backup is written to a new file"})");
    CHECK(script.run({"backup", "/b/x.db"}).code == exit_cannot_create);
    CHECK(has(script.run({"backup", "/b/x.db"}, true).err, "文件已存在，备份只写入新文件"));
}

TEST_CASE("device remove, probe, discover, open: requests, escaped, and words") {
    Script script;
    script.answer("DELETE /api/v1/devices/a%20b", 204, "");
    CHECK(has(script.run({"device", "remove", "a b"}).out, "a b is removed"));
    script.answer("GET /api/v1/devices/a/probe",
                  R"({"id":"a","address":"10.0.0.2:80","status":{"state":"refused","firmware":"V5","events":3,"heard_at":null},
                      "diagnosis":{"severity":"fault","zh":"密码不对","en":"wrong password"}})");
    const auto probed = script.run({"device", "probe", "a"}, true);
    CHECK(probed.code == exit_ok);
    CHECK(has(probed.out, "a  10.0.0.2:80  密码被拒\n故障：密码不对\n"));
    script.answer("POST /api/v1/discover",
                  R"({"found":[{"driver":"uhppote","address":"10.0.0.9:60000","model":"L04","serial":"7","note":"","registered_as":""}]})");
    const auto found = script.run({"device", "discover", "--address", "10.0.0.255"});
    CHECK(has(found.out, "uhppote  10.0.0.9:60000  L04    7       -"));
    CHECK(script.asked.back().body == R"({"address":"10.0.0.255:60000"})");
    script.run({"device", "discover", "--address", "192.168.50.0/24"});
    CHECK(script.asked.back().body == R"({"address":"192.168.50.0/24"})");
    script.answer("POST /api/v1/devices/a/open", R"({"device":"a","door":2,"outcome":"done"})");
    const auto opened = script.run({"device", "open", "a", "2"});
    CHECK(opened.code == exit_ok);
    CHECK(has(opened.out, "opened: a, door 2; by uid:" + std::to_string(::getuid())));
    CHECK(script.asked.back().body == R"({"door":2})");
    script.run({"device", "open", "a"});
    CHECK(script.asked.back().body == R"({"door":1})");
}

namespace {

const std::string classes = R"({"classes":[{"class":"person","route":"persons","zh":"人员","en":"person","fields":[
 {"name":"name","zh":"姓名","en":"name","needed":true,"choices":"","choices_zh":""},
 {"name":"category","zh":"人员类别","en":"category","needed":true,"choices":"resident tenant","choices_zh":"常住 租客"},
 {"name":"phone","zh":"电话","en":"phone","needed":false,"choices":"","choices_zh":""}]}]})";

} // namespace

TEST_CASE("person list, show, add, change, end: titles and choices in both languages, fields from a file, flaws by field") {
    in_shanghai();
    TempFolder folder;
    Script script;
    script.answer("GET /api/v1/library", classes);
    script.answer("GET /api/v1/persons",
                  R"({"entries":[{"id":"p1","version":1,"name":"王小明","category":"tenant","phone":"138****5678"}],"next":null})");
    const auto zh = script.run({"person"}, true);
    CHECK(zh.code == exit_ok);
    CHECK(has(zh.out, "编号  姓名    人员类别  电话"));
    CHECK(has(zh.out, "p1    王小明  租客      138****5678"));
    CHECK(has(script.run({"person", "list"}).out, "tenant"));
    script.answer("GET /api/v1/persons?field=phone&value=13812345678&reveal=true&purpose=lost", R"({"entries":[],"next":null})");
    CHECK(script.run({"person", "list", "--field", "phone", "--value", "13812345678", "--purpose", "lost"}).code == exit_ok);
    CHECK(script.run({"person", "list", "--field", "phone"}).code == exit_usage);
    script.answer("GET /api/v1/persons/p1?version=2",
                  R"({"id":"p1","version":2,"valid_from":"2026-01-15T00:00:00Z","name":"王小明","category":"resident"})");
    const auto shown = script.run({"person", "show", "p1", "2"}, true);
    CHECK(has(shown.out, "p1 @2  起 2026-01-15 08:00:00"));
    CHECK(has(shown.out, "人员类别：常住"));
    const auto file = folder.file("p.json", R"({"name":"李四","category":"常住"})");
    script.answer("POST /api/v1/persons", 201, R"({"id":"p2","version":1})");
    CHECK(has(script.run({"person", "add", "--file", file}).out, "p2 @1 is registered"));
    CHECK(script.asked.back().body == R"({"fields":{"name":"李四","category":"常住"}})");
    script.answer(
        "PUT /api/v1/persons/p2", 400,
        R"({"status":400,"title":"t","detail":"d","flaws":[{"field":"phone","flaw":"not_a_phone","zh":"不是有效的电话号码","en":"is no phone number"}]})");
    const auto refused = script.run({"person", "change", "p2", "--file", file}, true);
    CHECK(refused.code == exit_data);
    CHECK(has(refused.err, "phone：不是有效的电话号码"));
    CHECK(script.run({"person", "add"}).code == exit_usage);
    script.answer("DELETE /api/v1/persons/p2", 204, "");
    CHECK(has(script.run({"person", "end", "p2"}).out, "p2 has ended"));
}

TEST_CASE("library import, undo, export: every fault by row and column, exit code 65 where there is one") {
    TempFolder folder;
    Script script;
    const auto file = folder.file("t.csv", "姓名\n张三\n");
    script.answer(
        "POST /api/v1/imports?class=persons&dry_run=true",
        R"({"id":"","rows":2,"good":1,"bad":1,"faults":[{"row":3,"column":"电话","flaw":"not_a_phone","zh":"不是有效的电话号码","en":"is no phone number"}]})");
    const auto dry = script.run({"library", "import", "persons", file, "--dry-run"}, true);
    CHECK(dry.code == exit_data);
    CHECK(has(dry.out, "3   电话  不是有效的电话号码"));
    CHECK(has(dry.out, "无误 1 行，有误 1 行"));
    CHECK(script.asked.back().body == "姓名\n张三\n");
    script.answer("POST /api/v1/imports?class=persons", R"({"id":"i1","rows":1,"good":1,"bad":0,"faults":[]})");
    const auto done = script.run({"library", "import", "persons", file});
    CHECK(done.code == exit_ok);
    CHECK(has(done.out, "gatehousectl library undo i1"));
    script.answer("DELETE /api/v1/imports/i1", R"({"ended":1})");
    CHECK(has(script.run({"library", "undo", "i1"}).out, "1 rows have ended"));
    script.answer("GET /api/v1/exports/persons?format=xlsx&language=en", "PK");
    CHECK(script.run({"library", "export", "persons", (folder.path / "o.xlsx").string()}).code == exit_ok);
    CHECK(script.run({"library", "export", "persons", file}).code != exit_ok); // a file that exists is never overwritten
}

TEST_CASE("home list, show, add, end") {
    Script script;
    script.answer("GET /api/v1/places",
                  R"({"places":[{"id":"b1","kind":"building","name":"1幢"},{"id":"h1","kind":"home","name":"1-101","parent":"b1"}]})");
    const auto listed = script.run({"home", "list"});
    CHECK(has(listed.out, "h1  1-101  b1"));
    CHECK_FALSE(has(listed.out, "1幢"));
    script.answer("GET /api/v1/homes/h1", R"({"home":{"id":"h1","name":"1-101"},"persons":[{"id":"p1","name":"王小明"}],
      "residences":[{"person":"p1","relation":"owner"}],"vehicles":[{"plate":"浙A12345"}]})");
    CHECK(has(script.run({"home", "show", "h1"}).out, "王小明  owner"));
    script.answer("PUT /api/v1/places/h2", R"({"id":"h2"})");
    CHECK(script.run({"home", "add", "h2", "--name", "1-102", "--place", "b1"}).code == exit_ok);
    CHECK(script.asked.back().body == R"({"kind":"home","name":"1-102","parent":"b1"})");
    script.answer("DELETE /api/v1/places/h2", 204, "");
    CHECK(has(script.run({"home", "end", "h2"}).out, "h2 has ended"));
}

TEST_CASE("upstream dead and resend") {
    in_shanghai();
    Script script;
    script.answer("GET /api/v1/upstreams/district/dead?limit=5",
                  R"({"dead":[{"lane":"routine","position":17,"reason":"no such door","at":"2026-01-15T00:00:00Z"}]})");
    CHECK(has(script.run({"upstream", "dead", "district", "--limit", "5"}, true).out, "常规  17    2026-01-15 08:00:00  no such door"));
    script.answer("GET /api/v1/upstreams/district/dead", R"({"dead":[]})");
    CHECK(has(script.run({"upstream", "dead", "district"}).out, "has refused no record"));
    script.answer("POST /api/v1/upstreams/district/resend", R"({"resent":100})");
    CHECK(has(script.run({"upstream", "resend", "district", "routine", "1", "100"}).out, "100 records go to district / routine again"));
    CHECK(script.asked.back().body == R"({"lane":"routine","first":1,"last":100})");
}

TEST_CASE("log verify: words, and 65 with the first bad position") {
    Script script;
    script.answer("POST /api/v1/log/verify",
                  R"({"whole":true,"first":1,"last":90,"records":80,"emptied":4,"removed":6,"condensed":0,"seals":9,"digests":2,"first_bad":null})");
    const auto whole = script.run({"log", "verify"});
    CHECK(whole.code == exit_ok);
    for (const auto* part : {"1 – 90", "records whole 80", "emptied by order 4", "removed by retention 6", "whole and unchanged"})
        CHECK_MESSAGE(has(whole.out, part), part);
    Script other;
    other.answer("POST /api/v1/log/verify", R"({"whole":false,"first":1,"last":90,"records":80,"first_bad":41,"fault":"commitment differs"})");
    const auto bad = other.run({"log", "verify"}, true);
    CHECK(bad.code == exit_data);
    CHECK(has(bad.err, "第一个坏位置 41（commitment differs）"));
    CHECK(other.run({"log", "verify", "--json"}).code == exit_data);
}

TEST_CASE("identity, settings, backup, erase, bundle") {
    const TempFolder folder;
    Script script;
    script.answer("GET /api/v1/identity", R"({"gateway":"gh-1","compound":"C7","epoch":"e-1","epoch_first":5,"head":9,"seal":"00"})");
    CHECK(has(script.run({"identity"}).out, "epoch e-1, from position 5 on\nhead 9"));
    script.answer("POST /api/v1/identity/renew", R"({"epoch":"e-2","epoch_first":10,"head":10})");
    CHECK(has(script.run({"identity", "renew"}, true).out, "纪元 e-2"));
    script.answer("GET /api/v1/settings?language=zh", "[gateway]\n");
    CHECK(script.run({"settings"}, true).out == "[gateway]\n");
    CHECK(has(script.run({"settings", "--defaults"}).out, "[gateway]"));
    CHECK(parse_json(script.run({"settings", "--schema"}).out).value().is_object());
    script.answer("POST /api/v1/backup", R"({"file":"/b/x.db","head":9,"bytes":2048,"sha256":"ab"})");
    CHECK(has(script.run({"backup", "/b/./x.db"}).out, "copied to /b/x.db (2.0 KiB, up to position 9)"));
    CHECK(script.asked.back().body == R"({"file":"/b/x.db"})");
    script.run({"backup", "x.db"});
    CHECK(script.asked.back().body == R"({"file":")" + (std::filesystem::current_path() / "x.db").string() + "\"}");
    script.answer("POST /api/v1/erase", R"({"records":3,"pictures":1,"position":44})");
    CHECK(has(script.run({"erase", "person:7", "--order", "文号1"}).out, "3 records emptied, 1 pictures deleted; position 44"));
    CHECK(script.asked.back().body == R"({"subject":"person:7","order":"文号1"})");
    script.answer("GET /api/v1/bundle", R"({"gatehouse_bundle":1})");
    CHECK(script.run({"bundle"}).out == "{\"gatehouse_bundle\":1}\n");
    const auto file = (folder.path / "bundle.json").string();
    CHECK(script.run({"bundle", "--file", file}).code == exit_ok);
    struct stat about {};
    REQUIRE(::stat(file.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    const auto again = script.run({"bundle", "--file", file});
    CHECK(again.code == exit_cannot_create);
    CHECK(has(again.err, "not overwritten"));
    CHECK(script.run({"restore", "/no/such", "--directory", folder.path.string()}).code == exit_no_input);
}

TEST_CASE("each refusal: its exit code, what, where and what to do, in both languages") {
    const std::vector<std::tuple<int, std::string, int, std::string, std::string>> rows{
        {400, "malformed", exit_data, "check the values", "核对"},
        {401, "unknown-caller", exit_no_permission, "sudo", "sudo"},
        {403, "not-allowed", exit_no_permission, "account", "账号"},
        {404, "not-found", exit_no_input, "gatehousectl device list", "未找到"},
        {409, "refused", exit_unavailable, "cause", "被拒绝"},
        {429, "too-many", exit_try_later, "later", "稍后"},
        {500, "damaged", exit_data, "log verify", "损坏"},
        {502, "unreachable", exit_unavailable, "cable", "不可达"},
        {503, "busy", exit_try_later, "later", "繁忙"},
        {504, "timed-out", exit_unavailable, "network", "未按时"},
        {418, "unheard-of", exit_data, "418", "418"},
    };
    for (const auto& [answered, name, code, en, zh] : rows) {
        Script script;
        script.answer("POST /api/v1/devices/a/open", answered, R"({"type":"urn:gatehouse:problem:)" + name + R"(","detail":"the \u001bdetail"})");
        const auto ran = script.run({"device", "open", "a"});
        CHECK_MESSAGE(ran.code == code, name);
        CHECK(ran.out.empty());
        CHECK(ran.err.starts_with("gatehousectl: device open a: "));
        CHECK_MESSAGE(has(ran.err, en), ran.err);
        CHECK(has(ran.err, "the ?detail"));
        CHECK_MESSAGE(has(script.run({"device", "open", "a"}, true).err, zh), name);
    }
    Script script;
    script.answer("GET /api/v1/check", 502, "<html>");
    CHECK(script.run({"check"}).code == exit_unavailable);
}

TEST_CASE("a daemon that does not run, does not let in, does not answer: code and what to do") {
    for (const auto& [fault, code, part] :
         {std::tuple(Fault::unreachable, exit_unavailable, "systemctl start gatehoused"),
          std::tuple(Fault::refused, exit_no_permission, "group gatehouse"), std::tuple(Fault::timed_out, exit_try_later, "journalctl"),
          std::tuple(Fault::malformed, exit_unavailable, "socket")}) {
        Script script;
        script.silent("GET /api/v1/status", fault);
        const auto ran = script.run({"status", "--socket", "/s/x"});
        CHECK(ran.code == code);
        CHECK_MESSAGE(has(ran.err, part), ran.err);
        CHECK(script.socket == "/s/x");
    }
}
