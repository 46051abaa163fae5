// SPDX-License-Identifier: Apache-2.0
//
// Each fault of devices, platforms, log and clock is planted alone: GET /api/v1/check names it, in both languages with a remedy, and
// nothing else. The words are those in which drivers and connections end; the stories hold them to that.
#include "tests/unit/daemon/console/office.hpp"

#include "daemon/console/plan.hpp"

#include <functional>

using namespace gatehouse;
using namespace gatehouse::console;
using namespace std::chrono_literals;

namespace {

using DeviceState = drivers::DeviceStatus::State;
using UpstreamState = sync::UpstreamStatus::State;

struct Told {
    std::string severity, part, code, zh, en;
};

/// What is not fine.
std::vector<Told> told(Office& office) {
    std::vector<Told> all;
    const auto answer = office.get_object(technician, "/api/v1/check");
    for (const auto& finding : answer.at("findings").as_array()) {
        const auto& object = finding.as_object();
        const auto text = [&](const char* key) { return std::string(object.at(key).as_string()); };
        if (text("severity") != "fine") all.push_back({text("severity"), text("part"), text("code"), text("zh"), text("en")});
    }
    return all;
}

void check_only(Office& office, const std::string& code, const std::string& severity, const std::vector<std::string>& words) {
    CAPTURE(code);
    const auto findings = told(office);
    std::string codes;
    for (const auto& each : findings) codes += each.code + " ";
    REQUIRE_MESSAGE(findings.size() == 1, codes);
    const auto& finding = findings.front();
    CHECK(finding.code == code);
    CHECK(finding.severity == severity);
    const bool is_chinese = finding.zh.find("：") != std::string::npos || finding.zh.find("，") != std::string::npos;
    CHECK_MESSAGE(is_chinese, finding.zh);
    CHECK(finding.zh != finding.en);
    for (const auto& word : words) CHECK_MESSAGE(finding.en.find(word) != std::string::npos, finding.en);
}

/// A device and a platform, both well.
struct Well : Office {
    Well() {
        register_device();
        statuses["door-1"].state = DeviceState::online;
        upstream.state.state = UpstreamState::online;
    }
    void device_says(DeviceState state, std::string fault) {
        statuses["door-1"].state = state;
        statuses["door-1"].fault = std::move(fault);
    }
    void platform_says(UpstreamState state, bool is_refused, std::string fault) {
        upstream.state.state = state;
        upstream.state.is_refused = is_refused;
        upstream.state.fault = std::move(fault);
    }
};

} // namespace

TEST_CASE("check: each planted fault of a device is named in both languages, and nothing else is") {
    struct Row {
        const char* code;
        const char* severity;
        std::vector<std::string> words;
        DeviceState state;
        const char* fault;
    };
    const std::vector<Row> rows{
        {"device.no_answer", "fault", {"192.168.50.31:80", "cable"}, DeviceState::offline, "no connection to 192.168.50.31:80: timed out"},
        {"device.no_answer", "fault", {"cable"}, DeviceState::connecting, "192.168.50.31:80: No route to host"},
        {"device.port_closed", "fault", {"check the port"}, DeviceState::offline, "192.168.50.31:80: Connection refused"},
        {"device.no_route", "fault", {"ip address"}, DeviceState::offline, "192.168.50.31:80: Network is unreachable"},
        {"device.no_name", "fault", {"DNS"}, DeviceState::offline, "looking up 'gate': Name or service not known"},
        {"device.no_interface", "fault", {"ip link"}, DeviceState::offline, "network interface 'eth7' does not exist"},
        {"device.refused", "fault", {"account"}, DeviceState::refused, "GET /ISAPI/System/deviceInfo: user name or password refused"},
        {"device.locked",
         "fault",
         {"locked", "1742 s"},
         DeviceState::refused,
         "account locked by the device for another 1742 s after wrong passwords"},
        {"device.certificate", "fault", {"pinned_sha256"}, DeviceState::refused, "TLS with 192.168.50.31: its certificate is not the pinned one"},
        {"device.no_tls", "fault", {"HTTPS"}, DeviceState::refused, "TLS with 192.168.50.31: wrong version number (SSL routines)"},
        {"device.other_device",
         "fault",
         {"serial 423187757"},
         DeviceState::offline,
         "another controller answers at 192.168.50.31:60000: serial 423187757, not 425316788"},
        {"device.other_protocol", "fault", {"driver"}, DeviceState::offline, "what answers at 192.168.50.31:60000 does not speak this protocol"},
        {"device.connecting", "warning", {"192.168.50.31:80"}, DeviceState::connecting, ""},
        {"device.push_taken",
         "warning",
         {"free its push slot"},
         DeviceState::online,
         "events go to 10.1.1.7:60001/5s, another program's: reading them once a minute"},
        {"device.push_taken", "warning", {"free one on the device"}, DeviceState::online, "all 2 push slots of the device point elsewhere; free one"},
        {"device.not_stored", "warning", {"disk"}, DeviceState::online, "events cannot be stored: full"},
        {"device.degraded", "warning", {"no event memory"}, DeviceState::online, "the device has no event memory to search"},
    };
    Well office;
    CHECK(told(office).empty());
    for (const auto& row : rows) {
        office.device_says(row.state, row.fault);
        check_only(office, row.code, row.severity, row.words);
    }
    office.device_says(DeviceState::online, "");
    office.statuses["door-1"].clock_offset_us = 75'000'000;
    check_only(office, "device.clock_skewed", "warning", {"75 s", "NTP"});
    office.statuses["door-1"].clock_offset_us = -29'000'000;
    CHECK(told(office).empty());
    office.statuses["door-1"].lost = 12;
    check_only(office, "device.events_lost", "warning", {"12 events", "gatehousectl coverage"});
    office.statuses["door-1"].lost = 0;
    office.statuses["door-1"].malformed = 3;
    check_only(office, "device.malformed", "warning", {"3 messages", "firmware"});
}

