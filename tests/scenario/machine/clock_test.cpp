// SPDX-License-Identifier: Apache-2.0
//
// The wall clock under the gateway is wrong, is set, jumps, drifts (F20, F21, F22): what happens is taken in and goes up in the order of its
// positions, every record says whether its time can be believed, and a record says by how much the clock was set.
#include "tests/harness/world.hpp"
#include "tests/oracle/log.hpp"
#include "tests/scenario/machine/false_clock.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <algorithm>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace gatehouse::harness;

namespace {

constexpr std::int64_t year_s = 31'556'952;

/// The gateway's clock in a story's hand.
class FalseClock {
public:
    explicit FalseClock(const std::filesystem::path& folder) : file_(folder / "clock") {
        write_file(file_, std::string(sizeof(ClockSays), '\0'));
        const int file = ::open(file_.c_str(), O_RDWR | O_CLOEXEC);
        says_ = static_cast<ClockSays*>(::mmap(nullptr, sizeof(ClockSays), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
        ::close(file);
        if (says_ == MAP_FAILED) throw Trouble("no page for the clock");
        *says_ = ClockSays();
    }
    ~FalseClock() { ::munmap(says_, sizeof(ClockSays)); }
    FalseClock(const FalseClock&) = delete;
    FalseClock& operator=(const FalseClock&) = delete;

    std::vector<std::pair<std::string, std::string>> environment() const {
        return {{"FALSE_CLOCK", file_.string()}, {"LD_PRELOAD", built("libfalse_clock.so").string()}, {"ASAN_OPTIONS", "verify_asan_link_order=0"}};
    }
    void set_off(std::int64_t seconds, bool is_synced = true) {
        says_->drift_permille = 0;
        says_->offset_us = seconds * 1'000'000;
        says_->is_synced = is_synced ? 1 : 0;
    }
    void drift(std::int64_t permille) {
        says_->drifts_since_us = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
        says_->drift_permille = permille;
    }

private:
    std::filesystem::path file_;
    ClockSays* says_ = nullptr;
};

GatewayOptions with(const FalseClock& clock) {
    GatewayOptions options;
    options.clock = "kernel";
    options.environment = clock.environment();
    return options;
}

std::vector<gatehouse::oracle::LogRecord> records_of(World& world) {
    return gatehouse::oracle::read_log(world.gateway().state_folder() / "gatehouse.db").records;
}

/// By how much the log says that the gateway's clock was set, in seconds: one for each time.
std::vector<double> corrections(World& world) {
    std::vector<double> all;
    for (const auto& record : records_of(world))
        if (record.kind == "clock.skewed" && record.source == "gateway")
            all.push_back(boost::json::parse(record.facts).at("offset_ms").to_number<double>() / 1000);
    return all;
}

void wait_for_corrections(World& world, std::size_t count) {
    eventually("a record that the clock was set", [&] { return corrections(world).size() >= count; });
}

} // namespace

TEST_CASE("clock in 1970: records say so, and when it is set a record says by how much, and nothing is rewritten or lost (F21)") {
    const TempDir folder("clock");
    FalseClock clock(folder.path());
    const auto since_1970 = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    clock.set_off(600 - since_1970, false);
    World world(with(clock));
    auto& doors = world.uhppote("doors");
    world.start();
    doors.burst(20);
    world.district().wait_for_count("device.online", 1);
    world.wait_until_all_arrived(world.district());
    const auto before = records_of(world);
    for (const auto& record : before) {
        CHECK_MESSAGE(record.clock == 1, record.kind); // unsynced
        CHECK(record.heard_at < year_s * 1'000'000);
    }
    clock.set_off(0);
    wait_for_corrections(world, 1);
    CHECK(std::abs(corrections(world).front() - static_cast<double>(600 - since_1970)) < 5);
    doors.burst(20);
    world.wait_until_all_arrived(world.district());
    world.wait_until_sound();
    const auto after = records_of(world);
    REQUIRE(after.size() > before.size());
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i].commitment == before[i].commitment);
    const auto own = std::find_if(after.rbegin(), after.rend(), [](const auto& record) { return record.source == "gateway"; });
    CHECK(own->clock == 0);
}

TEST_CASE("clock jumps ten years ahead and twenty back: traffic goes on in order, each jump is a record, nothing is deleted (F20)") {
    const TempDir folder("clock");
    FalseClock clock(folder.path());
    World world(with(clock));
    auto& doors = world.uhppote("doors");
    world.start();
    doors.traffic(40);
    std::size_t jumps = 0;
    for (const auto years : {10, -10, 0}) {
        const auto seen = world.district().kept().size();
        world.district().wait_for("traffic", [&](Platform& p) { return p.kept().size() >= seen + 40; });
        clock.set_off(years * year_s);
        wait_for_corrections(world, ++jumps);
    }
    doors.traffic(0);
    world.wait_until_all_arrived(world.district());
    world.wait_until_sound();
    const auto told = corrections(world);
    REQUIRE(told.size() == 3);
    CHECK(std::abs(told[0] + 10.0 * year_s) < 5); // our clock was ten years behind what it says now
    CHECK(std::abs(told[1] - 20.0 * year_s) < 5);
    CHECK(std::abs(told[2] + 10.0 * year_s) < 5);
    world.gateway().kill_and_start();
    doors.burst(5);
    world.wait_until_all_arrived(world.district());
    world.wait_until_sound();
}

TEST_CASE("clock drifts by five percent either way: traffic goes on, and it is told, but not every second (F22)" * doctest::test_suite("long") *
          doctest::skip()) {
    const TempDir folder("clock");
    FalseClock clock(folder.path());
    World world(with(clock));
    auto& doors = world.uhppote("doors");
    world.start();
    doors.traffic(30);
    for (const auto permille : {400, -400}) { // eight times as fast, to see in seconds what takes minutes
        clock.drift(permille);
        const auto seen = world.district().kept().size();
        world.district().wait_for("traffic", [&](Platform& p) { return p.kept().size() >= seen + 150; });
    }
    doors.traffic(0);
    world.wait_until_all_arrived(world.district());
    world.wait_until_sound();
    const auto told = corrections(world).size();
    CHECK(told >= 1);
    CHECK(told <= 4); // each two seconds' worth; at once after a jump of that size, then once a minute
}
