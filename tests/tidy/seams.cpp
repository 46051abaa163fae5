// SPDX-License-Identifier: Apache-2.0
//
// Time, network and disk are parameters: who reads a clock, opens a socket or touches a file directly can't be simulated.
#include "tests/tidy/tidy.hpp"

#include <algorithm>

namespace gatehouse::tidy {

namespace {

constexpr auto none = std::string_view::npos;

/// Where a word may stand. `qualified`: only as std::x, ::x, fs::x, filesystem::x or this_thread::x, since it is an ordinary word too.
enum class As { anywhere, called, qualified };

struct Banned {
    std::string_view word;
    As as;
};

struct Seam {
    std::string_view rule;
    std::string_view what;
    std::vector<std::string_view> places; ///< how the paths of those who may begin
    std::vector<Banned> words;
    std::vector<std::string_view> includes;
};

const std::vector<Seam>& seams() {
    static const std::vector<Seam> table{
        {"G12",
         "the clock is a parameter (daemon/base/clock.hpp)",
         {"daemon/base/clock.", "daemon/base/task.cpp"},
         {{"steady_timer", As::anywhere},
          {"system_timer", As::anywhere},
          {"deadline_timer", As::anywhere},
          {"high_resolution_timer", As::anywhere},
          {"clock_gettime", As::called},
          {"gettimeofday", As::called},
          {"timerfd_create", As::called},
          {"nanosleep", As::called},
          {"usleep", As::called},
          {"sleep", As::qualified},
          {"sleep_for", As::qualified},
          {"sleep_until", As::qualified}},
         {"sys/timerfd.h"}},
        {"G13",
         "sockets are opened by daemon/net",
         {"daemon/net/"},
         {{"getaddrinfo", As::called}, {"socketpair", As::called}, {"sendto", As::called}, {"recvfrom", As::called}, {"socket", As::qualified}},
         {"sys/socket.h", "netinet/", "arpa/inet.h", "netdb.h", "sys/un.h", "net/if.h", "ifaddrs.h", "linux/netlink.h", "linux/rtnetlink.h"}},
        {"G14",
         "files belong to the store (config, app and ctl read their own)",
         // The kernel's switches under /proc/sys are the network's, and a child's standard input is /dev/null.
         {"daemon/store/", "config/", "daemon/app/", "daemon/ctl/", "pipelines/", "daemon/net/interfaces.", "daemon/net/child_process."},
         {{"ifstream", As::anywhere},
          {"ofstream", As::anywhere},
          {"fstream", As::anywhere},
          {"fopen", As::called},
          {"freopen", As::called},
          {"O_RDONLY", As::anywhere},
          {"O_WRONLY", As::anywhere},
          {"O_RDWR", As::anywhere},
          {"O_CREAT", As::anywhere},
          {"openat", As::called},
          {"mkstemp", As::called},
          {"mkdtemp", As::called},
          {"unlink", As::called},
          {"directory_iterator", As::anywhere},
          {"recursive_directory_iterator", As::anywhere},
          {"create_directory", As::anywhere},
          {"create_directories", As::anywhere},
          {"remove_all", As::qualified},
          {"rename", As::qualified},
          {"copy_file", As::qualified},
          {"resize_file", As::qualified},
          {"file_size", As::qualified},
          {"exists", As::qualified}},
         {"fstream"}},
    };
    return table;
}

bool is_qualified(std::string_view code, std::size_t at) {
    if (at < 2 || code.substr(at - 2, 2) != "::") return false;
    const auto scope = word_before(code, at - 2);
    // "::x" with nothing before it is the C function; `Room::exists` is somebody's own.
    const bool is_global = at < 3 || !(is_word_char(code[at - 3]) || code[at - 3] == '>');
    return is_global || scope == "std" || scope == "fs" || scope == "filesystem" || scope == "this_thread" || scope == "tcp" || scope == "udp" ||
           scope == "stream_protocol";
}

bool fits(std::string_view code, std::size_t at, const Banned& banned) {
    if (banned.as == As::anywhere) return true;
    if (banned.as == As::qualified) return is_qualified(code, at);
    const auto next = next_solid(code, at + banned.word.size());
    const auto before = last_solid(code, at);
    const bool is_member = before && (code[*before] == '.' || (code[*before] == '>' && *before > 0 && code[*before - 1] == '-'));
    return next < code.size() && code[next] == '(' && !is_member;
}

/// `x_clock::now` and time(nullptr): they need more than one word.
void now_and_time(const Source& source, std::vector<Finding>& found) {
    const std::string_view code = source.code;
    for (auto at = code.find("_clock::now"); at != none; at = code.find("_clock::now", at + 1))
        found.push_back({source.path, source.line_of(at), "G12", "reads a clock: the clock is a parameter (daemon/base/clock.hpp)"});
    for (auto at = find_word(code, "time", 0); at != none; at = find_word(code, "time", at + 1)) {
        const auto open = next_solid(code, at + 4);
        if (open >= code.size() || code[open] != '(') continue;
        const auto argument = code.substr(next_solid(code, open + 1));
        if (argument.starts_with("nullptr)") || argument.starts_with("NULL)") || argument.starts_with("0)"))
            found.push_back({source.path, source.line_of(at), "G12", "time() reads a clock: the clock is a parameter (daemon/base/clock.hpp)"});
    }
}

void judge(const Source& source, const Seam& seam, std::vector<Finding>& found) {
    if (std::any_of(seam.places.begin(), seam.places.end(), [&](std::string_view place) { return source.path.starts_with(place); })) return;
    if (seam.rule == "G12") now_and_time(source, found);
    for (const Banned& banned : seam.words)
        for (auto at = find_word(source.code, banned.word, 0); at != none; at = find_word(source.code, banned.word, at + 1)) {
            const auto line = source.line_of(at);
            if (source.line_text(line).find("#include") != none || !fits(source.code, at, banned)) continue;
            found.push_back({source.path, line, seam.rule, std::string(banned.word) + ": " + std::string(seam.what)});
        }
    for (const Include& include : source.includes)
        for (const auto& foreign : seam.includes)
            if (foreign.ends_with('/') ? include.path.starts_with(foreign) : include.path == foreign)
                found.push_back({source.path, include.line, seam.rule, "<" + include.path + ">: " + std::string(seam.what)});
}

} // namespace

void check_seams(const Tree& tree, std::vector<Finding>& found) {
    for (const Source& source : tree.sources)
        if (source.is_cpp() && source.is_shipped())
            for (const Seam& seam : seams()) judge(source, seam, found);
}

} // namespace gatehouse::tidy
