// SPDX-License-Identifier: Apache-2.0
//
// Man page and completion as files are what the table prints, and the shell takes them.
#include "tests/paths.hpp"
#include "tests/unit/daemon/ctl/script.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

using namespace gatehouse;
using namespace gatehouse::ctl;

namespace {

const std::string sources = tests::source_path("daemon/ctl/");

std::string read(const std::string& name) {
    std::ifstream file(sources + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string said_by(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    REQUIRE(pipe);
    std::string text;
    for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) text += static_cast<char>(c);
    return text;
}

/// What bash offers after these words; the last one is being typed.
std::string offered(const std::string& words) {
    return said_by("cd " + sources + " && bash -c 'source ./gatehousectl.bash; COMP_WORDS=(" + words +
                   "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _gatehousectl; echo \"${COMPREPLY[*]}\"' 2>&1");
}

} // namespace

TEST_CASE("gatehousectl.1, gatehousectl.bash and _gatehousectl are what gatehousectl prints") {
    Script script;
    CHECK(script.run({"help", "--man"}).out == read("gatehousectl.1"));
    CHECK(script.run({"completion", "bash"}).out == read("gatehousectl.bash"));
    CHECK(script.run({"completion", "zsh"}).out == read("_gatehousectl"));
}

TEST_CASE("bash completes commands, verbs, options and values") {
    CHECK(has(offered("gatehousectl \"\""),
              "status check tail coverage log device person vehicle visit thing home library camera clip upstream identity"));
    CHECK(offered("gatehousectl device \"\"") == "list add remove probe discover open password\n");
    CHECK(offered("gatehousectl --socket /x device re") == "remove\n");
    CHECK(offered("gatehousectl upstream resend district \"\"") == "urgent routine pictures\n");
    CHECK(offered("gatehousectl tail --kind pass.g") == "pass.granted\n");
    CHECK(offered("gatehousectl tail --kind gap --so") == "--socket --source\n");
    CHECK(offered("gatehousectl device add --p") == "--port --place --password-file\n");
    CHECK(offered("gatehousectl --lang \"\"") == "zh en\n");
    CHECK(offered("gatehousectl tail --source \"\"") == "\n");
    CHECK(offered("gatehousectl backup gatehousectl.b") == "gatehousectl.bash\n");
    CHECK(offered("gatehousectl help dev") == "device\n");
}

TEST_CASE("groff warns of nothing in the page") {
    if (std::system("command -v groff >/dev/null 2>&1") != 0) {
        MESSAGE("groff is not on this machine: the page's macros are not looked at");
        return;
    }
    CHECK(said_by("groff -man -Tutf8 -ww -z " + sources + "gatehousectl.1 2>&1") == "");
    CHECK(has(said_by("groff -man -Tutf8 -P-cbou " + sources + "gatehousectl.1 2>&1"), "upstream resend"));
}
