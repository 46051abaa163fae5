// SPDX-License-Identifier: Apache-2.0
//
// daemon/net/child_process with the program that it is there for.
#include "daemon/net/child_process.hpp"
#include "tests/harness/eventually.hpp"
#include "tests/harness/temp_dir.hpp"
#include "tests/paths.hpp"
#include "tests/unit/daemon/net/on_loop.hpp"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <set>

using namespace gatehouse;
using namespace gatehouse::net;
namespace fs = std::filesystem;

namespace {

const std::string program = tests::program_path("gatehouse-media"); // waits for its configuration

struct House : OnLoop {
    std::unique_ptr<Children> children = make_system_children(loop);
    std::unique_ptr<ChildProcess> start(const std::string& path) {
        auto child = children->start(path);
        if (!child) throw std::runtime_error(child.error().what());
        return std::move(*child);
    }
};

} // namespace

TEST_CASE("child: it has the link, its standard streams and no other descriptor of ours, no words and no environment") {
    House house;
    const auto secret = house.network->open_datagrams({"127.0.0.1", 0}, {}); // a socket that must stay ours
    REQUIRE(secret.has_value());
    const auto child = house.start(program);
    const fs::path process = "/proc/" + std::to_string(child->pid());
    // While it is loaded it opens its libraries, one after another.
    const std::set<std::string> expected{"0", "1", "2", "3"};
    harness::eventually("the child to have four descriptors", [&] {
        std::set<std::string> open;
        for (const auto& each : fs::directory_iterator(process / "fd")) open.insert(each.path().filename().string());
        return open == expected;
    });
    CHECK(fs::read_symlink(process / "fd/0") == "/dev/null");
    CHECK(harness::read_file(process / "environ").empty());
    // The kernel sets it last.
    harness::eventually("its own name and no other word", [&] { return harness::read_file(process / "cmdline") == program + std::string(1, '\0'); });
}

TEST_CASE("child: how it ended is told, and its socket ends with it") {
    House house;
    CHECK(house.run<ChildExit>(house.start("/bin/true")->wait()) == ChildExit{0, 0});
    const auto failing = house.start("/bin/false");
    CHECK(house.run<ChildExit>(failing->wait()) == ChildExit{1, 0});
    const auto child = house.start(program);
    child->kill();
    std::array<std::uint8_t, 16> bytes{};
    const auto got = house.run<Result<std::size_t>>(child->stream().read_some(bytes));
    CHECK((!got || *got == 0));
    const auto exit = house.run<ChildExit>(child->wait());
    CHECK(exit == ChildExit{-1, 9});
    CHECK(to_text(exit) == "killed by signal 9 (Killed)");
    CHECK(to_text(ChildExit{3, 0}) == "ended with 3");
}

TEST_CASE("child: a worker that is let go of is killed and reaped, and one that is hung up on ends by itself") {
    House house;
    const auto pid = house.start(program)->pid(); // let go of at once
    const auto until_gone = [](Clock& clock, std::string process, bool& gone) -> Task<Done> {
        for (int i = 0; i < 200 && !gone; ++i) {
            gone = !fs::exists(process);
            co_await clock.sleep_for(std::chrono::milliseconds(10));
        }
        co_return Done();
    };
    bool gone = false;
    CHECK(house.run<Done>(until_gone(house.clock, "/proc/" + std::to_string(pid), gone)).has_value());
    CHECK(gone);
    const auto child = house.start(program);
    child->stream().close();
    CHECK(house.run<ChildExit>(child->wait()) == ChildExit{2, 0});
}

TEST_CASE("child: a program that is not there or may not be run is told by name") {
    House house;
    const auto missing = house.children->start("/nowhere/gatehouse-media");
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().fault() == Fault::gone);
    CHECK(missing.error().what().find("/nowhere/gatehouse-media") != std::string::npos);
    const auto forbidden = house.children->start("/etc/passwd");
    REQUIRE_FALSE(forbidden.has_value());
    CHECK(forbidden.error().fault() == Fault::refused);
}
