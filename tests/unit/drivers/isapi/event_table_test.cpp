// SPDX-License-Identifier: Apache-2.0
#include "drivers/isapi/event_table.hpp"

#include "tests/unit/drivers/isapi/world.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::drivers::isapi;
using namespace gatehouse::drivers::isapi::testing;
using namespace std::chrono_literals;

TEST_CASE("every grant of the vendor's pairs is a grant here, and nothing else is") {
    const auto table = built_in_events();
    for (std::int64_t major = 0; major <= 6; ++major)
        for (std::int64_t minor = 0; minor < 1100; ++minor) {
            const auto* row = table.access_row(major, minor);
            CHECK((row != nullptr && row->kind == Kind::pass_granted) == is_grant(major, minor));
        }
    CHECK(is_grant(5, 75));
    CHECK(!is_grant(5, 76));
    CHECK(!is_grant(3, 75));
}

TEST_CASE("the pairs of the table, by their meaning") {
    const auto table = built_in_events();
    struct Row {
        std::int64_t major, minor;
        Kind kind;
        const char *method, *reason;
    };
    for (const auto& row : {Row{5, 1, Kind::pass_granted, "card", "granted"},
                            Row{5, 3, Kind::pass_denied, "card_pin", "wrong_pin"},
                            Row{5, 6, Kind::pass_denied, "card", "no_right"},
                            Row{5, 7, Kind::pass_denied, "card", "outside_time_plan"},
                            Row{5, 8, Kind::pass_denied, "card", "expired"},
                            Row{5, 9, Kind::pass_denied, "card", "unknown_credential"},
                            Row{5, 10, Kind::pass_denied, "card", "anti_passback"},
                            Row{5, 11, Kind::pass_denied, "card", "interlock"},
                            Row{5, 23, Kind::button_pressed, "button", ""},
                            Row{5, 27, Kind::door_forced, "", ""},
                            Row{5, 28, Kind::door_held, "", ""},
                            Row{5, 38, Kind::pass_granted, "fingerprint", "granted"},
                            Row{5, 42, Kind::pass_denied, "card_fingerprint", "timed_out"},
                            Row{5, 60, Kind::pass_granted, "card_face", "granted"},
                            Row{5, 75, Kind::pass_granted, "face", "granted"},
                            Row{5, 76, Kind::pass_denied, "face", "mismatch"},
                            Row{5, 104, Kind::pass_denied, "face", "liveness_failed"},
                            Row{5, 113, Kind::pass_denied, "id_card", "block_list"},
                            Row{1, 1028, Kind::tamper_raised, "", ""},
                            Row{1, 1034, Kind::duress_raised, "", ""},
                            Row{2, 1029, Kind::power_lost, "", ""}}) {
        CAPTURE(row.minor);
        const auto* found = table.access_row(row.major, row.minor);
        REQUIRE(found != nullptr);
        CHECK(found->kind == row.kind);
        CHECK(found->method == row.method);
        CHECK(found->reason == row.reason);
    }
    // One minor, two majors: power on is no remote opening.
    CHECK(table.access_row(2, 1024)->code == "power_on");
    CHECK(table.access_row(3, 1024)->code == "remote_open");
    CHECK(table.access_row(5, 82) == nullptr);
    CHECK(table.smart_row("vmd")->began == Kind::motion_started);
    CHECK(table.smart_row("nothingWeKnow") == nullptr);
}