TEST_CASE("check: two things wrong with one device are both named, and probe says the first") {
    Well office;
    office.device_says(DeviceState::online, "all 2 push slots of the device point elsewhere; free one");
    office.statuses["door-1"].clock_offset_us = 75'000'000;
    REQUIRE(told(office).size() == 2);
    const auto probed = office.get_object(technician, "/api/v1/devices/door-1/probe");
    CHECK(probed.at("diagnosis").as_object().at("code").as_string() == "device.push_taken");
}

TEST_CASE("check: two devices registered with one address, and no device at all, are named") {
    Well office;
    office.register_device("door-2");
    office.statuses["door-2"].state = DeviceState::online;
    check_only(office, "device.same_address", "fault", {"192.168.50.31:80", "device door-1"});
    Office empty;
    empty.upstream.state.state = UpstreamState::online;
    check_only(empty, "devices.none", "warning", {"gatehousectl device add"});
}

TEST_CASE("check: each planted fault of a platform is named in both languages, and nothing else is") {
    struct Row {
        const char* code;
        const char* severity;
        std::vector<std::string> words;
        UpstreamState state;
        bool is_refused;
        const char* fault;
    };
    const std::vector<Row> rows{
        {"upstream.offline", "fault", {"cable"}, UpstreamState::offline, false, "no connection to 10.2.2.2:8883: timed out"},
        {"upstream.port_closed", "fault", {"port"}, UpstreamState::offline, false, "10.2.2.2:8883: Connection refused"},
        {"upstream.no_broker",
         "fault",
         {"mqtt or mqtts"},
         UpstreamState::offline,
         false,
         "connecting to 10.2.2.2:8883: TCP connect completion failure"}, // Paho's words when the other side hangs up before CONNACK
        {"upstream.no_route", "fault", {"ip route"}, UpstreamState::offline, false, "10.2.2.2:8883: Network is unreachable"},
        {"upstream.no_name", "fault", {"DNS"}, UpstreamState::offline, false, "looking up 'mqtt.example': Temporary failure in name resolution"},
        {"upstream.silent", "fault", {"acknowledge"}, UpstreamState::offline, false, "the broker takes messages and does not acknowledge them"},
        {"upstream.password",
         "fault",
         {"password_credential"},
         UpstreamState::offline,
         true,
         "connecting to 10.2.2.2:1883: the broker refused name or password (Not authorized)"},
        {"upstream.certificate",
         "fault",
         {"ca_file"},
         UpstreamState::offline,
         true,
         "TLS with broker: its certificate does not do: certificate has expired"},
        {"upstream.not_authorised",
         "fault",
         {"topics"},
         UpstreamState::offline,
         true,
         "subscribing to gatehouse/v1/gw-7/receipts: the broker refused"},
        {"upstream.not_authorised", "fault", {"client id"}, UpstreamState::offline, true, "the broker says: not authorised"},
        {"upstream.not_authorised", "fault", {"publish"}, UpstreamState::online, false, "the broker refuses a message (reason 135)"},
        {"upstream.message_refused", "fault", {"its log"}, UpstreamState::online, false, "the broker refuses a message (reason 151)"},
        {"upstream.not_authorised", "fault", {"publish"}, UpstreamState::offline, true, "the broker refuses our status (reason 135)"},
        {"upstream.no_retain", "fault", {"retain"}, UpstreamState::offline, true, "the broker refused the connection: Retain not supported"},
        {"upstream.no_interface", "fault", {"ip link"}, UpstreamState::offline, false, "network interface 'eth7' does not exist"},
        {"upstream.refused", "fault", {"check"}, UpstreamState::offline, true, "the broker refused the connection: Banned"},
        {"upstream.conflict", "fault", {"identity renew"}, UpstreamState::conflict, false, "another gateway uses this identity"},
        {"upstream.connecting", "warning", {"connecting"}, UpstreamState::connecting, false, "not connected yet"},
    };
    Well office;
    for (const auto& row : rows) {
        office.platform_says(row.state, row.is_refused, row.fault);
        check_only(office, row.code, row.severity, row.words);
    }
    office.platform_says(UpstreamState::online, false, "");
    office.upstream.state.keeps_retained = false;
    check_only(office, "upstream.no_retain", "fault", {"retain"});
    office.upstream.state.keeps_retained = true;
    office.upstream.state.packet_bytes_max = 16 * 1024;
    check_only(office, "upstream.small_packets", "warning", {"16384 bytes", "Maximum Packet Size"});
    office.upstream.state.packet_bytes_max = 256 * 1024;
    CHECK(told(office).empty());
    office.upstream.state.warnings = {{"basis_ended", "对象不上报：依据已到期", "subjects stays home: its basis ended"}};
    check_only(office, "upstream.basis_ended", "warning", {"subjects"});
    office.upstream.state.warnings.clear();
    auto& lane = office.upstream.state.lanes.emplace_back();
    lane.waiting = 40;
    lane.oldest = office.world.clock.now() - 11min;
    check_only(office, "upstream.receipts_missing", "warning", {"40 records", "receiver"});
    lane = {};
    lane.refused = 2;
    check_only(office, "upstream.dead_letters", "warning", {"gatehousectl upstream dead district"});
    lane = {};
    lane.receipts_refused = 1;
    check_only(office, "upstream.receipts_refused", "warning", {"receiver"});
}

