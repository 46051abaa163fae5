// SPDX-License-Identifier: Apache-2.0
//
// The recordings' disk is a disk of its own: it hangs, is missing, is too small, and the doors know nothing of it.
#include "daemon/base/clock.hpp"
#include "tests/harness/cameras.hpp"
#include "tests/harness/small_disk.hpp"
#include "tests/harness/world.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <cstdio>
#include <set>
#include <thread>

using namespace gatehouse::harness;
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t disk_bytes = 64 * 1024 * 1024, reserve_bytes = 16 * 1024 * 1024;
constexpr auto start_limit = 5s, door_limit = 2s;

GatewayOptions recording_into(const fs::path& folder, unsigned segment_s = 2) {
    GatewayOptions options;
    options.more_settings = "[recording]\ndirectory = \"" + folder.string() + "\"\nsegment_s = " + std::to_string(segment_s) +
                            "\nreserve_bytes = " + std::to_string(reserve_bytes) + "\n";
    return options;
}

std::string table_of(const IpCamera& camera, const fs::path& folder) {
    const auto password = folder / "camera.password";
    write_secret(password, camera.options().password);
    return "[[device]]\nid = \"gate\"\ndriver = \"rtsp\"\nname = \"gate\"\naddress = \"127.0.0.1\"\nport = " + std::to_string(camera.rtsp_port()) +
           "\nusername = \"" + camera.options().user + "\"\npassword_credential = \"" + password.string() + "\"\noptions = { path = \"/main\" }\n";
}

std::set<std::string> files_in(const fs::path& folder, const std::string& ending) {
    std::set<std::string> names;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(folder, gone))
        if (entry.path().extension() == ending) names.insert(entry.path().filename().string());
    return names;
}

void wait_for_files(World& world, const fs::path& folder, const std::string& ending, std::size_t count, std::chrono::milliseconds within) {
    eventually(
        std::to_string(count) + " files " + ending, [&] { return files_in(folder, ending).size() >= count; }, within,
        [&] { return world.gateway().process().last_words(); });
}

/// A card is read and its record is at the platform, a door opens on request, the console answers; each within its time.
void check_doors(World& world, UhppoteDoors& doors) {
    const auto before = world.district().kept().size();
    auto began = Clock::now();
    doors.swipe(8100001);
    world.district().wait_for("a pass", [&](Platform& p) { return p.kept().size() > before; });
    CHECK(Clock::now() - began < door_limit);
    began = Clock::now();
    world.gateway().api().post("/api/v1/devices/doors/open", boost::json::object{{"door", 1}});
    CHECK(world.gateway().api().ask("GET", "/api/v1/cameras").status == 200);
    CHECK(Clock::now() - began < door_limit);
}

bool is_raised(World& world, const std::string& code) {
    const auto page = world.gateway().api().get("/api/v1/records?limit=500&kind=alarm.raised");
    return boost::json::serialize(page).find(code) != std::string::npos;
}

template <class Story>
void on_disk(Story story) {
    const TempDir folder("recordings-disk");
    try {
        SmallDisk disk(folder.path(), disk_bytes);
        if (disk.kind() != "ext4") throw NoDisk{"no loop devices for an ext4 of its own"};
        story(disk, folder.path());
    } catch (const NoDisk& no) {
        std::printf("skipped: scenario_machine: %s\n", no.why.c_str());
    }
}

} // namespace

TEST_CASE("a recordings' disk that hangs holds up no start and no door, and is recorded on when it goes on") {
    on_disk([](SmallDisk& disk, const fs::path& folder) {
        IpCamera camera("camera", small_camera(), folder);
        World world(recording_into(disk.path()));
        auto& doors = world.uhppote("doors");
        world.add_device(table_of(camera, folder));
        world.start_platforms();
        disk.freeze();
        const auto began = Clock::now();
        world.gateway().start();
        CHECK(Clock::now() - began < start_limit);
        check_doors(world, doors);
        disk.thaw();
        wait_for_files(world, disk.path() / "gate", ".mp4", 1, 60s);
        // It hangs again while it is written to.
        disk.freeze();
        check_doors(world, doors);
        std::this_thread::sleep_for(6s); // longer than a heartbeat may be away: the worker lives all the same
        check_doors(world, doors);
        disk.thaw();
        const auto so_far = files_in(disk.path() / "gate", ".mp4").size();
        wait_for_files(world, disk.path() / "gate", ".mp4", so_far + 2, 30s);
        CHECK(world.gateway().log().find("the worker hangs") == std::string::npos);
        world.wait_until_sound(60s);
        world.gateway().stop();
    });
}

TEST_CASE("a recordings' disk that is not there holds up no start and no door, and nothing is written in its place") {
    const TempDir folder("no-recordings");
    write_file(folder / "not-a-folder", "");
    IpCamera camera("camera", small_camera(), folder.path());
    World world(recording_into(folder / "not-a-folder" / "recordings"));
    auto& doors = world.uhppote("doors");
    world.add_device(table_of(camera, folder.path()));
    world.start_platforms();
    const auto began = Clock::now();
    world.gateway().start();
    CHECK(Clock::now() - began < start_limit);
    check_doors(world, doors);
    int code = 0;
    CHECK(world.gateway().ctl({"check", "--json"}, &code).find("recordings.failed") != std::string::npos);
    world.wait_until_sound(60s);
    world.gateway().stop();
}

TEST_SUITE("long" * doctest::skip()) {
    TEST_CASE("a recordings' disk that is too small: the oldest goes, what is locked stays, and the floor that breaks is told") {
        on_disk([](SmallDisk& disk, const fs::path& folder) {
            auto options = small_camera();
            options.size = "1920x1080";
            options.key_every_s = 1;
            options.seconds = 4;
            IpCamera camera("camera", options, folder);
            World world(recording_into(disk.path()));
            world.uhppote("doors");
            world.add_device(table_of(camera, folder));
            world.start();
            const auto recordings = disk.path() / "gate";
            wait_for_files(world, recordings, ".mp4", 3, 60s);
            const auto first = files_in(recordings, ".mp4");
            const auto locked = *first.begin(), oldest = *std::next(first.begin());
            // "20260115T003000000Z-main.mp4"
            const auto day = locked.substr(0, 4) + "-" + locked.substr(4, 2) + "-" + locked.substr(6, 2) + "T";
            const auto at = day + locked.substr(9, 2) + ":" + locked.substr(11, 2) + ":" + locked.substr(13, 2);
            const auto a_month_on = std::chrono::time_point_cast<gatehouse::Duration>(std::chrono::system_clock::now()) + std::chrono::hours(24 * 30);
            world.gateway().api().post(
                "/api/v1/cameras/gate/locks",
                boost::json::object{{"from", at + ".001Z"}, {"to", at + ".999Z"}, {"case", "A-2026-17"}, {"until", gatehouse::to_text(a_month_on)}});
            disk.fill_down_to(reserve_bytes + 4 * 1024 * 1024);
            eventually(
                "the oldest that is not locked goes", [&] { return !files_in(recordings, ".mp4").contains(oldest); }, 120s,
                [&] { return world.gateway().process().last_words(); });
            CHECK(files_in(recordings, ".mp4").contains(locked));
            eventually(
                "the broken floor is told", [&] { return is_raised(world, "floor"); }, 60s);
            // It never stops: what is new is there.
            const auto newest = *files_in(recordings, ".mp4").rbegin();
            eventually(
                "recording goes on", [&] { return *files_in(recordings, ".mp4").rbegin() > newest; }, 30s);
            world.gateway().stop();
        });
    }
}
