// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/user_check.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("a locked account says for how long") {
    const auto check = decode_user_check(golden("user_check_locked.xml"));
    REQUIRE(check.has_value());
    CHECK(check->locked);
    CHECK(check->unlock_after == 1742s);
    const auto open = decode_user_check(replaced(golden("user_check_locked.xml"), ">lock<", ">unlock<"));
    REQUIRE(open.has_value());
    CHECK(!open->locked);
    CHECK(decode_user_check("<html/>").has_error());
}
