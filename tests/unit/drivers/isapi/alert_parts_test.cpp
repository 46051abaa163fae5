// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/alert_parts.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;

namespace {

net::Part part(std::string name, std::string type, std::string body, std::string content_id = {}) {
    net::Part made;
    made.name = std::move(name);
    made.content_type = std::move(type);
    made.body = std::move(body);
    made.content_id = std::move(content_id);
    return made;
}
const std::string jpeg = "\xff\xd8 picture \xff\xd9";

} // namespace

TEST_CASE("a stream's alert is whole with the pictures it announced, and their names give the roles") {
    AlertParts parts(beijing, AlertParts::In::stream);
    CHECK(parts.take(part("anpr.xml", "application/xml", golden("anpr.xml"))).empty());
    CHECK(parts.take(part("licensePlatePicture.jpg", "image/jpeg", jpeg)).empty());
    const auto whole = parts.take(part("vehiclePicture.jpg", "application/octet-stream", jpeg));
    REQUIRE(whole.size() == 1);
    REQUIRE(whole[0].pictures.size() == 2);
    CHECK(whole[0].pictures[0].role == PictureRole::plate);
    CHECK(whole[0].pictures[1].role == PictureRole::scene);
    CHECK(!parts.waits());
}

TEST_CASE("an alert that announces nothing is whole at once in a stream, and at the body's end in a push") {
    AlertParts stream(beijing, AlertParts::In::stream);
    CHECK(stream.take(part("", "application/xml", golden("motion.xml"))).size() == 1);
    AlertParts push(beijing, AlertParts::In::push);
    CHECK(push.take(part("event_log", "", golden("access.json"))).empty()); // no Content-Type, as some terminals send it
    CHECK(push.take(part("Picture", "image/jpeg", jpeg, "pictureImage")).empty());
    const auto last = push.flush();
    REQUIRE(last);
    REQUIRE(last->pictures.size() == 1);
    CHECK(last->pictures[0].role == PictureRole::face);
}

TEST_CASE("the next alert ends the one before, whose pictures did not come") {
    AlertParts parts(beijing, AlertParts::In::stream);
    CHECK(parts.take(part("", "", golden("anpr.xml"))).empty());
    const auto whole = parts.take(part("", "", golden("heartbeat.xml")));
    REQUIRE(whole.size() == 2);
    CHECK(whole[0].alert.event == "ANPR");
    CHECK(whole[1].alert.is_heartbeat());
}

TEST_CASE("broken parts are counted and leave their neighbours alone") {
    AlertParts parts(beijing, AlertParts::In::push);
    CHECK(parts.take(part("a", "application/json", "{\"eventType\":")).empty());
    CHECK(parts.take(part("b", "application/xml", golden("anpr.xml"))).empty());
    CHECK(parts.take(part("c", "image/jpeg", "no picture")).empty());
    CHECK(parts.take(part("d", "image/jpeg", "\xff\xd8" + std::string(picture_bytes_max, 'x'))).empty());
    CHECK(parts.take(part("e", "image/jpeg", jpeg)).empty());
    const auto last = parts.flush();
    REQUIRE(last);
    CHECK(last->alert.anpr->plate == "蓝沪A7F3K2");
    CHECK(last->pictures.size() == 1);
    CHECK(parts.malformed() == 2);
    CHECK(parts.oversize() == 1);
    CHECK(parts.take(part("f", "image/jpeg", jpeg)).empty());
    CHECK(parts.other() == 1);
    CHECK(parts.take(part("g", "text/plain", "hello")).empty());
    CHECK(parts.malformed() == 3);
}
