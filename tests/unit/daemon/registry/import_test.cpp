// SPDX-License-Identifier: Apache-2.0
//
// Whole tables: every planted fault named by row and column, no faulty row written, the import undone exactly.
#include "daemon/registry/import.hpp"
#include "daemon/registry/validity/citizen_number.hpp"
#include "tests/unit/daemon/registry/library_world.hpp"

using namespace gatehouse;
using namespace gatehouse::registry;
using sheet::Table;
using validity::Flaw;

namespace {

Result<ImportReport> import_into(Compound& compound, const char* entity, Table table, bool dry_run = false) {
    return compound.world.await(import_table(*compound.library, *entity_named(entity), std::move(table), dry_run, compound.by),
                                std::chrono::minutes(30));
}

Table table_with(std::vector<std::string> heading, std::vector<std::vector<std::string>> rows) {
    Table table;
    table.heading = std::move(heading);
    for (auto& cells : rows) table.rows.push_back({table.rows.size() + 2, std::move(cells)});
    return table;
}

std::string digits_of(std::size_t number, std::size_t width) {
    auto text = std::to_string(number);
    return std::string(width - text.size(), '0') + text;
}

/// Good rows of a compound: name, phone, document number, category, home, relation.
Table residents(std::size_t count) {
    Table table;
    table.heading = {"姓名", "电话", "证件号码", "人员类别", "房屋", "居住关系"};
    for (std::size_t i = 0; i < count; ++i) {
        auto number = "330106" + std::to_string(1940 + i % 80) + digits_of(1 + i % 12, 2) + digits_of(1 + i % 28, 2) + digits_of(i % 1000, 3);
        number[5] = static_cast<char>('1' + i / 2500 % 9); // the area's last digit, so that no number comes twice
        number += validity::citizen_check(number);
        table.rows.push_back(
            {i + 2, {"住户" + std::to_string(i), "138" + digits_of(i, 8), number, "常住", i % 2 == 0 ? "home-1-101" : "home-1-102", "业主"}});
    }
    return table;
}

/// What is in force of a class, as text: two equal states are one text.
std::string state_of(Compound& compound) {
    std::string text;
    for (const auto* entity : {"person", "residence", "vehicle"})
        for (const auto& entry : compound.list(entity)) text += reference_of(entry) + json::serialize(entry.fields) + "\n";
    return text;
}

} // namespace

