// SPDX-License-Identifier: Apache-2.0
//
// Many cameras at once: what one of them does costs the others nothing, and every fault of a camera has its story.
#include "tests/scenario/cameras/site.hpp"

#include <memory>
#include <random>
#include <thread>

using namespace gatehouse::harness;

namespace {

constexpr double wrong_by_s = 3600;
constexpr std::uint64_t frames_per_s = 25;

std::string id_of(std::size_t number) { return "gate-" + std::to_string(number); }

/// Nobody comes back, and what is on its way arrives: what was sent is what must lie there.
void end_all(Site& site, const std::vector<IpCamera*>& cameras) {
    for (auto* camera : cameras) {
        camera->control().post("/password", boost::json::object{{"password", "another"}});
        camera->drop();
    }
    for (std::size_t i = 0; i < cameras.size(); ++i) site.wait_closed(id_of(i), "lost", 1);
}

/// Whole files of a camera and their bytes, on disk and in the index.
using Holding = std::pair<std::uint64_t, std::uint64_t>;

Holding on_disk(const Site& site, const std::string& id) {
    Holding held;
    for (const auto& entry : fs::directory_iterator(site.recordings() / id)) {
        std::error_code gone;
        if (entry.path().extension() != ".mp4") continue;
        ++held.first;
        held.second += entry.file_size(gone);
    }
    return held;
}

Holding in_index(const Site& site, const std::string& id) {
    const auto page = site.gateway.api().get("/api/v1/cameras");
    for (const auto& camera : page.at("cameras").as_array())
        if (camera.at("id").as_string() == id && camera.at("recordings").is_object())
            return {camera.at("recordings").at("segments").to_number<std::uint64_t>(),
                    camera.at("recordings").at("bytes").to_number<std::uint64_t>()};
    return {};
}

/// Every whole file has its row and every row its file, to the byte: as soon as the last one is committed.
void check_index(const Site& site, std::size_t cameras) {
    for (std::size_t i = 0; i < cameras; ++i)
        eventually("the rows of " + id_of(i) + " are its files", [&] { return in_index(site, id_of(i)) == on_disk(site, id_of(i)); });
}

/// Every frame is there. The end may cut one in two: its beginning is kept, and the camera counts whole ones.
void check_frames(const Site& site, const std::string& id, const IpCamera& camera) {
    const auto kept = site.frames_recorded(id), made = sent(camera);
    CHECK(kept >= made);
    CHECK(kept <= made + 1);
}

double clock_offset_s(const Site& site, const std::string& id) {
    const auto page = site.gateway.api().ask("GET", "/metrics").body;
    const auto name = "gatehouse_device_clock_offset_seconds{device=\"" + id + "\"} ";
    const auto at = page.find(name);
    return at == page.npos ? 0 : std::strtod(page.c_str() + at + name.size(), nullptr);
}

/// Eight cameras for a while: one of H.265, one whose resolution changes, one with a clock an hour off, one of garbage.
void record_eight(std::chrono::seconds howlong) {
    constexpr std::size_t count = 8, of_h265 = 1, changes = 2, off_by_an_hour = 3, garbage = 7;
    Site site;
    std::vector<std::unique_ptr<IpCamera>> cameras;
    std::vector<IpCamera*> all;
    for (std::size_t i = 0; i < count; ++i) {
        auto options = small_camera();
        if (i == of_h265) options.codec = "h265";
        if (i == changes) options.other_size = "480x272";
        if (i == off_by_an_hour) options.clock_offset_s = wrong_by_s;
        cameras.push_back(std::make_unique<IpCamera>(id_of(i), options, site.home.path()));
        all.push_back(cameras.back().get());
        site.add(id_of(i), *cameras.back());
    }
    all[garbage]->fault("garbage");
    all[garbage]->fault("lose_packets", {{"p", 0.1}});
    site.gateway.start();
    const auto until = std::chrono::steady_clock::now() + howlong;
    for (std::size_t i = 0; i + 1 < count; ++i) site.wait_closed(id_of(i), "rolled", 1);
    all[changes]->fault("other_size");
    while (std::chrono::steady_clock::now() < until) {
        all[garbage]->fault("garbage_bytes");
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
    site.wait_closed(id_of(changes), "parameters", 1);
    eventually(
        "the clock that is an hour off is shown", [&] { return std::abs(clock_offset_s(site, id_of(off_by_an_hour)) - wrong_by_s) < 2; }, patience,
        [&] { return site.gateway.api().ask("GET", "/metrics").body; });
    int code = 0;
    CHECK(site.gateway.ctl({"check", "--json"}, &code).find("device.clock_skewed") != std::string::npos);
    all.pop_back();
    end_all(site, all);
    check_index(site, all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        CAPTURE(id_of(i));
        CHECK(site.records("recording.gap", id_of(i)) == 0);
        CHECK(site.records("camera.lost", id_of(i)) == 1); // our own end of it
    }
    site.gateway.stop();
    for (std::size_t i = 0; i < all.size(); ++i) {
        CAPTURE(id_of(i));
        check_frames(site, id_of(i), *all[i]);
    }
}

/// A camera with one fault for some seconds, among others with theirs.
struct Faulty {
    const char* fault;
    boost::json::object how;
    bool reconnects; ///< what it does shows at the next connection
    bool is_lost;    ///< the camera is taken for lost, and comes back afterwards
};

} // namespace

TEST_CASE("cameras: eight at once, one of garbage, one of H.265, one that changes, one an hour off: every frame of the seven is in the files") {
    record_eight(std::chrono::seconds(4));
}

TEST_CASE("cameras: every fault of a camera is its own, is told, and is over when it is over") {
    const std::vector<Faulty> faults{
        {"timestamp_jump", {{"by_s", 5000}}, false, false},
        {"garbage", {}, false, false},
        {"garbage_bytes", {}, false, false},
        {"half_open", {}, false, true},
        {"slow_loris", {}, false, true},
        {"wrong_sdp", {{"what", "no_video"}}, true, true},
        {"wrong_sdp", {{"what", "bad_parameter_sets"}}, true, false},
        {"freeze", {}, false, true},
    };
    Site site;
    std::vector<std::unique_ptr<IpCamera>> cameras;
    std::vector<IpCamera*> all;
    for (std::size_t i = 0; i < faults.size(); ++i) {
        cameras.push_back(std::make_unique<IpCamera>(id_of(i), small_camera(), site.home.path()));
        all.push_back(cameras.back().get());
        site.add(id_of(i), *cameras.back());
    }
    site.gateway.start();
    for (std::size_t i = 0; i < faults.size(); ++i) site.wait_closed(id_of(i), "rolled", 1);
    for (std::size_t i = 0; i < faults.size(); ++i) {
        all[i]->fault(faults[i].fault, faults[i].how);
        if (faults[i].reconnects) all[i]->drop();
    }
    for (std::size_t i = 0; i < faults.size(); ++i) {
        if (faults[i].is_lost) site.wait_record("camera.lost", id_of(i));
    }
    std::this_thread::sleep_for(std::chrono::seconds(2));
    for (std::size_t i = 0; i < faults.size(); ++i) {
        const std::string name = faults[i].fault;
        if (name != "timestamp_jump" && name != "garbage_bytes") all[i]->mend(name); // the others are deeds
    }
    for (std::size_t i = 0; i < faults.size(); ++i) {
        CAPTURE(faults[i].fault);
        if (faults[i].is_lost) site.wait_record("camera.restored", id_of(i));
        site.wait_closed(id_of(i), "rolled", site.closed(id_of(i), "rolled") + 1);
        if (faults[i].is_lost) CHECK(site.records("recording.gap", id_of(i)) > 0);
    }
    CHECK(site.records("camera.lost", id_of(0)) == 0);
    end_all(site, all);
    check_index(site, all.size());
    site.gateway.stop();
    check_frames(site, id_of(0), *all[0]); // a jump of its clock costs no frame
}

TEST_SUITE("long" * doctest::skip()) {
    TEST_CASE("cameras: eight for a minute: every frame of the seven good ones is in the files") { record_eight(std::chrono::seconds(60)); }

    TEST_CASE("cameras: fifty kills of workers and of the daemon cost two seconds each at most, and every file has its row") {
        constexpr int kills = 50;
        constexpr std::size_t count = 4;
        Site site;
        std::vector<std::unique_ptr<IpCamera>> cameras;
        std::vector<IpCamera*> all;
        for (std::size_t i = 0; i < count; ++i) {
            cameras.push_back(std::make_unique<IpCamera>(id_of(i), small_camera(), site.home.path()));
            all.push_back(cameras.back().get());
            site.add(id_of(i), *cameras.back());
        }
        site.gateway.start();
        std::mt19937 chance(1);
        std::vector<std::uint64_t> worker_kills(count, 0);
        std::uint64_t daemon_kills = 0;
        const auto all_open = [&] {
            for (std::size_t i = 0; i < count; ++i)
                eventually(
                    id_of(i) + " is recorded", [&] { return site.open_bytes(id_of(i)) > init_part_bytes_max; }, std::chrono::seconds(90),
                    [&] { return site.gateway.process().last_words(); });
        };
        for (int i = 0; i < kills; ++i) {
            all_open();
            std::this_thread::sleep_for(std::chrono::milliseconds(chance() % 2500));
            if (i % 2 == 0) {
                ++daemon_kills;
                site.gateway.kill();
                site.gateway.start();
            } else {
                const std::size_t which = chance() % count;
                ++worker_kills[which];
                // What is open there may still be finished by a worker of the daemon before.
                pid_t worker = -1;
                eventually(
                    "a worker of " + id_of(which),
                    [&] {
                        try {
                            worker = worker_of(site.recordings() / id_of(which));
                        } catch (const Trouble&) {
                            return false;
                        }
                        return true;
                    },
                    std::chrono::seconds(90));
                ::kill(worker, SIGKILL);
            }
        }
        all_open();
        end_all(site, all);
        check_index(site, all.size());
        site.gateway.stop();
        for (std::size_t i = 0; i < count; ++i) {
            CAPTURE(id_of(i));
            const auto kept = site.frames_recorded(id_of(i)), made = sent(*all[i]);
            CHECK(kept <= made + 1);
            // When the daemon is killed its workers finish their files: what is lost is what was on its way to them.
            CHECK(kept + 2 * frames_per_s * worker_kills[i] + frames_per_s / 5 * daemon_kills >= made);
        }
    }
}