TEST_CASE("check: a log that was never copied, or not for days, is named; a backup through the console counts") {
    // The wall clock alone is moved: a simulated day of the store's own ticks takes long.
    const auto begun_before = [](Office& office, Duration ago) {
        office.upstream.state.state = UpstreamState::online;
        office.statuses["door-1"].state = DeviceState::online;
        office.world.clock.step_wall(-ago);
        office.register_device();
        office.world.clock.step_wall(ago);
    };
    Office fresh;
    begun_before(fresh, 71h);
    CHECK(told(fresh).empty());
    Office office;
    begun_before(office, 73h);
    check_only(office, "backup.none", "warning", {"gatehousectl backup"});
    CHECK(office.ask(technician, "POST", "/api/v1/backup", R"({"file":"/backup/log.db"})").status == 200);
    CHECK(told(office).empty());
    office.world.clock.step_wall(24h * 4);
    check_only(office, "backup.old", "warning", {"4 days old"});
}

TEST_CASE("check: a clock that was set by hours is named, and is no ground for deleting") {
    Well office;
    office.world.clock.run_for(2s);
    office.world.clock.step_wall(2h);
    office.world.clock.run_for(2s);
    check_only(office, "clock.doubt", "warning", {"nothing is deleted"});
}

TEST_CASE("check: a disk that fails, and what only the machine sees, come first") {
    Well office;
    office.own = {{Finding::Severity::warning, "clock", "clock.unsynced", "本机时钟未同步：检查 chrony", "not synchronised: look at chrony"}};
    check_only(office, "clock.unsynced", "warning", {"chrony"});
    office.break_disk();
    CHECK(office.world.append(office.world.pass()).has_error());
    const auto findings = told(office);
    REQUIRE(findings.size() == 2);
    CHECK(findings[0].code == "disk.failed");
    CHECK(findings[0].severity == "fault");
}

TEST_CASE("check --storage: medium, times and verdict are told") {
    Well office;
    office.storage.medium.file_system = "ext4";
    office.storage.medium.drives = {store::Drive{store::Drive::Sort::disk, "sda", "WDC", true, true}};
    office.storage.times = store::SyncTimes{200, 80us, 100us, 900us};
    const auto answer = office.ask(technician, "POST", "/api/v1/check/storage");
    REQUIRE(answer.status == 200);
    const auto report = parse_json(answer.body).value().as_object();
    CHECK(report.at("verdict").as_string() == "lies");
    CHECK(report.at("severity").as_string() == "fault");
    CHECK(report.at("times").as_object().at("median_us").as_int64() == 100);
    CHECK(report.at("drives").as_array().at(0).as_object().at("rotational").as_bool());
}

TEST_CASE("check --plan: devices by kind until the log has a day of them, then by the log") {
    Well office;
    office.plan.reserve_bytes = 1'000'000;
    office.plan.picture_days = {{PictureRole::scene, 90}, {PictureRole::face, 7}, {PictureRole::plate, 90}};
    office.plan.upstreams["district"] = {};
    auto plan = office.get_object(technician, "/api/v1/check/plan");
    CHECK(plan.at("days").as_int64() == 30);
    auto device = plan.at("devices").as_array().at(0).as_object();
    CHECK_FALSE(device.at("measured").as_bool());
    CHECK(device.at("events_per_day").to_number<int>() == 800);
    for (int i = 0; i < 49; ++i) {
        office.world.must_append(office.world.pass("door-1"));
        office.world.clock.step_wall(1h);
    }
    plan = office.get_object(technician, "/api/v1/check/plan");
    device = plan.at("devices").as_array().at(0).as_object();
    CHECK(device.at("measured").as_bool());
    const auto events = device.at("events_per_day").to_number<int>();
    CHECK(events >= 24);
    CHECK(events <= 25);
    CHECK(plan.at("disk").as_object().contains("enough"));
}
