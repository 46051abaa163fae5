// SPDX-License-Identifier: Apache-2.0
//
// The control library without its sockets: a device of three lines, commanded through Server::handle.
#include "tests/simulators/control/device_clock.hpp"
#include "tests/simulators/control/server.hpp"

#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

namespace {

using namespace gatehouse::simulators::control;
using namespace std::chrono_literals;
namespace json = boost::json;

constexpr std::array doorbell_faults{FaultName{"hoarse", "rings quietly"}, FaultName{"cut", "at once: the cord is cut"}};

class Doorbell : public Device {
public:
    explicit Doorbell(Ledger& ledger) : ledger_(ledger) {}
    json::object state() override { return {{"rings", rings}}; }
    LedgerRow event(const json::object& what) override {
        if (what.contains("impossible")) throw Refused("no cord");
        return ledger_.add({.device = "bell", .key = ++rings, .kind = "button.pressed", .subject = "", .at = "2026-01-15T08:30:12", .made_at = ""});
    }
    LedgerRow random_event(std::mt19937_64&) override { return event({}); }
    std::span<const FaultName> faults() const override { return doorbell_faults; }
    bool fault_was_set(std::string_view name, const json::object&) override { return name == "cut"; }
    void set_clock(std::chrono::microseconds offset, std::optional<double>) override { clock_offset = offset; }
    void reboot() override { rings = 0; }

    std::uint64_t rings = 0;
    std::chrono::microseconds clock_offset{};

private:
    Ledger& ledger_;
};

struct Bench {
    boost::asio::io_context io;
    Ledger ledger;
    Faults faults{1};
    Doorbell bell{ledger};
    Server server{io, 0, 1, bell, ledger, faults};

