// SPDX-License-Identifier: Apache-2.0
//
// The ways to a platform: TLS, passwords, MQTT 3.1.1, the four receipt modes (W7), cables that die without a word (F31), brokers that take
// and never acknowledge (F26), consumers that share a subscription (W14), and what may overtake what.
#include "tests/scenario/platforms/whole.hpp"

#include <boost/json.hpp>

#include <filesystem>
#include <map>
#include <set>

using namespace gatehouse::harness;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
    return text;
}

std::string without_lines_with(const std::string& text, const std::string& word) {
    std::string kept;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size() - 1);
        const auto line = text.substr(at, end + 1 - at);
        if (line.find(word) == std::string::npos) kept += line;
        at = end + 1;
    }
    return kept;
}

std::string check_text(World& world) {
    int code = 0;
    return world.gateway().ctl({"check", "--lang", "en"}, &code);
}

void wait_for_check(World& world, const std::string& word) {
    eventually(
        "check to speak of '" + word + "'", [&] { return check_text(world).find(word) != std::string::npos; }, patience,
        [&] { return check_text(world); });
}

/// The gateway's own figure of one lane, from its API.
std::uint64_t lane_figure(World& world, const std::string& upstream, const std::string& lane, const std::string& figure) {
    const auto answer = world.gateway().api().get("/api/v1/upstreams");
    for (const auto& one : answer.at("upstreams").as_array())
        if (one.at("name").as_string() == upstream)
            for (const auto& each : one.at("lanes").as_array())
                if (each.at("lane").as_string() == lane) return each.at(figure).to_number<std::uint64_t>();
    throw Trouble("no lane " + lane + " of " + upstream);
}

void wait_until_nothing_waits(World& world, const std::string& upstream) {
    eventually("every record of " + upstream + " to be settled", [&] { return lane_figure(world, upstream, "routine", "waiting") == 0; });
}

} // namespace

TEST_CASE("mutual TLS: records arrive; a stranger's authority or a missing certificate lets nothing out, is named, and mended by a reload") {
    PlatformOptions options;
    options.is_tls = true;
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    world.start_platforms();
    const auto good = district.settings();
    const Certificates stranger(world.folder() / "stranger", "Somebody Else");

    const auto authority = (world.folder() / "district" / "tls").string();
    auto at = good.find("ca_file = \"");
    const auto right_ca = good.substr(at, good.find('\n', at) - at);
    world.gateway().set_upstreams(replaced(good, right_ca, "ca_file = \"" + stranger.authority().string() + "\""));
    world.gateway().start();
    doors.swipe(8100001);
    wait_for_check(world, "certificate");
    CHECK(district.kept().empty());

    world.gateway().set_upstreams(without_lines_with(without_lines_with(good, "certificate_file"), "key_file"));
    world.gateway().reload();
    world.gateway().wait_for_log("settings reloaded");
    wait_for_check(world, "upstream district");
    CHECK(district.kept().empty());

    world.gateway().set_upstreams(good);
    world.gateway().reload();
    district.wait_for_count("pass.granted", 1);
    check_whole(district);
    CHECK(district.cable().sent_up().find("pass.granted") == std::string::npos);
}

TEST_CASE("a broker whose certificate has expired gets nothing, and check says so") {
    PlatformOptions options;
    options.is_tls = true;
    options.broker.certificate_days = -1;
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    world.start();
    doors.swipe(8100001);
    wait_for_check(world, "expired");
    CHECK(district.kept().empty());
}

TEST_CASE("name and password: a wrong password is named and costs no storm; the right one, after a reload, lets all through") {
    PlatformOptions options;
    options.user = "gateway";
    options.password = "Right-2026";
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    world.start_platforms();
    write_secret(world.folder() / "district" / "wrong", "Wrong-2026");
    const auto good = district.settings();
    world.gateway().set_upstreams(
        replaced(good, (world.folder() / "district" / "password").string(), (world.folder() / "district" / "wrong").string()));
    world.gateway().start();
    doors.swipe(8100001);
    wait_for_check(world, "password");
    CHECK(district.kept().empty());
    // Back-off from a second on: a storm would be hundreds.
    CHECK(district.cable().connections_made() < 40);
    world.gateway().set_upstreams(good);
    world.gateway().reload();
    district.wait_for_count("pass.granted", 1);
    check_whole(district);
}

