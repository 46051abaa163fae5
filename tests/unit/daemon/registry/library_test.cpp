// SPDX-License-Identifier: Apache-2.0
//
// The resource library on the real store: versions for ever, personal parts sealed, look-ups without text, face never alone, erasing.
#include "daemon/store/sqlite.hpp"
#include "tests/unit/daemon/registry/library_world.hpp"

using namespace gatehouse;
using namespace gatehouse::registry;
using validity::Flaw;

TEST_CASE("library: a person's version resolves to what stood then, for ever") {
    Compound compound;
    const auto first = compound.must_add("person", person("王小明"));
    CHECK(reference_of(first) == "person:" + first.id + "@1");
    auto renamed = person("王大明");
    REQUIRE(compound.change(first, renamed)->entry.has_value());
    const auto then = compound.at("person:" + first.id + "@1");
    REQUIRE(then.has_value());
    CHECK(then->fields.at("name") == "王小明");
    CHECK(then->until_position.has_value());
    CHECK(then->valid_to.has_value());
    const auto now = compound.at("person:" + first.id);
    CHECK(now->version == 2);
    CHECK(now->fields.at("name") == "王大明");
    CHECK(now->from_position == *then->until_position);
    CHECK(compound.end(*now).has_value());
    CHECK_FALSE(compound.at("person:" + first.id).has_value());
    CHECK(compound.at("person:" + first.id + "@2")->fields.at("name") == "王大明");
    CHECK_FALSE(compound.at("person:" + first.id + "@3").has_value());
    CHECK(compound.change(*now, renamed).error().fault() == Fault::gone);
}

TEST_CASE("library: each change tells of itself in its commit, and its record names nobody") {
    Compound compound;
    const auto commits = compound.world.store->status().commits;
    const auto entry = compound.must_add("person", person("赵铁柱"));
    CHECK(compound.world.store->status().commits == commits + 1);
    const auto record = compound.world.all().back();
    CHECK(record.kind == Kind::registry_changed);
    CHECK(record.position == entry.from_position);
    CHECK(record.facts.find(entry.id) != std::string::npos);
    CHECK(record.facts.find("\"version\":1") != std::string::npos);
    for (const auto& one : compound.world.all()) CHECK((one.facts + one.subject + one.details).find("赵铁柱") == std::string::npos);
}

TEST_CASE("library: who changes what was changed meanwhile is told, and nothing is written") {
    Compound compound;
    const auto first = compound.must_add("person", person("王小明"));
    REQUIRE(compound.change(first, person("王大明"))->entry.has_value());
    const auto head = compound.head();
    CHECK(compound.change(first, person("王三明")).error().fault() == Fault::busy);
    CHECK(compound.end(first).error().fault() == Fault::busy);
    CHECK(compound.head() == head);
}

TEST_CASE("library: numbers are found exactly, and no text of a person lies in the files") {
    Compound compound;
    const auto entry = compound.must_add(
        "person", {{"name", "钱多多"}, {"category", "resident"}, {"phone", "+86 139 8765 4321"}, {"document_number", "11010519491231002-x"}});
    CHECK(entry.fields.at("phone") == "13987654321");
    const auto& persons = *entity_named("person");
    auto found = compound.world.await(compound.library->find(persons, "phone", "139-8765-4321"));
    REQUIRE(found.has_value());
    REQUIRE(found->size() == 1);
    CHECK(found->front().id == entry.id);
    CHECK(compound.world.await(compound.library->find(persons, "phone", "13987654322"))->empty());
    CHECK(compound.world.await(compound.library->find(persons, "document_number", "11010519491231002X"))->size() == 1);
    CHECK(compound.world.await(compound.library->find(persons, "name", "钱多多")).error().fault() == Fault::unsupported);
    for (const auto* text : {"钱多多", "13987654321", "11010519491231002X"}) CHECK_FALSE(compound.world.disk.holds(text));
    const auto shown = json::serialize(to_json(entry, true, false));
    CHECK(shown.find("139****4321") != std::string::npos);
    CHECK(shown.find("110***********002X") != std::string::npos);
    CHECK(json::serialize(to_json(entry, true, true)).find("13987654321") != std::string::npos);
    CHECK(json::serialize(to_json(entry, false, false)).find("钱多多") == std::string::npos);
}

