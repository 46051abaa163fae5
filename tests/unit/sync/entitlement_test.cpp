// SPDX-License-Identifier: Apache-2.0
#include "sync/entitlement.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::sync;

namespace {

Basis a_basis(std::string ground = "law", std::string end = "2026-05-31") {
    Basis basis;
    basis.ground = std::move(ground);
    basis.document = "杭公办〔2025〕12号";
    basis.issuer = "杭州市公安局";
    basis.date = "2025-06-01";
    basis.end = std::move(end);
    return basis;
}

Time at(std::string_view text) { return *parse_time(text); }
const Time today = *parse_time("2026-01-15T00:30:00Z");

} // namespace

namespace {

Entitlement of(Rule rule) {
    Entitlement entitlement;
    entitlement.rules.push_back(std::move(rule));
    return entitlement;
}

Rule of_kinds(std::vector<std::string> kinds) {
    Rule rule;
    rule.kinds = std::move(kinds);
    return rule;
}

} // namespace

TEST_CASE("W12: rules come back from their JSON as they went, and the same rules give the same text") {
    auto rule = of_kinds({"pass.*", "vehicle.entered"});
    rule.facts = {"door", "lane"};
    rule.details = {{"card", a_basis()}};
    rule.subjects = a_basis("consent");
    rule.pictures = {{PictureRole::plate, a_basis("order")}};
    auto entitlement = of(rule);
    entitlement.rules.push_back(of_kinds({"door.forced"}));
    entitlement.snapshots = {"devices"};
    entitlement.internet = true;
    const auto text = to_json(entitlement);
    const auto again = parse_entitlement(text);
    REQUIRE(again.has_value());
    CHECK(to_json(*again) == text);
    REQUIRE(again->rules.size() == 2);
    CHECK(again->rules[0].subjects->ground == "consent");
    CHECK(again->internet);
}

TEST_CASE("W12: nothing personal leaves unless it is named and its basis is whole and not past its end") {
    auto rule = of_kinds({"*"});
    constexpr auto kind = Kind::vehicle_entered;
    CHECK_FALSE(of(rule).admits_subject(kind, today));
    CHECK_FALSE(of(rule).admits_detail(kind, "card", today));
    CHECK_FALSE(of(rule).admits_picture(kind, PictureRole::plate, today));

    rule.subjects = a_basis();
    rule.details = {{"card", a_basis()}};
    rule.pictures = {{PictureRole::plate, a_basis()}};
    CHECK(of(rule).admits_subject(kind, today));
    CHECK(of(rule).admits_detail(kind, "card", today));
    CHECK_FALSE(of(rule).admits_detail(kind, "person", today));
    CHECK(of(rule).admits_picture(kind, PictureRole::plate, today));
    CHECK_FALSE(of(rule).admits_picture(kind, PictureRole::scene, today));

    // The last day counts, in China's time.
    CHECK(of(rule).admits_subject(kind, at("2026-05-31T15:59:59Z")));
    CHECK_FALSE(of(rule).admits_subject(kind, at("2026-05-31T16:00:00Z")));

    for (auto* part : {&rule.subjects->document, &rule.subjects->issuer, &rule.subjects->date, &rule.subjects->end}) {
        const auto kept = *part;
        part->clear();
        CHECK_FALSE(of(rule).admits_subject(kind, today));
        *part = kept;
    }
}

TEST_CASE("W12: what one rule lets out of its kinds opens nothing of another's") {
    auto plates = of_kinds({"vehicle.*"});
    plates.subjects = a_basis();
    auto entitlement = of(plates);
    entitlement.rules.push_back(of_kinds({"pass.*"}));
    CHECK(entitlement.admits_subject(Kind::vehicle_entered, today));
    CHECK(entitlement.admits(Kind::pass_granted));
    CHECK_FALSE(entitlement.admits_subject(Kind::pass_granted, today));
}

TEST_CASE("W12: a face goes to the internet only by law, regulation or consent") {
    for (const auto& [ground, goes] :
         {std::pair("law", true), {"regulation", true}, {"consent", true}, {"order", false}, {"agreement", false}, {"", false}}) {
        auto rule = of_kinds({"*"});
        rule.pictures = {{PictureRole::face, a_basis(ground)}};
        auto entitlement = of(rule);
        CHECK(entitlement.admits_picture(Kind::pass_granted, PictureRole::face, today));
        entitlement.internet = true;
        CHECK(entitlement.admits_picture(Kind::pass_granted, PictureRole::face, today) == goes);
    }
}

TEST_CASE("W12: a kind by name or by family; gap and digest go to everybody") {
    const auto entitlement = of(of_kinds({"vehicle.*", "pass.granted"}));
    CHECK(entitlement.admits(Kind::vehicle_entered));
    CHECK(entitlement.admits(Kind::pass_granted));
    CHECK_FALSE(entitlement.admits(Kind::pass_denied));
    CHECK(entitlement.admits(Kind::gap));
    CHECK(entitlement.admits(Kind::digest));
}

TEST_CASE("W12: what stays home for want of a basis is said in plain words") {
    auto rule = of_kinds({"*"});
    rule.subjects = Basis{};
    rule.details = {{"card", a_basis("law", "2026-01-01")}};
    rule.pictures = {{PictureRole::plate, a_basis("law", "2026-01-20")}};
    const auto said = warnings(of(rule), today);
    REQUIRE(said.size() == 3);
    std::string all_words;
    for (const auto& one : said) {
        all_words += one.code + " " + one.en + "|";
        CHECK(one.zh.find("依据") != std::string::npos);
    }
    CHECK(all_words.find("ended on 2026-01-01") != std::string::npos);
    CHECK(all_words.find("no basis") != std::string::npos);
    CHECK(all_words.find("ends on 2026-01-20") != std::string::npos);
}

TEST_CASE("W12: malformed rules name their place") {
    for (const auto* text :
         {"", "[]", R"({"rules":"x"})", R"({"rules":[{"kinds":"x"}]})", R"({"rules":[{"kinds":["no.such"]}]})",
          R"({"rules":[{"kinds":["*"],"pictures":[{"role":"ear"}]}]})", R"({"rules":[{"kinds":["*"],"subjects":{"end":"31.5.2026"}}]})",
          R"({"rules":[{"kinds":["*"],"details":[{}]}]})", R"({"rules":[{"kinds":["*"],"subjects":{"ground":"because"}}]})"}) {
        const auto refused = parse_entitlement(text);
        REQUIRE_MESSAGE(refused.has_error(), text);
        CHECK(refused.error().fault() == Fault::malformed);
    }
}

TEST_CASE("W12: the version in force is the newest that begins at or before the position") {
    Entitlements versions;
    versions.add(1, 10, of(of_kinds({"pass.*"})));
    versions.add(2, 20, of(of_kinds({"*"})));
    CHECK(versions.at(5).number == 1); // before the first one: the first
    CHECK(versions.at(19).number == 1);
    CHECK(versions.at(20).number == 2);
    CHECK(versions.today().number == 2);
}
