// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/pushes.hpp"

#include "tests/fakes/sim_clock.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::app;
using namespace std::chrono_literals;

namespace {

drivers::DeviceInfo device_named(std::string id) {
    drivers::DeviceInfo info;
    info.id = std::move(id);
    return info;
}

struct Desk {
    Loop loop;
    fakes::SimClock clock{loop};
    Pushes pushes{Key{1}, net::Endpoint{"192.168.50.10", 8090}};
    TaskGroup group{loop};
    ~Desk() {
        group.cancel();
        clock.run_for(1ms);
    }

    static Task<net::HttpResponse> say(int status) {
        net::HttpResponse answer;
        answer.status = status;
        co_return answer;
    }
    std::unique_ptr<drivers::PushRoutes::Registration> must_add(const std::string& path, net::HttpHandler handler) {
        auto added = pushes.add(path, std::move(handler));
        REQUIRE(added.has_value());
        return std::move(*added);
    }
    std::shared_ptr<int> post(const std::string& target) {
        auto status = std::make_shared<int>(0);
        net::HttpRequest request;
        request.method = "POST";
        request.target = target;
        auto asking = [](net::HttpHandler handler, net::HttpRequest asked, std::shared_ptr<int> into) -> Task<void> {
            auto answer = co_await handler(std::move(asked));
            *into = answer.status;
        };
        group.spawn("post", asking(pushes.handler(), std::move(request), status));
        clock.run_for(1ms);
        return status;
    }
};

} // namespace

TEST_CASE("pushes: a path is the same after a restart, differs by device and site, and cannot be guessed") {
    start_crypto();
    Pushes pushes(Key{1}, std::nullopt), after_a_restart(Key{1}, std::nullopt), elsewhere(Key{2}, std::nullopt);
    const auto path = pushes.path_for(device_named("face-1"));
    CHECK(path == after_a_restart.path_for(device_named("face-1")));
    CHECK(path != pushes.path_for(device_named("face-2")));
    CHECK(path != elsewhere.path_for(device_named("face-1")));
    REQUIRE(path.size() == 5 + 32); // 128 bits
    CHECK(path.starts_with("/hik/"));
    CHECK(from_hex(path.substr(5)).has_value());
    CHECK(path.substr(5, 16) != path.substr(21));
}

TEST_CASE("pushes: what nobody registered is not found and counted; a query does not matter; a path has one owner") {
    Desk desk;
    CHECK(*desk.post("/hik/unknown") == 404);
    CHECK(desk.pushes.strangers() == 1);
    const auto mine = desk.must_add("/hik/a", [](net::HttpRequest) { return Desk::say(200); });
    CHECK(*desk.post("/hik/a") == 200);
    CHECK(*desk.post("/hik/a?format=json") == 200);
    CHECK(*desk.post("/hik/a/more") == 404);
    CHECK(*desk.post("/hik/") == 404);
    CHECK(desk.pushes.strangers() == 3);
    const auto again = desk.pushes.add("/hik/a", [](net::HttpRequest) { return Desk::say(201); });
    REQUIRE(again.has_error());
    CHECK(again.error().fault() == Fault::refused);
    CHECK(*desk.post("/hik/a") == 200);
}

TEST_CASE("pushes: a route ends with its registration, and what runs then is finished") {
    Desk desk;
    auto slow = [&desk](net::HttpRequest) {
        auto wait = [](Clock& clock) -> Task<net::HttpResponse> {
            co_await clock.sleep_for(1s);
            net::HttpResponse answer;
            answer.status = 200;
            co_return answer;
        };
        return wait(desk.clock);
    };
    auto mine = desk.must_add("/hik/a", slow);
    const auto status = desk.post("/hik/a");
    CHECK(*status == 0);
    mine.reset();
    CHECK(*desk.post("/hik/a") == 404);
    desk.clock.run_for(2s);
    CHECK(*status == 200);
    const auto next = desk.must_add("/hik/a", [](net::HttpRequest) { return Desk::say(201); });
    CHECK(*desk.post("/hik/a") == 201);
}

TEST_CASE("pushes: a registration may outlive the listener's owner") {
    std::unique_ptr<drivers::PushRoutes::Registration> left;
    {
        Pushes pushes(Key{1}, std::nullopt);
        auto added = pushes.add("/hik/a", [](net::HttpRequest) { return Desk::say(200); });
        REQUIRE(added.has_value());
        left = std::move(*added);
        CHECK_FALSE(pushes.reachable_at(device_named("a")).has_value());
        pushes.set_reachable(net::Endpoint{"192.168.50.10", 8090});
        CHECK(pushes.reachable_at(device_named("a")) == net::Endpoint{"192.168.50.10", 8090});
    }
    left.reset();
}