TEST_CASE("library: document numbers are refused until a filing rule asks for them") {
    Compound compound(LibraryOptions{});
    auto given = person("孙某");
    given["document_number"] = "11010519491231002X";
    CHECK(compound.flaws_of("person", given) == std::vector{FieldFlaw{"document_number", Flaw::not_asked_for}});
    CHECK(compound.list("person").empty());
}

TEST_CASE("library: every flaw of a row is told at once, each at its field") {
    Compound compound;
    const auto flaws = compound.flaws_of("person", {{"name", ""},
                                                    {"category", "gangster"},
                                                    {"phone", "12345"},
                                                    {"born", "2026-02-30"},
                                                    {"document_number", "110105194912310022"},
                                                    {"religion", "无"}});
    const std::vector<FieldFlaw> expected{{"religion", Flaw::unknown_column}, {"name", Flaw::missing},
                                          {"born", Flaw::impossible_date},    {"category", Flaw::not_a_choice},
                                          {"phone", Flaw::not_a_phone},       {"document_number", Flaw::wrong_check_digit}};
    CHECK(flaws.size() == expected.size());
    for (const auto& one : expected) CHECK_MESSAGE(std::find(flaws.begin(), flaws.end(), one) != flaws.end(), one.field);
    CHECK(compound.flaws_of("residence", {{"person", "nobody"}, {"home", "door-1"}, {"relation", "业主"}}).size() == 2);
    CHECK(compound.flaws_of("vehicle", {{"brand", "红旗"}}) == std::vector{FieldFlaw{"plate", Flaw::missing}});
    CHECK(compound.flaws_of("vehicle", {{"plate", "浙AD12345"}, {"colour_of_plate", "蓝"}}) ==
          std::vector{FieldFlaw{"colour_of_plate", Flaw::wrong_plate_class}});
    CHECK(compound.flaws_of("lease", {{"home", "home-1-101"}, {"tenant", "x"}, {"from", "2026-05-01"}, {"to", "2026-04-30"}}).size() == 2);
}

TEST_CASE("library: a number that somebody else has is refused, until theirs has ended") {
    Compound compound;
    const auto mine = compound.must_add("vehicle", {{"plate", "浙A12345"}, {"home", "home-1-101"}});
    CHECK(compound.add("vehicle", {{"plate", "浙a·12345"}}).error().fault() == Fault::refused);
    REQUIRE(compound.change(mine, {{"plate", "浙A12345"}, {"brand", "红旗"}})->entry.has_value());
    REQUIRE(compound.end(*compound.at("vehicle:" + mine.id)).has_value());
    compound.must_add("vehicle", {{"plate", "浙A12345"}});
    compound.must_add("person", person("周一"));
    CHECK(compound.add("person", person("周一")).error().fault() == Fault::refused);
    compound.must_add("person", person("周二")); // a family shares its phone
}

TEST_CASE("library: what was shown masked stays when it is not sent back, and goes when it is taken away") {
    Compound compound;
    const auto first = compound.must_add("person", person("吴用"));
    const auto second = compound.change(first, {{"name", "吴用"}, {"category", "tenant"}})->entry;
    REQUIRE(second.has_value());
    CHECK(second->fields.at("phone") == "13812345678");
    const auto third = compound.change(*second, {{"name", "吴用"}, {"category", "tenant"}, {"phone", nullptr}})->entry;
    REQUIRE(third.has_value());
    CHECK_FALSE(third->fields.contains("phone"));
    CHECK(compound.world.await(compound.library->find(*entity_named("person"), "phone", "13812345678"))->empty());
}

