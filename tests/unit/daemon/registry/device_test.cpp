// SPDX-License-Identifier: Apache-2.0
#include "daemon/registry/device.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::registry;

namespace {

json::object make_device_json() {
    return {{"id", "gate-north-in"},
            {"driver", "isapi"},
            {"model", "plate"},
            {"address", "192.168.50.31"},
            {"port", 80},
            {"username", "gate"},
            {"password", "Gate-2024!"},
            {"place", "lane-1"},
            {"outlets", json::array{json::object{{"number", 1}, {"place", "lane-1"}, {"forward", "in"}}}},
            {"national_id", "33010600001311000001"},
            {"longitude", 120.13},
            {"latitude", 30.26},
            {"datum", "CGCS2000"}};
}

std::string fault_of(const json::object& object) {
    const auto device = read_device(object);
    return device ? "" : device.error().what();
}

} // namespace

TEST_CASE("a device row keeps the password sealed, and bound to its device") {
    start_crypto();
    SystemEntropy entropy;
    Key key{};
    entropy.fill(key);
    const auto device = read_device(make_device_json()).value();
    const auto row = to_row(device, key, entropy);
    CHECK(row.find("Gate-2024!") == std::string::npos);
    const auto back = from_row(row, key).value();
    CHECK(back.info.password == "Gate-2024!");
    CHECK(back.identity == device.identity);
    CHECK(back.info.outlets.at(0).forward == "in");
    auto moved = row;
    moved.replace(moved.find("gate-north-in"), 13, "gate-south-in");
    CHECK(from_row(moved, key).error().fault() == Fault::damaged);
    Key other{};
    CHECK(from_row(row, other).has_error());
}

TEST_CASE("what an upstream sees of a device has no address, no user, no password") {
    const auto shown = json::serialize(to_json(read_device(make_device_json()).value(), false));
    for (const auto* secret : {"192.168.50.31", "\"gate\"", "Gate-2024!", "port"}) CHECK_MESSAGE(shown.find(secret) == std::string::npos, secret);
    CHECK(shown.find("33010600001311000001") != std::string::npos);
}

TEST_CASE("a device's long Chinese name is cut between two characters: it goes up in the catalogue, which is UTF-8") {
    auto object = make_device_json();
    std::string name = "xx"; // 256 bytes end inside a character
    for (int i = 0; i < 100; ++i) name += "门";
    object["name"] = name;
    const auto shown = json::serialize(to_json(read_device(object).value(), false));
    CHECK(parse_json(shown).has_value());
    CHECK(shown.find("xx门门") != std::string::npos);
}

TEST_CASE("a device's interface is refused when it is too long, not cut: cut it names another one, or no text at all") {
    auto object = make_device_json();
    object["interface"] = "a网网网网网"; // 16 bytes: the fifteenth ends inside a character
    CHECK(fault_of(object) == "device gate-north-in: interface: longer than 15 bytes");
    object["interface"] = "网网网网网";
    start_crypto();
    SeededEntropy entropy(1);
    CHECK(from_row(to_row(read_device(object).value(), Key{}, entropy), Key{}).value().info.binding.interface == "网网网网网");
}

TEST_CASE("faults name the device and the field") {
    auto object = make_device_json();
    object["national_id"] = "330106";
    CHECK(fault_of(object) == "device gate-north-in: national_id: 20 digits expected");
    object = make_device_json();
    object["port"] = 0;
    CHECK(fault_of(object) == "device gate-north-in: port: 1 to 65535 expected");
    object = make_device_json();
    object["id"] = "../etc";
    CHECK(fault_of(object).find("'../etc'") != std::string::npos);
    object = make_device_json();
    object["latitude"] = 91;
    CHECK(fault_of(object).find("latitude") != std::string::npos);
    object = make_device_json();
    object["datum"] = "Mars";
    CHECK(fault_of(object).find("datum") != std::string::npos);
    object = make_device_json();
    object["driver"] = "uhppote";
    CHECK(fault_of(object).find("serial") != std::string::npos);
    object = make_device_json();
    object["outlets"] = json::array{json::object{{"number", 1}, {"forward", "up"}}};
    CHECK(fault_of(object).find("outlet 1: forward") != std::string::npos);
    object = make_device_json();
    object["id"] = "gateway";
    CHECK_FALSE(fault_of(object).empty());
}

TEST_CASE("places: kinds, names and parents are checked") {
    CHECK(read_place({{"id", "gate-north"}, {"kind", "gate"}, {"name", "北门"}, {"parent", "compound"}}).has_value());
    CHECK(read_place({{"id", "gate-north"}, {"kind", "planet"}, {"name", "北门"}}).has_error());
    CHECK(read_place({{"id", "a b"}, {"kind", "gate"}}).has_error());
    CHECK(read_place({{"id", "x"}, {"kind", "gate"}, {"installed_on", "2026-02-31"}}).has_error());
}
