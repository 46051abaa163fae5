// SPDX-License-Identifier: Apache-2.0
//
// What the pretend devices put on the wire, against golden files (their source: tests/golden/sim_isapi/README.md).
#include "tests/paths.hpp"
#include "tests/unit/simulators/isapi/bench.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace gatehouse::simulators;
using namespace gatehouse::simulators::isapi;

namespace {

// Carriage returns are shown, pictures are measured, and what differs from run to run is named.
std::string shown(std::string text, std::uint16_t device_port = 0) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.compare(i, 3, "\xff\xd8\xff") == 0) {
            const auto end = text.find("\xff\xd9\r\n", i) + 2;
            out += "<JPEG of " + std::to_string(end - i) + " bytes>";
            i = end - 1;
        } else if (text[i] == '\r') {
            out += "<CR>";
        } else {
            out += text[i];
        }
    }
    const auto replace = [&](const std::string& what, const std::string& by) {
        for (auto at = out.find(what); at != std::string::npos; at = out.find(what, at + by.size())) out.replace(at, what.size(), by);
    };
    if (device_port != 0) replace(":" + std::to_string(device_port), ":<port>");
    if (const auto host = out.find("Host: 127.0.0.1:"); host != std::string::npos)
        out.replace(host + 16, out.find("<CR>", host) - host - 16, "<port>");
    return out;
}

// Times of now, of which no two runs have the same.
std::string without_now(std::string text) {
    for (auto at = text.find("T"); at != std::string::npos; at = text.find("T", at + 1))
        if (at >= 10 && text.compare(at - 10, 2, "20") == 0 && text.size() > at + 9 && text[at + 3] == ':') text.replace(at - 10, 19, "<now>");
    return text;
}

// GATEHOUSE_PRINT_GOLDEN=folder writes what was seen there.
void check_golden(const std::string& name, const std::string& seen) {
    CAPTURE(name);
    if (const auto* folder = std::getenv("GATEHOUSE_PRINT_GOLDEN")) std::ofstream(std::string(folder) + "/" + name, std::ios::binary) << seen;
    std::ifstream file(gatehouse::tests::source_path("tests/golden/sim_isapi/") + name, std::ios::binary);
    REQUIRE(file.good());
    std::ostringstream kept;
    kept << file.rdbuf();
    CHECK(kept.str() == seen);
}

} // namespace

