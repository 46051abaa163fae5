// SPDX-License-Identifier: Apache-2.0
//
// Who may do what, as a table of its own; and what does not fit the route table.
#include "tests/paths.hpp"
#include "tests/unit/daemon/console/office.hpp"

#include "daemon/console/target.hpp"

#include <fstream>
#include <sstream>

using namespace gatehouse;
using namespace gatehouse::console;

namespace {

struct Expected {
    std::string_view route;
    std::string_view roles; ///< blank-separated; "*": whoever can connect
};

// Written by hand, not derived: a permission that changes its meaning shows here.
constexpr std::array expected{
    Expected{"GET /livez", "*"},
    Expected{"GET /readyz", "*"},
    Expected{"GET /api/v1/openapi.yaml", "*"},
    Expected{"GET /api/v1/status", "guard manager technician officer auditor admin machine"},
    Expected{"GET /metrics", "guard manager technician officer auditor admin machine"},
    Expected{"GET /api/v1/identity", "guard manager technician officer auditor admin machine"},
    Expected{"GET /api/v1/check", "manager technician officer admin"},
    Expected{"GET /api/v1/check/plan", "manager technician officer admin"},
    Expected{"POST /api/v1/check/storage", "technician admin"},
    Expected{"GET /api/v1/devices", "manager technician officer admin"},
    Expected{"GET /api/v1/devices/{id}", "manager technician officer admin"},
    Expected{"GET /api/v1/devices/{id}/probe", "manager technician officer admin"},
    Expected{"GET /api/v1/devices/{id}/coverage", "manager technician officer admin"},
    Expected{"GET /api/v1/cameras", "guard manager technician officer auditor admin machine"},
    Expected{"GET /api/v1/cameras/{id}/recordings", "guard manager technician auditor admin"},
    Expected{"GET /api/v1/cameras/{id}/playback.mp4", "manager admin"},
    Expected{"POST /api/v1/cameras/{id}/locks", "manager admin"},
    Expected{"DELETE /api/v1/cameras/{id}/locks/{lock}", "manager admin"},
    Expected{"POST /api/v1/cameras/{id}/export", "manager admin"},
    Expected{"GET /api/v1/cameras/{id}/live", "guard manager admin"},
    Expected{"GET /api/v1/cameras/{id}/snapshot.jpg", "guard manager admin"},
    Expected{"GET /api/v1/cameras/{id}/probe", "technician admin"},
    Expected{"POST /api/v1/cameras/probe", "technician admin"},
    Expected{"GET /api/v1/cameras/{id}/playback", "manager admin"},
    Expected{"GET /api/v1/cameras/{id}/thumbnails", "manager admin"},
    Expected{"GET /api/v1/cameras/{id}/still.jpg", "manager admin"},
    Expected{"GET /api/v1/clips", "manager admin"},
    Expected{"POST /api/v1/clips/{id}/approve", "manager admin"},
    Expected{"POST /api/v1/clips/{id}/refuse", "manager admin"},
    Expected{"POST /api/v1/devices/{id}/password", "technician admin"},
    Expected{"GET /api/v1/places", "manager technician officer admin"},
    Expected{"GET /api/v1/settings", "manager technician officer admin"},
    Expected{"GET /api/v1/upstreams", "manager technician officer auditor admin"},
    Expected{"GET /api/v1/upstreams/{name}/dead", "manager technician officer auditor admin"},
    Expected{"PUT /api/v1/places/{id}", "manager technician admin"},
    Expected{"DELETE /api/v1/places/{id}", "manager technician admin"},
    Expected{"GET /api/v1/homes/{id}", "guard manager admin"},
    Expected{"GET /api/v1/library", "guard manager technician officer auditor admin machine"},
    Expected{"GET /api/v1/persons/{row}/about", "guard manager admin"},
    Expected{"POST /api/v1/persons/{row}/erase", "admin"},
    Expected{"POST /api/v1/imports", "manager admin"},
    Expected{"DELETE /api/v1/imports/{row}", "manager admin"},
    Expected{"GET /api/v1/exports/{class}", "manager admin"},
    Expected{"GET /api/v1/records", "guard manager technician auditor admin"},
    Expected{"GET /api/v1/records/{position}", "guard manager technician auditor admin"},
    Expected{"GET /api/v1/live", "guard manager technician auditor admin"},
    Expected{"GET /api/v1/records/{position}/pictures/{sha256}", "guard manager admin"},
    Expected{"POST /api/v1/devices/{id}/open", "guard manager technician admin"},
    Expected{"POST /api/v1/devices", "technician admin"},
    Expected{"PUT /api/v1/devices/{id}", "technician admin"},
    Expected{"DELETE /api/v1/devices/{id}", "technician admin"},
    Expected{"POST /api/v1/discover", "technician admin"},
    Expected{"GET /api/v1/bundle", "technician admin"},
    Expected{"POST /api/v1/backup", "technician admin"},
    Expected{"POST /api/v1/upstreams/{name}/resend", "technician admin"},
    Expected{"POST /api/v1/log/verify", "technician auditor admin"},
    Expected{"GET /api/v1/audit", "auditor admin"},
    Expected{"POST /api/v1/erase", "admin"},
    Expected{"POST /api/v1/identity/renew", "admin"},
};

constexpr std::string_view people = "guard manager admin", office_only = "manager admin", everybody_but = "guard manager technician officer admin";

struct LibraryRoles {
    std::string_view plural, see, change;
};
constexpr std::array library_roles{
    LibraryRoles{"persons", people, office_only},
    LibraryRoles{"residences", people, office_only},
    LibraryRoles{"leases", people, office_only},
    LibraryRoles{"visits", people, "guard manager admin machine"},
    LibraryRoles{"staff", people, office_only},
    LibraryRoles{"vehicles", people, office_only},
    LibraryRoles{"permits", people, office_only},
    LibraryRoles{"consents", people, office_only},
    LibraryRoles{"credentials", people, office_only},
    LibraryRoles{"things", everybody_but, office_only},
    LibraryRoles{"organisations", everybody_but, office_only},
    LibraryRoles{"time-plans", everybody_but, office_only},
    LibraryRoles{"door-groups", everybody_but, office_only},
};
constexpr std::size_t routes_a_class = 6;

std::string_view roles_for_library(const std::string& route) {
    for (const auto& row : library_roles) {
        const auto path = "/api/v1/" + std::string(row.plural);
        if (route == "GET " + path || route == "GET " + path + "/{row}" || route == "GET " + path + "/{row}/versions") return row.see;
        if (route == "POST " + path || route == "PUT " + path + "/{row}" || route == "DELETE " + path + "/{row}") return row.change;
    }
    return {};
}

std::string_view roles_for(const std::string& route) {
    if (const auto roles = roles_for_library(route); !roles.empty()) return roles;
    const auto found = std::find_if(expected.begin(), expected.end(), [&](const Expected& row) { return row.route == route; });
    return found == expected.end() ? std::string_view() : found->roles;
}

bool is_listed(std::string_view list, std::string_view word) {
    return (" " + std::string(list) + " ").find(" " + std::string(word) + " ") != std::string::npos;
}

std::string filled(std::string_view pattern) {
    std::string path(pattern);
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"{id}", "door-1"},
                                                                                      {"{position}", "1"},
                                                                                      {"{sha256}", std::string(64, 'a')},
                                                                                      {"{name}", "district"},
                                                                                      {"{lock}", "1"},
                                                                                      {"{row}", "row-1"},
                                                                                      {"{class}", "persons"}})
        if (const auto at = path.find(name); at != std::string::npos) path.replace(at, name.size(), value);
    return path;
}

} // namespace

