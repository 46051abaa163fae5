// SPDX-License-Identifier: Apache-2.0
//
// Plants one violation after another in a small tree and expects the judge to name rule, file and line, and nothing else.
#include "tests/paths.hpp"
#include "tests/tidy/tidy.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace gatehouse::tidy;

namespace {

constexpr std::string_view spdx = "// SPDX-License-Identifier: Apache-2.0\n";
constexpr std::string_view readme = "# Part\n## Status\n## Goals\n## Non-goals\n## Limits\n";

/// A small tree without a fault, gone at the end of the test.
class SmallTree {
public:
    SmallTree() : root_(fs::temp_directory_path() / ("gatehouse-tidy-" + std::to_string(::getpid()))) {
        fs::remove_all(root_);
        std::string rungs = "daemon/base\ndaemon/net\nconfig\ndrivers\npipelines\ndaemon/store\nsync\ndaemon/console\ndaemon/app\ndaemon/ctl\n";
        write("tests/tidy/ladder.txt", "# lowest first\n" + rungs);
        std::string root_list = "# SPDX-License-Identifier: Apache-2.0\nforeach(rung tests drivers/isapi drivers/uhppote sync/mqtt pipelines/link "
                                "pipelines/watch pipelines/worker\n ";
        for (char& c : rungs) c = c == '\n' ? ' ' : c;
        write("CMakeLists.txt", root_list + rungs + ")\n");
        for (const char* folder :
             {"daemon/base", "daemon/net", "config", "drivers", "drivers/isapi", "drivers/uhppote", "pipelines", "pipelines/link", "pipelines/watch",
              "pipelines/worker", "daemon/store", "sync", "sync/mqtt", "daemon/console", "daemon/app", "daemon/ctl"}) {
            write(std::string(folder) + "/CMakeLists.txt", "# SPDX-License-Identifier: Apache-2.0\ngatehouse_library(x)\n");
            write(std::string(folder) + "/README.md", readme);
        }
        write("tests/CMakeLists.txt", "# SPDX-License-Identifier: Apache-2.0\nadd_subdirectory(simulators)\ngatehouse_test(whole)\n");
        write("tests/simulators/CMakeLists.txt", "# SPDX-License-Identifier: Apache-2.0\nfile(GLOB_RECURSE x *.cpp)\n");
        write("tests/whole_test.cpp", std::string(spdx) + "TEST_CASE(\"the whole holds\") {}\n");
    }
    ~SmallTree() { fs::remove_all(root_); }
    SmallTree(const SmallTree&) = delete;
    SmallTree& operator=(const SmallTree&) = delete;

    void write(const std::string& path, std::string_view text) {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path, std::ios::binary) << text;
    }
    void erase(const std::string& path) { fs::remove(root_ / path); }
    std::vector<Finding> check() const { return gatehouse::tidy::check(root_); }

private:
    fs::path root_;
};

struct Planted {
    std::string_view rule;
    std::string path;
    std::string text; ///< after the licence line, which makes its first line the file's second
    std::size_t line = 2;
};

std::string said(const std::vector<Finding>& found) {
    std::string all;
    for (const Finding& finding : found)
        all += finding.file + ":" + std::to_string(finding.line) + ": " + std::string(finding.rule) + " " + finding.what + "\n";
    return all;
}

