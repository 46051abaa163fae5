// SPDX-License-Identifier: Apache-2.0
//
// Devices over the API: changes that do not run over each other, doors that open once, coverage; probes and figures.
#include "tests/unit/daemon/console/office.hpp"

using namespace gatehouse;
using namespace gatehouse::console;
using namespace std::chrono_literals;

namespace {

std::string body_with(const std::string& name) { return R"({"driver":"isapi","address":"192.168.50.31","port":80,"name":")" + name + "\"}"; }

/// Both requests are under way at once.
std::pair<net::HttpResponse, net::HttpResponse> ask_both(Office& office, net::HttpRequest one, net::HttpRequest other) {
    std::optional<net::HttpResponse> first, second;
    office.world.loop.spawn("one", store::keep_answer<net::HttpResponse>(office.console->handler()(std::move(one)), first));
    office.world.loop.spawn("other", store::keep_answer<net::HttpResponse>(office.console->handler()(std::move(other)), second));
    office.world.clock.run_for(1min);
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    return {*first, *second};
}

std::vector<std::string> spans_of(const json::object& answer) {
    std::vector<std::string> spans;
    for (const auto& span : answer.at("spans").as_array()) {
        const auto from = parse_time(std::string(span.at("from").as_string())).value(),
                   to = parse_time(std::string(span.at("to").as_string())).value();
        std::string text(span.at("state").as_string());
        text += " " + std::to_string(std::chrono::duration_cast<std::chrono::minutes>(to - from).count());
        if (span.as_object().contains("cause")) text += " " + std::string(span.at("cause").as_string());
        if (span.as_object().contains("lost")) text += " " + std::to_string(span.at("lost").to_number<int>());
        spans.push_back(std::move(text));
    }
    return spans;
}

Record own(Office& office, Kind kind, const std::string& source, json::object facts = {}) {
    Record record;
    record.kind = kind;
    record.heard_at = office.world.clock.now();
    record.source = source;
    record.facts = std::move(facts);
    return record;
}

} // namespace

TEST_CASE("devices: a change of what was changed meanwhile is refused with 412, also when both come at once") {
    Office office;
    office.register_device();
    const auto read = office.get(technician, "/api/v1/devices/door-1");
    const std::string tag(net::header(read.headers, "ETag"));
    REQUIRE(tag.size() > 2);
    CHECK(read.body.find("Gate-2024!") == std::string::npos);
    const auto changed = office.ask(technician, "PUT", "/api/v1/devices/door-1", body_with("南门"), {{"If-Match", tag}});
    CHECK(changed.status == 200);
    CHECK(net::header(changed.headers, "ETag") != tag);
    const auto head = office.world.store->head().position;
    const auto outdated = office.ask(technician, "PUT", "/api/v1/devices/door-1", body_with("北门"), {{"if-match", tag}});
    CHECK(outdated.status == 412);
    CHECK(outdated.body.find("urn:gatehouse:problem:outdated") != std::string::npos);
    CHECK(net::header(outdated.headers, "ETag") == net::header(changed.headers, "ETag"));
    CHECK(office.ask(technician, "DELETE", "/api/v1/devices/door-1", "", {{"If-Match", tag}}).status == 412);
    for (const auto* bad : {"", "x", "\"x", "W/", "\"a\" \"b\"", "\"a\",", "*, \"a\""})
        CHECK_MESSAGE(office.ask(technician, "PUT", "/api/v1/devices/door-1", body_with("北门"), {{"If-Match", bad}}).status == 400, bad);
    const std::string now(net::header(changed.headers, "ETag"));
    CHECK(office.ask(technician, "DELETE", "/api/v1/devices/door-1", "", {{"If-Match", "W/" + now}}).status == 412); // weak never fits
    CHECK(office.world.store->head().position == head);
    CHECK(office.registry->devices().at("door-1").name == "南门");
    CHECK(office.registry->devices().at("door-1").info.password == "Gate-2024!"); // not sent, so it stays

    const auto [one, other] =
        ask_both(office, Office::request(technician, "PUT", "/api/v1/devices/door-1", body_with("东门"), {{"If-Match", now}}),
                 Office::request(technician, "PUT", "/api/v1/devices/door-1", body_with("西门"), {{"If-Match", "\"other\", " + now}}));
    CHECK(one.status + other.status == 200 + 412);
    CHECK(office.ask(technician, "PUT", "/api/v1/devices/door-1", body_with("门"), {{"If-Match", "*"}}).status == 200);
    CHECK(office.ask(technician, "PUT", "/api/v1/devices/door-1", R"({"id":"door-2","driver":"isapi","address":"a","port":80})").status == 400);
    CHECK(office.ask(technician, "DELETE", "/api/v1/devices/door-1").status == 204);
    CHECK(office.ask(technician, "DELETE", "/api/v1/devices/door-1").status == 404);
}

