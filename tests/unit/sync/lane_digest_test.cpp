// SPDX-License-Identifier: Apache-2.0
#include "sync/lane_digest.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::sync;

TEST_CASE("W10: the sum is SHA-256 over the SHA-256 of each event, and never crosses an epoch") {
    DigestRun run(10);
    CHECK(run.has(10));
    CHECK_FALSE(run.add(11, "E1", sha256("a")));
    CHECK_FALSE(run.add(13, "E1", sha256("b")));
    CHECK(run.has(12));
    auto closed = run.add(14, "E2", sha256("c"));
    REQUIRE(closed.has_value());
    CHECK(closed->epoch == "E1");
    CHECK(closed->first == 11);
    CHECK(closed->last == 13);
    CHECK(closed->count == 2);
    Sha256 by_hand;
    by_hand.add(ByteView(sha256("a"))).add(ByteView(sha256("b")));
    CHECK(closed->sha256 == by_hand.finish());
    closed = run.close();
    REQUIRE(closed.has_value());
    CHECK(closed->first == 14);
    CHECK_FALSE(run.close().has_value());
}

TEST_CASE("W10: the statement is signed as the contract spells it") {
    LaneSum sum;
    sum.epoch = "E";
    sum.first = 1;
    sum.last = 9;
    sum.count = 4;
    const SigningKey key{Key{1}};
    const auto at = *parse_time("2026-01-15T08:00:00Z");
    const auto facts = to_facts(sum, "district", Lane::urgent, Digest{}, at, key);
    const std::string zeros(64, '0');
    const auto statement = "gatehouse lane digest 1\ndistrict\nurgent\nE\n1\n9\n4\n" + zeros + "\n" + zeros + "\n2026-01-15T08:00:00.000000Z";
    Signature signature{};
    const auto bytes = from_base64(std::string_view(facts.at("signature").get_string()));
    REQUIRE(bytes.has_value());
    std::copy(bytes->begin(), bytes->end(), signature.begin());
    CHECK(signature_fits(key.public_key(), statement, signature));
    CHECK(facts.size() == 11);
}