const std::vector<Planted>& violations() {
    static const std::vector<Planted> table{
        {"G1", "drivers/isapi/driver.cpp", "#include \"daemon/store/event_log.hpp\"\n"},
        {"G1", "daemon/base/clock.cpp", "\n#include \"daemon/net/tls.hpp\"\n", 3},
        {"G1", "daemon/store/log.cpp", "#include \"tests/fakes/disk.hpp\"\n"},
        {"G2", "drivers/isapi/driver.cpp", "#include \"drivers/uhppote/codec.hpp\"\n"},
        {"G2", "pipelines/watch/watcher.cpp", "#include \"pipelines/worker/worker.hpp\"\n"},
        {"G2", "sync/mqtt/upstream.cpp", "#include \"sync/gat1400/upstream.hpp\"\n"},
        {"G3", "daemon/console/server.cpp", "#include \"drivers/isapi/driver.hpp\"\n"},
        {"G3", "daemon/console/server.cpp", "#include \"sync/runner.hpp\"\n"},
        {"G3", "daemon/ctl/check.cpp", "#include \"pipelines/worker/worker.hpp\"\n"},
        {"G3", "drivers/supervisor.cpp", "#include \"drivers/isapi/driver.hpp\"\n"},
        {"G4", "daemon/console/server.cpp", "#include \"config/settings.hpp\"\n"},
        {"G5", "daemon/store/event_log.cpp", "#include <sqlite3.h>\n"},
        {"G5", "sync/mqtt/upstream.cpp", "#include <mqtt/async_client.h>\n"},
        {"G5", "drivers/isapi/digest.cpp", "#include <openssl/evp.h>\n"},
        {"G5", "daemon/store/pictures.cpp", "#include <sodium.h>\n"},
        {"G5", "daemon/store/pictures.cpp", "#include <zlib.h>\n"},
        {"G5", "daemon/app/rules.cpp", "#include <toml++/toml.h>\n"},
        {"G5", "drivers/uhppote/driver.cpp", "#include <boost/asio.hpp>\n"},
        {"G5", "daemon/base/task.hpp", "#include <boost/asio/post.hpp>\n"},
        {"G5", "daemon/console/server.cpp", "#include <boost/beast/http.hpp>\n"},
        {"G5", "sync/mqtt/upstream.cpp", "#include <spdlog/spdlog.h>\n"},
        {"G5", "daemon/console/frames.cpp", "#include <libavformat/avformat.h>\n"},
        {"G5", "daemon/console/sip.cpp", "#include <osip2/osip.h>\n"},
        {"G5", "daemon/app/x.cpp", "#include <opencv2/core.hpp>\n"},
        {"G6", "tests/simulators/devices/isapi/camera.cpp", "#include \"drivers/isapi/codec.hpp\"\n"},
        {"G6", "tests/simulators/devices/isapi/camera.cpp", "#include \"tests/simulators/devices/uhppote/controller.hpp\"\n"},
        {"G6", "tests/simulators/platforms/mqtt/twin.cpp", "#include <mqtt/async_client.h>\n"},
        {"G7", "daemon/app/main.cpp", "#include \"daemon/store/inside/pages.hpp\"\n"},
        {"G8", "drivers/isapi/driver.cpp", "#include \"codec.hpp\"\n"},
        {"G9", "drivers/isapi/driver.cpp", "Task<void> f() {\n    co_await g(Agg{text()});\n}\n", 3},
        {"G9", "drivers/isapi/driver.cpp", "Task<void> f() {\n    auto x = co_await g({1, 2});\n}\n", 3},
        {"G9", "drivers/isapi/driver.cpp", "Task<void> f() {\n    if (y) co_return h(Agg{1}, co_await g());\n}\n", 3},
        {"G9", "drivers/isapi/driver.cpp", "Task<void> f() {\n    Agg a{co_await g()};\n}\n", 3},
        {"G9", "drivers/isapi/driver.cpp", "Task<void> f() {\n    co_await run(here, [] {\n        work();\n    });\n}\n", 3},
        {"G9", "drivers/isapi/driver.cpp", "Task<void> f() {\n    if (co_await g(Agg{1})) {\n        h();\n    }\n}\n", 3},
        {"G9", "tests/whole_test.cpp", "TEST_CASE(\"x\") { co_await (g({\"a\"}) && h()); }\n"},
        {"G10", "daemon/net/listener.cpp", "void f() { asio::co_spawn(io, session(), asio::detached); }\n"},
        {"G11", "daemon/app/gatehouse.cpp", "void f() {\n    loop.spawn(\"x\", [&]() -> Task<void> { co_await g(); }());\n}\n", 3},
        {"G11", "daemon/app/gatehouse.cpp", "void f() {\n    group.spawn(\"x\", [this, n]() -> Task<void> { co_return; }());\n}\n", 3},
        {"G11", "daemon/net/listener.cpp", "void f() { co_spawn(io, [&x]() -> Task<void> { co_await g(x); }, handler); }\n"},
        {"G12", "drivers/isapi/driver.cpp", "auto f() { return std::chrono::steady_clock::now(); }\n"},
        {"G12", "drivers/isapi/driver.cpp", "auto f() { return std::time(nullptr); }\n"},
        {"G12", "daemon/net/retry.cpp", "void f() { clock_gettime(CLOCK_REALTIME, &t); }\n"},
        {"G12", "daemon/net/retry.cpp", "void f() { boost::asio::steady_timer timer(io); }\n"},
        {"G12", "daemon/ctl/tail.cpp", "void f() { std::this_thread::sleep_for(1s); }\n"},
        {"G13", "drivers/uhppote/driver.cpp", "#include <sys/socket.h>\n"},
        {"G13", "drivers/uhppote/driver.cpp", "int f() { return ::socket(AF_INET, SOCK_DGRAM, 0); }\n"},
        {"G13", "daemon/app/x.cpp", "asio::ip::udp::socket socket_;\n"},
        {"G14", "drivers/isapi/driver.cpp", "#include <fstream>\n"},
        {"G14", "drivers/isapi/driver.cpp", "void f() { std::ofstream out(path); }\n"},
        {"G14", "sync/mqtt/count.cpp", "int f() { return ::open(path, O_RDONLY); }\n"},
        {"G14", "sync/mqtt/count.cpp", "void f() { std::filesystem::rename(a, b); }\n"},
        {"G15", "daemon/app/main.cpp",
         "int x; // TO"
         "DO: later\n"},
        {"G15", "config/CMakeLists.txt",
         "gatehouse_library(x) # FIX"
         "ME\n"},
        {"G16", "drivers/isapi/driver.cpp", "class DeviceManager;\n"},
        {"G16", "drivers/isapi/driver.cpp", "void parse_helper();\n"},
        {"G16", "drivers/isapi/driver.cpp", "namespace string_util {}\n"},
        {"G16", "drivers/isapi/string_utils.cpp", "", 1},
        {"G16", "drivers/isapi/driver.cpp", "constexpr auto kind = \"whiteList\";\n"},
        {"G17", "daemon/app/main.cpp",
         "// see /wo"
         "rk/notes.md\n"},
        {"G17", "daemon/app/main.cpp",
         "// see ../sha"
         "red/design.md\n"},
        {"G20", "tests/odd/odd.cpp", "", 1},
        {"G20", "tests/helper.cpp", "", 1},
    };
    return table;
}

