// SPDX-License-Identifier: Apache-2.0
#include "config/devices.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::config;

namespace {

constexpr std::string_view example = R"([[place]]
id = "east-gate"
kind = "gate"
name = "东门"
national_id = "33010600001320000001"
longitude = 120.12
latitude = 30.25
datum = "CGCS2000"
setting = "outdoor"

[[device]]
id = "east-door"
driver = "uhppote"
model = "UT0311-L04"
address = "192.168.1.100"
serial = 423187757
interface = "eth1"
place = "east-gate"

[[device.outlet]]
number = 1
name = "东门人行门"
place = "east-gate"
forward = "in"

[[device.outlet]]
number = 2

[[device]]
id = "east-plate"
driver = "isapi"
address = "192.168.1.64"
tls = true
username = "admin"
password_credential = "east-plate"
may_set_clock = false
options = { search = "off" }
police_unit = "330106000000"
installed_on = 2025-05-01
)";

} // namespace

TEST_CASE("devices: every part of a file arrives, and as the registry reads it") {
    const auto outcome = parse_devices(example, "devices.toml");
    INFO(to_text(outcome.flaws, Language::en));
    REQUIRE(outcome.devices);
    REQUIRE(outcome.devices->places.size() == 1);
    REQUIRE(outcome.devices->devices.size() == 2);
    const PlaceEntry& place = outcome.devices->places[0];
    CHECK(place.identity.longitude == 120.12);
    const DeviceEntry& door = outcome.devices->devices[0];
    CHECK(door.serial == 423187757);
    REQUIRE(door.outlets.size() == 2);
    CHECK(door.outlets[0].forward == Forward::in);
    CHECK(door.outlets[1].forward == Forward::unknown);
    CHECK(door.may_set_clock);
    const DeviceEntry& plate = outcome.devices->devices[1];
    CHECK_FALSE(plate.may_set_clock);
    CHECK(plate.options.at("search") == "off");
    CHECK(plate.identity.installed_on == "2025-05-01");

    CHECK(json::serialize(to_json(place)) == R"({"id":"east-gate","kind":"gate","name":"东门","national_id":"33010600001320000001",)"
                                             R"("longitude":1.2012E2,"latitude":3.025E1,"datum":"CGCS2000","indoor":false})");
    const auto door_json = to_json(door, "");
    CHECK(door_json.at("port") == 60000);
    CHECK(door_json.at("interface") == "eth1");
    CHECK(door_json.at("outlets").as_array().size() == 2);
    CHECK_FALSE(door_json.contains("password"));
    const auto plate_json = to_json(plate, "s3cret");
    CHECK(plate_json.at("port") == 443);
    CHECK(plate_json.at("password") == "s3cret");
}

TEST_CASE("devices: flaws name line and key") {
    struct Wrong {
        std::string text;
        std::size_t line;
        std::string_view key, said;
    };
    const std::string device = "[[device]]\nid = \"a\"\ndriver = \"isapi\"\naddress = \"h\"\n";
    const std::vector<Wrong> table{
        {"[[device]]\nid = \"a\"\ndriver = \"onwif\"\naddress = \"h\"\n", 3, "device[0].driver", "uhppote, isapi, nut, onvif or rtsp"},
        {"[[device]]\nid = \"a\"\ndriver = \"uhppote\"\naddress = \"h\"\n", 1, "device[0].serial", "must be given"},
        {device + "username = \"x\"\n", 5, "device[0].username", "together"},
        {device + "password = \"x\"\n", 5, "device[0].password", "secrets never stand"},
        {device + "longitude = 181\n", 5, "device[0].longitude", "from -180 to 180"},
        {device + "longitude = nan\n", 5, "device[0].longitude", "from -180 to 180"},
        {device + "longitude = 1.5\ndatum = \"WGS84\"\n", 5, "device[0].longitude", "together"},
        {device + "latitude = 1\nlongitude = 1.5\n", 6, "device[0].longitude", "datum"},
        {device + "[[device.outlet]]\nnumber = 1\n[[device.outlet]]\nnumber = 1\n", 8, "device[0].outlet[1].number", "taken"},
        {device + "[[device.outlet]]\n", 5, "device[0].outlet[0].number", "must be given"},
        {device + device, 6, "device[1].id", "is taken"},
        {device + "options = { a = 1 }\n", 5, "device[0].options", "a table of name"},
        {"[[place]]\nid = \"p\"\nkind = \"gate\"\nname = \"p\"\nparent = \"p\"\n", 5, "place[0].parent", "can't hold itself"},
        {"[[devices]]\nid = \"p\"\n", 1, "devices", "did you mean device?"},
    };
    for (const Wrong& wrong : table) {
        CAPTURE(wrong.text);
        const auto outcome = parse_devices(wrong.text, "d");
        INFO(to_text(outcome.flaws, Language::en));
        REQUIRE(outcome.flaws.size() == 1);
        CHECK(outcome.flaws[0].line == wrong.line);
        CHECK(outcome.flaws[0].key == wrong.key);
        CHECK(outcome.flaws[0].what.en.find(wrong.said) != std::string::npos);
    }
}

TEST_CASE("devices: the printed example is read once its signs are taken away") {
    std::string full;
    const std::string text = default_devices();
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        std::string line = text.substr(at, end - at);
        at = end + 1;
        if (line.ends_with("= …")) continue;
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ') line.erase(0, 1);
        if (line == "serial = 0") line = "serial = 1";
        full += line + "\n";
    }
    const auto outcome = parse_devices(full, "d");
    INFO(to_text(outcome.flaws, Language::en));
    INFO(full);
    REQUIRE(outcome.devices);
    CHECK(outcome.devices->devices.at(0).outlets.size() == 1);
    CHECK(parse_json(devices_schema()).has_value());
}
