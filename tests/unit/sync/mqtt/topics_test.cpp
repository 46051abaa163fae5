// SPDX-License-Identifier: Apache-2.0
#include "sync/mqtt/topics.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::sync::mqtt;

TEST_CASE("W1: the leaves stand under the root, or where a platform wants each of them") {
    const auto plain = topics_under("", "gw-7");
    REQUIRE(plain.has_value());
    CHECK(plain->records == "gatehouse/v1/gw-7/records");
    CHECK(plain->responses == "gatehouse/v1/gw-7/responses");
    TopicNames names;
    names.urgent = "alarms/gw-7";
    names.receipts = "down/gw-7";
    const auto named = topics_under("site", "gw-7", names);
    REQUIRE(named.has_value());
    CHECK(named->urgent == "alarms/gw-7");
    CHECK(named->receipts == "down/gw-7");
    CHECK(named->records == "site/records");
    CHECK_FALSE(may_answer_on("alarms/gw-7", *named));
    CHECK(may_answer_on("site/urgent", *named));
}

TEST_CASE("W1: a topic with a wildcard, or one for two things, is refused") {
    for (const auto* wrong : {"a/+", "a/#", "$share/a", "site/records", "site/responses"}) {
        TopicNames names;
        names.urgent = wrong;
        CHECK_MESSAGE(topics_under("site", "gw-7", names).has_error(), std::string(wrong));
    }
    CHECK(topics_under("a/+", "gw-7").has_error());
    CHECK(topics_under("a/", "gw-7").has_error());
}