namespace {

struct Faces {
    explicit Faces(Compound& where) : compound(where) {
        person_id = compound.must_add("person", person("郑明")).id;
        doors = compound.must_add("door_group", {{"name", "大门"}, {"doors", "door-1"}}).id;
        other_doors = compound.must_add("door_group", {{"name", "车库"}, {"doors", "door-1"}}).id;
        consent = compound.must_add(
            "consent", {{"person", person_id}, {"to_what", "face"}, {"text_version", "3"}, {"how", "paper"}, {"given_on", "2026-11-01"}});
    }
    json::object face() const { return {{"person", person_id}, {"kind", "face"}, {"doors", doors}, {"consent", consent.id}}; }
    json::object card(const std::string& at) const { return {{"person", person_id}, {"kind", "card"}, {"number", "4471"}, {"doors", at}}; }
    Compound& compound;
    std::string person_id, doors, other_doors;
    Entry consent;
};

} // namespace

TEST_CASE("library: face needs consent, and is never the only way in at its doors") {
    Compound compound;
    Faces faces(compound);
    CHECK(compound.add("credential", faces.face()).error().fault() == Fault::refused);
    const auto elsewhere = compound.must_add("credential", faces.card(faces.other_doors));
    CHECK(compound.add("credential", faces.face()).error().fault() == Fault::refused);
    REQUIRE(compound.end(elsewhere).has_value());
    const auto card = compound.must_add("credential", faces.card(faces.doors));
    auto without = faces.face();
    without.erase("consent");
    CHECK(compound.flaws_of("credential", without) == std::vector{FieldFlaw{"consent", Flaw::missing}});
    const auto face = compound.must_add("credential", faces.face());
    CHECK(compound.end(card).error().fault() == Fault::refused);
    auto moved = faces.card(faces.other_doors);
    CHECK(compound.change(card, moved).error().fault() == Fault::refused);
    REQUIRE(compound.end(face).has_value());
    CHECK(compound.end(card).has_value());
}

namespace {

/// Persons and doors where a face in force has no other credential beside it.
std::size_t faces_alone(Compound& compound) {
    std::set<std::string> faces, others;
    for (const auto& entry : compound.list("credential")) {
        const auto at = text_at(entry.fields, "person").value_or("") + " " + text_at(entry.fields, "doors").value_or("");
        (text_at(entry.fields, "kind") == "face" ? faces : others).insert(at);
    }
    std::size_t alone = 0;
    for (const auto& face : faces) alone += others.contains(face) ? 0 : 1;
    return alone;
}

} // namespace

TEST_CASE("library: whatever is asked in whatever order, no face ever stands alone") {
    std::size_t taken = 0, refused = 0, faces = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        Compound compound;
        SeededEntropy chance(seed);
        std::vector<std::string> persons, doors, consents;
        for (int i = 0; i < 2; ++i) {
            persons.push_back(compound.must_add("person", person("人" + std::to_string(i))).id);
            doors.push_back(compound.must_add("door_group", {{"name", "门" + std::to_string(i)}, {"doors", "door-1"}}).id);
            consents.push_back(
                compound
                    .must_add("consent",
                              {{"person", persons.back()}, {"to_what", "face"}, {"text_version", "3"}, {"how", "paper"}, {"given_on", "2026-11-01"}})
                    .id);
        }
        for (int step = 0; step < 60; ++step) {
            const auto who = chance.below(2);
            const auto held = compound.list("credential");
            json::object fields{{"person", persons[who]}, {"doors", doors[chance.below(2)]}};
            const bool is_face = chance.below(2) == 0;
            fields["kind"] = is_face ? "face" : "card";
            fields[is_face ? "consent" : "number"] = is_face ? consents[who] : std::to_string(seed * 1000 + static_cast<std::uint64_t>(step));
            bool is_taken = false;
            if (held.empty() || chance.below(2) == 0) {
                const auto saved = compound.add("credential", fields);
                is_taken = saved && saved->entry;
                faces += is_taken && is_face;
            } else if (const auto& entry = held[chance.below(held.size())]; chance.below(2) == 0) {
                is_taken = compound.end(entry).has_value();
            } else {
                auto moved = entry.fields;
                moved["doors"] = doors[chance.below(2)];
                if (chance.below(3) == 0) {
                    moved["person"] = persons[who];
                    moved["kind"] = is_face ? "face" : "card";
                    if (is_face) moved["consent"] = consents[who];
                    if (is_face) moved["number"] = nullptr;
                }
                const auto saved = compound.change(entry, moved);
                is_taken = saved && saved->entry;
            }
            (is_taken ? taken : refused) += 1;
            REQUIRE(faces_alone(compound) == 0);
        }
    }
    CHECK(taken > 100);
    CHECK(refused > 100);
    CHECK(faces > 10);
}

