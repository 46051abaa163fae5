// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto plates_call = "POST /ISAPI/Traffic/channels/1/vehicleDetect/plates";

std::string anpr(const std::string& plate, Time time) {
    auto text = replaced(golden("anpr.xml"), "蓝沪A7F3K2", plate);
    const auto local = to_text(time + 8h);
    text = replaced(text, "2026-01-15T08:30:12+08:00", local.substr(0, 19) + "+08:00");
    std::string compact;
    for (const char c : local.substr(0, 19))
        if (c >= '0' && c <= '9') compact += c;
    return replaced(text, "20260115083012417", compact + "417");
}
std::string jpeg(const std::string& what) { return "\xff\xd8" + what + "\xff\xd9"; }
std::string picture_part(const std::string& name, const std::string& bytes) {
    return ScriptedDevice::part(bytes, "Content-Disposition: form-data;name=\"" + name + "\";filename=\"" + name + "\"\r\nContent-Type: image/jpeg");
}
std::string heartbeat(Time time) {
    return ScriptedDevice::part(replaced(golden("heartbeat.xml"), "2026-01-15T08:30:00+08:00", to_text(time + 8h).substr(0, 19) + "+08:00"));
}
struct PlateRow {
    std::string plate;
    Time time;
};
std::string plates(const std::vector<PlateRow>& rows) {
    std::string text = "<Plates>";
    for (const auto& row : rows) {
        std::string compact;
        for (const char c : to_text(row.time + 8h).substr(0, 19))
            if (c != '-' && c != ':') compact += c;
        text += "<Plate><captureTime>" + compact + "+0800</captureTime><plateNumber>" + row.plate +
                "</plateNumber><laneNo>1</laneNo><direction>forward</direction></Plate>";
    }
    return text + "</Plates>";
}

} // namespace

TEST_CASE("a plate on the stream becomes a vehicle record with its pictures, and moves the mark") {
    World world(World::plate_camera());
    world.device.on("POST", "/ISAPI/Traffic/channels/1/vehicleDetect/plates", plates({}));
    world.start();
    world.clock.run_for(2s);
    REQUIRE(world.device.streams.size() == 1);
    const auto now = world.clock.now();
    world.device.send(ScriptedDevice::part(anpr("蓝沪A7F3K2", now)));
    world.clock.run_for(100ms);
    CHECK(world.sink.count(Kind::vehicle_entered) == 0); // two pictures were announced
    world.device.send(picture_part("licensePlatePicture.jpg", jpeg("small")) + picture_part("detectionPicture.jpg", jpeg("large")));
    world.clock.run_for(100ms);
    REQUIRE(world.sink.count(Kind::vehicle_entered) == 1);
    const auto entered = world.sink.of(Kind::vehicle_entered).front();
    CHECK(entered.subject == "plate:沪A7F3K2");
    CHECK(entered.place == "south-gate-in");
    REQUIRE(entered.pictures.size() == 2);
    CHECK(entered.pictures[0].role == PictureRole::plate);
    CHECK(entered.pictures[1].role == PictureRole::scene);
    CHECK(world.sink.marks["cam-1"].text == to_text(std::chrono::floor<std::chrono::seconds>(now)));
    CHECK(world.sink.refused.empty());
}

TEST_CASE("pictures that never come do not keep a vehicle from the log") {
    World world(World::plate_camera());
    world.start();
    world.clock.run_for(2s);
    world.device.send(ScriptedDevice::part(anpr("蓝沪A7F3K2", world.clock.now())));
    world.clock.run_for(5s);
    CHECK(world.sink.count(Kind::vehicle_entered) == 1);
}