TEST_CASE("console: every role meets every route as the table says, and what the table does not name is nobody's") {
    Office office;
    office.register_device();
    CHECK(all_routes().size() == expected.size() + library_roles.size() * routes_a_class);
    for (const auto& route : all_routes()) {
        const auto name = std::string(name_of(route.verb)) + " " + std::string(route.pattern);
        const auto roles = roles_for(name);
        REQUIRE_MESSAGE(!roles.empty(), name);
        for (const auto role : auth::all_roles) {
            // "{}" is refused by whatever takes a body, after the right to ask was looked at.
            const auto answer = office.ask(role, std::string(name_of(route.verb)), filled(route.pattern), route.body.empty() ? "" : "{}");
            const bool may = roles == "*" || is_listed(roles, auth::name_of(role));
            const bool was_let_in = answer.status != 401 && answer.status != 403;
            CHECK_MESSAGE(was_let_in == may, name << " by " << auth::name_of(role) << ": " << answer.status);
            if (!may) CHECK(answer.status == 403);
        }
        // The device is there again, whoever removed it.
        if (!office.registry->devices().contains("door-1")) office.register_device();
    }
}

TEST_CASE("console: who has no role learns nothing about which paths exist") {
    Office office;
    std::set<std::string> answers;
    for (const auto& route : all_routes()) {
        for (const auto* method : {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
            if (!route.permission && name_of(route.verb) == method) continue;
            const auto answer = office.ask(nobody, method, filled(route.pattern));
            CHECK_MESSAGE(answer.status == 401, method << " " << route.pattern << ": " << answer.status);
            answers.insert(answer.body);
        }
    }
    for (const auto* target : {"/nothing", "/api/v1/devices/none", "/api/v1/records?personal=true", "/api/v1/records?nothing=1"})
        answers.insert(office.get(nobody, target).body);
    CHECK(answers.size() == 1);
    for (const auto* open : {"/livez", "/readyz", "/api/v1/openapi.yaml"}) CHECK(office.get(nobody, open).status == 200);
    auto from_the_network = Office::request(admin, "GET", "/api/v1/status");
    from_the_network.peer_uid.reset();
    CHECK(office.world.await(office.console->handler()(std::move(from_the_network))).status == 401);
    auto stranger = Office::request(nobody, "GET", "/api/v1/status");
    stranger.peer_groups = {4711};
    CHECK(office.world.await(office.console->handler()(std::move(stranger))).status == 401);
}

TEST_CASE("console: what could be read in two ways is refused, and decoded once only") {
    Office office;
    office.register_device();
    const std::string long_path = "/api/v1/devices/" + std::string(500, 'a');
    const std::string long_query = "/api/v1/records?source=" + std::string(2048, 'a');
    std::string many = "/api/v1/records?";
    for (int i = 0; i < 17; ++i) many += "n" + std::to_string(i) + "=1&";
    for (const auto& target : {std::string(""),
                               std::string("*"),
                               std::string("api"),
                               std::string("http://gw/api/v1/status"),
                               std::string("/"),
                               std::string("//api/v1/status"),
                               std::string("/api//v1/status"),
                               std::string("/api/v1/status/"),
                               std::string("/api/v1/./status"),
                               std::string("/api/v1/devices/../status"),
                               std::string("/api/v1/devices/%2e%2e/status"),
                               std::string("/api/v1/devices/%2E"),
                               std::string("/api/v1/devices/a%2fb"),
                               std::string("/api/v1/devices/a%5cb"),
                               std::string("/api/v1/devices/a\\b"),
                               std::string("/api/v1/devices/a;b"),
                               std::string("/api/v1/devices/a%3Bb"),
                               std::string("/api/v1/devices/a%00"),
                               std::string("/api/v1/devices/a%0d%0aX:1"),
                               std::string("/api/v1/devices/%7f"),
                               std::string("/api/v1/devices/%"),
                               std::string("/api/v1/devices/%2"),
                               std::string("/api/v1/devices/%zz"),
                               std::string("/api/v1/devices/%c0%ae%c0%ae"),
                               std::string("/api/v1/devices/%ff"),
                               std::string("/api/v1/devices/%ed%a0%80"),
                               std::string("/api/v1/devices/浙"),
                               std::string("/api/v1/devices/a b"),
                               std::string("/api/v1/devices/a#b"),
                               std::string("/api/v1/devices\t"),
                               std::string("/api/v1/devices/a\0b", 19),
                               long_path,
                               long_query,
                               many,
                               std::string("/api/v1/records?limit=1&limit=2"),
                               std::string("/api/v1/records?limit=1&%6cimit=2"),
                               std::string("/api/v1/records?=1"),
                               std::string("/api/v1/records?%00=1"),
                               std::string("/api/v1/records?source=%ff"),
                               std::string("/api/v1/records?source=%c0%af"),
                               std::string("/api/v1/records?nothing=1"),
                               std::string("/api/v1/status?limit=1")}) {
        const auto answer = office.get(admin, target);
        CHECK_MESSAGE(answer.status == 400, target << ": " << answer.status);
    }
    // Escapes of what needs none are other paths; an escaped escape is a name with a '%' in it.
    for (const auto* target : {"/api/v1/%73tatus", "/API/v1/status", "/api/v1/devices/%252e%252e", "/api/v1/devices/%25", "/api/v1/devices/door-1%20",
                               "/api/v1/devices/door-1/nothing", "/api/v2/status"})
        CHECK_MESSAGE(office.get(admin, target).status == 404, target);
    CHECK(office.get(admin, "/api/v1/devices/door%2D1").status == 200);
    const auto wrong = office.ask(admin, "PATCH", "/api/v1/devices/door-1");
    CHECK(wrong.status == 405);
    CHECK(net::header(wrong.headers, "Allow") == "GET, PUT, DELETE");
    CHECK(office.ask(admin, "GET ", "/api/v1/status").status == 405);
}

TEST_CASE("console: values of a query have bounds") {
    Office office;
    for (const auto* query :
         {"limit=0", "limit=501", "limit=-1", "limit=1.0", "limit=", "limit=%31%30%30%30", "before=0", "before=18446744073709551616",
          "from=yesterday", "to=2026-13-01T00:00:00Z", "kind=nothing", "personal=1", "look_alike=TRUE"})
        CHECK_MESSAGE(office.get(admin, "/api/v1/records?" + std::string(query)).status == 400, query);
    CHECK(office.get(admin, "/api/v1/records?source=" + std::string(65, 'a')).status == 400);
    CHECK(office.get(admin, "/api/v1/records?subject=" + std::string(257, 'a')).status == 400);
    CHECK(office.get(admin, "/api/v1/records?from=2026-01-15T08:30:12+08:00&limit=%35").status == 200);
    for (const auto* position : {"0", "-1", "1.5", "x", "18446744073709551616", "%31%20"})
        CHECK_MESSAGE(office.get(admin, "/api/v1/records/" + std::string(position)).status == 400, position);
    CHECK(office.get(admin, "/api/v1/records/4711").status == 404);
    CHECK(office.get(admin, "/api/v1/records/1/pictures/xyz").status == 400);
    CHECK(office.get(admin, "/api/v1/settings?language=fr").status == 400);
}

TEST_CASE("console: a body that is not what the route takes changes nothing") {
    Office office;
    const auto head = office.world.store->head().position;
    const std::string good = R"("id":"cam-1","driver":"isapi","address":"10.0.0.9","port":80)";
    std::string deep = "{" + good + R"(,"options":)";
    for (int i = 0; i < 40; ++i) deep += R"({"a":)";
    deep += "1" + std::string(40, '}') + "}";
    for (const auto& body : {std::string(),
                             std::string("not json"),
                             std::string("[]"),
                             std::string("\"x\""),
                             std::string("null"),
                             std::string("{"),
                             std::string("{}"),
                             "{" + good + "}x",
                             "{" + good + ",}",
                             "\xef\xbb\xbf{" + good + "}",
                             "{" + good + R"(,"name":")" + "\xff\"}",
                             "{" + good + R"(,"port":81})",
                             "{" + good + R"(,"nothing":1})",
                             "{" + good + R"(,"longitude":NaN})",
                             "{" + good + R"(,"longitude":1e999})",
                             "{" + good + R"(,"longitude":"120"})",
                             "{" + good + R"(,"tls":"true"})",
                             "{" + good + R"(,"tls":1})",
                             "{" + good + R"(,"serial":1.5})",
                             "{" + good + R"(,"serial":"4711"})",
                             "{" + good + R"(,"name":null})",
                             "{" + good + R"(,"outlets":{}})",
                             "{" + good + R"(,"options":[]})",
                             "{" + good + R"(,"options":{"a":1}})",
                             std::string(R"({"id":"cam-1","driver":"isapi","address":"10.0.0.9","port":"80"})"),
                             std::string(R"({"id":"cam-1","driver":"isapi","address":"10.0.0.9","port":65536})"),
                             std::string(R"({"id":"cam-1","driver":"isapi","address":"10.0.0.9"})"),
                             std::string(R"({"id":"../x","driver":"isapi","address":"10.0.0.9","port":80})"),
                             deep}) {
        const auto answer = office.ask(technician, "POST", "/api/v1/devices", body);
        CHECK_MESSAGE(answer.status == 400, answer.status << ": " << body.substr(0, 100));
    }
    CHECK(office.ask(technician, "POST", "/api/v1/devices", "{" + good + R"(,"name":")" + std::string(70'000, 'a') + "\"}").status == 413);
    CHECK(office.ask(technician, "POST", "/api/v1/devices", "{" + good + "}", {{"Content-Type", "text/plain"}}).status == 400);
    CHECK(office.registry->devices().empty());
    CHECK(office.world.store->head().position == head);
    const auto made = office.ask(technician, "POST", "/api/v1/devices", "{" + good + "}", {{"content-type", "Application/JSON; charset=utf-8"}});
    CHECK(made.status == 201);
    CHECK(office.ask(technician, "POST", "/api/v1/devices", "{" + good + "}").status == 409);
    for (const auto* body : {R"({"door":"1"})", R"({"door":0})", R"({"door":256})", R"({"door":1.5})", R"({"door":1,"why":"x"})", R"({})"})
        CHECK_MESSAGE(office.ask(guard, "POST", "/api/v1/devices/cam-1/open", body).status == 400, body);
    CHECK(office.doors.opened.empty());
    for (const auto* body : {R"({"first":0,"last":1})", R"({"first":2,"last":1})", R"({"first":1,"last":2,"lane":"fast"})", R"({"first":1})"})
        CHECK_MESSAGE(office.ask(technician, "POST", "/api/v1/upstreams/district/resend", body).status == 400, body);
    for (const auto* file : {"copy.db", "/a/../b", "/a/./b", "/a//b", "/a/", "/", ""})
        CHECK_MESSAGE(office.ask(technician, "POST", "/api/v1/backup", R"({"file":")" + std::string(file) + "\"}").status == 400, file);
}