TEST_CASE("import: 10,000 rows with 300 planted faults: each is named by row and column, none is written, undo is exact") {
    Compound compound;
    compound.must_add("person", {{"name", "早住户"}, {"category", "resident"}, {"phone", "13700000000"}, {"document_number", "11010519491231002X"}});
    const auto before = state_of(compound);
    auto table = residents(10'000);
    SeededEntropy entropy(300);
    std::vector<CellFault> planted;
    std::set<std::size_t> rows;
    while (planted.size() < 300) {
        const auto at = 1 + entropy.below(9'999);
        if (!rows.insert(at).second) continue;
        auto& row = table.rows[at];
        auto& cells = row.cells;
        const auto plant = [&](std::size_t column, Flaw flaw) { planted.push_back({row.number, table.heading[column], flaw}); };
        switch (planted.size() % 10) {
        case 0:
            cells[0] = "";
            plant(0, Flaw::missing);
            break;
        case 1:
            cells[1] = "1381234";
            plant(1, Flaw::not_a_phone);
            break;
        case 2:
            cells[2].back() = cells[2].back() == '7' ? '8' : '7';
            plant(2, Flaw::wrong_check_digit);
            break;
        case 3:
            cells[2] = cells[2].substr(0, 15);
            plant(2, Flaw::wrong_length);
            break;
        case 4:
            cells[2] = "330106199013010010";
            plant(2, Flaw::impossible_date);
            break;
        case 5:
            cells[3] = "贵宾";
            plant(3, Flaw::not_a_choice);
            break;
        case 6:
            cells[4] = "9-999";
            plant(4, Flaw::unknown_reference);
            break;
        case 7:
            cells[5] = "";
            plant(5, Flaw::missing);
            break;
        case 8:
            cells[2] = "11010519491231002X";
            plant(2, Flaw::taken);
            break;
        case 9:
            cells[2] = table.rows[0].cells[2];
            plant(2, Flaw::doubled);
            break;
        }
    }
    const auto by_place = [](const CellFault& one, const CellFault& other) {
        return std::tie(one.row, one.column) < std::tie(other.row, other.column);
    };
    std::sort(planted.begin(), planted.end(), by_place);

    auto dry = import_into(compound, "person", table, true);
    REQUIRE_MESSAGE(dry.has_value(), (dry ? std::string() : dry.error().what()));
    CHECK(dry->id.empty());
    CHECK(state_of(compound) == before);
    std::sort(dry->faults.begin(), dry->faults.end(), by_place);
    CHECK(dry->faults.size() == planted.size());
    CHECK(dry->faults == planted);

    const auto commits = compound.world.store->status().commits;
    const auto done = import_into(compound, "person", table);
    REQUIRE_MESSAGE(done.has_value(), (done ? std::string() : done.error().what()));
    CHECK(compound.world.store->status().commits == commits + 1);
    CHECK(done->good == 9'700);
    CHECK(done->bad == 300);
    const auto persons = compound.list("person");
    CHECK(persons.size() == 9'701);
    CHECK(compound.list("residence").size() == 9'700);
    std::set<std::string> names;
    for (const auto& entry : persons) names.insert(text_at(entry.fields, "name").value_or(""));
    for (const auto at : rows) CHECK_FALSE(names.contains("住户" + std::to_string(at)));

    const auto undone = compound.world.await(undo_import(*compound.library, done->id, compound.by), std::chrono::minutes(30));
    REQUIRE_MESSAGE(undone.has_value(), (undone ? std::string() : undone.error().what()));
    CHECK(*undone == 19'400);
    CHECK(state_of(compound) == before);
    CHECK(compound.world.await(undo_import(*compound.library, done->id, compound.by)).error().fault() == Fault::gone);
    // What was undone is free again.
    CHECK(import_into(compound, "person", residents(10))->good == 10);
}

TEST_CASE("import: a table of ten thousand rows leaves the loop to others after every few rows, on its way in and out") {
    Compound compound;
    std::size_t turns = 0;
    bool is_over = false;
    const auto others = [](Clock& clock, std::size_t& count, const bool& over) -> Task<void> {
        for (; !over && count < 1'000'000; ++count) co_await clock.sleep_for(Duration(0));
    };
    const auto turns_within = [&](Task<void> work) {
        turns = 0;
        is_over = false;
        compound.world.loop.spawn("others", others(compound.world.clock, turns, is_over));
        compound.world.loop.spawn("work", std::move(work));
        compound.world.clock.run_for(std::chrono::minutes(1));
        REQUIRE(is_over);
        return turns;
    };
    const auto import = [](Compound& into, bool& over) -> Task<void> {
        auto table = residents(10'000);
        auto report = co_await import_table(*into.library, *entity_named("person"), std::move(table), false, into.by);
        REQUIRE_MESSAGE(report.has_value(), (report ? std::string() : report.error().what()));
        CHECK(report->good == 10'000);
        over = true;
    };
    CHECK(turns_within(import(compound, is_over)) > 1'200); // 10,000 rows judged, 20,000 sealed, prepared by twice as many: 1,250
    const auto take_out = [](Compound& from, bool& over) -> Task<void> {
        auto table = co_await export_table(*from.library, *entity_named("person"), true, true);
        REQUIRE_MESSAGE(table.has_value(), (table ? std::string() : table.error().what()));
        CHECK(table->rows.size() == 10'000);
        over = true;
    };
    CHECK(turns_within(take_out(compound, is_over)) > 2 * 10'000 / library_piece); // opened, written down
}

TEST_CASE("import: what was changed or built upon since is not undone, and nothing else is") {
    Compound compound;
    const auto report = import_into(compound, "person", residents(3));
    REQUIRE(report.has_value());
    const auto undo = [&] { return compound.world.await(undo_import(*compound.library, report->id, compound.by)); };
    const auto persons = compound.list("person");
    const auto lease = compound.must_add("lease", {{"home", "home-1-101"}, {"tenant", persons[0].id}, {"from", "2026-01-01"}, {"to", "2026-12-31"}});
    CHECK(undo().error().fault() == Fault::busy);
    CHECK(compound.list("person").size() == 3);
    REQUIRE(compound.end(lease).has_value());
    CHECK(*undo() == 6);
    CHECK(compound.list("person").empty());
    CHECK(compound.world.await(undo_import(*compound.library, "none", compound.by)).error().fault() == Fault::gone);
}

TEST_CASE("import: homes by their name, owners by their phone, headings in either language, unknown columns told") {
    Compound compound;
    const auto owner = compound.must_add("person", person("车主", "13911112222"));
    const auto report = import_into(compound, "vehicle",
                                    table_with({"车牌", "Plate colour", "owner", "房屋", "信用分"},
                                               {{"浙A·D12345", "绿", "13911112222", "home-1-102", ""}, {"浙A12345", "绿", owner.id, "", ""}}));
    REQUIRE(report.has_value());
    CHECK(report->faults == std::vector<CellFault>{{1, "信用分", Flaw::unknown_column}, {3, "Plate colour", Flaw::wrong_plate_class}});
    const auto vehicles = compound.list("vehicle");
    REQUIRE(vehicles.size() == 1);
    CHECK(text_at(vehicles[0].fields, "owner") == owner.id);
    CHECK(vehicles[0].fields.at("home") == "home-1-102");
    CHECK(vehicles[0].fields.at("plate") == "浙AD12345");
    CHECK(import_into(compound, "vehicle", table_with({"a", "b"}, {{"1", "2"}})).error().fault() == Fault::malformed);
    CHECK(import_into(compound, "credential", table_with({"kind", "person"}, {{"face", owner.id}})).error().fault() == Fault::unsupported);
}

TEST_CASE("import: what is exported comes in again, and numbers leave masked unless asked for in full") {
    Compound compound;
    REQUIRE(import_into(compound, "person", residents(5))->good == 5);
    const auto hidden = compound.world.await(export_table(*compound.library, *entity_named("person"), false, true));
    REQUIRE(hidden.has_value());
    CHECK(hidden->rows.size() == 5);
    CHECK(hidden->rows[0].cells[4].find("****") != std::string::npos);
    auto open = compound.world.await(export_table(*compound.library, *entity_named("person"), true, true));
    Compound other;
    for (const auto& text : {sheet::write_csv(*open, sheet::Charset::gb18030).value(), sheet::write_xlsx(*open)}) {
        auto read = sheet::read_table(text);
        REQUIRE(read.has_value());
        const auto report = import_into(other, "person", *read, true);
        CHECK(report->faults.empty());
        CHECK(report->good == 5);
    }
}
