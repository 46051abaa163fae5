// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile_streams/siege.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

using namespace gatehouse;
using namespace gatehouse::hostile;

namespace {

constexpr std::uint64_t first_seed = 1;

const Films& films() {
    static const harness::TempDir folder{"hostile-films"};
    static const Films made{make_film(false, folder.path()), make_film(true, folder.path())};
    return made;
}

/// GATEHOUSE_SEED: another beginning, or the one conversation to look at again with GATEHOUSE_COUNT=1.
std::uint64_t number_in(const char* name, std::uint64_t otherwise) {
    const auto* said = std::getenv(name);
    return said == nullptr ? otherwise : std::strtoull(said, nullptr, 10);
}

void print(const Toll& toll, std::uint64_t first, std::size_t count) {
    std::printf("seeds %llu to %llu: %zu hostile streams in %zu conversations, %zu came to pictures, %zu segments with %zu frames, %zu workers died, "
                "longest %.1f s\n",
                static_cast<unsigned long long>(first), static_cast<unsigned long long>(first + count - 1),
                toll.conversations * streams_per_conversation, toll.conversations, toll.played, toll.segments, toll.frames, toll.deaths.size(),
                toll.longest_s);
    for (const auto& [words, times] : toll.words) std::printf("%7zu  %s\n", times, words.c_str());
    for (const auto& [seed, words] : toll.deaths)
        std::printf("died: seed %llu (%s): %s\n", static_cast<unsigned long long>(seed), hostile::hostile(films(), seed).what.c_str(), words.c_str());
    for (const auto& fault : toll.faults) std::printf("FAULT: %s\n", fault.c_str());
    std::fflush(stdout);
}

/// `count` conversations, with a good camera beside.
void besiege(std::size_t count, std::size_t lanes) {
    const harness::TempDir folder{"hostile"};
    const auto first = number_in("GATEHOUSE_SEED", first_seed);
    count = number_in("GATEHOUSE_COUNT", count);
    harness::IpCamera good("good", harness::small_camera(), folder.path());
    Siege siege(films(), folder / "recordings", lanes);
    siege.record_beside(good);
    const auto toll = siege.run(first, count);
    CHECK(siege.ended_beside().empty()); // it was recorded to the end
    good.control().post("/password", boost::json::object{{"password", "another"}});
    good.drop();
    const auto kept = siege.frames_beside();
    print(toll, first, count);
    // The end may cut a frame in two: its beginning is kept, and the camera counts whole ones.
    CHECK(kept >= good.frames_sent());
    CHECK(kept <= good.frames_sent() + 1);
    CHECK(toll.conversations == count);
    CHECK(toll.faults.empty());
    if (count < 50) return;
    // It is no proof where nothing gets through: most come to pictures, and of many something is recorded.
    CHECK(toll.played * 2 > count);
    CHECK(toll.segments * 2 > count);
}

} // namespace

TEST_CASE("hostile streams: the same seed is the same conversation, another seed another one") {
    for (std::uint64_t seed = 1; seed < 200; ++seed) {
        const auto one = hostile::hostile(films(), seed), again = hostile::hostile(films(), seed), other = hostile::hostile(films(), seed + 1);
        CHECK(one.what == again.what);
        CHECK(one.answers == again.answers);
        CHECK(one.after_play == again.after_play);
        CHECK((one.answers != other.answers || one.after_play != other.after_play));
    }
}

TEST_CASE("hostile streams: what is not spoiled is recorded whole, in both codecs") {
    const harness::TempDir folder{"hostile"};
    Siege siege(films(), folder.path(), 1);
    for (const auto* film : {&films().h264, &films().h265}) {
        const auto toll = siege.run_one(plain(*film));
        CHECK(toll.faults.empty());
        CHECK(toll.deaths.empty());
        CHECK(toll.frames == 25);
        REQUIRE(toll.words.size() == 1);
        CHECK(toll.words.begin()->first.find("the stream ended") != std::string::npos);
    }
}

TEST_CASE("hostile streams: a worker's death is named by its signal, and the next one mends what it left") {
    const harness::TempDir folder{"hostile"};
    Siege siege(films(), folder.path(), 1);
    for (const int signal : {SIGSEGV, SIGABRT}) {
        const auto toll = siege.run_one(plain(films().h264), [signal](int pid) { ::kill(pid, signal); });
        REQUIRE(toll.deaths.size() == 1);
        CHECK(toll.deaths[0].second.find("the worker was killed by signal " + std::to_string(signal)) != std::string::npos);
    }
    CHECK(siege.run_one(plain(films().h264)).deaths.empty());
    for (const auto& entry : std::filesystem::directory_iterator(folder / "hostile-0")) CHECK(entry.path().extension() != ".part");
}

TEST_CASE("hostile streams: hundreds of them cost no other camera a frame") { besiege(300 / streams_per_conversation, 6); }

TEST_SUITE("long" * doctest::skip()) {
    TEST_CASE("hostile streams: ten thousand of them cost no other camera a frame") { besiege(10'000 / streams_per_conversation, 8); }
}