TEST_CASE("console: no target crashes it, whatever it is made of") {
    SeededEntropy entropy(42);
    constexpr std::string_view pieces = "/?&=%.;#\\abc012%2f%00%2e\xff\x7f \n";
    Key random{};
    for (int i = 0; i < 3000; ++i) {
        entropy.fill(random);
        std::string target = i % 3 == 0 ? "" : "/api/v1/";
        for (const auto byte : random) target.push_back(pieces[static_cast<std::uint8_t>(byte) % pieces.size()]);
        const auto parsed = parse_target(target);
        if (!parsed) continue;
        for (const auto& segment : parsed->segments) {
            CHECK_FALSE(segment.empty());
            CHECK(unescaped(segment).has_value());
            CHECK(unescaped(segment).value() != "..");
        }
    }
}

TEST_CASE("openapi.yaml is what the route table prints") {
    std::ifstream file(tests::source_path("daemon/console/openapi.yaml"));
    std::stringstream committed;
    committed << file.rdbuf();
    const auto printed = print_openapi();
    const bool is_same = committed.str() == printed;
    if (!is_same) std::ofstream(tests::program_path("openapi.yaml")) << printed;
    CHECK_MESSAGE(is_same, "printed to bin/openapi.yaml of the build: look, and copy it");
}