TEST_CASE("MQTT 3.1.1: batches, pictures, receipts and requests come and go without properties") {
    PlatformOptions options;
    options.mqtt = "3.1.1";
    options.entitlements = {Entitled{.subjects = true, .pictures = {"plate"}, .document = "公安〔2026〕1号"}};
    options.request_seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    auto& camera = world.plate_camera("north-gate");
    world.start();
    doors.burst(30);
    camera.drive("浙A11111");
    world.wait_until_all_arrived(district);
    camera.drive("浙A22222");
    world.wait_until_all_arrived(district);
    district.wait_for("a picture", [](Platform& p) { return p.figure("kept", "pictures") >= 1; });
    CHECK(district.figure("bad_pictures", "pictures") == 0);
    wait_until_nothing_waits(world, "district");
    const auto answers = [&] { return district.application().control().get("/answers").as_array().size(); };
    const auto before = answers();
    district.application().control().post("/request",
                                          boost::json::object{{"verb", "digest"}, {"args", {{"lane", "routine"}, {"first", 1}, {"last", 10}}}});
    district.wait_for("the digest's answer", [&](Platform&) { return answers() > before; });
    check_whole(district);
}

TEST_CASE("receipt modes: cumulative settles by through, puback by the broker's word and stays replayable, none writes its counts") {
    PlatformOptions cumulative, puback, none;
    cumulative.receipts = "cumulative";
    puback.receipts = "puback";
    none.receipts = "none";
    World world;
    auto& by_through = world.platform("cumulative", cumulative);
    auto& by_puback = world.platform("puback", puback);
    auto& one_way = world.platform("one-way", none);
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(40);
    for (auto* platform : {&by_through, &by_puback, &one_way}) {
        world.wait_until_all_arrived(*platform);
        wait_until_nothing_waits(world, platform->name());
        check_whole(*platform);
    }
    CHECK(by_through.figure("receipts_sent") > 0);
    CHECK(by_puback.figure("receipts_sent") == 0);
    CHECK(one_way.figure("receipts_sent") == 0);
    // Settled by PUBACK is not gone: a range goes out again on command.
    world.gateway().ctl({"upstream", "resend", "puback", "routine", "1", "20"});
    by_puback.wait_for("the range again", [](Platform& p) { return p.figure("duplicates") >= 10; });
    CHECK(by_puback.figure("altered") == 0);
}

TEST_CASE("a cable that dies without a word, both ways or only back: noticed, the other platform is not delayed, all arrives after the mend") {
    World world;
    auto& district = world.platform("district");
    auto& police = world.platform("police");
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(5);
    world.wait_until_all_arrived(district);
    for (const bool both_ways : {true, false}) {
        if (both_ways)
            district.cable().hang();
        else
            district.cable().hang_downward();
        const auto connections = district.cable().connections_made();
        doors.burst(20);
        world.wait_until_all_arrived(police); // while the other one's line is dead
        district.wait_for(
            "a new try", [&](Platform& p) { return p.cable().connections_made() > connections; }, 90s);
        district.cable().mend();
        world.wait_until_all_arrived(district, 90s);
    }
    check_whole(district);
    check_whole(police);
}

TEST_CASE("a broker that takes and never acknowledges is left and never sent to twice in one session (F26)") {
    PlatformOptions options;
    options.batch_records_max = 1;
    World world;
    auto& district = world.platform("district", options);
    auto& police = world.platform("police");
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(5);
    world.wait_until_all_arrived(district);
    district.broker().freeze();
    const auto connections = district.cable().connections_made();
    district.cable().forget_bytes();
    doors.burst(30);
    world.wait_until_all_arrived(police);
    district.wait_for(
        "a new try", [&](Platform& p) { return p.cable().connections_made() > connections; }, 90s);
    // What went up in the frozen session: no event twice.
    const auto sent = district.cable().sent_up();
    std::map<std::string, int> times;
    for (auto at = sent.find("\"sequence\":\""); at != std::string::npos; at = sent.find("\"sequence\":\"", at + 12))
        ++times[sent.substr(at + 12, 20)];
    for (const auto& [sequence, count] : times) CHECK_MESSAGE(count == 1, sequence);
    CHECK(times.size() <= 16);
    district.broker().thaw();
    world.wait_until_all_arrived(district, 90s);
    check_whole(district);
}

TEST_CASE("three consumers of one shared subscription, one killed: each event is kept once, and any of them receipts (W14)") {
    World world;
    PlatformOptions options;
    options.more = {"--share", "district", "--state", (world.folder() / "shared").string(), "--client-id", "consumer-1", "--session-expiry", "0"};
    std::filesystem::create_directories(world.folder() / "shared");
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    world.start_platforms();
    std::vector<std::unique_ptr<Simulator>> others;
    for (const auto* name : {"consumer-2", "consumer-3"}) {
        others.push_back(std::make_unique<Simulator>(name, "sim-platform",
                                                     std::vector<std::string>{"--broker", "127.0.0.1:" + std::to_string(district.broker().port()),
                                                                              "--root", "gatehouse/v1/gw-0001", "--gateway", "gw-0001", "--upstream",
                                                                              "district", "--client-id", name, "--share", "district", "--state",
                                                                              (world.folder() / "shared").string()},
                                                     world.folder()));
        eventually(std::string(name) + " to be connected", [&] { return others.back()->state().at("connected").as_bool(); });
    }
    world.gateway().start();
    doors.traffic(60);
    district.wait_for("a hundred events", [](Platform& p) { return p.kept().size() >= 100; });
    others.front()->kill();
    district.wait_for(
        "two hundred more", [](Platform& p) { return p.kept().size() >= 300; }, 60s);
    doors.traffic(0);
    world.wait_until_all_arrived(district, 60s);
    wait_until_nothing_waits(world, "district");
    CHECK(district.figure("holes") == 0);
    std::set<std::uint64_t> kept;
    for (const auto& event : district.kept()) CHECK_MESSAGE(kept.insert(event.sequence).second, event.sequence, " kept twice");
    CHECK(others.back()->state().at("lanes").at("routine").at("receipts_sent").to_number<int>() > 0);
}

