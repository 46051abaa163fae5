// SPDX-License-Identifier: Apache-2.0
#include "daemon/app/event_codes.hpp"

#include "tests/harness/temp_dir.hpp"
#include "tests/paths.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::app;

TEST_CASE("event codes: a code that is added to the file gets its kind, and the shipped file says what the driver has built in") {
    const harness::TempDir folder("events");
    harness::write_file(folder / "isapi.toml",
                        "access = [{ major = 5, first = 4000, last = 4009, kind = \"door.forced\", code = \"pried\" }]\n"
                        "smart = [{ event = \"catOnRoof\", began = \"alarm.raised\", ended = \"alarm.cleared\", code = \"cat\" }]\n");
    const auto table = read_isapi_events(folder.path().string(), config::Language::en);
    REQUIRE(table);
    const auto* access = table->access_row(5, 4003);
    REQUIRE(access != nullptr);
    CHECK(access->kind == Kind::door_forced);
    CHECK(access->code == "pried");
    const auto* smart = table->smart_row("catonroof");
    REQUIRE(smart != nullptr);
    CHECK(smart->began == Kind::alarm_raised);
    CHECK(smart->ended == Kind::alarm_cleared);
    CHECK(table->access_row(5, 1) == nullptr); // the file stands for the whole table

    const auto shipped = read_isapi_events(tests::source_path("config/events"), config::Language::zh);
    REQUIRE(shipped);
    const auto own = drivers::isapi::built_in_events();
    REQUIRE(shipped->access.size() == own.access.size());
    REQUIRE(shipped->smart.size() == own.smart.size());
    for (std::size_t i = 0; i < own.access.size(); ++i) CHECK(shipped->access[i].kind == own.access[i].kind);
    for (std::size_t i = 0; i < own.smart.size(); ++i) CHECK(shipped->smart[i].ended == own.smart[i].ended);
}

TEST_CASE("event codes: no file and a flawed file leave the table in use") {
    const harness::TempDir folder("events");
    CHECK_FALSE(read_isapi_events(folder.path().string(), config::Language::en));
    harness::write_file(folder / "isapi.toml", "access = [{ major = 5, first = 1, kind = \"pass.maybe\" }]\n");
    CHECK_FALSE(read_isapi_events(folder.path().string(), config::Language::en));
}
