// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/promises.hpp"
#include "tests/mutants/rewrite.hpp"
#include "tests/mutants/run.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::mutants;

namespace {

const char* const table = "# words\n"
                          "program unit_store\n"
                          "test retention: nothing goes before its floor\n"
                          "file daemon/store/retention.cpp\n"
                          "mutant floor\n"
                          "old  a < b\n"
                          "new true\n"
                          "\n"
                          "mutant two_lines\n"
                          "form statement\n"
                          "old f();\n"
                          "old     g();\n"
                          "program scenario_devices alone\n"
                          "test a story\n"
                          "mutant story\n"
                          "form inline\n"
                          "old x\n"
                          "new x || MUTANT\n";

std::vector<Mutant> read(std::string_view text, std::vector<Flaw>& flaws) {
    std::vector<Mutant> mutants;
    read_table(text, "tests/mutants/store.txt", mutants, flaws);
    return mutants;
}

Mutant mutant(const char* name, Form form, const char* old_text, const char* new_text) {
    Mutant made;
    made.name = name;
    made.form = form;
    made.old_text = old_text;
    made.new_text = new_text;
    made.file = "f.cpp";
    made.table = "t.txt";
    made.line = 7;
    return made;
}

} // namespace

TEST_CASE("mutants: a table is read line by line; program, test and file hold until the next") {
    std::vector<Flaw> flaws;
    const auto mutants = read(table, flaws);
    CHECK(flaws.empty());
    REQUIRE(mutants.size() == 3);
    CHECK(mutants[0].name == "store/floor");
    CHECK(mutants[0].old_text == " a < b");
    CHECK(mutants[0].form == Form::expression);
    CHECK_FALSE(mutants[0].is_alone);
    CHECK(mutants[1].test == "retention: nothing goes before its floor");
    CHECK(mutants[1].old_text == "f();\n    g();");
    CHECK(mutants[1].new_text.empty());
    CHECK(mutants[2].program == "scenario_devices");
    CHECK(mutants[2].is_alone);
    CHECK(mutants[2].file == "daemon/store/retention.cpp");
    CHECK(mutants[2].line == 15);
}

TEST_CASE("mutants: what a table gets wrong is told with its line, all at once") {
    std::vector<Flaw> flaws;
    const auto mutants =
        read("old x\nmutant Bad Name\nfrom y\nprogram p\nfile f\ntest t\nmutant a\nold x\nnew x\nmutant b\nform odd\nold x\nnew y\n", flaws);
    CHECK(mutants.size() == 1); // b, as an expression
    REQUIRE(flaws.size() == 5);
    CHECK(flaws[0].line == 1);
    CHECK(flaws[1].line == 2);
    CHECK(flaws[2].line == 3);
    CHECK(flaws[3].line == 7);
    CHECK(flaws[3].what == "store/a: old and new text are the same");
    CHECK(flaws[4].what == "no such form: 'odd'");
}

TEST_CASE("mutants: every form is switched at run time, at one place, beside each other and within each other") {
    std::vector<Flaw> flaws;
    const auto text = rewrite("// x\nif (a < b) { f(); g(); }\n",
                              {mutant("m/cut", Form::statement, "f();", "h();"), mutant("m/less", Form::expression, "a < b", "a > b"),
                               mutant("m/a", Form::inlined, "a", "(a + MUTANT)"), mutant("m/on", Form::expression, "a < b", "true")},
                              flaws);
    CHECK(flaws.empty());
    CHECK(text ==
          "#include \"tests/mutants/switch.hpp\" // x\n"
          "if ((::gatehouse_mutant(\"m/less\") ? (a > b) : ((::gatehouse_mutant(\"m/on\") ? (true) : ((a + ::gatehouse_mutant(\"m/a\")) < b))))) "
          "{ { if (::gatehouse_mutant(\"m/cut\")) { h(); } else { f(); } } g(); }\n");
}

TEST_CASE("mutants: an old text that is gone, stands twice, or overlaps another by half is a flaw") {
    std::vector<Flaw> flaws;
    rewrite("a b b c d e",
            {mutant("m/gone", Form::expression, "x", "y"), mutant("m/twice", Form::expression, "b", "y"),
             mutant("m/one", Form::expression, "c d", "y"), mutant("m/other", Form::expression, "d e", "y")},
            flaws);
    REQUIRE(flaws.size() == 3);
    CHECK(flaws[0].what == "m/gone: the old text does not stand in f.cpp");
    CHECK(flaws[1].what == "m/twice: the old text stands more than once in f.cpp");
    CHECK(flaws[2].what.starts_with("m/other: overlaps another mutant by half"));
    CHECK(flaws[2].line == 7);
}

TEST_CASE("mutants: no conditional is put into a co_await statement") {
    std::vector<Flaw> flaws;
    rewrite("f(); co_await g(x1, b); h(x2);", {mutant("m/in", Form::expression, "x1", "x"), mutant("m/out", Form::expression, "x2", "x")}, flaws);
    REQUIRE(flaws.size() == 1);
    CHECK(flaws[0].what.starts_with("m/in: "));
}

TEST_CASE("mutants: a row of PROMISES.md names its tests and its mutants") {
    const auto rows = read_promises(
        "| Promise | Test | Planted bug |\n|---|---|---|\n| p `q/r` | one, two; three | `a/b_1` words, `--lang`; `c/d` |\n| q | four | – |\n");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].line == 3);
    CHECK(rows[0].mutants == std::vector<std::string>{"a/b_1", "c/d"});
    CHECK(rows[0].names_test("one, two"));
    CHECK(rows[0].names_test("three"));
    CHECK_FALSE(rows[0].names_test("two"));
    CHECK_FALSE(rows[0].names_test("thre"));
    CHECK(rows[1].has_no_bug());
}

TEST_CASE("mutants: one test is asked for by its whole name, and a run that ran none is not taken for one") {
    CHECK(as_filter("a, b\\c") == "a\\, b\\\\c");
    CHECK(cases_run("...\n[doctest] test cases:  1 |  1 passed | 0 failed | 56 skipped\n[doctest] assertions: 3") == 1);
    CHECK(cases_run("[doctest] test cases: 0 | 0 passed") == 0);
    CHECK(cases_run("skipped: no network") == -1);
}