TEST_CASE("devices: two registrations of one id at once: one is, one is told") {
    Office office;
    const std::string body = R"({"id":"cam-1","driver":"isapi","address":"10.0.0.9","port":80,"name":")";
    const auto [one, other] = ask_both(office, Office::request(technician, "POST", "/api/v1/devices", body + "a\"}"),
                                       Office::request(technician, "POST", "/api/v1/devices", body + "b\"}"));
    CHECK(one.status + other.status == 201 + 409);
}

TEST_CASE("doors: the same key within ten seconds opens once and hears the same answer; without a key each request opens") {
    Office office;
    office.register_device();
    const auto open = [&](const net::Headers& headers, const std::string& body = R"({"door":1})", Asker who = guard) {
        return office.ask(who, "POST", "/api/v1/devices/door-1/open", body, headers);
    };
    const auto first = open({{"Idempotency-Key", "k-1"}});
    CHECK(first.status == 200);
    const auto again = open({{"Idempotency-Key", "k-1"}});
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    CHECK(office.doors.opened == std::vector<std::int64_t>{1});
    CHECK(open({{"Idempotency-Key", "k-1"}}, R"({"door":2})").status == 409);
    CHECK(open({{"Idempotency-Key", "k-2"}}, R"({"door":2})").status == 200);
    CHECK(open({}).status == 200);
    CHECK(open({}).status == 200);
    CHECK(office.doors.opened == std::vector<std::int64_t>{1, 2, 1, 1});
    office.world.clock.run_for(11s);
    CHECK(open({{"Idempotency-Key", "k-1"}}).status == 200);
    CHECK(office.doors.opened.size() == 5);
    for (const auto* bad : {" ", "a b", "\xe6\x9d\x8e"}) CHECK(open({{"Idempotency-Key", bad}}).status == 400);
    CHECK(open({{"Idempotency-Key", std::string(65, 'k')}}).status == 400);
    // A refusal is an answer too: nobody knows whether the door moved.
    office.doors.refuses = true;
    CHECK(open({{"Idempotency-Key", "k-3"}}).status == 409);
    office.doors.refuses = false;
    CHECK(open({{"Idempotency-Key", "k-3"}}).status == 409);
    CHECK(office.doors.opened.size() == 6);
}

TEST_CASE("doors: a repeat while the first is under way opens nothing, and keys are remembered within a bound") {
    Office office;
    office.register_device();
    office.doors.takes = 2s;
    const net::Headers key{{"Idempotency-Key", "k-1"}};
    const auto [one, other] = ask_both(office, Office::request(guard, "POST", "/api/v1/devices/door-1/open", R"({"door":1})", key),
                                       Office::request(guard, "POST", "/api/v1/devices/door-1/open", R"({"door":1})", key));
    CHECK(one.status == 200);
    CHECK(other.status == 503);
    CHECK(office.doors.opened.size() == 1);
    office.doors.takes = Duration::zero();
    int full = 0;
    for (int i = 0; i < 300; ++i)
        full +=
            office.ask(guard, "POST", "/api/v1/devices/door-1/open", R"({"door":1})", {{"Idempotency-Key", "n" + std::to_string(i)}}).status == 429;
    CHECK(full == 300 - 256);
    CHECK(office.doors.opened.size() == 1 + 256);
}

TEST_CASE("doors: opening waits for no disk, and asked and done are in the log afterwards") {
    Office office;
    office.register_device();
    CHECK(office.ask(guard, "POST", "/api/v1/devices/door-1/open", R"({"door":1})").status == 200);
    office.world.clock.run_for(1s);
    const auto records = office.world.all();
    REQUIRE(records.size() >= 2);
    CHECK(records[records.size() - 2].kind == Kind::command_asked);
    CHECK(records.back().kind == Kind::command_done);
    office.break_disk();
    CHECK(office.ask(guard, "POST", "/api/v1/devices/door-1/open", R"({"door":1})").status == 200);
    CHECK(office.ask(guard, "POST", "/api/v1/devices/nothing/open", R"({"door":1})").status == 404);
}

