// SPDX-License-Identifier: Apache-2.0
//
// Every JSON decoder of drivers/isapi on the same bytes; alerts go on to records.
#include "drivers/isapi/access_controller_event.hpp"
#include "drivers/isapi/acs_event_search.hpp"
#include "drivers/isapi/response_status.hpp"
#include "drivers/isapi/user_check.hpp"
#include "tests/fuzz/isapi_intake.hpp"
#include "tests/fuzz/targets.hpp"

namespace gatehouse::fuzz {

using namespace drivers::isapi;

void isapi_json(std::string_view bytes) {
    constexpr std::chrono::minutes beijing = std::chrono::hours(8);
    if (auto alert = decode_access_controller_event(bytes, beijing)) {
        must_hold(!alert->event.empty(), "an alert has an event");
        take_in(Arrival{std::move(*alert), {}}, Way::push);
    }
    if (auto page = decode_acs_event_page(bytes, beijing)) {
        must_hold(page->rows.size() + page->unreadable.size() <= bytes.size(), "rows are bounded by what was sent");
        for (auto& row : page->rows) {
            must_hold(row.access && row.access->serial, "a row has its number");
            if (const auto target = picture_target(row.access->picture_url))
                must_hold(target->starts_with('/') && target->find_first_of(" \r\n") == std::string::npos, "a picture is asked of this device alone");
            take_in(Arrival{std::move(row), {}}, Way::search);
        }
    }
    if (const auto status = decode_response_status(bytes)) must_hold(!described(*status).empty(), "a status can be told");
    if (const auto check = decode_user_check(bytes)) must_hold(check->unlock_after.count() >= 0, "nobody is unlocked in the past");
}

} // namespace gatehouse::fuzz