TEST_CASE("isapi simulator: digest responses are those of the published vectors") {
    const std::string nonce = "4e6a4532526a4a424d7a6f344e5459334f513d3d";
    CHECK(digest_response("gate", "IP Camera(F1234)", "Gate-2024!", "GET", "/ISAPI/System/deviceInfo", nonce, "00000001", "0a4f113b") ==
          "ef1c1496bbacfc2bc6dee2ca17be8630");
    CHECK(digest_response("gate", "IP Camera(F1234)", "Gate-2024!", "PUT", "/ISAPI/AccessControl/RemoteControl/door/1", nonce, "00000002",
                          "0a4f113b") == "ba0ed7b494e12b830b64966412bec17e");
    // RFC 2617, 3.5
    CHECK(digest_response("Mufasa", "testrealm@host.com", "Circle Of Life", "GET", "/dir/index.html", "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                          "00000001", "0a4f113b") == "6629fae49393a05397450978507c4ef1");
}

TEST_CASE("isapi simulator: nobody gets in without the password, a count is good once, and five wrong tries lock") {
    CameraBench bench;
    const std::string target = "/ISAPI/System/deviceInfo";
    auto first = bench.exchange("GET", target, "", "");
    CHECK(first.status() == 401);
    CHECK(first.header("WWW-Authenticate").find("realm=\"IP Camera(F1234)\"") != std::string::npos);
    CHECK(first.header("WWW-Authenticate").find("qop=\"auth\"") != std::string::npos);
    bench.take_challenge(first);
    const auto right = bench.authorization("GET", target);
    CHECK(bench.exchange("GET", target, "", right).status() == 200);
    CHECK(bench.exchange("GET", target, "", right).status() == 401); // replayed
    CHECK(bench.exchange("GET", "/ISAPI/System/time", "", bench.authorization("GET", target)).status() == 401);
    CHECK(bench.exchange("GET", target, "", "Basic YWRtaW46R2F0ZS0yMDI0IQ==").status() == 401);
    bench.fault("unlock");
    for (int i = 1; i <= 5; ++i) {
        const auto wrong = bench.exchange("GET", target, "", bench.authorization("GET", target, "wrong"));
        CHECK(wrong.status() == 401);
        if (i < 5) CHECK(wrong.has("<retryLoginTime>" + std::to_string(5 - i) + "</retryLoginTime>"));
    }
    const auto locked = bench.exchange("GET", target, "", bench.authorization("GET", target));
    CHECK(locked.status() == 401);
    CHECK(locked.has("<lockStatus>lock</lockStatus>"));
    CHECK(locked.has("<unlockTime>1"));
}

TEST_CASE("isapi simulator: a plate camera's messages") {
    CameraBench bench;
    auto stream = bench.open_stream();
    CHECK(stream.header("Content-Type") == "multipart/mixed; boundary=boundary");
    bench.until_has(stream, "</EventNotificationAlert>");
    check_golden("camera_heartbeat.txt", without_now(shown(stream.body())));
    bench.happen({{"plate", "蓝沪A7F3K2"}, {"list_type", "allowList"}});
    check_golden("camera_push.txt", shown(bench.push().bytes));
    bench.until_has(stream, "detectionPicture.jpg\"");
    CHECK(stream.has("<licensePlate>蓝沪A7F3K2</licensePlate>"));
    bench.happen({{"plate", "绿浙AD12345"}, {"at", "2026-01-15T08:31:00+08:00"}, {"direction", "reverse"}});
    check_golden("camera_device_info.txt", bench.ask("GET", "/ISAPI/System/deviceInfo").body());
    const std::string search = "<AfterTime><picTime>20260115T083030+0800</picTime></AfterTime>";
    check_golden("camera_plates.txt", bench.ask("POST", "/ISAPI/Traffic/channels/1/vehicleDetect/plates", search).body());
    check_golden("camera_no_such_thing.txt", bench.ask("GET", "/ISAPI/Nowhere").body());
}

TEST_CASE("isapi simulator: a barrier says ok and moves, and a locked one says ok and stays") {
    CameraBench bench;
    const std::string gate = "/ISAPI/Parking/channels/1/barrierGate";
    const auto order = [&](const std::string& mode) {
        return bench.ask("PUT", gate, "<BarrierGate><ctrlMode>" + mode + "</ctrlMode></BarrierGate>").has("<statusCode>1</statusCode>");
    };
    CHECK(bench.ask("GET", gate + "/barrierGateStatus").has("<barrierGateStatus>1<"));
    CHECK(order("open"));
    CHECK(bench.ask("GET", gate + "/barrierGateStatus").has("<barrierGateStatus>2<"));
    CHECK(order("close"));
    CHECK(order("lock"));
    CHECK(order("open"));
    CHECK(bench.ask("GET", gate + "/barrierGateStatus").has("<barrierGateStatus>1<"));
    CHECK_FALSE(order("sideways"));
}

TEST_CASE("isapi simulator: a face terminal's messages") {
    TerminalBench bench;
    auto stream = bench.open_stream();
    CHECK(stream.header("Content-Type") == "multipart/mixed; boundary=MIME_boundary");
    bench.until_has(stream, "heartBeat\"\n}");
    check_golden("terminal_heartbeat.txt", without_now(shown(stream.body())));
    bench.happen({{"employee", "30112"}});
    check_golden("terminal_push.txt", shown(bench.push().bytes));
    bench.happen({{"minor", 9}, {"card", "0008165537"}, {"at", "2026-01-15T08:30:13+08:00"}});
    check_golden("terminal_card_push.txt", shown(bench.push().bytes));
    const auto page = [&](const std::string& condition) {
        return bench.ask("POST", "/ISAPI/AccessControl/AcsEvent?format=json", R"({"AcsEventCond":{"searchID":"5f0c6a52",)" + condition + "}}").body();
    };
    check_golden("terminal_search.txt",
                 shown(page(R"("searchResultPosition":0,"maxResults":30,"major":0,"minor":0,"picEnable":true)"), bench.device.port()));
    check_golden("terminal_search_none.txt", page(R"("searchResultPosition":0,"maxResults":30,"beginSerialNo":3)"));
    check_golden("terminal_status.txt", bench.ask("GET", "/ISAPI/AccessControl/AcsEvent?format=json").body());
}

TEST_CASE("isapi simulator: a search goes page by page under one id, MORE until OK, from the serial number on") {
    TerminalBench bench;
    for (int i = 0; i < 70; ++i) bench.happen({{"minor", 21}});
    const auto page = [&](std::size_t position, int begin) {
        return bench
            .ask("POST", "/ISAPI/AccessControl/AcsEvent?format=json",
                 R"({"AcsEventCond":{"searchID":"a","maxResults":100,"searchResultPosition":)" + std::to_string(position) + R"(,"beginSerialNo":)" +
                     std::to_string(begin) + "}}")
            .body();
    };
    CHECK(count_in(page(0, 6), "\"serialNo\"") == 30);
    CHECK(page(0, 6).find("\"MORE\"") != std::string::npos);
    CHECK(page(0, 6).find("\"totalMatches\":\t65") != std::string::npos);
    CHECK(count_in(page(60, 6), "\"serialNo\"") == 5);
    CHECK(page(60, 6).find("\"OK\"") != std::string::npos);
    CHECK(page(65, 6).find("\"NO MATCH\"") != std::string::npos);
    const auto by_time =
        bench.ask("POST", "/ISAPI/AccessControl/AcsEvent?format=json",
                  R"({"AcsEventCond":{"searchID":"a","startTime":"2026-01-15T08:31:00+08:00","endTime":"2026-01-15T09:00:00+08:00"}})");
    CHECK(by_time.has("\"NO MATCH\""));
}

TEST_CASE("isapi simulator: the clock is shown, set, and wrong as told") {
    TerminalBench bench;
    check_golden("terminal_time.txt", without_now(bench.ask("GET", "/ISAPI/System/time").body()));
    bench.device.set_clock(-1h, std::nullopt);
    CHECK(bench.device.state()["clock_offset_s"].as_double() < -3599);
    const auto set = [&](const std::string& inside) { return bench.ask("PUT", "/ISAPI/System/time", "<Time>" + inside + "</Time>"); };
    CHECK(set("<timeMode>manual</timeMode><localTime>2026-01-15T08:30:00+08:00</localTime><timeZone>CST-8:00:00</timeZone>").status() == 200);
    CHECK(bench.ask("GET", "/ISAPI/System/time").has("<localTime>2026-01-15T08:30:0"));
    CHECK(set("<timeMode>manual</timeMode><localTime>yesterday</localTime>").has("<statusCode>6</statusCode>"));
    CHECK(set("<nothing/>").has("<statusCode>5</statusCode>"));
    // POSIX signs are turned round: +4 is west.
    CHECK(set("<timeMode>NTP</timeMode><timeZone>CST+4:00:00</timeZone>").status() == 200);
    CHECK(bench.ask("GET", "/ISAPI/System/time").has("-04:00</localTime>"));
}