const std::vector<Planted>& innocents() {
    static const std::vector<Planted> table{
        {"G1", "daemon/store/log.cpp",
         "#include \"daemon/base/clock.hpp\"\n#include \"daemon/store/cursor.hpp\"\n// #include \"daemon/app/x.hpp\"\n"},
        {"G2", "drivers/isapi/driver.cpp", "#include \"drivers/driver.hpp\"\n#include \"drivers/isapi/codec.hpp\"\n"},
        {"G2", "pipelines/worker/worker.cpp", "#include \"pipelines/watch/watcher.hpp\"\n#include \"pipelines/link/message.hpp\"\n"},
        {"G3", "daemon/app/gatehouse.cpp", "#include \"drivers/isapi/driver.hpp\"\n#include \"sync/mqtt/upstream.hpp\"\n"},
        {"G3", "daemon/console/server.cpp",
         "#include \"drivers/driver.hpp\"\n#include \"sync/upstream.hpp\"\n#include \"pipelines/link/message.hpp\"\n"},
        {"G4", "daemon/ctl/settings.cpp", "#include \"config/settings.hpp\"\n"},
        {"G5", "daemon/store/sqlite.cpp", "#include <sqlite3.h>\n"},
        {"G5", "daemon/base/task.cpp", "#include <boost/asio.hpp>\n"},
        {"G5", "daemon/base/task.hpp", "#include <boost/asio/awaitable.hpp>\n"},
        {"G6", "tests/simulators/devices/isapi/camera.cpp",
         "#include \"daemon/base/crc.hpp\"\n#include \"tests/simulators/control/faults.hpp\"\n#include <boost/beast.hpp>\n#include "
         "<openssl/evp.h>\n"},
        {"G9", "drivers/isapi/driver.cpp",
         "Task<void> f() {\n    Agg a{1};\n    co_await g(std::move(a));\n    if (co_await h()) {\n        i({1});\n    }\n"
         "    for (const auto& x : {1, 2}) co_await j(x);\n    while (!(co_await k())) { l(); }\n    co_return Agg{2};\n}\n"},
        {"G9", "drivers/isapi/driver.cpp", "void f() {\n    spawn([]() -> Task<void> { co_await g(); });\n    if (x) { y(); } co_await h();\n}\n"},
        {"G11", "daemon/app/gatehouse.cpp",
         "void f() {\n    loop.spawn(\"x\", devices_.run());\n    group.spawn(\"y\", g(), [this] { ended(); });\n}\n"},
        {"G12", "daemon/base/clock.cpp", "auto f() { return std::chrono::steady_clock::now(); }\n"},
        {"G12", "drivers/isapi/driver.cpp", "// steady_clock::now() is not for us\nTime time(Row row);\nconst char* s = \"time(nullptr)\";\n"},
        {"G13", "daemon/net/udp.cpp", "#include <sys/socket.h>\n"},
        {"G14", "daemon/store/log.cpp", "int f() { return ::open(path, O_RDONLY); }\n"},
        {"G15", "daemon/app/main.cpp",
         "int x; // TO"
         "DO(#12): later\n"},
        {"G16", "drivers/isapi/driver.cpp",
         "constexpr auto kind = \"whiteList\"; // wire\nint implied, utility;\nenum class Role { guard, manager };\n"},
        {"G17", "daemon/app/main.cpp",
         "// built by daemon/wo"
         "rk/x and ~/.config\n"},
        {"G20", "daemon/store/inside/pages.cpp", "int pages;\n"},
    };
    return table;
}

} // namespace