TEST_CASE("after an outage the camera's memory is searched from the last plate: each once, as recovered") {
    World world(World::plate_camera());
    std::vector<PlateRow> rows;
    world.device.on("POST", "/ISAPI/Traffic/channels/1/vehicleDetect/plates", [&](const net::HttpRequest&) {
        return net::HttpResponse{200, {}, plates(rows)};
    });
    world.start();
    world.clock.run_for(2s);
    const auto first = world.clock.now();
    rows.push_back({"沪A00001", first});
    world.device.send(ScriptedDevice::part(anpr("蓝沪A00001", first)) + heartbeat(first));
    world.clock.run_for(5s);
    CHECK(world.sink.count(Kind::vehicle_entered) == 1);
    world.stop();
    for (int i = 2; i <= 9; ++i) rows.push_back({"沪A0000" + std::to_string(i), first + std::chrono::minutes(i)});
    world.clock.run_for(1h);
    world.make_driver();
    world.start();
    world.clock.run_for(5s);
    CHECK(world.sink.count(Kind::vehicle_entered) == 9);
    CHECK(world.sink.count(Kind::gap) == 0);
    std::size_t recovered = 0;
    for (const auto& record : world.sink.of(Kind::vehicle_entered)) recovered += bool_at(record.facts, "recovered").value_or(false) ? 1u : 0u;
    CHECK(recovered == 8);
    CHECK(world.sink.marks["cam-1"].text == to_text(std::chrono::floor<std::chrono::seconds>(first + 9min)));
    CHECK(world.sink.conflicts == 0);
}

TEST_CASE("a memory that does not reach back to the last plate is a gap of unknown count") {
    World world(World::plate_camera());
    world.sink.marks["cam-1"] = SourceMark{0, 0, to_text(world.clock.now() - 3h)};
    world.device.on("POST", "/ISAPI/Traffic/channels/1/vehicleDetect/plates", plates({{"沪A00009", world.clock.now() - 1h}}));
    world.start();
    world.clock.run_for(5s);
    REQUIRE(world.sink.count(Kind::gap) == 1);
    const auto gap = world.sink.of(Kind::gap).front();
    CHECK(bool_at(gap.facts, "count_known") == false);
    CHECK(text_at(gap.facts, "from") == to_text(world.clock.now() - 3h - 5s));
    CHECK(text_at(gap.facts, "to") == to_text(world.clock.now() - 1h - 5s));
    CHECK(world.sink.count(Kind::vehicle_entered) == 1);
}

TEST_CASE("a camera without a memory leaves a gap for the time it was away") {
    World world(World::plate_camera());
    world.sink.marks["cam-1"] = SourceMark{0, 0, to_text(world.clock.now() - 3h)};
    world.start();
    world.clock.run_for(5s);
    CHECK(world.sink.count(Kind::gap) == 1);
    CHECK(world.device.asked(plates_call) == 1); // asked once, remembered as missing
}

TEST_CASE("silence of two heartbeats ends the conversation") {
    World world(World::plate_camera());
    world.start();
    world.clock.run_for(1s);
    for (int i = 0; i < 5; ++i) {
        world.device.send(heartbeat(world.clock.now()));
        world.clock.run_for(10s);
    }
    CHECK(!world.ended);
    world.clock.run_for(8s); // the last was 18 s ago
    CHECK(!world.ended);
    world.clock.run_for(3s);
    REQUIRE(world.ended);
    CHECK(world.ended->fault() == Fault::timed_out);
    CHECK(world.driver->status().state == DeviceStatus::State::offline);
    CHECK(world.sink.records.size() == 1); // online; heartbeats are no records
}

TEST_CASE("a stream that the device drops is opened again and what was missed searched, without a loss of the device") {
    World world(World::plate_camera());
    std::vector<PlateRow> rows;
    world.device.on("POST", "/ISAPI/Traffic/channels/1/vehicleDetect/plates", [&](const net::HttpRequest&) {
        return net::HttpResponse{200, {}, plates(rows)};
    });
    world.start();
    world.clock.run_for(10s);
    world.device.send(heartbeat(world.clock.now()));
    world.clock.run_for(100ms);
    rows.push_back({"沪A00001", world.clock.now()});
    world.device.end_stream();
    world.clock.run_for(8s);
    CHECK(!world.ended);
    CHECK(world.device.streams.size() == 2);
    CHECK(world.sink.count(Kind::vehicle_entered) == 1);
    for (int i = 0; i < 3; ++i) {
        world.device.end_stream();
        world.clock.run_for(2s);
    }
    REQUIRE(world.ended);
    CHECK(world.ended->fault() == Fault::unreachable);
}