TEST_CASE("an alarm overtakes a backlog of hundreds on a slow line") {
    World world;
    auto& district = world.platform("district");
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(5);
    world.wait_until_all_arrived(district);
    district.cable().cut();
    for (int i = 0; i < 3; ++i) doors.burst(300);
    eventually(
        "the backlog", [&] { return lane_figure(world, "district", "routine", "waiting") >= 900; }, 60s);
    doors.force_door(1);
    eventually("the alarm", [&] { return lane_figure(world, "district", "urgent", "waiting") >= 1; });
    district.cable().set_speed(60'000); // so slow that the backlog takes seconds
    district.cable().mend();
    district.wait_for_count("door.forced", 1, "urgent", 90s);
    CHECK_MESSAGE(district.kept().size() < 700, "the alarm came after the backlog");
    district.cable().set_speed(0);
    world.wait_until_all_arrived(district, 60s);
    check_whole(district);
}

TEST_CASE("requests: a snapshot pages through the devices, a digest is signed and fits, a request again gets nothing") {
    PlatformOptions options;
    options.request_seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    World world;
    auto& district = world.platform("district", options);
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(10);
    world.wait_until_all_arrived(district);
    const auto answers = [&] { return district.application().control().get("/answers").as_array(); };
    const auto ask = [&](const boost::json::object& what) {
        const auto before = answers().size();
        district.application().control().post("/request", what);
        district.wait_for("an answer", [&](Platform&) { return answers().size() > before; });
        return boost::json::serialize(answers().back());
    };
    const auto snapshot = ask({{"verb", "snapshot"}, {"args", {{"class", "devices"}, {"at", 1'000}}}});
    CHECK(snapshot.find("doors") != std::string::npos);
    CHECK(snapshot.find("127.0.0.1") == std::string::npos); // no addresses
    const auto digest = ask({{"verb", "digest"}, {"args", {{"lane", "routine"}, {"first", 1}, {"last", 10}}}});
    CHECK(digest.find("signature") != std::string::npos);
    const auto unknown = ask({{"verb", "who_is"}, {"args", {{"card", 8100001}}}});
    CHECK(unknown.find("unsupported") != std::string::npos);
    const auto replayed = ask({{"verb", "resend"}, {"args", {{"lane", "routine"}, {"first", 1}, {"last", 5}}}, {"how", "replayed"}});
    CHECK(replayed.find("refused") != std::string::npos);
}

TEST_CASE("two boxes with one identity: one falls silent and says why, goes on under a new epoch, and no identity is used for two events (F35)") {
    World world;
    auto& district = world.platform("district");
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(10);
    world.wait_until_all_arrived(district);
    // The disk is cloned, and the clone started beside the original: no devices, the same platform.
    world.gateway().stop();
    Gateway clone(GatewayOptions{}, world.folder(), "clone");
    std::filesystem::copy(world.gateway().state_folder(), clone.state_folder(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
    clone.set_upstreams(district.settings());
    world.gateway().start();
    district.wait_until_whole();
    clone.start();
    const auto conflict = [](Gateway& gateway) {
        int code = 0;
        const auto said = gateway.ctl({"check", "--lang", "en"}, &code);
        return said.find("identity") != std::string::npos;
    };
    eventually(
        "one of the two to see the other", [&] { return conflict(world.gateway()) || conflict(clone); }, 60s);
    auto& silent = conflict(clone) ? clone : world.gateway();
    silent.ctl({"identity", "renew"});
    // What both wrote under the one epoch before they met was told by the platform's own check; from the new epoch on nothing collides.
    const auto before = district.figure("altered");
    doors.burst(20);
    world.wait_until_all_arrived(district, 60s);
    CHECK(district.figure("altered") == before);
    std::set<std::string> epochs;
    std::map<std::pair<std::string, std::uint64_t>, std::string> ids;
    for (const auto& event : district.kept()) {
        epochs.insert(event.epoch);
        const auto [known, is_new] = ids.emplace(std::pair(event.epoch, event.sequence), event.id);
        CHECK_MESSAGE((is_new || known->second == event.id), event.epoch, " ", event.sequence);
    }
    CHECK(epochs.size() == 2);
}