TEST_CASE("coverage: the route tells an outage, what was recovered of it, and a gap with its count") {
    Office office;
    office.register_device();
    office.statuses["door-1"].state = drivers::DeviceStatus::State::online;
    office.world.clock.run_for(10min);
    office.world.must_append(own(office, Kind::device_online, "door-1"));
    office.world.clock.run_for(20min);
    office.world.must_append(office.world.keyed(1, "door-1"));
    office.world.clock.run_for(10min);
    const auto silent_since = to_text(office.world.clock.now());
    office.world.clock.run_for(1min);
    office.world.must_append(own(office, Kind::device_offline, "door-1", {{"cause", "timed out"}, {"silent_since", silent_since}}));
    const auto lost_from = office.world.clock.now();
    office.world.clock.run_for(29min);
    CHECK(spans_of(office.get_object(technician, "/api/v1/devices/door-1/coverage?from=" + to_text(lost_from - 41min))) ==
          std::vector<std::string>{"unknown 10 never_heard", "covered 30", "unknown 30 offline"});
    office.world.must_append(own(office, Kind::device_online, "door-1"));
    auto recovered = office.world.keyed(2, "door-1");
    recovered.happened_at = lost_from + 10min;
    recovered.facts["recovered"] = true;
    office.world.must_append(std::move(recovered));
    office.world.clock.run_for(5min);
    office.world.must_append(office.world.keyed(3, "door-1"));
    const auto target = "/api/v1/devices/door-1/coverage?from=" + to_text(lost_from - 41min);
    auto answer = office.get_object(technician, target);
    CHECK(spans_of(answer) == std::vector<std::string>{"unknown 10 never_heard", "covered 30", "recovered 30", "covered 5"});
    CHECK(answer.at("source") == "door-1");
    CHECK(answer.at("covered_s") == 35 * 60);
    CHECK(answer.at("recovered_s") == 30 * 60);
    CHECK(answer.at("unknown_s") == 10 * 60);
    CHECK(answer.at("complete") == true);
    CHECK(answer.at("next").is_null());
    office.world.must_append(own(office, Kind::gap, "door-1",
                                 {{"of", "door-1"},
                                  {"cause", "overwritten"},
                                  {"count", 4},
                                  {"count_known", true},
                                  {"from", to_text(lost_from)},
                                  {"to", to_text(lost_from + 10min)}}));
    office.world.must_append(own(office, Kind::gap, "cam-9", {{"of", "cam-9"}, {"cause", "of another"}, {"count", 1}, {"count_known", true}}));
    CHECK(spans_of(office.get_object(technician, target)) ==
          std::vector<std::string>{"unknown 10 never_heard", "covered 30", "recovered 1", "unknown 10 overwritten 4", "recovered 19", "covered 5"});
    // Killed: no gateway.stopped. What another device said last is the gateway's last sign of life.
    office.world.clock.run_for(5min);
    office.world.must_append(office.world.pass("cam-9"));
    office.world.clock.run_for(5min);
    office.world.must_append(own(office, Kind::gateway_started, "gateway", {{"cause", "start"}}));
    office.world.clock.run_for(5min);
    CHECK(spans_of(office.get_object(technician, "/api/v1/devices/door-1/coverage?from=" + to_text(office.world.clock.now() - 15min))) ==
          std::vector<std::string>{"covered 5", "unknown 10 gateway_killed"});
    office.world.must_append(own(office, Kind::device_online, "door-1"));
    office.world.must_append(own(office, Kind::gateway_started, "gateway", {{"cause", "renewed"}})); // a new epoch interrupts nothing
    office.world.clock.run_for(5min);
    CHECK(spans_of(office.get_object(technician, "/api/v1/devices/door-1/coverage?from=" + to_text(office.world.clock.now() - 5min))) ==
          std::vector<std::string>{"covered 5"});
    // Not online by its state, or a disk that takes nothing: not covered, whatever the log says.
    office.statuses["door-1"].state = drivers::DeviceStatus::State::offline;
    office.statuses["door-1"].heard_at = office.world.clock.now() - 2min;
    CHECK(spans_of(office.get_object(technician, "/api/v1/devices/door-1/coverage?from=" + to_text(office.world.clock.now() - 5min))) ==
          std::vector<std::string>{"covered 3", "unknown 2 not_online"});
    office.statuses["door-1"].state = drivers::DeviceStatus::State::online;
    office.world.must_append(own(office, Kind::device_event, "cam-9", {{"code", "x"}}));
    office.break_disk();
    CHECK(office.world.append(office.world.pass("cam-9")).has_error());
    office.world.clock.run_for(5min);
    const auto broken = spans_of(office.get_object(technician, "/api/v1/devices/door-1/coverage?from=" + to_text(office.world.clock.now() - 5min)));
    REQUIRE_FALSE(broken.empty());
    CHECK(broken.back().find("disk") != std::string::npos);
}

