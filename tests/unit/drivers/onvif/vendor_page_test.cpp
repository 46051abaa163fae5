// SPDX-License-Identifier: Apache-2.0
#include "drivers/onvif/vendor_page.hpp"
#include "tests/unit/drivers/onvif/golden.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers;
using namespace gatehouse::drivers::onvif;
using namespace gatehouse::drivers::onvif::testing;
using namespace std::chrono_literals;

TEST_CASE("vendor page: not activated, locked, or a camera whose ONVIF is off") {
    CHECK(decode_vendor_page(403, golden("vendor_not_activated.xml")).says == VendorPage::Says::not_activated);
    const auto locked = decode_vendor_page(401, golden("vendor_locked.xml"));
    CHECK(locked.says == VendorPage::Says::locked);
    CHECK(locked.unlocks_in == 1742s);
    const auto bad_log_in = replaced(golden("vendor_not_activated.xml"), "notActivated", "badAuthorization");
    CHECK(decode_vendor_page(401, bad_log_in).says == VendorPage::Says::asks_log_in);
    CHECK(decode_vendor_page(401, replaced(golden("vendor_locked.xml"), ">lock<", ">unlock<")).says == VendorPage::Says::asks_log_in);
    CHECK(decode_vendor_page(401, replaced(golden("vendor_locked.xml"), "isActivated>true", "isActivated>false")).says ==
          VendorPage::Says::not_activated);
    CHECK(decode_vendor_page(401, "<html>Unauthorized").says == VendorPage::Says::asks_log_in);
    CHECK(decode_vendor_page(404, "<html></html>").says == VendorPage::Says::nothing);
    CHECK(decode_vendor_page(404, "").says == VendorPage::Says::nothing);
}
