// SPDX-License-Identifier: Apache-2.0
#include "sync/receipts.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::sync;

namespace {
const std::string head = R"({"epoch":"0192f5c4-0000-7000-8000-000000000001","lane":"urgent",)";
}

TEST_CASE("W7: ranges, cumulative and refusals are read") {
    const auto ranges = parse_receipt(head + R"("held":[[1,5],[9,9]]})", ReceiptMode::ranges);
    REQUIRE(ranges.has_value());
    CHECK(ranges->lane == Lane::urgent);
    CHECK(ranges->held == std::vector<Range>{{1, 5}, {9, 9}});
    const auto through = parse_receipt(head + R"("through":12})", ReceiptMode::cumulative);
    REQUIRE(through.has_value());
    CHECK(through->through == 12);
    for (const auto mode : {ReceiptMode::ranges, ReceiptMode::cumulative, ReceiptMode::puback, ReceiptMode::none}) {
        const auto refused = parse_receipt(head + R"("refused":[{"position":7,"reason":"no such gate"}]})", mode);
        REQUIRE(refused.has_value());
        CHECK(refused->refused.at(0).position == 7);
    }
    CHECK(parse_receipt(head + R"("held":[[1,2]],"refused":[{"position":3,"reason":"x"}]})", ReceiptMode::ranges).has_value());
}

TEST_CASE("W7: malformed receipts are refused, and so is what does not belong to the mode") {
    for (const std::string& rest :
         {std::string("}"), std::string(R"("held":5})"), std::string(R"("held":[[5,1]]})"), std::string(R"("held":[[0,1]]})"),
          std::string(R"("held":[[1]]})"), std::string(R"("held":[[1.5,2]]})"), std::string(R"("held":[[-1,2]]})"),
          std::string(R"("held":[["1","2"]]})"), std::string(R"("refused":[{}]})"), std::string(R"("x":1})")})
        CHECK_MESSAGE(parse_receipt(head + rest, ReceiptMode::ranges).has_error(), rest);
    CHECK(parse_receipt("", ReceiptMode::ranges).has_error());
    CHECK(parse_receipt("[1]", ReceiptMode::ranges).has_error());
    CHECK(parse_receipt(R"({"lane":"urgent","held":[[1,2]]})", ReceiptMode::ranges).has_error());
    CHECK(parse_receipt(R"({"epoch":"x","lane":"urgent","held":[[1,2]]})", ReceiptMode::ranges).has_error());
    CHECK(parse_receipt(head.substr(0, head.size() - 9) + R"("slow","held":[[1,2]]})", ReceiptMode::ranges).has_error());
    CHECK(parse_receipt(head + R"("held":[[1,2]]})", ReceiptMode::puback).has_error());
    CHECK(parse_receipt(head + R"("through":2})", ReceiptMode::ranges).has_error());
    CHECK(parse_receipt(head + R"("held":[[1,2]],"x":")" + std::string(receipt_bytes_max, 'x') + "\"}", ReceiptMode::ranges).has_error());
}

TEST_CASE("W7: a platform's reason is cut, whole characters only") {
    std::string long_reason;
    for (int i = 0; i < 100; ++i) long_reason += "拒";
    const auto receipt = parse_receipt(head + R"("refused":[{"position":7,"reason":")" + long_reason + R"("}]})", ReceiptMode::ranges);
    REQUIRE(receipt.has_value());
    CHECK(receipt->refused[0].reason.size() == 198);
}

TEST_CASE("a set of ranges merges what touches and forgets from below") {
    RangeSet set;
    set.add({5, 6});
    set.add({1, 2});
    set.add({3, 4});
    CHECK(set.size() == 1);
    set.add({10, 20});
    set.add({8, 30});
    CHECK(set.size() == 2);
    CHECK(set.holds(6));
    CHECK_FALSE(set.holds(7));
    CHECK(set.holds(30));
    set.forget_through(9);
    CHECK_FALSE(set.holds(9));
    CHECK(set.holds(10));
    set.add({UINT64_MAX, UINT64_MAX});
    set.add({1, UINT64_MAX});
    CHECK(set.size() == 1);
    RangeSet endless; // what lies inside of a range that ends with the last number of all is part of it
    endless.add({1, UINT64_MAX});
    endless.add({3, 9});
    CHECK(endless.size() == 1);
    CHECK(endless.holds(12));
    RangeSet bounded;
    for (std::uint64_t i = 0; i < receipt_ranges_max + 100; ++i) bounded.add({i * 2 + 1, i * 2 + 1});
    CHECK(bounded.size() == receipt_ranges_max);
    CHECK(bounded.holds(1));
}