TEST_CASE("coverage: a removed device has a past, an unknown one none; a question has bounds") {
    Office office;
    office.register_device();
    office.world.must_append(own(office, Kind::device_online, "door-1"));
    office.world.clock.run_for(10min);
    CHECK(office.ask(technician, "DELETE", "/api/v1/devices/door-1").status == 204);
    office.world.clock.run_for(10min);
    const auto from = to_text(office.world.clock.now() - 15min);
    CHECK(spans_of(office.get_object(technician, "/api/v1/devices/door-1/coverage?from=" + from)) ==
          std::vector<std::string>{"covered 5", "unknown 10 removed"});
    for (const auto* other : {"nothing", "gateway"})
        CHECK(office.get(technician, "/api/v1/devices/" + std::string(other) + "/coverage").status == 404);
    const auto now = office.world.clock.now();
    for (const auto& query : {"from=" + to_text(now + 1min), "from=" + to_text(now - 1min) + "&to=" + to_text(now - 2min),
                              "from=" + to_text(now - 32 * 24h), std::string("from=x"), std::string("limit=1")})
        CHECK_MESSAGE(office.get(technician, "/api/v1/devices/door-1/coverage?" + query).status == 400, query);
    const auto future = office.get_object(technician, "/api/v1/devices/door-1/coverage?to=" + to_text(now + 240h));
    CHECK(std::string(future.at("to").as_string()) == to_text(now));
    CHECK(std::string(future.at("from").as_string()) == to_text(now - 24h));
}

TEST_CASE("coverage: a device that comes and goes all the time is told in pages") {
    Office office;
    office.register_device();
    office.statuses["door-1"].state = drivers::DeviceStatus::State::online;
    const auto from = office.world.clock.now();
    for (int i = 0; i < 1200; ++i) {
        office.world.clock.run_for(10s);
        office.world.must_append(own(office, Kind::device_online, "door-1"));
        office.world.clock.run_for(10s);
        office.world.must_append(own(office, Kind::device_offline, "door-1", {{"cause", "x"}}));
    }
    office.world.clock.run_for(10s);
    auto target = "/api/v1/devices/door-1/coverage?from=" + to_text(from);
    std::size_t spans = 0;
    std::int64_t seconds = 0, pages = 0;
    for (;;) {
        const auto page = office.get_object(technician, target);
        ++pages;
        spans += page.at("spans").as_array().size();
        for (const auto* sum : {"covered_s", "recovered_s", "unknown_s"}) seconds += page.at(sum).to_number<std::int64_t>();
        CHECK(page.at("spans").as_array().size() <= 2000);
        if (page.at("next").is_null()) break;
        target = "/api/v1/devices/door-1/coverage?from=" + std::string(page.at("next").as_string());
    }
    CHECK(pages == 2);
    CHECK(spans >= 2400);
    CHECK(seconds == 1200 * 20 + 10);
}

TEST_CASE("probes: alive always, ready only while records can be stored; figures say so too") {
    Office office;
    CHECK(office.get(nobody, "/livez").status == 200);
    CHECK(office.get(nobody, "/readyz").status == 200);
    CHECK(office.get(machine_role, "/metrics").body.find("gatehouse_disk_sound 1\n") != std::string::npos);
    office.break_disk();
    CHECK(office.world.append(office.world.pass()).has_error());
    CHECK(office.get(nobody, "/livez").status == 200);
    CHECK(office.get(nobody, "/readyz").status == 503);
    CHECK(office.get(machine_role, "/metrics").body.find("gatehouse_disk_sound 0\n") != std::string::npos);
    office.mend_disk();
    office.world.clock.run_for(2min);
    CHECK(office.get(nobody, "/readyz").status == 200);
}