TEST_CASE("a push in multipart is one record with plate and scene, and a broken part does not take its neighbours along") {
    World world(World::plate_camera());
    world.start();
    world.clock.run_for(2s);
    const auto part = [](const std::string& name, const std::string& type, const std::string& body) {
        return "--x7e13\r\nContent-Disposition: form-data; name=\"" + name + "\";filename=\"" + name + "\"\r\n" +
               (type.empty() ? "" : "Content-Type: " + type + "\r\n") + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body + "\r\n";
    };
    const auto now = world.clock.now();
    const auto body = part("bad.xml", "application/xml", "<EventNotificationAlert><ANPR>") + part("anpr.xml", "text/xml", anpr("黑沪A12345", now)) +
                      part("licensePlatePicture.jpg", "image/jpeg", jpeg("p")) + part("vehiclePicture.jpg", "application/octet-stream", jpeg("v")) +
                      "--x7e13--\r\n";
    CHECK(world.posted(body, "multipart/form-data; boundary=x7e13") == 200);
    REQUIRE(world.sink.count(Kind::vehicle_entered) == 1);
    CHECK(world.sink.of(Kind::vehicle_entered).front().pictures.size() == 2);
    CHECK(world.sink.of(Kind::vehicle_entered).front().subject == "plate:沪A12345");
    CHECK(world.driver->status().malformed == 1);
}

TEST_CASE("pushes that are no event are answered for what they are") {
    World world(World::plate_camera());
    world.start();
    world.clock.run_for(2s);
    const auto before = world.sink.records.size();
    CHECK(world.posted(golden("heartbeat.xml"), "application/xml") == 200);
    CHECK(world.posted("<EventNotificationAlert", "application/xml") == 400);
    CHECK(world.posted("{\"a\":", "application/json") == 400);
    CHECK(world.posted("<!DOCTYPE a [<!ENTITY b \"c\">]><EventNotificationAlert><eventType>&b;</eventType></EventNotificationAlert>",
                       "application/xml") == 400);
    CHECK(world.posted("<EventNotificationAlert><eventType>VMD</eventType>" + std::string(17 * 1024, ' ') + "<a/></EventNotificationAlert>",
                       "application/xml") == 413);
    std::string deep = "{\"eventType\":\"VMD\",\"a\":";
    for (int i = 0; i < 40; ++i) deep += "[";
    CHECK(world.posted(deep, "application/json") == 400);
    CHECK(world.posted("", "application/xml") == 200);
    CHECK(world.posted(golden("heartbeat.xml"), "application/xml", "192.168.50.99") == 403);
    CHECK(world.sink.records.size() == before);
    CHECK(world.driver->status().malformed == 5);
    CHECK(world.driver->status().oversize == 1);
}

TEST_CASE("a picture above four mebibytes is left out and counted; its vehicle is kept") {
    World world(World::plate_camera());
    world.start();
    world.clock.run_for(2s);
    world.device.send(ScriptedDevice::part(anpr("蓝沪A7F3K2", world.clock.now())));
    world.device.send(picture_part("detectionPicture.jpg", jpeg(std::string(picture_bytes_max, 'x'))) + heartbeat(world.clock.now()));
    world.clock.run_for(1s);
    REQUIRE(world.sink.count(Kind::vehicle_entered) == 1);
    CHECK(world.sink.of(Kind::vehicle_entered).front().pictures.empty());
    CHECK(world.driver->status().oversize == 1);
}

TEST_CASE("the same passage by stream and by push is one record") {
    World world(World::plate_camera());
    world.start();
    world.clock.run_for(2s);
    const auto now = world.clock.now();
    world.device.send(ScriptedDevice::part(anpr("蓝沪A7F3K2", now)) + heartbeat(now));
    world.clock.run_for(1s);
    CHECK(world.posted(replaced(anpr("蓝沪A7F3K2", now), "7b1f0a52", "7b1f0a53"), "application/xml") == 200);
    CHECK(world.sink.count(Kind::vehicle_entered) == 1);
    CHECK(world.driver->status().repeats == 1);
}

TEST_CASE("motion begins once, goes on without records, and ends ten seconds after its last repeat") {
    World world(World::plate_camera());
    world.start();
    world.clock.run_for(2s);
    for (int i = 0; i < 5; ++i) {
        world.device.send(ScriptedDevice::part(golden("motion.xml")));
        world.clock.run_for(1s);
    }
    CHECK(world.sink.count(Kind::motion_started) == 1);
    CHECK(world.sink.count(Kind::motion_ended) == 0);
    world.clock.run_for(11s);
    REQUIRE(world.sink.count(Kind::motion_ended) == 1);
    CHECK(number_at(world.sink.of(Kind::motion_ended).front().facts, "channel") == 34);
}