TEST_CASE("tidy finds nothing in a tree without a fault") {
    SmallTree tree;
    const auto found = tree.check();
    INFO(said(found));
    CHECK(found.empty());
}

TEST_CASE("tidy names rule, file and line of each planted violation") {
    SmallTree tree;
    for (const Planted& planted : violations()) {
        CAPTURE(planted.path);
        CAPTURE(planted.text);
        const bool is_script = planted.path.ends_with(".txt");
        tree.write(planted.path, (is_script ? "# " : "// ") + std::string(spdx.substr(3)) + planted.text);
        const auto found = tree.check();
        INFO(said(found));
        const bool is_named = std::any_of(found.begin(), found.end(), [&](const Finding& finding) {
            return finding.rule == planted.rule && finding.file == planted.path && finding.line == planted.line;
        });
        CHECK(is_named);
        CHECK(std::all_of(found.begin(), found.end(), [&](const Finding& finding) { return finding.rule == planted.rule; }));
        if (planted.path == "tests/whole_test.cpp") {
            tree.write(planted.path, std::string(spdx) + "TEST_CASE(\"the whole holds\") {}\n");
        } else if (is_script) {
            tree.write(planted.path, "# SPDX-License-Identifier: Apache-2.0\ngatehouse_library(x)\n");
        } else {
            tree.erase(planted.path);
        }
    }
}

