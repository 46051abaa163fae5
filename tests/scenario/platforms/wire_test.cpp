// SPDX-License-Identifier: Apache-2.0
//
// The ways to a broker: certificates, passwords, MQTT 3.1.1, lines that hang and brokers that are silent (F24, F26, F27, F46).
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

using namespace gatehouse::harness;
namespace json = boost::json;

namespace {

/// What `check` says about one upstream, in the technician's words.
std::string checked(World& world, const std::string& upstream) {
    int code = 0;
    const auto said = json::parse(world.gateway().ctl({"check", "--json"}, &code));
    std::string words;
    for (const auto& finding : said.at("findings").as_array())
        if (finding.at("part").as_string() == "upstream " + upstream) words += std::string(finding.at("en").as_string()) + "\n";
    return words;
}

void wait_until_checked(World& world, const std::string& upstream, const std::string& words, std::chrono::milliseconds within = patience) {
    eventually(
        "'" + words + "' in what check says", [&] { return checked(world, upstream).find(words) != std::string::npos; }, within,
        [&] { return checked(world, upstream); });
}

std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

} // namespace

TEST_CASE("mutual TLS: a wrong authority, an expired or foreign certificate, or none of ours lets nothing out, is named, and mended") {
    PlatformOptions tls, bare;
    tls.is_tls = bare.is_tls = true;
    bare.has_client_certificate = false;
    World world;
    auto& doors = world.uhppote("doors");
    auto& right = world.platform("district", tls);
    auto& stranger = world.platform("stranger", tls);
    auto& expired = world.platform("expired", tls);
    auto& elsewhere = world.platform("elsewhere", tls);
    auto& unknown = world.platform("unknown", bare);
    Certificates nobody(world.folder() / "nobody", "Somebody Else's CA");
    stranger.broker().present(nobody.server("stranger-broker"));
    expired.broker().present(expired.certificates().server("expired-broker", -1));
    elsewhere.broker().present(elsewhere.certificates().server_elsewhere("broker.example"));
    world.start();
    doors.burst(100);
    world.wait_until_all_arrived(right);

    wait_until_checked(world, "stranger", "unable to get local issuer");
    wait_until_checked(world, "expired", "certificate has expired");
    wait_until_checked(world, "elsewhere", "hostname mismatch");
    wait_until_checked(world, "unknown", "client certificate, and none is set");
    CHECK(right.broker().log().find("u'gw-0001'") != std::string::npos); // by its certificate's name
    for (auto* platform : {&stranger, &expired, &elsewhere, &unknown}) {
        CHECK_MESSAGE(platform->broker().log().find("as gatehouse-gw-0001") == std::string::npos, platform->name());
        CHECK_MESSAGE(platform->capture().empty(), platform->name());
        // Handshakes only: a hundred events are 40 KiB at least.
        CHECK_MESSAGE(platform->cable().bytes_up() < 4096 * platform->cable().connections_made(), platform->name());
    }

    stranger.broker().present(stranger.certificates().server("stranger-broker"));
    expired.broker().present(expired.certificates().server("expired-broker"));
    elsewhere.broker().present(elsewhere.certificates().server("elsewhere-broker"));
    for (auto* platform : {&stranger, &expired, &elsewhere}) {
        platform->broker().stop();
        platform->broker().start();
    }
    unknown.show_client_certificate();
    world.gateway().set_upstreams(right.settings() + stranger.settings() + expired.settings() + elsewhere.settings() + unknown.settings());
    world.gateway().reload();
    for (auto* platform : {&stranger, &expired, &elsewhere, &unknown}) world.wait_until_all_arrived(*platform, 40s);
}

TEST_CASE("our own certificate runs out: all is kept, and a new one in its place is taken without a restart; theirs rolls over as well (F33)") {
    PlatformOptions tls;
    tls.is_tls = true;
    World world;
    auto& doors = world.uhppote("doors");
    auto& district = world.platform("district", tls);
    const auto gateway = world.gateway().options().id;
    district.certificates().client(gateway, -1);
    world.start();
    doors.burst(20);
    wait_until_checked(world, "district", "certificates do not agree");
    CHECK(district.capture().empty());
    eventually("all in the log", [&] { return json::parse(world.gateway().ctl({"status", "--json"})).at("head").to_number<int>() >= 20; });
    eventually("a second try in vain", [&] { return district.cable().connections_made() >= 2; });
    CHECK(district.capture().empty());
    district.certificates().client(gateway);
    world.wait_until_sound(60s);
    district.broker().present(district.certificates().server("district-broker"));
    district.broker().stop();
    doors.burst(20);
    district.broker().start();
    world.wait_until_sound(60s);
}

