// SPDX-License-Identifier: Apache-2.0
//
// The resource library over its routes: who sees whom, what the audit trail says of it, and that nobody overwrites another.
#include "daemon/console/target.hpp"
#include "daemon/registry/sheet/table.hpp"
#include "tests/unit/daemon/console/office.hpp"

using namespace gatehouse;
using namespace gatehouse::console;

namespace {

constexpr auto the_manager = auth::Role::manager;

struct Residents {
    Residents() {
        registry::Place home;
        home.id = "home-1";
        home.kind = "home";
        home.name = "1-101";
        REQUIRE(office.world.await(office.registry->put_place(home, registry::By{"manager", ""})).has_value());
        person = add("persons", {{"name", "甄隐士"}, {"category", "resident"}, {"phone", "13955556666"}, {"document_number", "11010519491231002X"}});
        add("residences", {{"person", person}, {"home", "home-1"}, {"relation", "owner"}});
        lease = add("leases", {{"home", "home-1"}, {"tenant", person}, {"lessor", "贾雨村"}, {"from", "2026-01-01"}, {"to", "2026-12-31"}});
        vehicle = add("vehicles", {{"plate", "浙A77777"}, {"owner", person}});
        visit = add("visits", {{"name", "封肃"},
                               {"home", "home-1"},
                               {"purpose", "friends"},
                               {"from", "2026-01-01T08:00:00Z"},
                               {"to", "2026-01-01T18:00:00Z"},
                               {"state", "expected"},
                               {"plate", "浙B66666"}});
        doors = add("door-groups", {{"name", "大门"}, {"doors", "door-1"}});
        credential = add("credentials", {{"person", person}, {"kind", "card"}, {"number", "55443322"}, {"doors", doors}});
    }
    net::HttpResponse post(Asker asker, const std::string& plural, json::object fields) {
        json::object body;
        body["fields"] = std::move(fields);
        return office.ask(asker, "POST", "/api/v1/" + plural, json::serialize(body));
    }
    std::string add(const std::string& plural, json::object fields) {
        const auto answer = post(the_manager, plural, std::move(fields));
        REQUIRE_MESSAGE(answer.status == 201, answer.body);
        return std::string(parse_json(answer.body)->as_object().at("id").as_string());
    }
    net::HttpResponse put(const std::string& target, json::object fields, net::Headers headers = {}) {
        json::object body;
        body["fields"] = std::move(fields);
        return office.ask(the_manager, "PUT", target, json::serialize(body), std::move(headers));
    }
    std::size_t count_of(Kind kind) {
        std::size_t count = 0;
        for (const auto& record : office.world.all()) count += record.kind == kind;
        return count;
    }
    Office office;
    std::string person, lease, vehicle, visit, doors, credential;
};

constexpr std::array canaries{std::string_view("甄隐士"), std::string_view("13955556666"), std::string_view("11010519491231002X"),
                              std::string_view("贾雨村"), std::string_view("浙A77777"),    std::string_view("浙B66666"),
                              std::string_view("封肃"),   std::string_view("55443322"),    std::string_view("139****6666"),
                              std::string_view("554*")};

} // namespace

TEST_CASE("library routes: who may not see persons sees 0 personal fields over every route") {
    Residents residents;
    auto& office = residents.office;
    std::size_t asked = 0, seen = 0;
    for (const auto& route : all_routes()) {
        if (name_of(route.verb) != "GET" || route.pattern == "/api/v1/live") continue;
        for (const auto& id : {residents.person, residents.lease, residents.vehicle, residents.visit, residents.credential}) {
            std::string path(route.pattern);
            for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"{id}", "door-1"},
                                                                                              {"{row}", id},
                                                                                              {"{class}", "persons"},
                                                                                              {"{position}", "8"},
                                                                                              {"{name}", "district"},
                                                                                              {"{sha256}", std::string(64, 'a')}})
                if (const auto at = path.find(name); at != std::string::npos) path.replace(at, name.size(), value);
            for (const auto role : {technician, auth::Role::officer, auditor, machine_role}) {
                const auto answer = office.get(role, path);
                ++asked;
                for (const auto canary : canaries) CHECK_MESSAGE(answer.body.find(canary) == std::string::npos, path << ": " << canary);
            }
            const auto shown = office.get(guard, path);
            for (const auto canary : canaries) seen += shown.body.find(canary) != std::string::npos;
        }
    }
    CHECK(asked > 1000);
    CHECK(seen > 10); // and they were there to be seen
}

TEST_CASE("library routes: numbers are masked in lists, in full for a stated purpose, and each reading is in the audit trail") {
    Residents residents;
    auto& office = residents.office;
    const auto before = residents.count_of(Kind::audit_read);
    const auto list = office.get(guard, "/api/v1/persons");
    CHECK(list.status == 200);
    CHECK(list.body.find("甄隐士") != std::string::npos);
    CHECK(list.body.find("139****6666") != std::string::npos);
    CHECK(list.body.find("13955556666") == std::string::npos);
    CHECK(residents.count_of(Kind::audit_read) == before + 1);
    CHECK(office.get(guard, "/api/v1/persons?reveal=true").status == 400);
    const auto open = office.get(guard, "/api/v1/persons/" + residents.person + "?reveal=true&purpose=lost%20child");
    CHECK(open.body.find("13955556666") != std::string::npos);
    CHECK(residents.count_of(Kind::audit_read) == before + 2);
    const auto last = office.world.all().back();
    CHECK(last.facts.find("lost child") != std::string::npos);
    CHECK(last.facts.find("13955556666") == std::string::npos);
    CHECK(office.get(guard, "/api/v1/persons?field=phone&value=139-5555-6666").body.find(residents.person) != std::string::npos);
    CHECK(office.get(guard, "/api/v1/persons?field=phone&value=139-5555-6667").body.find(residents.person) == std::string::npos);
}