TEST_CASE("tidy lets what is right pass") {
    for (const Planted& right : innocents()) {
        SmallTree tree;
        CAPTURE(right.text);
        tree.write(right.path, std::string(spdx) + right.text);
        const auto found = tree.check();
        INFO(said(found));
        CHECK(found.empty());
    }
}

TEST_CASE("tidy judges the tree as a whole") {
    SmallTree tree;
    const auto expect = [&](std::string_view rule, std::string_view file, std::size_t line) {
        const auto found = tree.check();
        INFO(said(found));
        REQUIRE(found.size() == 1);
        CHECK(found[0].rule == rule);
        CHECK(found[0].file == file);
        CHECK(found[0].line == line);
    };
    SUBCASE("a licence line is missing") {
        tree.write("daemon/app/main.cpp", "int main() {}\n");
        expect("G18", "daemon/app/main.cpp", 1);
    }
    SUBCASE("a script has its licence line second") {
        tree.write("dev", "#!/bin/bash\necho\n");
        expect("G18", "dev", 2);
    }
    SUBCASE("a folder has no README") {
        tree.erase("sync/mqtt/README.md");
        expect("G19", "sync/mqtt/README.md", 1);
    }
    SUBCASE("a README may run its headings in") {
        tree.write("sync/mqtt/README.md", "# MQTT\n\n**Status.** x\n\n**Goals.** x\n\n**Non-goals.** x\n\n**Limits.** x\n");
        CHECK(tree.check().empty());
    }
    SUBCASE("a README lacks a heading") {
        tree.write("sync/mqtt/README.md", "# MQTT\n## Status\n## Goals\n## Non-goals\n");
        expect("G19", "sync/mqtt/README.md", 1);
    }
    SUBCASE("a folder is in no build") {
        tree.write("CMakeLists.txt", "# SPDX-License-Identifier: Apache-2.0\nforeach(rung tests)\n");
        tree.write("daemon/app/main.cpp", spdx);
        expect("G20", "daemon/app/main.cpp", 1);
    }
    SUBCASE("a folder that is not in the plan") {
        tree.write("docs/x.md", "x");
        expect("G21", "docs", 1);
    }
    SUBCASE("a promise without its test") {
        tree.write("tests/PROMISES.md",
                   "# Promises\n| Promise | Test | Bug |\n|---|---|---|\n| a | `the whole holds`; whole | x |\n| b | nothing holds | y |\n");
        expect("G22", "tests/PROMISES.md", 5);
    }
    SUBCASE("all findings are reported at once") {
        tree.write("docs/x.md", "x");
        tree.write("daemon/app/main.cpp", "#include \"main.hpp\"\n");
        CHECK(tree.check().size() == 3);
    }
}

TEST_CASE("tidy has no rule without a check and no check without a rule") {
    std::ifstream in(gatehouse::tests::source_path("tests/tidy/README.md"));
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const std::ifstream own(gatehouse::tests::source_path("tests/tidy/rules_test.cpp"));
    std::string self;
    self.assign(std::istreambuf_iterator<char>(own.rdbuf()), {});
    std::size_t documented = 0;
    for (auto at = text.find("\n| G"); at != std::string::npos; at = text.find("\n| G", at + 1)) ++documented;
    CHECK(documented == rules.size());
    for (const Rule& rule : rules) {
        CAPTURE(rule.number);
        CHECK(text.find("\n| " + std::string(rule.number) + " ") != std::string::npos);
        CHECK(self.find("\"" + std::string(rule.number) + "\",") != std::string::npos);
    }
}

TEST_CASE("tidy reads code, not what stands in comments and literals") {
    CHECK(blank("a // b\nc") == "a     \nc");
    CHECK(blank("f(\"x\\\"y\", 'z')") == "f(\"    \",    )");
    CHECK(blank("R\"(a\n\"b)\" c") == "R\"  \n   \" c");
    CHECK(blank("1'000'000 /* x\ny */ z") == "1'000'000     \n     z");
}
