// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/platforms/mqtt/digests.hpp"

#include "tests/unit/simulators/platform/gateway.hpp"

using namespace gatehouse::simulators::platform;

namespace {
struct Judged {
    Gateway gateway;
    Platform platform;
    std::vector<std::string> events{gateway.event(4, 0), gateway.event(6, 4), gateway.event(7, 6)};

    Judged() { platform.application.take(gateway.status()); }
    void take(std::initializer_list<std::size_t> which) {
        for (const auto i : which) platform.application.take(Gateway::message("routine", Gateway::batch({events[i]})));
    }
    void digest(const std::string& data) {
        platform.application.take(Gateway::message("routine", Gateway::batch({gateway.event(9, 7, "digest", "routine", data)})));
    }
    std::int64_t count(const char* verdict) { return platform.lane("routine").at("digests").at(verdict).as_int64(); }
};
} // namespace

TEST_CASE("a lane digest is recomputed from what arrived, and waits for what has not") {
    Judged judged;
    judged.take({0, 2});
    judged.digest(judged.gateway.lane_digest("routine", 4, 7, judged.events));
    CHECK(judged.count("pending") == 1);
    judged.take({1});
    CHECK(judged.count("pending") == 0);
    CHECK(judged.count("ok") == 1);
}

TEST_CASE("a digest over other bytes is bad") {
    Judged judged;
    judged.take({0, 1, 2});
    auto other = judged.events;
    other[1] = judged.gateway.event(6, 4, "pass.denied");
    judged.digest(judged.gateway.lane_digest("routine", 4, 7, other));
    CHECK(judged.count("bad") == 1);
}

TEST_CASE("a digest that counts fewer than arrived is bad") {
    Judged judged;
    judged.take({0, 1, 2});
    judged.digest(judged.gateway.lane_digest("routine", 4, 7, {judged.events[0], judged.events[1]}));
    CHECK(judged.count("bad") == 1);
}

TEST_CASE("a digest over events of which one came revised is unverifiable, which is not bad") {
    Judged judged;
    judged.take({0, 2});
    judged.platform.application.take(
        Gateway::message("routine", Gateway::batch({judged.gateway.event(6, 4, "pass.granted", "routine", "{}", R"(,"revised":"erased")")})));
    judged.digest(judged.gateway.lane_digest("routine", 4, 7, judged.events));
    CHECK(judged.count("unverifiable") == 1);
}

TEST_CASE("a digest signed by another key is a bad signature; another upstream's passes unread") {
    Judged judged;
    judged.take({0, 1, 2});
    Gateway stranger;
    judged.digest(stranger.lane_digest("routine", 4, 7, judged.events));
    CHECK(judged.count("bad_signature") == 1);
    Judged other;
    other.take({0, 1, 2});
    other.digest(other.gateway.lane_digest("routine", 4, 7, other.events, "police"));
    CHECK(other.count("ok") == 0);
    CHECK(other.count("bad") == 0);
}

TEST_CASE("the gateway's own signed heads are kept, a rewound one is noticed") {
    Judged judged;
    const auto head = [&](std::uint64_t sequence, std::uint64_t previous, std::uint64_t first, std::uint64_t last, bool signs) {
        const std::string seal(64, 'b'), before(64, 'c'), at = "2026-01-15T01:00:00.000000Z";
        const auto text = "gatehouse digest 1\n" + judged.gateway.epoch + "\n" + std::to_string(first) + "\n" + std::to_string(last) + "\n" + seal +
                          "\n" + before + "\n" + at;
        const json::object facts{{"epoch", judged.gateway.epoch},
                                 {"first", first},
                                 {"last", last},
                                 {"seal", seal},
                                 {"previous", before},
                                 {"at", at},
                                 {"signature", judged.gateway.sign(signs ? text : "no")},
                                 {"key", judged.gateway.key}};
        judged.platform.application.take(Gateway::message(
            "routine",
            Gateway::batch({judged.gateway.event(sequence, previous, "digest", "routine", json::serialize(json::object{{"facts", facts}}))})));
    };
    head(10, 0, 1, 10, true);
    head(20, 10, 11, 20, true);
    auto state = judged.platform.application.state();
    CHECK(state.at("heads") == 2);
    CHECK(state.at("bad_heads") == 0);
    CHECK(state.at("heads_rewound") == 0);
    head(30, 20, 11, 15, false);
    state = judged.platform.application.state();
    CHECK(state.at("bad_heads") == 1);
    CHECK(state.at("heads_rewound") == 1);
}