TEST_CASE("metrics: Prometheus' text format: each family once, with its type, one line for each set of labels") {
    Office office;
    office.register_device();
    office.statuses["door-1"].clock_offset_us = -1'500'000;
    office.statuses["cam-1"].events = 7;
    office.upstream.state.name = "di\"st\\rict\n2";
    office.upstream.state.lanes.resize(1);
    office.get(nobody, "/api/v1/status");
    office.get(guard, "/nothing");
    const auto answer = office.get(machine_role, "/metrics");
    CHECK(net::header(answer.headers, "content-type") == "text/plain; version=0.0.4; charset=utf-8");
    std::string_view left = answer.body;
    REQUIRE(left.ends_with("\n"));
    std::set<std::string> families, lines;
    std::string family;
    while (!left.empty()) {
        const std::string line(left.substr(0, left.find('\n')));
        left.remove_prefix(line.size() + 1);
        if (line.starts_with("# HELP ")) {
            family = line.substr(7, line.find(' ', 7) - 7);
            CHECK_MESSAGE(families.insert(family).second, family);
            CHECK(family.starts_with("gatehouse_"));
            continue;
        }
        if (line.starts_with("# TYPE ")) {
            const bool is_known = line == "# TYPE " + family + " counter" || line == "# TYPE " + family + " gauge";
            CHECK_MESSAGE(is_known, line);
            continue;
        }
        const auto end = line.find_first_of("{ ");
        CHECK_MESSAGE(line.substr(0, end) == family, line);
        const auto space = line.rfind(' ');
        CHECK_MESSAGE(lines.insert(line.substr(0, space)).second, line);
        char* stopped = nullptr;
        const std::string number = line.substr(space + 1);
        std::strtod(number.c_str(), &stopped);
        CHECK_MESSAGE(*stopped == '\0', line);
        CHECK_MESSAGE(line.find('\t') == std::string::npos, line);
    }
    for (const auto* wanted :
         {"gatehouse_build_info{version=\"1.2.3\"} 1\n", "gatehouse_device_events_total{device=\"cam-1\"} 7\n",
          "gatehouse_device_clock_offset_seconds{device=\"door-1\"} -1.5\n", "gatehouse_upstream_online{upstream=\"di\\\"st\\\\rict\\n2\"} 0\n",
          "gatehouse_console_answers_total{status=\"401\"} 1\n", "gatehouse_console_answers_total{status=\"404\"} 1\n",
          "gatehouse_console_refused_total 1\n", "gatehouse_console_live_feeds 0\n", "gatehouse_console_resyncs_total 0\n"})
        CHECK_MESSAGE(answer.body.find(wanted) != std::string::npos, wanted);
}

TEST_CASE("password of a device: asked for and outcome in the audit trail, told to nobody, and one at a time") {
    Office office;
    office.register_device();
    std::vector<std::string> rotated;
    Result<int> outcome = 1;
    auto more = office.parts();
    more.rotate_password = [&](std::string device, registry::By by) -> Task<Done> {
        rotated.push_back(device + " " + by.role);
        if (!outcome) co_return std::move(outcome).error();
        co_return Done();
    };
    office.console = std::make_unique<Console>(std::move(more), [&](std::uint32_t gid) { return office.group_names[gid]; });
    const auto answer = office.ask(technician, "POST", "/api/v1/devices/door-1/password");
    CHECK(answer.status == 200);
    CHECK(answer.body.find("done") != std::string::npos);
    CHECK(rotated == std::vector<std::string>{"door-1 technician"});
    outcome = Error(Fault::refused, "the old password stands: not this way");
    CHECK(office.ask(technician, "POST", "/api/v1/devices/door-1/password").status >= 400);
    CHECK(office.ask(technician, "POST", "/api/v1/devices/nobody/password").status == 404);
    CHECK(office.ask(guard, "POST", "/api/v1/devices/door-1/password").status == 403);
    CHECK(rotated.size() == 2);
    std::string outcomes;
    for (const auto& record : office.world.all())
        if (record.kind == Kind::audit_changed && record.facts.find("password of device door-1") != std::string::npos)
            outcomes += std::string(parse_json(record.facts)->as_object().at("outcome").as_string()) + " ";
    CHECK(outcomes == "asked done asked refused ");
    office.console.reset();
}

TEST_CASE("device: who changes another field leaves a password change that is half done as it is") {
    Office office;
    office.register_device();
    auto both = office.registry->devices().at("door-1");
    both.info.password = "old-one";
    both.next_password = "new-one";
    both.password_is_ours = true;
    REQUIRE(office.world.await(office.registry->put_device(std::move(both), registry::By{"admin", ""})).has_value());
    const auto answer = office.get(technician, "/api/v1/devices/door-1");
    CHECK(answer.body.find("half_done") != std::string::npos);
    CHECK(answer.body.find("new-one") == std::string::npos);
    const auto tag = std::string(net::header(answer.headers, "ETag"));
    const auto put = office.ask(technician, "PUT", "/api/v1/devices/door-1",
                                R"({"driver":"isapi","address":"192.168.50.99","port":80,"name":"moved"})", {{"If-Match", tag}});
    REQUIRE_MESSAGE(put.status == 200, put.body);
    CHECK(office.registry->devices().at("door-1").next_password == "new-one");
    CHECK(office.registry->devices().at("door-1").info.password == "old-one");
    CHECK(office.registry->devices().at("door-1").password_is_ours);
}