TEST_CASE("library: consent withdrawn ends the face in the same commit, and gives no new one") {
    Compound compound;
    Faces faces(compound);
    compound.must_add("credential", faces.card(faces.doors));
    const auto face = compound.must_add("credential", faces.face());
    const auto commits = compound.world.store->status().commits;
    const auto withdrawn = compound.change(faces.consent, {{"person", faces.person_id},
                                                           {"to_what", "face"},
                                                           {"text_version", "3"},
                                                           {"how", "paper"},
                                                           {"given_on", "2026-11-01"},
                                                           {"withdrawn_on", "2026-11-27"}});
    REQUIRE(withdrawn->entry.has_value());
    CHECK(compound.world.store->status().commits == commits + 1);
    CHECK_FALSE(compound.at("credential:" + face.id).has_value());
    CHECK(compound.flaws_of("credential", faces.face()) == std::vector{FieldFlaw{"consent", Flaw::contradicts}});
}

TEST_CASE("library: under fourteen the guardian consents, and who wants no face gets none") {
    Compound compound;
    auto child = person("小宝");
    child["born"] = "2012-11-28";
    const auto id = compound.must_add("person", child).id;
    json::object consent{{"person", id}, {"to_what", "face"}, {"text_version", "3"}, {"how", "paper"}, {"given_on", "2026-11-01"}};
    CHECK(compound.flaws_of("consent", consent) == std::vector{FieldFlaw{"guardian", Flaw::missing}});
    consent["guardian"] = "郑明";
    compound.must_add("consent", consent);
    auto shy = person("冯某");
    shy["no_face"] = true;
    const auto shy_id = compound.must_add("person", shy).id;
    const auto doors = compound.must_add("door_group", {{"name", "大门"}, {"doors", "door-1"}}).id;
    const auto theirs =
        compound.must_add("consent", {{"person", shy_id}, {"to_what", "face"}, {"text_version", "3"}, {"how", "paper"}, {"given_on", "2026-11-01"}})
            .id;
    compound.must_add("credential", {{"person", shy_id}, {"kind", "pin"}, {"number", "135790"}, {"doors", doors}});
    CHECK(compound.flaws_of("credential", {{"person", shy_id}, {"kind", "face"}, {"doors", doors}, {"consent", theirs}}) ==
          std::vector{FieldFlaw{"kind", Flaw::contradicts}});
}

