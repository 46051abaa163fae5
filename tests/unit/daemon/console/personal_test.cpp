// SPDX-License-Identifier: Apache-2.0
//
// Personal data: to whom, and only after the audit trail has it on disk. Nothing of it, and no secret, in a support bundle.
#include "tests/unit/daemon/console/office.hpp"

#include "daemon/base/sha256.hpp"

using namespace gatehouse;
using namespace gatehouse::console;

namespace {

constexpr auto manager = auth::Role::manager;
const std::string card = "card:99887766";

std::uint64_t append_pass(Office& office, const std::string& number = "99887766") {
    return office.world.must_append(office.world.pass("door-1", number));
}

std::vector<store::StoredRecord> audits(Office& office) {
    auto records = office.world.all();
    std::erase_if(records, [](const auto& record) { return record.kind != Kind::audit_read && record.kind != Kind::audit_exported; });
    return records;
}

std::string positions(const json::object& page) {
    std::string text;
    for (const auto& record : page.at("records").as_array()) text += std::to_string(record.at("position").to_number<std::uint64_t>()) + " ";
    return text;
}

} // namespace

TEST_CASE("records: newest first, a page at a time, each once, also while new ones come") {
    Office office;
    std::uint64_t last = 0;
    for (int i = 0; i < 10; ++i) last = append_pass(office);
    auto page = office.get_object(auditor, "/api/v1/records?source=door-1&limit=4");
    std::string seen = positions(page);
    append_pass(office);
    while (!page.at("next").is_null()) {
        const auto next = page.at("next").to_number<std::uint64_t>();
        page = office.get_object(auditor, "/api/v1/records?source=door-1&limit=4&before=" + std::to_string(next));
        seen += positions(page);
    }
    std::string wanted;
    for (auto position = last; position > last - 10; --position) wanted += std::to_string(position) + " ";
    CHECK(seen == wanted);
    CHECK(positions(office.get_object(auditor, "/api/v1/records?before=1")).empty());
}

TEST_CASE("records: subjects, details and pictures leave to whom the role lets see them, and only when asked for") {
    Office office;
    const auto position = std::to_string(append_pass(office));
    for (const auto* target : {"/api/v1/records", "/api/v1/records?limit=1"}) {
        const auto plain = office.get(guard, target);
        CHECK(plain.status == 200);
        CHECK(plain.body.find("99887766") == std::string::npos);
        CHECK(plain.body.find("\"withheld\":true") != std::string::npos);
    }
    CHECK(office.get(guard, "/api/v1/records/" + position).body.find("99887766") == std::string::npos);
    CHECK(audits(office).empty());
    for (const auto& target : {"/api/v1/records?personal=true", "/api/v1/records?subject=card%3A99887766", "/api/v1/records/1?personal=true",
                               "/api/v1/live?personal=true"}) {
        for (const auto role : {technician, auditor}) {
            const auto refused = office.get(role, target);
            CHECK_MESSAGE(refused.status == 403, target);
            CHECK(refused.body.find("99887766") == std::string::npos);
        }
    }
    CHECK(audits(office).empty());
    const auto shown = office.get(guard, "/api/v1/records/" + position + "?personal=true");
    CHECK(shown.body.find(card) != std::string::npos);
    CHECK(office.get(manager, "/api/v1/records?subject=card%3A99887766").body.find(card) != std::string::npos);
    const auto noted = audits(office);
    REQUIRE(noted.size() == 2);
    CHECK(noted[0].facts.find("GET /api/v1/records/{position}") != std::string::npos);
    CHECK(noted[0].details.find("uid:1000") != std::string::npos);
    CHECK(noted[1].facts.find("records of a subject") != std::string::npos);
    for (const auto& record : noted) CHECK(record.facts.find("99887766") == std::string::npos);
}

TEST_CASE("records: when the audit trail cannot be written nothing personal leaves") {
    Office office;
    const auto sha = [&] {
        auto record = office.world.pass("door-1", "99887766");
        record.pictures.push_back({PictureRole::face, std::make_shared<const Bytes>(Bytes(100, 7))});
        return std::to_string(office.world.must_append(std::move(record))) + "/pictures/" + to_hex(sha256(ByteView(Bytes(100, 7))));
    }();
    const auto position = sha.substr(0, sha.find('/'));
    CHECK(office.get(guard, "/api/v1/records/" + sha).status == 200);
    office.break_disk();
    for (const auto& target : {"/api/v1/records?personal=true", "/api/v1/records?subject=card%3A99887766"}) {
        const auto refused = office.get(guard, target);
        CHECK_MESSAGE(refused.status >= 500, target);
        CHECK(refused.body.find("99887766") == std::string::npos);
    }
    const auto one = office.get(guard, "/api/v1/records/" + position + "?personal=true");
    CHECK(one.status >= 500);
    CHECK(one.body.find("99887766") == std::string::npos);
    CHECK(office.get(guard, "/api/v1/records/" + sha).status >= 500);
    CHECK(office.get(auditor, "/api/v1/audit").status >= 500);
    CHECK(office.get(technician, "/api/v1/bundle").status >= 500);
    // What is not personal is still read.
    CHECK(office.get(guard, "/api/v1/records/" + position).status == 200);
    office.mend_disk();
    office.world.clock.run_for(std::chrono::minutes(2));
    CHECK(office.get(guard, "/api/v1/records/" + position + "?personal=true").status == 200);
}