    json::value ask(std::string_view verb, std::string_view target, std::string_view body = "", unsigned status = 200) {
        const auto answer = server.handle(verb, target, body);
        CHECK(answer.status == status);
        return answer.body;
    }
};

TEST_CASE("an event made by command is answered with its ledger row and stands in the ledger") {
    Bench bench;
    const auto row = bench.ask("POST", "/event", "{}");
    CHECK(row.at("key").to_number<int>() == 1);
    CHECK(row.at("kind") == "button.pressed");
    CHECK(row.at("made_at").as_string().size() == std::string_view("2026-01-15T00:30:12.345Z").size());
    CHECK(bench.ask("GET", "/ledger").as_array().size() == 1);
    CHECK(bench.ask("GET", "/state").at("events_made").to_number<int>() == 1);
}

TEST_CASE("the ledger can be read from a row on, and outlives the device's reboot") {
    Bench bench;
    CHECK(bench.ask("POST", "/burst", R"({"count":5})").as_array().size() == 5);
    bench.ask("POST", "/reboot");
    CHECK(bench.bell.rings == 0);
    CHECK(bench.ask("GET", "/ledger").as_array().size() == 5);
    const auto rest = bench.ask("GET", "/ledger?after=3").as_array();
    REQUIRE(rest.size() == 2);
    CHECK(rest[0].at("key").to_number<int>() == 4);
}

TEST_CASE("a ledger file holds every row as one JSON line, at once") {
    const auto path = std::filesystem::temp_directory_path() / ("ledger-test-" + std::to_string(::getpid()));
    {
        Ledger ledger(path.string());
        ledger.add({.device = "7", .key = 1, .kind = "pass.granted", .subject = "card:8112345", .at = "a", .made_at = ""});
        std::ifstream file(path);
        std::string line;
        REQUIRE(std::getline(file, line));
        CHECK(json::parse(line).at("subject") == "card:8112345");
    }
    std::filesystem::remove(path);
}

TEST_CASE("faults are set by name, cleared by name, and unknown ones refused") {
    Bench bench;
    bench.ask("POST", "/fault", R"({"name":"hoarse","p":0.5})");
    CHECK(bench.faults.is_set("hoarse"));
    CHECK(bench.ask("GET", "/state").at("faults").at("hoarse").at("p").to_number<double>() == 0.5);
    bench.ask("DELETE", "/fault/hoarse");
    CHECK_FALSE(bench.faults.is_set("hoarse"));
    bench.ask("POST", "/fault", R"({"name":"unheard_of"})", 400);
    bench.ask("POST", "/fault", R"({"name":"cut"})");
    CHECK_FALSE(bench.faults.is_set("cut")); // a deed, done at once
    CHECK(bench.ask("GET", "/faults").as_object().contains("flood"));
}

TEST_CASE("a fault strikes with its chance and so often as it was told") {
    Faults faults(7);
    CHECK_FALSE(faults.strikes("drop"));
    faults.set("drop", {{"p", 0.25}});
    int struck = 0;
    for (int i = 0; i < 4000; ++i) struck += faults.strikes("drop") ? 1 : 0;
    CHECK(struck > 850);
    CHECK(struck < 1150);
    faults.set("drop", {{"times", 2}});
    CHECK(faults.strikes("drop"));
    CHECK(faults.strikes("drop"));
    CHECK_FALSE(faults.strikes("drop"));
}

TEST_CASE("bad control requests are answered with 400 or 404 and change nothing") {
    Bench bench;
    bench.ask("POST", "/event", "not json", 400);
    bench.ask("POST", "/event", R"({"impossible":1})", 400);
    bench.ask("POST", "/fault", "{}", 400);
    bench.ask("GET", "/nothing", "", 404);
    CHECK(bench.ledger.size() == 0);
}

TEST_CASE("traffic makes the number of events that was asked for, and a flood stops when it is cleared") {
    Bench bench;
    bench.ask("POST", "/traffic", R"({"per_s":100000,"count":20})");
    while (bench.ledger.size() < 20) bench.io.run_one();
    bench.io.run_for(5ms);
    CHECK(bench.ledger.size() == 20);
    bench.ask("POST", "/fault", R"({"name":"flood","per_s":1000000})");
    while (bench.ledger.size() < 30) bench.io.run_one();
    bench.ask("DELETE", "/fault/flood");
    bench.io.poll();
    const auto made = bench.ledger.size();
    bench.io.run_for(5ms);
    CHECK(bench.ledger.size() == made);
}

TEST_CASE("traffic that is stopped makes nothing more, though its next event was due already") {
    Bench bench;
    bench.ask("POST", "/traffic", R"({"per_s":1000})");
    std::this_thread::sleep_for(50ms);
    // Asked in the same round in which the timer has run out: cancelling comes too late for it.
    boost::asio::post(bench.io, [&] { bench.ask("POST", "/traffic", R"({"per_s":0})"); });
    for (int i = 0; i < 1000; ++i) bench.io.poll_one();
    CHECK(bench.ledger.size() == 0);
    bench.ask("POST", "/traffic", R"({"per_s":100000,"count":20})");
    while (bench.ledger.size() < 20) bench.io.run_one();
    CHECK(bench.ledger.size() == 20);
}

TEST_CASE("a device clock has an offset and a drift, can be set, and prints its zone") {
    RealTime now{std::chrono::sys_days(std::chrono::year(2026) / 1 / 15) + 30min + 12s};
    DeviceClock clock(8h, [&] { return now; });
    CHECK(iso_local(clock.local()) == "2026-01-15T08:30:12");
    CHECK(clock.iso_with_zone() == "2026-01-15T08:30:12+08:00");
    clock.set_offset(-90s);
    CHECK(iso_local(clock.local()) == "2026-01-15T08:28:42");
    clock.set_drift(100);
    now += 10000s;
    CHECK(clock.offset() == -89s);
    clock.set_local(std::chrono::local_days(std::chrono::year(2026) / 2 / 1) + 0h);
    CHECK(iso_utc_ms(clock.utc()) == "2026-01-31T16:00:00.000Z");
    CHECK(DeviceClock(-210min, [&] { return now; }).iso_with_zone().ends_with("-03:30"));
}

} // namespace
