// SPDX-License-Identifier: Apache-2.0
//
// Every fault that the two devices know does what its row in the README says, no fault is missing there, and none has no test here.
#include "tests/paths.hpp"
#include "tests/unit/simulators/isapi/bench.hpp"

#include <fstream>
#include <sstream>

using namespace gatehouse::simulators;
using namespace gatehouse::simulators::isapi;

namespace {

const std::string info = "/ISAPI/System/deviceInfo";
const std::string hosts = "/ISAPI/Event/notification/httpHosts";
const std::string acs_event = "/ISAPI/AccessControl/AcsEvent?format=json";
const std::string plates = "/ISAPI/Traffic/channels/1/vehicleDetect/plates";

std::string text_of(const std::string& path) {
    std::ifstream file(gatehouse::tests::source_path(path), std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// Declared and true length of the first part of a multipart push.
struct Lengths {
    std::size_t declared, real;
};
Lengths lengths_of(const std::string& body, const std::string& end_of_part) {
    const auto at = body.find("Content-Length: ") + 16;
    const auto from = body.find("\r\n\r\n", at) + 4;
    return {std::strtoull(body.c_str() + at, nullptr, 10), body.find(end_of_part, from) - from};
}

std::string search(TerminalBench& bench, const std::string& more = "") {
    return bench.ask("POST", acs_event, R"({"AcsEventCond":{"searchID":"a","maxResults":30,"picEnable":true)" + more + "}}").body();
}

} // namespace

// ---- The way there --------------------------------------------------------------------------------------------------------------------

TEST_CASE("isapi fault offline: nothing listens, streams are cut, events go into the memory, and the port is the same afterwards") {
    CameraBench bench;
    auto stream = bench.open_stream();
    const auto port = bench.device.port();
    bench.fault("offline");
    bench.until_over(stream);
    CHECK_FALSE(bench.can_connect());
    bench.happen();
    CHECK_FALSE(bench.is_pushing());
    CHECK(bench.device.state()["memory"].to_number<int>() == 1);
    bench.mend("offline");
    CHECK(bench.device.port() == port);
    CHECK(bench.ask("GET", info).status() == 200);
}

TEST_CASE("isapi fault dead: connections are taken and nothing is ever said") {
    CameraBench bench;
    bench.fault("dead");
    auto heard = bench.send(bench.request("GET", info, "", ""));
    bench.happen();
    CHECK_FALSE(bench.is_pushing());
    heard.look();
    CHECK(heard.bytes.empty());
    CHECK_FALSE(heard.is_over);
    bench.mend("dead");
    bench.until_over(heard);
    CHECK(bench.ask("GET", info).status() == 200);
}

TEST_CASE("isapi faults mute_stream, drop_stream and no_heartbeat: each its own silence") {
    Setup quick;
    quick.heartbeat_s = 0.01;
    CameraBench bench(quick);
    auto stream = bench.open_stream();
    bench.until_has(stream, "videoloss");
    bench.fault("mute_stream");
    stream.bytes.clear();
    bench.run_on(20ms);
    stream.bytes.clear(); // what was on its way
    bench.happen();
    bench.run_on();
    stream.look();
    CHECK(stream.bytes.empty());
    CHECK_FALSE(stream.is_over);
    bench.mend("mute_stream");
    bench.until_has(stream, "videoloss");

    bench.fault("no_heartbeat");
    bench.run_on(20ms);
    stream.look();
    stream.bytes.clear();
    bench.run_on();
    bench.happen({{"plate", "蓝沪A00001"}});
    bench.until_has(stream, "沪A00001");
    CHECK_FALSE(stream.has("videoloss"));
    auto silent = bench.open_stream();
    CHECK_FALSE(silent.has("videoloss"));

    bench.fault("drop_stream", {{"every_s", 0.02}});
    bench.until_over(stream);
    CHECK(bench.ask("GET", info).status() == 200);
}

TEST_CASE("isapi faults no_push and push_stops_on_reboot: events on the stream, none pushed, until the slot is looked at") {
    Setup quick;
    quick.reboot_s = 0.01;
    CameraBench bench(quick);
    auto stream = bench.open_stream();
    bench.fault("no_push");
    bench.happen({{"plate", "蓝沪A00001"}});
    bench.until_has(stream, "沪A00001");
    CHECK_FALSE(bench.is_pushing());
    bench.mend("no_push");
    bench.happen({{"plate", "蓝沪A00002"}});
    CHECK(bench.push().has("沪A00002"));

    bench.fault("push_stops_on_reboot");
    bench.device.reboot();
    bench.until_over(stream);
    bench.run_until([&] { return bench.device.state()["is_open"].as_bool(); });
    bench.happen();
    CHECK_FALSE(bench.is_pushing());
    CHECK(bench.ask("GET", hosts + "/1").status() == 401); // its nonces went with the reboot
    bench.take_challenge(bench.exchange("GET", hosts + "/1", "", ""));
    CHECK(bench.ask("GET", hosts + "/1").status() == 200);
    bench.happen({{"plate", "蓝沪A00003"}});
    CHECK(bench.push().has("沪A00003"));
}

TEST_CASE("isapi faults push_cut and trickle: a push ends early, or comes in drops") {
    CameraBench bench;
    bench.fault("push_cut", {{"bytes", 300}, {"times", 1}});
    bench.happen();
    const auto cut = bench.push();
    CHECK(cut.bytes.size() == 300);
    CHECK(cut.is_over);
    bench.fault("no_pictures");
    bench.fault("trickle", {{"bytes", 100}, {"every_ms", 1}});
    bench.happen();
    const auto slow = bench.push();
    CHECK(slow.is_whole());
    CHECK(slow.pieces > 5);
}

TEST_CASE("isapi fault chunked: a stream in chunks") {
    CameraBench bench;
    CHECK(bench.open_stream().header("Transfer-Encoding").empty());
    bench.fault("chunked");
    auto stream = bench.open_stream();
    CHECK(stream.header("Transfer-Encoding") == "chunked");
    bench.happen({{"plate", "蓝沪A00001"}});
    bench.until_has(stream, "沪A00001");
}

// ---- Answers --------------------------------------------------------------------------------------------------------------------------

TEST_CASE("isapi faults slow, unavailable, busy and not_support: for all, or under a path") {
    CameraBench bench;
    CHECK(bench.ask("GET", info).status() == 200);
    bench.fault("slow", {{"delay_s", 0.05}});
    const auto asked = std::chrono::steady_clock::now();
    CHECK(bench.ask("GET", info).status() == 200);
    CHECK(std::chrono::steady_clock::now() - asked >= 50ms);
    bench.mend("slow");

    bench.fault("unavailable", {{"path", "/ISAPI/System"}, {"times", 1}});
    CHECK(bench.ask("GET", hosts).status() == 200);
    const auto away = bench.ask("GET", info);
    CHECK(away.status() == 503);
    CHECK(away.body().empty());
    CHECK(bench.ask("GET", info).status() == 200);

    bench.fault("busy", {{"path", info}});
    const auto busy = bench.ask("GET", info);
    CHECK(busy.status() == 503);
    CHECK(busy.has("<statusCode>2</statusCode>"));
    CHECK(busy.has("<subStatusCode>deviceBusy</subStatusCode>"));
    CHECK(bench.ask("GET", "/ISAPI/System/time").status() == 200);
    bench.mend("busy");

    bench.fault("not_support", {{"path", "/ISAPI/System/time"}});
    CHECK(bench.ask("GET", "/ISAPI/System/time").has("<subStatusCode>notSupport</subStatusCode>"));
    CHECK(bench.ask("GET", info).status() == 200);
}

TEST_CASE("isapi fault bare_json_status: the status stands under a key of its own") {
    TerminalBench bench;
    CHECK_FALSE(bench.ask("GET", acs_event).has("\"ResponseStatus\""));
    bench.fault("bare_json_status");
    CHECK(bench.ask("GET", acs_event).has("\"ResponseStatus\""));
}

TEST_CASE("isapi faults wrong_password, stale_nonces, lock and unlock: the door to the device") {
    CameraBench bench;
    CHECK(bench.ask("GET", info).status() == 200);
    bench.fault("stale_nonces");
    const auto stale = bench.ask("GET", info);
    CHECK(stale.status() == 401);
    CHECK(stale.header("WWW-Authenticate").find("stale=\"TRUE\"") != std::string::npos);
    bench.take_challenge(stale);
    CHECK(bench.ask("GET", info).status() == 200);

    bench.fault("wrong_password");
    CHECK(bench.ask("GET", info).has("<retryLoginTime>4</retryLoginTime>"));
    bench.mend("wrong_password");
    CHECK(bench.ask("GET", info).status() == 200);

    bench.fault("lock");
    CHECK(bench.ask("GET", info).has("<lockStatus>lock</lockStatus>"));
    bench.mend("lock");
    CHECK(bench.ask("GET", info).status() == 200);
    bench.fault("lock");
    bench.fault("unlock");
    CHECK(bench.ask("GET", info).status() == 200);
}

TEST_CASE("isapi faults refuse_password_change and mute_password_change: the old one stays, or the new one is taken without a word") {
    CameraBench bench;
    const std::string path = "/ISAPI/Security/users/1";
    const std::string change = "<User><id>1</id><userName>admin</userName><password>New-2026!</password></User>";
    CHECK(bench.ask("GET", info).status() == 200);
    bench.fault("refuse_password_change");
    CHECK(bench.ask("PUT", path, change).has("notSupport"));
    CHECK(bench.ask("GET", info).status() == 200);
    bench.mend("refuse_password_change");

    bench.fault("mute_password_change");
    auto heard = bench.send(bench.request("PUT", path, change, bench.authorization("PUT", path)));
    bench.run_on();
    heard.look();
    CHECK(heard.bytes.empty());
    CHECK_FALSE(heard.is_over);
    CHECK(bench.ask("GET", info).status() == 401);
    CHECK(bench.exchange("GET", info, "", bench.authorization("GET", info, "New-2026!")).status() == 200);
}

TEST_CASE("isapi faults deploy_max and hosts_not_stored: no further client, and a slot that forgets") {
    CameraBench bench;
    auto one = bench.open_stream();
    bench.fault("deploy_max", {{"count", 1}});
    CHECK(bench.ask("GET", "/ISAPI/Event/notification/alertStream").has("deployExceedMax"));
    const std::string slot = "<HttpHostNotification><id>2</id><url>/other</url><protocolType>HTTP</protocolType><addressingFormatType>ipaddress"
                             "</addressingFormatType><ipAddress>127.0.0.1</ipAddress><portNo>9</portNo></HttpHostNotification>";
    bench.fault("hosts_not_stored");
    CHECK(bench.ask("PUT", hosts + "/2", slot).has("<statusCode>1</statusCode>"));
    CHECK_FALSE(bench.ask("GET", hosts + "/2").has("/other"));
    bench.mend("hosts_not_stored");
    CHECK(bench.ask("PUT", hosts + "/2", slot).has("<statusCode>1</statusCode>"));
    CHECK(bench.ask("GET", hosts + "/2").has("/other"));
}

// ---- Framing --------------------------------------------------------------------------------------------------------------------------

TEST_CASE("isapi faults bad_length, no_content_length, no_content_type, lf_only: the part's headers lie, are missing, or end otherwise") {
    CameraBench bench;
    bench.happen();
    auto whole = lengths_of(bench.push().body(), "\r\n-----------------------------7e1");
    CHECK(whole.declared == whole.real);
    bench.fault("bad_length", {{"delta", 9}, {"times", 1}});
    bench.happen();
    auto wrong = lengths_of(bench.push().body(), "\r\n-----------------------------7e1");
    CHECK(wrong.declared == wrong.real + 9);
    bench.fault("bad_length", {{"part", "picture"}, {"times", 1}});
    bench.happen();
    CHECK(bench.push().has("Content-Length: 1507\r\n"));

    bench.fault("no_content_length", {{"times", 1}});
    bench.happen();
    CHECK(bench.push().body().find("Content-Length") == std::string::npos);
    bench.fault("no_content_type", {{"times", 1}});
    bench.happen();
    const auto untyped = bench.push().body();
    CHECK(untyped.find("Content-Type") > untyped.find("\xff\xd8")); // the picture's comment looks like a part on purpose
    bench.fault("lf_only", {{"times", 1}});
    bench.happen();
    CHECK(bench.push().body().find("\nContent-Type: image/jpeg\nContent-Length: 1500\n\n") != std::string::npos);
}

TEST_CASE("isapi fault boundary: another one, quoted in the header") {
    CameraBench bench;
    bench.fault("boundary", {{"value", "a b"}, {"quoted", true}});
    bench.happen();
    const auto push = bench.push();
    CHECK(push.header("Content-Type") == "multipart/form-data; boundary=\"a b\"");
    CHECK(push.body().starts_with("--a b\r\n"));
    CHECK(bench.open_stream().header("Content-Type") == "multipart/mixed; boundary=\"a b\"");
}

TEST_CASE("isapi faults gb18030, namespace and no_declaration: other bytes, the same event") {
    CameraBench bench;
    bench.fault("no_pictures");
    bench.fault("gb18030", {{"times", 1}});
    bench.happen({{"plate", "蓝沪A7F3K2"}});
    const auto push = bench.push();
    CHECK(push.has("encoding=\"GB18030\""));
    CHECK(push.has("\xc0\xb6\xbb\xa6\x41")); // 蓝沪A
    CHECK_FALSE(push.has("蓝沪"));
    for (const auto& [variant, shown] : {std::pair{"hikvision10", "http://www.hikvision.com/ver10/XMLSchema"},
                                         {"stdcgi20", "http://www.std-cgi.com/ver20/XMLSchema"},
                                         {"psia", "urn:psialliance-org"},
                                         {"prefixed", ":EventNotificationAlert"}}) {
        CAPTURE(variant);
        bench.fault("namespace", {{"variant", variant}, {"times", 1}});
        bench.happen();
        CHECK(bench.push().has(shown));
    }
    bench.fault("namespace", {{"times", 1}});
    bench.happen();
    CHECK_FALSE(bench.push().has("xmlns"));
    bench.fault("no_declaration", {{"times", 1}});
    bench.happen();
    CHECK(bench.push().body().starts_with("<EventNotificationAlert"));
}

TEST_CASE("isapi faults malformed_xml, malformed_json, truncated_part, entity_bomb and deep_json: poison among the good") {
    CameraBench bench;
    auto stream = bench.open_stream();
    bench.fault("malformed_xml", {{"count", 2}});
    CHECK(bench.push().has("</licensePlat>"));
    CHECK(bench.push().has("</licensePlat>"));
    bench.until_has(stream, "</licensePlat>");
    bench.fault("malformed_json");
    CHECK(bench.push().has("5,,"));
    bench.fault("entity_bomb");
    CHECK(bench.push().has("<!ENTITY a12 \"&a11;&a11;"));
    bench.fault("deep_json", {{"depth", 200}});
    CHECK(count_in(bench.push().body(), "{\"a\":") == 200);
    bench.happen({{"plate", "蓝沪A00009"}});
    const auto good = bench.push();
    bench.fault("truncated_part");
    const auto cut = bench.push();
    CHECK(cut.body().size() < good.body().size());
    CHECK(cut.body().find("</EventNotificationAlert>") == std::string::npos);
}

TEST_CASE("isapi fault oversize: by what is declared, or by what comes; event or picture") {
    Setup impatient;
    impatient.push_wait_s = 0.2;
    CameraBench bench(impatient);
    auto stream = bench.open_stream();
    bench.fault("oversize", {{"declared", 999'999'999}});
    bench.until_has(stream, "Content-Length: 999999999\r\n");
    const auto lie = bench.push();
    CHECK(lie.header("Content-Length") == "999999999");
    bench.fault("oversize", {{"real", 20'000}});
    const auto big = bench.push();
    CHECK(big.body().size() == 20'000);
    CHECK(big.has("</EventNotificationAlert>"));
    bench.fault("oversize", {{"real", 30'000}, {"what", "picture"}});
    CHECK(bench.push().has("Content-Length: 30000\r\n"));
}

// ---- Clock ----------------------------------------------------------------------------------------------------------------------------

TEST_CASE("isapi faults time_format and ntp_fails: times as some write them, and a clock that does not follow") {
    CameraBench bench;
    bench.fault("no_pictures");
    for (const auto& [format, shown] : {std::pair{"offset", "2026-01-15T08:30:12+08:00"},
                                        {"zulu", "2026-01-15T00:30:12Z"},
                                        {"millis", "2026-01-15T08:30:12.000+08:00"},
                                        {"no_zone", "2026-01-15T08:30:12<"},
                                        {"sign_lost", "2026-01-15T08:30:1208:00"}}) {
        CAPTURE(format);
        bench.fault("time_format", {{"format", format}});
        bench.happen();
        CHECK(bench.push().has("<dateTime>" + std::string(shown)));
    }
    bench.device.set_clock(-1h, std::nullopt);
    const std::string ntp = "<Time><timeMode>NTP</timeMode></Time>";
    bench.fault("ntp_fails");
    CHECK(bench.ask("PUT", "/ISAPI/System/time", ntp).status() == 200);
    CHECK(bench.device.state()["clock_offset_s"].as_double() < -3599);
    bench.mend("ntp_fails");
    CHECK(bench.ask("PUT", "/ISAPI/System/time", ntp).status() == 200);
    CHECK(bench.device.state()["clock_offset_s"].as_double() > -1);
}

// ---- Events of both -------------------------------------------------------------------------------------------------------------------

TEST_CASE("isapi faults duplicate, resend and retransmission: once more the same bytes, or marked") {
    CameraBench bench;
    bench.happen();
    const auto first = bench.push();
    bench.fault("duplicate");
    CHECK(bench.push().body() == first.body());
    bench.fault("resend");
    const auto again = bench.push();
    CHECK(again.has("<isDataRetransmission>true</isDataRetransmission>"));
    CHECK(again.has("<alarmDataType>1</alarmDataType>"));
    CHECK(bench.ledger.size() == 1);
    bench.fault("retransmission", {{"times", 1}});
    bench.happen();
    CHECK(bench.push().has("<isDataRetransmission>true</isDataRetransmission>"));
    CHECK(bench.ledger.size() == 2);
}

TEST_CASE("isapi fault conflict: the same key, another subject, and the ledger has both") {
    CameraBench camera;
    camera.happen({{"plate", "蓝沪A7F3K2"}});
    CHECK(camera.push().has("沪A7F3K2<"));
    camera.fault("conflict");
    const auto other = camera.push();
    CHECK(other.has("沪A7F3K0<"));
    CHECK(other.has("<UUID>7b1f0001-"));
    REQUIRE(camera.ledger.size() == 2);
    CHECK(camera.ledger.rows()[0].key == camera.ledger.rows()[1].key);
    TerminalBench terminal;
    CHECK_THROWS_AS(terminal.fault("conflict"), control::Refused);
    terminal.happen({{"employee", "30112"}});
    terminal.push();
    terminal.fault("conflict");
    const auto again = terminal.push();
    CHECK(again.has("\"employeeNoString\":\t\"39999\""));
    CHECK(again.has("\"serialNo\":\t1,"));
}

TEST_CASE("isapi faults no_pictures and big_picture: none, or a large one") {
    CameraBench camera;
    camera.fault("no_pictures");
    camera.happen();
    CHECK(camera.push().header("Content-Type") == "application/xml; charset=\"UTF-8\"");
    camera.mend("no_pictures");
    camera.fault("big_picture", {{"bytes", 50'000}});
    camera.happen();
    CHECK(camera.push().has("Content-Length: 50000\r\n"));
    TerminalBench terminal;
    terminal.fault("big_picture", {{"bytes", 50'000}});
    terminal.happen();
    CHECK(terminal.push().has("Content-Length: 50000\r\n"));
    terminal.fault("no_pictures");
    terminal.happen();
    CHECK(terminal.push().header("Content-Type") == "application/json; charset=\"UTF-8\"");
    CHECK_FALSE(search(terminal).find("pictureURL") != std::string::npos);
}

// ---- A plate camera's own -------------------------------------------------------------------------------------------------------------

TEST_CASE("isapi faults unread_plate and constant_uuid: what cameras say when they don't know") {
    CameraBench bench;
    bench.fault("no_pictures");
    bench.fault("unread_plate", {{"times", 1}});
    CHECK(bench.happen().subject.empty());
    CHECK(bench.push().has("<licensePlate>车牌</licensePlate>"));
    bench.fault("unread_plate", {{"as", "unknown"}, {"times", 1}});
    bench.happen();
    CHECK(bench.push().has("<licensePlate>unknown</licensePlate>"));
    bench.fault("constant_uuid");
    bench.happen();
    CHECK(bench.push().has("<UUID>x</UUID>"));
}

TEST_CASE("isapi faults serial_reset, clear_log and forget: a camera's count and memory") {
    CameraBench bench;
    const auto remembered = [&] { return count_in(bench.ask("POST", plates, "<AfterTime><picTime>0</picTime></AfterTime>").body(), "<Plate>"); };
    for (int i = 0; i < 5; ++i) bench.happen();
    CHECK(remembered() == 5);
    bench.fault("forget", {{"count", 2}});
    CHECK(remembered() == 3);
    bench.fault("clear_log");
    CHECK(remembered() == 0);
    CHECK(bench.ledger.size() == 5);
    CHECK(bench.happen().key == 6);
    bench.fault("serial_reset", {{"to", 3}});
    CHECK(bench.happen().key == 3);
}

TEST_CASE("isapi faults gate_stuck, gate_no_signal and list_rejects_known: the barrier and its list") {
    CameraBench bench;
    const std::string gate = "/ISAPI/Parking/channels/1/barrierGate";
    const std::string open = "<BarrierGate><ctrlMode>open</ctrlMode></BarrierGate>";
    bench.fault("gate_stuck");
    CHECK(bench.ask("PUT", gate, open).has("<statusCode>1</statusCode>"));
    CHECK(bench.ask("GET", gate + "/barrierGateStatus").has("<barrierGateStatus>1<"));
    bench.fault("gate_no_signal");
    CHECK(bench.ask("GET", gate + "/barrierGateStatus").has("<barrierGateStatus>0<"));

    const std::string record = "/ISAPI/Traffic/channels/1/licensePlateAuditData/record?format=json";
    const std::string row = R"({"LicensePlateInfoList":[{"LicensePlate":"沪A7F3K2","listType":"allowList","id":""}]})";
    const auto is_taken = [&] { return bench.ask("PUT", record, row).has("\"statusCode\":\t1"); };
    CHECK(is_taken());
    CHECK(is_taken());
    bench.fault("list_rejects_known");
    CHECK_FALSE(is_taken());
}

// ---- A terminal's own -----------------------------------------------------------------------------------------------------------------

TEST_CASE("isapi faults numbers_as_text, no_door, no_current_event and misspelt_front: fields as some firmware has them") {
    TerminalBench bench;
    bench.fault("no_pictures");
    const auto pushed_with = [&](const std::string& fault) {
        bench.fault(fault, {{"times", 1}});
        bench.happen();
        return bench.push();
    };
    CHECK(pushed_with("numbers_as_text").has("\"serialNo\":\t\"1\""));
    CHECK_FALSE(pushed_with("no_door").has("doorNo"));
    CHECK_FALSE(pushed_with("no_current_event").has("currentEvent"));
    const auto misspelt = pushed_with("misspelt_front");
    CHECK(misspelt.has("\"fronSerialNo\":\t3"));
    CHECK_FALSE(misspelt.has("frontSerialNo"));
}

TEST_CASE("isapi fault picture_gone: the address of a picture leads nowhere") {
    TerminalBench bench;
    bench.happen();
    const auto page = search(bench);
    const auto from = page.find("/LOCALS/");
    const auto path = page.substr(from, page.find('"', from) - from);
    CHECK(bench.ask("GET", path).body().starts_with("\xff\xd8"));
    bench.fault("picture_gone");
    CHECK(bench.ask("GET", path).status() == 404);
}

TEST_CASE("isapi faults replay_on_connect and replay_log: the whole memory once more, as old") {
    TerminalBench bench;
    for (int i = 0; i < 3; ++i) bench.happen();
    auto plain = bench.open_stream();
    bench.run_on();
    plain.look();
    CHECK_FALSE(plain.has("serialNo"));
    bench.fault("replay_on_connect");
    auto stream = bench.open_stream();
    bench.until_has(stream, "\"serialNo\":\t3,");
    CHECK(count_in(stream.bytes, "\"currentEvent\":\tfalse") == 3);
    bench.fault("replay_log");
    bench.until_has(plain, "\"serialNo\":\t3,");
    CHECK(count_in(plain.bytes, "\"currentEvent\":\tfalse") == 3);
    CHECK(bench.ledger.size() == 3);
}

TEST_CASE("isapi faults page_cap, ignore_begin_serial, unsorted and never_done: searches as some firmware does them") {
    TerminalBench bench;
    for (int i = 0; i < 12; ++i) bench.happen({{"minor", 21}});
    CHECK(count_in(search(bench), "\"serialNo\"") == 12);
    bench.fault("page_cap", {{"value", 5}});
    const auto page = search(bench);
    CHECK(count_in(page, "\"serialNo\"") == 5);
    CHECK(page.find("\"MORE\"") != std::string::npos);
    bench.mend("page_cap");

    CHECK(count_in(search(bench, R"(,"beginSerialNo":10)"), "\"serialNo\"") == 3);
    bench.fault("ignore_begin_serial");
    CHECK(count_in(search(bench, R"(,"beginSerialNo":10)"), "\"serialNo\"") == 12);
    bench.mend("ignore_begin_serial");

    bench.fault("unsorted");
    const auto turned = search(bench);
    CHECK(turned.find("\"serialNo\":\t12,") < turned.find("\"serialNo\":\t1,"));
    bench.mend("unsorted");

    bench.fault("never_done");
    const auto beyond = search(bench, R"(,"searchResultPosition":500)");
    CHECK(beyond.find("\"MORE\"") != std::string::npos);
    CHECK(count_in(beyond, "\"serialNo\"") > 0);
}

TEST_CASE("isapi faults of a terminal's memory: serial_reset, clear_log and forget") {
    TerminalBench bench;
    for (int i = 0; i < 5; ++i) bench.happen();
    bench.fault("forget", {{"count", 2}});
    CHECK(bench.device.state()["oldest_serial"].to_number<int>() == 3);
    bench.fault("clear_log");
    CHECK(search(bench).find("\"NO MATCH\"") != std::string::npos);
    CHECK(bench.happen().key == 6);
    bench.fault("serial_reset", {{"to", 1}});
    CHECK(bench.happen().key == 1);
    CHECK(bench.device.state()["memory"].to_number<int>() == 2);
    CHECK(bench.ledger.size() == 7);
}

TEST_CASE("isapi faults door_silent and no_denials: an order that nothing follows, and refusals that nobody wrote down") {
    TerminalBench bench;
    const std::string door = "/ISAPI/AccessControl/RemoteControl/door/1";
    const std::string open = "<RemoteControlDoor><cmd>open</cmd></RemoteControlDoor>";
    bench.fault("door_silent");
    CHECK(bench.ask("PUT", door, open).has("<statusCode>1</statusCode>"));
    bench.run_on();
    CHECK(bench.ledger.size() == 0);
    bench.mend("door_silent");
    CHECK(bench.ask("PUT", door, open).has("<statusCode>1</statusCode>"));
    bench.run_until([&] { return bench.ledger.size() == 2; }); // 3/1024 and 5/21
    CHECK(bench.push().has("\"subEventType\":\t1024"));
    CHECK(bench.push().has("\"subEventType\":\t21"));

    std::mt19937_64 random(1);
    const auto denials = [&] {
        std::size_t count = 0;
        for (const auto& row : bench.ledger.rows()) count += row.kind == "pass.denied" ? 1 : 0;
        return count;
    };
    for (int i = 0; i < 100; ++i) bench.device.random_event(random);
    const auto before = denials();
    CHECK(before > 0);
    bench.fault("no_denials");
    for (int i = 0; i < 100; ++i) bench.device.random_event(random);
    CHECK(denials() == before);
}

// ---- Nothing is forgotten -------------------------------------------------------------------------------------------------------------

TEST_CASE("the README of the ISAPI simulators has a row for every fault, and this file a test") {
    const auto readme = text_of("tests/simulators/devices/isapi/README.md");
    const auto tests = text_of("tests/unit/simulators/isapi/faults_test.cpp");
    CameraBench camera;
    TerminalBench terminal;
    const auto check = [&](std::span<const control::FaultName> faults) {
        REQUIRE(faults.size() > 40);
        for (const auto& fault : faults) {
            INFO(fault.name);
            CHECK(readme.find("| `" + std::string(fault.name) + "`") != std::string::npos);
            CHECK(tests.find("\"" + std::string(fault.name) + "\"") != std::string::npos);
        }
    };
    check(camera.device.faults());
    check(terminal.device.faults());
}