TEST_CASE("records: one record is known by its tag until its subject is erased") {
    Office office;
    const auto target = "/api/v1/records/" + std::to_string(append_pass(office));
    const std::string plain(net::header(office.get(guard, target).headers, "ETag"));
    const std::string personal(net::header(office.get(guard, target + "?personal=true").headers, "ETag"));
    CHECK(plain != personal);
    CHECK(office.get(guard, target, {{"If-None-Match", plain}}).status == 304);
    CHECK(office.get(guard, target + "?personal=true", {{"If-None-Match", plain}}).status == 200);
    CHECK(office.ask(admin, "POST", "/api/v1/erase", R"({"subject":"card:99887766","order":"〔2026〕7号"})").status == 200);
    CHECK(office.get(guard, target, {{"If-None-Match", plain}}).status == 200);
}

TEST_CASE("audit: the trail is read newest first over all its kinds, and reading it is in it") {
    Office office;
    append_pass(office);
    office.get(guard, "/api/v1/records?personal=true");
    office.get(technician, "/api/v1/bundle");
    const auto page = office.get_object(auditor, "/api/v1/audit");
    const auto& records = page.at("records").as_array();
    REQUIRE(records.size() == 2);
    CHECK(records[0].at("kind") == "audit.exported");
    CHECK(records[1].at("kind") == "audit.read");
    CHECK(records[1].at("details").at("by") == "uid:1000");
    CHECK(office.get_object(auditor, "/api/v1/audit?limit=1").at("records").as_array().at(0).at("facts").at("what") == "audit trail");
}

TEST_CASE("bundle: no secret and nobody's card, plate, phone or document number, wherever they stood") {
    Office office;
    append_pass(office, "99887766");
    office.get(guard, "/api/v1/records?personal=true");
    const std::vector<std::string> secrets{"Canary-pw-1",   "canary-user",        "Canary-pw-2",        "Canary-pw-3", "Canary-pw-4",
                                           "Canary-pw-5",   "55443322",           "99887766",           "浙A12345",    "浙A·C3345",
                                           "粤BD12345",     "沪c99887",           "13912345671",        "13912345672", "139-1234-5673",
                                           "139 1234 5674", "33010619800101123X", "330106198001011234", "王建国",      "李秋菊"};
    registry::Device device;
    device.info.id = "door-1";
    device.info.driver = "isapi";
    device.info.address = {"192.168.50.31", 80};
    device.info.username = "canary-user";
    device.info.password = "Canary-pw-1";
    device.info.options["note"] = "owner 13912345671, else +8613912345672";
    device.info.options["token"] = "Canary-pw-5";
    device.name = "浙A12345 沪c99887 330106198001011234";
    device.identity.keeper = "王建国";
    REQUIRE(office.world.await(office.registry->put_device(device, registry::By{"technician", "李秋菊"})).has_value());
    drivers::DeviceStatus status;
    status.state = drivers::DeviceStatus::State::offline;
    status.fault = "login at http://canary-user:Canary-pw-2@192.168.50.31/ failed for card:55443322 (浙A·C3345, 139-1234-5673)";
    status.firmware = "V1 33010619800101123X";
    office.statuses["door-1"] = status;
    office.upstream.state.fault = "mqtts://canary-user:Canary-pw-3@broker.example refused";
    office.upstream.state.warnings = {{"basis_ends", "粤BD12345", "139 1234 5674"}};
    office.settings =
        "[gateway]\nid = \"gw-7\"\nusername = \"canary-user\"\npassword = \"Canary-pw-4\"\npassword_credential = \"district-password\"\n# 浙A12345\n";
    const auto bundle = office.get(technician, "/api/v1/bundle");
    REQUIRE(bundle.status == 200);
    for (const auto& canary : secrets) CHECK_MESSAGE(bundle.body.find(canary) == std::string::npos, canary);
    // What explains the fault is there.
    for (const auto* kept : {"192.168.50.31", "district-password", "broker.example", "door-1", "gw-7", "offline"})
        CHECK_MESSAGE(bundle.body.find(kept) != std::string::npos, kept);
    CHECK(audits(office).back().kind == Kind::audit_exported);
}