TEST_CASE("openapi.yaml is a whole OpenAPI 3.1 document") {
    const auto document = openapi_document();
    CHECK(document.at("openapi") == "3.1.0");
    for (const auto* name : {"title", "version", "description", "license"}) CHECK(document.at("info").as_object().contains(name));
    const auto& components = document.at("components").as_object();
    CHECK(components.at("securitySchemes").as_object().contains("peer"));
    CHECK(document.at("security").as_array().size() == 1);
    std::set<std::string> operations, tags;
    for (const auto& tag : document.at("tags").as_array()) CHECK(tags.emplace(tag.at("name").as_string()).second);
    std::size_t routes = 0;
    for (const auto& path : document.at("paths").as_object()) {
        CHECK(path.key().starts_with("/"));
        for (const auto& verb : path.value().as_object()) {
            ++routes;
            const std::string at = std::string(verb.key()) + " " + std::string(path.key());
            const auto& operation = verb.value().as_object();
            CHECK_MESSAGE(operations.emplace(operation.at("operationId").as_string()).second, at);
            CHECK_MESSAGE(tags.contains(std::string(operation.at("tags").as_array().at(0).as_string())), at);
            CHECK(operation.contains("x-permission"));
            CHECK((operation.at("x-permission") == "none") == operation.contains("security"));
            // Each {name} of the path is a required parameter, and nothing else is in the path.
            std::set<std::string> in_path, all;
            if (operation.contains("parameters")) {
                for (const auto& parameter : operation.at("parameters").as_array()) {
                    const std::string name(parameter.at("name").as_string()), in(parameter.at("in").as_string());
                    CHECK_MESSAGE(all.insert(in + " " + name).second, at);
                    CHECK((in == "path" || in == "query" || in == "header"));
                    CHECK(parameter.at("schema").as_object().contains("type"));
                    if (in != "path") continue;
                    CHECK(parameter.at("required") == true);
                    CHECK_MESSAGE(path.key().find("{" + name + "}") != std::string_view::npos, at);
                    in_path.insert(name);
                }
            }
            CHECK_MESSAGE(in_path.size() == static_cast<std::size_t>(std::count(path.key().begin(), path.key().end(), '{')), at);
            if (operation.contains("requestBody")) {
                const auto& schema = operation.at("requestBody").at("content").at("application/json").at("schema").as_object();
                CHECK(schema.at("additionalProperties") == false);
                CHECK_FALSE(schema.at("properties").as_object().empty());
                if (schema.contains("required"))
                    for (const auto& name : schema.at("required").as_array()) CHECK(schema.at("properties").as_object().contains(name.as_string()));
            }
            const auto& responses = operation.at("responses").as_object();
            CHECK_MESSAGE(responses.size() >= 2, at);
            CHECK(responses.at("default").at("$ref") == "#/components/responses/Problem");
        }
    }
    CHECK(routes == all_routes().size());
    CHECK(components.at("responses").at("Problem").at("content").at("application/problem+json").at("schema").at("$ref") ==
          "#/components/schemas/Problem");
    CHECK(components.at("schemas").at("Problem").at("properties").at("type").at("enum").as_array().size() == all_problems().size());
    const auto put = document.at("paths").at("/api/v1/devices/{id}").at("put").at("parameters").as_array();
    CHECK(put.at(1).at("name") == "If-Match");
}

