// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/daemon/store/world.hpp"

#include "daemon/store/pictures.hpp"
#include "daemon/store/site_keys.hpp"

using namespace gatehouse;
using namespace gatehouse::store;
using namespace std::chrono_literals;

namespace {

Picture picture(std::string_view text, PictureRole role = PictureRole::plate) {
    return {role, std::make_shared<const Bytes>(as_bytes(text).begin(), as_bytes(text).end())};
}

} // namespace

TEST_CASE("a picture is kept under its hash, encrypted, and comes back byte for byte") {
    World world;
    world.open();
    auto record = world.pass();
    record.pictures = {picture("a jpeg of a plate that nobody shall find"), picture("a face", PictureRole::face)};
    world.must_append(record);
    const auto stored = world.all().at(0);
    REQUIRE(stored.pictures.size() == 2);
    CHECK(stored.pictures[0].role == PictureRole::plate);
    CHECK(stored.pictures[0].bytes == 40);
    CHECK(stored.pictures[0].sha256 == sha256("a jpeg of a plate that nobody shall find"));
    CHECK_FALSE(world.disk.holds("jpeg of a plate"));
    world.open();
    const auto read = world.await(world.store->read_picture(stored.pictures[0].sha256));
    REQUIRE(read.has_value());
    CHECK(as_text(*read) == "a jpeg of a plate that nobody shall find");
    CHECK(world.await(world.store->read_picture(sha256("other"))).error().fault() == Fault::gone);
}

TEST_CASE("a picture whose bytes were changed is not served") {
    World world;
    Pictures pictures("/p", world.keys.picture, world.disk.files(), world.entropy);
    const auto ref = pictures.put(world.clock.now(), PictureRole::scene, as_bytes("scene"));
    REQUIRE(ref.has_value());
    const auto path = "/p/2026-01-15/" + to_hex(ref->sha256);
    for (std::size_t at = 0; at < world.disk.now().at(path).size(); ++at) {
        world.disk.damage(path, at, 0x10);
        CHECK(pictures.read(ref->sha256).error().fault() == Fault::damaged);
        world.disk.damage(path, at, 0x10);
    }
    CHECK(pictures.read(ref->sha256).has_value());
}

TEST_CASE("without one wrapped key one picture is gone, without the day's key the day") {
    World world;
    auto& files = world.disk.files();
    Pictures pictures("/p", world.keys.picture, files, world.entropy);
    const auto one = pictures.put(world.clock.now(), PictureRole::scene, as_bytes("one"));
    const auto two = pictures.put(world.clock.now(), PictureRole::scene, as_bytes("two"));
    world.clock.run_for(24h);
    const auto next_day = pictures.put(world.clock.now(), PictureRole::scene, as_bytes("three"));
    CHECK(pictures.days()->size() == 2);
    CHECK(pictures.drop(one->sha256).has_value());
    CHECK(pictures.read(one->sha256).error().fault() == Fault::gone);
    CHECK(pictures.read(two->sha256).has_value());
    // The files are copied before the key goes: they are of no use without it.
    const auto copy = world.disk.now();
    CHECK(pictures.drop_day("2026-01-15").has_value());
    CHECK(pictures.read(two->sha256).error().fault() == Fault::gone);
    CHECK(pictures.read(next_day->sha256).has_value());
    auto thief = copy;
    thief.erase("/p/2026-01-15/day.key");
    world.disk.load(thief);
    Pictures other("/p", world.keys.picture, files, world.entropy);
    CHECK(other.read(two->sha256).has_error());
    world.disk.load(copy);
    Key wrong = world.keys.picture;
    wrong[0] ^= 1;
    Pictures without_site_key("/p", wrong, files, world.entropy);
    CHECK(without_site_key.read(two->sha256).error().fault() == Fault::damaged);
}

TEST_CASE("when a picture can't be kept its record is not acknowledged") {
    World world;
    world.open();
    world.disk.on_operation = [](std::uint64_t, const std::string& kind, const std::string& path) {
        return kind == "sync" && path.find("/pictures/") != std::string::npos;
    };
    auto record = world.pass();
    record.pictures = {picture("scene")};
    CHECK(world.append(record).has_error());
    CHECK(world.store->head().position == 0);
    world.disk.on_operation = nullptr;
    CHECK(world.append(record).has_value());
}

TEST_CASE("site keys are made once, and a damaged file is not replaced") {
    World world;
    auto& files = world.disk.files();
    const auto made = load_or_make_site_keys("/log", world.entropy, files);
    REQUIRE(made.has_value());
    const auto again = load_or_make_site_keys("/log", world.entropy, files);
    CHECK(again->hash == made->hash);
    CHECK(again->signing_seed == made->signing_seed);
    CHECK(made->hash != made->picture);
    world.disk.damage("/log/site.key", 30, 0x80);
    CHECK(load_or_make_site_keys("/log", world.entropy, files).error().fault() == Fault::damaged);
}
