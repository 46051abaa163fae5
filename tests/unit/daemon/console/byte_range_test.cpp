// SPDX-License-Identifier: Apache-2.0
#include "daemon/console/inside/byte_range.hpp"

#include <doctest/doctest.h>

#include <vector>

TEST_CASE("byte ranges: one range as RFC 9110 has it, and what is none is not asked for") {
    using namespace gatehouse::console::inside;
    struct Row {
        std::string_view header;
        RangeAsked asked;
        std::uint64_t from, to;
    };
    for (const auto& row : std::vector<Row>{{"bytes=0-0", RangeAsked::part, 0, 1},
                                            {"bytes=0-99", RangeAsked::part, 0, 100},
                                            {"bytes=0-1000", RangeAsked::part, 0, 100},
                                            {"bytes=40-", RangeAsked::part, 40, 100},
                                            {"bytes=-40", RangeAsked::part, 60, 100},
                                            {"bytes=-400", RangeAsked::part, 0, 100},
                                            {"Bytes=5-6", RangeAsked::part, 5, 7},
                                            {"bytes=99-18446744073709551615", RangeAsked::part, 99, 100},
                                            {"bytes=100-", RangeAsked::nothing, 0, 0},
                                            {"bytes=99999999999999999999999-", RangeAsked::nothing, 0, 0},
                                            {"bytes=-0", RangeAsked::nothing, 0, 0},
                                            {"", RangeAsked::whole, 0, 0},
                                            {"bytes=", RangeAsked::whole, 0, 0},
                                            {"bytes=-", RangeAsked::whole, 0, 0},
                                            {"bytes=6-5", RangeAsked::whole, 0, 0},
                                            {"bytes=0-1,3-4", RangeAsked::whole, 0, 0},
                                            {"bytes=a-b", RangeAsked::whole, 0, 0},
                                            {"bytes=+1-2", RangeAsked::whole, 0, 0},
                                            {"seconds=1-2", RangeAsked::whole, 0, 0}}) {
        ByteRange range;
        CHECK_MESSAGE(read_range(row.header, 100, range) == row.asked, row.header);
        if (row.asked == RangeAsked::part) CHECK_MESSAGE((range.from == row.from && range.to == row.to), row.header);
    }
}
