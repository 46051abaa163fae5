// SPDX-License-Identifier: Apache-2.0
#include "config/document_file.hpp"

#include <doctest/doctest.h>

using namespace gatehouse;
using namespace gatehouse::config;

namespace {

Document parse(std::string_view text) {
    auto parsed = parse_document(text, "codes.toml");
    REQUIRE(std::holds_alternative<Document>(parsed));
    return std::get<Document>(std::move(parsed));
}

} // namespace

TEST_CASE("document: values keep their order, type and place") {
    const Document document = parse("b = 1\na = \"x\"\n[t]\nday = 2026-01-31\nlist = [1, 2.5, true]\n");
    CHECK(document.keys() == std::vector<std::string>{"b", "a", "t"});
    CHECK(document.find("b")->whole() == 1);
    CHECK(document.find("a")->where() == "codes.toml:2:5");
    const Document& table = *document.find("t");
    CHECK(table.kind() == Document::Kind::table);
    CHECK(table.find("day")->text() == "2026-01-31");
    const auto& items = table.find("list")->items();
    REQUIRE(items.size() == 3);
    CHECK(items[0].real() == 1.0);
    CHECK(items[1].real() == 2.5);
    CHECK(items[2].truth());
    CHECK(items[2].where() == "codes.toml:5:17");
    CHECK(document.find("none") == nullptr);
}

TEST_CASE("document: a member of another type is malformed and says where") {
    const Document document = parse("a = \"x\"\nn = 5\n");
    CHECK(document.text_at("a").value() == "x");
    CHECK(document.whole_at("n").value() == 5);
    CHECK_FALSE(document.whole_at("none").value().has_value());
    CHECK(document.whole_at("a").error().what() == "codes.toml:1:5: a: expected a whole number");
    CHECK(document.truth_at("n").error().fault() == Fault::malformed);
    CHECK(document.need_text("z").error().what() == "codes.toml:1:1: z is missing");
}

TEST_CASE("document: what is no TOML names its place") {
    const auto parsed = parse_document("a = 1\nb = [1,\n", "codes.toml");
    REQUIRE(std::holds_alternative<Flaw>(parsed));
    CHECK(std::get<Flaw>(parsed).line >= 2);
    CHECK_FALSE(load_document("/nonexistent/x.toml").has_value());
    CHECK(load_document("/nonexistent/x.toml").error().fault() == Fault::gone);
}