TEST_CASE("name and password: a wrong one is told in words and tried ever more rarely; the right one, once there, is taken at a reload") {
    PlatformOptions options;
    options.user = "compound-1";
    options.password = "a-good-password";
    World world;
    auto& doors = world.uhppote("doors");
    auto& district = world.platform("district", options);
    world.start_platforms();
    write_secret(world.folder() / "district" / "password", "a-bad-password");
    world.gateway().start();
    doors.burst(20);
    wait_until_checked(world, "district", "name or password");
    // Four tries of the first connection wait 0.5 s, 1 s and 2 s at least between them, whatever the machine.
    const auto from = std::chrono::steady_clock::now();
    eventually("three tries more", [&] { return times(world.gateway().log(), "client=gatehouse-gw-0001 ") >= 4; });
    CHECK(std::chrono::steady_clock::now() - from > 1s);
    CHECK(district.capture().empty());
    CHECK(district.cable().sent_up().find("specversion") == std::string::npos);
    write_secret(world.folder() / "district" / "password", "a-good-password");
    world.gateway().reload();
    world.wait_until_all_arrived(district);
    CHECK(checked(world, "district") == "online\n");
}

TEST_CASE("MQTT 3.1.1: events, pictures and answers arrive, receipts settle them") {
    PlatformOptions options;
    options.mqtt = "3.1.1";
    options.request_seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    options.entitlements = {Entitled{.subjects = true, .pictures = {"plate"}, .document = "公安〔2026〕1号"}};
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    auto& camera = world.plate_camera("north-gate");
    world.start();
    district.wait_for_count("device.online", 2);
    doors.burst(30);
    camera.drive("沪A7F3K2");
    camera.drive("沪B12345");
    world.wait_until_all_arrived(district);
    district.wait_for("two pictures", [](Platform& p) { return p.figure("kept", "pictures") == 2; });
    const auto state = district.application().state();
    CHECK(state.at("lanes").at("pictures").at("bad_pictures") == 0);
    CHECK(state.at("malformed") == 0);
    CHECK(district.figure("nonconforming") == 0);
    // Base64 in JSON, as there are no user properties; and no content type, no properties at all.
    CHECK(district.capture().find("\"jpeg\":\"/9j/") != std::string::npos);
    eventually("every lane settled by receipts", [&] {
        const auto status = json::parse(world.gateway().ctl({"upstream", "status", "--json"}));
        for (const auto& lane : status.at("upstreams").at(0).at("lanes").as_array())
            if (lane.at("waiting").to_number<int>() != 0) return false;
        return true;
    });
    district.application().control().post("/request", json::object{{"verb", "snapshot"}, {"args", {{"class", "devices"}}}});
    eventually("the answer", [&] { return !district.application().control().get("/answers").as_array().empty(); });
    const auto answer = district.application().control().get("/answers").at(0).at("answer");
    CHECK(answer.at("ok") == true);
    CHECK(answer.at("result").at("items").as_array().size() == 2);
    CHECK(!answer.at("id").as_string().empty()); // what it answers stands in the payload
}

TEST_CASE("two dead lines and a silent broker: each noticed and sent to once a session, the others flow, and mended all arrives" *
          doctest::test_suite("long") * doctest::skip()) {
    World world;
    auto& doors = world.uhppote("doors");
    auto& district = world.platform("district");
    auto& hung = world.platform("hung");
    auto& deaf = world.platform("deaf");
    auto& silent = world.platform("silent");
    world.start();
    doors.swipe(8100001);
    for (auto* platform : {&district, &hung, &deaf, &silent}) platform->wait_for_count("pass.granted", 1);
    hung.cable().hang();
    deaf.cable().hang_downward();
    silent.broker().freeze();
    doors.swipe(8100002);
    district.wait_for_count("pass.granted", 2);
    const auto sent_before = district.kept().back().id;
    for (auto* platform : {&hung, &deaf, &silent}) wait_until_checked(world, platform->name(), "no contact", 60s);
    for (auto* platform : {&hung, &deaf, &silent}) {
        // A second time would be a second session, and none has come about.
        CHECK_MESSAGE(times(platform->cable().sent_up(), sent_before) <= 1, platform->name());
    }
    CHECK(times(deaf.cable().sent_up(), sent_before) == 1);
    doors.burst(20);
    world.wait_until_all_arrived(district);
    eventually("receipts that settle", [&] {
        const auto status = json::parse(world.gateway().ctl({"upstream", "status", "--json"}));
        for (const auto& upstream : status.at("upstreams").as_array())
            if (upstream.at("name").as_string() == "district") return upstream.at("lanes").at(1).at("waiting").to_number<int>() == 0;
        return false;
    });
    hung.cable().mend();
    deaf.cable().mend();
    silent.broker().thaw();
    for (auto* platform : {&hung, &deaf, &silent}) {
        world.wait_until_all_arrived(*platform, 60s);
        CHECK(platform->figure("holes") == 0);
        CHECK(platform->figure("altered") == 0);
    }
}