TEST_CASE("library: an erased person is gone from every version, and from the log what was theirs") {
    Compound compound;
    const auto entry = compound.must_add("person", person("蒋消失"));
    REQUIRE(compound.change(entry, person("蒋不见"))->entry.has_value());
    const auto doors = compound.must_add("door_group", {{"name", "大门"}, {"doors", "door-1"}}).id;
    compound.must_add("credential", {{"person", entry.id}, {"kind", "card"}, {"number", "99887766"}, {"doors", doors}});
    compound.must_add("vehicle", {{"plate", "浙A66666"}, {"owner", entry.id}});
    const auto neighbour = compound.must_add("person", person("邻居"));
    compound.world.must_append(compound.world.pass("door-1", "99887766"));
    const auto sealed = compound.world.await(compound.world.store->library_about(entry.id));
    REQUIRE(sealed->size() == 4);
    for (const auto& row : *sealed) CHECK(compound.world.disk.holds(as_text(row.personal)));
    const auto erased = compound.world.await(compound.library->erase(entry.id, "order 7"));
    REQUIRE_MESSAGE(erased.has_value(), (erased ? std::string() : erased.error().what()));
    CHECK(erased->rows == 4);
    CHECK(erased->records == 1);
    CHECK(erased->kept == 0);
    CHECK_FALSE(compound.at("person:" + entry.id).has_value());
    const auto then = compound.at("person:" + entry.id + "@1");
    REQUIRE(then.has_value());
    CHECK(then->erased);
    CHECK_FALSE(then->fields.contains("name"));
    CHECK(compound.world.await(compound.library->find(*entity_named("person"), "phone", "13812345678"))->size() == 1);
    for (const auto* text : {"蒋消失", "蒋不见", "99887766", "浙A66666"}) CHECK_FALSE(compound.world.disk.holds(text));
    // Nor what was sealed: not in the database, its free pages or the WAL, for whoever has the key.
    for (const auto& row : *sealed) CHECK_FALSE(compound.world.disk.holds(as_text(row.personal)));
    CHECK(compound.at("person:" + neighbour.id)->fields.at("name") == "邻居");
    const auto report = compound.world.await(compound.world.store->verify());
    CHECK_MESSAGE(!report->first_bad, report->fault);
}

TEST_CASE("library: an erasure asked for again finds nothing left") {
    Compound compound;
    const auto entry = compound.must_add("person", person("沈归来"));
    const auto first = compound.world.await(compound.world.store->erase_subject("person:" + entry.id, "order 8"));
    REQUIRE(first.has_value());
    CHECK(first->library_rows == 1); // so that what a restored backup brings back goes with the list of erasures
    const auto again = compound.world.await(compound.world.store->erase_subject("person:" + entry.id, "order 8"));
    REQUIRE(again.has_value());
    CHECK(again->library_rows == 0);
}

TEST_CASE("library: no row is rewritten or taken away, whoever asks the file") {
    Compound compound;
    const auto entry = compound.must_add("person", person("韩不改"));
    auto connection = store::Connection::open("/log/gatehouse.db", store::Connection::Access::read_write, compound.world.disk.name());
    REQUIRE(connection.has_value());
    for (const auto* sql :
         {"update library_row set body = '{}' where class = 'person'", "update library_row set personal = x'00' where class = 'person'",
          "update library_row set version = 9 where class = 'person'", "update library_row set valid_from = 1 where class = 'person'",
          "update library_row set person = 'other' where class = 'person'", "delete from library_row where class = 'person'"}) {
        CAPTURE(sql);
        CHECK(connection->run(sql).has_error());
    }
    CHECK(connection->run("update library_row set until_position = 9, valid_to = 9 where class = 'person'").has_value());
    CHECK(connection->run("update library_row set until_position = null, valid_to = null where class = 'person'").has_error());
}

TEST_CASE("library: when the disk refuses, nothing has changed") {
    Compound compound;
    const auto first = compound.must_add("person", person("杨柳"));
    compound.world.disk.on_operation = [](std::uint64_t, const std::string&, const std::string&) { return true; };
    CHECK(compound.add("person", person("柳杨")).has_error());
    CHECK(compound.change(first, person("杨树")).has_error());
    compound.world.disk.on_operation = {};
    compound.world.clock.run_for(std::chrono::seconds(5));
    CHECK(compound.list("person").size() == 1);
    CHECK(compound.at("person:" + first.id)->fields.at("name") == "杨柳");
}