TEST_CASE("library routes: when the audit trail cannot be written nobody is shown") {
    Residents residents;
    auto& office = residents.office;
    office.break_disk();
    for (const auto& path :
         {std::string("/api/v1/persons"), "/api/v1/persons/" + residents.person, "/api/v1/persons/" + residents.person + "/versions",
          "/api/v1/persons/" + residents.person + "/about", std::string("/api/v1/exports/persons")}) {
        const auto answer = office.get(the_manager, path);
        CHECK_MESSAGE(answer.status >= 500, path << answer.status);
        CHECK(answer.body.find("甄隐士") == std::string::npos);
    }
}

TEST_CASE("library routes: a change of what was changed meanwhile is 412, flaws are named at their fields, versions stay readable") {
    Residents residents;
    auto& office = residents.office;
    const auto path = "/api/v1/persons/" + residents.person;
    const std::string tag(net::header(office.get(the_manager, path).headers, "ETag"));
    const json::object renamed{{"name", "甄士隐"}, {"category", "resident"}};
    CHECK(residents.put(path, renamed, {{"If-Match", tag}}).status == 200);
    CHECK(residents.put(path, renamed, {{"If-Match", tag}}).status == 412);
    CHECK(office.ask(the_manager, "DELETE", path, {}, {{"If-Match", tag}}).status == 412);
    CHECK(office.get(the_manager, path + "?version=1").body.find("甄隐士") != std::string::npos);
    CHECK(office.get(the_manager, path).body.find("甄士隐") != std::string::npos);
    const auto bad = residents.post(the_manager, "persons", {{"name", "某"}, {"category", "x"}, {"phone", "1"}});
    CHECK(bad.status == 400);
    CHECK(bad.body.find("not_a_phone") != std::string::npos);
    CHECK(bad.body.find("不在可选范围内") != std::string::npos);
    CHECK(residents.post(the_manager, "vehicles", {{"plate", "浙A77777"}}).status == 409);
    CHECK(residents
              .post(machine_role, "visits",
                    {{"name", "客"},
                     {"home", "home-1"},
                     {"purpose", "delivery"},
                     {"from", "2026-01-01T08:00:00Z"},
                     {"to", "2026-01-01T09:00:00Z"},
                     {"state", "expected"}})
              .status == 201);
    CHECK(office.get(the_manager, "/api/v1/things/" + residents.person).status == 404);
}

TEST_CASE("library routes: pages hold each entry once") {
    Residents residents;
    for (int i = 0; i < 7; ++i) residents.add("organisations", {{"name", "商铺" + std::to_string(i)}, {"kind", "shop"}});
    std::set<std::string> ids;
    std::string next;
    for (int page = 0; page < 10; ++page) {
        const auto answer = residents.office.get_object(the_manager, "/api/v1/organisations?limit=3" + (next.empty() ? "" : "&beyond=" + next));
        for (const auto& entry : answer.at("entries").as_array()) CHECK(ids.insert(std::string(entry.as_object().at("id").as_string())).second);
        if (!answer.at("next").is_string()) break;
        next = std::string(answer.at("next").as_string());
    }
    CHECK(ids.size() == 7);
}

TEST_CASE("library routes: a table is looked at, imported and undone, an export comes as asked, a person is erased") {
    Residents residents;
    auto& office = residents.office;
    const std::string table = "姓名,电话,人员类别\n张三,13811112222,常住\n李四,123,常住\n";
    const auto dry = office.ask(the_manager, "POST", "/api/v1/imports?class=persons&dry_run=true", table);
    REQUIRE_MESSAGE(dry.status == 200, dry.body);
    const auto report = parse_json(dry.body)->as_object();
    CHECK(report.at("good") == 1);
    REQUIRE(report.at("faults").as_array().size() == 1);
    CHECK(report.at("faults").as_array()[0].as_object().at("row") == 3);
    CHECK(office.get(the_manager, "/api/v1/persons").body.find("张三") == std::string::npos);
    const auto done = office.ask(the_manager, "POST", "/api/v1/imports?class=persons", table);
    const auto import = std::string(parse_json(done.body)->as_object().at("id").as_string());
    CHECK(office.get(the_manager, "/api/v1/persons").body.find("张三") != std::string::npos);
    const auto exported = office.get(the_manager, "/api/v1/exports/persons?format=csv_gb18030");
    REQUIRE(registry::sheet::read_table(exported.body).has_value());
    CHECK(registry::sheet::read_table(exported.body)->rows.size() == 2);
    CHECK(office.ask(the_manager, "DELETE", "/api/v1/imports/" + import).status == 200);
    CHECK(office.get(the_manager, "/api/v1/persons").body.find("张三") == std::string::npos);
    CHECK(office.ask(admin, "POST", "/api/v1/persons/" + residents.person + "/erase", R"({"order":"order 9"})").status == 200);
    CHECK(office.get(the_manager, "/api/v1/persons/" + residents.person).status == 404);
    for (const auto* text : {"甄隐士", "13955556666", "浙A77777", "55443322"}) CHECK_FALSE(office.world.disk.holds(text));
}