TEST_CASE("console: settings, identity and this description are known by their tags") {
    Office office;
    for (const auto* target : {"/api/v1/settings", "/api/v1/openapi.yaml"}) {
        const auto first = office.get(technician, target);
        CHECK(first.status == 200);
        const std::string tag(net::header(first.headers, "ETag"));
        REQUIRE(tag.size() > 2);
        const auto again = office.get(technician, target, {{"If-None-Match", "\"other\", W/" + tag}});
        CHECK(again.status == 304);
        CHECK(again.body.empty());
        CHECK(office.get(technician, target, {{"If-None-Match", "*"}}).status == 304);
        CHECK(office.get(technician, target, {{"If-None-Match", "\"other\""}}).status == 200);
        CHECK(office.get(technician, target, {{"If-None-Match", "garbage"}}).status == 200);
    }
    const std::string before(net::header(office.get(technician, "/api/v1/settings").headers, "ETag"));
    office.settings += "# changed\n";
    CHECK(office.get(technician, "/api/v1/settings", {{"If-None-Match", before}}).status == 200);
    const std::string tag(net::header(office.get(admin, "/api/v1/identity").headers, "ETag"));
    CHECK(office.ask(admin, "POST", "/api/v1/identity/renew", "", {{"If-Match", "\"another\""}}).status == 412);
    CHECK(office.ask(admin, "POST", "/api/v1/identity/renew", "", {{"If-Match", tag}}).status == 200);
    CHECK(office.ask(admin, "POST", "/api/v1/identity/renew", "", {{"If-Match", tag}}).status == 412);
    CHECK(office.ask(admin, "POST", "/api/v1/identity/renew", "", {{"If-Match", "x"}}).status == 400);
}
